"""Excel's .xlsx and .xlsm (ECMA-376, both dialects): parts to RawSheets. Refuses only damage; follows no link, runs no macro.

Read with lxml straight from the parts: every bound is checked before (guard.py), formulas and their cached values are both seen, and so are
hidden rows, number formats, fonts and struck-through text, in about a millisecond a form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from lxml import etree

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.guard import open_office_zip
from mailbox_ingest.documents.sheets.formula_cells import Formula, Workbook
from mailbox_ingest.documents.sheets.formulas import column_number
from mailbox_ingest.documents.sheets.grid import Position, RawCell, RawSheet, check_cell_count, place_of
from mailbox_ingest.documents.sheets.numbers import exact, plain, show
from mailbox_ingest.documents.sheets.styles import PLAIN, Style, local, read_styles
from mailbox_ingest.documents.sheets.xlsx_parts import (
    REFERENCE,
    TRUE_WORDS,
    Package,
    box_texts,
    children,
    hidden_columns,
    hidden_rows,
    merges,
    string_runs,
    unescape,
)
from mailbox_ingest.documents.styled_text import STRUCK_CONFIDENCE, LegacyFonts, Run
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.vietnamese.legacy import font_encoding

_HEADER_CODE = re.compile(r'&(?:"[^"]*"|\d+|K[0-9A-Fa-f]{6}|[A-Za-z])')


@dataclass(frozen=True, slots=True, kw_only=True)
class Marginal:
    """A comment, header or footer of a sheet."""

    text: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RawWorkbook:
    """What a workbook's file says, before it becomes sections."""

    sheets: tuple[RawSheet, ...]
    marginal: tuple[Marginal, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Sheet:
    title: str
    path: str
    hidden: bool
    root: etree._Element
    cells: dict[Position, RawCell] = field(default_factory=dict)
    formulas: dict[Position, Formula] = field(default_factory=dict)
    cached: dict[Position, tuple[Decimal | None, Style]] = field(default_factory=dict)


def read_workbook(data: bytes, limits: LimitsConfig) -> RawWorkbook:
    """Raises DocumentError."""
    with open_office_zip(data, limits) as archive:
        return _Reader(Package(archive)).read()


class _Reader:
    """One pass over one package."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.cell_count = 0
        self.epoch_1904 = False
        self.recalculated = False
        self.styles: tuple[Style, ...] = ()
        self.shared: list[tuple[Run, ...]] = []
        self.fonts = LegacyFonts(())
        self.notes: list[str] = []
        self.marginal: list[Marginal] = []

    def read(self) -> RawWorkbook:
        workbook_path = next((t for kind, t in self.package.relations("").values() if kind == "officeDocument"), "xl/workbook.xml")
        workbook = self.package.xml(workbook_path)
        if workbook is None or local(workbook) != "workbook":
            raise DocumentError("unreadable", "xlsx: no workbook part")
        properties, calculation = workbook.find("{*}workbookPr"), workbook.find("{*}calcPr")
        self.epoch_1904 = properties is not None and properties.get("date1904") in TRUE_WORDS
        self.recalculated = calculation is not None and calculation.get("fullCalcOnLoad") in TRUE_WORDS
        relations = self.package.relations(workbook_path)
        by_kind = dict(relations.values())
        self.styles = read_styles(self.package.xml(by_kind.get("styles", "")))
        self.shared = [tuple(string_runs(item)) for item in children(self.package.xml(by_kind.get("sharedStrings", "")), "si")]
        sheets = [sheet for item in children(workbook.find("{*}sheets"), "sheet") if (sheet := self._sheet(item, relations))]
        self.fonts = self._legacy_fonts(sheets)
        for sheet in sheets:
            self._read_cells(sheet)
        self._settle_formulas(sheets)
        raw = tuple(self._raw(sheet) for sheet in sheets)
        return RawWorkbook(sheets=raw, marginal=tuple(self.marginal), notes=tuple(self.notes))

    def _sheet(self, item: etree._Element, relations: dict[str, tuple[str, str]]) -> _Sheet | None:
        key = next((value for name, value in item.attrib.items() if str(name).endswith("}id")), "")
        kind, target = relations.get(str(key), ("", ""))
        if kind != "worksheet":
            return None  # a chart or macro sheet
        root = self.package.xml(target)
        if root is None:
            raise DocumentError("unreadable", f"xlsx: no part {target}")
        hidden = item.get("state", "visible") != "visible"
        return _Sheet(title=item.get("name", ""), path=target, hidden=hidden, root=root)

    def _read_cells(self, sheet: _Sheet) -> None:
        row_number = -1
        for row in children(sheet.root.find("{*}sheetData"), "row"):
            given = row.get("r", "")
            row_number = int(given) - 1 if given.isdigit() else row_number + 1
            column = -1
            for cell in row:
                if local(cell) != "c":
                    continue
                found = REFERENCE.fullmatch(cell.get("r", ""))
                column = column_number(found[1]) if found else column + 1
                self.cell_count += 1
                check_cell_count(self.cell_count)
                self._read_cell(sheet, (row_number, column), cell)

    def _read_cell(self, sheet: _Sheet, at: Position, element: etree._Element) -> None:
        value: str | None = None
        formula: etree._Element | None = None
        inline: etree._Element | None = None
        for child in element:
            match local(child):
                case "v":
                    value = child.text
                case "f":
                    formula = child
                case "is":
                    inline = child
                case _:
                    pass
        style = self._style(element)
        kind = element.get("t", "n")
        cell = self._cell(kind, value, inline, style)
        if formula is not None and (kind in ("n", "d") or not value):
            text = formula.text if formula.get("t", "normal") == "normal" else None
            sheet.formulas[at] = Formula(text=text, recalculated=self.recalculated)
            sheet.cached[at] = (cell.number if value else None, style)
            if not value:
                cell = RawCell(unknown=True)
        if not cell.blank:
            sheet.cells[at] = cell

    def _cell(self, kind: str, value: str | None, inline: etree._Element | None, style: Style) -> RawCell:
        if kind == "inlineStr":
            return self._text_cell(tuple(string_runs(inline)) if inline is not None else (), style)
        if not value:
            return RawCell()
        match kind:
            case "s":
                if not value.strip().isdigit() or int(value) >= len(self.shared):
                    raise DocumentError("unreadable", f"xlsx: no shared string {value}")
                return self._text_cell(self.shared[int(value)], style)
            case "str":
                return self._text_cell((Run(text=unescape(value)),), style)
            case "b":
                return RawCell(text="TRUE" if value == "1" else "FALSE")
            case "e":
                return RawCell(text=value, unknown=True)
            case "d":
                year, month, day = [*value[:10].split("-"), "", ""][:3]
                return RawCell(text=f"{day}/{month}/{year}" if day and month else value)
            case _:
                return self._number_cell(value, style)

    def _text_cell(self, runs: tuple[Run, ...], style: Style) -> RawCell:
        text = self.fonts.text(runs, default_font=style.font)
        return RawCell(text=text, confidence=STRUCK_CONFIDENCE if style.struck and any(map(str.isdigit, text)) else 1.0)

    def _legacy_fonts(self, sheets: list[_Sheet]) -> LegacyFonts:
        """The fonts of all texts, looked through only where a font of old is named at all."""
        names = {run.font for item in self.shared for run in item} | {style.font for style in self.styles}
        if not any(font_encoding(name) for name in names):
            return LegacyFonts(())
        return LegacyFonts(run for sheet in sheets for cell in sheet.root.iter("{*}c") for run in self._fonts_of(cell))

    def _fonts_of(self, cell: etree._Element) -> Iterator[Run]:
        style, inline, value = self._style(cell), cell.find("{*}is"), cell.findtext("{*}v") or ""
        runs: Iterable[Run] = ()
        if inline is not None:
            runs = string_runs(inline)
        elif cell.get("t") == "s" and value.isdigit() and int(value) < len(self.shared):
            runs = self.shared[int(value)]
        return (Run(text=run.text, font=run.font or style.font) for run in runs)

    def _style(self, cell: etree._Element) -> Style:
        number = cell.get("s", "0")
        return self.styles[int(number)] if number.isdigit() and int(number) < len(self.styles) else PLAIN

    def _number_cell(self, value: str, style: Style) -> RawCell:
        try:
            return number_cell(exact(value), style, epoch_1904=self.epoch_1904)
        except ValueError:
            return RawCell(text=value, unknown=True)

    def _settle_formulas(self, sheets: list[_Sheet]) -> None:
        book = Workbook(cells={s.title: s.cells for s in sheets}, formulas={s.title: s.formulas for s in sheets})
        settled: list[tuple[_Sheet, Position, RawCell]] = []
        for sheet in sheets:
            for at, (cached, style) in sheet.cached.items():
                if cached is None and not _is_unknown(sheet.cells.get(at)):
                    continue  # a cached date
                number, why = book.settle(sheet.title, at, cached)
                if why:
                    self.notes.append(f"trang tính {sheet.title}, ô {place_of(at)}: {why}")
                if number is None:
                    settled.append((sheet, at, RawCell(text=plain(cached) if cached is not None else "", unknown=True)))
                elif number != cached:
                    settled.append((sheet, at, number_cell(number, style, epoch_1904=self.epoch_1904)))
        for sheet, at, cell in settled:
            sheet.cells[at] = cell

    def _raw(self, sheet: _Sheet) -> RawSheet:
        relations = self.package.relations(sheet.path)
        place = f"trang tính {sheet.title}"
        header = sheet.root.find("{*}headerFooter")
        for item in () if header is None else header:
            if text := _HEADER_CODE.sub(" ", item.text or "").strip():
                self.marginal.append(Marginal(text=text, place=f"{place}, đầu trang hoặc chân trang"))
        texts: list[str] = []
        for kind, target in relations.values():
            if kind == "comments" and (root := self.package.xml(target)) is not None:
                for comment in root.iter("{*}comment"):
                    text = "".join(t.text or "" for t in comment.iter("{*}t")).strip()
                    self.marginal.append(Marginal(text=text, place=f"{place}, ghi chú ô {comment.get('ref', '')}"))
            elif kind == "drawing" and (root := self.package.xml(target)) is not None:
                texts += box_texts(root)
        return RawSheet(
            title=sheet.title,
            cells=sheet.cells,
            merges=tuple(merges(sheet.root)),
            hidden=sheet.hidden,
            hidden_rows=hidden_rows(sheet.root),
            hidden_columns=hidden_columns(sheet.root),
            texts=tuple(texts),
        )


def number_cell(number: Decimal, style: Style, *, epoch_1904: bool = False) -> RawCell:
    """A number as its style shows it; a date is text, and a number that the style hides is unknown."""
    shown = show(number, style.number_format, epoch_1904=epoch_1904)
    if not shown.text:
        return RawCell(text=plain(number), unknown=True)
    confidence = STRUCK_CONFIDENCE if style.struck else 1.0
    return RawCell(text=shown.text, number=number if shown.is_number else None, confidence=confidence)


def _is_unknown(cell: RawCell | None) -> bool:
    return cell is not None and cell.unknown
