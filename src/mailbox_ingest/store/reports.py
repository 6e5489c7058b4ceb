"""Reads reports back: what is accepted now, what was accepted as of a moment, and what one place went through."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, Select, and_, or_, select
from sqlalchemy.orm import Session

from mailbox_ingest.model import ReportStatus, StoredReport
from mailbox_ingest.periods import Period
from mailbox_ingest.store.tables import CURRENT, REPORT_FIELDS, REPORTS


def accepted_reports(
    session: Session,
    form: str,
    units: Collection[str] | None = None,
    *,
    as_of: datetime | None = None,
    since: Period | None = None,
    until: Period | None = None,
) -> tuple[StoredReport, ...]:
    """The accepted reports that stand (or stood at `as_of`), of all or some units and periods (inclusive), ordered by unit and period."""
    query = select(REPORTS).where(REPORTS.c.form == form, _standing(as_of)).order_by(REPORTS.c.unit, REPORTS.c.period)
    if units is not None:
        query = query.where(REPORTS.c.unit.in_(sorted(units)))
    if since is not None:
        query = query.where(REPORTS.c.period >= str(since))
    if until is not None:
        query = query.where(REPORTS.c.period <= str(until))
    return _load(session, query, as_of)


def reports_of_period(session: Session, form: str, period: Period, *, as_of: datetime | None = None) -> tuple[StoredReport, ...]:
    """The accepted reports of one period, ordered by unit."""
    place = (REPORTS.c.form == form) & (REPORTS.c.period == str(period))
    return _load(session, select(REPORTS).where(place, _standing(as_of)).order_by(REPORTS.c.unit), as_of)


def report_history(session: Session, form: str, unit: str, period: Period) -> tuple[StoredReport, ...]:
    """Every report ever read for this place, whatever became of it, oldest first."""
    place = (REPORTS.c.form == form) & (REPORTS.c.unit == unit) & (REPORTS.c.period == str(period))
    return _load(session, select(REPORTS).where(place).order_by(REPORTS.c.id), None)


def held_reports(session: Session, form: str, period: Period) -> tuple[StoredReport, ...]:
    """Reports of a period that wait for a person and whose unit is known, ordered by unit."""
    place = (REPORTS.c.form == form) & (REPORTS.c.period == str(period)) & REPORTS.c.unit.is_not(None)
    held = REPORTS.c.status == ReportStatus.NEEDS_REVIEW.value
    return _load(session, select(REPORTS).where(place, held).order_by(REPORTS.c.unit, REPORTS.c.id), None)


def reports_by_id(session: Session, ids: Iterable[int]) -> dict[int, StoredReport]:
    """Reports that have a unit and a period, by id."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    placed = REPORTS.c.id.in_(wanted) & REPORTS.c.unit.is_not(None) & REPORTS.c.period.is_not(None)
    return {report.id: report for report in _load(session, select(REPORTS).where(placed), None)}


def previous_report(session: Session, form: str, unit: str, before: Period) -> StoredReport | None:
    """The unit's last accepted report of an earlier period."""
    place = (REPORTS.c.form == form) & (REPORTS.c.unit == unit) & (REPORTS.c.period < str(before))
    found = _load(session, select(REPORTS).where(place, CURRENT).order_by(REPORTS.c.period.desc()).limit(1), None)
    return found[0] if found else None


def current_report(session: Session, form: str, unit: str, period: Period) -> StoredReport | None:
    """The accepted report that stands at this place."""
    place = (REPORTS.c.form == form) & (REPORTS.c.unit == unit) & (REPORTS.c.period == str(period))
    found = _load(session, select(REPORTS).where(place, CURRENT), None)
    return found[0] if found else None


def _standing(as_of: datetime | None) -> ColumnElement[bool]:
    if as_of is None:
        return and_(CURRENT)
    return and_(REPORTS.c.accepted_at <= as_of, or_(REPORTS.c.superseded_at.is_(None), REPORTS.c.superseded_at > as_of))


def _load(session: Session, query: Select[tuple[object, ...]], as_of: datetime | None) -> tuple[StoredReport, ...]:
    rows = session.execute(query).mappings().all()
    values: dict[int, dict[str, int]] = {row["id"]: {} for row in rows}
    columns = (REPORT_FIELDS.c.report_id, REPORT_FIELDS.c.field, REPORT_FIELDS.c.value)
    # The same condition again as a subquery: two statements, however many reports there are.
    same = REPORT_FIELDS.c.report_id.in_(query.with_only_columns(REPORTS.c.id))
    for report_id, field, value in session.execute(select(*columns).where(same, REPORT_FIELDS.c.value.is_not(None))):
        if report_id in values:
            values[report_id][field] = value
    return tuple(_report(row, values[row["id"]], as_of) for row in rows)


def _report(row: RowMapping, values: dict[str, int], as_of: datetime | None) -> StoredReport:
    return StoredReport(
        id=row["id"],
        form=row["form"],
        unit=row["unit"],
        period=Period.parse(row["period"]),
        values=values,
        status=ReportStatus(row["accepted_status"] if as_of is not None else row["status"]),
        message_id=row["message_id"],
        arrived_at=row["arrived_at"],
        sender=row["sender"],
        sender_registered=row["sender_registered"],
        by_human=row["by_human"],
        first_arrived_at=row["first_arrived_at"],
    )
