"""PDF: text and tables of digital pages, scanned pages handed to OCR, form fields as text. Refuses what is locked, broken or endless.

A page is read from its own text only when people see that text: a layer under or behind a picture of the page is somebody else's OCR, and
text that makes no sense is a font without a map. Such pages are rendered and read from their pixels.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.pdf.join import Grids, join_pages
from mailbox_ingest.documents.pdf.layout import layout_of, margin_of
from mailbox_ingest.documents.pdf.lines import Passage, lines_of, passages_of
from mailbox_ingest.documents.pdf.page import Glyph, PageContent, read_page
from mailbox_ingest.documents.pdf.places import Spot, place_named, spot_of
from mailbox_ingest.documents.pdf.scans import pixel_at, read_pictures_of, read_scans_of, render
from mailbox_ingest.documents.pdf.scene import TooMuchError
from mailbox_ingest.documents.pdf.tables import Lattice, cells_of
from mailbox_ingest.documents.styled_text import LegacyFonts, Run, repaired
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Block, Box, Document, Evidence, Paragraph, Section, Table
from mailbox_ingest.vietnamese.legacy import Encoding, detect, to_unicode
from mailbox_ingest.vietnamese.syllables import is_syllable, words

_READER = f"pypdfium2 {pypdfium2.version.PYPDFIUM_INFO.version}"
_TEXT_PAGES = 5  # digital pages cost a hundredth of scanned ones: this many times max_pages may be read
_COVERS = 0.5  # a picture of this share of a page is the page
_TABLE_PICTURE, _BACKGROUND = 0.2, 0.8  # a picture between these shares of a page may be its contents
_WITNESS_PICTURE = 0.06  # of a page: a table of three rows takes this much, stamps and emblems take less
_FEW_GLYPHS, _LETTERHEAD_GLYPHS = 20, 250
_MIN_SENSE = 0.5  # share of words that can be Vietnamese
_MIN_WORDS = 10
_MOST_UNMAPPED = 0.05
_LOCK = threading.Lock()  # PDFium is not made for threads


def read(data: bytes, path: str, limits: LimitsConfig) -> Document:
    """Raises DocumentError 'encrypted', 'unreadable', 'too_large', or 'unsupported' (a scan, and no OCR here)."""
    with _LOCK:
        return _read(data, path, limits)


def read_text_pages(data: bytes, path: str, limits: LimitsConfig) -> Document:
    """The digital pages only; scanned ones are passed over. Raises DocumentError as `read`."""
    with _LOCK:
        return _read(data, path, limits, scans_too=False)


def render_page(data: bytes, number: int, limits: LimitsConfig) -> Any:
    """The pixels of page `number` (from 1) as OCR gets them, None where there is no such page. Raises DocumentError."""
    with _LOCK:
        pdf = _open(data)
        try:
            if not 1 <= number <= len(pdf):
                return None
            _flatten(pdf, number - 1)
            return render(pdf, number, limits)
        except pypdfium2.PdfiumError as problem:
            raise DocumentError("unreadable", f"pdf: {problem}") from problem
        finally:
            pdf.close()


def boxes_of(data: bytes, evidence: Sequence[Evidence], limits: LimitsConfig) -> tuple[Box | None, ...]:
    """For each piece of evidence of a digital page its box on what `render_page` makes of the page; None where it is not found again."""
    with _LOCK:
        pdf = _open(data)
        try:
            pages = [_page(pdf, index) for index in range(min(len(pdf), limits.max_pages))]
            digital = {page.number: page for page in pages if not page.scanned}
            fonts = _fonts_of(list(digital.values()))
            places = [place_named(item.place) for item in evidence]
            found = [None if place is None else digital.get(place.page) for place in places]
            spots = [
                None if page is None or place is None else spot_of(page.content, fonts, place, item.raw)
                for page, place, item in zip(found, places, evidence, strict=True)
            ]
            return tuple(
                None if page is None or spot is None else _pixels_of(pdf, page, spot) for page, spot in zip(found, spots, strict=True)
            )
        except (pypdfium2.PdfiumError, TooMuchError) as problem:
            raise DocumentError("unreadable", f"pdf: {problem}") from problem
        finally:
            pdf.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    number: int
    content: PageContent
    scanned: bool


def _read(data: bytes, path: str, limits: LimitsConfig, *, scans_too: bool = True) -> Document:
    pdf = _open(data)
    try:
        count = len(pdf)
        if count == 0:
            raise DocumentError("unreadable", "pdf: no pages")
        if count > limits.max_pages * _TEXT_PAGES:
            raise DocumentError("too_large", f"pdf: {count} pages")
        pages = [_page(pdf, index) for index in range(count)]
        scans = [page for page in pages if page.scanned and scans_too]
        if len(scans) > limits.max_pages:
            raise DocumentError("too_large", f"pdf: {len(scans)} scanned pages")
        read_scans = read_scans_of(pdf, [page.number for page in scans], path, limits) if scans else None
        pictured = [page.number for page in pages if not page.scanned and _WITNESS_PICTURE <= page.content.picture_share < _BACKGROUND]
        witness = read_pictures_of(pdf, pictured[: limits.max_pages], path, limits) if pictured and scans_too else None
    except pypdfium2.PdfiumError as problem:
        raise DocumentError("unreadable", f"pdf: {problem}") from problem
    except TooMuchError as problem:
        raise DocumentError("too_large", f"pdf: {problem}") from problem
    finally:
        pdf.close()
    digital = [page for page in pages if not page.scanned]
    document = _digital(digital, path)
    for scanned in (read_scans, witness):
        if scanned is not None:
            document = _followed(document, scanned)
    return document


def _followed(document: Document, scanned: Document) -> Document:
    """Both kinds in one file: the scans' blocks keep their own confidence and follow the digital pages."""
    if not any(section.blocks for section in document.sections):
        return scanned
    return replace(
        document,
        kind="scan",
        sections=document.sections + scanned.sections,
        marginal=document.marginal + scanned.marginal,
        reader=f"{document.reader}; {scanned.reader}",
        notes=document.notes + scanned.notes,
    )


