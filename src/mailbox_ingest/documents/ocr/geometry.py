"""Where the page lies in the picture: perspective, size, axis and skew, as one homography. Holds no text; refuses nothing.

All is measured on a draft of about 100 dpi; the page itself is resampled once, grey, and only where something stands on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np
import numpy.typing as npt

from mailbox_ingest.documents.ocr import layout
from mailbox_ingest.documents.ocr.blobs import Blobs, blobs_of
from mailbox_ingest.documents.ocr.decode import Pixels
from mailbox_ingest.documents.ocr.edges import Corners, find_page
from mailbox_ingest.documents.ocr.engine import WORKING_DPI
from mailbox_ingest.documents.ocr.ink import Patch, Zone, binarise, coloured_zones, flatten, halved, paper_of, reduced

Matrix = npt.NDArray[np.float64]

_A4_INCHES = (8.27, 11.69)
_MAX_WORKING_SIDE = 3600  # pixels: A3 at 200 dpi, and the bound on memory whatever the file claims
_DRAFT_SHARE = 0.45  # of the working resolution that a draft has at least
_LIKELY = (0.7, 1.3)  # by how much letters of a draft may be off their size before they are measured closely
_SHARP, _SOFTENING = 0.75, 0.5  # shrunk by more, a picture is softened first, by a box of 1.5 pixels' worth
_PATCH_MARGIN = 8  # pixels at 200 dpi around a zone of colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What stands on a page, grey on white at about 200 dpi with level lines, and in colour where colour is. `to_source` maps working
    pixels (x, y, 1) to pixels of the page image."""

    image: Pixels
    patches: tuple[Patch, ...]
    to_source: Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A small flat view of the page: `to_draft` leads there from the source, `scale` from there to the working page."""

    image: Pixels
    to_draft: Matrix
    scale: float


def straighten(image: Pixels, dpi: float | None) -> Sheet:
    """The page found, flattened, brought to 200 dpi and deskewed; its text may still stand on its head (see `turned`)."""
    draft, is_scan = _draft(image, dpi)
    paper = paper_of(draft.image)
    even = flatten(draft.image, paper)
    ink = binarise(_grey(even))
    blobs = blobs_of(ink)
    to_work, (width, height) = _level(image, draft, ink, blobs, is_scan=is_scan)
    box = layout.content_box(blobs, draft.scale)
    left, top, right, bottom = _seen(to_work, box, (width, height)) if box else (0, 0, width, height)
    to_sheet = _moved(left, top) @ to_work
    size = (right - left, bottom - top)
    whole = to_sheet @ draft.to_draft
    piece, from_piece = _cropped(image, whole, size)
    page = flatten(warp(_grey(piece), from_piece, size))
    zones = coloured_zones(even) if even.ndim == 3 else ()
    patches = tuple(_patch(image, paper, _seen(to_sheet, zone, size, _PATCH_MARGIN), to_sheet, draft.to_draft) for zone in zones)
    return Sheet(image=page, patches=tuple(patch for patch in patches if patch is not None), to_source=inverse(whole))


def _draft(image: Pixels, dpi: float | None) -> tuple[_Draft, bool]:
    """The draft, and whether the picture is a scan (no edges of a sheet in it)."""
    scale = _scan_scale(image, dpi)
    factor = max(1, int(1 / (_DRAFT_SHARE * scale)))
    small = reduced(image, factor)
    to_draft = np.diag([1 / factor, 1 / factor, 1.0])
    corners = find_page(_grey(small))
    if corners is None:
        return _Draft(image=small, to_draft=to_draft, scale=scale * factor), True
    flat, size = _page_homography(corners)
    seen = cv2.warpPerspective(small, flat, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return _Draft(image=np.asarray(seen, dtype=np.uint8), to_draft=flat @ to_draft, scale=2.0), False


def _level(image: Pixels, draft: _Draft, ink: Pixels, blobs: Blobs, *, is_scan: bool) -> tuple[Matrix, tuple[int, int]]:
    """From the draft to the level page at its working size: (matrix, (width, height))."""
    factor = _letter_factor(image, draft, blobs) if is_scan else 1.0
    height, width = (max(8, round(side * draft.scale * factor)) for side in ink.shape)
    to_work = np.diag([draft.scale * factor, draft.scale * factor, 1.0])
    turn = layout.runs_down(ink, blobs, draft.scale)
    if turn:
        to_work = _quarter_turn(width) @ to_work
        width, height = height, width
    angle = layout.skew_angle(np.ascontiguousarray(np.rot90(ink)) if turn else ink)
    if abs(angle) > 0.05:
        to_work = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0), [0.0, 0.0, 1.0]]) @ to_work
    return to_work, (width, height)


def _letter_factor(image: Pixels, draft: _Draft, blobs: Blobs) -> float:
    """By how much to scale again so that letters have the size Tesseract reads best; 1.0 where they nearly do."""
    factor = layout.letter_factor(blobs, draft.scale)
    if factor is None or _LIKELY[0] < factor < _LIKELY[1]:
        return 1.0
    height, width = (max(8, round(side * draft.scale)) for side in draft.image.shape[:2])
    full = warp(_grey(image), np.diag([draft.scale, draft.scale, 1.0]) @ draft.to_draft, (width, height))
    factor = layout.letter_factor(blobs_of(binarise(flatten(full))), 1.0)
    if factor is None or 0.6 <= factor <= 1.5:
        return 1.0
    return float(min(max(factor, 0.3), 3.0, _MAX_WORKING_SIDE / max(height, width)))


def _patch(image: Pixels, paper: Pixels, zone: Zone, to_sheet: Matrix, to_draft: Matrix) -> Patch | None:
    """The zone (of the sheet) in colour, None where it lies outside."""
    left, top, right, bottom = zone
    size = (right - left, bottom - top)
    if min(size) < 1:
        return None
    to_zone = _moved(left, top) @ to_sheet
    white = cv2.warpPerspective(paper, to_zone, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return Patch(left=left, top=top, image=flatten(warp(image, to_zone @ to_draft, size), np.asarray(white, dtype=np.uint8)))


def turned(sheet: Sheet, quarters: int) -> Sheet:
    """The sheet turned counter-clockwise by 90° steps."""
    image, patches, back = sheet.image, sheet.patches, sheet.to_source
    for _ in range(quarters % 4):
        width = image.shape[1]
        back = back @ inverse(_quarter_turn(width))
        image = np.ascontiguousarray(np.rot90(image))
        patches = tuple(
            Patch(left=patch.top, top=width - patch.left - patch.image.shape[1], image=np.ascontiguousarray(np.rot90(patch.image)))
            for patch in patches
        )
    return Sheet(image=image, patches=patches, to_source=back)


def warp(image: Pixels, matrix: Matrix, size: tuple[int, int]) -> Pixels:
    """`image` seen through `matrix` at `size` (width, height); what lies outside is a copy of the border. Shrinking averages first."""
    if np.allclose(matrix, np.eye(3)) and (image.shape[1], image.shape[0]) == size:
        return image
    shrink = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    if 0 < shrink < _SHARP:
        image, matrix = _cropped(image, matrix, size)
        while shrink < 0.5 and min(image.shape[:2]) >= 4:
            image, shrink = halved(image), shrink * 2
            matrix = matrix @ np.array([[2.0, 0.0, 0.5], [0.0, 2.0, 0.5], [0.0, 0.0, 1.0]])
        if shrink < _SHARP:
            image = np.asarray(cv2.GaussianBlur(image, (3, 3), _SOFTENING), dtype=np.uint8)
    if np.array_equal(matrix[2], (0.0, 0.0, 1.0)):  # a scan: no perspective, a tenth less to do
        seen = cv2.warpAffine(image, matrix[:2], size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    else:
        seen = cv2.warpPerspective(image, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, dtype=np.uint8)


def _cropped(image: Pixels, matrix: Matrix, size: tuple[int, int]) -> tuple[Pixels, Matrix]:
    """The part of `image` that shows through `matrix` at `size`, with what interpolation needs around it, and the matrix for it."""
    left, top, right, bottom = _seen(inverse(matrix), (0, 0, *size), (image.shape[1], image.shape[0]), 8)
    if right <= left or bottom <= top:
        return image, matrix
    return image[top:bottom, left:right], matrix @ _moved(-left, -top)


def inverse(matrix: Matrix) -> Matrix:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def map_box(matrix: Matrix, left: float, top: float, right: float, bottom: float) -> tuple[int, int, int, int]:
    """The upright rectangle (left, top, width, height) around a box seen through `matrix`."""
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()  # four points: plain arithmetic takes a tenth of what arrays do
    corners = [(x, y, g * x + h * y + i) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))]
    xs = [(a * x + b * y + c) / depth for x, y, depth in corners]
    ys = [(d * x + e * y + f) / depth for x, y, depth in corners]
    return int(min(xs)), int(min(ys)), ceil(max(xs) - min(xs)), ceil(max(ys) - min(ys))


def _seen(matrix: Matrix, zone: Zone, size: tuple[int, int], margin: int = 0) -> Zone:
    """The zone seen through `matrix`, with a margin, as far as it lies within (width, height)."""
    left, top, width, height = map_box(matrix, *zone)
    right, bottom = left + width + 1 + margin, top + height + 1 + margin
    return max(0, left - margin), max(0, top - margin), min(size[0], right), min(size[1], bottom)


def _moved(left: int, top: int) -> Matrix:
    return np.array([[1.0, 0.0, -left], [0.0, 1.0, -top], [0.0, 0.0, 1.0]])


def _sides(corners: Corners) -> tuple[float, float]:
    across = (np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3])) / 2
    down = (np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1])) / 2
    return float(across), float(down)


def _page_homography(corners: Corners) -> tuple[Matrix, tuple[int, int]]:
    """From a sheet's corners to an A4 page at half the working resolution, and its (width, height)."""
    across, down = _sides(corners)
    short, long = (round(side * WORKING_DPI / 2) for side in _A4_INCHES)
    width, height = (short, long) if down >= across else (long, short)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    return np.asarray(cv2.getPerspectiveTransform(corners.astype(np.float32), target), dtype=np.float64), (width, height)


def _scan_scale(image: Pixels, dpi: float | None) -> float:
    long = max(image.shape[:2])
    believable = dpi is not None and 70 <= dpi <= 1300 and 5.0 <= long / dpi <= 17.5
    scale = WORKING_DPI / dpi if believable and dpi is not None else _A4_INCHES[1] * WORKING_DPI / long
    return float(min(scale, _MAX_WORKING_SIDE / long, 4.0))


def _quarter_turn(width: int) -> Matrix:
    """Counter-clockwise by 90°, for an image `width` pixels wide (as numpy.rot90)."""
    return np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, width - 1.0], [0.0, 0.0, 1.0]])


def _grey(image: Pixels) -> Pixels:
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
