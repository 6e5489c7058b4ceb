"""What the service did: job runs, polls, frozen digests and the acts of people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mailbox_ingest.store.database.types import RowId
from mailbox_ingest.store.tables.base import Base, one_of


class JobRunRow(Base):
    """A job at its due moment: unique, so that it runs once whoever runs it."""

    __tablename__ = "job_runs"
    __table_args__ = (UniqueConstraint("job", "due_at"), one_of("state", ("running", "done", "failed")))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    job: Mapped[str]
    due_at: Mapped[datetime]
    state: Mapped[str]
    attempts: Mapped[int]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    failure: Mapped[str | None]


class PollRow(Base):
    __tablename__ = "polls"
    __table_args__ = (Index(None, "account", "finished_at"), Index(None, "finished_at"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    account: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    succeeded: Mapped[bool]
    messages_new: Mapped[int]
    bytes_fetched: Mapped[int] = mapped_column(BigInteger)
    failure: Mapped[str | None]


class DigestRow(Base):
    """A digest as it was sent: figures and mail, never computed again."""

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("name", "period"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str]
    form: Mapped[str]
    period: Mapped[str]
    as_of: Mapped[datetime]
    created_at: Mapped[datetime]
    figures: Mapped[dict[str, Any]]
    subject: Mapped[str]
    text_body: Mapped[str]
    html_body: Mapped[str | None]


class DigestFileRow(Base):
    __tablename__ = "digest_files"

    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    content_type: Mapped[str]
    content_id: Mapped[str | None]
    data: Mapped[bytes]


class ActRow(Base):
    """What a person decided: who, when, before, after. Rows are added, never changed."""

    __tablename__ = "acts"
    __table_args__ = (Index(None, "message_id"), Index(None, "subject"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]  # 'message:12', 'unit:ldld-cam-lo'
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    note: Mapped[str]
