"""What stands on one PDF page: glyphs, rulings and pictures with their places. The only home of PDFium's raw interface; reads no meaning.

Coordinates are points, x to the right and y downwards, in the frame in which most of the text stands upright (so /Rotate and text that was
turned instead of the page come out alike).
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

Point = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float]

_IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)
_MAX_GLYPHS = 60_000
_MAX_OBJECTS = 60_000
_MAX_SEGMENTS = 400  # a path with more is a drawing, not a ruling
_MAX_DEPTH = 5
_THIN = 3.0  # a filled box thinner than this is a ruling
_SHORTEST_RULING = 4.0
_WHITE = 250
_INVISIBLE_MODE = 3
_UNMAPPED = (0, 0xFFFD, 0xFFFE, 0xFFFF)


class Glyph(NamedTuple):
    """One character. `base` is the y of its baseline; `upright` False for text turned against the rest of the page."""

    text: str
    left: float
    right: float
    base: float
    size: float
    font: str
    space_before: bool
    upright: bool


class Ruling(NamedTuple):
    """A straight line: `at` is its y (horizontal) or x (vertical), from `start` to `end` along the other axis."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContent:
    """`picture_share` is the share of the page that its largest picture covers; `hidden_share` that of glyphs nobody sees
    (render mode 3, or painted over by such a picture); `unmapped` counts glyphs without a Unicode value; `paths` counts drawn objects."""

    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    horizontal: tuple[Ruling, ...]
    vertical: tuple[Ruling, ...]
    picture_share: float
    hidden_share: float
    unmapped: int
    paths: int


class TooMuchError(Exception):
    """A page holds more than a report page ever does."""


def read_page(page: Any, text_page: Any) -> PageContent:
    """`page` and `text_page` are PDFium handles. Raises TooMuchError."""
    raw = list(_raw_glyphs(text_page))
    angles = Counter(glyph.angle for glyph in raw)
    turn = angles.most_common(1)[0][0] if angles else 0
    left, bottom, right, top = _box(page)
    frame = _Frame(left=left, bottom=bottom, right=right, top=top, turn=turn)
    scene = _Scene(frame=frame, area=max((right - left) * (top - bottom), 1.0))
    scene.walk(page)
    hidden = sum(1 for glyph in raw if glyph.invisible or scene.is_covered(glyph.handle))
    width, height = (right - left, top - bottom) if turn in (0, 180) else (top - bottom, right - left)
    return PageContent(
        width=width,
        height=height,
        glyphs=tuple(_placed(raw, frame)),
        horizontal=tuple(scene.horizontal),
        vertical=tuple(scene.vertical),
        picture_share=scene.picture_share,
        hidden_share=hidden / len(raw) if raw else 0.0,
        unmapped=sum(1 for glyph in raw if glyph.unmapped),
        paths=scene.paths,
    )


@dataclass(slots=True, kw_only=True)
class _RawGlyph:
    text: str
    left: float
    bottom: float
    right: float
    top: float
    origin: Point
    space_before: bool
    angle: int
    font: str
    invisible: bool
    unmapped: bool
    handle: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _TextStyle:
    font: str
    angle: int
    invisible: bool


def _raw_glyphs(text_page: Any) -> Iterator[_RawGlyph]:
    count = pdfium.FPDFText_CountChars(text_page)
    if count > _MAX_GLYPHS:
        raise TooMuchError(f"{count} characters on a page")
    styles: dict[int, _TextStyle] = {}
    box, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    space = False
    high = 0
    for index in range(count):
        code = pdfium.FPDFText_GetUnicode(text_page, index)
        if code in (0x20, 0x09, 0x0A, 0x0D, 0xA0, 0x02, 0x3000):
            # Spaces that PDFium adds are guesses; the gaps are measured by who reads the glyphs.
            space = space or (code not in (0x0A, 0x0D) and pdfium.FPDFText_IsGenerated(text_page, index) == 0)
            continue
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000 and high:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
            high = 0
        handle = pdfium.FPDFText_GetTextObject(text_page, index)
        key = ctypes.addressof(handle.contents) if handle else 0
        style = styles.get(key)
        if style is None:
            style = styles[key] = _style(text_page, index, handle)
        pdfium.FPDFText_GetLooseCharBox(text_page, index, box)
        pdfium.FPDFText_GetCharOrigin(text_page, index, x, y)
        yield _RawGlyph(
            text=chr(code) if code not in _UNMAPPED else "\ufffd",
            left=box.left,
            bottom=box.bottom,
            right=box.right,
            top=box.top,
            origin=(x.value, y.value),
            space_before=space,
            angle=style.angle,
            font=style.font,
            invisible=style.invisible,
            unmapped=code in _UNMAPPED or 0xE000 <= code < 0xF8FF or pdfium.FPDFText_HasUnicodeMapError(text_page, index) == 1,
            handle=key,
        )
        space = False


def _style(text_page: Any, index: int, handle: Any) -> _TextStyle:
    angle = pdfium.FPDFText_GetCharAngle(text_page, index)
    quarter = round(-math.degrees(angle) / 90) * 90 % 360 if angle >= 0 else 0  # PDFium counts clockwise
    font, invisible = "", False
    if handle:
        invisible = pdfium.FPDFTextObj_GetTextRenderMode(handle) == _INVISIBLE_MODE
        if font_handle := pdfium.FPDFTextObj_GetFont(handle):
            buffer = ctypes.create_string_buffer(256)
            length = pdfium.FPDFFont_GetBaseFontName(font_handle, buffer, 256)
            if 0 < length <= 256:
                font = buffer.value.decode("utf-8", "replace").rpartition("+")[2]
    return _TextStyle(font=font, angle=quarter, invisible=invisible)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
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


def _placed(raw: list[_RawGlyph], frame: _Frame) -> Iterator[Glyph]:
    for glyph in raw:
        x0, y0 = frame.point(glyph.left, glyph.bottom)
        x1, y1 = frame.point(glyph.right, glyph.top)
        base = frame.point(*glyph.origin)[1]
        upright = glyph.angle == frame.turn
        size = abs(y1 - y0) if upright else abs(x1 - x0)
        yield Glyph(glyph.text, min(x0, x1), max(x0, x1), base, max(size, 1.0), glyph.font, glyph.space_before, upright)


def _box(page: Any) -> tuple[float, float, float, float]:
    box = pdfium.FS_RECTF()
    if pdfium.FPDF_GetPageBoundingBox(page, box):
        return box.left, box.bottom, box.right, box.top
    return 0.0, 0.0, pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)


class _Scene:
    """The page's objects in painting order: rulings, pictures, and which text a picture paints over."""

    def __init__(self, *, frame: _Frame, area: float) -> None:
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
        if share > 0.5:
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
