"""Accepted reports and a roster become the figures of one week: who reported, totals, rates, change like for like. One pass, no clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from mailbox_ingest import calendars
from mailbox_ingest.config import FormConfig
from mailbox_ingest.model import TAKEN, ReportStatus, StoredReport, Unit
from mailbox_ingest.periods import Period
from mailbox_ingest.rollup.figures import (
    Completeness,
    EarlierFigures,
    ExemptUnit,
    GroupWeek,
    RateFigure,
    Restatement,
    UnitState,
    UnitWeek,
    Unreachable,
    WeeklyDigest,
    WeekPoint,
)
from mailbox_ingest.rollup.questions import questions
from mailbox_ingest.rollup.sums import Values, carried_forward, like_for_like, rates_of, totals_of, values_of

MAX_HISTORY_WEEKS = 104

_ByPeriod = Mapping[Period, Mapping[str, Values]]


def weekly(
    *,
    form: FormConfig,
    period: Period,
    as_of: datetime,
    roster: tuple[Unit, ...],
    reports: Iterable[StoredReport],
    held: Mapping[str | None, int],
    rosters: Mapping[Period, frozenset[str]] | None = None,
    exempt: tuple[ExemptUnit, ...] = (),
    restatements: tuple[Restatement, ...] = (),
    past: Mapping[Period, Mapping[str, Values]] | None = None,
    unreachable: Mapping[str, Unreachable] | None = None,
) -> WeeklyDigest:
    """The week `period` as it was known at `as_of` (aware).

    `reports` are the form's accepted ones of this week and, where `past` does not give them, of earlier ones, as they stood at `as_of`:
    what was known is the store's to say, since a sender's clock may be wrong. Superseded ones among them only tell when the unit first
    reported. `past` are earlier weeks as bare figures by unit. `held` counts messages waiting for a person by unit code (None: no unit
    told); `unreachable` tells of units that our mail does not reach. `rosters` are the frozen ones of past weeks; a week without one is
    taken over today's. A unit is on time when the first of its reports that became acceptable arrived by the deadline, whatever was
    corrected later.
    """
    codes = frozenset(unit.code for unit in roster)
    due_at = due_of(form, period)
    reported, figures, first = _known(form, period, reports, past or {})
    last, run = _last_figures(form, figures, period, codes)
    members = {week: codes if week == period else (rosters or {}).get(week, codes) for week in (*run, run[0].shifted(-1))}
    standing = {week: _of_roster(figures.get(week, {}), owing) for week, owing in members.items()}
    units = tuple(
        _unit_week(
            unit,
            form=form,
            period=period,
            due_at=due_at,
            report=reported.get(unit.code),
            previous=last.get(unit.code),
            first_arrived_at=first.get(unit.code),
            held=held.get(unit.code, 0),
            unreachable=(unreachable or {}).get(unit.code),
        )
        for unit in roster
    )
    history = tuple(
        WeekPoint(
            period=week,
            expected=len(members[week]),
            reported=len(standing[week]),
            totals=totals_of(form, standing[week].values()),
            rates=rates_of(form, standing[week].values()),
            like_for_like=like_for_like(form, before, standing[week], standing[before]),
        )
        for week in run
        for before in (week.shifted(-1),)
    )
    now = history[-1]
    return WeeklyDigest(
        form=form,
        period=period,
        as_of=as_of,
        due_at=due_at,
        units=units,
        groups=groups_of(form, units),
        completeness=completeness_of(units),
        totals=now.totals,
        rates=now.rates,
        like_for_like=now.like_for_like,
        history=history,
        held_elsewhere=sum(n for code, n in held.items() if code not in codes),
        carried=carried_forward(form, period, units),
        exempt=exempt,
        restatements=restatements,
        questions=questions(form, period, units, standing),
    )


def due_of(form: FormConfig, period: Period) -> datetime:
    """When the form's reports of `period` are due."""
    return calendars.due_of(form.calendar, period)


def _of_roster(figures: Mapping[str, Values], owing: frozenset[str]) -> Mapping[str, Values]:
    return figures if figures.keys() <= owing else {code: values for code, values in figures.items() if code in owing}


