"""Writes what a person decided on a held message: reports take their place or leave, the message gets its outcome. Refuses lost races."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mailbox_ingest.errors import ConflictError
from mailbox_ingest.model import TAKEN, JudgedReport, Outcome, ReportStatus
from mailbox_ingest.store.ledger.finish import supersede
from mailbox_ingest.store.ledger.records import EARLIER_READING
from mailbox_ingest.store.ledger.rows import field_rows
from mailbox_ingest.store.tables import MESSAGES, REPORT_FIELDS, REPORTS


def lock_messages(session: Session, *message_ids: int) -> None:
    """Nobody else decides on these messages until the caller's transaction ends. One order for all: nobody waits for the other."""
    wanted = MESSAGES.c.id.in_(message_ids)
    session.execute(select(MESSAGES.c.id).where(wanted).order_by(MESSAGES.c.id).with_for_update())


def decide_report(session: Session, report_id: int, decided: JudgedReport, *, arrived_at: datetime, now: datetime) -> None:
    """Moves a held report to what was decided; `decided.evidence` replaces what is stored, so it carries the old evidence, too.

    Raises ConflictError when the report is not held any more, or another one took its place meanwhile: roll back.
    """
    taken = decided.status in TAKEN
    replaced = supersede(session, decided, now=now) if taken and decided.supersedes is not None else None
    try:
        with session.begin_nested():  # a violated key must not spoil the caller's transaction before it hears of it
            row = session.execute(
                update(REPORTS)
                .where(REPORTS.c.id == report_id, REPORTS.c.status == ReportStatus.NEEDS_REVIEW.value)
                .values(
                    unit=decided.unit,
                    period=None if decided.period is None else str(decided.period),
                    status=decided.status.value,
                    accepted_status=decided.status.value if taken else None,
                    accepted_at=now if taken else None,
                    on_time=decided.on_time,
                    due_at=decided.due_at,
                    arrived_at=arrived_at,
                    first_arrived_at=arrived_at if replaced is None else min(arrived_at, replaced.first_arrived_at),
                    supersedes=decided.supersedes,
                    previous=None if decided.previous is None else decided.previous.id,
                    by_human=True,
                )
                .returning(REPORTS.c.id)
            ).first()
    except IntegrityError as error:
        told = f"a report {decided.form} of {decided.unit} for {decided.period} was accepted meanwhile"
        raise ConflictError(told, code="place_taken", unit=decided.unit, period=decided.period) from error
    if row is None:
        raise ConflictError(f"report {report_id} was decided meanwhile", code="report_gone")
    if taken:
        session.execute(delete(REPORT_FIELDS).where(REPORT_FIELDS.c.report_id == report_id))
        session.execute(insert(REPORT_FIELDS), field_rows(decided, report_id))


def decide_message(session: Session, message_id: int, *, outcome: Outcome, reason: str, duplicate_of: int | None = None) -> None:
    """Gives a held message the outcome that follows from its reports. `duplicate_of` is the message it was merged into."""
    values = {"outcome": outcome.value, "reason": reason} | ({} if duplicate_of is None else {"duplicate_of": duplicate_of})
    session.execute(update(MESSAGES).where(MESSAGES.c.id == message_id).values(values))


def mark_asked(session: Session, message_id: int, *, now: datetime) -> None:
    """The sender was asked: the message stays held and waits for the answer."""
    session.execute(update(MESSAGES).where(MESSAGES.c.id == message_id).values(asked_at=now))


def report_statuses(session: Session, message_id: int) -> Mapping[int, ReportStatus]:
    """Where each report of a message's present reading stands now."""
    present = (REPORTS.c.message_id == message_id) & (REPORTS.c.position < EARLIER_READING)
    rows = session.execute(select(REPORTS.c.id, REPORTS.c.status).where(present))
    return {row.id: ReportStatus(row.status) for row in rows}


def next_position(session: Session, message_id: int) -> int:
    """Where a report that a person adds to a message stands."""
    return len(session.execute(select(REPORTS.c.id).where(REPORTS.c.message_id == message_id)).all())
