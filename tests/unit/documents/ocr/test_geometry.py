"""Page, skew, axis: and the way back to the pixels of the file."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mailbox_ingest.documents.ocr.geometry import find_page, map_box, skew_angle, straighten, turned
from mailbox_ingest.documents.ocr.ink import binarise


@pytest.mark.parametrize("angle", [-3.0, -0.7, 0.0, 1.8, 5.0])
def test_skew_is_measured_to_a_tenth_of_a_degree(report_page, angle: float) -> None:
    page = report_page("4.215", "3.480", "3.102").image.rotate(-angle, fillcolor="white")
    assert abs(skew_angle(binarise(np.array(page.convert("L")))) - angle) < 0.11


def test_a_sheet_on_a_dark_table_is_found_and_flattened(report_page) -> None:
    pixels = report_page("4.215", "3.480", "3.102").pixels()
    corners = np.array([[210, 160], [1720, 240], [1660, 2390], [130, 2300]], np.float32)
    flat = np.array([[0, 0], [1654, 0], [1654, 2339], [0, 2339]], np.float32)
    away = cv2.getPerspectiveTransform(flat, corners)
    photo = cv2.warpPerspective(pixels, away, (1900, 2500), borderValue=(60, 50, 45))
    found = find_page(np.asarray(photo))
    assert found is not None
    assert np.abs(found - corners).max() < 12
    sheet = straighten(np.asarray(photo), 72)
    left, top, width, height = map_box(sheet.to_source, 0, 0, sheet.image.shape[1], sheet.image.shape[0])
    assert np.abs(np.array([left, top, left + width, top + height]) - (130, 160, 1720, 2390)).max() < 25


def test_a_scan_has_no_edges_to_find(report_page) -> None:
    assert find_page(report_page("1", "2", "3").pixels()) is None


@pytest.mark.parametrize(("dpi", "claimed"), [(100, 100), (300, 300), (150, None), (200, 72)])
def test_every_scan_comes_to_two_hundred_dots_an_inch(report_page, dpi: int, claimed: float | None) -> None:
    pixels = report_page("4.215", "3.480", "3.102").pixels()
    scan = np.asarray(cv2.resize(pixels, None, fx=dpi / 200, fy=dpi / 200, interpolation=cv2.INTER_AREA))
    assert abs(straighten(scan, claimed).image.shape[0] - 2339) < 15


def test_a_turned_sheet_still_points_at_the_same_pixels(report_page) -> None:
    sheet = straighten(report_page("4.215", "3.480", "3.102").pixels(), 200)
    once = turned(sheet, 1)
    height, width = sheet.image.shape[:2]
    before = map_box(sheet.to_source, 300, 400, 380, 430)
    # numpy.rot90 moves (x, y) to (y, width - 1 - x)
    after = map_box(once.to_source, 400, width - 1 - 380, 430, width - 1 - 300)
    assert np.abs(np.array(before) - after).max() <= 2
    assert once.image.shape[:2] == (width, height)
