"""Reads the ledger back: one message, lists, counts, and a message with everything that was read in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, func, select
from sqlalchemy.orm import Session

from mailbox_ingest.model import DocumentFailure, Finding, Outcome, ReportStatus
from mailbox_ingest.periods import Period
from mailbox_ingest.store.database.codec import evidence_from_json, finding_from_row
from mailbox_ingest.store.database.types import LARGEST_INTEGER
from mailbox_ingest.store.ledger.records import AttachmentRecord, LedgerCounts, MessageDetails, ReportDetails, StoredMessage
from mailbox_ingest.store.reports.standing import reports_by_id
from mailbox_ingest.store.tables import ATTACHMENTS, DOCUMENT_FAILURES, FINDINGS, MESSAGES, OPEN_MESSAGE, REPORT_FIELDS, REPORTS

_SAME_NAME = (
    "id",
    "account",
    "folder",
    "uidvalidity",
    "uid",
    "size_bytes",
    "truncated",
    "arrived_at",
    "recorded_at",
    "state",
    "attempts",
    "quarantined",
    "last_failure",
    "finished_at",
    "sender_email",
    "sender_name",
    "subject",
    "sent_at",
    "received_at",
    "in_reply_to",
    "automatic",
    "authentication",
    "authentication_detail",
    "reason",
    "may_reply",
    "sender_registered",
    "duplicate_of",
    "asked_at",
)


def find_message(session: Session, key: int | str) -> StoredMessage | None:
    """By ledger id (a number), or by Message-ID with or without angle brackets: the oldest, originals before duplicates."""
    if isinstance(key, int) or key.strip().isdecimal():
        if int(key) > LARGEST_INTEGER:
            return None
        condition = MESSAGES.c.id == int(key)
    else:
        bare = key.strip().removeprefix("<").removesuffix(">")
        condition = MESSAGES.c.rfc_message_id.in_([f"<{bare}>", bare])
    query = select(MESSAGES).where(condition).order_by(MESSAGES.c.duplicate_of.is_not(None), MESSAGES.c.id).limit(1)
    row = session.execute(query).mappings().first()
    return None if row is None else _message(row)


def list_messages(
    session: Session,
    *,
    outcome: Outcome | None = None,
    state: str | None = None,
    sender: str | None = None,
    since: datetime | None = None,
    before_id: int | None = None,
    limit: int = 100,
) -> tuple[StoredMessage, ...]:
    """Newest first; `since` is the moment of recording; `before_id` continues a list."""
    query = select(MESSAGES).order_by(MESSAGES.c.id.desc()).limit(limit)
    if outcome is not None:
        query = query.where(MESSAGES.c.outcome == outcome.value)
    if state is not None:
        query = query.where(MESSAGES.c.state == state)
    if sender is not None:
        query = query.where(MESSAGES.c.sender_email == sender.lower())
    if since is not None:
        query = query.where(MESSAGES.c.recorded_at >= since)
    if before_id is not None:
        query = query.where(MESSAGES.c.id < before_id)
    return stored_messages(session, query)


def stored_messages(session: Session, query: Select[Any]) -> tuple[StoredMessage, ...]:
    """The messages that a query over the ledger's columns gives, in its order."""
    return tuple(_message(row) for row in session.execute(query).mappings())


def count_messages(session: Session, *, since: datetime | None = None) -> LedgerCounts:
    """Open and finished messages, all or those recorded since a moment."""
    # Two questions that indices answer: one over all columns would read every row of a ledger of years.
    ended = select(MESSAGES.c.outcome, func.count()).where(MESSAGES.c.outcome.is_not(None)).group_by(MESSAGES.c.outcome)
    unread = select(MESSAGES.c.state, func.count()).where(OPEN_MESSAGE).group_by(MESSAGES.c.state)
    if since is not None:
        ended, unread = (query.where(MESSAGES.c.recorded_at >= since) for query in (ended, unread))
    open_counts = {state: int(count) for state, count in session.execute(unread)}
    outcomes = {Outcome(outcome): int(count) for outcome, count in session.execute(ended)}
    return LedgerCounts(received=open_counts.get("received", 0), reading=open_counts.get("reading", 0), outcomes=outcomes)


