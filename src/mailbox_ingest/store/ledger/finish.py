"""Writes what was read and judged of one message: facts, attachments, reports with evidence, findings, and queues the reply."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, insert, update
from sqlalchemy.orm import Session

from mailbox_ingest.errors import ConflictError
from mailbox_ingest.model import TAKEN, DocumentFailure, IncomingMessage, JudgedReport, OutgoingMail, ReportStatus, Verdict
from mailbox_ingest.store.database.inserts import insert_unless_known
from mailbox_ingest.store.ledger.records import AttachmentRecord
from mailbox_ingest.store.ledger.rows import attachment_rows, failure_rows, field_rows, finding_rows, report_row
from mailbox_ingest.store.ledger.words import rewrite_words, words_of
from mailbox_ingest.store.outgoing.outbox import queue_mail
from mailbox_ingest.store.tables import ATTACHMENTS, CURRENT, DOCUMENT_FAILURES, FINDINGS, MESSAGES, OPEN_MESSAGE, REPORT_FIELDS, REPORTS

# Built once: every message comes through here. Columns that are not named take their values from the parameters.
_FINISH = (
    update(MESSAGES)
    .where(MESSAGES.c.id == bindparam("number"), OPEN_MESSAGE)
    .values(state="done", lease_until=None, last_failure=None)
    .returning(MESSAGES.c.arrived_at, MESSAGES.c.recorded_at)
)


def finish_message(
    session: Session,
    message_id: int,
    *,
    incoming: IncomingMessage,
    verdict: Verdict,
    failures: tuple[DocumentFailure, ...] = (),
    attachments: tuple[AttachmentRecord, ...] = (),
    outgoing: OutgoingMail | None = None,
    now: datetime,
    arrived_at: datetime | None = None,
    registry_id: int | None = None,
) -> tuple[int, ...]:
    """Finishes a message once; gives the ids of its reports in the verdict's order.

    `arrived_at` is the arrival the judge went by; without it INTERNALDATE, else Received, else Date, else the moment of recording.
    `registry_id` names the registry that was known.
    Raises ConflictError when somebody else finished the message, took the place of the report to be superseded, or had a report of the
    same form, unit and period accepted meanwhile: roll back, and judge again against what is there now.
    """
    connection = session.connection()
    row = connection.execute(
        _FINISH, {"number": message_id, "finished_at": now, "registry_id": registry_id, **_facts(incoming), **_result(verdict)}
    ).first()
    if row is None:
        raise ConflictError(f"message {message_id} is already finished", code="message_finished")
    arrival = arrived_at or row.arrived_at or incoming.received_at or incoming.sent_at or row.recorded_at
    if row.arrived_at != arrival:
        session.execute(update(MESSAGES).where(MESSAGES.c.id == message_id).values(arrived_at=arrival))
    if attachments:
        connection.execute(insert(ATTACHMENTS), attachment_rows(message_id, attachments))
    if failures:
        connection.execute(insert(DOCUMENT_FAILURES), failure_rows(message_id, failures))
    _rewrite_words(session, message_id, incoming, attachments)
    sender = incoming.sender.email if incoming.sender else ""
    report_ids = tuple(
        add_report(
            session,
            report,
            message_id=message_id,
            position=n,
            arrived_at=arrival,
            sender=sender,
            registered=verdict.sender_registered,
            now=now,
        )
        for n, report in enumerate(verdict.reports)
    )
    findings = finding_rows(message_id, verdict, report_ids)
    if findings:
        connection.execute(insert(FINDINGS), findings)
    if outgoing is not None:
        queue_mail(session, outgoing, now=now, in_answer_to=message_id)
    return report_ids


def add_report(
    session: Session,
    report: JudgedReport,
    *,
    message_id: int,
    position: int,
    arrived_at: datetime,
    sender: str,
    registered: bool,
    now: datetime,
    by_human: bool = False,
) -> int:
    """Writes one report with its fields (not its findings). Raises ConflictError as `finish_message`."""
    taken = report.status in TAKEN
    replaced = supersede(session, report, now=now) if taken and report.supersedes is not None else None
    first_arrived_at = min(arrived_at, replaced.first_arrived_at) if replaced is not None else arrived_at
    if report.yields_to is not None:
        _tell_arrival(session, report, arrived_at)
    row = report_row(
        report,
        message_id=message_id,
        position=position,
        arrived_at=arrived_at,
        first_arrived_at=first_arrived_at,
        sender=sender,
        registered=registered,
        now=now,
    )
    row["supersedes"] = report.supersedes
    row["previous"] = None if report.previous is None else report.previous.id
    row["by_human"] = by_human
    written = insert_unless_known(session, REPORTS, [row], unique=("form", "unit", "period"), where=CURRENT, returning="id")
    if not written:
        told = f"a report {report.form} of {report.unit} for {report.period} was accepted meanwhile"
        raise ConflictError(told, code="place_taken", unit=report.unit, period=report.period)
    report_id = int(written[0])
    fields = field_rows(report, report_id)
    if fields:
        session.connection().execute(insert(REPORT_FIELDS), fields)
    return report_id


def supersede(session: Session, report: JudgedReport, *, now: datetime) -> Row[Any]:
    """Takes the current report out of its place for `report`. Raises ConflictError when it is no longer the current one there."""
    return _change_current(session, report, report.supersedes, status=ReportStatus.SUPERSEDED.value, superseded_at=now)


def _tell_arrival(session: Session, report: JudgedReport, arrived_at: datetime) -> None:
    """The report that overtook `report` is as timely as what came first. Raises ConflictError when it does not stand there any more."""
    first = case((REPORTS.c.first_arrived_at > arrived_at, arrived_at), else_=REPORTS.c.first_arrived_at)
    _change_current(session, report, report.yields_to, first_arrived_at=first)


def _change_current(session: Session, report: JudgedReport, number: int | None, **values: Any) -> Row[Any]:
    """Changes the report `number` where it is the current one at the place of `report`; raises ConflictError where it is not."""
    place = and_(REPORTS.c.form == report.form, REPORTS.c.unit == report.unit, REPORTS.c.period == str(report.period))
    changed = update(REPORTS).where(REPORTS.c.id == number, CURRENT, place).values(**values)
    row = session.execute(changed.returning(REPORTS.c.id, REPORTS.c.first_arrived_at)).first()
    if row is None:
        told = f"report {number} is no longer the current one of {report.unit} for {report.period}"
        raise ConflictError(told, code="place_taken", unit=report.unit, period=report.period)
    return row


def _rewrite_words(session: Session, message_id: int, incoming: IncomingMessage, attachments: tuple[AttachmentRecord, ...]) -> None:
    name, email = (incoming.sender.name, incoming.sender.email) if incoming.sender else (None, None)
    rewrite_words(session, message_id, words_of(incoming.subject, name, email, (item.name for item in attachments)))


def _facts(incoming: IncomingMessage) -> Mapping[str, Any]:
    facts: dict[str, Any] = {
        "subject": incoming.subject,
        "sent_at": incoming.sent_at,
        "received_at": incoming.received_at,
        "in_reply_to": incoming.in_reply_to,
        "reference_ids": list(incoming.references),
        "automatic": incoming.automatic,
        "authentication": incoming.authentication.result.value,
        "authentication_detail": incoming.authentication.detail,
        "rfc_message_id": incoming.message_id,
        "sender_email": incoming.sender.email if incoming.sender else None,
        "sender_name": incoming.sender.name if incoming.sender else None,
    }
    return facts


def _result(verdict: Verdict) -> Mapping[str, Any]:
    return {
        "outcome": verdict.outcome.value,
        "reason": verdict.reason,
        "may_reply": verdict.may_reply,
        "sender_registered": verdict.sender_registered,
    }
