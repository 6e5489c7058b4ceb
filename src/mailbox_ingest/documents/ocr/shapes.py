"""The shapes of ink in a small picture: is it blank, how many digits stand there, is it plain print. Holds no readings."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mailbox_ingest.documents.ocr.decode import Pixels

MIN_GLYPH = 11  # pixels at 200 dpi: the smallest printed digit (6 pt); full stops and dust are smaller
_DUST_AREA = 14
_COMMA = 0.62  # of the digits' height: what is smaller separates them
_RUN = 1.9  # a level stroke longer than this many digit heights belongs to no digit


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyphs:
    """`count`: digits by shape, None where they run together. `struck`: a line through or under them. `uneven`: sizes or feet differ as in
    handwriting. `foreign`: strokes far larger than a digit, or cut by the edge."""

    count: int | None
    struck: bool
    uneven: bool
    foreign: bool


def noise_of(grey: Pixels) -> float:
    """The standard deviation of the paper's grey, robust against print."""
    paper = grey[grey > 150]
    if paper.size < 50:
        return 0.0
    residue = paper.astype(np.float32) - float(np.median(paper))
    return float(1.4826 * np.median(np.abs(residue)))


def faint_ink(grey: Pixels, noise: float) -> Pixels:
    """255 wherever something darker than paper stands, pale pencil included: the test for 'blank' must not miss a number."""
    smooth = cv2.blur(grey, (3, 3))
    level = 255.0 - max(30.0, 4.5 * noise)
    return np.where(smooth < level, 255, 0).astype(np.uint8)


def ink_box(ink: Pixels) -> tuple[int, int, int, int] | None:
    """(left, top, right, bottom) of what is no dust, or None for a blank picture."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    parts = stats[1:]
    tall = parts[(parts[:, cv2.CC_STAT_AREA] >= _DUST_AREA) & (parts[:, cv2.CC_STAT_HEIGHT] >= 3)]
    if not len(tall) or (tall[:, cv2.CC_STAT_HEIGHT].max() < 9 and tall[:, cv2.CC_STAT_AREA].sum() < 90):
        return None
    left, top = int(tall[:, cv2.CC_STAT_LEFT].min()), int(tall[:, cv2.CC_STAT_TOP].min())
    right = int((tall[:, cv2.CC_STAT_LEFT] + tall[:, cv2.CC_STAT_WIDTH]).max())
    bottom = int((tall[:, cv2.CC_STAT_TOP] + tall[:, cv2.CC_STAT_HEIGHT]).max())
    return left, top, right, bottom


def glyphs(ink: Pixels) -> Glyphs:
    """What the ink (255) of one line with a number looks like."""
    height, width = ink.shape
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    parts = stats[1:][stats[1:, cv2.CC_STAT_HEIGHT] >= MIN_GLYPH]
    if len(parts):  # a comma of large type is as tall as a digit of small type
        parts = parts[parts[:, cv2.CC_STAT_HEIGHT] >= _COMMA * np.percentile(parts[:, cv2.CC_STAT_HEIGHT], 75)]
    if not len(parts):
        return Glyphs(count=None, struck=False, uneven=False, foreign=False)
    lefts, tops, widths, heights = (parts[:, column] for column in (0, 1, 2, 3))
    typical = float(np.median(heights))
    run = max(8, round(_RUN * typical))
    struck = bool(width > run and cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, run), np.uint8)).any())
    at_edge = (lefts <= 1) | (tops <= 1) | (lefts + widths >= width - 1) | (tops + heights >= height - 1)
    foreign = bool((heights > 1.45 * typical).any() or at_edge.any())
    feet = tops + heights
    slack = max(2.5, 0.16 * typical)
    uneven = bool(np.ptp(heights) > 2 * slack or np.abs(feet - np.median(feet)).max() > 1.5 * slack)
    apart = bool((widths <= 0.95 * typical).all() and np.ptp(heights) <= slack and not foreign)
    return Glyphs(count=len(parts) if apart else None, struck=struck, uneven=uneven, foreign=foreign)
