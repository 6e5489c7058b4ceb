"""What a replay asks of the ledger and writes to it: the mails as they were read, what people settled, and readings that replace others.

A reading that was replaced stays: its reports that stood are superseded, and all of them move
behind `EARLIER_READING`, out of the present reading.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, text, update
from sqlalchemy.orm import Session

from mailbox_ingest.errors import ConflictError
from mailbox_ingest.model import TAKEN, DocumentFailure, JudgedReport, ReportStatus, StoredReport, Verdict
from mailbox_ingest.periods import Period
from mailbox_ingest.store.ledger.records import EARLIER_READING, AttachmentRecord
from mailbox_ingest.store.ledger.rows import attachment_rows, failure_rows, field_rows, finding_rows, report_row
from mailbox_ingest.store.reports.standing import stood_reports
from mailbox_ingest.store.tables import ACTS, ATTACHMENTS, DOCUMENT_FAILURES, FINDINGS, MESSAGES, REPORT_FIELDS, REPORTS

REPLAY = "replay"  # the act; every other act whose subject is a message is a person's decision on it


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMessage:
    """A message that was read, in the order of reading. `decided_by` is who acted on it, None where nobody did."""

    id: int
    finished_at: datetime
    registry_id: int | None
    decided_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """A report that stands or once stood: since when, as what it was accepted, and whether it stands now. `present`: it belongs to the
    present reading of its mail."""

    report: StoredReport
    since: datetime
    accepted_as: ReportStatus
    stands: bool
    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMoved:
    """Two units became one: the reports of these places went from `unit` to `into`."""

    at: datetime
    unit: str
    into: str
    places: tuple[tuple[str, Period], ...]
    reports: frozenset[int]


def read_messages(session: Session) -> tuple[ReadMessage, ...]:
    """Messages that a reader finished (copies that were never opened are not among them), in the order in which they were judged."""
    # An act on an address names the mail that it came from, and decides nothing of that mail.
    decides = and_(ACTS.c.message_id.is_not(None), ACTS.c.subject.startswith("message:"), ACTS.c.action != REPLAY)
    deciders = select(ACTS.c.message_id, func.max(ACTS.c.who).label("who")).where(decides)
    acted = deciders.group_by(ACTS.c.message_id).subquery()
    query = select(MESSAGES.c.id, MESSAGES.c.finished_at, MESSAGES.c.registry_id, acted.c.who)
    opened = or_(MESSAGES.c.duplicate_of.is_(None), acted.c.who.is_not(None))  # merged by a person, or never opened
    query = query.outerjoin(acted, acted.c.message_id == MESSAGES.c.id).where(MESSAGES.c.state == "done", opened)
    return tuple(
        ReadMessage(id=row.id, finished_at=row.finished_at, registry_id=row.registry_id, decided_by=row.who)
        for row in session.execute(query.order_by(MESSAGES.c.finished_at, MESSAGES.c.id))
    )


def moved_units(session: Session) -> tuple[UnitMoved, ...]:
    """Every merger of units, oldest first."""
    rows = session.execute(select(ACTS).where(ACTS.c.action == "merge_units").order_by(ACTS.c.id)).mappings()
    return tuple(
        UnitMoved(
            at=row["at"],
            unit=row["after"]["unit"],
            into=row["after"]["into"],
            places=tuple((form, Period.parse(period)) for form, period in row["after"]["places"]),
            reports=frozenset(row["after"]["reports"]),
        )
        for row in rows
    )


def stood(session: Session) -> tuple[Stood, ...]:
    """Every report that stands or once stood, in the order in which they were written.

    What a mail itself said counts from the mail's reading on, however often it was read since; what a person settled, from the first
    moment it was settled so.
    """
    columns = (REPORTS.c.id, REPORTS.c.position, REPORTS.c.accepted_at, REPORTS.c.accepted_status, REPORTS.c.status, MESSAGES.c.finished_at)
    query = select(*columns).join(MESSAGES, MESSAGES.c.id == REPORTS.c.message_id).where(REPORTS.c.accepted_at.is_not(None))
    rows = {row.id: row for row in session.execute(query)}
    first: dict[tuple[int, str, str, Period], datetime] = {}
    found: list[Stood] = []
    for report in stood_reports(session):
        row = rows[report.id]
        key = (report.message_id, report.form, report.unit, report.period)
        since = row.finished_at or row.accepted_at
        if report.by_human:
            since = first.setdefault(key, row.accepted_at)
        accepted_as = ReportStatus(row.accepted_status)
        stands = row.status in TAKEN
        found.append(
            Stood(
                report=replace(report, status=accepted_as),
                since=since,
                accepted_as=accepted_as,
                stands=stands,
                present=row.position < EARLIER_READING,
            )
        )
    return tuple(found)


def ledger_mark(session: Session) -> tuple[int, int, int]:
    """Three numbers that move whenever a mail is read or a person acts."""
    done = session.scalar(select(func.count()).select_from(MESSAGES).where(MESSAGES.c.state == "done"))
    reports, acts = session.scalar(select(func.max(REPORTS.c.id))), session.scalar(select(func.max(ACTS.c.id)))
    return (done or 0, reports or 0, acts or 0)


def hold_reports(session: Session) -> None:
    """From now on nobody else writes a report until the caller's transaction ends: what is read then stays true. On SQLite a writing
    transaction is alone anyway. Take it after `lock_messages`, as those do who decide."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f'LOCK TABLE "{REPORTS.name}" IN SHARE ROW EXCLUSIVE MODE'))


