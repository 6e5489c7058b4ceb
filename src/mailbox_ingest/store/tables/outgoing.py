"""The outbox: mails with their recipients and files, and the gates that stop them. A row's Message-ID is fixed when it is queued."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from mailbox_ingest.model import OutgoingKind
from mailbox_ingest.store.database.types import RowId
from mailbox_ingest.store.outgoing.records import OUTBOX_STATES
from mailbox_ingest.store.tables.base import Base, one_of

GATES = ("sending", "replies")
OPEN_MAIL = text("state IN ('queued', 'sending')")


class OutgoingRow(Base):
    __tablename__ = "outgoing"
    __table_args__ = (
        UniqueConstraint("mail_key"),
        UniqueConstraint("rfc_message_id"),
        one_of("kind", [kind.value for kind in OutgoingKind]),
        one_of("state", OUTBOX_STATES),
        Index("ix_outgoing_open", "priority", "due_at", postgresql_where=OPEN_MAIL, sqlite_where=OPEN_MAIL),
        Index(None, "sent_at"),
        Index(None, "in_answer_to"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    mail_key: Mapped[str]
    kind: Mapped[str]
    priority: Mapped[int]
    rfc_message_id: Mapped[str]
    sender_email: Mapped[str]
    sender_name: Mapped[str | None]
    recipient_count: Mapped[int]
    subject: Mapped[str]
    text_body: Mapped[str]
    html_body: Mapped[str | None]
    auto_submitted: Mapped[str]
    in_reply_to: Mapped[str | None]
    reference_ids: Mapped[list[Any]]
    in_answer_to: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))

    state: Mapped[str]
    queued_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int]
    sending_since: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    last_answer: Mapped[str | None]  # what the server said, or why it failed


class OutgoingRecipientRow(Base):
    __tablename__ = "outgoing_recipients"
    __table_args__ = (Index(None, "email"),)

    outgoing_id: Mapped[int] = mapped_column(ForeignKey("outgoing.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str | None]


class OutgoingFileRow(Base):
    __tablename__ = "outgoing_files"

    outgoing_id: Mapped[int] = mapped_column(ForeignKey("outgoing.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    content_type: Mapped[str]
    content_id: Mapped[str | None]
    data: Mapped[bytes]


class OutboxGateRow(Base):
    """What may stop the outbox: 'sending' everything, 'replies' those only. Closed while `closed_at` is set and `until` is not past."""

    __tablename__ = "outbox_gates"
    __table_args__ = (one_of("gate", GATES),)

    gate: Mapped[str] = mapped_column(primary_key=True)
    closed_at: Mapped[datetime | None]
    until: Mapped[datetime | None]  # None: until a person opens it
    opened_at: Mapped[datetime | None]  # when a person opened it last: what went out before counts no more
    reason: Mapped[str]
    times: Mapped[int]  # how often in a row it closed