def _known(
    form: FormConfig, period: Period, reports: Iterable[StoredReport], past: Mapping[Period, Mapping[str, Values]]
) -> tuple[dict[str, StoredReport], _ByPeriod, dict[str, datetime]]:
    """This week's reports by unit, the figures of every week by unit, and this week's first arrivals."""
    current: dict[Period, dict[str, StoredReport]] = defaultdict(dict)
    first: dict[str, datetime] = {}
    for report in reports:
        usable = report.status in TAKEN or report.status is ReportStatus.SUPERSEDED
        if not usable or report.form != form.name or report.period > period:
            continue
        if report.status in TAKEN:
            standing = current[report.period].get(report.unit)
            if standing is None or report.id > standing.id:  # ids grow in the order of acceptance
                current[report.period][report.unit] = report
        if report.period == period:
            arrived = min(report.first_arrived_at or report.arrived_at, report.arrived_at)
            first[report.unit] = min(first.get(report.unit, arrived), arrived)
    figures: dict[Period, Mapping[str, Values]] = {week: given for week, given in past.items() if week < period}
    for week, those in current.items():
        own = {code: values_of(form, report.values) for code, report in those.items()}
        figures[week] = {**figures.get(week, {}), **own}
    return current[period], figures, first


def _last_figures(
    form: FormConfig, figures: _ByPeriod, period: Period, codes: frozenset[str]
) -> tuple[dict[str, EarlierFigures], tuple[Period, ...]]:
    """What each unit gave last before `period`, and the weeks from the first one that a unit of `codes` reported in to `period`."""
    latest: dict[str, tuple[Period, Values]] = {}
    earlier = sorted(week for week in figures if week < period and not codes.isdisjoint(figures[week]))
    for week in earlier:
        latest.update((code, (week, values)) for code, values in figures[week].items())
    names = [field.name for field in form.fields]
    last = {
        code: EarlierFigures(period=week, values={name: value for name, value in zip(names, values, strict=True) if value is not None})
        for code, (week, values) in latest.items()
        if code in codes
    }
    weeks = min(period - earlier[0] if earlier else 0, MAX_HISTORY_WEEKS - 1)
    return last, tuple(period.shifted(-back) for back in range(weeks, -1, -1))


def _unit_week(
    unit: Unit,
    *,
    form: FormConfig,
    period: Period,
    due_at: datetime,
    report: StoredReport | None,
    previous: EarlierFigures | None,
    first_arrived_at: datetime | None,
    held: int,
    unreachable: Unreachable | None,
) -> UnitWeek:
    if report is None:
        state = UnitState.HELD if held else UnitState.MISSING
    else:
        state = UnitState.ON_TIME if first_arrived_at is not None and first_arrived_at <= due_at else UnitState.LATE
    return UnitWeek(
        unit=unit,
        period=period,
        state=state,
        report=report,
        previous=previous,
        first_arrived_at=first_arrived_at if report is not None else None,
        silent_since=previous.period.shifted(1) if report is None and previous is not None else None,
        held_messages=held,
        rates=shares_of(form, report),
        unreachable=unreachable,
    )


def shares_of(form: FormConfig, report: StoredReport | None) -> dict[str, Decimal | None]:
    """One unit's rates in percent."""
    given = {} if report is None else report.values
    shares: dict[str, Decimal | None] = {}
    for rate in form.rates:
        part, whole = given.get(rate.numerator), given.get(rate.denominator)
        if part is None or whole is None:
            shares[rate.name] = None
        else:
            shares[rate.name] = RateFigure(rate=rate, numerator=part, denominator=whole).percent
    return shares


def completeness_of(units: Iterable[UnitWeek]) -> Completeness:
    """How many units stand where."""
    counted, unreachable = dict.fromkeys(UnitState, 0), 0
    for unit in units:
        counted[unit.state] += 1
        unreachable += unit.state is UnitState.MISSING and not unit.reachable
    held = counted[UnitState.HELD]
    return Completeness(
        expected=sum(counted.values()),
        on_time=counted[UnitState.ON_TIME],
        late=counted[UnitState.LATE],
        missing=counted[UnitState.MISSING] + held,
        held=held,
        unreachable=unreachable,
    )


def groups_of(form: FormConfig, units: Iterable[UnitWeek]) -> tuple[GroupWeek, ...]:
    """The groups in the order in which the roster first names them."""
    members: dict[str, list[UnitWeek]] = defaultdict(list)
    for unit in units:
        members[unit.unit.group].append(unit)
    return tuple(
        GroupWeek(
            name=name,
            completeness=completeness_of(those),
            rates=rates_of(form, [values_of(form, u.report.values) for u in those if u.report]),
        )
        for name, those in members.items()
    )
