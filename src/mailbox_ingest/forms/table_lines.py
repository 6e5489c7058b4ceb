"""Cells that hold several lines: running text in a cell, or labels line by line beside figures line by line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailbox_ingest.forms.numbers import parse_count
from mailbox_ingest.forms.table_cells import (
    Named,
    TableWork,
)
from mailbox_ingest.forms.tabular import Line
from mailbox_ingest.model import FieldReading
from mailbox_ingest.vietnamese.fold import fold

PART_ROW = re.compile(r"^(\d+ )?(trong do|bao gom|gom|chia ra)\b")


def lines_in_cells(work: TableWork, named: Sequence[Named]) -> list[Line]:
    """The lines of cells that hold several: a whole report may stand in one cell."""
    labels = {id(n.cell) for n in named}
    return [
        Line(text, ", ".join(p for p in (work.table.place, cell.place) if p), cell.confidence, cell)
        for cell in work.table.cells
        if "\n" in cell.text and id(cell) not in labels
        for text in cell.text.split("\n")
    ]


def line_by_line(work: TableWork, named: Sequence[Named]) -> list[FieldReading]:
    """A cell with several labels, one a line, beside a cell with as many figures, one a line."""
    labels = {id(n.cell) for n in named}
    values: list[FieldReading] = []
    for cell in work.table.cells:
        lines = [t for t in cell.text.split("\n") if t.strip() and not PART_ROW.fullmatch(fold(t))] if id(cell) not in labels else []
        found = [work.labels.read(t) for t in lines]
        beside = work.grid.at(cell.row, cell.column + cell.column_span)
        counts = [parse_count(t) for t in beside.text.split("\n") if t.strip()] if beside is not None else []
        if len(lines) < 2 or len(counts) != len(lines) or len({x.field for x in found if x is not None}) != len(lines):
            continue
        for label, count, text in zip(found, counts, lines, strict=True):
            if label is not None and beside is not None:
                sure = label.explained and count.certain
                evidence = work.evidence(beside, "table", label=text)
                values.append(FieldReading(field=label.field, value=count.value, problem=count.problem, evidence=evidence, certain=sure))
    return values
