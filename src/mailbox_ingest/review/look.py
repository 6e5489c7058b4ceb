"""Held messages as a person needs to see them: what was read, with evidence, beside what stands and what came before."""

from __future__ import annotations

import hashlib

from sqlalchemy.orm import Session

from mailbox_ingest.errors import ConflictError, DecisionRefused, Overtaken
from mailbox_ingest.model import Outcome, ReportStatus, StoredReport
from mailbox_ingest.review.nouns import Forms, HeldMessage, HeldReport
from mailbox_ingest.review.rules import obstacles
from mailbox_ingest.store.ledger.lookup import find_message, list_messages, message_details
from mailbox_ingest.store.ledger.records import MessageDetails, ReportDetails
from mailbox_ingest.store.people.audit import list_acts
from mailbox_ingest.store.people.decisions import lock_messages
from mailbox_ingest.store.reports.standing import current_report, previous_report


def list_held(session: Session, *, limit: int = 200) -> tuple[MessageDetails, ...]:
    """Messages that wait for a person, newest first."""
    held = list_messages(session, outcome=Outcome.NEEDS_REVIEW, limit=limit)
    return tuple(details for message in held if (details := message_details(session, message.id)) is not None)


def show_held(session: Session, key: int | str, *, forms: Forms) -> HeldMessage:
    """By ledger id or Message-ID; any message may be looked at. Raises DecisionRefused for an unknown key."""
    details = find_details(session, key)
    held = tuple(
        HeldReport(
            details=report,
            current=_current(session, report),
            previous=previous_report(session, report.form, report.unit, report.period) if report.unit and report.period else None,
            obstacles=tuple(item.text for item in obstacles(report.form, report.unit, report.period, report.values, forms)),
        )
        for report in held_of(details)
    )
    return HeldMessage(
        details=details, held=held, acts=list_acts(session, message_id=details.message.id), version=version_of(session, details)
    )


def find_details(session: Session, key: int | str) -> MessageDetails:
    """Raises DecisionRefused for an unknown key."""
    message = find_message(session, key)
    details = None if message is None else message_details(session, message.id)
    if details is None:
        raise DecisionRefused(f"there is no message {key!r}: give its number in the ledger or its Message-ID", code="message_unknown")
    return details


def open_details(session: Session, key: int | str, *, expected_version: str | None = None) -> MessageDetails:
    """The message, locked, if it still waits for a person and is (where a version is given) as that person saw it.

    Raises Overtaken where somebody decided on it or it changed, DecisionRefused where it never waited.
    """
    found = find_details(session, key)
    lock_messages(session, found.message.id)
    details = find_details(session, found.message.id)  # as it is now that nobody else can decide
    check_open(session, details)
    check_version(session, details, expected_version)
    return details


def check_open(session: Session, details: MessageDetails) -> None:
    """Raises as `open_details`."""
    message = details.message
    if message.outcome is Outcome.NEEDS_REVIEW:
        return
    acts = list_acts(session, message_id=message.id, subject=f"message:{message.id}", limit=1)
    if acts:
        who, at, action = acts[0].who, acts[0].at, acts[0].action
        raise Overtaken(
            f"message {message.id} was decided by {who} at {at.isoformat()} ({action}): look again", who=who, at=at, action=action
        )
    state = message.outcome.value if message.outcome else message.state
    raise DecisionRefused(f"message {message.id} does not wait for a person: it is {state}", code="not_waiting", outcome=state)


def check_version(session: Session, details: MessageDetails, expected: str | None) -> None:
    """Raises Overtaken where the message is not what was shown under `expected`."""
    now = version_of(session, details)
    if expected is None or expected == now:
        return
    number = details.message.id
    acts = list_acts(session, message_id=number, limit=1)
    if acts and expected.partition("-")[0] != now.partition("-")[0]:
        who, at, action = acts[0].who, acts[0].at, acts[0].action
        told = f"message {number} changed since it was shown: {who} at {at.isoformat()} ({action}); look again"
        raise Overtaken(told, who=who, at=at, action=action)
    raise Overtaken(f"message {number} changed since it was shown: it was read again, or another report took its place; look again")


def version_of(session: Session, details: MessageDetails) -> str:
    """The last act on the message and a digest of everything a decision rests on; opaque to callers."""
    message = details.message
    acts = list_acts(session, message_id=message.id, limit=1)
    stands = [(item.id, None if current is None else current.id) for item in held_of(details) for current in (_current(session, item),)]
    reports = [(item.id, item.status.value, item.unit, str(item.period), sorted(item.values.items())) for item in details.reports]
    facts = (message.outcome, message.state, message.attempts, message.finished_at, message.reason, reports, stands)
    return f"{acts[0].id if acts else 0}-{hashlib.sha256(repr(facts).encode()).hexdigest()[:16]}"


def held_of(details: MessageDetails) -> tuple[ReportDetails, ...]:
    return tuple(item for item in details.reports if item.status is ReportStatus.NEEDS_REVIEW)


def chosen_reports(details: MessageDetails, report: int | None) -> tuple[ReportDetails, ...]:
    """The held reports that are meant. Raises ConflictError for one that was decided meanwhile."""
    held = held_of(details)
    if report is None:
        return held
    named = tuple(item for item in held if item.id == report)
    if named:
        return named
    if any(item.id == report for item in details.reports):
        told = f"report {report} of message {details.message.id} does not wait for a decision any more: look again"
        raise ConflictError(told, code="report_gone")
    told = f"message {details.message.id} has no report {report}; held: {', '.join(str(r.id) for r in held) or 'none'}"
    raise DecisionRefused(told, code="report_gone")


def _current(session: Session, report: ReportDetails) -> StoredReport | None:
    return current_report(session, report.form, report.unit, report.period) if report.unit and report.period else None
