"""Numbers in running text: each is read again, and what was split or misread is doubtful. A scripted engine stands in for the passes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from mailbox_ingest.documents.ocr.engine import LineText, Word
from mailbox_ingest.documents.ocr.tokens import Check, check_numbers


@dataclass(slots=True)
class Passes:
    """Answers every second reading with the same text and remembers how wide the picture was."""

    answer: str
    widths: list[int]

    def digits(self, grey: np.ndarray) -> LineText:
        self.widths.append(grey.shape[1])
        return LineText(text=self.answer, confidence=0.96)

    def line(self, grey: np.ndarray) -> LineText:
        return LineText(text=self.answer, confidence=0.96)


def check(font: ImageFont.FreeTypeFont, drawn: str, words: list[str], answer: str, *, narrow: int = 0) -> tuple[Check, list[int]]:
    """`drawn` is on the page, `words` are what the page pass made of it; `narrow` cuts that many pixels off the first word's left."""
    image = Image.new("L", (900, 120), 255)
    draw = ImageDraw.Draw(image)
    draw.text((40, 40), drawn, font=font, fill=0)
    found, x = [], 40.0
    for index, text in enumerate(words):
        start = 40 + font.getlength(drawn[: drawn.index(text)]) if text in drawn else x
        x = start + font.getlength(text)
        found.append(
            Word(text=text, confidence=0.9, left=round(start) + (narrow if not index else 0), top=44, right=round(x), bottom=76, line=0)
        )
    passes = Passes(answer, [])
    return check_numbers(passes, np.array(image), found, None), passes.widths  # type: ignore[arg-type]


def test_a_number_that_the_second_pass_confirms_is_no_doubt(page_font) -> None:
    result, _ = check(page_font, "Tổng: 1.109 người", ["1.109"], "1.109")
    assert (result.numbers, result.doubtful) == (1, False)


@pytest.mark.parametrize(("page", "again"), [("1.109", "1.169"), ("l.109", "1.109"), ("1.1O9", "1.109"), ("14/8/2020", "14/6/2020")])
def test_a_number_that_the_second_pass_reads_otherwise_is_doubtful(page_font, page: str, again: str) -> None:
    result, _ = check(page_font, "1.109 người", [page], again)
    assert result.doubtful
    assert again in result.alternatives


def test_a_digit_that_the_page_pass_left_out_is_in_the_picture_of_the_second(page_font) -> None:
    _, whole = check(page_font, "1.109 người", ["1.109"], "1.109")
    _, cut = check(page_font, "1.109 người", ["1.109"], "1.109", narrow=18)
    assert abs(whole[0] - cut[0]) < 8


@pytest.mark.parametrize("words", [["4.", "215"], ["42", "15"]])
def test_one_number_taken_for_two_is_doubtful(page_font, words: list[str]) -> None:
    result, _ = check(page_font, "".join(words), words, "4.215")
    assert result.doubtful


@pytest.mark.parametrize("name", ["597/LĐLĐ-CTCS", "Covid-19", "BC-LĐLĐ"])
def test_register_numbers_and_names_are_no_figures(page_font, name: str) -> None:
    result, _ = check(page_font, name, [name], "")
    assert result == Check(numbers=0, doubtful=False, alternatives=())
