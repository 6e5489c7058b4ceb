"""What waits for a person, in three statements however much it is: messages, their held reports, and what was found in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import String, cast, literal, select
from sqlalchemy.orm import Session

from mailbox_ingest.model import Outcome, ReportStatus, Severity
from mailbox_ingest.periods import Period
from mailbox_ingest.store.tables import FINDINGS, MESSAGES, OUTGOING, REPORTS

_HELD = MESSAGES.c.outcome == Outcome.NEEDS_REVIEW.value


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingReport:
    id: int
    form: str
    unit: str | None
    period: Period | None
    due_at: datetime | None


@dataclass(slots=True, kw_only=True)
class WaitingMessage:
    """`codes` are the findings that hold it, each once with its field, in the order they were made; `answers` are the messages that came
    in answer to the question put to its sender."""

    id: int
    arrived_at: datetime
    sender_email: str | None
    sender_name: str | None
    subject: str
    quarantined: bool
    asked_at: datetime | None
    reports: list[WaitingReport] = field(default_factory=list)
    codes: list[tuple[str, str | None]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


def waiting_messages(session: Session) -> tuple[WaitingMessage, ...]:
    """Every held message, oldest first."""
    names = ("id", "sender_email", "sender_name", "subject", "quarantined", "asked_at")
    columns = (*(MESSAGES.c[name] for name in names), MESSAGES.c.arrived_at, MESSAGES.c.recorded_at)
    found = {
        row.id: WaitingMessage(arrived_at=row.arrived_at or row.recorded_at, **{name: getattr(row, name) for name in names})
        for row in session.execute(select(*columns).where(_HELD).order_by(MESSAGES.c.id))
    }
    if not found:
        return ()
    of_held = select(MESSAGES.c.id).where(_HELD)
    held_reports = select(REPORTS).where(REPORTS.c.message_id.in_(of_held), REPORTS.c.status == ReportStatus.NEEDS_REVIEW.value)
    held_ids = set()
    for row in session.execute(held_reports.order_by(REPORTS.c.message_id, REPORTS.c.position)):
        held_ids.add(row.id)
        period = None if row.period is None else Period.parse(row.period)
        found[row.message_id].reports.append(WaitingReport(id=row.id, form=row.form, unit=row.unit, period=period, due_at=row.due_at))
    remarks = select(FINDINGS.c.message_id, FINDINGS.c.report_id, FINDINGS.c.code, FINDINGS.c.field)
    remarks = remarks.where(FINDINGS.c.message_id.in_(of_held), FINDINGS.c.severity != Severity.INFO.value)
    for row in session.execute(remarks.order_by(FINDINGS.c.id)):
        codes = found[row.message_id].codes
        if (row.report_id is None or row.report_id in held_ids) and (row.code, row.field) not in codes:
            codes.append((row.code, row.field))
    if any(item.asked_at is not None for item in found.values()):
        _add_answers(session, found)
    return tuple(found.values())


def answers_to(session: Session, message_id: int) -> tuple[int, ...]:
    """The messages that came in answer to a question put to the sender of this one, oldest first."""
    question = OUTGOING.c.mail_key.like(literal(f"question:{message_id}:%"))
    query = select(MESSAGES.c.id).join(OUTGOING, OUTGOING.c.rfc_message_id == MESSAGES.c.in_reply_to)
    return tuple(session.scalars(query.where(OUTGOING.c.in_answer_to == message_id, question).order_by(MESSAGES.c.id)))


def _add_answers(session: Session, found: dict[int, WaitingMessage]) -> None:
    question = OUTGOING.c.mail_key.like(literal("question:") + cast(OUTGOING.c.in_answer_to, String) + literal(":%"))
    asked = select(MESSAGES.c.id).where(_HELD, MESSAGES.c.asked_at.is_not(None))
    answer = MESSAGES.alias()
    query = select(OUTGOING.c.in_answer_to, answer.c.id).join(answer, answer.c.in_reply_to == OUTGOING.c.rfc_message_id)
    for held, number in session.execute(query.where(OUTGOING.c.in_answer_to.in_(asked), question).order_by(answer.c.id)):
        found[held].answers.append(number)
