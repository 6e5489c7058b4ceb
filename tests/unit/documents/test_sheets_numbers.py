"""What a person sees of a number under a format code."""

from decimal import Decimal

import pytest

from mailbox_ingest.documents.sheets.numbers import exact, show


@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        ("4215", "#,##0", "4215"),
        ("4215", "General", "4215"),
        ("4215", "#.##0", "4215,000"),
        ("4215", "# ##0", "4215"),
        ("0.582", "0.0%", "58,2%"),
        ("0.582", "0%", "58%"),
        ("1.102", "General", "1,102"),
        ("1.102", "#,##0", "1"),
        ("4215", '#,##0 "người"', "4215 người"),
        ("4215", '_(* #,##0_);_(* \\(#,##0\\);_(* "-"??_);_(@_)', "4215"),
        ("0", '_(* #,##0_);_(* \\(#,##0\\);_(* "-"??_);_(@_)', "-"),
        ("-12", "#,##0;(#,##0)", "(12)"),
        ("4215000", "#,##0,", "4215"),
        ("1234567890123", "0.00E+00", "1234567890123"),
    ],
)
def test_a_number_is_shown_as_its_format_shows_it(number: str, code: str, text: str) -> None:
    shown = show(Decimal(number), code)
    assert (shown.text, shown.is_number) == (text, True)


@pytest.mark.parametrize(
    ("code", "text"),
    [("dd/mm/yyyy", "20/08/2020"), ("d-mmm-yy", "20/08/2020"), ("[$-42A]dd mmmm yyyy", "20/08/2020"), ("m/d/yy h:mm", "20/08/2020 12:00")],
)
def test_a_date_is_text_and_no_number(code: str, text: str) -> None:
    shown = show(Decimal("44063.5"), code)
    assert (shown.text, shown.is_number) == (text, False)


def test_dates_count_from_1904_where_the_workbook_says_so() -> None:
    assert show(Decimal("42601"), "dd/mm/yyyy", epoch_1904=True).text == "20/08/2020"


def test_a_hidden_number_shows_nothing() -> None:
    assert show(Decimal("4215"), ";;;").text == ""


def test_a_stored_double_loses_its_binary_tail_and_nothing_else() -> None:
    assert exact("0.58199999999999996") == Decimal("0.582")
    assert exact("1.1020000000000001") == Decimal("1.102")
