"""Fixtures that every test may ask for; they live in `tests/servers/`."""

import logging
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from mailbox_ingest.logs import EventFormatter

pytest_plugins = ["servers.stores", "servers.tls", "servers.google", "servers.mail", "servers.mailboxes"]

# The same examples each time, however slow the machine: a run that fails must fail again.
settings.register_profile("suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def logging_as_the_library_leaves_it() -> Iterator[None]:
    """A test, or a fixture of a whole module, that calls the command line sets up logging; the next test must not feel it."""
    _quiet()
    yield
    _quiet()


def _quiet() -> None:
    root = logging.getLogger()
    root.handlers[:] = [h for h in root.handlers if not isinstance(h.formatter, EventFormatter)]
    root.setLevel(logging.WARNING)
    logging.getLogger("mailbox_ingest").setLevel(logging.NOTSET)
    logging.captureWarnings(capture=False)
