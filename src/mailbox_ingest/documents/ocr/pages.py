"""Page images -> Document: each page straightened, its inks parted, its tables and its text read, in reading order.

Refuses a document without one legible page: an empty answer would let a scan that contradicts its mail pass unseen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.ocr import engine as ocr_engine
from mailbox_ingest.documents.ocr.decode import PageImage, check_pixels
from mailbox_ingest.documents.ocr.engine import Engine, Word
from mailbox_ingest.documents.ocr.geometry import Sheet, straighten, turned
from mailbox_ingest.documents.ocr.grid import find_grids
from mailbox_ingest.documents.ocr.heap import keep_freed_memory
from mailbox_ingest.documents.ocr.ink import separate
from mailbox_ingest.documents.ocr.lines import read_blocks
from mailbox_ingest.documents.ocr.pixels import Zone
from mailbox_ingest.documents.ocr.tables import read_table
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Block, Document, Section

__all__ = ["PageImage", "read_pages"]

_OPENCV_NO_MEMORY = -4  # cv::Error::StsNoMem
_MIN_SIDE = 40  # pixels: smaller pictures are bullets and tracking dots
_LEGIBLE = 0.7  # mean word confidence: pages the right way up gave 0.84 to 0.95, on their heads 0.39 to 0.56
_HOPELESS = 0.58  # below this nothing on the page deserves to be called text
_MIN_LETTERS = 12
_FRAME = 4  # pixels around a table that hold nothing but what its rules left
_TURNS = (0, 2, 1, 3)  # quarter turns in the order of likelihood


@dataclass(frozen=True, slots=True, kw_only=True)
class _PageText:
    blocks: tuple[Block, ...]
    legibility: float  # mean word confidence, weighted by length; 0 for a page without words


def read_pages(pages: Iterable[PageImage], path: str, limits: LimitsConfig) -> Document:
    """The document behind the pages, one section, kind 'scan'; boxes are in pixels of each page's own image.

    Pages are taken one by one, so a generator keeps one in memory. Raises DocumentError: 'unreadable' when no page is legible, 'too_large'
    for too many pages or pixels, 'unsupported' without Tesseract's data.
    """
    cv2.setNumThreads(1)
    keep_freed_memory()
    try:
        blocks, notes = _read_all(Engine(), pages, limits)
    except MemoryError as error:
        raise DocumentError("too_large", "the scan needs more memory than a reader may take") from error
    except cv2.error as error:
        if getattr(error, "code", None) != _OPENCV_NO_MEMORY:
            raise  # anything else is our mistake, not the sender's
        raise DocumentError("too_large", "the scan needs more memory than a reader may take") from error
    if not blocks:
        raise DocumentError("unreadable", "no page of the scan is legible")
    return Document(path=path, kind="scan", sections=(Section(blocks=tuple(blocks)),), reader=ocr_engine.version(), notes=tuple(notes))


def _read_all(engine: Engine, pages: Iterable[PageImage], limits: LimitsConfig) -> tuple[list[Block], list[str]]:
    blocks: list[Block] = []
    notes: list[str] = []
    for count, page in enumerate(pages, start=1):
        if count > limits.max_pages:
            raise DocumentError("too_large", f"the scan has more than {limits.max_pages} pages")
        check_pixels(page.image.shape[1], page.image.shape[0], limits)
        text = _read_page(engine, page)
        if text is None:
            notes.append(f"page {page.number} is blank or not legible")
        else:
            blocks.extend(text.blocks)
    return blocks, notes


def _read_page(engine: Engine, page: PageImage) -> _PageText | None:
    """The page's blocks the right way up, or None where nothing can be read."""
    if min(page.image.shape[:2]) < _MIN_SIDE:
        return None
    sheet = straighten(page.image, page.dpi, page.tint)
    best: _PageText | None = None
    for turn in _TURNS:
        text = _read_sheet(engine, turned(sheet, turn), page.number)
        if best is None or text.legibility > best.legibility:
            best = text
        if best.legibility >= _LEGIBLE:
            break
    return best if best is not None and best.legibility >= _HOPELESS else None


def _read_sheet(engine: Engine, sheet: Sheet, number: int) -> _PageText:
    inks = separate(sheet.image, sheet.patches)
    grids = find_grids(inks.print)
    tables: list[Zone] = []
    words: list[Word] = []
    placed: list[tuple[int, int, int, Block]] = []  # top, bottom, left, block
    for index, grid in enumerate(grids, start=1):
        left, top, right, bottom = grid.box
        tables.append((max(0, left - _FRAME), max(0, top - _FRAME), right + _FRAME, bottom + _FRAME))
        table, seen = read_table(engine, inks, grid, to_source=sheet.to_source, page=number, place=f"trang {number}, bảng {index}")
        words.extend(seen)
        placed.append((top, bottom, left, table))
    for block in read_blocks(engine, inks, tables, sheet.to_source, number):
        words.extend(block.words)
        placed.extend((block.top, block.bottom, block.left, paragraph) for paragraph in block.paragraphs)
    placed = _in_reading_order(placed)
    return _PageText(blocks=tuple(item[3] for item in placed), legibility=_legibility(words))


def _in_reading_order(placed: list[tuple[int, int, int, Block]]) -> list[tuple[int, int, int, Block]]:
    """From top to bottom; blocks side by side from left to right (the sort is stable: a block's lines keep their order)."""
    bands: list[list[tuple[int, int, int, Block]]] = []
    reach = -1
    for item in sorted(placed, key=lambda entry: entry[0]):
        if not bands or item[0] >= reach:
            bands.append([])
        bands[-1].append(item)
        reach = max(reach, item[1]) if len(bands[-1]) > 1 else item[1]
    return [item for band in bands for item in sorted(band, key=lambda entry: entry[2])]


def _legibility(words: list[Word]) -> float:
    letters = sum(len(word.text) for word in words if any(character.isalnum() for character in word.text))
    if letters < _MIN_LETTERS:
        return 0.0
    return sum(len(word.text) * word.confidence for word in words) / sum(len(word.text) for word in words)
