"""When reminders fall: offsets from the deadline, weekends, holidays, Tết, and what an outage leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from mailbox_ingest.config import CalendarConfig, FormConfig, ReminderConfig
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.reminders.plan import current, is_day_off, moments, next_working_morning

FORM = FormConfig(name="bluezone", title="Báo cáo", fields=(), calendar=CalendarConfig(holidays="VN"))
REMINDER = ReminderConfig(form="bluezone")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)


def planned(week: str, *offsets: int, form: FormConfig = FORM) -> list[tuple[int, str]]:
    reminder = replace(REMINDER, offsets_hours=offsets or REMINDER.offsets_hours)
    return [(m.offset_hours, f"{m.at:%Y-%m-%d %H:%M}") for m in moments(form, reminder, Period.parse(week))]


@pytest.mark.parametrize(
    ("week", "expected"),
    [
        ("2020-W35", ["2020-08-27 09:00", "2020-08-28 17:00", "2020-08-31 09:00"]),  # an ordinary week: Thursday, Friday, Monday
        ("2020-W53", ["2020-12-30 09:00", "2020-12-31 17:00", "2021-01-04 09:00"]),  # Friday is New Year's Day: due on Thursday
        ("2021-W05", ["2021-02-04 09:00", "2021-02-05 17:00", "2021-02-08 09:00"]),
        ("2021-W06", ["2021-02-08 09:00", "2021-02-09 17:00", "2021-02-17 09:00"]),  # Tết 10/2–16/2: before, and after all of it
    ],
)
def test_no_reminder_falls_on_a_weekend_or_a_holiday(week: str, expected: list[str]) -> None:
    assert planned(week) == list(zip((-32, 0, 64), expected, strict=True))


def test_a_week_due_on_thursday_is_reminded_on_monday_not_on_sunday() -> None:
    calendar = replace(FORM.calendar, due_overrides={"2020-W34": at("2020-08-20T17:00")})
    form = replace(FORM, calendar=calendar)
    assert planned("2020-W34", form=form)[-1] == (64, "2020-08-24 09:00")


def test_two_reminders_moved_to_one_day_become_one() -> None:
    assert planned("2020-W35", 16, 40, 64) == [(64, "2020-08-31 09:00")]  # Saturday and Sunday both go to Monday


def test_a_reminder_ahead_of_the_deadline_ends_with_it_and_each_ends_with_the_next() -> None:
    reminder = replace(REMINDER, offsets_hours=(-8, 0, 2), grace_hours=24)
    found = moments(FORM, reminder, Period(2020, 35))
    due = at("2020-08-28T17:00")
    assert [(m.at - due, m.until - due, m.stage, m.last) for m in found[:2]] == [
        (timedelta(hours=-8), timedelta(0), "before", False),
        (timedelta(0), timedelta(hours=2), "at", False),
    ]
    assert (found[2].stage, found[2].last) == ("after", True)


def test_what_an_outage_missed_is_due_within_the_grace_and_not_after_it() -> None:
    def due_at(text: str) -> list[int]:
        return [moment.offset_hours for moment in current(FORM, REMINDER, at(text))]

    assert due_at("2020-08-27T08:59") == []
    assert due_at("2020-08-27T23:00") == [-32]
    assert due_at("2020-08-28T09:00") == []
    assert due_at("2020-09-01T08:59") == [64]


def test_weeks_before_the_first_period_or_the_start_of_service_are_not_reminded() -> None:
    form = replace(FORM, calendar=replace(FORM.calendar, first_period="2020-W36"))
    assert list(current(form, REMINDER, at("2020-08-27T10:00"))) == []
    assert list(current(FORM, REMINDER, at("2020-08-27T10:00"), since=at("2020-08-27T09:30"))) == []


def test_days_off_are_off_unless_configured_otherwise() -> None:
    assert is_day_off(FORM, REMINDER, at("2020-09-02T10:00"))  # National Day
    assert not is_day_off(FORM, replace(REMINDER, working_days_only=False), at("2020-09-02T10:00"))
    assert next_working_morning(FORM, at("2020-09-01T22:00")) == at("2020-09-03T08:00")
