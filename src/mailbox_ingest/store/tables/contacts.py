"""Addresses: whether they take our mail, which ones are proposed for registration, and which mails of theirs were answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from mailbox_ingest.model import ContactState
from mailbox_ingest.store.tables.base import Base, one_of

PROPOSAL_STATES = ("proposed", "approved", "declined")


class ContactHealthRow(Base):
    """What is known of an address that somebody wrote from, or that a mail of ours came back from. Lower case."""

    __tablename__ = "contact_health"
    __table_args__ = (one_of("state", [state.value for state in ContactState]),)

    address: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    since: Mapped[datetime]  # when it came into this state
    seen_at: Mapped[datetime]  # the latest evidence: older evidence changes nothing
    status: Mapped[str | None]  # of the last refusal, kept when the address lives again
    diagnostic: Mapped[str | None]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))  # the mail that says so; None: an SMTP answer, or a person


class AddressProposalRow(Base):
    """An address nobody registered that reported under a clear letterhead."""

    __tablename__ = "address_proposals"
    __table_args__ = (one_of("state", PROPOSAL_STATES), Index(None, "state"))

    address: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))  # the latest
    seen: Mapped[int]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    state: Mapped[str]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class AnswerRow(Base):
    """A mail that was given an answer: what the caps against loops count."""

    __tablename__ = "answers"
    __table_args__ = (Index(None, "address", "arrived_at"), Index(None, "thread", "arrived_at"))

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    address: Mapped[str]
    thread: Mapped[str]  # the Message-ID that the thread began with, as far as it can be told
    error: Mapped[bool]  # the answer only says what was wrong
    arrived_at: Mapped[datetime]
