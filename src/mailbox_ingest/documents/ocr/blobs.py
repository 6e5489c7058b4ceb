"""Connected pieces of ink by their outlines. Holds boxes and rubbing-out; knows no letters, refuses nothing.

Outlines cost a tenth of labelling every pixel of a page, and a page's ink is a few per cent of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mailbox_ingest.documents.ocr.pixels import Pixels

_SMALL = 12  # pixels: a piece no larger holds no other in it, so that its filled outline is the piece itself

_NARROW = 60_000  # pieces that labels of 16 bits can tell apart, with some room


@dataclass(frozen=True, slots=True, kw_only=True)
class Blobs:
    """The 8-connected pieces of a mask: their outlines, and (n, 4) boxes as left, top, width, height."""

    outlines: Sequence[npt.NDArray[np.int32]]
    boxes: npt.NDArray[np.int32]

    @property
    def widths(self) -> npt.NDArray[np.int32]:
        return self.boxes[:, 2]

    @property
    def heights(self) -> npt.NDArray[np.int32]:
        return self.boxes[:, 3]

    @property
    def sides(self) -> npt.NDArray[np.int32]:
        """The longer side of each."""
        return np.maximum(self.widths, self.heights)

    def those(self, which: npt.NDArray[np.bool_]) -> Blobs:
        """The chosen pieces."""
        return Blobs(outlines=[self.outlines[index] for index in np.flatnonzero(which).tolist()], boxes=self.boxes[which])


def blobs_of(mask: Pixels) -> Blobs:
    """The pieces of what is not 0 in `mask`, in no particular order."""
    outlines, family = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return Blobs(outlines=(), boxes=np.zeros((0, 4), dtype=np.int32))
    parents = np.asarray(family).reshape(-1, 4)[:, 3].tolist()
    outer = [np.asarray(outline, dtype=np.int32) for outline, parent in zip(outlines, parents, strict=True) if parent < 0]
    points, starts = points_of(outer)
    first, last = np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)
    return Blobs(outlines=outer, boxes=np.hstack((first, last - first + 1)))


def points_of(outlines: Sequence[npt.NDArray[np.int32]]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """All points (x, y) of one outline or more, and where each outline begins: numpy reduces them at once."""
    starts = np.cumsum([0, *(len(outline) for outline in outlines[:-1])])
    return np.concatenate(outlines).reshape(-1, 2), starts


def labelled(mask: Pixels, run: int = 4) -> tuple[int, npt.NDArray[np.integer], npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """OpenCV's connected components with statistics, for where areas count. `run`: there is at most one piece on so many pixels (4 holds
    for any mask); where 16 bits suffice to number them, labelling takes half the time."""
    narrow = mask.size // run < _NARROW
    count, labels, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_16U if narrow else cv2.CV_32S)
    return count, np.asarray(labels), np.asarray(stats, dtype=np.int32), np.asarray(centres, dtype=np.float64)


def cleared(mask: Pixels, blobs: Blobs, windows: Sequence[tuple[int, int, int, int]]) -> tuple[Pixels, Blobs]:
    """A copy of the mask with nothing in the windows (left, top, right, bottom), and its pieces: those that reach over an edge of a window
    are no longer what they were, and all are looked for again."""
    left_over = mask.copy()
    if not windows:
        return left_over, blobs
    inside, touching = np.zeros(len(blobs.boxes), dtype=np.bool_), np.zeros(len(blobs.boxes), dtype=np.bool_)
    lefts, tops = blobs.boxes[:, 0], blobs.boxes[:, 1]
    rights, bottoms = lefts + blobs.widths, tops + blobs.heights
    for left, top, right, bottom in windows:
        left_over[top:bottom, left:right] = 0
        inside |= (lefts >= left) & (tops >= top) & (rights <= right) & (bottoms <= bottom)
        touching |= (lefts < right) & (tops < bottom) & (rights > left) & (bottoms > top)
    return left_over, blobs_of(left_over) if (touching & ~inside).any() else blobs.those(~inside)


def rub_out(mask: Pixels, blobs: Blobs, which: npt.NDArray[np.bool_]) -> None:
    """Takes the chosen pieces out of the mask they were found in, in place."""
    small = which & (blobs.sides <= _SMALL)
    paint(mask, blobs, small, 0)
    for index in np.flatnonzero(which & ~small).tolist():
        x, y = blobs.outlines[index].reshape(-1, 2)[0].tolist()
        cv2.floodFill(mask, None, (x, y), (0,), flags=8)  # a frame goes without what it frames


def paint(mask: Pixels, blobs: Blobs, which: npt.NDArray[np.bool_], value: int) -> None:
    """Fills the outlines of the chosen pieces, in place: for small ones, which hold nothing else."""
    chosen = [blobs.outlines[index] for index in np.flatnonzero(which).tolist()]
    if chosen:
        cv2.drawContours(mask, chosen, -1, (value,), cv2.FILLED)
