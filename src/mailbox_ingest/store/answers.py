"""Which mails were answered: what the caps a thread and for error replies count. The cap an address counts the outbox (`outbox.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, insert, select
from sqlalchemy.orm import Session

from mailbox_ingest.store.tables import ANSWERS, OUTGOING


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Answers within a span: of a thread, and those of the thread or the address (whichever is more) that only said what was wrong."""

    in_thread: int
    errors: int


def thread_of(session: Session, referred: Sequence[str], own_id: str) -> str:
    """What stands for a thread: the Message-ID it began with.

    `referred` are the ids of References and In-Reply-To, oldest first. A machine may refer to our last answer alone: then the thread is the
    one of the mail that it answered.
    """
    if not referred:
        return own_id
    ours = (
        select(ANSWERS.c.thread)
        .join(OUTGOING, OUTGOING.c.in_answer_to == ANSWERS.c.message_id)
        .where(OUTGOING.c.rfc_message_id.in_(list(referred)))
        .order_by(OUTGOING.c.id)
        .limit(1)
    )
    return session.scalar(ours) or referred[0]


def answered(session: Session, *, address: str, thread: str, since: datetime, until: datetime) -> Answered:
    """Of mails that arrived in (since, until]: by arrival, because a mailbox read after an outage is no loop."""
    in_thread, thread_errors = _counted(session, ANSWERS.c.thread == thread, since, until)
    _, address_errors = _counted(session, ANSWERS.c.address == address, since, until)
    return Answered(in_thread=in_thread, errors=max(thread_errors, address_errors))


def record_answer(session: Session, message_id: int, *, address: str, thread: str, error: bool, arrived_at: datetime) -> None:
    """Once a message: its number is the key, whatever else goes wrong."""
    row = {"message_id": message_id, "address": address, "thread": thread, "error": error, "arrived_at": arrived_at}
    session.execute(insert(ANSWERS).values(row))


def _counted(session: Session, condition: ColumnElement[bool], since: datetime, until: datetime) -> tuple[int, int]:
    arrived = and_(ANSWERS.c.arrived_at > since, ANSWERS.c.arrived_at <= until)
    errors = func.coalesce(func.sum(case((ANSWERS.c.error, 1), else_=0)), 0)
    row = session.execute(select(func.count(), errors).where(condition, arrived)).one()
    return int(row[0]), int(row[1])
