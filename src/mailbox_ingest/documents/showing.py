"""A file as its sender made it, for people: its pages as pictures, and what was read in it as text with the values marked.

Made of pixels and plain values only: nothing that leaves here can run anything. Judges nothing; what cannot be shown says why in `problem`.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents import office
from mailbox_ingest.documents.registry import READABLE, reader_for
from mailbox_ingest.documents.sniff import CONTAINERS, Kind, sniff
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Box, Document, Evidence, Table

Numbered = Sequence[tuple[int, Evidence]]

MOST_PAGES = 12
_LONGEST_SIDE = 1700  # pixels: legible when enlarged, and a page is a few hundred kilobytes
_JPEG_QUALITY = 80
_MOST_ROWS, _MOST_COLUMNS, _MOST_LETTERS, _MOST_BLOCKS = 300, 40, 600, 400
_REST = "Chữ ký, thư trích dẫn (chương trình không đọc số liệu ở phần này)"
# What LibreOffice may draw. HTML is not among them: it could name files and hosts.
_DRAWABLE = {
    Kind.DOCX: "docx",
    Kind.DOC: "doc",
    Kind.RTF: "rtf",
    Kind.ODT: "odt",
    Kind.XLSX: "xlsx",
    Kind.XLS: "xls",
    Kind.XLSB: "xlsb",
    Kind.ODS: "ods",
}
_PIXELS = frozenset({Kind.PDF, Kind.IMAGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPage:
    """One page as JPEG. `width` and `height` are those of the page that boxes are measured on, not of the smaller picture."""

    number: int
    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCell:
    """`marks` are the numbers of the evidence that was found here."""

    text: str
    row_span: int = 1
    column_span: int = 1
    marks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownBlock:
    """A table (`rows`), a line of text (`text`), or the name of a sheet (`heading`)."""

    heading: str = ""
    text: str = ""
    marks: tuple[int, ...] = ()
    rows: tuple[tuple[ShownCell, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """`problem`: '', or why nothing can be shown: 'encrypted', 'unreadable', 'too_large', 'unsupported', 'container', 'missing'.

    `drawable`: its pages can be had by `draw`, which takes seconds. `boxes` are of evidence that has none of its own: typed pages.
    """

    path: str
    kind: str = ""
    pages: tuple[ShownPage, ...] = ()
    boxes: tuple[tuple[int, Box], ...] = ()
    blocks: tuple[ShownBlock, ...] = ()
    more: bool = False  # there is more than is shown
    drawable: bool = False
    problem: str = ""


def show_file(data: bytes, path: str, evidence: Numbered, limits: LimitsConfig) -> Shown:
    """Pictures and PDF as pages, everything else as text. Never raises on bad input."""
    kind = sniff(data, path)
    try:
        if kind in (Kind.ENCRYPTED_OLE, Kind.ENVELOPE):
            return Shown(path=path, kind=kind, problem="encrypted")
        if kind in CONTAINERS:
            return Shown(path=path, kind=kind, problem="container")
        if kind not in READABLE:
            return Shown(path=path, kind=kind, problem="unsupported")
        if kind in _PIXELS:
            pages, more = _pages(kind, data, limits)
            digital = [item for item in evidence if item[1].box is None]
            if kind is not Kind.PDF or not digital:
                return Shown(path=path, kind=kind, pages=pages, more=more)
            blocks = _blocks([_text_pages(data, limits)], digital)
            return Shown(path=path, kind=kind, pages=pages, boxes=_boxes(data, digital, limits), blocks=blocks, more=more)
        document = reader_for(kind).read(data, path, limits)
    except DocumentError as problem:
        return Shown(path=path, kind=kind, problem=problem.code, drawable=problem.code == "unreadable" and kind in _DRAWABLE)
    return Shown(path=path, kind=kind, blocks=_blocks([document], evidence), drawable=kind in _DRAWABLE)


def show_documents(path: str, documents: Iterable[Document], evidence: Numbered) -> Shown:
    """What was read already: the body of a mail."""
    return Shown(path=path, kind="text", blocks=_blocks(documents, evidence))


def with_rest(shown: Shown, *texts: str) -> Shown:
    """And, under a heading of its own, what of a mail is not read: signature and history. Who decides on a mail must see all of it."""
    lines = [line for text in texts for line in text.splitlines() if line.strip()]
    if not lines:
        return shown
    rest = (ShownBlock(heading=_REST), *(ShownBlock(text=_cut(line)) for line in lines[:_MOST_BLOCKS]))
    return replace(shown, blocks=shown.blocks + rest, more=shown.more or len(lines) > _MOST_BLOCKS)


def draw(data: bytes, path: str, limits: LimitsConfig) -> Shown:
    """An office file's pages, drawn by LibreOffice. Never raises on bad input."""
    kind = sniff(data, path)
    if kind not in _DRAWABLE:
        return Shown(path=path, kind=kind, problem="unsupported")
    try:
        pages, more = _pages(Kind.PDF, office.convert(data, source=_DRAWABLE[kind], target="pdf", limits=limits), limits)
    except DocumentError as problem:
        return Shown(path=path, kind=kind, problem=problem.code)
    return Shown(path=path, kind=kind, pages=pages, more=more)


