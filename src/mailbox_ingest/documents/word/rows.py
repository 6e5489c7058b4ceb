"""Rows whose cells stand between edges (Word 97, RTF) as a Table: columns from all edges, horizontal and vertical merges as spans."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from mailbox_ingest.model import Cell, Table

_NEAR = 40  # twips: edges closer than this are one
_MAX_POSITIONS = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCell:
    """One cell's definition: edges in twips; `merged` non-zero inside a horizontal set; `vertical` 1 continues, 2 or 3 starts a set."""

    left: int
    right: int
    merged: int = 0
    vertical: int = 0


@dataclass(slots=True, kw_only=True)
class _Anchor:
    row: int
    column: int
    column_span: int
    row_span: int
    text: str
    vertical: int


RawRow = tuple[Sequence[str], Sequence[RowCell]]
"""The text of each cell, and the definitions of the cells."""


def table_of(rows: Sequence[RawRow], *, place: str) -> Table | None:
    """None for a table without cells."""
    defined = [(list(texts), _definitions(len(texts), cells)) for texts, cells in rows if texts]
    edges = _edges([cell for _, cells in defined for cell in cells])
    if not defined or len(edges) < 2 or len(defined) * len(edges) > _MAX_POSITIONS:
        return None
    anchors: list[_Anchor] = []
    above: dict[int, _Anchor] = {}
    for row, (texts, cells) in enumerate(defined):
        current: dict[int, _Anchor] = {}
        first: RowCell | None = None
        for text, cell in zip(texts, cells, strict=False):
            column, end = _index(edges, cell.left), _index(edges, cell.right)
            if cell.merged and first is not None and cell.merged != first.merged and current:
                last = max(current)  # the next of a horizontal set: its room belongs to the first
                current[last].column_span = max(current[last].column_span, end - last)
                if text:
                    current[last].text = f"{current[last].text}\n{text}".strip()
                continue
            first = cell if cell.merged else None
            over = above.get(column)
            if cell.vertical == 1 and over is not None and over.vertical:
                over.row_span = row - over.row + 1
                if text:
                    over.text = f"{over.text}\n{text}".strip()
                current[column] = over
                continue
            anchor = _Anchor(
                row=row,
                column=column,
                column_span=max(end - column, 1),
                row_span=1,
                text=text,
                vertical=cell.vertical,
            )
            anchors.append(anchor)
            current[column] = anchor
        above = current
    placed = tuple(
        Cell(
            row=a.row,
            column=a.column,
            text=a.text,
            row_span=a.row_span,
            column_span=a.column_span,
            place=f"dòng {a.row + 1}, cột {a.column + 1}",
        )
        for a in sorted(anchors, key=lambda a: (a.row, a.column))
    )
    return Table(cells=placed, rows=len(defined), columns=len(edges) - 1, place=place)


def _definitions(count: int, cells: Sequence[RowCell]) -> list[RowCell]:
    """As many definitions as there are cells; where the row is not defined, columns of equal width."""
    if len(cells) >= count and all(cell.right > cell.left or cell.merged for cell in cells[:count]):
        return list(cells[:count])
    return [RowCell(left=1000 * index, right=1000 * (index + 1)) for index in range(count)]


def _edges(cells: Sequence[RowCell]) -> list[int]:
    edges: list[int] = []
    for at in sorted({edge for cell in cells for edge in (cell.left, cell.right)}):
        if not edges or at - edges[-1] > _NEAR:
            edges.append(at)
    return edges


def _index(edges: Sequence[int], at: int) -> int:
    return max(bisect_right(edges, at) - 1, 0)
