"""An office of `bench.torture`: opened, empty, its worker not yet started. `office` keeps its books in SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import pytest

from bench.torture.mails import TortureMail, stream
from bench.torture.office import Office, opened
from servers.dovecot import Dovecot

_users = count(1)


@pytest.fixture
def office(dovecot: Dovecot, tmp_path: Path) -> Iterator[Office]:
    with opened(dovecot, tmp_path / "office", f"sqlite:///{tmp_path}/store.db", f"torture-{next(_users)}") as found:
        yield found


@pytest.fixture(scope="session")
def some_mails() -> list[TortureMail]:
    """A dozen, of several kinds."""
    return list(islice(stream(seed=8), 12))
