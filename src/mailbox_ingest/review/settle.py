"""What every decision shares: the checks before, the place of an accepted report, and the close: outcome, act, letter, in this order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from mailbox_ingest.calendars import due_of
from mailbox_ingest.errors import ConflictError, DecisionRefused
from mailbox_ingest.model import TAKEN, JudgedReport, Outcome, ReportStatus
from mailbox_ingest.periods import Period
from mailbox_ingest.review.nouns import Answer, Decided, Decision, Reviewer
from mailbox_ingest.review.rules import Obstacle, arrival, draft_of, facts, obstacles, outcome_of
from mailbox_ingest.store.ledger.finish import add_report
from mailbox_ingest.store.ledger.records import MessageDetails, StoredMessage
from mailbox_ingest.store.outgoing.outbox import queue_mail
from mailbox_ingest.store.people.audit import record_act
from mailbox_ingest.store.people.decisions import decide_message, decide_report, next_position, report_statuses
from mailbox_ingest.store.registry.units import hold_units
from mailbox_ingest.store.reports.standing import current_report, previous_report

_Draft = tuple[int | None, JudgedReport]


def take(
    session: Session, details: MessageDetails, drafts: Iterable[_Draft], *, by: Reviewer, action: str, newer: bool, reason: str
) -> Decided:
    """Accepts drafts of held reports (by id) or of new ones (None). Raises DecisionRefused and ConflictError."""
    message = details.message
    arrived_at = arrival(message)
    ids: list[int] = []
    decided: list[JudgedReport] = []
    for report_id, draft in drafts:
        refuse_obstacles(session, message.id, draft, by)
        judged = placed(session, draft, by, arrived_at=arrived_at, replace_newer=newer)
        decided.append(judged)
        ids.append(store(session, message, report_id, judged, arrived_at=arrived_at, now=by.now))
    return close(session, details, tuple(ids), tuple(decided), by=by, answer=Answer.ACCEPTED, action=action, reason=reason)


def refuse_obstacles(session: Session, message_id: int, draft: JudgedReport, by: Reviewer) -> None:
    """Raises DecisionRefused where the form's hard rules, the registry or the calendar forbid what was decided."""
    problems = list(obstacles(draft.form, draft.unit, draft.period, draft.values, by.forms))
    if draft.unit is not None and not hold_units(session, (draft.unit,)):
        problems.append(Obstacle("unit_unknown", f"unit {draft.unit!r} is not in the registry", {"unit": draft.unit}))
    if draft.period is not None and draft.period > Period.at(by.now):
        problems.append(Obstacle("period_early", f"period {draft.period} has not begun", {"period": draft.period}))
    if problems:
        told = f"message {message_id} cannot be accepted: {'; '.join(item.text for item in problems)}"
        raise DecisionRefused(told, code="obstacles", form=draft.form, obstacles=tuple(problems))


def placed(session: Session, draft: JudgedReport, by: Reviewer, *, arrived_at: datetime, replace_newer: bool) -> JudgedReport:
    """The draft with its place, what it supersedes, and its timeliness: that of the mail's arrival, however late the decision is."""
    assert draft.unit is not None and draft.period is not None
    current = current_report(session, draft.form, draft.unit, draft.period)
    if current is not None and current.arrived_at > arrived_at and not replace_newer:
        raise ConflictError(
            f"a report of {draft.unit} for {draft.period} that arrived later was accepted (message {current.message_id}): "
            "it stands unless you ask to replace it",
            code="newer_stands",
            unit=draft.unit,
            period=draft.period,
            message=current.message_id,
        )
    first = arrived_at if current is None else min(arrived_at, current.first_arrived_at or current.arrived_at)
    due_at = due_of(by.forms[draft.form].calendar, draft.period)
    return replace(
        draft,
        status=ReportStatus.ACCEPTED if first <= due_at else ReportStatus.ACCEPTED_WITH_WARNINGS,
        on_time=first <= due_at,
        due_at=due_at,
        supersedes=None if current is None else current.id,
        previous=previous_report(session, draft.form, draft.unit, draft.period),
    )


def store(
    session: Session, message: StoredMessage, report_id: int | None, judged: JudgedReport, *, arrived_at: datetime, now: datetime
) -> int:
    """The held report as decided, or a new one of this message. Raises ConflictError."""
    if report_id is not None:
        decide_report(session, report_id, judged, arrived_at=arrived_at, now=now)
        return report_id
    return add_report(
        session,
        judged,
        message_id=message.id,
        position=next_position(session, message.id),
        arrived_at=arrived_at,
        sender=message.sender_email or "",
        registered=message.sender_registered,
        now=now,
        by_human=True,
    )


def close(
    session: Session,
    details: MessageDetails,
    ids: tuple[int, ...],
    decided: tuple[JudgedReport, ...],
    *,
    by: Reviewer,
    answer: Answer | None,
    action: str,
    reason: str,
    nothing_taken: Outcome | None = None,
) -> Decided:
    """The message's outcome from where its reports stand, the act, and the letter (`answer` None: none).

    `nothing_taken` is the outcome where no report of it was accepted, whatever its reports say.
    """
    message = details.message
    statuses = set(report_statuses(session, message.id).values())
    taken = statuses & (TAKEN | {ReportStatus.SUPERSEDED})
    outcome = nothing_taken if nothing_taken is not None and not taken else outcome_of(statuses)
    decide_message(session, message.id, outcome=outcome, reason=f"{action} by {by.who}")
    before = {item.id: item for item in details.reports}
    act_id = record_act(
        session,
        who=by.who,
        action=action,
        subject=f"message:{message.id}",
        message_id=message.id,
        now=by.now,
        before=facts(message.outcome, ((number, draft_of(before[number])) for number in ids if number in before)),
        after=facts(outcome, zip(ids, decided, strict=True)),
        note=reason,
    )
    key = f"decision:{message.id}:{act_id}"
    reply_id = None if answer is None else send(session, message, decided, key=key, by=by, answer=answer, reason=reason)
    return Decided(message_id=message.id, act_id=act_id, outcome=outcome, report_ids=ids, reply_id=reply_id)


def send(
    session: Session, message: StoredMessage, reports: tuple[JudgedReport, ...], *, key: str, by: Reviewer, answer: Answer, reason: str
) -> int | None:
    """Queues the letter to the sender; None where nobody may be written to."""
    if not message.may_reply or not message.sender_email:
        return None
    decision = Decision(key=key, message=message, arrived_at=arrival(message), answer=answer, reports=reports, reason=reason, who=by.who)
    mail = by.letter(decision)
    return None if mail is None else queue_mail(session, mail, now=by.now, in_answer_to=message.id)
