"""The users of the web desk: added, listed, disabled. Every change is an act in the audit and ends the sessions of the user."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.access.passwords import hashed
from mailbox_ingest.errors import ConfigurationError, ConflictError
from mailbox_ingest.model import Role
from mailbox_ingest.store.people import access as store
from mailbox_ingest.store.people.audit import record_act
from mailbox_ingest.store.people.records import ConsoleUser

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """`who` does it, for the audit."""

    sessions: sessionmaker[Session]
    clock: Callable[[], datetime]
    who: str

    def list(self) -> tuple[ConsoleUser, ...]:
        with self.sessions() as session:
            return store.list_users(session)

    def add(self, name: str, *, full_name: str, role: Role, password: str) -> None:
        """Raises ConfigurationError for a name or password that cannot be, ConflictError for a name that is taken."""
        if not _NAME.fullmatch(name):
            raise ConfigurationError(f"user name {name!r}: expected 2 to 40 small letters, digits, '.', '-' and '_'")
        password_hash = hashed(password)
        now = self.clock()
        with self.sessions.begin() as session:
            store.add_user(session, name=name, full_name=full_name.strip() or name, role=role, password_hash=password_hash, now=now)
            self._record(session, name, "add_user", now, after={"full_name": full_name.strip() or name, "role": role.value})

    def set_active(self, name: str, active: bool) -> None:
        """A disabled user cannot log in and is logged out at once. Raises ConflictError for a name nobody has."""
        now = self.clock()
        with self.sessions.begin() as session:
            user = _existing(session, name)
            store.change_user(session, user.id, now=now, active=active)
            self._record(session, name, "change_user", now, before={"active": user.active}, after={"active": active})

    def set_role(self, name: str, role: Role) -> None:
        now = self.clock()
        with self.sessions.begin() as session:
            user = _existing(session, name)
            store.change_user(session, user.id, now=now, role=role.value)
            self._record(session, name, "change_user", now, before={"role": user.role.value}, after={"role": role.value})

    def set_password(self, name: str, password: str) -> None:
        password_hash = hashed(password)
        now = self.clock()
        with self.sessions.begin() as session:
            user = _existing(session, name)
            store.change_user(session, user.id, now=now, password_hash=password_hash)
            self._record(session, name, "set_password", now)

    def _record(
        self,
        session: Session,
        name: str,
        action: str,
        now: datetime,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        record_act(session, who=self.who, action=action, subject=f"user:{name}", now=now, before=before, after=after)


def _existing(session: Session, name: str) -> ConsoleUser:
    user = store.find_user(session, name)
    if user is None:
        raise ConflictError(f"there is no user {name!r}: `console users list` names them")
    return user
