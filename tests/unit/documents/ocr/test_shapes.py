"""Blank or not, print or pen: by shape alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from mailbox_ingest.documents.ocr.shapes import crossed, faint_ink, glyphs, ink_box, letter_height, noise_of, upper_quartile


def line(text: str, font: ImageFont.FreeTypeFont) -> np.ndarray:
    image = Image.new("L", (300 if len(text) < 12 else 1200, 70), 0)
    ImageDraw.Draw(image).text((20, 10), text, font=font, fill=255)
    return np.where(np.array(image) > 127, 255, 0).astype(np.uint8)


def test_digits_are_counted_and_separators_are_not(page_font: ImageFont.FreeTypeFont) -> None:
    assert [glyphs(line(text, page_font), None).count for text in ("4.215", "3480", "14,215", "7")] == [4, 4, 5, 1]


def test_print_is_not_taken_for_handwriting(page_font: ImageFont.FreeTypeFont) -> None:
    reference = letter_height(line("Tổng số đoàn viên, người lao động Đã cài đặt Bluezone", page_font))
    assert not any(glyphs(line(text, page_font), reference).by_hand(doubted=True) for text in ("4.215", "3480", "199.999", "17"))


def test_uneven_feet_and_heights_are_handwriting(page_font: ImageFont.FreeTypeFont) -> None:
    ink = line("3480", page_font)
    tall = np.asarray(cv2.resize(ink[:, :60], None, fx=1, fy=1.25, interpolation=cv2.INTER_NEAREST))[:70]
    ink[:, :60] = tall
    assert glyphs(ink, None).by_hand(doubted=False)


def test_figures_far_larger_than_the_print_around_are_handwriting(page_font: ImageFont.FreeTypeFont) -> None:
    ink = line("3480", page_font)
    assert glyphs(ink, glyphs(ink, 1.0).size / 1.35).by_hand(doubted=False)  # type: ignore[operator]


def test_a_line_through_a_number_is_seen(page_font: ImageFont.FreeTypeFont) -> None:
    ink = line("3480", page_font)
    assert not glyphs(ink, None).struck
    cv2.line(ink, (10, 31), (140, 29), 255, 3)
    assert glyphs(ink, None).struck


def test_dust_is_blank_and_a_pale_number_is_not(page_font: ImageFont.FreeTypeFont) -> None:
    grain = np.random.default_rng(2).normal(250, 4, (70, 300))
    paper = np.clip(grain, 0, 255).astype(np.uint8)
    dusty = paper.copy()
    dusty[20:23, 50:53] = 60
    assert ink_box(faint_ink(dusty, noise_of(dusty))) is None
    pale = np.where(line("1", page_font) > 0, paper - 60, paper).astype(np.uint8)
    assert ink_box(faint_ink(pale, noise_of(pale))) is not None


def test_noise_is_that_of_the_paper_whatever_is_printed_on_it(page_font: ImageFont.FreeTypeFont) -> None:
    paper = np.random.default_rng(2).normal(215, 6, (70, 300))
    paper[line("4.215", page_font) > 0] = 20
    assert noise_of(paper.astype(np.uint8)) == pytest.approx(6, abs=1)
    assert noise_of(np.zeros((70, 300), np.uint8)) == 0


@pytest.mark.parametrize("count", [1, 2, 3, 4, 9, 30])
def test_the_upper_quartile_is_numpys(count: int) -> None:
    values = np.random.default_rng(count).integers(5, 60, count).astype(np.int32)
    assert upper_quartile(values) == pytest.approx(np.percentile(values, 75))


def test_a_pen_through_a_number_is_seen_where_its_colour_is_taken_away_and_where_it_was_too_dark_for_that(
    page_font: ImageFont.FreeTypeFont,
) -> None:
    printed = line("1.939", page_font)
    box = ink_box(printed)
    assert box is not None
    left, top, right, bottom = box
    through = np.zeros_like(printed)
    cv2.line(through, (left - 8, (top + bottom) // 2), (right + 8, (top + bottom) // 2 + 3), 255, 2)
    everything, blue = np.maximum(printed, through), through.copy()
    blue[:, left + round(0.4 * (right - left)) :] = 0
    assert crossed(everything, through, box)
    assert crossed(everything, blue, box)
    beside = np.zeros_like(printed)
    beside[:, : left - 4] = 255
    assert not crossed(printed, np.zeros_like(printed), box)
    assert not crossed(np.maximum(printed, beside), beside, box)