def _open(data: bytes) -> pypdfium2.PdfDocument:
    try:
        pdf = pypdfium2.PdfDocument(data)
        pdf.init_forms()
    except pypdfium2.PdfiumError as problem:
        locked = getattr(problem, "err_code", None) in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
        raise DocumentError("encrypted" if locked else "unreadable", f"pdf: {problem}") from problem
    return pdf


def _page(pdf: pypdfium2.PdfDocument, index: int) -> _Page:
    _flatten(pdf, index)
    page = pdf[index]
    text_page = page.get_textpage()
    try:
        content = read_page(page.raw, text_page.raw)
    finally:
        text_page.close()
        page.close()
    return _Page(number=index + 1, content=content, scanned=_is_scan(content))


def _flatten(pdf: pypdfium2.PdfDocument, index: int) -> None:
    """Filled form fields and typed remarks become part of the page, as they are for who looks at it."""
    page = pdf[index]
    if pdfium.FPDFPage_GetAnnotCount(page.raw):
        pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY)
    page.close()


def _is_scan(content: PageContent) -> bool:
    """Whether the page must be read from its pixels."""
    glyphs = len(content.glyphs)
    if glyphs - content.hidden_share * glyphs < _FEW_GLYPHS:
        # A drawing (text turned into curves) counts like a picture; a page with nothing on it is simply blank.
        return content.picture_share > 0.02 or content.paths > 40 or content.hidden_share > 0.5
    if content.picture_share >= _COVERS and content.hidden_share > 0.1:
        return True
    if glyphs < _LETTERHEAD_GLYPHS and _TABLE_PICTURE <= content.picture_share < _BACKGROUND:
        return True  # a typed letterhead over a photograph of the table
    if content.unmapped > _MOST_UNMAPPED * glyphs:
        return True
    suspicious = content.picture_share >= _COVERS or content.unmapped > 0
    return suspicious and not _makes_sense(content.glyphs)


