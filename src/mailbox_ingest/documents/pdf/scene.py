"""The drawn objects of a PDF page, in painting order: rulings, pictures, and which text lies under a picture. Reads no text.

Coordinates are those of `Frame`: points, x to the right and y downwards, turned so that most of the text stands upright.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

Point = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float]

_IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)
_MAX_OBJECTS = 60_000
_MAX_SEGMENTS = 400  # a path with more is a drawing, not a ruling
_MAX_DEPTH = 5
_THIN = 3.0  # a filled box thinner than this is a ruling
_SHORTEST_RULING = 4.0
_COVERS = 0.5  # a picture of this share of the page hides what was painted before
_WHITE = 250


class Ruling(NamedTuple):
    """A straight line: `at` is its y (horizontal) or x (vertical), from `start` to `end` along the other axis."""

    at: float
    start: float
    end: float


class TooMuchError(Exception):
    """A page holds more than a report page ever does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """From the page's own space (y upwards) to the frame in which text stands upright; `turn` is the text's angle there, in degrees."""

    left: float
    bottom: float
    right: float
    top: float
    turn: int

    def point(self, x: float, y: float) -> Point:
        match self.turn:
            case 90:
                return y - self.bottom, x - self.left
            case 180:
                return self.right - x, y - self.bottom
            case 270:
                return self.top - y, self.right - x
            case _:
                return x - self.left, self.top - y

    def back(self, x: float, y: float) -> Point:
        """From here to the page's own space: what `point` undoes."""
        match self.turn:
            case 90:
                return y + self.left, x + self.bottom
            case 180:
                return self.right - x, y + self.bottom
            case 270:
                return self.right - y, self.top - x
            case _:
                return x + self.left, self.top - y


class Scene:
    """The page's objects in painting order: rulings, pictures, and which text a picture paints over."""

    def __init__(self, *, frame: Frame, area: float) -> None:
        self.frame, self.area = frame, area
        self.horizontal: list[Ruling] = []
        self.vertical: list[Ruling] = []
        self.picture_share = 0.0
        self.paths = 0
        self._objects = 0
        self._order: dict[int, int] = {}
        self._last_cover = -1

    def walk(self, page: Any) -> None:
        for index in range(pdfium.FPDFPage_CountObjects(page)):
            self._object(pdfium.FPDFPage_GetObject(page, index), _IDENTITY, 0)

    def is_covered(self, handle: int) -> bool:
        """Whether a picture of most of the page is painted over the text object."""
        return self._order.get(handle, self._objects) < self._last_cover

    def _object(self, item: Any, outer: Matrix, depth: int) -> None:
        self._objects += 1
        if self._objects > _MAX_OBJECTS:
            raise TooMuchError("too many objects on a page")
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            self._order[ctypes.addressof(item.contents)] = self._objects
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            self._path(item, outer)
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            self._picture(item, outer)
        elif kind == pdfium.FPDF_PAGEOBJ_SHADING:
            self.paths += 1
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            inner = _product(_matrix(item), outer)
            for index in range(pdfium.FPDFFormObj_CountObjects(item)):
                self._object(pdfium.FPDFFormObj_GetObject(item, index), inner, depth + 1)

    def _picture(self, item: Any, outer: Matrix) -> None:
        matrix = _product(_matrix(item), outer)
        corners = [_apply(matrix, (x, y)) for x in (0.0, 1.0) for y in (0.0, 1.0)]
        left, right = max(min(x for x, _ in corners), self.frame.left), min(max(x for x, _ in corners), self.frame.right)
        bottom, top = max(min(y for _, y in corners), self.frame.bottom), min(max(y for _, y in corners), self.frame.top)
        share = max(right - left, 0) * max(top - bottom, 0) / self.area
        self.picture_share = max(self.picture_share, share)
        if share > _COVERS:
            self._last_cover = self._objects

    def _path(self, item: Any, outer: Matrix) -> None:
        self.paths += 1
        count = pdfium.FPDFPath_CountSegments(item)
        if not 2 <= count <= _MAX_SEGMENTS:
            return
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        if not pdfium.FPDFPath_GetDrawMode(item, fill, stroke) or not (fill.value or stroke.value) or _is_white(item, bool(stroke.value)):
            return
        matrix = _product(_matrix(item), outer)
        for points in _subpaths(item, count, matrix):
            placed = [self.frame.point(*point) for point in points]
            xs, ys = [x for x, _ in placed], [y for _, y in placed]
            if max(xs) - min(xs) <= _THIN or max(ys) - min(ys) <= _THIN:
                self._ruling((min(xs), min(ys)), (max(xs), max(ys)))
            elif stroke.value:
                for a, b in pairwise(placed):
                    self._ruling(a, b)

    def _ruling(self, a: Point, b: Point) -> None:
        dx, dy = abs(a[0] - b[0]), abs(a[1] - b[1])
        if dy <= _THIN and dx > max(_SHORTEST_RULING, dy):
            self.horizontal.append(Ruling((a[1] + b[1]) / 2, min(a[0], b[0]), max(a[0], b[0])))
        elif dx <= _THIN and dy > max(_SHORTEST_RULING, dx):
            self.vertical.append(Ruling((a[0] + b[0]) / 2, min(a[1], b[1]), max(a[1], b[1])))


def keep_pictures(page: Any) -> None:
    """Takes everything but pictures off a page in memory; the file is not changed."""
    _strip(page, pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject, pdfium.FPDFPage_RemoveObject, 0)


def _strip(owner: Any, count: Any, get: Any, remove: Any, depth: int) -> None:
    for item in [get(owner, index) for index in range(count(owner))]:
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            _strip(item, pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject, pdfium.FPDFFormObj_RemoveObject, depth + 1)
        elif kind != pdfium.FPDF_PAGEOBJ_IMAGE and remove(owner, item):
            pdfium.FPDFPageObj_Destroy(item)


def _subpaths(item: Any, count: int, matrix: Matrix) -> Iterator[list[Point]]:
    """The polygons of a path, closed ones with their first point again; curved ones are no rulings and left out."""
    points: list[Point] = []
    curved = False
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(item, index)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            if len(points) > 1 and not curved:
                yield points
            points, curved = [], False
        curved = curved or kind == pdfium.FPDF_SEGMENT_BEZIERTO
        points.append(_apply(matrix, (x.value, y.value)))
        if pdfium.FPDFPathSegment_GetClose(segment):
            points.append(points[0])
    if len(points) > 1 and not curved:
        yield points


def _is_white(item: Any, stroke: bool) -> bool:
    r, g, b, a = (ctypes.c_uint() for _ in range(4))
    read = pdfium.FPDFPageObj_GetStrokeColor if stroke else pdfium.FPDFPageObj_GetFillColor
    return bool(read(item, r, g, b, a)) and (min(r.value, g.value, b.value) >= _WHITE or a.value == 0)


def _matrix(item: Any) -> Matrix:
    m = pdfium.FS_MATRIX()
    return (m.a, m.b, m.c, m.d, m.e, m.f) if pdfium.FPDFPageObj_GetMatrix(item, m) else _IDENTITY


def _product(inner: Matrix, outer: Matrix) -> Matrix:
    if outer is _IDENTITY:
        return inner
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _apply(matrix: Matrix, point: Point) -> Point:
    a, b, c, d, e, f = matrix
    x, y = point
    return a * x + c * y + e, b * x + d * y + f
