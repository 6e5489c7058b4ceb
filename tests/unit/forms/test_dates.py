"""Dates, ranges and weeks as letters write them."""

from __future__ import annotations

from datetime import date

import pytest

from mailbox_ingest.forms.dates import find_dates
from mailbox_ingest.periods import Period

AUGUST_21 = date(2020, 8, 21)


@pytest.mark.parametrize(
    ("text", "kind", "day"),
    [
        ("Đông Hà, ngày 21 tháng 8 năm 2020", "letter_date", AUGUST_21),
        ("Dong Ha, ngay 21 thang 08 nam 2020", "letter_date", AUGUST_21),
        ("Tính đến 17h00 ngày 21/8/2020", "as_of", AUGUST_21),
        ("(Số liệu đến ngày 21/8)", "as_of", AUGUST_21),
        ("từ ngày 15/8 đến 21/8/2020", "range", AUGUST_21),
        ("từ ngày 15/8/2020 đến hết ngày 21/8/2020", "range", AUGUST_21),
        ("15/8 - 21/8/2020", "range", AUGUST_21),
        ("họp ngày 21-8-2020", "date", AUGUST_21),
    ],
)
def test_a_day_is_found_with_what_it_means(text: str, kind: str, day: date) -> None:
    assert [(f.kind, f.day) for f in find_dates(text, year=2020)] == [(kind, day)]


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("Báo cáo tuần 34", 34),
        ("Tuần thứ 34 năm 2020", 34),
        ("TUẦN 34/2020", 34),
        ("bao cao tuan 34", 34),
        ("BC 2020-W34.xlsx", 34),
    ],
)
def test_a_week_of_the_year_is_a_period(text: str, week: int) -> None:
    assert [f.period for f in find_dates(text, year=2020)] == [Period(2020, week)]


@pytest.mark.parametrize(
    "text",
    [
        "ngày     tháng     năm 2020",
        "ngày …… tháng …… năm 2020",
        "Đông Hà, ngày 31 tháng 6 năm 2020",
        "tuần 54",
        "đạt 3/4 kế hoạch",
        "Tổng số: 4.215",
        "26/33 máy",
    ],
)
def test_blank_impossible_and_relative_dates_are_no_dates(text: str) -> None:
    assert [f for f in find_dates(text, year=2020) if f.kind != "date"] == []


def test_a_week_of_a_month_is_no_week_of_the_year() -> None:
    assert [f for f in find_dates("Tuần 2 tháng 9", year=2020) if f.kind == "week" or f.period is not None] == []


def test_a_week_of_a_month_is_no_iso_week_but_tells_about_when() -> None:
    (found,) = find_dates("tuần 2 tháng 9", year=2020)
    assert (found.kind, found.period, found.day) == ("month_week", None, date(2020, 9, 11))


@pytest.mark.parametrize("text", ["Tuần 35-36", "Tuần 35, 36", "tuần 35 và 36"])
def test_a_list_of_weeks_names_every_one_of_them(text: str) -> None:
    assert [f.period for f in find_dates(text, year=2020)] == [Period(2020, 35), Period(2020, 36)]


def test_a_range_that_lies_in_two_weeks_ends_in_the_week_of_its_last_day() -> None:
    (found,) = find_dates("(từ ngày 14/8 đến ngày 20/8/2020)", year=2020)
    assert found.day is not None
    assert Period.of(found.day) == Period(2020, 34)
