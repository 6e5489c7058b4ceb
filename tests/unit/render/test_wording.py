from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from mailbox_ingest.periods import Period
from mailbox_ingest.render import wording


@pytest.mark.parametrize(("number", "said"), [(0, "0"), (999, "999"), (4215, "4.215"), (1234567, "1.234.567"), (-4215, "−4.215")])
def test_thousands_are_parted_by_dots(number: int, said: str) -> None:
    assert wording.count(number) == said


@pytest.mark.parametrize(
    ("ratio", "said"), [("88.5", "88,5%"), ("88.45", "88,5%"), ("0", "0,0%"), ("100", "100%"), ("99.97", "99,9%"), ("100.02", "100,1%")]
)
def test_a_percentage_never_reads_as_a_target_that_was_not_reached(ratio: str, said: str) -> None:
    assert wording.percent(Decimal(ratio)) == said


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [(4215, 4200, "+15 (+0,4%)"), (60, 100, "−40 (−40,0%)"), (5, 5, "không đổi"), (5, 0, "+5"), (0, 5, "−5 (−100%)")],
)
def test_a_change_is_told_in_heads_and_in_percent(now: int, before: int, said: str) -> None:
    assert wording.change(now, before) == said


@pytest.mark.parametrize(("points", "said"), [("2.14", "+2,1 điểm %"), ("-0.06", "−0,1 điểm %"), ("0.04", "không đổi")])
def test_rates_move_in_points(points: str, said: str) -> None:
    assert wording.points(Decimal(points)) == said


def test_a_week_is_named_with_its_days_and_both_years_where_they_differ() -> None:
    assert wording.week(Period(2020, 34)) == "tuần 34 (17/8–23/8/2020)"
    assert wording.week(Period(2020, 53)) == "tuần 53 (28/12/2020–3/1/2021)"


def test_moments_are_told_in_the_federation_s_time() -> None:
    assert wording.moment(datetime(2020, 8, 20, 10, 5, tzinfo=UTC)) == "17:05 thứ Năm, 20/8/2020"


@pytest.mark.parametrize(
    ("by", "said"),
    [(timedelta(seconds=20), "1 phút"), (timedelta(hours=5), "5 giờ"), (timedelta(days=2, hours=3, minutes=9), "2 ngày 3 giờ")],
)
def test_a_delay_is_told_as_people_say_it(by: timedelta, said: str) -> None:
    assert wording.delay(by) == said


def test_outside_text_becomes_one_harmless_line() -> None:
    assert wording.one_line("bao\tcao\r\nBcc: x\u202etxt.exe\x00") == "bao cao Bcc: x txt.exe"
    assert wording.one_line("x" * 300, 10) == "x" * 9 + "…"
