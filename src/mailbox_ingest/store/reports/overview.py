"""Bare rows for the pages of the desk: a week of all units, a unit through the weeks, sums by week. Few statements, whatever the size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, FromClause, Subquery, and_, func, or_, select
from sqlalchemy.orm import Session

from mailbox_ingest.model import TAKEN, Outcome, ReportStatus
from mailbox_ingest.periods import Period
from mailbox_ingest.store.ledger.records import EARLIER_READING
from mailbox_ingest.store.tables import (
    ACTS,
    MESSAGES,
    REPORT_FIELDS,
    REPORTS,
    ROSTER_ENTRIES,
    UNIT_ADDRESSES,
    UNIT_EXEMPTIONS,
    UNITS,
)

_STANDS = REPORTS.c.status.in_(sorted(status.value for status in TAKEN))
Values = tuple[int | None, ...]


class WeekRow(NamedTuple):
    """A unit that owes the week, with the report that stands; the report's columns are None where there is none. A tuple, because a page is
    made of some thousands of them."""

    code: str
    name: str
    group: str
    report_id: int | None
    message_id: int | None
    arrived_at: datetime | None  # of the first report that became acceptable
    sender: str | None
    by_human: bool | None
    values: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """One report of a unit, whatever became of it."""

    report_id: int
    message_id: int
    form: str
    period: Period
    status: ReportStatus
    arrived_at: datetime
    first_arrived_at: datetime
    due_at: datetime | None
    sender: str
    by_human: bool
    supersedes: int | None
    values: dict[str, int]


def is_frozen(session: Session, form: str, period: Period) -> bool:
    """Whether who owes this week is settled for good."""
    place = (ROSTER_ENTRIES.c.form == form) & (ROSTER_ENTRIES.c.period == str(period))
    return session.execute(select(ROSTER_ENTRIES.c.unit).where(place).limit(1)).first() is not None


def week_rows(session: Session, form: str, fields: Sequence[str], period: Period, *, due_on: date) -> tuple[WeekRow, ...]:
    """Who owes the week (as frozen, or as of now) in the order of the registry, with what stands; in one statement."""
    owing = _roster(session, form, period, due_on)
    report = and_(REPORTS.c.form == form, REPORTS.c.period == str(period), REPORTS.c.unit == owing.c.unit, _STANDS)
    source: FromClause = owing.outerjoin(REPORTS, report)
    columns: list[ColumnElement[int | None]] = []
    for name in fields:
        given = REPORT_FIELDS.alias()
        source = source.outerjoin(given, and_(given.c.report_id == REPORTS.c.id, given.c.field == name))
        columns.append(given.c.value)
    facts = (REPORTS.c.id, REPORTS.c.message_id, REPORTS.c.first_arrived_at, REPORTS.c.sender, REPORTS.c.by_human)
    query = select(owing.c.unit, owing.c.name, owing.c.group_name, *facts, *columns).select_from(source)
    found = session.connection().execute(query.order_by(owing.c.position, owing.c.unit)).all()
    return tuple(WeekRow._make((*row[:8], row[8:])) for row in found)


def _roster(session: Session, form: str, period: Period, due_on: date) -> Subquery:
    """Code, name, group and position of every unit that owes the week, as `rosters.roster_of` has them."""
    if is_frozen(session, form, period):
        table = ROSTER_ENTRIES.c
        frozen = select(table.unit, table.name, table.group_name, table.position)
        return frozen.where(table.form == form, table.period == str(period)).subquery()
    opened = or_(UNITS.c.opened_on.is_(None), UNITS.c.opened_on <= due_on)
    still = or_(UNITS.c.closed_on.is_(None), UNITS.c.closed_on > due_on)
    exempt = select(UNIT_EXEMPTIONS.c.unit).where(UNIT_EXEMPTIONS.c.form == form, UNIT_EXEMPTIONS.c.period == str(period))
    reported = select(REPORTS.c.unit).where(REPORTS.c.form == form, REPORTS.c.period == str(period), _STANDS)
    owes = or_(UNITS.c.code.not_in(exempt), UNITS.c.code.in_(reported))
    columns = (UNITS.c.code.label("unit"), UNITS.c.name, UNITS.c.group_name, UNITS.c.position)
    return select(*columns).where(UNITS.c.active, opened, still, owes).subquery()


def waiting_by_unit(
    session: Session, form: str, period: Period, *, status: ReportStatus, outcome: Outcome, since: datetime, until: datetime
) -> dict[str, tuple[int, ...]]:
    """The messages that are held (or sent back) by unit: by their reports of this week, and where a message that arrived in [since, until)
    has no report, by its sender's address."""
    by_report = select(REPORTS.c.unit, REPORTS.c.message_id).where(
        REPORTS.c.form == form,
        REPORTS.c.period == str(period),
        REPORTS.c.status == status.value,
        REPORTS.c.unit.is_not(None),
        REPORTS.c.position < EARLIER_READING,
    )
    any_report = select(REPORTS.c.id).where(REPORTS.c.message_id == MESSAGES.c.id).exists()
    by_address = (
        select(UNIT_ADDRESSES.c.unit, MESSAGES.c.id)
        .join(MESSAGES, MESSAGES.c.sender_email == UNIT_ADDRESSES.c.email)
        .where(MESSAGES.c.outcome == outcome.value, MESSAGES.c.arrived_at >= since, MESSAGES.c.arrived_at < until, ~any_report)
    )
    found: dict[str, dict[int, None]] = {}
    for query in (by_report, by_address):
        for unit, message in session.connection().execute(query).all():
            found.setdefault(unit, {})[message] = None
    return {unit: tuple(sorted(messages)) for unit, messages in found.items()}


