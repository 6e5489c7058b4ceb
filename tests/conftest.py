"""Fixtures that every test may ask for; they live in `tests/servers/`."""

import logging
from collections.abc import Iterator

import pytest

pytest_plugins = ["servers.stores", "servers.mail"]


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A test that calls the command line sets up logging; the next test must find it as it was."""
    root, ours = logging.getLogger(), logging.getLogger("mailbox_ingest")
    handlers, levels = root.handlers[:], (root.level, ours.level)
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    logging.captureWarnings(capture=False)
