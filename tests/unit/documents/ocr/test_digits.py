"""The rule of agreement: what is sure, what a person must see."""

from __future__ import annotations

import pytest

from mailbox_ingest.documents.ocr.digits import Agreement, agree, canonical

SURE = 0.85


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4.215", "4215"),
        ("4,215", "4215"),
        ("4 215", "4215"),
        ("4215", "4215"),
        ("1.234.567", "1234567"),
        ("93,2%", "93,2"),
        ("93.2", "93,2"),
        ("_ 205 .", "205"),
        ("-12", "-12"),
        ("4.21", "4,21"),
        ("1.234,567", None),
        ("l.109", None),
        ("4. 215", None),
        (".106", None),
        ("", None),
        ("²", None),
    ],
)
def test_spellings_of_one_number_are_one_number(text: str, number: str | None) -> None:
    assert canonical(text) == number


def test_three_passes_that_agree_are_sure_but_never_certain() -> None:
    verdict = agree(page="4.215", cell_digits="4215", cell_text="4,215", touched=False)
    assert SURE <= verdict.confidence < 1.0
    assert canonical(verdict.text) == "4215"


def test_two_of_three_are_enough_on_a_clean_cell() -> None:
    verdict = agree(page="4.216", cell_digits="4.215", cell_text="4.215", touched=False)
    assert (verdict.text, verdict.confidence >= SURE) == ("4.215", True)


@pytest.mark.parametrize(
    "case",
    [
        {"page": "4.215", "cell_digits": "4.216", "cell_text": "4.217", "touched": False},
        {"page": "", "cell_digits": "4.215", "cell_text": "", "touched": False},
        {"page": "4.216", "cell_digits": "4.215", "cell_text": "4.215", "touched": True},
        {"page": "4.215", "cell_digits": "4.215", "cell_text": "4.215", "touched": False, "spoiled": True},
        {"page": "215", "cell_digits": "215", "cell_text": "215", "touched": False, "glyphs": 4},
        {"page": "4.216", "cell_digits": "4.215", "cell_text": "4.216", "touched": False},
        {"page": "4.", "cell_digits": "4.", "cell_text": "4", "touched": False},
        {"page": ".106", "cell_digits": ".106", "cell_text": ".106", "touched": False},
        {"page": "lll", "cell_digits": "", "cell_text": "III", "touched": False},
        {"page": "", "cell_digits": "", "cell_text": "", "touched": False},
    ],
)
def test_whatever_else_goes_to_a_person(case: dict[str, object]) -> None:
    assert agree(**case).confidence <= 0.5  # type: ignore[arg-type]


def test_the_percent_sign_survives_the_digit_pass() -> None:
    assert agree(page="93,2%", cell_digits="93,2", cell_text="93,2%", touched=False).text == "93,2%"


def test_words_in_a_number_column_stay_words() -> None:
    assert agree(page="TT", cell_digits="11", cell_text="TT", touched=False) == Agreement(text="TT", confidence=0.92)
