"""One unit through the weeks: what it owed, what it gave, what was corrected, and what people decided about it. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from mailbox_ingest.calendars import due_of
from mailbox_ingest.config import FormConfig
from mailbox_ingest.errors import DecisionRefused
from mailbox_ingest.model import TAKEN, ReportStatus
from mailbox_ingest.periods import Period, local_day
from mailbox_ingest.store.people.audit import list_acts
from mailbox_ingest.store.people.records import Act
from mailbox_ingest.store.registry.contacts import dead_addresses
from mailbox_ingest.store.registry.exemptions import list_exemptions
from mailbox_ingest.store.registry.records import StoredUnit
from mailbox_ingest.store.registry.units import find_unit
from mailbox_ingest.store.reports.overview import HistoryRow, unit_reports
from mailbox_ingest.store.reports.rosters import weeks_owed


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitWeekLine:
    """One week. `reports` are all reports of it, the latest first; `standing` is the one that counts. `state`: 'on_time', 'late', 'held',
    'returned', 'missing', 'exempt', or 'none' where the unit owed nothing."""

    period: Period
    state: str
    due_at: datetime
    standing: HistoryRow | None
    reports: tuple[HistoryRow, ...]
    exemption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPage:
    """`weeks` run without gaps, newest first. `dead` are addresses that took our mail no more, with what their server said."""

    unit: StoredUnit
    form: FormConfig
    weeks: tuple[UnitWeekLine, ...]
    acts: tuple[Act, ...]
    dead: Mapping[str, str]


def unit_page(session: Session, form: FormConfig, code: str, *, now: datetime, weeks: int = 53) -> UnitPage:
    """Raises DecisionRefused for a code that the registry never had."""
    unit = find_unit(session, code)
    if unit is None:
        raise DecisionRefused(f"there is no unit {code!r}", code="unit_gone", unit=code)
    until = Period.at(now)
    since = until.shifted(1 - weeks)
    by_week: dict[Period, list[HistoryRow]] = {}
    for report in unit_reports(session, code, since=since):
        if report.form == form.name:
            by_week.setdefault(report.period, []).append(report)
    until = max([until, *by_week])
    exempt = {item.period: item.reason for item in list_exemptions(session, form.name) if item.unit == code}
    frozen = weeks_owed(session, form.name, code, since=since)
    owned = (until.shifted(-back) for back in range(until - since + 1))
    dead = dead_addresses(session)
    return UnitPage(
        unit=unit,
        form=form,
        weeks=tuple(
            _line(form, unit, week, by_week.get(week, []), exemption=exempt.get(week, ""), owed=frozen.get(week)) for week in owned
        ),
        acts=list_acts(session, subject=f"unit:{code}"),
        dead={email: dead[email] for email in unit.unit.emails if email in dead},
    )


def _line(
    form: FormConfig, unit: StoredUnit, period: Period, reports: list[HistoryRow], *, exemption: str, owed: bool | None
) -> UnitWeekLine:
    """`owed` is the frozen roster's word, None while the week is open."""
    due_at = due_of(form.calendar, period)
    standing = next((item for item in reports if item.status in TAKEN), None)
    statuses = {item.status for item in reports}
    if standing is not None:
        state = "on_time" if min(standing.first_arrived_at, standing.arrived_at) <= due_at else "late"
    elif ReportStatus.NEEDS_REVIEW in statuses:
        state = "held"
    elif ReportStatus.REJECTED in statuses:
        state = "returned"
    elif exemption and not owed:
        state = "exempt"
    else:
        state = "missing" if (owed if owed is not None else unit.open_on(local_day(due_at))) else "none"
    return UnitWeekLine(period=period, state=state, due_at=due_at, standing=standing, reports=tuple(reports), exemption=exemption)
