"""Held messages as a person needs to see them: what was read, with evidence, beside what stands and what came before."""

from __future__ import annotations

from sqlalchemy.orm import Session

from mailbox_ingest.errors import ConflictError, DecisionRefused
from mailbox_ingest.model import Outcome, ReportStatus
from mailbox_ingest.review.nouns import Forms, HeldMessage, HeldReport
from mailbox_ingest.review.rules import obstacles
from mailbox_ingest.store.audit import list_acts
from mailbox_ingest.store.decisions import lock_message
from mailbox_ingest.store.messages import find_message, list_messages, message_details
from mailbox_ingest.store.records import MessageDetails, ReportDetails
from mailbox_ingest.store.reports import current_report, previous_report


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
            current=current_report(session, report.form, report.unit, report.period) if report.unit and report.period else None,
            previous=previous_report(session, report.form, report.unit, report.period) if report.unit and report.period else None,
            obstacles=tuple(obstacles(report.form, report.unit, report.period, report.values, forms)),
        )
        for report in details.reports
        if report.status is ReportStatus.NEEDS_REVIEW
    )
    return HeldMessage(details=details, held=held, acts=list_acts(session, message_id=details.message.id))


def find_details(session: Session, key: int | str) -> MessageDetails:
    """Raises DecisionRefused for an unknown key."""
    message = find_message(session, key)
    details = None if message is None else message_details(session, message.id)
    if details is None:
        raise DecisionRefused(f"there is no message {key!r}: give its number in the ledger or its Message-ID")
    return details


def open_details(session: Session, key: int | str) -> MessageDetails:
    """The message, locked, if it still waits for a person."""
    found = find_details(session, key)
    lock_message(session, found.message.id)
    details = find_details(session, found.message.id)  # as it is now that nobody else can decide
    message = details.message
    if message.outcome is Outcome.NEEDS_REVIEW:
        return details
    acts = list_acts(session, message_id=message.id, limit=1)
    if acts:
        raise ConflictError(f"message {message.id} was decided by {acts[0].who} at {acts[0].at.isoformat()} ({acts[0].action}): look again")
    state = message.outcome.value if message.outcome else message.state
    raise DecisionRefused(f"message {message.id} does not wait for a person: it is {state}")


def chosen_reports(details: MessageDetails, report: int | None) -> tuple[ReportDetails, ...]:
    """The held reports that are meant. Raises ConflictError for one that was decided meanwhile."""
    held = tuple(item for item in details.reports if item.status is ReportStatus.NEEDS_REVIEW)
    if report is None:
        return held
    named = tuple(item for item in held if item.id == report)
    if named:
        return named
    if any(item.id == report for item in details.reports):
        raise ConflictError(f"report {report} of message {details.message.id} does not wait for a decision any more: look again")
    raise DecisionRefused(f"message {details.message.id} has no report {report}; held: {', '.join(str(r.id) for r in held) or 'none'}")
