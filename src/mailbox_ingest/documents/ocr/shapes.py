"""The shapes of ink in a small picture: is it blank, how many digits stand there, is it plain print. Holds no readings."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mailbox_ingest.documents.ocr.blobs import blobs_of, labelled
from mailbox_ingest.documents.ocr.pixels import Pixels

MIN_GLYPH = 11  # pixels at 200 dpi: the smallest printed digit (6 pt); full stops and dust are smaller
_DUST_AREA = 14
_COMMA = 0.62  # of the digits' height: what is smaller separates them
_SPREAD, _SWAY = 0.11, 0.07  # of the digits' height: heights and feet that differ more were written by hand
_RASTER = 3.0  # pixels that enlarging a 100 dpi scan may add to one digit and not to the next
_SMALLEST, _LARGEST = 0.8, 1.22  # of the letters around
_WALL_NEAR = 3  # pixels: no typist leaves less between a rule and a number
_RUN = 1.9  # a level stroke longer than this many digit heights belongs to no digit
_CROSSED = 0.5  # share of a number's width with coloured ink on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyphs:
    """What one line with a number looks like.

    `count`: digits by shape, None where they run together. `struck`: a line through or under them. `foreign`: strokes far larger than a
    digit, or at the edge. `cut`: a digit so near the left or right wall that its neighbour may be behind it. `spread`, `sway`: how much
    heights and feet differ; `size`: how tall the digits are beside the letters around; all as ratios.
    """

    count: int | None = None
    struck: bool = False
    foreign: bool = False
    cut: bool = False
    spread: float = 0.0
    sway: float = 0.0
    size: float | None = None

    def by_hand(self, *, doubted: bool) -> bool:
        """Whether this may be handwriting. Print keeps one height: spread up to 0.08, sway up to 0.05, size 0.92 to 1.04 in every quality
        that was measured. `doubted`: the readings themselves give reason to be strict."""
        large = self.size is not None and not _SMALLEST < self.size < _LARGEST
        rather_large = self.size is not None and self.size > 1.07
        wavering = self.spread > 0.09 or self.sway > 0.05
        return large or self.spread > _SPREAD or self.sway > _SWAY or (rather_large and (wavering or doubted))


def noise_of(grey: Pixels) -> float:
    """The standard deviation of the paper's grey, robust against print."""
    counts = np.asarray(cv2.calcHist([grey], [0], None, [256], [0, 256])).ravel().astype(np.int64)
    counts[:151] = 0
    if counts.sum() < 50:
        return 0.0
    away = np.abs(np.arange(256) - _median(counts))
    return 1.4826 * _median(np.bincount(away, weights=counts, minlength=256).astype(np.int64))


def _median(counts: npt.NDArray[np.int64]) -> int:
    """The median of whole numbers given as a histogram."""
    return int(np.searchsorted(np.cumsum(counts), counts.sum() / 2))


def faint_ink(grey: Pixels, noise: float) -> Pixels:
    """255 wherever something darker than paper stands, pale pencil included: the test for 'blank' must not miss a number."""
    smooth = cv2.blur(grey, (3, 3))
    level = 255.0 - max(30.0, 4.5 * noise)
    return np.where(smooth < level, 255, 0).astype(np.uint8)


def ink_box(ink: Pixels, pieces: npt.NDArray[np.int32] | None = None) -> tuple[int, int, int, int] | None:
    """(left, top, right, bottom) of what is no dust, or None for a blank picture. `pieces` are those of `ink` where they are at hand."""
    parts = pieces_of(ink) if pieces is None else pieces
    tall = parts[(parts[:, cv2.CC_STAT_AREA] >= _DUST_AREA) & (parts[:, cv2.CC_STAT_HEIGHT] >= 3)]
    if not len(tall) or (tall[:, cv2.CC_STAT_HEIGHT].max() < 9 and tall[:, cv2.CC_STAT_AREA].sum() < 90):
        return None
    left, top = int(tall[:, cv2.CC_STAT_LEFT].min()), int(tall[:, cv2.CC_STAT_TOP].min())
    right = int((tall[:, cv2.CC_STAT_LEFT] + tall[:, cv2.CC_STAT_WIDTH]).max())
    bottom = int((tall[:, cv2.CC_STAT_TOP] + tall[:, cv2.CC_STAT_HEIGHT]).max())
    return left, top, right, bottom


