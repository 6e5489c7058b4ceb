"""A person's decisions on held messages. One transaction each: reports, outcome, act, reply row; any error means nothing was decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from mailbox_ingest.calendars import due_of
from mailbox_ingest.config import FormConfig
from mailbox_ingest.errors import ConflictError, DecisionRefused
from mailbox_ingest.model import Evidence, JudgedReport, ReportStatus
from mailbox_ingest.periods import Period
from mailbox_ingest.review.look import chosen_reports, open_details
from mailbox_ingest.review.nouns import Decided, Decision, Reviewer
from mailbox_ingest.review.rules import arrival, blank, draft_of, facts, obstacles, outcome_of
from mailbox_ingest.store.audit import record_act
from mailbox_ingest.store.decisions import decide_message, decide_report, next_position, report_statuses
from mailbox_ingest.store.finish import add_report
from mailbox_ingest.store.outbox import queue_mail
from mailbox_ingest.store.records import MessageDetails, StoredMessage
from mailbox_ingest.store.reports import current_report, previous_report
from mailbox_ingest.store.units import load_units


def accept(
    session: Session,
    key: int | str,
    *,
    by: Reviewer,
    report: int | None = None,
    replace_newer: bool = False,
    reason: str = "",
) -> Decided:
    """Accepts what was read, of all held reports or of one (`report` is its id).

    Raises DecisionRefused when values are missing or break a hard rule (`correct` them instead), ConflictError when somebody decided
    meanwhile, or when a report that arrived later stands at the place (`replace_newer` replaces it all the same).
    """
    details = open_details(session, key)
    chosen = chosen_reports(details, report)
    if not chosen:
        raise DecisionRefused(
            f"nothing was read in message {details.message.id}: 'correct' it with unit, period and values, or 'reject' it"
        )
    drafts = [(item.id, draft_of(item)) for item in chosen]
    places = [(draft.form, draft.unit, draft.period) for _, draft in drafts]
    if len(set(places)) < len(places):
        raise DecisionRefused(f"message {details.message.id} holds several reports for the same unit and period: decide on one by its id")
    return _take(session, details, drafts, by=by, action="accept", newer=replace_newer, reason=reason)


def correct(
    session: Session,
    key: int | str,
    *,
    by: Reviewer,
    report: int | None = None,
    form: str | None = None,
    unit: str | None = None,
    period: Period | None = None,
    values: Mapping[str, int] | None = None,
    replace_newer: bool = False,
    reason: str = "",
) -> Decided:
    """Accepts a held report with other values, unit or period; what is not given stays as it was read.

    Where nothing was read, `unit`, `period` and all `values` make a new report (`form` may be left out when only one is configured).
    Raises as `accept`, and DecisionRefused when several reports are held and none is named.
    """
    details = open_details(session, key)
    chosen = chosen_reports(details, report)
    if len(chosen) > 1:
        raise DecisionRefused(f"message {details.message.id} holds several reports, name one of: {', '.join(str(r.id) for r in chosen)}")
    base = draft_of(chosen[0]) if chosen else blank(form, by.forms)
    evidence = dict(base.evidence)
    for name, value in (values or {}).items():
        by_hand = Evidence(document="", place="", raw=str(value), method="human", reader=by.who)
        evidence[name] = (by_hand, *evidence.get(name, ()))
    draft = replace(base, unit=unit or base.unit, period=period or base.period, values={**base.values, **(values or {})}, evidence=evidence)
    report_id = chosen[0].id if chosen else None
    return _take(session, details, [(report_id, draft)], by=by, action="correct", newer=replace_newer, reason=reason)


def reject(session: Session, key: int | str, *, by: Reviewer, reason: str, report: int | None = None) -> Decided:
    """Sends all held reports, or one, back to the sender. `reason` is Vietnamese and goes into the letter.

    Raises DecisionRefused without a reason, ConflictError when somebody decided meanwhile.
    """
    if not reason.strip():
        raise DecisionRefused("a rejection needs a reason: the sender must know what to mend")
    details = open_details(session, key)
    chosen = chosen_reports(details, report)
    decided = tuple(replace(draft_of(item), status=ReportStatus.REJECTED) for item in chosen)
    for item, judged in zip(chosen, decided, strict=True):
        decide_report(session, item.id, judged, arrived_at=item.arrived_at, now=by.now)
    ids = tuple(item.id for item in chosen)
    return _close(session, details, ids, decided, by=by, accepted=False, action="reject", reason=reason)


def _take(
    session: Session,
    details: MessageDetails,
    drafts: Iterable[tuple[int | None, JudgedReport]],
    *,
    by: Reviewer,
    action: str,
    newer: bool,
    reason: str,
) -> Decided:
    message = details.message
    arrived_at = arrival(message)
    ids: list[int] = []
    decided: list[JudgedReport] = []
    for report_id, draft in drafts:
        problems = list(obstacles(draft.form, draft.unit, draft.period, draft.values, by.forms))
        problems += _unknown_place(session, draft, by.now)
        if problems:
            raise DecisionRefused(f"message {message.id} cannot be accepted: {'; '.join(problems)}")
        judged = _placed(session, draft, by.forms[draft.form], arrived_at=arrived_at, replace_newer=newer)
        decided.append(judged)
        if report_id is not None:
            decide_report(session, report_id, judged, arrived_at=arrived_at, now=by.now)
            ids.append(report_id)
        else:
            ids.append(_add(session, message, judged, arrived_at=arrived_at, now=by.now))
    return _close(session, details, tuple(ids), tuple(decided), by=by, accepted=True, action=action, reason=reason)


def _add(session: Session, message: StoredMessage, judged: JudgedReport, *, arrived_at: datetime, now: datetime) -> int:
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


def _placed(session: Session, draft: JudgedReport, form: FormConfig, *, arrived_at: datetime, replace_newer: bool) -> JudgedReport:
    """The draft with its place, what it supersedes, and its timeliness: that of the mail's arrival, however late the decision is."""
    assert draft.unit is not None and draft.period is not None
    current = current_report(session, draft.form, draft.unit, draft.period)
    if current is not None and current.arrived_at > arrived_at and not replace_newer:
        raise ConflictError(
            f"a report of {draft.unit} for {draft.period} that arrived later was accepted (message {current.message_id}): "
            "it stands unless you ask to replace it"
        )
    first = arrived_at if current is None else min(arrived_at, current.first_arrived_at or current.arrived_at)
    due_at = due_of(form.calendar, draft.period)
    return replace(
        draft,
        status=ReportStatus.ACCEPTED if first <= due_at else ReportStatus.ACCEPTED_WITH_WARNINGS,
        on_time=first <= due_at,
        due_at=due_at,
        supersedes=None if current is None else current.id,
        previous=previous_report(session, draft.form, draft.unit, draft.period),
    )


