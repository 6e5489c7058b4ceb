"""Paper and ink: the background made white, stamps and pens set apart by colour. Holds no shapes; keeps what it removed as a mask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mailbox_ingest.documents.ocr.blobs import Blobs, blobs_of, labelled, paint, points_of, rub_out
from mailbox_ingest.documents.ocr.pixels import Pixels, Zone, halved, reduced

_CHROMA = 38  # between the strongest and weakest channel on white paper: printing and its JPEG fringes stay below
_HINT_CHROMA, _HINT_WEAKEST = 18, 240  # the same at 50 dpi, where thin strokes are paler: only says where to look closely
_PRINT_BLACK = 95  # a coloured pixel darker than this in every channel is print under a stamp
_DUST_SIDE, _LETTER_SIDE, _DUST_REACH = 6, 10, 8  # pixels at 200 dpi: a speck, the smallest letter, how close a speck may be to one
_MIN_HINT = 4  # pixels at 50 dpi
_MIN_PATCH = 60  # pixels at 200 dpi: smaller patches of colour are JPEG fringes of print, not a stroke
_PAPER_SIDE = 300  # pixels: paper and light are judged on a picture about this large
_MANY_ZONES = 64  # more coloured zones than this are looked at as one


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A piece of the sheet in colour, paper white (RGB), at `left`, `top` of it. What no patch covers holds no coloured ink."""

    left: int
    top: int
    image: Pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Inks:
    """`print`: grey on white, what a black printer left; `mask` is 255 on it, `blobs` are its pieces. `coloured`: 255 where ink was taken
    away. `all`: grey with everything on it."""

    print: Pixels
    mask: Pixels
    blobs: Blobs
    coloured: Pixels
    all: Pixels


def paper_of(image: Pixels, inside: Pixels | None = None) -> Pixels:
    """What the sheet would look like without ink: shadows, warm lamps, grey paper. Shape and channels of `image`. `inside` (for RGB) is 0
    beside the sheet: what lies there says nothing about it."""
    height, width = image.shape[:2]
    factor = max(1, round(max(height, width) / _PAPER_SIDE))
    small = reduced(image, factor)
    if inside is not None:
        sheet = reduced(inside, factor)
        small = np.where(sheet[:, :, None] == 255, small, np.array(cv2.mean(small, sheet)[:3], dtype=np.uint8))
    small = np.asarray(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((11, 11), np.uint8)), dtype=np.uint8)
    small = halved(small) if min(small.shape[:2]) >= 2 else small  # light is smooth
    small = np.maximum(cv2.GaussianBlur(small, (0, 0), 2), 40)  # darkness is no paper: dividing by it would raise noise to print
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def flatten(image: Pixels, paper: Pixels | None = None) -> Pixels:
    """`image` divided by its paper, which becomes about 255 in every channel. Shape and channels are kept."""
    return np.asarray(cv2.divide(image, paper_of(image) if paper is None else paper, scale=255), dtype=np.uint8)


def coloured_zones(even: Pixels, inside: Pixels | None = None) -> tuple[Zone, ...]:
    """Where on a draft (RGB, paper white, about 50 dpi) coloured ink may be; rather too many. `inside` is 0 beside the sheet."""
    strongest, weakest = _extremes(even)
    hint = _both(cv2.subtract(strongest, weakest), above=_HINT_CHROMA, other=weakest, below=_HINT_WEAKEST)
    if inside is not None:
        hint = np.asarray(cv2.bitwise_and(hint, inside), dtype=np.uint8)
    if not cv2.countNonZero(hint):
        return ()
    boxes = blobs_of(np.asarray(cv2.dilate(hint, np.ones((7, 7), np.uint8)), dtype=np.uint8)).boxes.tolist()
    zones = [
        (left, top, left + width, top + height)
        for left, top, width, height in boxes
        if cv2.countNonZero(hint[top : top + height, left : left + width]) >= _MIN_HINT
    ]
    if len(zones) > _MANY_ZONES:
        zones = [(min(z[0] for z in zones), min(z[1] for z in zones), max(z[2] for z in zones), max(z[3] for z in zones))]
    return tuple(zones)


