"""Mails from files, through the same door as a mailbox: .eml files, folders in name order, mbox, Maildir. Changes nothing on disk.

A mail's place is its file (resolved path) and its content: the same file again is known, a file that changed is a new mail.
"""

from __future__ import annotations

import hashlib
import mailbox
from collections.abc import Callable, Iterator
from pathlib import Path

from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.store.ledger.records import Arrival

ACCOUNT = "file"
UIDVALIDITY = 0
_FROM_LINE = b"From "
_UID_BITS = 62


class FileSource:
    """Paths named by a person, in the order given."""

    account = ACCOUNT

    def __init__(self, paths: tuple[Path, ...], *, max_message_bytes: int = 100_000_000) -> None:
        self.paths = paths
        self.max_message_bytes = max_message_bytes

    def arrivals(self, cursor: Callable[[str, int], int]) -> Iterator[tuple[Arrival, ...]]:
        """One mail a chunk: each is safe before the next is read. Raises ConfigurationError for a path that is no mail.

        `cursor` is not asked: files have no order of arrival, the ledger knows those it has.
        """
        for path in self.paths:
            for place, raw, size_bytes in self._mails(path):
                yield (_arrival(place, raw, size_bytes),)

    def _mails(self, path: Path) -> Iterator[tuple[str, bytes, int]]:
        place = path.resolve()
        if not path.exists():
            raise ConfigurationError(f"{path}: no such file or folder, expected .eml files, a folder of them, an mbox or a Maildir")
        try:
            if path.is_dir():
                files = _maildir(place) if (place / "cur").is_dir() else _folder(place)
                for name, file in files:
                    yield (str(place / name), *self._read(file))
            elif _is_mbox(place):
                yield from ((str(place), *self._cut(raw)) for raw in _mbox(place))
            else:
                yield (str(place), *self._read(place))
        except OSError as error:
            raise ConfigurationError(f"{path}: cannot be read: {error.strerror or error}") from error

    def _read(self, file: Path) -> tuple[bytes, int]:
        size = file.stat().st_size
        with file.open("rb") as stream:
            return stream.read(self.max_message_bytes), size

    def _cut(self, raw: bytes) -> tuple[bytes, int]:
        return raw[: self.max_message_bytes], len(raw)


def _arrival(place: str, raw: bytes, size_bytes: int) -> Arrival:
    truncated = size_bytes > len(raw)
    digest = hashlib.sha256(raw).digest()
    return Arrival(
        account=ACCOUNT,
        folder=place,
        uidvalidity=UIDVALIDITY,
        uid=int.from_bytes(digest[:8], "big") >> (64 - _UID_BITS),
        raw=raw,
        truncated=truncated,
        size_bytes=size_bytes if truncated else None,
    )


def _folder(folder: Path) -> Iterator[tuple[str, Path]]:
    """The .eml files of a folder in name order; all files where none is called .eml."""
    files = sorted((item for item in folder.iterdir() if item.is_file() and not item.name.startswith(".")), key=lambda item: item.name)
    mails = [item for item in files if item.suffix.lower() == ".eml"] or files
    return ((item.name, item) for item in mails)


def _maildir(folder: Path) -> Iterator[tuple[str, Path]]:
    """Mails of new/ and cur/ by unique name, which a delivery agent begins with the time; flags and the move to cur/ change no place."""
    found = {}
    for part in ("new", "cur"):
        place = folder / part
        if place.is_dir():
            found.update(
                {item.name.partition(":")[0]: item for item in place.iterdir() if item.is_file() and not item.name.startswith(".")}
            )
    return ((name, found[name]) for name in sorted(found))


def _is_mbox(path: Path) -> bool:
    with path.open("rb") as stream:
        return path.suffix.lower() != ".eml" and stream.read(len(_FROM_LINE)) == _FROM_LINE


def _mbox(path: Path) -> Iterator[bytes]:
    box = mailbox.mbox(path, create=False)
    try:
        for key in box.iterkeys():
            yield box.get_bytes(key)
    finally:
        box.close()
