"""What a value was read from, shown again: the page's pixels with a box around it, the cut-out alone, the table or sentence as text.

Refuses nothing that it cannot find: what was moved or cannot be rendered gives no exhibit. Made for people; nothing is read from it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.registry import reader_for
from mailbox_ingest.documents.sniff import Kind, sniff
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Block, Box, Document, Evidence, Table

_PAGE = re.compile(r"trang (\d+)")
_MARGIN = 0.6  # of the box's height, around a cut-out
_LEAST_MARGIN = 12
_NEIGHBOURS = 2  # blocks shown before and after a sentence
_JPEG_QUALITY = 82


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """One file for people. `evidence` is its evidence's place in what was asked for; `kind`: 'page', 'cut-out' or 'context'."""

    evidence: int
    kind: str
    suffix: str  # '.jpg', '.png', '.txt'
    data: bytes


def exhibits_of(evidence: Iterable[tuple[int, Evidence]], data: bytes, limits: LimitsConfig) -> Iterator[Exhibit]:
    """For evidence of one file, whose bytes are `data`."""
    kind = sniff(data)

    @cache
    def page(number: int) -> Image.Image | None:
        return _page(kind, data, number, limits)

    @cache
    def document() -> Document | None:
        return _document(kind, data, limits)

    for index, item in evidence:
        named = _PAGE.match(item.place)
        number = item.box.page if item.box else int(named[1]) if named and kind is Kind.PDF else 0
        image = page(number) if number else None
        if image is not None:
            yield Exhibit(evidence=index, kind="page", suffix=".jpg", data=_encoded(_marked(image, item.box), "JPEG"))
            if item.box is not None:
                yield Exhibit(evidence=index, kind="cut-out", suffix=".png", data=_encoded(_cut_out(image, item.box), "PNG"))
        if item.box is None:
            yield from contexts_of([(index, item)], [found] if (found := document()) else [])


def contexts_of(evidence: Iterable[tuple[int, Evidence]], documents: Iterable[Document]) -> Iterator[Exhibit]:
    """For evidence whose documents are at hand: the table with the cell marked, or the sentence between its neighbours."""
    known = tuple(documents)
    for index, item in evidence:
        text = next((found for document in known if (found := _context(document, item))), None)
        if text is not None:
            yield Exhibit(evidence=index, kind="context", suffix=".txt", data=text.encode())


# ---------------------------------------------------------------- pixels


def _page(kind: Kind, data: bytes, number: int, limits: LimitsConfig) -> Image.Image | None:
    """The page as its reader saw it, so that boxes fit; None where it cannot be shown."""
    try:
        if kind is Kind.PDF:
            from mailbox_ingest.documents.pdf.reader import render_page  # noqa: PLC0415 - a library is loaded when its format comes

            pixels = render_page(data, number, limits)
        elif kind is Kind.IMAGE:
            from mailbox_ingest.documents.ocr.decode import decode_images  # noqa: PLC0415

            pixels = next((page.image for page in decode_images(data, limits) if page.number == number), None)
        else:
            return None
    except (DocumentError, ImportError):
        return None
    return None if pixels is None else Image.fromarray(pixels).convert("RGB")


def _marked(page: Image.Image, box: Box | None) -> Image.Image:
    """The page with the box drawn in red."""
    if box is None:
        return page
    shown = page.copy()
    width = max(2, max(page.size) // 600)
    around = (box.left - width, box.top - width, box.left + box.width + width, box.top + box.height + width)
    ImageDraw.Draw(shown).rectangle(around, outline=(220, 0, 0), width=width)
    return shown


def _cut_out(page: Image.Image, box: Box) -> Image.Image:
    margin = max(_LEAST_MARGIN, round(box.height * _MARGIN))
    left, top = max(0, box.left - margin), max(0, box.top - margin)
    right, bottom = min(page.width, box.left + box.width + margin), min(page.height, box.top + box.height + margin)
    return page.crop((left, top, max(right, left + 1), max(bottom, top + 1)))


def _encoded(image: Image.Image, form: str) -> bytes:
    out = io.BytesIO()
    image.save(out, form, quality=_JPEG_QUALITY)
    return out.getvalue()


# ---------------------------------------------------------------- text


def _document(kind: Kind, data: bytes, limits: LimitsConfig) -> Document | None:
    """What the reader finds; of a PDF only the digital pages: scans have boxes, and reading them again would take seconds."""
    try:
        if kind is Kind.PDF:
            from mailbox_ingest.documents.pdf.reader import read_text_pages  # noqa: PLC0415

            return read_text_pages(data, "", limits)
        return None if kind is Kind.IMAGE else reader_for(kind).read(data, "", limits)
    except DocumentError:
        return None


def _context(document: Document, evidence: Evidence) -> str | None:
    """The table or the lines that hold the evidence, by its place; by its raw text where the place is not there."""
    for by_place in (True, False):
        for section in document.sections:
            for at, block in enumerate(section.blocks):
                found = (
                    _in_table(block, evidence, by_place) if isinstance(block, Table) else _in_lines(section.blocks, at, evidence, by_place)
                )
                if found is not None:
                    title = f"[{section.title}]\n" if section.title else ""
                    return f"{evidence.place}\n{title}\n{found}\n"
    return None


def _in_table(table: Table, evidence: Evidence, by_place: bool) -> str | None:
    """The rows as 'a | b', the cell in question as '>>> 4.215 <<<'; rows without any text are left out."""
    if by_place:
        hits = [cell for cell in table.cells if ", ".join(filter(None, (table.place, cell.place))) == evidence.place]
    else:
        hits = [cell for cell in table.cells if evidence.raw and evidence.raw in cell.text]
    if not hits:
        return None
    rows: dict[int, list[str]] = {}
    for cell in table.cells:
        text = " ".join(cell.text.split())
        rows.setdefault(cell.row, []).append(f">>> {text} <<<" if cell is hits[0] else text)
    return "\n".join(" | ".join(texts) for _, texts in sorted(rows.items()) if any(texts))


def _in_lines(blocks: tuple[Block, ...], at: int, evidence: Evidence, by_place: bool) -> str | None:
    block = blocks[at]
    if isinstance(block, Table) or (by_place and block.place != evidence.place) or evidence.raw not in block.text:
        return None
    lines = []
    for number in range(max(0, at - _NEIGHBOURS), min(len(blocks), at + _NEIGHBOURS + 1)):
        near = blocks[number]
        if not isinstance(near, Table):
            lines.append(f">>> {near.text} <<<" if number == at else near.text)
    return "\n".join(lines)