# ---------------------------------------------------------------- pixels


def _pages(kind: Kind, data: bytes, limits: LimitsConfig) -> tuple[tuple[ShownPage, ...], bool]:
    """The first pages, and whether there are more. Raises DocumentError."""
    shown: list[ShownPage] = []
    for number, pixels in _pixels(kind, data, limits):
        if len(shown) == MOST_PAGES:
            return tuple(shown), True
        image = Image.fromarray(pixels).convert("RGB")
        width, height = image.size
        image.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=_JPEG_QUALITY)
        shown.append(ShownPage(number=number, width=width, height=height, data=out.getvalue()))
    return tuple(shown), False


def _pixels(kind: Kind, data: bytes, limits: LimitsConfig) -> Iterator[tuple[int, Any]]:
    """Pages as their reader saw them, so that boxes fit."""
    if kind is Kind.IMAGE:
        from mailbox_ingest.documents.ocr.decode import decode_images  # noqa: PLC0415 - a library is loaded when its format comes

        for page in decode_images(data, limits):
            yield page.number, page.image
        return
    from mailbox_ingest.documents.pdf.reader import render_page  # noqa: PLC0415

    for number in range(1, MOST_PAGES + 2):
        pixels = render_page(data, number, limits)
        if pixels is None:
            return
        yield number, pixels


# ---------------------------------------------------------------- text


def _text_pages(data: bytes, limits: LimitsConfig) -> Document:
    from mailbox_ingest.documents.pdf.reader import read_text_pages  # noqa: PLC0415

    return read_text_pages(data, "", limits)


def _boxes(data: bytes, evidence: Numbered, limits: LimitsConfig) -> tuple[tuple[int, Box], ...]:
    from mailbox_ingest.documents.pdf.reader import boxes_of  # noqa: PLC0415

    found = boxes_of(data, [piece for _, piece in evidence], limits)
    return tuple((number, box) for (number, _), box in zip(evidence, found, strict=True) if box is not None)


def _blocks(documents: Iterable[Document], evidence: Numbered) -> tuple[ShownBlock, ...]:
    shown: list[ShownBlock] = []
    for document in documents:
        for section in document.sections:
            if section.title:
                shown.append(ShownBlock(heading=_cut(section.title)))
            for block in section.blocks:
                if len(shown) >= _MOST_BLOCKS:
                    return tuple(shown)
                if isinstance(block, Table):
                    shown.append(ShownBlock(rows=_rows(block, evidence)))
                elif block.text.strip():
                    marks = tuple(number for number, item in evidence if item.place == block.place and item.raw in block.text)
                    shown.append(ShownBlock(text=block.text[: 20 * _MOST_LETTERS], marks=marks))
    return tuple(shown)


def _rows(table: Table, evidence: Numbered) -> tuple[tuple[ShownCell, ...], ...]:
    rows: dict[int, list[ShownCell]] = {}
    for cell in table.cells:
        if cell.column >= _MOST_COLUMNS:
            continue
        place = ", ".join(filter(None, (table.place, cell.place)))
        marks = tuple(number for number, item in evidence if item.place == place)
        if cell.row >= _MOST_ROWS and not marks:
            continue
        span = (min(cell.row_span, _MOST_ROWS), min(cell.column_span, _MOST_COLUMNS))
        rows.setdefault(cell.row, []).append(ShownCell(text=_cut(cell.text), row_span=span[0], column_span=span[1], marks=marks))
    return tuple(tuple(cells) for _, cells in sorted(rows.items()))


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…"
