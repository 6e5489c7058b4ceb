"""Rules of a page as masks, and how masks are cut out of it. Holds pixels only; which rules make a table is `grid.py`'s business."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mailbox_ingest.documents.ocr.blobs import blobs_of
from mailbox_ingest.documents.ocr.pixels import Matrix, Pixels, Zone, halved

SMALLEST = (150, 55)  # pixels: width and height of a net of rules
SHORTEST = 34  # pixels: an upright rule is at least this long, a level one by 8 longer
_LINE_GREY = 200  # thin rules of a 100 dpi scan are grey: lighter than the threshold for letters
_AROUND = 20  # pixels: more than half of any closing and opening done on the table alone
_GROWN = 30  # pixels that windows are at least larger than the net in them


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """Rules that hang together over the size of a table or more: 255 on level and on upright ones, at (left, top) of the page."""

    left: int
    top: int
    across: Pixels
    down: Pixels


def rule_nets(grey: Pixels) -> list[Net]:
    """The nets of rules of a grey page at 200 dpi: long, thin, dark. Their windows do not overlap."""
    found = []
    for left, top, right, bottom in _apart(_windows(grey)):
        across, down = _masks(grey[top:bottom, left:right])
        found.append(Net(left=left, top=top, across=across, down=down))
    return found


def rule_masks(grey: Pixels) -> tuple[Pixels, Pixels]:
    """All nets of a picture together, level and upright rules."""
    across, down = np.zeros_like(grey), np.zeros_like(grey)
    for net in rule_nets(grey):
        window = np.s_[net.top : net.top + net.across.shape[0], net.left : net.left + net.across.shape[1]]
        across[window], down[window] = net.across, net.down
    return across, down


def _apart(zones: list[Zone]) -> list[Zone]:
    """The zones, those that overlap joined to one."""
    left_over, apart = list(zones), []
    while left_over:
        zone = left_over.pop()
        near = [other for other in left_over if other[0] < zone[2] and zone[0] < other[2] and other[1] < zone[3] and zone[1] < other[3]]
        if near:
            left_over = [other for other in left_over if other not in near]
            lefts, tops, rights, bottoms = zip(zone, *near, strict=True)
            left_over.append((min(lefts), min(tops), max(rights), max(bottoms)))
        else:
            apart.append(zone)
    return apart


def _windows(grey: Pixels) -> list[Zone]:
    """Where rules hang together over the size of a table, with a margin: looked for at half the size, where a rule is half as long and a
    thin one paler. Windows are left, top, right, bottom; they may overlap."""
    small = halved(grey)
    ink = np.asarray(cv2.threshold(small, (_LINE_GREY + 255) // 2, 255, cv2.THRESH_BINARY_INV)[1], dtype=np.uint8)
    across = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8))
    across = cv2.morphologyEx(across, cv2.MORPH_OPEN, np.ones((1, (SHORTEST + 8) // 2 - 2), np.uint8))
    down = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, 1), np.uint8))
    down = cv2.morphologyEx(down, cv2.MORPH_OPEN, np.ones((SHORTEST // 2 - 2, 1), np.uint8))
    near = np.asarray(cv2.dilate(cv2.bitwise_or(across, down), np.ones((_AROUND + 3, _AROUND + 3), np.uint8)), dtype=np.uint8)
    return [
        (2 * left, 2 * top, min(2 * (left + width) + 2, grey.shape[1]), min(2 * (top + height) + 2, grey.shape[0]))
        for left, top, width, height in blobs_of(near).boxes.tolist()
        if 2 * width >= SMALLEST[0] + _GROWN and 2 * height >= SMALLEST[1] + _GROWN
        if all(cv2.countNonZero(mask[top : top + height, left : left + width]) for mask in (across, down))
    ]


def _masks(grey: Pixels) -> tuple[Pixels, Pixels]:
    ink = np.asarray(cv2.threshold(grey, _LINE_GREY - 1, 255, cv2.THRESH_BINARY_INV)[1], dtype=np.uint8)
    across = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8))
    across = cv2.morphologyEx(across, cv2.MORPH_OPEN, np.ones((1, SHORTEST + 8), np.uint8))
    down = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, 1), np.uint8))
    down = cv2.morphologyEx(down, cv2.MORPH_OPEN, np.ones((SHORTEST, 1), np.uint8))
    left, top, width, height = cv2.boundingRect(cv2.bitwise_or(across, down))
    if not width:
        return np.asarray(across, dtype=np.uint8), np.asarray(down, dtype=np.uint8)
    # What is left of the page is often its table: the rest of the work is done there.
    window = np.s_[max(0, top - _AROUND) : top + height + _AROUND, max(0, left - _AROUND) : left + width + _AROUND]
    clear = cv2.bitwise_not(
        cv2.dilate(cv2.morphologyEx(ink[window], cv2.MORPH_OPEN, np.ones((15, 15), np.uint8)), np.ones((7, 7), np.uint8))
    )
    across[window] = cv2.bitwise_and(cv2.morphologyEx(across[window], cv2.MORPH_CLOSE, np.ones((3, 31), np.uint8)), clear)
    down[window] = cv2.bitwise_and(cv2.morphologyEx(down[window], cv2.MORPH_CLOSE, np.ones((31, 3), np.uint8)), clear)
    return np.asarray(across, dtype=np.uint8), np.asarray(down, dtype=np.uint8)


def piece_at(mask: Pixels, seed: npt.NDArray[np.int32]) -> Pixels:
    """255 on the connected piece of `mask` that holds the point (x, y)."""
    marked = mask.copy()
    cv2.floodFill(marked, None, (int(seed[0]), int(seed[1])), (128,), flags=8)
    return np.asarray(cv2.inRange(marked, 128, 128), dtype=np.uint8)


def cut_out(image: Pixels, matrix: Matrix, size: tuple[int, int], *, outside: int) -> Pixels:
    """`image` (one channel) through `matrix` at `size`, `outside` where it does not reach; by plain copying where nothing is turned."""
    dx, dy = round(matrix[0, 2]), round(matrix[1, 2])
    if not np.allclose(matrix, [[1, 0, dx], [0, 1, dy], [0, 0, 1]], atol=1e-6):
        return np.asarray(cv2.warpPerspective(image, matrix, size, flags=cv2.INTER_CUBIC, borderValue=(outside,)), dtype=np.uint8)
    piece = image[max(0, -dy) : max(0, size[1] - dy), max(0, -dx) : max(0, size[0] - dx)]
    placed = np.full((size[1], size[0]), outside, dtype=np.uint8)
    x, y = max(0, dx), max(0, dy)
    placed[y : y + piece.shape[0], x : x + piece.shape[1]] = piece
    return placed