def count_waiting(session: Session) -> int:
    """Messages that wait for a person: from an index, because every page of the desk says it."""
    held = select(func.count()).select_from(MESSAGES).where(MESSAGES.c.outcome == Outcome.NEEDS_REVIEW.value)
    return session.scalar(held) or 0


def message_details(session: Session, message_id: int) -> MessageDetails | None:
    """A message with its reports, values, evidence, findings, attachments and failures; None for an unknown id."""
    message = find_message(session, message_id)
    if message is None:
        return None
    findings: dict[int | None, list[Finding]] = {}
    for row in session.execute(select(FINDINGS).where(FINDINGS.c.message_id == message_id).order_by(FINDINGS.c.id)).mappings():
        findings.setdefault(row["report_id"], []).append(finding_from_row(dict(row)))
    return MessageDetails(
        message=message,
        reports=_reports(session, message_id, findings),
        findings=tuple(findings.get(None, ())),
        attachments=_attachments(session, message_id),
        failures=_failures(session, message_id),
    )


def _reports(session: Session, message_id: int, findings: dict[int | None, list[Finding]]) -> tuple[ReportDetails, ...]:
    rows = session.execute(select(REPORTS).where(REPORTS.c.message_id == message_id).order_by(REPORTS.c.position)).mappings().all()
    fields: dict[int, list[RowMapping]] = {row["id"]: [] for row in rows}
    for field in session.execute(select(REPORT_FIELDS).where(REPORT_FIELDS.c.report_id.in_(list(fields)))).mappings():
        fields[field["report_id"]].append(field)
    previous = reports_by_id(session, [row["previous"] for row in rows if row["previous"] is not None])
    return tuple(
        ReportDetails(
            id=row["id"],
            form=row["form"],
            unit=row["unit"],
            period=None if row["period"] is None else Period.parse(row["period"]),
            status=ReportStatus(row["status"]),
            values={field["field"]: field["value"] for field in fields[row["id"]] if field["value"] is not None},
            evidence={field["field"]: tuple(evidence_from_json(item) for item in field["evidence"]) for field in fields[row["id"]]},
            findings=tuple(findings.get(row["id"], ())),
            on_time=row["on_time"],
            due_at=row["due_at"],
            arrived_at=row["arrived_at"],
            supersedes=row["supersedes"],
            by_human=row["by_human"],
            previous=previous.get(row["previous"]),
        )
        for row in rows
    )


def _attachments(session: Session, message_id: int) -> tuple[AttachmentRecord, ...]:
    query = select(ATTACHMENTS).where(ATTACHMENTS.c.message_id == message_id).order_by(ATTACHMENTS.c.position)
    names = ("path", "name", "content_type", "size_bytes", "sha256", "outcome")
    return tuple(AttachmentRecord(**{name: row[name] for name in names}) for row in session.execute(query).mappings())


def _failures(session: Session, message_id: int) -> tuple[DocumentFailure, ...]:
    query = select(DOCUMENT_FAILURES).where(DOCUMENT_FAILURES.c.message_id == message_id).order_by(DOCUMENT_FAILURES.c.position)
    return tuple(DocumentFailure(path=row["path"], code=row["code"], detail=row["detail"]) for row in session.execute(query).mappings())


def _message(row: RowMapping) -> StoredMessage:
    return StoredMessage(
        message_id=row["rfc_message_id"],
        gm_msgid=None if row["gm_msgid"] is None else int(row["gm_msgid"]),
        gm_thrid=None if row["gm_thrid"] is None else int(row["gm_thrid"]),
        references=tuple(row["reference_ids"]),
        outcome=None if row["outcome"] is None else Outcome(row["outcome"]),
        **{name: row[name] for name in _SAME_NAME},
    )
