"""Who owes reports in a period, frozen once: later changes of the registry never change a past completeness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from mailbox_ingest.model import Unit
from mailbox_ingest.periods import Period
from mailbox_ingest.store.database.inserts import insert_unless_known
from mailbox_ingest.store.registry.exemptions import list_exemptions
from mailbox_ingest.store.registry.units import list_units
from mailbox_ingest.store.reports.standing import reports_of_period
from mailbox_ingest.store.tables import ROSTER_ENTRIES

_BETWEEN = "\n"  # a code has none


def owing_units(session: Session, form: str, period: Period, *, due_on: date) -> tuple[Unit, ...]:
    """Who owes `form` for `period`, in the order of the registry: units that exist on the day it is due and are not exempt.

    An exempt unit that has reported all the same is among them: what it sent counts.
    """
    exempt = {exemption.unit for exemption in list_exemptions(session, form, period)}
    if exempt:
        exempt -= {report.unit for report in reports_of_period(session, form, period)}
    return tuple(item.unit for item in list_units(session) if item.open_on(due_on) and item.unit.code not in exempt)


def roster_of(session: Session, form: str, period: Period, *, due_on: date) -> tuple[Unit, ...]:
    """The frozen roster, or who would owe while the period is open."""
    frozen = find_roster(session, form, period)
    return owing_units(session, form, period, due_on=due_on) if frozen is None else frozen


def freeze_roster(session: Session, form: str, period: Period, units: Sequence[Unit], *, now: datetime) -> tuple[Unit, ...]:
    """Freezes the roster unless it is frozen already; gives the frozen one."""
    frozen = find_roster(session, form, period)
    if frozen is not None or not units:
        return frozen or ()
    rows = [
        {
            "form": form,
            "period": str(period),
            "unit": unit.code,
            "name": unit.name,
            "group_name": unit.group,
            "position": position,
            "frozen_at": now,
        }
        for position, unit in enumerate(units)
    ]
    insert_unless_known(session, ROSTER_ENTRIES, rows, unique=("form", "period", "unit"), returning="unit")
    return find_roster(session, form, period) or ()


def find_roster(session: Session, form: str, period: Period) -> tuple[Unit, ...] | None:
    """The frozen roster in registry order (names and groups as they were; no addresses), None while the period is open."""
    place = (ROSTER_ENTRIES.c.form == form) & (ROSTER_ENTRIES.c.period == str(period))
    rows = session.execute(select(ROSTER_ENTRIES).where(place).order_by(ROSTER_ENTRIES.c.position)).all()
    return tuple(Unit(code=row.unit, name=row.name, group=row.group_name) for row in rows) or None


def weeks_owed(session: Session, form: str, unit: str, *, since: Period) -> dict[Period, bool]:
    """For every frozen week from `since` on, whether the unit owed it."""
    table = ROSTER_ENTRIES.c
    # From one frozen week to the next by the key: DISTINCT would read the rows of every unit of every week.
    following = select(func.min(table.period)).where(table.form == form, table.period > bindparam("last"))
    owes = select(table.unit).where(table.form == form, table.period == bindparam("week"), table.unit == unit)
    found: dict[Period, bool] = {}
    connection = session.connection()
    last: str | None = str(since.shifted(-1))
    while (last := connection.execute(following, {"last": last}).scalar()) is not None:
        found[Period.parse(last)] = connection.execute(owes, {"week": last}).first() is not None
    return found


def frozen_codes(
    session: Session, form: str, *, since: Period, until: Period, groups: Sequence[str] = ()
) -> Mapping[Period, frozenset[str]]:
    """The codes of every frozen roster of these periods (inclusive), of some groups or all (no groups given)."""
    table = ROSTER_ENTRIES.c
    # One row a week: a quarter of a million rows cost more than everything else a digest reads.
    codes = func.aggregate_strings(table.unit, _BETWEEN)
    query = select(table.period, codes).where(table.form == form, table.period >= str(since), table.period <= str(until))
    if groups:
        query = query.where(table.group_name.in_(sorted(groups)))
    rows = session.execute(query.group_by(table.period))
    return {Period.parse(period): frozenset(joined.split(_BETWEEN)) for period, joined in rows}
