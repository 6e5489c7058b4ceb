"""Who may enter the web desk: users, open sessions, attempts to log in. No password and no token is stored, only hashes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mailbox_ingest.model import Role
from mailbox_ingest.store.database.types import RowId
from mailbox_ingest.store.tables.base import Base, one_of


class ConsoleUserRow(Base):
    __tablename__ = "console_users"
    __table_args__ = (UniqueConstraint("name"), one_of("role", [role.value for role in Role]))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str]  # what is typed to log in, and what audit rows call the person
    full_name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str]
    active: Mapped[bool]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class ConsoleSessionRow(Base):
    __tablename__ = "console_sessions"
    __table_args__ = (Index(None, "user_id"),)

    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("console_users.id"))
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    address: Mapped[str]


class LoginAttemptRow(Base):
    """One attempt, whatever came of it. `name` is as typed: it may be nobody's."""

    __tablename__ = "login_attempts"
    __table_args__ = (Index(None, "name", "at"), Index(None, "address", "at"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    at: Mapped[datetime]
    name: Mapped[str]
    address: Mapped[str]
    succeeded: Mapped[bool]
