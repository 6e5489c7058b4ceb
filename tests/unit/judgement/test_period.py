"""Which week a report is for. Today is Friday 28/8/2020, week 35, unless a test says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from mailbox_ingest.judgement import Case, Claim
from mailbox_ingest.judgement.period import decide_period
from mailbox_ingest.model import StoredReport
from mailbox_ingest.periods import Period

MakeClaim = Callable[..., Claim]
MakeCase = Callable[..., Case]
MakeReport = Callable[..., StoredReport]

UNIT = "ldld-vinh-linh"
VALUES = {"members": 1000, "smartphone_users": 800, "installed": 600}


def at(day: int, month: int = 8, hour: int = 2) -> datetime:
    return datetime(2020, month, day, hour, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "arrived", "week"),
    [
        (date(2020, 8, 27), at(28), 35),
        (date(2020, 8, 28), at(28), 35),
        (date(2020, 8, 29), at(28), 35),
        (None, at(28), 35),
        (None, at(21), 34),
        (date(2020, 8, 20), at(28), 34),
        (date(2020, 8, 28), at(31), 35),
        (date(2020, 8, 31), at(31), 35),
        (date(2020, 9, 1), at(1, 9), 35),
        (date(2020, 9, 2), at(2, 9), 36),
        (date(2020, 8, 18), at(18), 34),
    ],
    ids=[
        "dated the day before",
        "dated today",
        "dated tomorrow",
        "undated",
        "undated in week 34",
        "dated last week",
        "dated Friday, sent Monday",
        "dated and sent on Monday",
        "dated and sent on Tuesday",
        "Wednesday begins the new week",
        "before the first week there is none to be late for",
    ],
)
def test_the_week_of_the_letters_date_or_of_arrival(
    case: MakeCase, claim: MakeClaim, written: date | None, arrived: datetime, week: int
) -> None:
    decided = decide_period(case(arrived_at=arrived), claim(day=written), UNIT, VALUES)
    assert (decided.period, decided.certain) == (Period(2020, week), True)


def test_a_monday_report_counts_for_its_own_week_when_last_week_is_already_there(
    case: MakeCase, claim: MakeClaim, report: MakeReport
) -> None:
    decided = decide_period(case(arrived_at=at(31), known=(report(35),)), claim(day=date(2020, 8, 31)), UNIT, VALUES)
    assert (decided.period, decided.certain) == (Period(2020, 36), True)


def test_a_week_written_in_the_report_outranks_its_date(case: MakeCase, claim: MakeClaim) -> None:
    decided = decide_period(case(), claim(day=date(2020, 8, 27), week=34), UNIT, VALUES)
    assert (decided.period, decided.certain) == (Period(2020, 34), True)


@pytest.mark.parametrize(
    ("written", "week", "named"),
    [
        (date(2020, 9, 27), None, ()),
        (date(2019, 8, 27), None, ()),
        (date(2020, 8, 13), None, ()),
        (date(2020, 8, 27), 36, ()),
        (date(2020, 8, 27), 20, ()),
        (date(2020, 8, 27), None, (34,)),
    ],
    ids=[
        "a date far ahead",
        "last year",
        "before the first week",
        "a week to come",
        "a week long past",
        "the file's name says another week",
    ],
)
def test_time_that_makes_no_sense_is_for_a_person(
    case: MakeCase, claim: MakeClaim, written: date, week: int | None, named: tuple[int, ...]
) -> None:
    decided = decide_period(case(), claim(day=written, week=week, weeks_named=named), UNIT, VALUES)
    assert not decided.certain
    assert decided.findings


def test_last_weeks_date_over_new_numbers_counts_for_the_week_of_arrival(case: MakeCase, claim: MakeClaim, report: MakeReport) -> None:
    decided = decide_period(case(known=(report(34),)), claim(day=date(2020, 8, 20)), UNIT, VALUES)
    assert (decided.period, decided.certain) == (Period(2020, 35), True)
    assert [f.code for f in decided.findings] == ["stale_date"]


def test_a_word_of_correction_keeps_last_weeks_date_in_last_week(case: MakeCase, claim: MakeClaim, report: MakeReport) -> None:
    decided = decide_period(case(known=(report(34),), correction=True), claim(day=date(2020, 8, 20)), UNIT, VALUES)
    assert (decided.period, decided.certain, decided.findings) == (Period(2020, 34), True, ())


def test_the_same_numbers_again_belong_to_the_week_they_are_dated_in(case: MakeCase, claim: MakeClaim, report: MakeReport) -> None:
    known = report(34, (1000, 800, 600))
    assert decide_period(case(known=(known,)), claim(day=date(2020, 8, 20)), UNIT, VALUES).period == Period(2020, 34)


def test_a_stale_date_is_for_a_person_when_the_week_of_arrival_is_taken_too(case: MakeCase, claim: MakeClaim, report: MakeReport) -> None:
    decided = decide_period(case(known=(report(34), report(35))), claim(day=date(2020, 8, 20)), UNIT, VALUES)
    assert not decided.certain


def test_last_weeks_number_written_out_over_new_figures_is_for_a_person(case: MakeCase, claim: MakeClaim, report: MakeReport) -> None:
    decided = decide_period(case(known=(report(34),)), claim(day=date(2020, 8, 27), week=34), UNIT, VALUES)
    assert not decided.certain


def test_a_report_that_names_two_weeks_is_for_a_person(case: MakeCase, claim: MakeClaim) -> None:
    one, other = claim(week=34), claim(week=35)
    both = replace(one, reading=replace(one.reading, period_hints=(*one.reading.period_hints, *other.reading.period_hints)))
    assert not decide_period(case(), both, UNIT, VALUES).certain
