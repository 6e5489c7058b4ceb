"""Colours parted, paper made white."""

from __future__ import annotations

import cv2
import numpy as np

from mailbox_ingest.documents.ocr.ink import Inks, Patch, binarise, coloured_zones, flatten
from mailbox_ingest.documents.ocr.ink import separate as separate_sheet
from mailbox_ingest.documents.ocr.pixels import reduced


def separate(page: np.ndarray) -> Inks:
    """A page of which every pixel is looked at in colour."""
    if page.ndim == 2:
        return separate_sheet(flatten(page), ())
    even = flatten(page)
    return separate_sheet(cv2.cvtColor(even, cv2.COLOR_RGB2GRAY), [Patch(left=0, top=0, image=even)])


def printed() -> np.ndarray:
    page = np.full((400, 600, 3), 255, np.uint8)
    cv2.putText(page, "4.215", (150, 200), cv2.FONT_HERSHEY_SIMPLEX, 2, (10, 10, 10), 5)
    return page


def test_a_red_stamp_and_a_blue_pen_leave_the_print_and_are_remembered() -> None:
    page = printed()
    clean = binarise(separate(page).print)
    cv2.circle(page, (450, 300), 70, (205, 30, 45), 5)
    cv2.line(page, (60, 330), (300, 360), (35, 55, 170), 5)
    inks = separate(page)
    assert inks.coloured[230, 450] and inks.coloured[345, 180]
    assert not inks.coloured[120:215, 140:350].any()
    assert np.array_equal(binarise(inks.print), clean)
    assert inks.all[230, 450] < 200


def test_print_under_a_stamp_stays() -> None:
    page = printed()
    before = np.count_nonzero(binarise(separate(page).print))
    stamp = np.full_like(page, 255)
    cv2.circle(stamp, (240, 180), 90, (205, 30, 45), 6)
    after = np.count_nonzero(binarise(separate(np.minimum(page, stamp)).print))
    assert abs(after - before) < 0.1 * before


def test_a_grey_scan_has_no_coloured_ink() -> None:
    assert not separate(printed()[:, :, 0]).coloured.any()
    assert not separate(printed()).coloured.any()


def test_a_shadow_and_a_warm_lamp_do_not_turn_into_ink() -> None:
    light = np.linspace(0.45, 1.0, 600)[None, :, None] * np.array([1.0, 0.93, 0.8])
    photo = (printed() * light).astype(np.uint8)
    inks = separate(photo)
    assert not inks.coloured.any()
    ink, clean = binarise(inks.print), binarise(separate(printed()).print)
    assert np.count_nonzero(ink != clean) < 0.2 * np.count_nonzero(clean)


def test_an_empty_page_has_no_ink() -> None:
    grain = np.random.default_rng(1).normal(240, 5, (400, 400))
    assert np.count_nonzero(binarise(flatten(np.clip(grain, 0, 255).astype(np.uint8)))) == 0


def test_thin_coloured_strokes_are_noticed_on_a_draft() -> None:
    page = printed()
    cv2.line(page, (60, 330), (300, 360), (35, 55, 170), 3)
    assert not coloured_zones(flatten(reduced(printed(), 2)))
    [(left, top, right, bottom)] = coloured_zones(flatten(reduced(page, 2)))
    assert left <= 31 and right >= 149 and top <= 166 and bottom >= 179


def test_dust_goes_and_the_dot_of_a_number_stays() -> None:
    page = printed()[:, :, 0]
    page[350:354, 500:504] = 0
    seen = binarise(separate(page).print)
    assert not seen[340:360, 490:510].any()
    assert np.array_equal(seen[100:250], binarise(printed()[:, :, 0])[100:250])
