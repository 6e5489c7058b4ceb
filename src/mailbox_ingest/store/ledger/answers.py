"""Which mails were answered: what the caps a thread and for error replies count. The cap an address counts the outbox (`outbox.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, insert, or_, select
from sqlalchemy.orm import Session

from mailbox_ingest.store.tables import ANSWERS, OUTGOING

_MAX_THREAD = 250  # what PostgreSQL's index takes of any text


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Answers within a span: of a thread, and those of the thread or the address (whichever is more) that only said what was wrong."""

    in_thread: int
    errors: int


def thread_of(session: Session, referred: Sequence[str], own_id: str) -> str:
    """What stands for a thread: the id of the mail with which our answering began.

    `referred` are the ids of References and In-Reply-To. A loop runs through answers of ours, so a mail that refers to one belongs to the
    thread of the mail that it answered. Every other mail begins a thread of its own: a hundred units answer the same circular.
    """
    own_id = own_id[:_MAX_THREAD]
    if not referred:
        return own_id
    ours = (
        select(ANSWERS.c.thread)
        .join(OUTGOING, OUTGOING.c.in_answer_to == ANSWERS.c.message_id)
        .where(OUTGOING.c.rfc_message_id.in_(list(referred)))
        .order_by(OUTGOING.c.id)
        .limit(1)
    )
    return session.scalar(ours) or own_id


def answered(session: Session, *, address: str, thread: str, since: datetime, until: datetime) -> Answered:
    """Of mails that arrived in (since, until]: by arrival, because a mailbox read after an outage is no loop."""
    here, theirs = ANSWERS.c.thread == thread, ANSWERS.c.address == address
    arrived = and_(ANSWERS.c.arrived_at > since, ANSWERS.c.arrived_at <= until)
    sums = (_sum(here), _sum(and_(here, ANSWERS.c.error)), _sum(and_(theirs, ANSWERS.c.error)))
    in_thread, thread_errors, address_errors = session.execute(select(*sums).where(or_(here, theirs), arrived)).one()
    return Answered(in_thread=in_thread, errors=max(thread_errors, address_errors))


def record_answer(session: Session, message_id: int, *, address: str, thread: str, error: bool, arrived_at: datetime) -> None:
    """Once a message: its number is the key, whatever else goes wrong."""
    row = {"message_id": message_id, "address": address, "thread": thread, "error": error, "arrived_at": arrived_at}
    session.execute(insert(ANSWERS).values(row))


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
