"""Names of copies, files that appear only when they are whole, and how many copies stay."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

COPY_ENDINGS = {"sqlite": ".db.gz", "postgresql": ".pgdump"}
_OURS = re.compile(r"mailbox-ingest-\d{8}T\d{6}Z(?:\.db\.gz|\.pgdump)")
_LEFT = re.compile(r"\.(.+)\.\d+\.(?:part|plain)")
_DEAD_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A finished copy. `forgotten`: older ones that were removed for it."""

    path: Path
    size_bytes: int
    forgotten: tuple[Path, ...] = ()


def name_of(now: datetime, kind: str) -> str:
    """Sorts by time."""
    return f"mailbox-ingest-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{COPY_ENDINGS[kind]}"


@contextmanager
def part_of(path: Path) -> Iterator[Path]:
    """A file beside `path` that only its owner may read; it takes the name `path` when the block ends well, and is gone otherwise."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    _sweep(path)
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield part
        _to_disk(part)
        part.replace(path)
        _to_disk(path.parent)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def forget_old(folder: Path, keep: int) -> tuple[Path, ...]:
    """Removes all but the newest `keep` copies of ours; other files are not touched."""
    copies = sorted(path for path in folder.iterdir() if _OURS.fullmatch(path.name))
    old = tuple(copies[:-keep])
    for path in old:
        path.unlink()
    return old


def _sweep(path: Path) -> None:
    """What processes that were killed left half done beside `path`: as large as the database, and as confidential."""
    for left in path.parent.glob(".*"):
        ours = _LEFT.fullmatch(left.name)
        if ours is not None and (ours[1] == path.name or _OURS.fullmatch(ours[1])) and time.time() - left.stat().st_mtime > _DEAD_SECONDS:
            left.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
