"""Accepted reports become the figures of a range of days: of each unit the newest report that the range covers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from mailbox_ingest.config import FormConfig
from mailbox_ingest.model import TAKEN, StoredReport, Unit
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.rollup.figures import Completeness, EarlierFigures, GroupWeek, RateFigure, UnitState, UnitWeek, Unreachable
from mailbox_ingest.rollup.sums import rates_of, totals_of, values_of
from mailbox_ingest.rollup.weekly import completeness_of, due_of, groups_of, shares_of

MAX_WEEKS = 53


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days from `first` to `last`, both included. It covers reports of weeks that touch them, if the first mail came by the last day."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first or Period.of(self.last) - Period.of(self.first) >= MAX_WEEKS:
            raise ValueError(f"from {self.first} to {self.last}: expected a first day, and a last day within a year after it")

    @property
    def first_week(self) -> Period:
        return Period.of(self.first)

    @property
    def last_week(self) -> Period:
        return Period.of(self.last)

    @property
    def weeks(self) -> tuple[Period, ...]:
        return tuple(self.first_week.shifted(n) for n in range(self.last_week - self.first_week + 1))

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time(), tzinfo=LOCAL_ZONE)

    def __str__(self) -> str:
        return f"{self.first.isoformat()}..{self.last.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanRollup:
    """The figures of a range as known at `as_of`. `units` keep the roster's order; the week of a unit's figures is its report's.

    `held_elsewhere` counts messages that wait for a person and name no unit of the roster.
    """

    form: FormConfig
    span: Span
    as_of: datetime
    units: tuple[UnitWeek, ...]
    groups: tuple[GroupWeek, ...]
    completeness: Completeness
    totals: Mapping[str, int]
    rates: Mapping[str, RateFigure]
    held_elsewhere: int

    @property
    def headline(self) -> RateFigure | None:
        name = self.form.headline_rate or (self.form.rates[0].name if self.form.rates else None)
        return self.rates.get(name) if name else None

    @property
    def older(self) -> tuple[UnitWeek, ...]:
        """Units whose figures are of an earlier week than the last one of the range."""
        return tuple(unit for unit in self.units if unit.report is not None and unit.report.period < self.span.last_week)


def span_rollup(
    *,
    form: FormConfig,
    span: Span,
    as_of: datetime,
    roster: tuple[Unit, ...],
    reports: Iterable[StoredReport],
    before: Mapping[str, EarlierFigures],
    held: Mapping[str | None, int],
    unreachable: Mapping[str, Unreachable] | None = None,
) -> SpanRollup:
    """`reports` are those that stand at `as_of`; a correction counts whenever it came, if the report it corrects came within the range.
    `before` is what each unit gave last before the range; `held` counts messages waiting for a person by unit code."""
    newest: dict[str, StoredReport] = {}
    for report in reports:
        covered = span.first_week <= report.period <= span.last_week and first_arrival(report) < span.end
        if report.form != form.name or report.status not in TAKEN or not covered:
            continue
        known = newest.get(report.unit)
        if known is None or (report.period, report.id) > (known.period, known.id):
            newest[report.unit] = report
    units = tuple(
        _unit(
            unit,
            form=form,
            span=span,
            report=newest.get(unit.code),
            before=before.get(unit.code),
            held=held.get(unit.code, 0),
            unreachable=(unreachable or {}).get(unit.code),
        )
        for unit in roster
    )
    codes = {unit.code for unit in roster}
    figures = [values_of(form, unit.report.values) for unit in units if unit.report is not None]
    return SpanRollup(
        form=form,
        span=span,
        as_of=as_of,
        units=units,
        groups=groups_of(form, units),
        completeness=completeness_of(units),
        totals=totals_of(form, figures),
        rates=rates_of(form, figures),
        held_elsewhere=sum(count for code, count in held.items() if code not in codes),
    )


def first_arrival(report: StoredReport) -> datetime:
    """When the first mail came whose report became acceptable at this place."""
    return min(report.first_arrived_at or report.arrived_at, report.arrived_at)


def span_figures(rollup: SpanRollup) -> dict[str, Any]:
    """What was told, JSON-able: for the archive, and to see whether anything changed since."""
    return {
        "form": rollup.form.name,
        "span": str(rollup.span),
        "expected": rollup.completeness.expected,
        "reported": rollup.completeness.reported,
        "totals": dict(rollup.totals),
        "units": {
            unit.unit.code: None if unit.report is None else {"period": str(unit.report.period), "values": dict(unit.report.values)}
            for unit in rollup.units
        },
    }


def _unit(
    unit: Unit,
    *,
    form: FormConfig,
    span: Span,
    report: StoredReport | None,
    before: EarlierFigures | None,
    held: int,
    unreachable: Unreachable | None,
) -> UnitWeek:
    if report is None:
        state = UnitState.HELD if held else UnitState.MISSING
    else:
        state = UnitState.ON_TIME if first_arrival(report) <= due_of(form, report.period) else UnitState.LATE
    return UnitWeek(
        unit=unit,
        period=span.last_week,
        state=state,
        report=report,
        previous=before,
        first_arrived_at=None if report is None else first_arrival(report),
        silent_since=before.period.shifted(1) if report is None and before is not None else None,
        held_messages=held,
        rates=shares_of(form, report),
        unreachable=unreachable,
    )
