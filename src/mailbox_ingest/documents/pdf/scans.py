"""PDF pages as pixels, for OCR: whole scanned pages, and the pictures that stand on typed ones. Decides nothing about which is which."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Sequence
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.pdf.scene import keep_pictures
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Block, Document, Table

_OCR_DPI = 200
_SCALE = _OCR_DPI / 72


def read_scans_of(
    pdf: pypdfium2.PdfDocument, numbers: Sequence[int], path: str, limits: LimitsConfig, *, pictures_only: bool = False
) -> Document:
    """Pages by their numbers, from 1, read from their pixels. Raises DocumentError."""
    try:
        from mailbox_ingest.documents.ocr.decode import PageImage  # noqa: PLC0415 - paid for by scans only
        from mailbox_ingest.documents.ocr.pages import read_pages  # noqa: PLC0415
    except ImportError as problem:
        raise DocumentError("unsupported", f"pdf: scanned pages, and no OCR here: {problem}") from problem
    # One page in memory at a time.
    images = (PageImage(number=n, image=render(pdf, n, limits, pictures_only=pictures_only), dpi=_OCR_DPI) for n in numbers)
    return read_pages(images, path, limits)


def read_pictures_of(pdf: pypdfium2.PdfDocument, numbers: Sequence[int], path: str, limits: LimitsConfig) -> Document | None:
    """What large pictures on typed pages say, the pages' own text taken off; None where they say no figure or cannot be read.

    A picture of the table beside typed figures is a witness, not a source of its own: what is illegible costs the page nothing.
    """
    try:
        read = read_scans_of(pdf, numbers, path, limits, pictures_only=True)
    except DocumentError as problem:
        if problem.code == "too_large":
            raise
        return None
    texts = (text for section in read.sections for block in section.blocks for text in _texts_of(block))
    return read if any(any(map(str.isdigit, text)) for text in texts) else None


def render(pdf: pypdfium2.PdfDocument, number: int, limits: LimitsConfig, *, pictures_only: bool = False) -> Any:
    """The pixels of one page. Raises DocumentError 'too_large'."""
    page = pdf[number - 1]
    try:
        if pictures_only:
            keep_pictures(page.raw)
        width, height = page.get_size()
        if width * height * _SCALE * _SCALE > limits.max_pixels:
            raise DocumentError("too_large", f"pdf: page {number} is {width:.0f} x {height:.0f} points")
        return page.render(scale=_SCALE, rev_byteorder=True).to_numpy().copy()
    finally:
        page.close()


def pixel_at(page: pypdfium2.PdfPage, x: float, y: float) -> tuple[int, int]:
    """Where a point of the page's own space stands on what `render` makes of it."""
    width, height = (math.ceil(side * _SCALE) for side in page.get_size())
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page.raw, 0, 0, width, height, 0, x, y, across, down)
    return across.value, down.value


def _texts_of(block: Block) -> Iterator[str]:
    return (cell.text for cell in block.cells) if isinstance(block, Table) else iter((block.text,))
