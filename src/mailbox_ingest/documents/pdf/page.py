"""What stands on one PDF page: glyphs, rulings and pictures with their places, from PDFium's raw interface. Reads no meaning.

Coordinates are points, x to the right and y downwards, in the frame in which most of the text stands upright (so /Rotate and text that was
turned instead of the page come out alike).
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from mailbox_ingest.documents.pdf.scene import Frame, Point, Ruling, Scene, TooMuchError
from mailbox_ingest.vietnamese.legacy import font_encoding

_MAX_GLYPHS = 60_000
_INVISIBLE_MODE = 3
_LINE_END_HYPHEN = 0x02
_UNMAPPED = (0, 0xFFFD, 0xFFFE, 0xFFFF)


class Glyph(NamedTuple):
    """One character. `base` is the y of its baseline; `upright` False for text turned against the rest of the page.

    `space_before` is a space that the file holds, `gap_before` one that PDFium guesses from the distance.
    """

    text: str
    left: float
    right: float
    base: float
    size: float
    font: str
    space_before: bool
    gap_before: bool
    upright: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContent:
    """`picture_share` is the share of the page that its largest picture covers; `hidden_share` that of glyphs nobody sees
    (render mode 3, or painted over by such a picture); `unmapped` counts glyphs without a Unicode value; `paths` counts drawn objects."""

    frame: Frame
    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    horizontal: tuple[Ruling, ...]
    vertical: tuple[Ruling, ...]
    picture_share: float
    hidden_share: float
    unmapped: int
    paths: int


def read_page(page: Any, text_page: Any) -> PageContent:
    """`page` and `text_page` are PDFium handles. Raises TooMuchError."""
    raw = list(_raw_glyphs(text_page))
    angles = Counter(glyph.angle for glyph in raw)
    turn = angles.most_common(1)[0][0] if angles else 0
    left, bottom, right, top = _box(page)
    frame = Frame(left=left, bottom=bottom, right=right, top=top, turn=turn)
    scene = Scene(frame=frame, area=max((right - left) * (top - bottom), 1.0))
    scene.walk(page)
    hidden = sum(1 for glyph in raw if glyph.invisible or scene.is_covered(glyph.handle))
    width, height = (right - left, top - bottom) if turn in (0, 180) else (top - bottom, right - left)
    return PageContent(
        frame=frame,
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
    gap_before: bool
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
    space = gap = False
    high = 0
    for index in range(count):
        code = pdfium.FPDFText_GetUnicode(text_page, index)
        if code in (0x20, 0x09, 0x0A, 0x0D, 0xA0, 0x3000):
            if code not in (0x0A, 0x0D):
                guessed = pdfium.FPDFText_IsGenerated(text_page, index) == 1
                space, gap = space or not guessed, gap or guessed
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
            text=_letter(code, style.font),
            left=box.left,
            bottom=box.bottom,
            right=box.right,
            top=box.top,
            origin=(x.value, y.value),
            space_before=space,
            gap_before=gap,
            angle=style.angle,
            font=style.font,
            invisible=style.invisible,
            unmapped=code in _UNMAPPED or 0xE000 <= code < 0xF8FF or pdfium.FPDFText_HasUnicodeMapError(text_page, index) == 1,
            handle=key,
        )
        space = gap = False


def _letter(code: int, font: str) -> str:
    if code in (_LINE_END_HYPHEN, 0xAD):
        # PDFium marks a hyphen at a line's end; in TCVN3 that is the letter 'ư'.
        return "\u00ad" if font_encoding(font) else "-"
    return "\ufffd" if code in _UNMAPPED else chr(code)


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


def _placed(raw: list[_RawGlyph], frame: Frame) -> Iterator[Glyph]:
    for glyph in raw:
        x0, y0 = frame.point(glyph.left, glyph.bottom)
        x1, y1 = frame.point(glyph.right, glyph.top)
        base = frame.point(*glyph.origin)[1]
        upright = glyph.angle == frame.turn
        size = abs(y1 - y0) if upright else abs(x1 - x0)
        yield Glyph(glyph.text, min(x0, x1), max(x0, x1), base, max(size, 1.0), glyph.font, glyph.space_before, glyph.gap_before, upright)


def _box(page: Any) -> tuple[float, float, float, float]:
    box = pdfium.FS_RECTF()
    if pdfium.FPDF_GetPageBoundingBox(page, box):
        return box.left, box.bottom, box.right, box.top
    return 0.0, 0.0, pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
