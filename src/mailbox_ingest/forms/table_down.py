"""Tables with their labels down the side: the value beside, below or inside the label, and which column where there are several."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from mailbox_ingest.forms.dates import find_dates
from mailbox_ingest.forms.numbers import find_percents
from mailbox_ingest.forms.sentences import read_lines
from mailbox_ingest.forms.table_cells import (
    OTHER_HEAD,
    PERCENT_HEAD,
    TableFigures,
    TableWork,
    blank_evidence,
    column_head,
    count_of,
    field_of,
    is_numeric,
    percentages_of,
)
from mailbox_ingest.forms.tabular import Line
from mailbox_ingest.model import Cell, FieldReading, StatedPercentage

_INDEX = re.compile(r"^(tt|stt|so tt|so thu tu|no)$")
_CURRENT = re.compile(r"\b(tuan nay|ky nay|hien tai|hien nay|den nay|luy ke|tong so|tong|tong cong|cong|thuc hien|ket qua|so lieu)\b")


def read_down(work: TableWork, named: Sequence[tuple[Cell, str]]) -> tuple[TableFigures, ...]:
    """One set of figures, or one a week where the columns' heads name weeks."""
    top = min(c.row for c, _ in named)
    sets: dict[str, list[FieldReading]] = {}
    heads: dict[str, str] = {}
    percentages: list[StatedPercentage] = []
    for cell, name in named:
        found, percents = _beside(work, cell, name, top)
        percentages += percents
        for key, head, value in found:
            sets.setdefault(key, []).append(value)
            heads[key] = head
    lines = [
        Line(text, ", ".join(p for p in (work.table.place, cell.place) if p), cell.confidence, cell)
        for cell in work.table.cells
        if "\n" in cell.text and cell not in [c for c, _ in named]
        for text in cell.text.split("\n")
    ]
    if lines and sum(len(v) for v in sets.values()) < 2:
        prose = read_lines(lines, work.form, document=work.document, year=work.year, reader=work.reader, method="line-in-cell")
        sets.setdefault("", []).extend(prose.values)
        percentages += prose.percentages
    weekly = {k: v for k, v in sets.items() if k}
    if weekly:
        shared = sets.get("", [])
        return tuple(
            TableFigures(
                tuple(v + shared),
                tuple(percentages) if len(weekly) == 1 else (),
                (Line(heads[k], work.table.place),),
                len({f.field for f in v}),
            )
            for k, v in weekly.items()
        )
    values = sets.get("", [])
    return (TableFigures(tuple(values), tuple(percentages), (), len({f.field for f in values})),) if values else ()


def _beside(work: TableWork, cell: Cell, name: str, top: int) -> tuple[list[tuple[str, str, FieldReading]], list[StatedPercentage]]:
    """The values of one label: (week key or '', head of the column, value)."""
    in_label = _inside_label(work, cell, name)
    candidates: list[tuple[Cell, str]] = []
    percentages: list[StatedPercentage] = []
    blanks: list[Cell] = []
    for other in _right_of(work, cell):
        head = column_head(work, other.column, top)
        last = head.split(" ")[-3:]
        if _INDEX.match(" ".join(last)) or _INDEX.match(head):
            continue
        if PERCENT_HEAD.search(head) or (other.text.strip().endswith("%")):
            percentages += percentages_of(work, other, head, name)
            continue
        if OTHER_HEAD.search(head) and not _CURRENT.search(head):
            continue
        count = count_of(other)
        if count.problem == "missing_value":
            blanks.append(other)
            continue
        if (
            count.problem == "not_a_number"
            and not other.unknown
            and other.number is None
            and not re.search(r"\d", other.text)
            and work.labels.read(other.text)
        ):
            continue  # the next label
        candidates.append((other, head))
    if not candidates and in_label is not None:
        return [("", "", in_label)], percentages + _percents_inside(work, cell, name)
    numbers = [c for c in candidates if count_of(c[0]).value is not None or count_of(c[0]).problem == "negative_value" or c[0].unknown]
    if not candidates:
        below = _below(work, cell)
        if below is not None:
            return [("", "", field_of(work, name, below, "below"))], percentages
        spot = blanks[0] if blanks else None
        evidence = work.evidence(spot, "table") if spot is not None else blank_evidence(work, cell.column + cell.column_span, cell.row)
        return [("", "", FieldReading(field=name, value=None, problem="missing_value", evidence=evidence))], percentages
    chosen = numbers or candidates
    if len(chosen) > 1:
        weeks = {head: _week_key(work, head_cell) for head_cell, head in chosen}
        if len({w for w in weeks.values() if w}) == len(chosen):
            return [(weeks[head], head, field_of(work, name, c, "table")) for c, head in chosen], percentages
        current = [c for c in chosen if _CURRENT.search(c[1])]
        if len(current) != 1:
            return [
                (
                    "",
                    "",
                    replace(
                        field_of(work, name, chosen[0][0], "table"),
                        certain=False,
                        problem="witnesses_disagree" if _differ(chosen) else None,
                    ),
                )
            ], percentages
        chosen = current
    value = field_of(work, name, chosen[0][0], "table")
    if in_label is not None and in_label.value is not None and in_label.value != value.value:
        value = replace(value, certain=False, problem="witnesses_disagree")
    return [("", chosen[0][1], value)], percentages


def _differ(chosen: Sequence[tuple[Cell, str]]) -> bool:
    return len({count_of(c).value for c, _ in chosen}) > 1


def _week_key(work: TableWork, cell: Cell) -> str:
    """The period that the head of a value's column names, or ''."""
    for head in work.grid.above(cell.row, cell.column):
        for found in find_dates(head.text, year=work.year):
            return str(found.period or found.day)
    return ""


def _right_of(work: TableWork, cell: Cell) -> list[Cell]:
    found: list[Cell] = []
    for column in range(cell.column + cell.column_span, work.table.columns):
        other = work.grid.at(cell.row, column)
        if other is None or (found and found[-1] is other):
            continue
        if other.row < cell.row and other.row_span > 1 and not is_numeric(other):
            continue  # a note merged over several rows
        found.append(other)
    return found


def _below(work: TableWork, cell: Cell) -> Cell | None:
    under = work.grid.at(cell.row + cell.row_span, cell.column)
    if under is not None and count_of(under).value is not None and work.labels.read(under.text) is None:
        return under
    return None


def _inside_label(work: TableWork, cell: Cell, name: str) -> FieldReading | None:
    """A number written into the label's own cell, or None."""
    lines = [Line(cell.text.replace("\n", " "), ", ".join(p for p in (work.table.place, cell.place) if p), cell.confidence, cell)]
    prose = read_lines(lines, work.form, document=work.document, year=work.year, reader=work.reader, method="label-in-cell")
    own = [v for v in prose.values if v.field == name]
    return own[0] if len(own) == 1 else None


def _percents_inside(work: TableWork, cell: Cell, name: str) -> list[StatedPercentage]:
    return [
        StatedPercentage(field=name, percent=p.value, decimals=p.decimals, of=None, evidence=work.evidence(cell, "percent"))
        for p in find_percents(cell.text)
        if work.form.field(name).part_of is not None
    ]
