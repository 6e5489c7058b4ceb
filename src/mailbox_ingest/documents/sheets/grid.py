"""A worksheet between its file format and the Document: sparse cells, merges, what is hidden. Knows no file format and no form.

Hidden rows and columns are left out (nobody who looks at the sheet sees them); runs of blank rows or columns shrink to one, so that a
single far cell cannot blow the grid up. `Cell.place` keeps the coordinates that people see in Excel.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Block, Cell, Paragraph, Section, Table

MAX_CELLS = 400_000  # of one workbook; a report has hundreds
_FILLED_GRID = 60_000  # up to this many positions, blank cells get their place, too
_LONGEST_MERGE = 200  # rows or columns of a merge that are kept although they hold nothing else
_LETTERS = 26

Position = tuple[int, int]  # row, column; both from 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCell:
    """One cell as its file tells it. `confidence` is lower where the text is struck through."""

    text: str = ""
    number: Decimal | None = None
    unknown: bool = False
    confidence: float = 1.0

    @property
    def blank(self) -> bool:
        return not self.text.strip() and not self.unknown and self.number is None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSheet:
    """One worksheet. Merges are (first row, first column, last row, last column), from 0, inclusive."""

    title: str
    cells: Mapping[Position, RawCell]
    merges: tuple[tuple[int, int, int, int], ...] = ()
    hidden: bool = False
    hidden_rows: Collection[int] = frozenset()
    hidden_columns: Collection[int] = frozenset()
    texts: tuple[str, ...] = field(default=())  # of text boxes


def column_letters(column: int) -> str:
    """0 -> 'A', 26 -> 'AA'."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, _LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters


def place_of(position: Position) -> str:
    """(11, 2) -> 'C12'."""
    return f"{column_letters(position[1])}{position[0] + 1}"


def section_of(sheet: RawSheet) -> Section:
    """The sheet as one table (none when it is blank), with its text boxes as paragraphs after it."""
    place = f"trang tính {sheet.title}"
    blocks: list[Block] = []
    table = _table(sheet, place)
    if table:
        blocks.append(table)
    blocks += [Paragraph(text=text, place=f"{place}, khung chữ") for text in sheet.texts]
    return Section(blocks=tuple(blocks), title=sheet.title, hidden=sheet.hidden)


def check_cell_count(count: int) -> None:
    """Raises DocumentError 'too_large'."""
    if count > MAX_CELLS:
        raise DocumentError("too_large", f"more than {MAX_CELLS} cells")


def _table(sheet: RawSheet, place: str) -> Table | None:
    filled = {
        at: cell
        for at, cell in sheet.cells.items()
        if not cell.blank
        and (at[0] not in sheet.hidden_rows or _merge_at(sheet, at))
        and (at[1] not in sheet.hidden_columns or _merge_at(sheet, at))
    }
    if not filled:
        return None
    merges = {merge[:2]: merge for merge in sheet.merges if merge[:2] in filled}
    used_rows, used_columns = {r for r, _ in filled}, {c for _, c in filled}
    for top, left, bottom, right in merges.values():
        used_rows.update(range(top, min(bottom, top + _LONGEST_MERGE) + 1))
        used_columns.update(range(left, min(right, left + _LONGEST_MERGE) + 1))
    rows = _kept(used_rows, sheet.hidden_rows)
    columns = _kept(used_columns, sheet.hidden_columns)
    cells = _place_cells(filled, merges, rows, columns)
    return Table(cells=tuple(cells), rows=len(rows), columns=len(columns), place=place) if cells else None


def _merge_at(sheet: RawSheet, at: Position) -> bool:
    """An anchor in a hidden row still shows where its merge reaches a visible one."""
    return any(merge[:2] == at for merge in sheet.merges)


def _kept(used: Iterable[int], hidden: Collection[int]) -> list[int]:
    """The visible lines in order: those in use, and one blank one where at least one stands between."""
    kept: list[int] = []
    before: int | None = None
    for line in sorted(used):
        if line in hidden:
            continue
        if before is not None:
            blank = before + 1
            while blank < line and blank in hidden:
                blank += 1
            if blank < line:
                kept.append(blank)
        kept.append(line)
        before = line
    return kept


def _place_cells(
    filled: Mapping[Position, RawCell], merges: Mapping[Position, tuple[int, int, int, int]], rows: list[int], columns: list[int]
) -> list[Cell]:
    row_index = {line: i for i, line in enumerate(rows)}
    column_index = {line: i for i, line in enumerate(columns)}
    cells: dict[Position, Cell] = {}
    covered: set[Position] = set()
    for at, raw in filled.items():
        top, left, bottom, right = merges.get(at, (*at, *at))
        inside_rows = [row_index[r] for r in range(top, min(bottom, top + _LONGEST_MERGE) + 1) if r in row_index]
        inside_columns = [column_index[c] for c in range(left, min(right, left + _LONGEST_MERGE) + 1) if c in column_index]
        if not inside_rows or not inside_columns:
            continue
        anchor = (inside_rows[0], inside_columns[0])
        covered.update((r, c) for r in inside_rows for c in inside_columns)
        cells[anchor] = Cell(
            row=anchor[0],
            column=anchor[1],
            text=raw.text,
            row_span=len(inside_rows),
            column_span=len(inside_columns),
            number=raw.number,
            unknown=raw.unknown,
            place=place_of(at),
            confidence=raw.confidence,
        )
    if len(rows) * len(columns) <= _FILLED_GRID:
        for r, row in enumerate(rows):
            for c, column in enumerate(columns):
                if (r, c) not in covered:
                    cells[r, c] = Cell(row=r, column=c, text="", place=place_of((row, column)))
    return [cells[at] for at in sorted(cells)]
