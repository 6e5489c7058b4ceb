"""Spreadsheets as Documents: a sheet is a section with one table. Holds the four doors; each format is read in a module of its own."""

from __future__ import annotations

from dataclasses import replace

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents import office
from mailbox_ingest.documents.sheets.grid import RawSheet, section_of
from mailbox_ingest.documents.styled_text import repaired
from mailbox_ingest.model import Block, Document, Paragraph


def read_xlsx(data: bytes, path: str, limits: LimitsConfig) -> Document:
    """.xlsx and .xlsm. Raises DocumentError."""
    from mailbox_ingest.documents.sheets.xlsx import read_workbook  # noqa: PLC0415 - a library is loaded when its format comes

    book = read_workbook(data, limits)
    marginal = tuple(Paragraph(text=item.text, place=item.place) for item in book.marginal)
    return _document(path, "xlsx", book.sheets, reader="sheets_xlsx 1", notes=book.notes, marginal=marginal)


def read_xls(data: bytes, path: str, limits: LimitsConfig) -> Document:
    """.xls of Excel 2 to 2003. Raises DocumentError."""
    from mailbox_ingest.documents.sheets.xls import read_sheets  # noqa: PLC0415

    return _document(path, "xls", read_sheets(data, limits), reader="xlrd 2")


def read_ods(data: bytes, path: str, limits: LimitsConfig) -> Document:
    """.ods. Raises DocumentError."""
    from mailbox_ingest.documents.sheets.ods import read_sheets  # noqa: PLC0415

    sheets, notes = read_sheets(data, limits)
    return _document(path, "ods", sheets, reader="sheets_ods 1", notes=notes)


def read_xlsb(data: bytes, path: str, limits: LimitsConfig) -> Document:
    """.xlsb, through LibreOffice: the libraries that read it skip the short records of some writers without a word.

    Raises DocumentError; 'unsupported' where LibreOffice is not installed.
    """
    converted = read_xlsx(office.convert(data, source="xlsb", target="xlsx", limits=limits), path, limits)
    return replace(converted, kind="xlsb", reader=f"LibreOffice; {converted.reader}")


def _document(
    path: str, kind: str, sheets: tuple[RawSheet, ...], *, reader: str, notes: tuple[str, ...] = (), marginal: tuple[Block, ...] = ()
) -> Document:
    sections = tuple(section_of(sheet) for sheet in sheets)
    return repaired(Document(path=path, kind=kind, sections=sections, marginal=marginal, reader=reader, notes=notes))