def pieces_of(ink: Pixels) -> npt.NDArray[np.int32]:
    """OpenCV's statistics of each connected piece. Only where ink stands is it looked for: a cell is mostly white."""
    left, top, width, height = cv2.boundingRect(ink)
    if not width:
        return np.zeros((0, 5), dtype=np.int32)
    parts = labelled(np.ascontiguousarray(ink[top : top + height, left : left + width]))[2][1:]
    parts[:, cv2.CC_STAT_LEFT] += left
    parts[:, cv2.CC_STAT_TOP] += top
    return parts


def letter_height(ink: Pixels) -> float | None:
    """The height of capitals and ascenders (the upper quartile) in print of one size, or None where too few letters stand."""
    blobs = blobs_of(ink)
    return letter_height_of(blobs.heights, blobs.widths)


def letter_height_of(heights: npt.NDArray[np.int32], widths: npt.NDArray[np.int32]) -> float | None:
    """The same where the sizes of connected pieces are at hand."""
    letters = heights[(heights >= 8) & (heights <= 80) & (widths <= 80)]
    return upper_quartile(letters) if letters.size >= 12 else None


def upper_quartile(values: npt.NDArray[np.int32]) -> float:
    """numpy's 75th percentile of one value or more, without what numpy spends on arrays of any shape."""
    ordered = sorted(values.tolist())
    below, rest = divmod(0.75 * (len(ordered) - 1), 1)
    low = ordered[int(below)]
    return float(low + rest * (ordered[min(int(below) + 1, len(ordered) - 1)] - low))


def crossed(everything: Pixels, coloured: Pixels, box: tuple[int, int, int, int]) -> bool:
    """Whether a pen ran through the number in `box`: coloured ink lies along it, or with all ink in place its digits hang together. A pen
    leaves clean print once its colour is taken away, or a short dash where it was darkest."""
    left, top, right, bottom = box
    if cv2.countNonZero(cv2.reduce(coloured[top:bottom, left:right], 0, cv2.REDUCE_MAX)) > _CROSSED * (right - left):
        return True
    boxes = blobs_of(np.asarray(cv2.bitwise_or(everything, coloured), dtype=np.uint8)).boxes
    lefts, tops, widths, heights = (boxes[:, column] for column in range(4))
    on_it = (lefts < right) & (tops < bottom) & (lefts + widths > left) & (tops + heights > top)
    return bool((widths[on_it] > _RUN * (bottom - top)).any())


def glyphs(ink: Pixels, reference: float | None, pieces: npt.NDArray[np.int32] | None = None) -> Glyphs:
    """Measures the ink (255) of one line with a number; `reference` is `letter_height` of the print around. `pieces` as for `ink_box`."""
    height, width = ink.shape
    parts = pieces_of(ink) if pieces is None else pieces
    parts = parts[parts[:, cv2.CC_STAT_HEIGHT] >= MIN_GLYPH]
    if not len(parts):
        return Glyphs()
    # A comma of large type is as tall as a digit of small type.
    parts = parts[parts[:, cv2.CC_STAT_HEIGHT] >= _COMMA * upper_quartile(parts[:, cv2.CC_STAT_HEIGHT])]
    lefts, tops, widths, heights = (parts[:, column] for column in (0, 1, 2, 3))
    typical = statistics.median(heights.tolist())
    run = max(8, round(_RUN * typical))
    struck = bool(width > run and cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, run), np.uint8)).any())
    at_edge = (lefts <= 1) | (tops <= 1) | (lefts + widths >= width - 1) | (tops + heights >= height - 1)
    foreign = bool((heights > 1.45 * typical).any() or at_edge.any())
    feet = tops + heights
    spread, sway = float(np.ptp(heights)), float(np.abs(feet - statistics.median(feet.tolist())).max())
    apart = bool((widths <= 0.95 * typical).all() and spread <= max(2.5, 0.16 * typical) and not foreign)
    return Glyphs(
        count=len(parts) if apart else None,
        struck=struck,
        foreign=foreign,
        cut=bool((lefts <= _WALL_NEAR).any() or (lefts + widths >= width - 1).any()),
        spread=spread / typical if spread > _RASTER else 0.0,
        sway=sway / typical if sway > _RASTER - 1 else 0.0,
        size=typical / reference if reference else None,
    )
