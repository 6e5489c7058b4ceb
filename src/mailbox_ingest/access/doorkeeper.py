"""Log in, stay, log out, take another password.

Sessions live in the store under a hash of their token and end when idle, when old, or when the user changes.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.access.passwords import hashed, matches
from mailbox_ingest.errors import MailboxIngestError
from mailbox_ingest.model import Role
from mailbox_ingest.store.people import access as store
from mailbox_ingest.store.people.audit import record_act
from mailbox_ingest.store.people.records import ConsoleUser

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
        name, now = _written(name), self.clock()
        known = self._proven(name, password, address, now)
        with self.sessions.begin() as session:
            user = self._still(session, known, address, now)
            store.forget_attempts_before(session, now - _KEEP_ATTEMPTS)
            store.close_sessions_opened_before(session, now - self.longest)
            return self._open(session, user, address, now)

    def change_password(self, name: str, old: str, new: str, *, address: str) -> Opened:
        """Every session of the user ends, and one begins for the browser that asked: a token that somebody took is of no use any more.

        Raises LoginRefused as a login does, and counts with it; ConfigurationError for a new password that cannot be.
        """
        name, now = _written(name), self.clock()
        known = self._proven(name, old, address, now)
        password_hash = hashed(new)
        with self.sessions.begin() as session:
            user = self._still(session, known, address, now)
            store.change_user(session, user.id, now=now, password_hash=password_hash)
            record_act(session, who=user.name, action="set_password", subject=f"user:{user.name}", now=now)
            return self._open(session, user, address, now)

    def _proven(self, name: str, password: str, address: str, now: datetime) -> ConsoleUser:
        """Whose name and password these are. Counted and written in one transaction, before the password is looked at: many at once count
        as many. Raises LoginRefused."""
        since = now - WINDOW
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
        return user

    @staticmethod
    def _still(session: Session, known: ConsoleUser, address: str, now: datetime) -> ConsoleUser:
        """The user, as it was when the password was looked at: an administrator may have been quicker. Raises LoginRefused."""
        user = store.find_user(session, known.name)
        if user is None or not user.active or user.password_hash != known.password_hash:
            raise LoginRefused(too_often=False)
        store.forgive_attempts(session, name=user.name, address=address, since=now - WINDOW)
        return user

    @staticmethod
    def _open(session: Session, user: ConsoleUser, address: str, now: datetime) -> Opened:
        token = secrets.token_urlsafe(32)
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


def _written(name: str) -> str:
    """A user name as it is stored, however somebody typed it."""
    return name.strip().lower()[:100]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _csrf(token: str) -> str:
    """Bound to the session, and of no use for guessing its token."""
    return hashlib.sha256(b"csrf:" + token.encode()).hexdigest()
