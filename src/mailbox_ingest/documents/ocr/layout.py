"""How print lies on a draft of the page: axis, skew, size of letters, where anything stands. Holds no picture larger than the draft."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from mailbox_ingest.documents.ocr.blobs import Blobs, rub_out
from mailbox_ingest.documents.ocr.pixels import Pixels, halved, reduced

_TYPICAL_HEIGHT = 19.0  # median height of a connected letter of 13 pt type at 200 dpi
_SKEW_SIDE = 640  # pixels: skew is measured to a tenth of a degree on a picture this large
_STRIP = 8  # pixels: columns added up before they are sheared; at 4° they blur by half a pixel
_MARGIN = 40  # pixels at 200 dpi that are kept around what stands on the page
_SHEET_EDGE = 24  # pixels at 200 dpi, 3 mm: no printer comes as near
_SPECK = 8  # pixels at 200 dpi: what is smaller says nothing about where print stands


def letter_factor(blobs: Blobs, scale: float) -> float | None:
    """By how much to enlarge so that letters have the size Tesseract reads best; None where too few stand. `scale` leads from the picture
    of the blobs to 200 dpi."""
    heights, widths = blobs.heights * scale, blobs.widths * scale
    letters = heights[(heights >= 6) & (heights <= 120) & (widths >= 3) & (widths <= 150)]
    return _TYPICAL_HEIGHT / float(np.median(letters)) if letters.size >= 40 else None


def runs_down(ink: Pixels, blobs: Blobs, scale: float) -> bool:
    """Whether lines of text run from top to bottom: letters repeat along lines, so the profile across them is the rougher one."""
    sides = blobs.sides * (scale / 2)
    text = ink.copy()
    rub_out(text, blobs, (sides < 3) | (sides > 40))
    if not cv2.countNonZero(text):
        return False
    rows, columns = _profile(text, 1), _profile(text, 0)
    level = float((np.diff(rows) ** 2).sum() / max(1, text.shape[1]))
    upright = float((np.diff(columns) ** 2).sum() / max(1, text.shape[0]))
    return upright > 1.3 * level


def within_edges(blobs: Blobs, size: tuple[int, int], scale: float) -> Blobs:
    """Without what lies wholly on the edge of a sheet (`size` is width and height): the table it was photographed on, never print."""
    reach = _SHEET_EDGE / scale
    left, top = blobs.boxes[:, 0], blobs.boxes[:, 1]
    outside = (left + blobs.widths <= reach) | (top + blobs.heights <= reach) | (left >= size[0] - reach) | (top >= size[1] - reach)
    return blobs.those(~outside)


def content_box(blobs: Blobs, scale: float) -> tuple[int, int, int, int] | None:
    """(left, top, right, bottom) of all that is larger than a speck, with a margin; None for an empty page."""
    boxes = blobs.boxes[blobs.sides * scale >= _SPECK]
    if not len(boxes):
        return None
    margin = round(_MARGIN / scale)
    left, top = boxes[:, 0].min() - margin, boxes[:, 1].min() - margin
    right, bottom = (boxes[:, 0] + boxes[:, 2]).max() + margin, (boxes[:, 1] + boxes[:, 3]).max() + margin
    return int(left), int(top), int(right), int(bottom)


def skew_angle(ink: Pixels) -> float:
    """Degrees to turn counter-clockwise so that lines of text are level, within ±8°: the angle with the sharpest line profile."""
    small = reduced(ink, -(-max(ink.shape) // _SKEW_SIDE))
    height, width = small.shape
    strips = np.asarray(cv2.resize(small, (max(1, width // _STRIP), height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    coarse = halved(strips) if min(strips.shape) >= 2 else strips
    best = _sharpest(coarse, np.arange(-8.0, 8.5, 1.0))
    best = _sharpest(strips, np.arange(best - 1.0, best + 1.1, 0.25))
    return _sharpest(strips, np.arange(best - 0.2, best + 0.21, 0.05))


def _sharpest(strips: Pixels, angles: npt.NDArray[np.float64]) -> float:
    """The angle at which lines show best. Strips are narrow columns side by side: turning them a little is moving them up and down."""
    height, count = strips.shape

    def sharpness(angle: float) -> float:
        slope = -np.tan(np.radians(angle)) * _STRIP
        shear = np.array([[1.0, 0.0, 0.0], [slope, 1.0, -slope * count / 2]])
        level = cv2.warpAffine(strips, shear, (count, height), flags=cv2.INTER_LINEAR)
        return float((np.diff(_profile(np.asarray(level, dtype=np.uint8), 1)) ** 2).sum())

    return round(float(max(angles, key=sharpness)), 2)


def _profile(picture: Pixels, axis: int) -> npt.NDArray[np.float64]:
    return np.asarray(cv2.reduce(picture, axis, cv2.REDUCE_SUM, dtype=cv2.CV_32S), dtype=np.float64).ravel()