def present_positions(session: Session, message_id: int) -> dict[int, int]:
    """The reports of the present reading of a message: position by id."""
    rows = session.execute(
        select(REPORTS.c.id, REPORTS.c.position).where(REPORTS.c.message_id == message_id, REPORTS.c.position < EARLIER_READING)
    )
    return {row.id: row.position for row in rows}


# ---------------------------------------------------------------- writing


def withdraw(session: Session, report_id: int, *, now: datetime) -> None:
    """Takes a report out of its place. Raises ConflictError when it does not stand any more."""
    gone = update(REPORTS).where(REPORTS.c.id == report_id, REPORTS.c.status.in_([status.value for status in TAKEN]))
    if session.execute(gone.values(status=ReportStatus.SUPERSEDED.value, superseded_at=now).returning(REPORTS.c.id)).first() is None:
        raise ConflictError(f"report {report_id} does not stand any more: run the replay again")


def set_aside(session: Session, message_id: int, *, only: int | None = None) -> None:
    """Moves the present reading's reports (or one) behind `EARLIER_READING`; what was held of it is settled by the new reading."""
    here = and_(REPORTS.c.message_id == message_id, REPORTS.c.position < EARLIER_READING)
    here = here if only is None else and_(here, REPORTS.c.id == only)
    held = and_(here, REPORTS.c.status == ReportStatus.NEEDS_REVIEW.value)
    session.execute(update(REPORTS).where(held).values(status=ReportStatus.REJECTED.value))
    session.execute(update(REPORTS).where(here).values(position=REPORTS.c.position + EARLIER_READING))


def write_report(
    session: Session,
    report: JudgedReport,
    *,
    message_id: int,
    position: int,
    arrived_at: datetime,
    first_arrived_at: datetime,
    sender: str,
    registered: bool,
    supersedes: int | None,
    stands: bool,
    now: datetime,
) -> int:
    """One report of a new reading. One that would have stood, had not a later mail taken its place, is superseded from the start."""
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
    row |= {"supersedes": supersedes, "previous": None, "by_human": False}
    if report.accepted_as is not None and not stands:
        row |= {"status": ReportStatus.SUPERSEDED.value, "superseded_at": now}
    number = int(session.execute(insert(REPORTS).values(row).returning(REPORTS.c.id)).scalar_one())
    fields = field_rows(report, number)
    if fields:
        session.execute(insert(REPORT_FIELDS), fields)
    return number


def write_reading(
    session: Session,
    message_id: int,
    verdict: Verdict,
    report_ids: tuple[int, ...],
    *,
    attachments: tuple[AttachmentRecord, ...],
    failures: tuple[DocumentFailure, ...],
) -> None:
    """The message's outcome, findings and files as they are read now, in the place of what was read before."""
    result: dict[str, Any] = {"outcome": verdict.outcome.value, "reason": verdict.reason, "may_reply": verdict.may_reply}
    result |= {"sender_registered": verdict.sender_registered, "quarantined": False, "last_failure": None}
    session.execute(update(MESSAGES).where(MESSAGES.c.id == message_id).values(result))
    for table in (FINDINGS, ATTACHMENTS, DOCUMENT_FAILURES):
        session.execute(delete(table).where(table.c.message_id == message_id))
    findings = finding_rows(message_id, verdict, report_ids)
    if findings:
        session.execute(insert(FINDINGS), findings)
    if attachments:
        session.execute(insert(ATTACHMENTS), attachment_rows(message_id, attachments))
    if failures:
        session.execute(insert(DOCUMENT_FAILURES), failure_rows(message_id, failures))


def set_first_arrival(session: Session, report_id: int, first_arrived_at: datetime) -> None:
    session.execute(update(REPORTS).where(REPORTS.c.id == report_id).values(first_arrived_at=first_arrived_at))


def copy_standing(session: Session, report_id: int, *, supersedes: int | None, first_arrived_at: datetime, now: datetime) -> int:
    """A report that stood before stands again: a row of its own, so that the moments of both stay known."""
    old = dict(session.execute(select(REPORTS).where(REPORTS.c.id == report_id)).mappings().one())
    position = old["position"]
    set_aside(session, old["message_id"], only=report_id)
    row = {name: value for name, value in old.items() if name != "id"}
    row |= {"position": position, "status": old["accepted_status"], "accepted_at": now, "superseded_at": None, "supersedes": supersedes}
    row |= {"first_arrived_at": first_arrived_at, "created_at": now}
    number = int(session.execute(insert(REPORTS).values(row).returning(REPORTS.c.id)).scalar_one())
    fields = session.execute(select(REPORT_FIELDS).where(REPORT_FIELDS.c.report_id == report_id)).mappings().all()
    session.execute(insert(REPORT_FIELDS), [{**field, "report_id": number} for field in fields])
    for finding in session.execute(select(FINDINGS).where(FINDINGS.c.report_id == report_id)).mappings().all():
        session.execute(insert(FINDINGS).values({**{k: v for k, v in finding.items() if k != "id"}, "report_id": number}))
    session.execute(delete(FINDINGS).where(FINDINGS.c.report_id == report_id))
    return number
