"""Who owes a report of a period: the roster less what was accepted, what waits for a person, and what is not read yet. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from mailbox_ingest.calendars import due_of, regular_due
from mailbox_ingest.config import FormConfig
from mailbox_ingest.model import Unit
from mailbox_ingest.periods import Period, local_day
from mailbox_ingest.store.outgoing.reminders import held_senders, rejected_senders, unread_senders
from mailbox_ingest.store.registry.units import load_units
from mailbox_ingest.store.reports.rosters import roster_of
from mailbox_ingest.store.reports.standing import accepted_reports, held_reports, reports_of_period

_MAX_SILENT_WEEKS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """A unit with nothing acceptable for the period. `rejected_at`: a mail of its came then and was sent back to be mended."""

    unit: Unit
    rejected_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A unit that has owed for `weeks` weeks in a row; `last` is the last week it reported, None for never."""

    unit: Unit
    weeks: int
    last: Period | None


def debts(session: Session, form: FormConfig, period: Period) -> tuple[Debt, ...]:
    """The units that owe `period` now, in registry order.

    A unit that has written is left in peace until its mail is read, or a person has looked at it. A mail that was sent back for mending
    pays no debt, but the reminder knows of it.
    """
    settled = {report.unit for report in reports_of_period(session, form.name, period)}
    settled |= {report.unit for report in held_reports(session, form.name, period)}
    # What arrived before the last deadline is about an earlier week.
    since = regular_due(form.calendar, period.shifted(-1))
    silent = unread_senders(session) | held_senders(session, since=since)
    rejected = rejected_senders(session, since=since)
    return tuple(
        Debt(unit=unit, rejected_at=max((rejected[email] for email in unit.emails if email in rejected), default=None))
        for unit in roster(session, form, period)
        if unit.code not in settled and not silent.intersection(unit.emails)
    )


def silences(session: Session, form: FormConfig, period: Period, units: Iterable[Unit], *, since: datetime | None) -> tuple[Silence, ...]:
    """How long each of `units`, which owe `period`, has been silent, that week included. Weeks due before `since` do not count."""
    wanted = tuple(units)
    earliest = period.shifted(-_MAX_SILENT_WEEKS)
    first = Period.parse(form.calendar.first_period) if form.calendar.first_period else earliest
    reported: dict[str, set[Period]] = {}
    for report in accepted_reports(session, form.name, {unit.code for unit in wanted}, until=period):
        reported.setdefault(report.unit, set()).add(report.period)
    members: dict[Period, frozenset[str]] = {}

    def owed(unit: Unit, week: Period) -> bool:
        if week < max(first, earliest) or (since is not None and regular_due(form.calendar, week) < since):
            return False
        if week not in members:
            due_on = local_day(due_of(form.calendar, week))
            members[week] = frozenset(member.code for member in roster_of(session, form.name, week, due_on=due_on))
        return unit.code in members[week]

    return tuple(_silence(unit, period, reported.get(unit.code, set()), owed) for unit in wanted)


def _silence(unit: Unit, period: Period, reported: set[Period], owed: Callable[[Unit, Period], bool]) -> Silence:
    weeks, week = 0, period
    while week not in reported and owed(unit, week):
        weeks, week = weeks + 1, week.shifted(-1)
    return Silence(unit=unit, weeks=weeks, last=max(reported, default=None))


def roster(session: Session, form: FormConfig, period: Period) -> tuple[Unit, ...]:
    """Who owes reports for the period, as frozen or as it stands, with today's addresses; a retired unit is asked for nothing."""
    active = {unit.code: unit for unit in load_units(session)}
    members = roster_of(session, form.name, period, due_on=local_day(due_of(form.calendar, period)))
    return tuple(replace(active[unit.code], name=unit.name) for unit in members if unit.code in active)


def by_address(owed: Iterable[Debt]) -> Mapping[str, tuple[Debt, ...]]:
    """What each person owes, for all units they write for."""
    found: dict[str, list[Debt]] = {}
    for debt in owed:
        for email in dict.fromkeys(debt.unit.emails):
            found.setdefault(email, []).append(debt)
    return {email: tuple(items) for email, items in found.items()}
