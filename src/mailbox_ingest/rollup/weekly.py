"""Accepted reports and a roster become the figures of one week: who reported, totals, rates, change like for like. One pass, no clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from mailbox_ingest.config import FormConfig
from mailbox_ingest.model import TAKEN, ReportStatus, StoredReport, Unit
from mailbox_ingest.periods import Period, due_moment
from mailbox_ingest.rollup.figures import Completeness, GroupWeek, LikeForLike, RateFigure, UnitState, UnitWeek, WeeklyDigest, WeekPoint

MAX_HISTORY_WEEKS = 104

_ByPeriod = dict[Period, dict[str, StoredReport]]


def weekly(
    *,
    form: FormConfig,
    period: Period,
    as_of: datetime,
    roster: tuple[Unit, ...],
    reports: Iterable[StoredReport],
    held: Mapping[str | None, int],
) -> WeeklyDigest:
    """The week `period` as it was known at `as_of` (aware).

    `reports` are the form's accepted ones of all weeks, as they stood at `as_of`: what was known is the store's to say, since a sender's
    clock may be wrong. Superseded ones among them only tell when the unit first reported. `held` counts messages waiting for a person by
    unit code (None: no unit told). A unit is on time when the first of its reports that became acceptable arrived by the deadline,
    whatever was corrected later.
    """
    codes = {unit.code for unit in roster}
    due_at = due_of(form, period)
    current, first = _known(form, period, codes, reports)
    last, run = _last_reports(current, period)
    this_week = current.get(period, {})
    units = tuple(
        _unit_week(
            unit,
            form=form,
            period=period,
            due_at=due_at,
            report=this_week.get(unit.code),
            previous=last.get(unit.code),
            first_arrived_at=first.get(unit.code),
            held=held.get(unit.code, 0),
        )
        for unit in roster
    )
    return WeeklyDigest(
        form=form,
        period=period,
        as_of=as_of,
        due_at=due_at,
        units=units,
        groups=_groups(form, units),
        completeness=_completeness(units),
        totals=_totals(form, this_week.values()),
        rates=_rates(form, this_week.values()),
        like_for_like=_like_for_like(form, period, current),
        history=tuple(
            WeekPoint(
                period=week,
                reported=len(current.get(week, {})),
                totals=_totals(form, current.get(week, {}).values()),
                rates=_rates(form, current.get(week, {}).values()),
            )
            for week in run
        ),
        held_elsewhere=sum(n for code, n in held.items() if code not in codes),
    )


def due_of(form: FormConfig, period: Period) -> datetime:
    """When the form's reports of `period` are due."""
    calendar = form.calendar
    override = calendar.due_overrides.get(str(period))
    return due_moment(period, due_weekday=calendar.due_weekday, due_time=calendar.due_time, override=override)


def _known(form: FormConfig, period: Period, codes: set[str], reports: Iterable[StoredReport]) -> tuple[_ByPeriod, dict[str, datetime]]:
    """By week and unit, the report that stands; and this week's first arrivals."""
    current: _ByPeriod = defaultdict(dict)
    first: dict[str, datetime] = {}
    for report in reports:
        usable = report.status in TAKEN or report.status is ReportStatus.SUPERSEDED
        if not usable or report.form != form.name or report.unit not in codes or report.period > period:
            continue
        if report.status in TAKEN:
            standing = current[report.period].get(report.unit)
            if standing is None or report.id > standing.id:  # ids grow in the order of acceptance
                current[report.period][report.unit] = report
        if report.period == period:
            arrived = min(report.first_arrived_at or report.arrived_at, report.arrived_at)
            first[report.unit] = min(first.get(report.unit, arrived), arrived)
    return current, first


def _last_reports(current: _ByPeriod, period: Period) -> tuple[dict[str, StoredReport], tuple[Period, ...]]:
    """Each unit's last report before `period`, and the weeks from the first known one to `period`."""
    last: dict[str, StoredReport] = {}
    earlier = sorted(week for week in current if week < period)
    for week in earlier:
        last.update(current[week])
    weeks = min(period - earlier[0] if earlier else 0, MAX_HISTORY_WEEKS - 1)
    return last, tuple(period.shifted(-back) for back in range(weeks, -1, -1))


def _unit_week(
    unit: Unit,
    *,
    form: FormConfig,
    period: Period,
    due_at: datetime,
    report: StoredReport | None,
    previous: StoredReport | None,
    first_arrived_at: datetime | None,
    held: int,
) -> UnitWeek:
    if report is None:
        state = UnitState.HELD if held else UnitState.MISSING
    else:
        state = UnitState.ON_TIME if first_arrived_at is not None and first_arrived_at <= due_at else UnitState.LATE
    return UnitWeek(
        unit=unit,
        state=state,
        report=report,
        previous=previous,
        first_arrived_at=first_arrived_at if report is not None else None,
        silent_since=previous.period.shifted(1) if report is None and previous is not None else None,
        held_messages=held,
        rates={name: figure.percent for name, figure in _rates(form, () if report is None else (report,)).items()},
    )


def _completeness(units: Iterable[UnitWeek]) -> Completeness:
    counted = dict.fromkeys(UnitState, 0)
    for unit in units:
        counted[unit.state] += 1
    held = counted[UnitState.HELD]
    return Completeness(
        expected=sum(counted.values()),
        on_time=counted[UnitState.ON_TIME],
        late=counted[UnitState.LATE],
        missing=counted[UnitState.MISSING] + held,
        held=held,
    )


def _groups(form: FormConfig, units: Iterable[UnitWeek]) -> tuple[GroupWeek, ...]:
    members: dict[str, list[UnitWeek]] = defaultdict(list)
    for unit in units:
        members[unit.unit.group].append(unit)
    return tuple(
        GroupWeek(name=name, completeness=_completeness(those), rates=_rates(form, [u.report for u in those if u.report]))
        for name, those in members.items()
    )


def _totals(form: FormConfig, reports: Iterable[StoredReport]) -> dict[str, int]:
    """Sums of what was reported; a figure that a report does not give adds nothing."""
    totals = {field.name: 0 for field in form.fields}
    for report in reports:
        for name in totals:
            totals[name] += report.values.get(name, 0)
    return totals


def _rates(form: FormConfig, reports: Iterable[StoredReport]) -> dict[str, RateFigure]:
    """Rates over the reports that give both figures: one alone would bend the rate."""
    sums = {rate.name: [0, 0] for rate in form.rates}
    for report in reports:
        for rate in form.rates:
            numerator, denominator = report.values.get(rate.numerator), report.values.get(rate.denominator)
            if numerator is not None and denominator is not None:
                sums[rate.name][0] += numerator
                sums[rate.name][1] += denominator
    return {rate.name: RateFigure(rate=rate, numerator=sums[rate.name][0], denominator=sums[rate.name][1]) for rate in form.rates}


def _like_for_like(form: FormConfig, period: Period, current: _ByPeriod) -> LikeForLike | None:
    before = period.shifted(-1)
    now, then = current.get(period, {}), current.get(before, {})
    both = [code for code in now if code in then]
    if not both:
        return None
    reports_now, reports_then = [now[code] for code in both], [then[code] for code in both]
    return LikeForLike(
        before=before,
        units=len(both),
        totals_now=_totals(form, reports_now),
        totals_before=_totals(form, reports_then),
        rates_now=_rates(form, reports_now),
        rates_before=_rates(form, reports_then),
    )
