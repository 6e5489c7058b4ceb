"""The scratch folder of one sandbox: made, held by a lock, taken away; and those that killed processes left behind.

A lock tells whether a folder is in use, not a process id: ids come again, and containers that share a temporary folder do not see each
other's.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "mailbox-ingest-"
_LOCK = ".in-use"


class Scratch:
    """A folder of our own until `close()`. Making one sweeps away what others left."""

    def __init__(self) -> None:
        sweep(Path(tempfile.gettempdir()))
        self.folder = tempfile.mkdtemp(prefix=_PREFIX)
        # Locked before it gets its name, so that no sweep meets a lock that is not held yet. Children do not inherit it.
        self._lock, unnamed = tempfile.mkstemp(dir=self.folder)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        Path(unnamed).rename(Path(self.folder, _LOCK))

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)


def sweep(place: Path) -> int:
    """Removes scratch folders below `place` that nobody holds; gives their number. Folders of other users are left alone."""
    swept = 0
    for lock in place.glob(f"{_PREFIX}*/{_LOCK}"):
        with contextlib.suppress(OSError):  # another sweep was quicker, or it is not ours
            if lock.parent.stat().st_uid == os.getuid() and _is_free(lock):
                shutil.rmtree(lock.parent, ignore_errors=True)
                swept += 1
    return swept


def _is_free(lock: Path) -> bool:
    with lock.open("rb") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
