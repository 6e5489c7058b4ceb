"""Tables with their labels across the top: which columns, which row. A total row answers for its parts, which must add up to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from mailbox_ingest.forms.table_cells import (
    OTHER_HEAD,
    TableFigures,
    TableWork,
    blank_evidence,
    column_head,
    count_of,
    field_of,
    percentages_of,
)
from mailbox_ingest.forms.tabular import Line
from mailbox_ingest.model import Cell, FieldReading
from mailbox_ingest.vietnamese.fold import fold

_TOTAL_ROW = re.compile(r"^(tong cong|tong so|tong|cong|cong chung|toan (huyen|nganh|don vi|thanh pho|thi xa|tinh)|tong hop)\b")
_SERIAL_ROW = re.compile(r"^\(?(?:[a-d]|\d{1,2}|[ivx]{1,4})\)?$")


def header_columns(work: TableWork, named: Sequence[tuple[Cell, str]]) -> tuple[dict[int, str], int, bool] | None:
    """({column: field}, first row below the header, whether it is doubtful) when at least two fields stand side by side in one row.

    A header of several rows may hold the rest of the fields one row higher or lower; a title above the table names nothing.
    """
    by_row: dict[int, list[tuple[Cell, str]]] = {}
    for cell, name in named:
        for row in range(cell.row, cell.row + cell.row_span):
            by_row.setdefault(row, []).append((cell, name))
    best = max(by_row, key=lambda row: (len({n for _, n in by_row[row]}), row))
    main = by_row[best]
    if len({n for _, n in main}) < 2 or len({c.column for c, _ in main}) < 2:
        return None
    if any(_value_right(work, c) for c, _ in main):
        return None  # labels with their values beside them, two a row
    chosen = [(c, n) for c, n in main if not OTHER_HEAD.search(column_head(work, c.column, c.row))]
    for row in (best - 1, best + 1):
        have, used = {n for _, n in chosen}, {c.column for c, _ in chosen}
        chosen += [(c, n) for c, n in by_row.get(row, []) if n not in have and c.column not in used and c.column_span == 1]
    columns = {c.column: n for c, n in chosen}
    doubtful = len(set(columns.values())) < len(columns)
    return columns, max(c.row + c.row_span for c, _ in chosen), doubtful


def _value_right(work: TableWork, cell: Cell) -> bool:
    right = work.grid.at(cell.row, cell.column + cell.column_span)
    return right is not None and count_of(right).value is not None


def read_across(work: TableWork, columns: dict[int, str], first_row: int) -> tuple[TableFigures, ...]:
    rows: list[tuple[int, dict[int, Cell | None], list[Cell]]] = []
    for row in range(first_row, work.table.rows):
        cells = {column: work.grid.at(row, column) for column in columns}
        texts = [c for c in work.grid.row(row) if c.column not in columns and any(x.isalpha() for x in c.text)]
        if not any(c is not None and (c.number is not None or c.text.strip() or c.unknown) for c in cells.values()):
            continue
        if _is_serial_row(work, row):
            continue
        if (
            sum(
                1
                for c in cells.values()
                if c is not None and (c.unknown or count_of(c).value is not None or count_of(c).problem == "negative_value")
            )
            == 0
        ):
            if any(t.row == row and len(t.text) > 3 for t in texts) and all(c is None or not c.text.strip() for c in cells.values()):
                continue
            if not all(c is None or count_of(c).problem == "missing_value" for c in cells.values()) and len(rows) > 0:
                continue  # signature block or notes below the table
        rows.append((row, cells, texts))
    if not rows:
        cells = {column: work.grid.at(first_row, column) for column in columns}
        blank = tuple(
            FieldReading(field=name, value=None, problem="missing_value", evidence=blank_evidence(work, column))
            for column, name in columns.items()
        )
        return (TableFigures(blank, named_fields=len(columns)),)
    totals = [r for r in rows if any(_TOTAL_ROW.match(fold(t.text)) for t in r[2])]
    if len(totals) == 1 and len(rows) > 1:
        parts = [r for r in rows if r is not totals[0]]
        return (_row_figures(work, columns, totals[0], parts, "total-row"),)
    if len(rows) == 1:
        return (_row_figures(work, columns, rows[0], [], "table"),)
    if len(totals) > 1:
        return (mark_doubtful(_row_figures(work, columns, totals[-1], [], "total-row")),)
    # Several rows, no total: each is a set of its own (weeks, or units of one sender); who reads them must tell them apart.
    return tuple(_row_figures(work, columns, r, [], "row") for r in rows)


def _is_serial_row(work: TableWork, row: int) -> bool:
    """'(1) (2) (3)' or 'A B 1 2 3' under the heads."""
    cells = [c for c in work.grid.row(row) if c.text.strip()]
    if len(cells) < 3 or not all(_SERIAL_ROW.match(c.text.strip().lower()) for c in cells):
        return False
    digits = [int(re.sub(r"\D", "", c.text)) for c in cells if re.search(r"\d", c.text)]
    return len(digits) >= 2 and digits == list(range(digits[0], digits[0] + len(digits)))


def _row_figures(
    work: TableWork,
    columns: dict[int, str],
    row: tuple[int, dict[int, Cell | None], list[Cell]],
    parts: Sequence[tuple[int, dict[int, Cell | None], list[Cell]]],
    method: str,
) -> TableFigures:
    number, cells, texts = row
    values = []
    for column, name in columns.items():
        cell = cells[column]
        if cell is None:
            values.append(FieldReading(field=name, value=None, problem="missing_value", evidence=blank_evidence(work, column, number)))
            continue
        value = field_of(work, name, cell, method)
        if parts and value.value is not None:
            summands = [count_of(c).value if (c := p[1][column]) is not None else None for p in parts]
            known = [s for s in summands if s is not None]
            if known and len(known) == len(summands) and sum(known) != value.value and not _nested_sums(known, value.value):
                value = replace(value, certain=False, problem="witnesses_disagree")
        values.append(value)
    percentages = []
    for other in work.grid.row(number):
        if other.column in columns:
            continue
        head = column_head(work, other.column, number)
        label = work.labels.read(head, ignore_percent_words=True)
        percentages += percentages_of(work, other, head, label.field if label else None)
    context = tuple(Line(t.text, t.place, t.confidence, t) for t in texts)
    return TableFigures(tuple(values), tuple(percentages), context if method == "row" or len(texts) else (), len(columns))


def _nested_sums(parts: Sequence[int], total: int) -> bool:
    """Subtotals among the rows: twice the total, when every group is followed by its own sum."""
    return sum(parts) == 2 * total


def mark_doubtful(figures: TableFigures) -> TableFigures:
    return replace(figures, values=tuple(replace(v, certain=False) for v in figures.values))
