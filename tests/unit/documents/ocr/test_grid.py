"""Ruled tables found in pixels: spans, gaps, slants, and strokes that are no rules."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mailbox_ingest.documents.ocr.grid import Grid, find_grids

XS, YS = (100, 200, 700, 900), (100, 160, 230, 300)


def ruled(thickness: int = 2, ink: int = 0) -> np.ndarray:
    page = np.full((420, 1000), 255, np.uint8)
    for x in XS:
        cv2.line(page, (x, YS[0]), (x, YS[-1]), ink, thickness)
    for y in YS:
        cv2.line(page, (XS[0], y), (XS[-1], y), ink, thickness)
    return page


def shape(grid: Grid) -> tuple[int, int, int]:
    return grid.rows, grid.columns, len(grid.cells)


def only(page: np.ndarray) -> Grid:
    (grid,) = find_grids(page)
    return grid


def test_every_cell_of_a_plain_table_is_found_where_it_stands() -> None:
    grid = only(ruled())
    assert shape(grid) == (3, 3, 9)
    cell = next(cell for cell in grid.cells if (cell.row, cell.column) == (1, 2))
    corners = grid.to_page @ np.array([[cell.left, cell.right], [cell.top, cell.bottom], [1, 1]], float)
    assert np.abs(corners[:2].T.ravel() - (700, 160, 900, 230)).max() < 5


def test_a_missing_wall_makes_a_span() -> None:
    page = ruled()
    page[104:157, 690:710] = 255  # between the second and third heading
    cells = {(cell.row, cell.column): (cell.row_span, cell.column_span) for cell in only(page).cells}
    assert cells[0, 1] == (1, 2)
    assert (0, 2) not in cells


def test_a_rule_broken_by_the_scanner_is_still_a_wall() -> None:
    page = ruled()
    page[:, 400:415] = 255
    page[190:200, :] = 255
    assert shape(only(page)) == (3, 3, 9)


@pytest.mark.parametrize("ink", [0, 120, 180])
def test_thin_grey_rules_count(ink: int) -> None:
    assert shape(only(ruled(thickness=1, ink=ink))) == (3, 3, 9)


def test_a_stroke_through_a_number_is_no_rule() -> None:
    page = ruled()
    cv2.line(page, (730, 195), (870, 195), 0, 3)
    grid = only(page)
    assert shape(grid) == (3, 3, 9)
    cell = next(cell for cell in grid.cells if (cell.row, cell.column) == (1, 2))
    assert not grid.rules[cell.top + 8 : cell.bottom - 8, cell.left + 8 : cell.right - 8].any()


def test_a_table_in_perspective_is_straightened() -> None:
    away = np.array([[100, 100], [900, 118], [885, 306], [108, 296]], np.float32)
    onto = np.array([[100, 100], [900, 100], [900, 300], [100, 300]], np.float32)
    page = cv2.warpPerspective(ruled(3), cv2.getPerspectiveTransform(onto, away), (1000, 420), borderValue=(255,))
    assert shape(only(np.asarray(page))) == (3, 3, 9)


def test_a_frame_an_underline_and_a_dark_edge_are_no_tables() -> None:
    page = np.full((600, 1000), 255, np.uint8)
    cv2.rectangle(page, (50, 50), (950, 300), 0, 2)
    cv2.line(page, (300, 400), (700, 400), 0, 3)
    page[:, :30] = 20
    assert find_grids(page) == ()


def test_a_round_stamp_adds_no_rules() -> None:
    page = ruled()
    cv2.circle(page, (780, 230), 134, 60, 4)
    assert shape(only(page)) == (3, 3, 9)
