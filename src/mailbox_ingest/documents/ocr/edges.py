"""The sheet in a photograph: its four corners. Holds no text; says None where the picture is a scan or the corners are not plain."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from mailbox_ingest.documents.ocr.pixels import Pixels, reduced

Corners = npt.NDArray[np.float64]

_SIDE = 640  # pixels, about: a sheet's edges need no more


def find_page(grey: Pixels) -> Corners | None:
    """The four corners (clockwise from top left, (4, 2) pixels) of a bright sheet on something darker; None for a scan."""
    factor = max(1, round(max(grey.shape) / _SIDE))
    small = np.asarray(cv2.GaussianBlur(reduced(grey, factor), (5, 5), 0), dtype=np.uint8)
    _, bright = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    bright = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    bright = cv2.morphologyEx(bright, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None
    outline = np.asarray(cv2.convexHull(max(contours, key=cv2.contourArea)), dtype=np.int32)
    area = cv2.contourArea(outline) / (small.shape[0] * small.shape[1])
    if not 0.2 < area < 0.97:
        return None
    corners = _four_corners(outline)
    if corners is None or cv2.contourArea(corners.astype(np.float32)) < 0.92 * cv2.contourArea(outline):
        return None
    inside = np.zeros_like(small)
    cv2.fillConvexPoly(inside, corners.astype(np.int32), 255)
    around = np.asarray(cv2.subtract(cv2.dilate(inside, np.ones((25, 25), np.uint8)), inside), dtype=np.uint8)
    if cv2.countNonZero(around) < 200 or _median(small, inside) - _median(small, around) < 35:
        return None
    return np.asarray(corners * factor, dtype=np.float64)


def _median(grey: Pixels, where: Pixels) -> int:
    counts = np.cumsum(cv2.calcHist([grey], [0], where, [256], [0, 256]))
    return int(np.searchsorted(counts, counts[-1] / 2))


def _four_corners(outline: npt.NDArray[np.int32]) -> Corners | None:
    length = cv2.arcLength(outline, True)
    for tolerance in (0.01, 0.02, 0.03, 0.045, 0.06):
        polygon = cv2.approxPolyDP(outline, tolerance * length, True)
        if len(polygon) == 4:
            points = polygon.reshape(4, 2).astype(np.float64)
            centre = points.mean(axis=0)
            points = points[np.argsort(np.arctan2(points[:, 1] - centre[1], points[:, 0] - centre[0]))]
            return np.roll(points, -int(np.argmin(points.sum(axis=1))), axis=0)
        if len(polygon) < 4:
            return None
    return None
