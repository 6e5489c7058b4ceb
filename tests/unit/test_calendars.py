"""Deadlines: ordinary ones, one-off ones, and those that a public holiday moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from mailbox_ingest.calendars import digest_period, due_of, is_holiday, is_working_day, public_holidays
from mailbox_ingest.config import CalendarConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.judgement import due_of as judged_due
from mailbox_ingest.periods import LOCAL_ZONE, Period

VIETNAM = CalendarConfig(holidays="VN")


def at(year: int, month: int, day: int, hour: int = 17, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=LOCAL_ZONE)


@pytest.mark.parametrize(
    ("period", "rule", "due"),
    [
        (Period(2020, 35), "before", at(2020, 8, 28)),  # an ordinary Friday
        (Period(2020, 36), "before", at(2020, 9, 4)),  # National Day is the Wednesday: the Friday stays
        (Period(2020, 53), "before", at(2020, 12, 31)),  # Friday is New Year's Day, in the last week of a year of 53
        (Period(2020, 53), "after", at(2021, 1, 4)),  # the weekend is no working day
        (Period(2021, 6), "before", at(2021, 2, 9)),  # Tết 2021: Wednesday to Tuesday
        (Period(2021, 6), "after", at(2021, 2, 17)),
        (Period(2026, 8), "before", at(2026, 2, 23)),  # Tết takes the whole week: nothing before it can be due
        (Period(2026, 8), "keep", at(2026, 2, 20)),
    ],
)
def test_a_deadline_on_a_holiday_goes_where_the_form_says(period: Period, rule: str, due: datetime) -> None:
    assert due_of(replace(VIETNAM, holiday_rule=rule), period) == due


def test_a_one_off_deadline_stands_even_on_a_holiday() -> None:
    national_day = at(2020, 9, 2, 8)
    assert due_of(replace(VIETNAM, due_overrides={"2020-W36": national_day}), Period(2020, 36)) == national_day


def test_a_day_off_of_our_own_moves_a_deadline_like_a_public_one() -> None:
    calendar = CalendarConfig(extra_holidays=(date(2020, 8, 28),))
    assert due_of(calendar, Period(2020, 35)) == at(2020, 8, 27)
    assert not is_working_day(calendar, date(2020, 8, 28)) and is_working_day(calendar, date(2020, 8, 27))


def test_without_a_country_no_day_is_a_holiday() -> None:
    assert not is_holiday(CalendarConfig(), date(2020, 9, 2))
    assert is_holiday(VIETNAM, date(2020, 9, 2))


def test_a_country_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no country"):
        public_holidays("XX", 2020)


def test_the_judgement_asks_the_same_calendar() -> None:
    calendar = builtin_form("bluezone").calendar
    assert judged_due(calendar, Period(2020, 34)) == at(2020, 8, 20)
    assert judged_due(calendar, Period(2020, 53)) == at(2020, 12, 31)


def test_every_friday_has_a_digest_of_its_own_week_whatever_a_holiday_does_to_the_deadline() -> None:
    for rule in ("before", "after", "keep"):
        calendar = replace(VIETNAM, holiday_rule=rule)
        start = Period(2020, 34)
        weeks = [
            digest_period(calendar, datetime.combine(start.shifted(n).monday + timedelta(days=4), time(17, 30), tzinfo=LOCAL_ZONE))
            for n in range(60)
        ]
        assert weeks == [start.shifted(n) for n in range(60)]


def test_a_digest_on_monday_is_about_the_week_before() -> None:
    assert digest_period(VIETNAM, at(2020, 8, 31, 8)) == Period(2020, 35)


def test_a_deadline_that_was_brought_forward_brings_its_digest_forward() -> None:
    calendar = replace(VIETNAM, due_overrides={"2020-W34": at(2020, 8, 20)})
    assert digest_period(calendar, at(2020, 8, 20, 17, 30)) == Period(2020, 34)
    assert digest_period(calendar, at(2020, 8, 20, 16, 30)) == Period(2020, 33)
