"""Counts and percentages as clerks write them, and what is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mailbox_ingest.forms.numbers import find_percents, parse_count, parse_native, parse_words


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4215", 4215),
        ("4.215", 4215),
        ("4,215", 4215),
        ("4 215", 4215),
        ("4\u00a0215", 4215),
        ("1.234.567", 1234567),
        ("4.215 người", 4215),
        ("4.215 đ/c", 4215),
        ("215 ĐV", 215),
        ("98 đoàn viên", 98),
        ("0", 0),
        ("4.215.", 4215),
        ("4215,00", 4215),
        ("４２１５", 4215),
        ("1.205 (một nghìn hai trăm linh năm)", 1205),
        ("145 người (bằng chữ: một trăm bốn mươi lăm)", 145),
    ],
)
def test_a_count_is_read_however_its_thousands_are_grouped(text: str, value: int) -> None:
    count = parse_count(text)
    assert (count.value, count.problem, count.certain) == (value, None, True)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "missing_value"),
        ("……………", "missing_value"),
        ("-", "missing_value"),
        ("… người", "missing_value"),
        ("nhiều", "not_a_number"),
        ("chưa thống kê", "not_a_number"),
        ("137,5", "not_a_number"),
        ("4.21", "not_a_number"),
        ("1.2000", "not_a_number"),
        ("1,2 nghìn", "not_a_number"),
        ("-12", "negative_value"),
        ("− 12 người", "negative_value"),
    ],
)
def test_what_is_no_count_is_a_named_problem_and_never_a_guess(text: str, problem: str) -> None:
    count = parse_count(text)
    assert (count.value, count.problem) == (None, problem)


@pytest.mark.parametrize(
    "text",
    [
        "khoảng 200",
        "gần 300",
        "~ 300",
        "> 300",
        "≥ 300",
        "300?",
        "300 - 310",
        "1.480 (1.430)",
        "600/800",
        "1OOO",
        "145 (một trăm năm mươi)",
        "27/8/2020",
    ],
)
def test_a_number_with_something_beside_it_is_for_a_person(text: str) -> None:
    assert not parse_count(text).certain or parse_count(text).value is None


@pytest.mark.parametrize(
    ("number", "value", "problem"),
    [("4215", 4215, None), ("0", 0, None), ("4215.0", 4215, None), ("137.5", None, "not_a_number"), ("-3", None, "negative_value")],
)
def test_a_spreadsheets_own_number_counts_people_only_when_it_is_whole(number: str, value: int | None, problem: str | None) -> None:
    count = parse_native(Decimal(number))
    assert (count.value, count.problem) == (value, problem)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("một nghìn hai trăm linh năm", 1205),
        ("bốn nghìn hai trăm mười lăm", 4215),
        ("hai mươi mốt", 21),
        ("chín mươi người", 90),
        ("hai nghìn không trăm linh tám", 2008),
        ("một trăm đoàn viên công đoàn cơ sở", None),
        ("", None),
    ],
)
def test_numbers_in_words_are_understood_or_refused(words: str, value: int | None) -> None:
    assert parse_words(words) == value


@pytest.mark.parametrize(
    ("text", "percents"),
    [
        ("đạt 78,8%", [(Decimal("78.8"), 1)]),
        ("88.5 % và 100%", [(Decimal("88.5"), 1), (Decimal("100"), 0)]),
        ("92 phần trăm", [(Decimal("92"), 0)]),
        ("không có", []),
    ],
)
def test_percentages_keep_the_decimals_they_were_rounded_to(text: str, percents: list[tuple[Decimal, int]]) -> None:
    assert [(p.value, p.decimals) for p in find_percents(text)] == percents
