"""Writing into a worksheet: headers, typed cells, print set-up. Text from outside is always text, never a formula."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table as ListObject
from openpyxl.worksheet.table import TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from mailbox_ingest.periods import LOCAL_ZONE
from mailbox_ingest.render.wording import one_line

COUNT_FORMAT = "#,##0"
PERCENT_FORMAT = "0.0%"
POINTS_FORMAT = '+0.0" điểm %";-0.0" điểm %";0.0" điểm %"'
DAY_FORMAT = "dd/mm/yyyy"
MOMENT_FORMAT = "dd/mm/yyyy hh:mm"

# The typeface of administrative papers (Decree 30/2020/NĐ-CP, annex I); every office suite has it or one of the same widths.
_BODY_FONT = Font(name="Times New Roman", size=12)
_HEAD_FONT = Font(name="Times New Roman", size=12, bold=True, color="FFFFFF")
_HEAD_FILL = PatternFill("solid", start_color="0B4F7C")
_HEAD_ALIGNMENT = Alignment(horizontal="center", vertical="center", wrap_text=True)
_WRAP = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
_PLAIN = Alignment(vertical="center")
_THIN = Side(style="thin", color="C4CED7")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_TITLE = Font(name="Times New Roman", bold=True, size=16, color="0B4F7C")
_BOLD = Font(name="Times New Roman", size=12, bold=True)

_LONGEST = 2000
_LINE_POINTS = 20  # the height of a row of one line

Value = str | int | Decimal | date | datetime | None


def points(difference: Decimal | None) -> Decimal | None:
    """A difference of two percentages as it is shown: what rounds to nothing is 0, not '-0.0'."""
    return None if difference is None else difference.quantize(Decimal("0.1"), ROUND_HALF_UP) + 0


class Pen:
    """Writes bordered cells of one sheet. A style is worked out once and shared: openpyxl hashes every part of it each time it is set,
    which is most of the time a large workbook takes."""

    def __init__(self, sheet: Worksheet) -> None:
        self._sheet = sheet
        self._styles: dict[tuple[str, bool, bool, str], StyleArray] = {}

    def put(self, row: int, column: int, value: Value, number_format: str = "", *, fill: str = "") -> None:
        """One cell. A ratio is given as a part of 1 with PERCENT_FORMAT; None leaves the cell blank, which is not 0. `fill` is RRGGBB."""
        cell = _cell(self._sheet, row, column)
        _set(cell, value)
        kind = (number_format, isinstance(value, str), cell.quotePrefix, fill)
        known = self._styles.get(kind)
        if known is not None:
            cell._style = known  # type: ignore[attr-defined]  # the stubs leave it out
            return
        if number_format:
            cell.number_format = number_format
        cell.font, cell.border = _BODY_FONT, _BORDER
        cell.alignment = _WRAP if isinstance(value, str) else _PLAIN
        if fill:
            cell.fill = PatternFill("solid", start_color=fill)
        self._styles[kind] = cell._style  # type: ignore[attr-defined]


def heading(sheet: Worksheet, row: int, text: str, *, title: bool = False) -> None:
    """A line of text over a table."""
    cell = _cell(sheet, row, 1)
    _set(cell, text)
    cell.font = _TITLE if title else _BOLD
    sheet.row_dimensions[row].height = 26 if title else 20


def note(sheet: Worksheet, row: int, text: str) -> None:
    """A line of plain text."""
    cell = _cell(sheet, row, 1)
    _set(cell, text)
    cell.font = _BODY_FONT


def header(sheet: Worksheet, row: int, titles: Sequence[str], *, height: float = 48) -> None:
    """The header row of a table."""
    for column, text in enumerate(titles, start=1):
        cell = _cell(sheet, row, column)
        _set(cell, text)
        cell.font, cell.fill, cell.alignment, cell.border = _HEAD_FONT, _HEAD_FILL, _HEAD_ALIGNMENT, _BORDER
    sheet.row_dimensions[row].height = height


def row_height(sheet: Worksheet, row: int, texts: Sequence[str], characters: Sequence[float]) -> None:
    """As many lines as the longest text needs (not every office suite grows rows by itself); `characters` are the columns' widths."""
    lines = max((-(-len(text) // width) for text, width in zip(texts, characters, strict=True)), default=1.0)
    if lines > 1:
        sheet.row_dimensions[row].height = 4 + 16 * lines


def widths(sheet: Worksheet, characters: Sequence[float]) -> None:
    """Column widths from the first column on."""
    for column, width in enumerate(characters, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width


def table(sheet: Worksheet, *, header_row: int, last_row: int, columns: int, frozen_columns: int) -> None:
    """Header that stays in view and on every printed page, and a filter."""
    sheet.freeze_panes = f"{get_column_letter(frozen_columns + 1)}{header_row + 1}"
    sheet.auto_filter.ref = f"A{header_row}:{get_column_letter(columns)}{max(last_row, header_row)}"
    sheet.print_title_rows = f"{header_row}:{header_row}"


def excel_table(sheet: Worksheet, name: str, *, last_row: int, columns: int, frozen_columns: int) -> None:
    """Rows 1 (the header) to `last_row` as a table of Excel's own: it sorts and filters itself. `name` has no spaces."""
    sheet.freeze_panes = f"{get_column_letter(frozen_columns + 1)}2"
    sheet.print_title_rows = "1:1"
    listed = ListObject(displayName=name, name=name, ref=f"A1:{get_column_letter(columns)}{last_row}")
    listed.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
    sheet.add_table(listed)


def distinct(titles: Sequence[str]) -> list[str]:
    """Titles as the columns of a table of Excel's own must be: each once, whatever a form calls its fields."""
    found: list[str] = []
    for title in titles:
        text, number = one_line(title), 2
        while text.casefold() in {known.casefold() for known in found}:
            text, number = f"{one_line(title)} ({number})", number + 1
        found.append(text)
    return found


def for_print(sheet: Worksheet, *, footer: str) -> None:
    """A4 landscape, as wide as one page, with page numbers; rows of one line get their height here."""
    sheet.sheet_format.defaultRowHeight, sheet.sheet_format.customHeight = _LINE_POINTS, True
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4 (ECMA-376, ST_PaperSize)
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = 0.6
    sheet.page_margins.bottom, sheet.page_margins.footer = 0.8, 0.4
    # '&' starts a code in a footer (ECMA-376 §18.3.1.46).
    sheet.oddFooter = HeaderFooterItem(left=_HeaderFooterPart(text=footer.replace("&", "&&")), right=_HeaderFooterPart(text="Trang &P/&N"))


def _cell(sheet: Worksheet, row: int, column: int) -> Cell:
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)  # nothing is merged here
    return cell


def _set(cell: Cell, value: Value) -> None:
    if isinstance(value, str):
        # Most text is clean already, and a large workbook has a great deal of it.
        text = value if value.isprintable() and len(value) <= _LONGEST and "  " not in value else one_line(value, _LONGEST)
        cell.value = text
        if text[:1] in {"=", "+", "-", "@"}:
            # openpyxl takes '=…' for a formula; Excel takes the others for one when the cell is edited.
            cell.data_type = "s"
            cell.quotePrefix = True
    elif isinstance(value, datetime):
        cell.value = value.astimezone(LOCAL_ZONE).replace(tzinfo=None, microsecond=0)
    else:
        cell.value = value
