"""Users of the web desk, their sessions and login attempts. When a session is too old, or too many tried, is for `access/` to say."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, func, insert, select, update
from sqlalchemy.orm import Session

from mailbox_ingest.errors import ConflictError
from mailbox_ingest.model import Role
from mailbox_ingest.store.database.inserts import insert_unless_known
from mailbox_ingest.store.people.records import ConsoleSession, ConsoleUser
from mailbox_ingest.store.tables import CONSOLE_SESSIONS, CONSOLE_USERS, LOGIN_ATTEMPTS


def add_user(session: Session, *, name: str, full_name: str, role: Role, password_hash: str, now: datetime) -> int:
    """Raises ConflictError for a name that is taken, by a disabled user too: audit rows must stay clear."""
    row: dict[str, Any] = {"name": name, "full_name": full_name, "role": role.value, "password_hash": password_hash, "active": True}
    row |= {"created_at": now, "changed_at": now}
    written = insert_unless_known(session, CONSOLE_USERS, [row], unique=("name",), returning="id")
    if not written:
        raise ConflictError(f"there is a user {name!r} already")
    return int(written[0])


def find_user(session: Session, name: str) -> ConsoleUser | None:
    row = session.execute(select(CONSOLE_USERS).where(CONSOLE_USERS.c.name == name)).mappings().first()
    return None if row is None else _user(row)


def list_users(session: Session) -> tuple[ConsoleUser, ...]:
    return tuple(_user(row) for row in session.execute(select(CONSOLE_USERS).order_by(CONSOLE_USERS.c.name)).mappings())


def change_user(session: Session, user_id: int, *, now: datetime, **columns: Any) -> None:
    """Sets `active`, `role` or `password_hash`, and ends the user's sessions."""
    session.execute(update(CONSOLE_USERS).where(CONSOLE_USERS.c.id == user_id).values(changed_at=now, **columns))
    session.execute(delete(CONSOLE_SESSIONS).where(CONSOLE_SESSIONS.c.user_id == user_id))


def open_session(session: Session, *, token_sha256: bytes, user_id: int, address: str, now: datetime) -> None:
    row = {"token_sha256": token_sha256, "user_id": user_id, "opened_at": now, "seen_at": now, "address": address}
    session.execute(insert(CONSOLE_SESSIONS).values(row))


def find_session(session: Session, token_sha256: bytes) -> ConsoleSession | None:
    query = (
        select(CONSOLE_USERS, CONSOLE_SESSIONS.c.opened_at, CONSOLE_SESSIONS.c.seen_at)
        .join(CONSOLE_SESSIONS, CONSOLE_SESSIONS.c.user_id == CONSOLE_USERS.c.id)
        .where(CONSOLE_SESSIONS.c.token_sha256 == token_sha256)
    )
    row = session.execute(query).mappings().first()
    return None if row is None else ConsoleSession(user=_user(row), opened_at=row["opened_at"], seen_at=row["seen_at"])


def touch_session(session: Session, token_sha256: bytes, *, now: datetime) -> None:
    session.execute(update(CONSOLE_SESSIONS).where(CONSOLE_SESSIONS.c.token_sha256 == token_sha256).values(seen_at=now))


def close_session(session: Session, token_sha256: bytes) -> None:
    session.execute(delete(CONSOLE_SESSIONS).where(CONSOLE_SESSIONS.c.token_sha256 == token_sha256))


def close_sessions_opened_before(session: Session, moment: datetime) -> None:
    session.execute(delete(CONSOLE_SESSIONS).where(CONSOLE_SESSIONS.c.opened_at < moment))


def record_attempt(session: Session, *, name: str, address: str, succeeded: bool, now: datetime) -> None:
    session.execute(insert(LOGIN_ATTEMPTS).values(at=now, name=name, address=address, succeeded=succeeded))


def forgive_attempts(session: Session, *, name: str, address: str, since: datetime) -> None:
    """Whoever knew the password in the end had mistyped it before: their attempts count as successes."""
    attempt = LOGIN_ATTEMPTS.c
    mine = (attempt.name == name) & (attempt.address == address) & (attempt.at > since)
    session.execute(update(LOGIN_ATTEMPTS).where(mine).values(succeeded=True))


def forget_attempts_before(session: Session, moment: datetime) -> None:
    session.execute(delete(LOGIN_ATTEMPTS).where(LOGIN_ATTEMPTS.c.at < moment))


def failed_attempts(session: Session, *, since: datetime, name: str | None = None, address: str | None = None) -> int:
    """How many attempts failed, for a name, from an address, or for one from the other."""
    attempt = LOGIN_ATTEMPTS.c
    query = select(func.count()).select_from(LOGIN_ATTEMPTS).where(attempt.at > since, attempt.succeeded.is_(False))
    if name is not None:
        query = query.where(attempt.name == name)
    if address is not None:
        query = query.where(attempt.address == address)
    return int(session.scalar(query) or 0)


def _user(row: RowMapping) -> ConsoleUser:
    names = ("id", "name", "full_name", "active", "created_at", "changed_at", "password_hash")
    return ConsoleUser(role=Role(row["role"]), **{name: row[name] for name in names})
