"""Reads reports back: what is accepted now, what was accepted as of a moment, and what one place went through."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from mailbox_ingest.model import ReportStatus, StoredReport
from mailbox_ingest.periods import Period
from mailbox_ingest.store.tables import CURRENT, REPORT_FIELDS, REPORTS

_MANY = 400  # ids in one IN list: well under every driver's limit of parameters
_COLUMNS = (
    REPORTS.c.id,
    REPORTS.c.form,
    REPORTS.c.unit,
    REPORTS.c.period,
    REPORTS.c.message_id,
    REPORTS.c.arrived_at,
    REPORTS.c.first_arrived_at,
    REPORTS.c.sender,
    REPORTS.c.sender_registered,
    REPORTS.c.by_human,
)


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
    if units is not None and as_of is None and since is None and until is None:
        return _found(session.connection(), _OF_UNITS, _VALUES_OF_UNITS, {"of_form": form, "of_units": sorted(units)})
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


def restated_reports(
    session: Session, form: str, *, said_at: datetime, as_of: datetime, before: Period
) -> tuple[tuple[StoredReport, ...], tuple[StoredReport, ...]]:
    """Where accepted reports of periods earlier than `before` changed after `said_at` and up to `as_of`: what stood there then, and what
    stands there at `as_of`."""
    touched = or_(
        and_(REPORTS.c.accepted_at > said_at, REPORTS.c.accepted_at <= as_of),
        and_(REPORTS.c.superseded_at > said_at, REPORTS.c.superseded_at <= as_of),
    )
    query = select(REPORTS).where(REPORTS.c.form == form, REPORTS.c.period < str(before), touched)
    query = query.order_by(REPORTS.c.period, REPORTS.c.unit)
    then, now = (_load(session, query.where(_standing(moment)), moment) for moment in (said_at, as_of))
    return then, now


def report_history(session: Session, form: str, unit: str, period: Period) -> tuple[StoredReport, ...]:
    """Every report ever read for this place, whatever became of it, oldest first."""
    place = (REPORTS.c.form == form) & (REPORTS.c.unit == unit) & (REPORTS.c.period == str(period))
    return _load(session, select(REPORTS).where(place).order_by(REPORTS.c.id), None)


def held_reports(session: Session, form: str, period: Period) -> tuple[StoredReport, ...]:
    """Reports of a period that wait for a person and whose unit is known, ordered by unit."""
    place = (REPORTS.c.form == form) & (REPORTS.c.period == str(period)) & REPORTS.c.unit.is_not(None)
    held = REPORTS.c.status == ReportStatus.NEEDS_REVIEW.value
    return _load(session, select(REPORTS).where(place, held).order_by(REPORTS.c.unit, REPORTS.c.id), None)


def stood_reports(session: Session) -> tuple[StoredReport, ...]:
    """Every report that stands or once stood, by id."""
    return _load(session, select(REPORTS).where(REPORTS.c.accepted_at.is_not(None)).order_by(REPORTS.c.id), None)


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


def _load(session: Session, query: Select[Any], as_of: datetime | None) -> tuple[StoredReport, ...]:
    status_column = REPORTS.c.status if as_of is None else REPORTS.c.accepted_status
    # The same condition again as a subquery instead of a list of ids.
    values = _values_where(REPORT_FIELDS.c.report_id.in_(query.with_only_columns(REPORTS.c.id)))
    return _found(session.connection(), query.with_only_columns(status_column, *_COLUMNS), values, {})


def _found(
    connection: Connection, reports_query: Select[Any], values_query: Select[Any], parameters: Mapping[str, Any]
) -> tuple[StoredReport, ...]:
    """Two statements however many reports there are, and only the columns that are needed: a digest reads every week of every unit."""
    rows = connection.execute(reports_query, parameters).all()
    if not rows:
        return ()
    values = _values(connection, values_query, parameters)
    # Where another worker superseded a report between the two statements, the subquery does not find it any more.
    missed = [row[1] for row in rows if row[1] not in values]
    for start in range(0, len(missed), _MANY):
        values |= _values(connection, _values_where(REPORT_FIELDS.c.report_id.in_(missed[start : start + _MANY])), {})
    periods: dict[str, Period] = {}
    statuses = {status.value: status for status in ReportStatus}
    found: list[StoredReport] = []
    for row in rows:
        status, number, form, unit, week, message_id, arrived_at, first_arrived_at, sender, registered, by_human = row
        period = periods.get(week)
        if period is None:
            period = periods[week] = Period.parse(week)
        found.append(
            StoredReport(
                id=number,
                form=form,
                unit=unit,
                period=period,
                values=values.get(number, {}),
                status=statuses[status],
                message_id=message_id,
                arrived_at=arrived_at,
                sender=sender,
                sender_registered=registered,
                by_human=by_human,
                first_arrived_at=first_arrived_at,
            )
        )
    return tuple(found)


def _values_where(which: ColumnElement[bool]) -> Select[Any]:
    columns = (REPORT_FIELDS.c.report_id, REPORT_FIELDS.c.field, REPORT_FIELDS.c.value)
    return select(*columns).where(which, REPORT_FIELDS.c.value.is_not(None))


def _values(connection: Connection, query: Select[Any], parameters: Mapping[str, Any]) -> dict[int, dict[str, int]]:
    """Values that were read, by report and field."""
    values: dict[int, dict[str, int]] = {}
    for report_id, field, value in connection.execute(query, parameters):
        values.setdefault(report_id, {})[field] = value
    return values


# What judging asks for, once a message: built once.
_OF_UNITS_QUERY = (
    select(REPORTS)
    .where(REPORTS.c.form == bindparam("of_form"), CURRENT, REPORTS.c.unit.in_(bindparam("of_units", expanding=True)))
    .order_by(REPORTS.c.unit, REPORTS.c.period)
)
_OF_UNITS = _OF_UNITS_QUERY.with_only_columns(REPORTS.c.status, *_COLUMNS)
_VALUES_OF_UNITS = _values_where(REPORT_FIELDS.c.report_id.in_(_OF_UNITS_QUERY.with_only_columns(REPORTS.c.id).order_by(None)))
