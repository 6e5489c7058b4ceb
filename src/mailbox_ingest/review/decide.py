"""A person's decisions on one held message. One transaction each: reports, outcome, act, reply row; any error means nothing was decided.

`expected_version` is the version of what the person saw: where it is given and the message changed since, Overtaken is raised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from mailbox_ingest.errors import DecisionRefused
from mailbox_ingest.model import Evidence, Outcome, ReportStatus
from mailbox_ingest.periods import Period
from mailbox_ingest.review.look import chosen_reports, open_details
from mailbox_ingest.review.nouns import Answer, Decided, Reviewer
from mailbox_ingest.review.rules import blank, draft_of, facts
from mailbox_ingest.review.settle import close, send, take
from mailbox_ingest.store.ledger.records import MessageDetails, ReportDetails
from mailbox_ingest.store.people.audit import record_act
from mailbox_ingest.store.people.decisions import decide_report, mark_asked


def accept(
    session: Session,
    key: int | str,
    *,
    by: Reviewer,
    report: int | None = None,
    replace_newer: bool = False,
    reason: str = "",
    expected_version: str | None = None,
) -> Decided:
    """Accepts what was read, of all held reports or of one (`report` is its id).

    Raises DecisionRefused when values are missing or break a hard rule (`correct` them instead), ConflictError when somebody decided
    meanwhile, or when a report that arrived later stands at the place (`replace_newer` replaces it all the same).
    """
    details = open_details(session, key, expected_version=expected_version)
    chosen = chosen_reports(details, report)
    if not chosen:
        raise DecisionRefused(
            f"nothing was read in message {details.message.id}: 'correct' it with unit, period and values, or 'reject' it",
            code="nothing_read",
        )
    drafts = [(item.id, draft_of(item)) for item in chosen]
    places = [(draft.form, draft.unit, draft.period) for _, draft in drafts]
    if len(set(places)) < len(places):
        told = f"message {details.message.id} holds several reports for the same unit and period: decide on one by its id"
        raise DecisionRefused(told, code="same_place_twice")
    return take(session, details, drafts, by=by, action="accept", newer=replace_newer, reason=reason)


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
    expected_version: str | None = None,
) -> Decided:
    """Accepts a held report with other values, unit or period; what is not given stays as it was read.

    Where nothing was read, `unit`, `period` and all `values` make a new report (`form` may be left out when only one is configured).
    Raises as `accept`, and DecisionRefused when several reports are held and none is named.
    """
    details = open_details(session, key, expected_version=expected_version)
    item = only_report(details, report)
    base = draft_of(item) if item is not None else blank(form, by.forms)
    evidence = {**base.evidence, **typed(values, base.evidence, by)}
    draft = replace(base, unit=unit or base.unit, period=period or base.period, values={**base.values, **(values or {})}, evidence=evidence)
    return take(session, details, [(item.id if item else None, draft)], by=by, action="correct", newer=replace_newer, reason=reason)


def reassign(
    session: Session,
    key: int | str,
    *,
    by: Reviewer,
    report: int | None = None,
    unit: str | None = None,
    period: Period | None = None,
    replace_newer: bool = False,
    reason: str = "",
    expected_version: str | None = None,
) -> Decided:
    """Accepts a held report as another unit's or another week's, its figures as they were read. Raises as `correct`."""
    if unit is None and period is None:
        raise DecisionRefused("name the unit, the period, or both that the report is to count for", code="place_missing")
    details = open_details(session, key, expected_version=expected_version)
    item = only_report(details, report)
    if item is None:
        raise DecisionRefused(
            f"nothing was read in message {details.message.id}: 'correct' it with unit, period and values", code="nothing_read"
        )
    draft = replace(draft_of(item), unit=unit or item.unit, period=period or item.period)
    return take(session, details, [(item.id, draft)], by=by, action="reassign", newer=replace_newer, reason=reason)


def reject(
    session: Session, key: int | str, *, by: Reviewer, reason: str, report: int | None = None, expected_version: str | None = None
) -> Decided:
    """Sends all held reports, or one, back to the sender. `reason` is Vietnamese and goes into the letter.

    Raises DecisionRefused without a reason, ConflictError when somebody decided meanwhile.
    """
    if not reason.strip():
        raise DecisionRefused("a rejection needs a reason: the sender must know what to mend", code="reason_missing")
    details = open_details(session, key, expected_version=expected_version)
    return _refuse(session, details, report, by=by, action="reject", answer=Answer.REJECTED, reason=reason)


def ignore(session: Session, key: int | str, *, by: Reviewer, reason: str = "", expected_version: str | None = None) -> Decided:
    """The message is no report: nothing of it counts and nobody is answered. `reason` is for the audit only. Raises as `reject`."""
    details = open_details(session, key, expected_version=expected_version)
    return _refuse(session, details, None, by=by, action="ignore", answer=None, reason=reason, nothing_taken=Outcome.IGNORED)


def ask_again(session: Session, key: int | str, *, by: Reviewer, question: str, expected_version: str | None = None) -> Decided:
    """Asks the sender. The message stays held, and is marked as waiting for the answer; `question` is Vietnamese.

    Raises DecisionRefused without a question or where nobody may be written to, ConflictError when somebody decided meanwhile.
    """
    if not question.strip():
        raise DecisionRefused("asking needs a question", code="question_missing")
    details = open_details(session, key, expected_version=expected_version)
    message = details.message
    if not message.may_reply or not message.sender_email:
        told = f"nobody may be written to about message {message.id}: its sender is unknown, unproven or a machine"
        raise DecisionRefused(told, code="nobody_to_ask")
    mark_asked(session, message.id, now=by.now)
    standing = facts(message.outcome, ())
    act_id = record_act(
        session,
        who=by.who,
        action="ask_again",
        subject=f"message:{message.id}",
        message_id=message.id,
        now=by.now,
        before={**standing, "asked_at": None if message.asked_at is None else message.asked_at.isoformat()},
        after={**standing, "asked_at": by.now.isoformat()},
        note=question,
    )
    reply_id = send(session, message, (), key=f"question:{message.id}:{act_id}", by=by, answer=Answer.QUESTION, reason=question)
    return Decided(message_id=message.id, act_id=act_id, outcome=Outcome.NEEDS_REVIEW, report_ids=(), reply_id=reply_id)


def only_report(details: MessageDetails, report: int | None) -> ReportDetails | None:
    """The held report that is meant, None where nothing was read. Raises DecisionRefused where several are held and none is named."""
    chosen = chosen_reports(details, report)
    if len(chosen) > 1:
        told = f"message {details.message.id} holds several reports, name one of: {', '.join(str(r.id) for r in chosen)}"
        raise DecisionRefused(told, code="several_held")
    return chosen[0] if chosen else None


def typed(values: Mapping[str, int] | None, evidence: Mapping[str, tuple[Evidence, ...]], by: Reviewer) -> dict[str, tuple[Evidence, ...]]:
    """The evidence of figures that a person typed, before what was read of the same fields."""
    return {
        name: (Evidence(document="", place="", raw=str(value), method="human", reader=by.who), *evidence.get(name, ()))
        for name, value in (values or {}).items()
    }


def _refuse(
    session: Session,
    details: MessageDetails,
    report: int | None,
    *,
    by: Reviewer,
    action: str,
    answer: Answer | None,
    reason: str,
    nothing_taken: Outcome | None = None,
) -> Decided:
    chosen = chosen_reports(details, report)
    decided = tuple(replace(draft_of(item), status=ReportStatus.REJECTED) for item in chosen)
    for item, judged in zip(chosen, decided, strict=True):
        decide_report(session, item.id, judged, arrived_at=item.arrived_at, now=by.now)
    ids = tuple(item.id for item in chosen)
    return close(session, details, ids, decided, by=by, answer=answer, action=action, reason=reason, nothing_taken=nothing_taken)