def _makes_sense(glyphs: tuple[Glyph, ...]) -> bool:
    """Whether the words can be Vietnamese, under whatever encoding they were typed in."""
    lines = lines_of(glyphs, LegacyFonts(Run(text=g.text, font=g.font) for g in glyphs))
    text = " ".join(line.text for line in lines)
    encoding = detect(text)
    found = [word for word in words(text if encoding is Encoding.UNICODE else to_unicode(text, encoding)) if len(word) > 1]
    return len(found) < _MIN_WORDS or sum(map(is_syllable, found)) >= _MIN_SENSE * len(found)


def _digital(pages: list[_Page], path: str) -> Document:
    fonts = _fonts_of(pages)
    blocks: list[Block] = []
    marginal: list[Block] = []
    before: Grids = {}
    for page in pages:
        inner, outer, grids = _page_blocks(page, fonts)
        join_pages(blocks, inner, before, grids)
        marginal += outer
        before = grids
    return repaired(Document(path=path, kind="pdf", sections=(Section(blocks=tuple(blocks)),), marginal=tuple(marginal), reader=_READER))


def _fonts_of(pages: list[_Page]) -> LegacyFonts:
    glyphs = [glyph for page in pages for glyph in page.content.glyphs]
    text = "".join((" " if glyph.space_before or glyph.gap_before else "") + glyph.text for glyph in glyphs)
    return LegacyFonts((Run(text=glyph.text, font=glyph.font) for glyph in glyphs), others=detect(text))


def _pixels_of(pdf: pypdfium2.PdfDocument, page: _Page, spot: Spot) -> Box:
    opened = pdf[page.number - 1]
    try:
        corners = [pixel_at(opened, *page.content.frame.back(x, y)) for x, y in ((spot.left, spot.top), (spot.right, spot.bottom))]
    finally:
        opened.close()
    (left, right), (top, bottom) = (sorted(axis) for axis in zip(*corners, strict=True))
    return Box(page=page.number, left=left, top=top, width=right - left, height=bottom - top)


def _page_blocks(page: _Page, fonts: LegacyFonts) -> tuple[list[Block], list[Block], Grids]:
    """(blocks in reading order, page numbers, the lattice of each table)."""
    content, place = page.content, f"trang {page.number}"
    layout = layout_of(content)
    blocks: list[Block] = []
    marginal: list[Block] = []
    lines = lines_of(layout.free, fonts, content.horizontal)
    numbers = [line for line in (lines[:1] + lines[-1:]) if _is_page_number(line.text, page.number)]
    marginal += [Paragraph(text=line.text, place=place) for line in numbers]
    lines = [line for line in lines if line not in numbers]
    margin = margin_of(content, layout, lines)
    above, grids = 0, Grids()
    for index, (table, inside) in enumerate(layout.tables, start=1):
        before = [line for line in lines[above:] if line.base < table.ys[0] + 2]
        blocks += _paragraphs(passages_of(before, margin, layout.frames), place)
        above += len(before)
        read = _table(table, inside, fonts, page, index)
        grids[read.place] = table
        blocks.append(read)
    blocks += _paragraphs(passages_of(lines[above:], margin, layout.frames), place)
    return blocks, marginal, grids


def _table(lattice: Lattice, glyphs: list[Glyph], fonts: LegacyFonts, page: _Page, index: int) -> Table:
    cells = cells_of(lattice, glyphs, fonts, page.content.horizontal)
    return Table(cells=cells, rows=len(lattice.ys) - 1, columns=len(lattice.xs) - 1, place=f"trang {page.number}, bảng {index}")


def _paragraphs(passages: list[Passage], place: str) -> Iterator[Paragraph]:
    return (Paragraph(text=passage.text, place=place, confidence=passage.confidence) for passage in passages)


def _is_page_number(text: str, page: int) -> bool:
    """'3', '- 3 -', 'Trang 3/5' on page 3: nothing else, a lone figure may be the one that is reported."""
    return bool(re.fullmatch(rf"(?:trang\s*)?[-–]?\s*{page}\s*(?:/\s*\d{{1,3}}|[-–])?", text.strip().casefold()))
