"""Tables seen as a grid: merged cells stand in every place they cover. Also turns blocks into the lines of text a person would read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mailbox_ingest.model import Block, Cell, Paragraph, Table

MAX_GRID_CELLS = 400_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of running text with its place; `cell` where it stands in a table."""

    text: str
    place: str
    confidence: float = 1.0
    cell: Cell | None = None


class Grid:
    """Random access to a table by row and column; a merged cell answers for every place it covers."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._at: dict[tuple[int, int], Cell] = {}
        budget = MAX_GRID_CELLS
        for cell in table.cells:
            for row in range(cell.row, min(cell.row + cell.row_span, table.rows)):
                for column in range(cell.column, min(cell.column + cell.column_span, table.columns)):
                    self._at.setdefault((row, column), cell)
                    budget -= 1
                    if budget <= 0:
                        return

    def at(self, row: int, column: int) -> Cell | None:
        return self._at.get((row, column))

    def row(self, row: int) -> list[Cell]:
        """The cells of a row from left to right, a merged cell once."""
        cells: list[Cell] = []
        for column in range(self.table.columns):
            cell = self._at.get((row, column))
            if cell is not None and (not cells or cells[-1] is not cell):
                cells.append(cell)
        return cells

    def above(self, row: int, column: int) -> Iterator[Cell]:
        """Cells of a column above a row, nearest first, a merged cell once."""
        last = None
        for r in range(row - 1, -1, -1):
            cell = self._at.get((r, column))
            if cell is not None and cell is not last:
                last = cell
                yield cell


def lines_of(block: Block) -> Iterator[Line]:
    """The lines of a paragraph, or of every cell of a table in row order."""
    if isinstance(block, Paragraph):
        for text in block.text.split("\n"):
            if text.strip():
                yield Line(text, block.place, block.confidence)
        return
    for cell in block.cells:
        for text in cell.text.split("\n"):
            if text.strip():
                yield Line(text, cell.place or block.place, cell.confidence, cell)