def units_with_addresses(session: Session) -> dict[str, frozenset[str]]:
    """The addresses of every unit that has one."""
    found: dict[str, set[str]] = {}
    for unit, email in session.connection().execute(select(UNIT_ADDRESSES.c.unit, UNIT_ADDRESSES.c.email)).all():
        found.setdefault(unit, set()).add(email)
    return {unit: frozenset(emails) for unit, emails in found.items()}


def unit_reports(session: Session, unit: str, *, since: Period) -> tuple[HistoryRow, ...]:
    """Every report of a unit from that week on, newest week first, and within a week the latest first."""
    counts = or_(REPORTS.c.position < EARLIER_READING, REPORTS.c.accepted_at.is_not(None))  # what only an earlier reading held is past
    place = and_(REPORTS.c.unit == unit, REPORTS.c.period >= str(since), counts)
    rows = session.execute(select(REPORTS).where(place).order_by(REPORTS.c.period.desc(), REPORTS.c.id.desc())).mappings().all()
    figures: dict[int, dict[str, int]] = {}
    columns = (REPORT_FIELDS.c.report_id, REPORT_FIELDS.c.field, REPORT_FIELDS.c.value)
    wanted = select(*columns).join(REPORTS, REPORTS.c.id == REPORT_FIELDS.c.report_id).where(place, REPORT_FIELDS.c.value.is_not(None))
    for number, field, value in session.execute(wanted):
        figures.setdefault(number, {})[field] = value
    same = ("message_id", "form", "arrived_at", "first_arrived_at", "due_at", "sender", "by_human", "supersedes")
    return tuple(
        HistoryRow(
            report_id=row["id"],
            period=Period.parse(row["period"]),
            status=ReportStatus(row["status"]),
            values=figures.get(row["id"], {}),
            **{name: row[name] for name in same},
        )
        for row in rows
    )


def sums_by_week(session: Session, form: str, *, since: Period, until: Period) -> dict[Period, tuple[int, dict[str, int]]]:
    """How many reports stand in each week (inclusive), and the sum of each field."""
    place = and_(REPORTS.c.form == form, REPORTS.c.period >= str(since), REPORTS.c.period <= str(until), _STANDS)
    counted = select(REPORTS.c.period, func.count()).where(place).group_by(REPORTS.c.period)
    found: dict[str, tuple[int, dict[str, int]]] = {period: (count, {}) for period, count in session.execute(counted)}
    summed = select(REPORTS.c.period, REPORT_FIELDS.c.field, func.sum(REPORT_FIELDS.c.value))
    summed = summed.join(REPORTS, REPORTS.c.id == REPORT_FIELDS.c.report_id).where(place, REPORT_FIELDS.c.value.is_not(None))
    for period, field, total in session.execute(summed.group_by(REPORTS.c.period, REPORT_FIELDS.c.field)):
        found[period][1][field] = int(total)
    return {Period.parse(period): figures for period, figures in sorted(found.items())}


def latest_period(session: Session, form: str, *, before: Period) -> Period | None:
    """The last week before that one of which anything was read."""
    found = session.scalar(select(func.max(REPORTS.c.period)).where(REPORTS.c.form == form, REPORTS.c.period < str(before)))
    return None if found is None else Period.parse(found)


def mark_of_change(session: Session) -> tuple[int, int]:
    """Two numbers that move whenever an accepted figure may have changed: a report was written, or a person acted."""
    return (session.scalar(select(func.max(REPORTS.c.id))) or 0, session.scalar(select(func.max(ACTS.c.id))) or 0)
