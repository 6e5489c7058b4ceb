"""Log in, stay, log out: sessions live in the store under a hash of their token and end when idle, when old, or when the user changes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.access.passwords import matches
from mailbox_ingest.errors import MailboxIngestError
from mailbox_ingest.model import Role
from mailbox_ingest.store import access as store

WINDOW = timedelta(minutes=15)
MOST_OF_ONE = 5  # failures for a name from one address
MOST_OF_NAME = 15  # for a name from anywhere: a person is not locked out by one other address alone
MOST_OF_ADDRESS = 30
_SEEN_EVERY = timedelta(minutes=1)  # looking at a page is not worth a write each time
_KEEP_ATTEMPTS = timedelta(days=30)


class LoginRefused(MailboxIngestError):
    """Not let in. `too_often` says that not even the password was looked at."""

    def __init__(self, *, too_often: bool) -> None:
        super().__init__("too many attempts" if too_often else "wrong name or password")
        self.too_often = too_often


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who is there. `csrf` must come back with everything that changes something."""

    name: str
    full_name: str
    role: Role
    csrf: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A new session; `token` goes into the cookie and is stored nowhere."""

    token: str
    visitor: Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorkeeper:
    sessions: sessionmaker[Session]
    snapshots: sessionmaker[Session]
    clock: Callable[[], datetime]
    idle: timedelta
    longest: timedelta

    def log_in(self, name: str, password: str, *, address: str) -> Opened:
        """Raises LoginRefused; every attempt is remembered."""
        name = name.strip().lower()[:100]
        now = self.clock()
        since = now - WINDOW
        # Counted and written in one transaction, before the password is looked at: many at once count as many.
        with self.sessions.begin() as session:
            too_often = (
                store.failed_attempts(session, since=since, name=name, address=address) >= MOST_OF_ONE
                or store.failed_attempts(session, since=since, name=name) >= MOST_OF_NAME
                or store.failed_attempts(session, since=since, address=address) >= MOST_OF_ADDRESS
            )
            if not too_often:
                store.record_attempt(session, name=name, address=address, succeeded=False, now=now)
            user = store.find_user(session, name)
        if too_often:
            raise LoginRefused(too_often=True)
        known = user.password_hash if user is not None and user.active else None
        if not matches(password, known) or user is None:
            raise LoginRefused(too_often=False)
        token = secrets.token_urlsafe(32)
        with self.sessions.begin() as session:
            store.forgive_attempts(session, name=name, address=address, since=since)
            store.forget_attempts_before(session, now - _KEEP_ATTEMPTS)
            store.close_sessions_opened_before(session, now - self.longest)
            store.open_session(session, token_sha256=_digest(token), user_id=user.id, address=address, now=now)
        return Opened(token=token, visitor=Visitor(name=user.name, full_name=user.full_name, role=user.role, csrf=_csrf(token)))

    def who_is(self, token: str | None) -> Visitor | None:
        """The visitor of a session that is still open, None for every other token."""
        if not token or len(token) > 100:
            return None
        now, digest = self.clock(), _digest(token)
        with self.snapshots.begin() as session:
            found = store.find_session(session, digest)
        if found is None or not found.user.active:
            return None
        if now - found.opened_at > self.longest or now - found.seen_at > self.idle:
            self.log_out(token)
            return None
        if now - found.seen_at > _SEEN_EVERY:
            with self.sessions.begin() as session:
                store.touch_session(session, digest, now=now)
        return Visitor(name=found.user.name, full_name=found.user.full_name, role=found.user.role, csrf=_csrf(token))

    def log_out(self, token: str) -> None:
        with self.sessions.begin() as session:
            store.close_session(session, _digest(token))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _csrf(token: str) -> str:
    """Bound to the session, and of no use for guessing its token."""
    return hashlib.sha256(b"csrf:" + token.encode()).hexdigest()
