"""Passwords as Argon2id hashes (RFC 9106 through argon2-cffi's own defaults). Refuses short ones; never logs or stores a password."""

from __future__ import annotations

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from mailbox_ingest.errors import ConfigurationError

LEAST_LETTERS, MOST_LETTERS = 10, 200
_HASHER = PasswordHasher()
# Each check takes 64 MB for a moment: many at once must not take the machine down.
_ONE_BY_ONE = threading.BoundedSemaphore(2)


def hashed(password: str) -> str:
    """Raises ConfigurationError for a password that is too short."""
    if not LEAST_LETTERS <= len(password) <= MOST_LETTERS:
        raise ConfigurationError(f"password: expected {LEAST_LETTERS} to {MOST_LETTERS} characters; several words are easy to remember")
    with _ONE_BY_ONE:
        return _HASHER.hash(_written(password))


def matches(password: str, password_hash: str | None) -> bool:
    """Whether it is the password. Takes its time for `None` too, so that nobody learns from a clock which names exist."""
    if len(password) > MOST_LETTERS:
        return False
    with _ONE_BY_ONE:
        try:
            return _HASHER.verify(password_hash or _nobodys(), _written(password)) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def _written(password: str) -> str:
    """The same accented letters for every keyboard (RFC 8265): some send 'ắ' as one character, some as three."""
    return unicodedata.normalize("NFC", password)


def _nobodys() -> str:
    """A hash that no password has, made with today's costs."""
    if not _cached:
        _cached.append(_HASHER.hash("\0nobody"))
    return _cached[0]


_cached: list[str] = []
