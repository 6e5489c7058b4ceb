"""Copies of the database: made while the service runs, proved readable, and put back. Never half a file, never over a database in use.

backup    SQLite: online copy ─▶ integrity check ─▶ .db.gz          PostgreSQL: pg_dump ─▶ read back whole ─▶ .pgdump
restore   unpack or read ─▶ checked beside the old one ─▶ takes its place in one step; open mails are looked up before they go out
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from mailbox_ingest.backup import postgres, sqlite
from mailbox_ingest.backup.files import COPY_ENDINGS, Copy, forget_old, name_of, part_of
from mailbox_ingest.backup.settle import Restored
from mailbox_ingest.errors import BackupFailed

__all__ = ["Copy", "Restored", "back_up", "restore"]


def back_up(store_url: str, target: Path, *, now: datetime, keep: int | None = None) -> Copy:
    """A copy at `target`, or in the folder `target` under a name with the time; there only the newest `keep` copies stay.

    Raises BackupFailed; what was there before is then untouched.
    """
    url = make_url(store_url)
    kind = url.get_backend_name()
    with _told_as_failure(f"backup to {target}"):
        folder = target.is_dir()
        path = target / name_of(now, kind) if folder else target
        if path.exists():
            raise BackupFailed(f"{path} is there already: name another file, or a folder")
        if not path.parent.is_dir():
            raise BackupFailed(f"{path.parent} is no folder: create it first")
        with part_of(path) as part:
            (sqlite if kind == "sqlite" else postgres).copy(url, part)
        forgotten = forget_old(target, keep) if folder and keep is not None else ()
        return Copy(path=path, size_bytes=path.stat().st_size, forgotten=forgotten)


def restore(store_url: str, source: Path, *, force: bool = False) -> Restored:
    """Puts a copy in the place of the database. Raises BackupFailed; the database is then what it was before.

    Refuses a database that holds anything unless `force`, one that is in use, and a copy made by a newer version.
    """
    url = make_url(store_url)
    kind = url.get_backend_name()
    if not source.is_file():
        raise BackupFailed(f"{source}: expected a copy made by `mailbox-ingest backup`; there is no such file")
    if not source.name.endswith(COPY_ENDINGS[kind]):
        raise BackupFailed(f"{source}: expected a copy of the same kind of database: its name ends with {COPY_ENDINGS[kind]}")
    with _told_as_failure(f"restore of {source}"):
        if kind == "sqlite":
            return sqlite.put_back(url, source, force=force)
        return postgres.put_back(url, source, force=force)


@contextmanager
def _told_as_failure(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupFailed(f"{what}: {error}") from error
