"""Excel 97-2003 (.xls) and older to RawSheets, by xlrd. Refuses what is locked or broken.

xlrd does not tell formulas from numbers, so their places are read from the records: a formula whose stored result is nothing, or the 0 that
programs write that never calculate, is unknown.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from typing import Any

import olefile
import xlrd
import xlrd.compdoc

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.sheets.grid import Position, RawCell, RawSheet, check_cell_count
from mailbox_ingest.documents.sheets.numbers import exact, plain, show
from mailbox_ingest.documents.styled_text import STRUCK_CONFIDENCE, LegacyFonts, Run
from mailbox_ingest.errors import DocumentError

_BOF, _EOF, _FORMULA, _BOUNDSHEET = 0x0809, 0x000A, 0x0006, 0x0085
_DAMAGE = (
    zipfile.BadZipFile,
    struct.error,
    IndexError,
    KeyError,
    ValueError,
    AssertionError,
    TypeError,
    AttributeError,
    OverflowError,
    OSError,
    NotImplementedError,
)


def read_sheets(data: bytes, limits: LimitsConfig) -> tuple[RawSheet, ...]:
    """Raises DocumentError 'encrypted', 'unreadable' or 'too_large'."""
    if len(data) > limits.max_attachment_bytes:
        raise DocumentError("too_large", f"xls: {len(data)} bytes")
    try:
        # The stream is taken out by olefile: xlrd follows a chain of sectors that runs in a circle until memory ends.
        stream = _workbook_stream(data)
        book = xlrd.open_workbook(file_contents=stream, formatting_info=True, logfile=io.StringIO())
        return _Reader(book, _formulas(stream)).sheets()
    except (xlrd.XLRDError, xlrd.compdoc.CompDocError) as problem:
        raise DocumentError("encrypted" if "encrypted" in str(problem) else "unreadable", f"xls: {problem}") from problem
    except _DAMAGE as problem:
        raise DocumentError("unreadable", f"xls: {type(problem).__name__}: {problem}") from problem


class _Reader:
    def __init__(self, book: Any, formulas: dict[int, set[Position]]) -> None:
        self.book, self.formulas = book, formulas
        self.count = 0
        self.fonts = LegacyFonts(())

    def sheets(self) -> tuple[RawSheet, ...]:
        sheets = [self.book.sheet_by_index(index) for index in range(self.book.nsheets)]
        self.fonts = LegacyFonts(run for sheet in sheets for row, column in _filled(sheet) for run in self._runs(sheet, row, column))
        return tuple(self._sheet(sheet, index) for index, sheet in enumerate(sheets))

    def _sheet(self, sheet: Any, index: int) -> RawSheet:
        cells: dict[Position, RawCell] = {}
        formulas = self.formulas.get(index, set())
        for row, column in _filled(sheet):
            self.count += 1
            check_cell_count(self.count)
            cells[row, column] = self._cell(sheet, row, column, formula=(row, column) in formulas)
        merges = tuple((top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells)
        return RawSheet(
            title=sheet.name,
            cells=cells,
            merges=merges,
            hidden=sheet.visibility != 0,
            hidden_rows=frozenset(row for row, info in sheet.rowinfo_map.items() if info.hidden or info.height == 0),
            hidden_columns=frozenset(column for column, info in sheet.colinfo_map.items() if info.hidden or info.width == 0),
        )

    def _cell(self, sheet: Any, row: int, column: int, *, formula: bool) -> RawCell:
        kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
        style = self.book.xf_list[sheet.cell_xf_index(row, column)]
        confidence = STRUCK_CONFIDENCE if self.book.font_list[style.font_index].struck_out else 1.0
        match kind:
            case xlrd.XL_CELL_NUMBER | xlrd.XL_CELL_DATE:
                number = exact(value)
                shown = show(number, self.book.format_map[style.format_key].format_str, epoch_1904=self.book.datemode == 1)
                if not shown.text or (formula and number == 0):
                    return RawCell(text=plain(number), unknown=True)
                return RawCell(text=shown.text, number=number if shown.is_number else None, confidence=confidence)
            case xlrd.XL_CELL_BOOLEAN:
                return RawCell(text="TRUE" if value else "FALSE")
            case xlrd.XL_CELL_ERROR:
                return RawCell(text=xlrd.error_text_from_code.get(value, "#N/A"), unknown=True)
            case xlrd.XL_CELL_TEXT if formula and not value:
                return RawCell(unknown=True)
            case _:
                text = self.fonts.text(self._runs(sheet, row, column))
                return RawCell(text=text, confidence=confidence if any(map(str.isdigit, text)) else 1.0)

    def _runs(self, sheet: Any, row: int, column: int) -> Iterator[Run]:
        value = sheet.cell_value(row, column)
        if sheet.cell_type(row, column) != xlrd.XL_CELL_TEXT or not value:
            return
        own = self.book.font_list[self.book.xf_list[sheet.cell_xf_index(row, column)].font_index].name
        parts = sheet.rich_text_runlist_map.get((row, column), ())
        starts = [0, *(start for start, _ in parts), len(value)]
        fonts = [None, *(self.book.font_list[font] for _, font in parts)]
        for start, end, font in zip(starts, starts[1:], fonts, strict=False):
            if end > start:
                yield Run(text=value[start:end], font=font.name if font else own, struck=bool(font and font.struck_out))


def _filled(sheet: Any) -> Iterator[Position]:
    for row in range(sheet.nrows):
        for column, kind in enumerate(sheet.row_types(row)):
            if kind not in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                yield row, column


def _formulas(stream: bytes) -> dict[int, set[Position]]:
    """Sheet index -> where its formulas are, from the workbook stream's records (MS-XLS 2.4.127)."""
    starts: dict[int, int] = {}
    found: dict[int, set[Position]] = {}
    at, sheet = 0, -1
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        body = at + 4
        if kind == _BOUNDSHEET and length >= 6:
            starts[struct.unpack_from("<I", stream, body)[0]] = len(starts)
        elif kind == _BOF and at in starts:
            sheet = starts[at]
        elif kind == _FORMULA and sheet >= 0 and length >= 4:
            found.setdefault(sheet, set()).add(struct.unpack_from("<HH", stream, body))
        at = body + length
    return found


def _workbook_stream(data: bytes) -> bytes:
    if not olefile.isOleFile(data):
        return data
    with olefile.OleFileIO(io.BytesIO(data)) as ole:
        name = next((name for name in ("Workbook", "Book") if ole.exists(name)), None)
        if name is None:
            raise DocumentError("unreadable", "xls: no workbook in it")
        return bytes(ole.openstream(name).read())
