"""SQLite: copied online through SQLite itself, checked, compressed, read back; put back by one rename."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO

from sqlalchemy import URL

from mailbox_ingest.backup.files import part_of
from mailbox_ingest.backup.settle import Restored, check_revision, doubt_open_mail
from mailbox_ingest.errors import BackupFailed

_LEVEL = 3  # raw mails are compressed in the database already
_CHUNK = 1 << 20
_WAIT_SECONDS = 30.0


def copy(url: URL, part: Path) -> None:
    """Writes the compressed copy into `part`. Readers and writers are not held up: the copy is one snapshot."""
    source = _file(url)
    if not source.is_file():
        raise BackupFailed(f"there is no database {source}")
    plain = part.with_suffix(".plain")
    try:
        with _translated(f"the database {source} cannot be copied"), closing(_open(source)) as original, closing(_open(plain)) as twin:
            original.backup(twin)
            twin.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
            _check(twin)
        digest = _pack(plain, part)
        with gzip.open(part, "rb") as again:
            if _digest(again) != digest:
                raise BackupFailed("what was written could not be read back unchanged: the disk of the backup folder may be failing")
    finally:
        _forget(plain)


def put_back(url: URL, source: Path, *, force: bool) -> Restored:
    target = _file(url)
    if not target.parent.is_dir():
        raise BackupFailed(f"{target.parent} is no folder: create it, or correct store_url")
    _refuse_in_use(target, force=force)
    with part_of(target) as part:
        try:
            with gzip.open(source, "rb") as packed, part.open("wb") as plain:
                shutil.copyfileobj(packed, plain, _CHUNK)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise BackupFailed(f"{source} is not whole: {error}") from error
        with _translated(f"{source} is no copy of a database of ours"), closing(_open(part)) as copied:
            _check(copied)
        revision = check_revision(f"sqlite:///{part}")
        doubted = doubt_open_mail(f"sqlite:///{part}")
        with _translated(f"{source} cannot be made ready"), closing(_open(part)) as copied:
            copied.execute("PRAGMA journal_mode = DELETE")
        _refuse_in_use(target, force=force)
        _forget(target, itself=False)  # a log of the old file must never be applied to the new one
    return Restored(revision=revision, doubted=doubted)


def _refuse_in_use(target: Path, *, force: bool) -> None:
    """SQLite leaves its log mode only for one who is alone with the file; that also empties the log."""
    if not target.exists():
        return
    try:
        with closing(_open(target, seconds=1.0)) as old:
            old.execute("PRAGMA journal_mode = DELETE")
            tables = old.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0]
    except sqlite3.OperationalError as error:
        raise BackupFailed(f"{target} is in use ({error}): stop the worker and everything else that uses it first") from error
    except sqlite3.DatabaseError:
        tables = 1  # damaged, which may be why a copy is put back
    if tables and not force:
        raise BackupFailed(f"{target} is not empty: --force replaces it by the copy")


def _check(database: sqlite3.Connection) -> None:
    found = [row[0] for row in database.execute("PRAGMA integrity_check")]
    if found != ["ok"]:
        raise BackupFailed(f"the copy is damaged: {'; '.join(map(str, found[:3]))}")
    if database.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise BackupFailed("the copy is damaged: rows refer to others that are not there")


def _pack(plain: Path, part: Path) -> bytes:
    digest = hashlib.sha256()
    with plain.open("rb") as given, gzip.open(part, "wb", compresslevel=_LEVEL) as packed:
        while chunk := given.read(_CHUNK):
            digest.update(chunk)
            packed.write(chunk)
    return digest.digest()


def _digest(file: IO[bytes] | gzip.GzipFile) -> bytes:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.digest()


def _open(path: Path, *, seconds: float = _WAIT_SECONDS) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=seconds, isolation_level=None)


def _file(url: URL) -> Path:
    if url.database in (None, "", ":memory:"):
        raise BackupFailed("a database in memory cannot be copied or restored")
    return Path(str(url.database))


def _forget(path: Path, *, itself: bool = True) -> None:
    for name in ("", "-wal", "-shm", "-journal"):
        if name or itself:
            with suppress(FileNotFoundError):
                Path(f"{path}{name}").unlink()


@contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise BackupFailed(f"{what}: {error}") from error
