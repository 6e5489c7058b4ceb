"""What reminders ask of the store: who has written, in which thread, which reminders still wait to be sent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from mailbox_ingest.model import AuthResult, Outcome, OutgoingKind
from mailbox_ingest.store.ledger.lookup import find_message
from mailbox_ingest.store.ledger.records import StoredMessage
from mailbox_ingest.store.tables import MESSAGES, OPEN_MESSAGE, OUTGOING, OUTGOING_FILES, OUTGOING_RECIPIENTS, REPORTS

_UNTRUSTED = (AuthResult.FAIL.value, AuthResult.UNPROVEN.value)
_MANY = 400  # values in one IN list: well under every driver's limit of parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingReminder:
    """A reminder that is queued and that nobody has begun to send. `recipient` is its only address."""

    id: int
    key: str
    recipient: str
    due_at: datetime


def unread_senders(session: Session) -> frozenset[str]:
    """Addresses whose mail is in the ledger and not read yet, lower case."""
    rows = session.execute(select(MESSAGES.c.sender_email).where(OPEN_MESSAGE, MESSAGES.c.sender_email.is_not(None)).distinct())
    return frozenset(row[0].lower() for row in rows)


def held_senders(session: Session, *, since: datetime) -> frozenset[str]:
    """Addresses whose mail arrived after `since`, waits for a person and may be about anything: a report without unit or week, or none.

    Held reports whose place is known are `reports.held_reports`.
    """
    of_message = REPORTS.c.message_id == MESSAGES.c.id
    placed = exists().where(of_message, REPORTS.c.unit.is_not(None), REPORTS.c.period.is_not(None))
    unplaced = exists().where(of_message, or_(REPORTS.c.unit.is_(None), REPORTS.c.period.is_(None)))
    rows = session.execute(
        select(MESSAGES.c.sender_email)
        .where(
            MESSAGES.c.outcome == Outcome.NEEDS_REVIEW.value,
            MESSAGES.c.sender_email.is_not(None),
            func.coalesce(MESSAGES.c.arrived_at, MESSAGES.c.recorded_at) > since,
            or_(~placed, unplaced),
        )
        .distinct()
    )
    return frozenset(row[0].lower() for row in rows)


def rejected_senders(session: Session, *, since: datetime) -> dict[str, datetime]:
    """When the last mail arrived that was sent back to its sender, by address, of those that arrived after `since`."""
    arrived = func.coalesce(MESSAGES.c.arrived_at, MESSAGES.c.recorded_at)
    rows = session.execute(
        select(MESSAGES.c.sender_email, MESSAGES.c.arrived_at, MESSAGES.c.recorded_at)
        .where(MESSAGES.c.outcome == Outcome.REJECTED.value, MESSAGES.c.sender_email.is_not(None), arrived > since)
        .order_by(MESSAGES.c.id)
    )
    return {row.sender_email.lower(): row.arrived_at or row.recorded_at for row in rows}


def last_threads(session: Session, emails: Collection[str]) -> dict[str, StoredMessage]:
    """The latest mail that a person sent from each of these addresses: the thread to answer in.

    What anybody may have written, and automatic mail, leads nowhere.
    """
    wanted = sorted(emails)
    newest: dict[str, int] = {}
    for start in range(0, len(wanted), _MANY):
        rows = session.execute(
            select(MESSAGES.c.sender_email, func.max(MESSAGES.c.id))
            .where(
                MESSAGES.c.sender_email.in_(wanted[start : start + _MANY]),
                MESSAGES.c.state == "done",
                MESSAGES.c.duplicate_of.is_(None),
                MESSAGES.c.automatic.is_(None),
                MESSAGES.c.rfc_message_id.is_not(None),
                or_(MESSAGES.c.authentication.is_(None), MESSAGES.c.authentication.not_in(_UNTRUSTED)),
            )
            .group_by(MESSAGES.c.sender_email)
        )
        newest.update((email, number) for email, number in rows)
    found = ((email, find_message(session, number)) for email, number in newest.items())
    return {email: message for email, message in found if message is not None}


def waiting_reminders(session: Session) -> tuple[WaitingReminder, ...]:
    """Reminders that are queued, oldest first."""
    rows = session.execute(
        select(OUTGOING.c.id, OUTGOING.c.mail_key, OUTGOING_RECIPIENTS.c.email, OUTGOING.c.due_at)
        .join(OUTGOING_RECIPIENTS, OUTGOING_RECIPIENTS.c.outgoing_id == OUTGOING.c.id)
        .where(OUTGOING.c.state == "queued", OUTGOING.c.kind == OutgoingKind.REMINDER.value)
        .order_by(OUTGOING.c.id)
    )
    return tuple(WaitingReminder(id=row.id, key=row.mail_key, recipient=row.email, due_at=row.due_at) for row in rows)


def withdraw_mail(session: Session, mail_id: int) -> bool:
    """Takes a queued mail out of the outbox; False when somebody has begun to send it. What was never sent needs no trace."""
    queued = and_(OUTGOING.c.id == mail_id, OUTGOING.c.state == "queued")
    if session.execute(select(OUTGOING.c.id).where(queued).with_for_update()).first() is None:
        return False
    for table in (OUTGOING_FILES, OUTGOING_RECIPIENTS):
        session.execute(delete(table).where(table.c.outgoing_id == mail_id))
    return session.execute(delete(OUTGOING).where(queued).returning(OUTGOING.c.id)).first() is not None


def postpone_mail(session: Session, mail_id: int, *, until: datetime) -> None:
    """A queued mail waits until then."""
    session.execute(update(OUTGOING).where(OUTGOING.c.id == mail_id, OUTGOING.c.state == "queued").values(due_at=until))
