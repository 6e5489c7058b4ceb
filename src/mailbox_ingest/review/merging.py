"""Two mails that are one report: the one in hand is absorbed, the other bears the report with the figures and the evidence of both.

Figures of both that differ are never settled here: the person types which one counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from mailbox_ingest.errors import ConflictError, DecisionRefused
from mailbox_ingest.model import TAKEN, Evidence, JudgedReport, Outcome, ReportStatus
from mailbox_ingest.periods import Period
from mailbox_ingest.review.decide import only_report, typed
from mailbox_ingest.review.look import check_open, check_version, find_details, held_of
from mailbox_ingest.review.nouns import Answer, Decided, Reviewer
from mailbox_ingest.review.rules import arrival, blank, draft_of, facts, outcome_of
from mailbox_ingest.review.settle import placed, refuse_obstacles, send, store
from mailbox_ingest.store.ledger.records import MessageDetails, ReportDetails
from mailbox_ingest.store.people.audit import record_act
from mailbox_ingest.store.people.decisions import decide_message, decide_report, lock_messages, report_statuses

_BEARERS = frozenset((Outcome.NEEDS_REVIEW, Outcome.ACCEPTED, Outcome.ACCEPTED_WITH_WARNINGS))


def merge(
    session: Session,
    key: int | str,
    into: int | str,
    *,
    by: Reviewer,
    report: int | None = None,
    into_report: int | None = None,
    form: str | None = None,
    unit: str | None = None,
    period: Period | None = None,
    values: Mapping[str, int] | None = None,
    replace_newer: bool = False,
    reason: str = "",
    expected_version: str | None = None,
) -> Decided:
    """Makes the held message `key` a part of `into`, which is held or accepted; its report becomes that of both.

    `form` is that of `values` where nothing was read in `key`.

    Raises DecisionRefused where both give different figures, units or weeks and none is named here, or the form's rules forbid the result;
    ConflictError when somebody decided meanwhile.
    """
    absorbed_id, bearer_id = find_details(session, key).message.id, find_details(session, into).message.id
    if absorbed_id == bearer_id:
        raise DecisionRefused(f"message {absorbed_id} cannot be merged with itself", code="merged_with_itself")
    lock_messages(session, absorbed_id, bearer_id)
    absorbed, bearer = find_details(session, absorbed_id), find_details(session, bearer_id)
    check_open(session, absorbed)
    check_version(session, absorbed, expected_version)
    if bearer.message.outcome not in _BEARERS:
        state = bearer.message.outcome or bearer.message.state
        told = f"message {bearer_id} is {state}: a message can be merged into a held or an accepted one only"
        raise DecisionRefused(told, code="merged_into_closed", message=bearer_id, outcome=state)
    piece, base = only_report(absorbed, report), _base(bearer, into_report)
    draft = _together(absorbed, piece, base, by, form=form, unit=unit, period=period, values=values)
    refuse_obstacles(session, absorbed_id, draft, by)
    arrived_at = _complete_at(draft, absorbed, piece, bearer, base)
    report_id, judged = _bear(session, bearer, base, draft, by, arrived_at=arrived_at, replace_newer=replace_newer)
    if piece is not None:
        decide_report(session, piece.id, replace(draft_of(piece), status=ReportStatus.DUPLICATE), arrived_at=piece.arrived_at, now=by.now)
    result = (report_id, judged)
    return _close(session, absorbed, piece, bearer=bearer, base=base, result=result, by=by, reason=reason)


def _base(bearer: MessageDetails, report: int | None) -> ReportDetails | None:
    """The report of the other message that is completed: the held one, else the one that stands."""
    usable = held_of(bearer) or tuple(item for item in bearer.reports if item.status in TAKEN)
    named = tuple(item for item in usable if report is None or item.id == report)
    if report is not None and not named:
        raise DecisionRefused(
            f"message {bearer.message.id} has no report {report} that is held or stands",
            code="bearer_without_report",
            message=bearer.message.id,
        )
    if len(named) > 1:
        told = f"message {bearer.message.id} has several reports, name one of: {', '.join(str(item.id) for item in named)}"
        raise DecisionRefused(told, code="bearer_with_several", message=bearer.message.id)
    if not named and bearer.message.outcome is not Outcome.NEEDS_REVIEW:
        told = f"no report of message {bearer.message.id} stands any more: look again"
        raise ConflictError(told, code="bearer_without_report", message=bearer.message.id)
    return named[0] if named else None


def _together(
    absorbed: MessageDetails,
    piece: ReportDetails | None,
    base: ReportDetails | None,
    by: Reviewer,
    *,
    form: str | None,
    unit: str | None,
    period: Period | None,
    values: Mapping[str, int] | None,
) -> JudgedReport:
    """The report of both. Raises DecisionRefused where they disagree and nobody said which counts."""
    chosen = dict(values or {})
    first = draft_of(base) if base is not None else None
    second = draft_of(piece) if piece is not None else None
    if first is not None and second is not None:
        differ = [n for n in first.values if n in second.values and first.values[n] != second.values[n] and n not in chosen]
        both: list[tuple[str, object, object]] = [(name, first.values[name], second.values[name]) for name in differ]
        both += [("form", first.form, second.form)] if first.form != second.form else []
        both += [("unit", first.unit, second.unit)] if unit is None and _differ(first.unit, second.unit) else []
        both += [("period", first.period, second.period)] if period is None and _differ(first.period, second.period) else []
        if both:
            told = "; ".join(f"{name}: {one} or {other}" for name, one, other in both)
            raise DecisionRefused(f"the two messages differ, say which counts ({told})", code="two_differ", form=first.form, differ=both)
    if form is not None and first is not None and first.form != form and chosen:
        told = f"the figures given are of form {form}, the report is of form {first.form}"
        raise DecisionRefused(told, code="two_differ", form=first.form, differ=[("form", first.form, form)])
    parts = [item for item in (first, second) if item is not None]
    merged = parts[0] if parts else blank(form, by.forms)
    seen: dict[str, tuple[Evidence, ...]] = dict(first.evidence) if first is not None else {}
    for name, pieces in (second.evidence if second is not None else {}).items():
        seen[name] = (*seen.get(name, ()), *(replace(item, message=item.message or absorbed.message.id) for item in pieces))
    figures = {**(second.values if second else {}), **(first.values if first else {}), **chosen}
    standing = base is not None and base.status in TAKEN
    if standing and first is not None and ((unit or first.unit) != first.unit or (period or first.period) != first.period):
        told = f"report {base.id if base else ''} stands for {first.unit} {first.period}: it cannot be moved by merging"
        raise DecisionRefused(told, code="merge_moves", unit=first.unit, period=first.period)
    return replace(
        merged,
        unit=unit or next((item.unit for item in parts if item.unit), None),
        period=period or next((item.period for item in parts if item.period), None),
        values=figures,
        evidence={**seen, **typed(chosen, seen, by)},
        status=ReportStatus.NEEDS_REVIEW,
    )


def _differ(one: object, other: object) -> bool:
    return one is not None and other is not None and one != other


def _complete_at(
    draft: JudgedReport, absorbed: MessageDetails, piece: ReportDetails | None, bearer: MessageDetails, base: ReportDetails | None
) -> datetime:
    """When the report became whole: with the first mail that alone gives all its figures, else with the later of the two."""
    moments = [
        arrival(details.message)
        for details, report in ((bearer, base), (absorbed, piece))
        if report is not None and dict(report.values) == dict(draft.values)
    ]
    return min(moments, default=max(arrival(bearer.message), arrival(absorbed.message)))


def _bear(
    session: Session,
    bearer: MessageDetails,
    base: ReportDetails | None,
    draft: JudgedReport,
    by: Reviewer,
    *,
    arrived_at: datetime,
    replace_newer: bool,
) -> tuple[int, JudgedReport]:
    """The report of both in its place; one that stands and gains nothing stays as it is."""
    if base is not None and base.status in TAKEN:
        if dict(base.values) == dict(draft.values):
            return base.id, replace(draft, status=base.status, on_time=base.on_time, due_at=base.due_at, supersedes=base.supersedes)
        judged = placed(session, draft, by, arrived_at=arrived_at, replace_newer=True)  # the one that is replaced is the one named
        if judged.supersedes != base.id:
            told = f"report {base.id} of message {bearer.message.id} does not stand any more: look again"
            raise ConflictError(told, code="bearer_without_report", message=bearer.message.id)
        return store(session, bearer.message, None, judged, arrived_at=arrived_at, now=by.now), judged
    judged = placed(session, draft, by, arrived_at=arrived_at, replace_newer=replace_newer)
    return store(session, bearer.message, None if base is None else base.id, judged, arrived_at=arrived_at, now=by.now), judged


def _close(
    session: Session,
    absorbed: MessageDetails,
    piece: ReportDetails | None,
    *,
    bearer: MessageDetails,
    base: ReportDetails | None,
    result: tuple[int, JudgedReport],
    by: Reviewer,
    reason: str,
) -> Decided:
    """Outcomes and acts of both messages, and a letter to whoever waits for one."""
    report_id, judged = result
    one, other = absorbed.message, bearer.message
    left = outcome_of(report_statuses(session, one.id).values()) if absorbed.reports else Outcome.DUPLICATE
    reference = other.id if left is Outcome.DUPLICATE else None
    decide_message(session, one.id, outcome=left, reason=f"merged into message {other.id} by {by.who}", duplicate_of=reference)
    stands = outcome_of(report_statuses(session, other.id).values())
    decide_message(session, other.id, outcome=stands, reason=f"merged with message {one.id} by {by.who}")
    halves = [] if piece is None else [(piece.id, draft_of(piece))]
    shut = [(number, replace(half, status=ReportStatus.DUPLICATE)) for number, half in halves]
    act_id = record_act(
        session,
        who=by.who,
        action="merge",
        subject=f"message:{one.id}",
        message_id=one.id,
        now=by.now,
        before=facts(one.outcome, halves),
        after={**facts(left, shut), "merged_into": other.id},
        note=reason,
    )
    record_act(
        session,
        who=by.who,
        action="merged_with",
        subject=f"message:{other.id}",
        message_id=other.id,
        now=by.now,
        before=facts(other.outcome, [] if base is None else [(base.id, draft_of(base))]),
        after={**facts(stands, [(report_id, judged)]), "merged_with": one.id},
        note=reason,
    )
    waits = [one] if other.outcome is not Outcome.NEEDS_REVIEW or other.sender_email == one.sender_email else [one, other]
    letters = [
        send(session, item, (judged,), key=f"decision:{item.id}:{act_id}", by=by, answer=Answer.ACCEPTED, reason=reason) for item in waits
    ]
    return Decided(message_id=one.id, act_id=act_id, outcome=left, report_ids=(report_id,), reply_id=letters[0], merged_into=other.id)