def separate(even: Pixels, patches: Sequence[Patch]) -> Inks:
    """The inks of a sheet: `even` is grey on white paper, `patches` show in colour whatever may be coloured on it."""
    coloured = np.zeros_like(even)
    print_only = even.copy()
    for patch in patches:
        mask = _coloured(patch.image)
        if not mask.any():
            continue
        height, width = mask.shape
        window = np.s_[patch.top : patch.top + height, patch.left : patch.left + width]
        gone = _both(_extremes(patch.image)[0], above=_PRINT_BLACK, other=cv2.bitwise_not(mask), below=1)
        print_only[window] = cv2.max(print_only[window], gone)
        coloured[window] = cv2.max(coloured[window], mask)
    mask = binarise(print_only)
    blobs = blobs_of(mask)
    dust = _dust(mask, blobs)
    if dust.any():
        spots = np.zeros_like(mask)
        paint(spots, blobs, dust, 255)
        print_only = np.asarray(cv2.max(print_only, cv2.dilate(spots, np.ones((5, 5), np.uint8))), dtype=np.uint8)
        paint(mask, blobs, dust, 0)
        blobs = blobs.those(~dust)
    return Inks(print=print_only, mask=mask, blobs=blobs, coloured=coloured, all=even)


def _coloured(image: Pixels) -> Pixels:
    """255 where an evened RGB picture shows coloured ink, and one pixel around it."""
    strongest, weakest = _extremes(np.asarray(cv2.blur(image, (3, 3)), dtype=np.uint8))
    mask = _without_specks(_both(cv2.subtract(strongest, weakest), above=_CHROMA, other=weakest, below=200))
    return np.asarray(cv2.dilate(mask, np.ones((3, 3), np.uint8)), dtype=np.uint8)


def _both(one: cv2.typing.MatLike, *, above: int, other: cv2.typing.MatLike, below: int) -> Pixels:
    """255 where `one` > above and `other` < below."""
    high = cv2.threshold(one, above, 255, cv2.THRESH_BINARY)[1]
    return np.asarray(cv2.bitwise_and(high, cv2.threshold(other, below - 1, 255, cv2.THRESH_BINARY_INV)[1]), dtype=np.uint8)


def _extremes(image: Pixels) -> tuple[Pixels, Pixels]:
    """The strongest and the weakest channel of each pixel: ten times faster than numpy's reduction over the last axis."""
    red, green, blue = cv2.split(image)
    strongest, weakest = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    return np.asarray(strongest, dtype=np.uint8), np.asarray(weakest, dtype=np.uint8)


def _without_specks(mask: Pixels) -> Pixels:
    joined = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), dtype=np.uint8)
    count, labels, stats, _ = labelled(joined)
    keep = np.zeros(count, dtype=np.uint8)
    keep[1:] = np.where(stats[1:, cv2.CC_STAT_AREA] >= _MIN_PATCH, 255, 0)
    return np.asarray(keep[labels], dtype=np.uint8)


def _dust(mask: Pixels, blobs: Blobs) -> npt.NDArray[np.bool_]:
    """Which pieces are specks that no letter is near: full stops, accents and the dots inside numbers are none, dirt on the glass is."""
    dust = blobs.sides <= _DUST_SIDE
    if dust.any():
        letters = mask.copy()
        rub_out(letters, blobs, blobs.sides < _LETTER_SIDE)
        near = np.asarray(cv2.dilate(letters, np.ones((2 * _DUST_REACH + 1, 2 * _DUST_REACH + 1), np.uint8)), dtype=np.uint8)
        dust[dust] = ~_reached(near, blobs.those(dust))
    return dust


def _reached(near: Pixels, specks: Blobs) -> npt.NDArray[np.bool_]:
    """Which specks have a point where `near` is set."""
    points, starts = points_of(specks.outlines)
    return np.asarray(np.logical_or.reduceat(near[points[:, 1], points[:, 0]] > 0, starts))


def binarise(grey: Pixels) -> Pixels:
    """255 where there is ink, by Otsu's threshold kept between sane bounds (an empty page has no two classes)."""
    threshold, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    threshold = min(max(threshold, 90.0), 205.0)
    return np.asarray(cv2.threshold(grey, threshold - 1, 255, cv2.THRESH_BINARY_INV)[1], dtype=np.uint8)
