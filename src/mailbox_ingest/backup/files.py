"""Names of copies, files that appear only when they are whole, and how many copies stay."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

COPY_ENDINGS = {"sqlite": ".db.gz", "postgresql": ".pgdump"}
_OURS = re.compile(r"mailbox-ingest-\d{8}T\d{6}Z(?:\.db\.gz|\.pgdump)")


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


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
