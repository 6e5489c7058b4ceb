"""Spreadsheets as Documents: a sheet is a section with one table. Holds the four doors; each format is read in a module of its own."""

from __future__ import annotations

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.sheets_grid import RawSheet, section_of
from mailbox_ingest.documents.styled_text import repaired
from mailbox_ingest.model import Block, Document, Paragraph


def read_xlsx(data: bytes, path: str, limits: LimitsConfig) -> Document:
    """.xlsx and .xlsm. Raises DocumentError."""
    from mailbox_ingest.documents.sheets_xlsx import read_workbook  # noqa: PLC0415 - a library is loaded when its format comes

    book = read_workbook(data, limits)
    marginal = tuple(Paragraph(text=item.text, place=item.place) for item in book.marginal)
    return _document(path, "xlsx", book.sheets, reader="sheets_xlsx 1", notes=book.notes, marginal=marginal)


def _document(
    path: str, kind: str, sheets: tuple[RawSheet, ...], *, reader: str, notes: tuple[str, ...] = (), marginal: tuple[Block, ...] = ()
) -> Document:
    sections = tuple(section_of(sheet) for sheet in sheets)
    return repaired(Document(path=path, kind=kind, sections=sections, marginal=marginal, reader=reader, notes=notes))
