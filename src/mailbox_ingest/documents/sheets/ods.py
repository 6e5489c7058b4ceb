"""OpenDocument sheets (.ods) to RawSheets: values, shown text, spans, hidden rows, formulas without a value. Refuses only damage."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from lxml import etree

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.odf_package import DRAW, OFFICE, TABLE, TEXT, OdfPackage
from mailbox_ingest.documents.sheets.formula_cells import Formula, Workbook
from mailbox_ingest.documents.sheets.grid import Position, RawCell, RawSheet, check_cell_count, place_of
from mailbox_ingest.documents.sheets.numbers import exact, plain
from mailbox_ingest.documents.styled_text import STRUCK_CONFIDENCE, LegacyFonts

_NUMBERS = ("float", "currency", "percentage")
_ERROR = re.compile(r"(?:Err:\d+|#[A-Z0-9/?!]+[!?]?|#N/A)")
_REFERENCE = re.compile(r"\[(?:(\$?'[^']+'|\$?[^\].:$']+))?\.([^\]:]+)(?::\.?([^\]]+))?\]")
_CALC_ERROR = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384


@dataclass(slots=True, kw_only=True)
class _Sheet:
    title: str
    hidden: bool
    cells: dict[Position, RawCell] = field(default_factory=dict)
    formulas: dict[Position, Formula] = field(default_factory=dict)
    cached: dict[Position, Decimal | None] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)


def read_sheets(data: bytes, limits: LimitsConfig) -> tuple[tuple[RawSheet, ...], tuple[str, ...]]:
    """(the sheets, notes). Raises DocumentError."""
    reader = _Reader(OdfPackage(data, limits))
    return reader.read()


class _Reader:
    def __init__(self, package: OdfPackage) -> None:
        self.package = package
        self.body = package.body("spreadsheet")
        self.count = 0
        self.fonts = LegacyFonts(
            run
            for cell in self.body.iter(f"{TABLE}table-cell")
            for p in cell.iter(f"{TEXT}p")
            for run in package.runs(p, cell.get(f"{TABLE}style-name"))
        )

    def read(self) -> tuple[tuple[RawSheet, ...], tuple[str, ...]]:
        sheets = [self._sheet(table) for table in self.body if table.tag == f"{TABLE}table"]
        notes = _settle(sheets)
        raw = tuple(
            RawSheet(
                title=s.title,
                cells=s.cells,
                merges=tuple(s.merges),
                hidden=s.hidden,
                hidden_rows=s.hidden_rows,
                hidden_columns=s.hidden_columns,
                texts=tuple(s.texts),
            )
            for s in sheets
        )
        return raw, tuple(notes)

    def _sheet(self, table: etree._Element) -> _Sheet:
        shown = self.package.style(table.get(f"{TABLE}style-name")).shown
        sheet = _Sheet(title=table.get(f"{TABLE}name", ""), hidden=not shown)
        column = 0
        for item in table.iter(f"{TABLE}table-column"):
            repeated = _number(item, "number-columns-repeated")
            if item.get(f"{TABLE}visibility", "visible") != "visible":
                sheet.hidden_columns.update(range(column, min(column + repeated, _LAST_COLUMN)))
            column += repeated
        row = 0
        for item in table.iter(f"{TABLE}table-row"):
            repeated = _number(item, "number-rows-repeated")
            hidden = item.get(f"{TABLE}visibility", "visible") != "visible"
            if hidden:
                sheet.hidden_rows.update(range(row, min(row + repeated, row + 100_000, _LAST_ROW)))
            self._row(sheet, item, row, repeated)
            row += repeated
        for shape in table.iter(f"{DRAW}frame", f"{DRAW}custom-shape"):
            text = "\n".join(t for p in shape.iter(f"{TEXT}p") if (t := self.fonts.text(self.package.runs(p)).strip()))
            if text:
                sheet.texts.append(text)
        return sheet

    def _row(self, sheet: _Sheet, element: etree._Element, row: int, repeated: int) -> None:
        column = 0
        for item in element:
            if item.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
                continue
            wide = _number(item, "number-columns-repeated")
            if item.tag == f"{TABLE}table-cell":
                cell, formula, cached = self._cell(item)
                down, across = _number(item, "number-rows-spanned"), _number(item, "number-columns-spanned")
                if not cell.blank or formula is not None:
                    for r in range(row, row + repeated):
                        for c in range(column, column + wide):
                            self.count += 1
                            check_cell_count(self.count)
                            sheet.cells[r, c] = cell
                            if formula is not None:
                                sheet.formulas[r, c], sheet.cached[r, c] = formula, cached
                            if down > 1 or across > 1:
                                sheet.merges.append((r, c, r + down - 1, c + across - 1))
            column += wide

    def _cell(self, item: etree._Element) -> tuple[RawCell, Formula | None, Decimal | None]:
        """(the cell, its formula where the value depends on one, the cached number)."""
        style = item.get(f"{TABLE}style-name")
        text = "\n".join(self.fonts.text(self.package.runs(p, style)) for p in item if p.tag == f"{TEXT}p").strip()
        kind, value, source = item.get(f"{OFFICE}value-type"), item.get(f"{OFFICE}value"), item.get(f"{TABLE}formula")
        formula = Formula(text=_translated(source), recalculated=False) if source is not None else None
        if item.get(_CALC_ERROR) == "error" or (formula is not None and _ERROR.fullmatch(text)):
            return RawCell(text=text, unknown=True), None, None
        confidence = STRUCK_CONFIDENCE if self.package.style(style).struck else 1.0
        if kind in _NUMBERS and value is not None:
            try:
                number = exact(value)
            except ValueError:
                return RawCell(text=text or value, unknown=True), None, None
            return RawCell(text=text or plain(number), number=number, confidence=confidence), formula, number
        if kind == "date":
            day = item.get(f"{OFFICE}date-value", "")[:10].split("-")
            return RawCell(text="/".join(reversed(day)) if len(day) == 3 else text), None, None
        if formula is not None and not text:
            return RawCell(unknown=True), formula, None
        return RawCell(text=text, confidence=confidence if any(map(str.isdigit, text)) else 1.0), None, None


def _settle(sheets: list[_Sheet]) -> list[str]:
    book = Workbook(cells={s.title: s.cells for s in sheets}, formulas={s.title: s.formulas for s in sheets})
    notes: list[str] = []
    settled: list[tuple[_Sheet, Position, RawCell]] = []
    for sheet in sheets:
        for at, cached in sheet.cached.items():
            number, why = book.settle(sheet.title, at, cached)
            if why:
                notes.append(f"trang tính {sheet.title}, ô {place_of(at)}: {why}")
            if number is None:
                settled.append((sheet, at, RawCell(text=sheet.cells[at].text, unknown=True)))
            elif number != cached:
                settled.append((sheet, at, RawCell(text=plain(number), number=number)))
    for sheet, at, cell in settled:
        sheet.cells[at] = cell
    return notes


def _translated(formula: str) -> str | None:
    """'of:=SUM([.C6:.C14])' as 'SUM(C6:C14)'."""
    _, found, body = formula.partition("=")
    if not found:
        return None

    def plain_reference(match: re.Match[str]) -> str:
        sheet = match[1].lstrip("$") + "!" if match[1] else ""
        return f"{sheet}{match[2]}" + (f":{match[3].rpartition('.')[2]}" if match[3] else "")

    return _REFERENCE.sub(plain_reference, body)


def _number(element: etree._Element, name: str) -> int:
    value = element.get(f"{TABLE}{name}", "1")
    return max(int(value), 1) if value.isdigit() and len(value) < 8 else 1
