"""Where the page lies in the picture: edges, perspective, size, axis and skew, as one homography. Holds no text; refuses nothing."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mailbox_ingest.documents.ocr.decode import Pixels
from mailbox_ingest.documents.ocr.engine import WORKING_DPI
from mailbox_ingest.documents.ocr.ink import binarise, flatten

Matrix = npt.NDArray[np.float64]

_A4_INCHES = (8.27, 11.69)
_MAX_WORKING_SIDE = 3600  # pixels: A3 at 200 dpi, and the bound on memory whatever the file claims
_TYPICAL_HEIGHT = 19.0  # median height of a connected letter of 13 pt type at 200 dpi


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page at about 200 dpi with level lines. `to_source` maps working pixels (x, y, 1) to pixels of the page image."""

    image: Pixels
    to_source: Matrix


def straighten(image: Pixels, dpi: float | None) -> Sheet:
    """The page found, flattened, brought to 200 dpi and deskewed; its text may still stand on its head (see `turned`)."""
    corners = find_page(image)
    if corners is not None:
        to_work = _page_homography(corners)
        size = _size_after(corners)
    else:
        scale = _scan_scale(image, dpi)
        size = (max(8, round(image.shape[1] * scale)), max(8, round(image.shape[0] * scale)))
        to_work = np.diag([size[0] / image.shape[1], size[1] / image.shape[0], 1.0])
    draft = warp(image, to_work, size)
    ink = binarise(_grey(flatten(draft)))
    factor = 1.0 if corners is not None else _letter_factor(ink)
    turn = 1 if _runs_down(ink) else 0
    if turn:
        ink = np.ascontiguousarray(np.rot90(ink))
    angle = skew_angle(ink)
    steps: list[Matrix] = []
    width, height = size
    if factor != 1.0:
        steps.append(np.diag([factor, factor, 1.0]))
        width, height = round(width * factor), round(height * factor)
    if turn:
        steps.append(_quarter_turn(width))
        width, height = height, width
    if abs(angle) > 0.05:
        steps.append(np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0), [0.0, 0.0, 1.0]]))
    if not steps:
        return Sheet(image=draft, to_source=inverse(to_work))
    for step in steps:
        to_work = step @ to_work
    return Sheet(image=warp(image, to_work, (width, height)), to_source=inverse(to_work))


def turned(sheet: Sheet, quarters: int) -> Sheet:
    """The sheet turned counter-clockwise by 90° steps."""
    image, back = sheet.image, sheet.to_source
    for _ in range(quarters % 4):
        back = back @ inverse(_quarter_turn(image.shape[1]))
        image = np.ascontiguousarray(np.rot90(image))
    return Sheet(image=image, to_source=back)


def warp(image: Pixels, matrix: Matrix, size: tuple[int, int]) -> Pixels:
    """`image` seen through `matrix` at `size` (width, height); what lies outside is a copy of the border. Shrinking averages first."""
    shrink = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    if 0 < shrink < 0.75:
        image_small = cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        matrix = matrix @ np.diag([image.shape[1] / image_small.shape[1], image.shape[0] / image_small.shape[0], 1.0])
        image = np.asarray(image_small, dtype=np.uint8)
    if np.allclose(matrix, np.eye(3)) and (image.shape[1], image.shape[0]) == size:
        return image
    return np.asarray(cv2.warpPerspective(image, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def inverse(matrix: Matrix) -> Matrix:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def map_box(matrix: Matrix, left: float, top: float, right: float, bottom: float) -> tuple[int, int, int, int]:
    """The upright rectangle (left, top, width, height) around a box seen through `matrix`."""
    corners = np.array([[left, right, right, left], [top, top, bottom, bottom], [1.0, 1.0, 1.0, 1.0]])
    seen = matrix @ corners
    xs, ys = seen[0] / seen[2], seen[1] / seen[2]
    return int(xs.min()), int(ys.min()), int(np.ceil(xs.max() - xs.min())), int(np.ceil(ys.max() - ys.min()))


def find_page(image: Pixels) -> Matrix | None:
    """The four corners (clockwise from top left, (4, 2) pixels) of a bright sheet on something darker; None for a scan."""
    height, width = image.shape[:2]
    scale = 640 / max(height, width)
    small = _grey(np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8))
    small = np.asarray(cv2.GaussianBlur(small, (5, 5), 0), dtype=np.uint8)
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
    around = small[cv2.dilate(inside, np.ones((25, 25), np.uint8)) - inside > 0]
    if around.size < 200 or float(np.median(small[inside > 0])) - float(np.median(around)) < 35:
        return None
    return np.asarray(corners / scale, dtype=np.float64)


def _four_corners(outline: npt.NDArray[np.int32]) -> Matrix | None:
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


def _sides(corners: Matrix) -> tuple[float, float]:
    across = (np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3])) / 2
    down = (np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1])) / 2
    return float(across), float(down)


