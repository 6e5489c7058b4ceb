"""A range of days: whatever came when, the counts add up, rates stay rates, and each unit counts once with its newest covered report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from mailbox_ingest.config import FormConfig
from mailbox_ingest.model import ReportStatus, StoredReport, Unit
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.rollup.figures import UnitState
from mailbox_ingest.rollup.span import Span, span_rollup

UNITS = tuple(Unit(code=code, name=code, group="x" if code < "d" else "y") for code in "abcdef")
MONDAY = date(2020, 12, 14)  # the weeks that follow cross the turn of a year with 53 of them
NOW = datetime(2021, 3, 1, tzinfo=LOCAL_ZONE)

reports = st.lists(
    st.tuples(
        st.sampled_from("abcdefz"),  # z is no unit of the roster
        st.integers(0, 5),  # week
        st.integers(0, 60),  # days from MONDAY to its arrival
        st.integers(0, 100),
        st.sampled_from([ReportStatus.ACCEPTED, ReportStatus.ACCEPTED_WITH_WARNINGS, ReportStatus.SUPERSEDED, ReportStatus.NEEDS_REVIEW]),
    ),
    max_size=30,
)


@settings(max_examples=200, deadline=None)
@given(given_reports=reports, first=st.integers(0, 40), days=st.integers(0, 30), held=st.sets(st.sampled_from("abcdefz")))
def test_every_range_adds_up(  # noqa: PLR0917 -- fixtures and what hypothesis gives
    small_form: FormConfig,
    sent: Callable[..., StoredReport],
    given_reports: list[tuple[str, int, int, int, ReportStatus]],
    first: int,
    days: int,
    held: set[str],
) -> None:
    span = Span(first=MONDAY + timedelta(days=first), last=MONDAY + timedelta(days=first + days))
    stored = [
        replace(
            sent(unit, Period.of(MONDAY).shifted(week), part, 100, number=number),
            arrived_at=datetime.combine(MONDAY + timedelta(days=arrived), datetime.min.time(), tzinfo=LOCAL_ZONE),
            status=status,
        )
        for number, (unit, week, arrived, part, status) in enumerate(given_reports, start=1)
    ]
    figures = span_rollup(form=small_form, span=span, as_of=NOW, roster=UNITS, reports=stored, before={}, held=dict.fromkeys(held, 1))
    counted = figures.completeness
    assert counted.expected == len(UNITS) == counted.on_time + counted.late + counted.missing
    assert counted.reported == sum(unit.report is not None for unit in figures.units)
    assert figures.held_elsewhere == ("z" in held)
    assert sum(group.completeness.expected for group in figures.groups) == counted.expected
    # Counted again, plainly.
    expected = {}
    for report in sorted(stored, key=lambda item: (item.period, item.id)):
        in_time = report.arrived_at.date() <= span.last
        touches = report.period.sunday >= span.first and report.period.monday <= span.last
        if report.status in (ReportStatus.ACCEPTED, ReportStatus.ACCEPTED_WITH_WARNINGS) and in_time and touches and report.unit != "z":
            expected[report.unit] = report
    assert {unit.unit.code: unit.report for unit in figures.units if unit.report} == expected
    assert figures.totals == {name: sum(report.values[name] for report in expected.values()) for name in ("whole", "part")}
    percent = figures.rates["rate"].percent
    assert percent is None if not expected else 0 <= (percent if percent is not None else -1) <= 100
    for unit in figures.units:
        assert (unit.state is UnitState.HELD) == (unit.report is None and unit.unit.code in held)
    assert {unit.unit.code for unit in figures.older} == {code for code, report in expected.items() if report.period < span.last_week}
