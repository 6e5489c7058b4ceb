"""The ledger: raw bytes, one row a UID, what makes two mails the same mail, attachments and files that could not be read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from mailbox_ingest.model import Outcome
from mailbox_ingest.store.database.types import RowId
from mailbox_ingest.store.tables.base import Base, one_of

MESSAGE_STATES = ("received", "reading", "done")
# Spelt as a literal in index and queries alike: a planner cannot prove that a bound parameter implies the index's condition.
OPEN_MESSAGE = text("state <> 'done'")
UNFILED = text("outcome IS NOT NULL AND (filed_as IS NULL OR filed_as <> outcome)")


class RawMessageRow(Base):
    """The mail's bytes, once for all rows that share them."""

    __tablename__ = "raw_messages"
    __table_args__ = (UniqueConstraint("sha256"), one_of("codec", ("zstd",)))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    codec: Mapped[str]
    data: Mapped[bytes]


class MessageRow(Base):
    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("account", "folder", "uidvalidity", "uid"),
        one_of("state", MESSAGE_STATES),
        one_of("outcome", [outcome.value for outcome in Outcome]),
        CheckConstraint("(state = 'done') = (outcome IS NOT NULL)", name="outcome_when_done"),
        CheckConstraint("(state = 'reading') = (lease_until IS NOT NULL)", name="lease_when_reading"),
        # The queue is a sliver of the table: the index holds open rows only.
        Index("ix_messages_open", "id", postgresql_where=OPEN_MESSAGE, sqlite_where=OPEN_MESSAGE),
        Index("ix_messages_unfiled", "account", "id", postgresql_where=UNFILED, sqlite_where=UNFILED),
        Index(None, "outcome", "id"),
        Index(None, "rfc_message_id"),
        Index(None, "sender_email", "id"),
        Index(None, "duplicate_of"),
        Index(None, "in_reply_to"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    account: Mapped[str]
    folder: Mapped[str]
    uidvalidity: Mapped[int] = mapped_column(BigInteger)
    uid: Mapped[int] = mapped_column(BigInteger)
    gm_msgid: Mapped[str | None]  # unsigned 64 bits: text, because no database here has such an integer
    gm_thrid: Mapped[str | None]
    flags: Mapped[list[Any]]
    raw_id: Mapped[int] = mapped_column(ForeignKey("raw_messages.id"))
    size_bytes: Mapped[int] = mapped_column(BigInteger)  # on the server; more than was fetched where `truncated`
    truncated: Mapped[bool]
    arrived_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]

    state: Mapped[str]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int]
    quarantined: Mapped[bool]
    last_failure: Mapped[str | None]
    finished_at: Mapped[datetime | None]

    rfc_message_id: Mapped[str | None]
    sender_email: Mapped[str | None]
    sender_name: Mapped[str | None]
    subject: Mapped[str]
    sent_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    in_reply_to: Mapped[str | None]
    reference_ids: Mapped[list[Any]]
    automatic: Mapped[str | None]
    authentication: Mapped[str | None]
    authentication_detail: Mapped[str | None]

    outcome: Mapped[str | None]
    reason: Mapped[str]
    may_reply: Mapped[bool]
    sender_registered: Mapped[bool]
    duplicate_of: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    filed_as: Mapped[str | None]  # the outcome that the mailbox shows; cosmetic
    asked_at: Mapped[datetime | None]  # a person asked the sender; the message is held until the answer is here
    registry_id: Mapped[int | None] = mapped_column(BigInteger)  # of the registries: what the judge knew of units and addresses


class MessageWordsRow(Base):
    """Subject, sender and names of attached files, folded: what people search by. Narrow, because a search reads all of it."""

    __tablename__ = "message_words"

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), type_=RowId, primary_key=True, autoincrement=False)
    words: Mapped[str]


class MessageIdentityRow(Base):
    """One thing that makes a mail the same mail (see `identity.py`); the first message that has it owns it."""

    __tablename__ = "message_identities"
    __table_args__ = (one_of("kind", ("gmail", "raw", "message_id", "headers")), Index(None, "message_id"))

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    kind: Mapped[str]
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))


class AttachmentRow(Base):
    __tablename__ = "attachments"

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str]
    name: Mapped[str | None]
    content_type: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    outcome: Mapped[str]


class DocumentFailureRow(Base):
    __tablename__ = "document_failures"

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str]
    code: Mapped[str]
    detail: Mapped[str]
