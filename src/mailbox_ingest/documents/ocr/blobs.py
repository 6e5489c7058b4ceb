"""Connected pieces of ink by their outlines. Holds boxes and rubbing-out; knows no letters, refuses nothing.

Outlines cost a tenth of labelling every pixel of a page, and a page's ink is a few per cent of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mailbox_ingest.documents.ocr.decode import Pixels

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


def blobs_of(mask: Pixels) -> Blobs:
    """The pieces of what is not 0 in `mask`, in no particular order."""
    outlines, family = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return Blobs(outlines=(), boxes=np.zeros((0, 4), dtype=np.int32))
    outer = [outline for outline, parent in zip(outlines, np.asarray(family).reshape(-1, 4)[:, 3].tolist(), strict=True) if parent < 0]
    return Blobs(outlines=outer, boxes=np.array([cv2.boundingRect(outline) for outline in outer], dtype=np.int32))  # type: ignore[arg-type]


def labelled(mask: Pixels, run: int = 4) -> tuple[int, npt.NDArray[np.integer], npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """OpenCV's connected components with statistics, for where areas count. `run`: there is at most one piece on so many pixels (4 holds
    for any mask); where 16 bits suffice to number them, labelling takes half the time."""
    narrow = mask.size // run < _NARROW
    count, labels, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_16U if narrow else cv2.CV_32S)
    return count, np.asarray(labels), np.asarray(stats, dtype=np.int32), np.asarray(centres, dtype=np.float64)


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
