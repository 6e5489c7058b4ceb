"""Page, skew, axis: and the way back to the pixels of the file."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mailbox_ingest.documents.ocr.edges import find_page
from mailbox_ingest.documents.ocr.geometry import straighten, turned
from mailbox_ingest.documents.ocr.ink import binarise
from mailbox_ingest.documents.ocr.layout import skew_angle
from mailbox_ingest.documents.ocr.pixels import map_box


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
    found = find_page(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY))
    assert found is not None
    assert np.abs(found - corners).max() < 12
    sheet = straighten(np.asarray(photo), 72)
    for x, y in ((230, 150), (1480, 560), (1480, 848)):  # the letterhead, two corners of the table
        there = away @ (x, y, 1.0)
        back = np.linalg.inv(sheet.to_source) @ (*(there[:2] / there[2]), 1.0)
        expected = np.array([x, y]) - (230, 150)
        if not expected.any():
            origin = back[:2] / back[2]
        assert np.abs(back[:2] / back[2] - origin - expected).max() < 12


def test_the_edge_of_a_photographed_sheet_is_nothing_that_stands_on_it(report_page) -> None:
    pixels = report_page("4.215", "3.480", "3.102").pixels()
    pixels[:, :6] = 70
    pixels[2333:, 400:] = 70
    away = cv2.getPerspectiveTransform(
        np.array([[0, 0], [1654, 0], [1654, 2339], [0, 2339]], np.float32),
        np.array([[210, 160], [1720, 240], [1660, 2390], [130, 2300]], np.float32),
    )
    photo = cv2.warpPerspective(pixels, away, (1900, 2500), borderValue=(60, 50, 45))
    height, width = straighten(np.asarray(photo), 72).image.shape
    assert width < 1500 and height < 1300  # print ends 560 + 4 x 72 + 380 from the top


def test_a_scan_has_no_edges_to_find(report_page) -> None:
    assert find_page(np.array(report_page("1", "2", "3").image.convert("L"))) is None


@pytest.mark.parametrize(("dpi", "claimed"), [(100, 100), (300, 300), (600, 600), (150, None), (200, 72)])
def test_every_scan_comes_to_two_hundred_dots_an_inch(report_page, dpi: int, claimed: float | None) -> None:
    pixels = report_page("4.215", "3.480", "3.102").pixels()
    scan = np.asarray(cv2.resize(pixels, None, fx=dpi / 200, fy=dpi / 200, interpolation=cv2.INTER_AREA))
    sheet = straighten(scan, claimed)
    _, _, width, height = map_box(sheet.to_source, 0, 0, 1000, 1000)
    assert abs(width * 200 / dpi - 1000) < 10 and abs(height * 200 / dpi - 1000) < 10


def test_only_what_stands_on_the_page_is_kept_and_nothing_of_it_is_lost(report_page) -> None:
    page = report_page("4.215", "3.480", "3.102")
    sheet = straighten(page.pixels(), 200)
    ys, xs = np.nonzero(np.array(page.image.convert("L")) < 128)
    left, top, width, height = map_box(sheet.to_source, 0, 0, sheet.image.shape[1], sheet.image.shape[0])
    assert left <= xs.min() and top <= ys.min() and left + width >= xs.max() and top + height >= ys.max()
    assert sheet.image.size < 0.7 * page.pixels()[:, :, 0].size


def test_colour_is_cut_out_where_it_stands_and_nowhere_else(report_page) -> None:
    page = report_page("4.215", "3.480", "3.102")
    assert not straighten(page.pixels(), 200).patches
    page.draw().ellipse((700, 1000, 900, 1200), outline=(205, 30, 45), width=5)
    [patch] = straighten(page.pixels(), 200).patches
    sheet = straighten(page.pixels(), 200)
    left, top, width, height = map_box(
        sheet.to_source, patch.left, patch.top, patch.left + patch.image.shape[1], patch.top + patch.image.shape[0]
    )
    assert np.abs(np.array([left, top, left + width, top + height]) - (700, 1000, 900, 1200)).max() < 40
    red = sheet.patches[0].image
    assert (red[:, :, 0].astype(int) - red[:, :, 1] > 100).any()


def test_a_turned_sheet_still_points_at_the_same_pixels(report_page) -> None:
    sheet = straighten(report_page("4.215", "3.480", "3.102").pixels(), 200)
    once = turned(sheet, 1)
    height, width = sheet.image.shape[:2]
    before = map_box(sheet.to_source, 300, 400, 380, 430)
    # numpy.rot90 moves (x, y) to (y, width - 1 - x)
    after = map_box(once.to_source, 400, width - 1 - 380, 430, width - 1 - 300)
    assert np.abs(np.array(before) - after).max() <= 2
    assert once.image.shape[:2] == (width, height)


@pytest.mark.parametrize("dpi", [100, 150, 300, 600])
def test_a_place_on_the_working_page_leads_back_to_its_pixels(report_page, dpi: int) -> None:
    page = report_page("4.215", "3.480", "3.102").image.convert("L").rotate(-1.5, fillcolor="white", resample=3)
    scan = np.asarray(cv2.resize(np.array(page), None, fx=dpi / 200, fy=dpi / 200, interpolation=cv2.INTER_AREA))
    sheet = straighten(scan, dpi)
    direct = cv2.warpPerspective(scan, np.linalg.inv(sheet.to_source), sheet.image.shape[::-1], flags=cv2.INTER_AREA, borderValue=255)
    window = np.s_[100:-100, 100:-100]
    (dx, dy), _ = cv2.phaseCorrelate(direct[window].astype(np.float32), sheet.image[window].astype(np.float32))
    assert max(abs(dx), abs(dy)) < 1.0