def _size_after(corners: Matrix) -> tuple[int, int]:
    across, down = _sides(corners)
    short, long = (round(side * WORKING_DPI) for side in _A4_INCHES)
    return (short, long) if down >= across else (long, short)


def _page_homography(corners: Matrix) -> Matrix:
    width, height = _size_after(corners)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    return np.asarray(cv2.getPerspectiveTransform(corners.astype(np.float32), target), dtype=np.float64)


def _scan_scale(image: Pixels, dpi: float | None) -> float:
    long = max(image.shape[:2])
    believable = dpi is not None and 70 <= dpi <= 1300 and 5.0 <= long / dpi <= 17.5
    scale = WORKING_DPI / dpi if believable and dpi is not None else _A4_INCHES[1] * WORKING_DPI / long
    return float(min(scale, _MAX_WORKING_SIDE / long, 4.0))


def _letter_factor(ink: Pixels) -> float:
    """By how much to scale again so that letters have the size Tesseract reads best; 1.0 where they nearly do."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    heights, widths = stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_WIDTH]
    letters = heights[(heights >= 6) & (heights <= 120) & (widths >= 3) & (widths <= 150)]
    if letters.size < 40:
        return 1.0
    factor = _TYPICAL_HEIGHT / float(np.median(letters))
    if 0.6 <= factor <= 1.5:
        return 1.0
    return float(min(max(factor, 0.3), 3.0, _MAX_WORKING_SIDE / max(ink.shape)))


def _runs_down(ink: Pixels) -> bool:
    """Whether lines of text run from top to bottom: letters repeat along lines, so the profile across them is the rougher one."""
    small = np.asarray(cv2.resize(ink, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), dtype=np.float64)
    text = _letters_only((small > 60).astype(np.uint8) * 255)
    if not text.any():
        return False
    rows, columns = text.sum(axis=1, dtype=np.float64), text.sum(axis=0, dtype=np.float64)
    level = float((np.diff(rows) ** 2).sum() / max(1, text.shape[1]))
    upright = float((np.diff(columns) ** 2).sum() / max(1, text.shape[0]))
    return upright > 1.3 * level


def _letters_only(ink: Pixels) -> Pixels:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    keep = np.zeros(count, dtype=np.uint8)
    sides = np.maximum(stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_WIDTH])
    keep[1:] = np.where((sides >= 3) & (sides <= 40), 255, 0)
    return np.asarray(keep[labels], dtype=np.uint8)


def skew_angle(ink: Pixels) -> float:
    """Degrees to turn counter-clockwise so that lines of text are level, within ±8°: the angle with the sharpest line profile."""
    scale = min(1.0, 640 / max(ink.shape))
    small = np.asarray(cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)

    def sharpness(angle: float) -> float:
        matrix = cv2.getRotationMatrix2D((small.shape[1] / 2, small.shape[0] / 2), angle, 1.0)
        profile = cv2.warpAffine(small, matrix, (small.shape[1], small.shape[0]), flags=cv2.INTER_LINEAR).sum(axis=1, dtype=np.float64)
        return float((np.diff(profile) ** 2).sum())

    best = 0.0
    for reach, step in ((8.0, 1.0), (1.0, 0.25), (0.25, 0.05)):
        steps = np.arange(best - reach, best + reach + step / 2, step)
        best = float(max(steps, key=sharpness))
    return best


def _quarter_turn(width: int) -> Matrix:
    """Counter-clockwise by 90°, for an image `width` pixels wide (as numpy.rot90)."""
    return np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, width - 1.0], [0.0, 0.0, 1.0]])


def _grey(image: Pixels) -> Pixels:
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
