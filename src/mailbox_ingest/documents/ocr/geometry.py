"""Where the page lies in the picture: perspective, size, axis and skew, as one homography. Holds no text; refuses nothing.

All is measured on a draft of about 100 dpi; the page itself is resampled once, grey, and only where something stands on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mailbox_ingest.documents.ocr import layout
from mailbox_ingest.documents.ocr.blobs import Blobs, blobs_of
from mailbox_ingest.documents.ocr.edges import Corners, find_page
from mailbox_ingest.documents.ocr.engine import WORKING_DPI
from mailbox_ingest.documents.ocr.ink import Patch, binarise, coloured_zones, flatten, paper_of
from mailbox_ingest.documents.ocr.picture import Picture, Tint, picture_of
from mailbox_ingest.documents.ocr.pixels import Matrix, Pixels, Zone, cropped, halved, inverse, moved, reduced, warp, zone_seen

_A4_INCHES = (8.27, 11.69)
_MAX_WORKING_SIDE = 3600  # pixels: A3 at 200 dpi, and the bound on memory whatever the file claims
_DRAFT_SHARE = 0.45  # of the working resolution that a draft has at least
_LIKELY = (0.7, 1.3)  # by how much letters of a draft may be off their size before they are measured closely
_EDGE = 7  # pixels at 50 dpi: twice as wide as the edge of a sheet, where its colour and that of the table are mixed
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
    """Two small views of a page. `image`: grey and flat; `to_draft` leads there from the source, `scale` from there to the working page.
    `small`: grey, the picture as it is but smaller by `factor`, with the `corners` of the sheet in it, None for a scan."""

    image: Pixels
    to_draft: Matrix
    scale: float
    small: Pixels
    factor: int
    corners: Corners | None


def straighten(image: Pixels, dpi: float | None, tint: Tint | None = None) -> Sheet:
    """The page found, flattened, brought to 200 dpi and deskewed; its text may still stand on its head (see `turned`).

    `image` is RGB, or grey with its `tint` if it has any.
    """
    picture = picture_of(image, tint)
    draft = _draft(picture.light, dpi)
    ink = binarise(flatten(draft.image))
    blobs = blobs_of(ink)
    to_work, (width, height) = _level(picture.light, draft, ink, blobs)
    if draft.corners is not None:
        blobs = layout.within_edges(blobs, (ink.shape[1], ink.shape[0]), draft.scale)
    box = layout.content_box(blobs, draft.scale)
    left, top, right, bottom = zone_seen(to_work, box, (width, height)) if box else (0, 0, width, height)
    to_sheet, size = moved(left, top) @ to_work @ draft.to_draft, (right - left, bottom - top)
    page = flatten(warp(*cropped(picture.light, to_sheet, size), size))
    return Sheet(image=page, patches=_patches(picture, draft, to_sheet, size), to_source=inverse(to_sheet))


def _draft(light: Pixels, dpi: float | None) -> _Draft:
    scale = _scan_scale(light, dpi)
    factor = max(1, int(1 / (_DRAFT_SHARE * scale)))
    small = reduced(light, factor)
    to_draft = np.diag([1 / factor, 1 / factor, 1.0])
    corners = find_page(small)
    if corners is None:
        return _Draft(image=small, to_draft=to_draft, scale=scale * factor, small=small, factor=factor, corners=None)
    flat, size = _page_homography(corners)
    seen = cv2.warpPerspective(small, flat, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    image = np.asarray(seen, dtype=np.uint8)
    return _Draft(image=image, to_draft=flat @ to_draft, scale=2.0, small=small, factor=factor, corners=corners)


def _level(light: Pixels, draft: _Draft, ink: Pixels, blobs: Blobs) -> tuple[Matrix, tuple[int, int]]:
    """From the draft to the level page at its working size: (matrix, (width, height))."""
    factor = _letter_factor(light, draft, blobs) if draft.corners is None else 1.0
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


def _letter_factor(light: Pixels, draft: _Draft, blobs: Blobs) -> float:
    """By how much to scale again so that letters have the size Tesseract reads best; 1.0 where they nearly do."""
    factor = layout.letter_factor(blobs, draft.scale)
    if factor is None or _LIKELY[0] < factor < _LIKELY[1]:
        return 1.0
    height, width = (max(8, round(side * draft.scale)) for side in draft.image.shape[:2])
    full = warp(light, np.diag([draft.scale, draft.scale, 1.0]) @ draft.to_draft, (width, height))
    factor = layout.letter_factor(blobs_of(binarise(flatten(full))), 1.0)
    if factor is None or 0.6 <= factor <= 1.5:
        return 1.0
    return float(min(max(factor, 0.3), 3.0, _MAX_WORKING_SIDE / max(height, width)))


def _patches(picture: Picture, draft: _Draft, to_sheet: Matrix, size: tuple[int, int]) -> tuple[Patch, ...]:
    """What may be coloured on the sheet. It is looked for at half the draft's size, before anything is flattened: a quarter of the pixels,
    and with lower thresholds no stroke less is found."""
    if picture.colour is None:
        return ()
    light, factor = halved(draft.small), 2 * draft.factor
    small = picture.small(light, factor)
    inside = None
    if draft.corners is not None:
        inside = np.zeros_like(light)
        cv2.fillConvexPoly(inside, (draft.corners / 2).round().astype(np.int32), 255)
        inside = np.asarray(cv2.erode(inside, np.ones((_EDGE, _EDGE), np.uint8)), dtype=np.uint8)
    paper = paper_of(small, inside)
    to_zone = to_sheet @ np.diag([factor, factor, 1.0])
    zones = (zone_seen(to_zone, zone, size, _PATCH_MARGIN) for zone in coloured_zones(flatten(small, paper), inside))
    return tuple(_patch(picture, paper, zone, to_sheet, to_zone) for zone in zones if zone[2] > zone[0] and zone[3] > zone[1])


def _patch(picture: Picture, paper: Pixels, zone: Zone, to_sheet: Matrix, to_zone: Matrix) -> Patch:
    """The zone (of the sheet) in colour; `to_zone` leads from the small view, where `paper` was found, to the sheet."""
    left, top, right, bottom = zone
    size, shift = (right - left, bottom - top), moved(left, top)
    white = cv2.warpPerspective(paper, shift @ to_zone, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return Patch(left=left, top=top, image=flatten(picture.seen(shift @ to_sheet, size), np.asarray(white, dtype=np.uint8)))


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


def _scan_scale(light: Pixels, dpi: float | None) -> float:
    long = max(light.shape)
    believable = dpi is not None and 70 <= dpi <= 1300 and 5.0 <= long / dpi <= 17.5
    scale = WORKING_DPI / dpi if believable and dpi is not None else _A4_INCHES[1] * WORKING_DPI / long
    return float(min(scale, _MAX_WORKING_SIDE / long, 4.0))


def _quarter_turn(width: int) -> Matrix:
    """Counter-clockwise by 90°, for an image `width` pixels wide (as numpy.rot90)."""
    return np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, width - 1.0], [0.0, 0.0, 1.0]])
