"""The header of a table with its labels across the top: which column holds the figures of which field, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace

from mailbox_ingest.forms.clauses import EARLIER
from mailbox_ingest.forms.table_cells import Named, TableWork, column_head, count_of
from mailbox_ingest.forms.table_heads import Head, head_kind
from mailbox_ingest.model import Cell
from mailbox_ingest.vietnamese.fold import fold


@dataclass(frozen=True, slots=True)
class Header:
    """`columns` maps a column to its label; `first_row` is the first row below. `sure` is False where two columns claim one field."""

    columns: dict[int, Named]
    first_row: int
    sure: bool
    earlier: dict[str, int] = field(default_factory=dict)  # the column of last time's figures, by field


def find_header(work: TableWork, named: Sequence[Named]) -> Header | None:
    """The header, when at least two fields stand side by side in one row; the rest may stand a row higher or lower."""
    by_row: dict[int, list[Named]] = {}
    for item in named:
        for row in range(item.cell.row, item.cell.row + item.cell.row_span):
            by_row.setdefault(row, []).append(item)
    best = max(by_row, key=lambda row: (len({n.field for n in by_row[row]}), row))
    main = by_row[best]
    if len({n.field for n in main}) < 2 or len({n.cell.column for n in main}) < 2:
        return None
    if any(_value_right(work, n.cell) for n in main):
        return None  # labels with their values beside them, two a row
    earlier = {n.field: n.cell.column for n in main if EARLIER.search(fold(n.cell.text))}
    chosen = [
        _of_this_week(work, n, earlier) for n in main if not _of_other_week(work, n) and not (earlier and EARLIER.search(fold(n.cell.text)))
    ]
    for row in (best - 1, best + 1):
        have, used = {n.field for n in chosen}, {n.cell.column for n in chosen}
        chosen += [n for n in by_row.get(row, []) if n.field not in have and _stands_apart(work, n, used)]
    if not chosen:
        return None
    first_row = _first_data_row(work, chosen)
    columns: dict[int, Named] = {}
    sure = True
    for item in chosen:
        column, clear = _value_column(work, item, first_row)
        columns[column] = item
        sure = sure and clear
    fields = [n.field for n in columns.values()]
    return Header(columns, first_row, sure and len(set(fields)) == len(fields), earlier)


def _of_other_week(work: TableWork, item: Named) -> bool:
    """'Tuần trước' or 'Kế hoạch' above a label: its column is not what is asked."""
    return head_kind(column_head(work, item.cell.column, item.cell.row), work.labels, year=work.year) is Head.OTHER


def _of_this_week(work: TableWork, item: Named, earlier: Container[str]) -> Named:
    """'Số đã cài tuần này' beside 'Số đã cài tuần trước' says no more than 'Số đã cài'; alone it may count the new ones."""
    if item.label.explained or item.field not in earlier:
        return item
    bare = re.sub(r"\b(?:tuan|ky|lan) nay\b", " ", fold(item.cell.text))
    return replace(item, label=replace(item.label, explained=work.labels.explains(bare)))


def _stands_apart(work: TableWork, item: Named, used: Container[int]) -> bool:
    """Whether a label a row higher or lower has a column of its own: 'Đoàn viên, NLĐ' over 'Tổng số' and 'Có ĐTTM'."""
    if item.cell.column_span == 1:
        return item.cell.column not in used
    column, clear = _value_column(work, item, item.cell.row + item.cell.row_span + 1)
    return clear and column not in used


def _value_right(work: TableWork, cell: Cell) -> bool:
    right = work.grid.at(cell.row, cell.column + cell.column_span)
    return right is not None and count_of(right).value is not None


def _first_data_row(work: TableWork, chosen: Sequence[Named]) -> int:
    """The first row below the labels in which one of their columns holds a number, or the row right below them."""
    below = max(n.cell.row + n.cell.row_span for n in chosen)
    spans = [range(n.cell.column, n.cell.column + n.cell.column_span) for n in chosen]
    for row in range(below, min(below + 3, work.table.rows)):
        cells = [c for span in spans for column in span if (c := work.grid.at(row, column)) is not None]
        if any(c.number is not None or c.unknown or count_of(c).value is not None for c in cells):
            return row
    return below


def _value_column(work: TableWork, item: Named, first_row: int) -> tuple[int, bool]:
    """The column of a label's figures and whether it is clear: a merged label has sub-heads ('Số lượng | Tỷ lệ') to choose by."""
    cell = item.cell
    if cell.column_span == 1:
        return cell.column, True
    kinds: dict[int, Head] = {}
    for column in range(cell.column, cell.column + cell.column_span):
        texts = [c.text for row in range(cell.row + cell.row_span, first_row) if (c := work.grid.at(row, column)) is not None]
        kinds[column] = head_kind(" ".join(texts), work.labels, year=work.year)
    for wanted in (Head.CURRENT, Head.VALUE):
        fitting = [column for column, kind in kinds.items() if kind is wanted]
        if len(fitting) == 1:
            return fitting[0], True
        if fitting:
            filled = [c for c in fitting if (x := work.grid.at(first_row, c)) is not None and count_of(x).value is not None]
            return (filled or fitting)[0], len(filled) == 1
    return cell.column, False