def _close(
    session: Session,
    details: MessageDetails,
    ids: tuple[int, ...],
    decided: tuple[JudgedReport, ...],
    *,
    by: Reviewer,
    accepted: bool,
    action: str,
    reason: str,
) -> Decided:
    message = details.message
    outcome = outcome_of(report_statuses(session, message.id).values())
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
    reply_id = None
    if message.may_reply and message.sender_email:
        mail = by.letter(
            Decision(
                key=f"decision:{message.id}:{act_id}",
                message=message,
                arrived_at=arrival(message),
                accepted=accepted,
                reports=decided,
                reason=reason,
                who=by.who,
            )
        )
        reply_id = None if mail is None else queue_mail(session, mail, now=by.now, in_answer_to=message.id)
    return Decided(message_id=message.id, act_id=act_id, outcome=outcome, report_ids=ids, reply_id=reply_id)


def _unknown_place(session: Session, draft: JudgedReport, now: datetime) -> list[str]:
    """What speaks against unit and period: a unit that is not registered, a week that has not begun."""
    problems = []
    if draft.unit is not None and draft.unit not in {unit.code for unit in load_units(session)}:
        problems.append(f"unit {draft.unit!r} is not in the registry")
    if draft.period is not None and draft.period > Period.at(now):
        problems.append(f"period {draft.period} has not begun")
    return problems
