"""Tables that a page break cut: downwards (the list goes on) or sideways (a sheet too wide for its paper) become one again.

Geometry decides: the same columns at the same places go on downwards; the same rows at the same heights with other columns go on sideways,
unless a heading or label comes again (two reports on the same form must never become one).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mailbox_ingest.documents.pdf.tables import Lattice
from mailbox_ingest.model import Block, Cell, Table

Grids = dict[str, Lattice]
"""Table.place -> its lattice, of the tables of one page."""

_NEAR = 3.0  # points
_MIN_ROWS = 3  # fewer lines may agree by chance


def join_pages(blocks: list[Block], more: list[Block], before: Grids, grids: Grids) -> None:
    """Appends the blocks of the next page; `before` and `grids` are the lattices of the last and of this page.

    A joined table stands where its first part stood, and takes that part's name in `grids`, so that a third page can follow.
    """
    if blocks and more and _goes_on_down(blocks[-1], more[0], before, grids):
        first, second = blocks[-1], more.pop(0)
        assert isinstance(first, Table) and isinstance(second, Table)
        blocks[-1] = _below(first, second)
        grids[first.place] = grids.pop(second.place)
    for item in list(more):
        if isinstance(item, Table) and item.place in grids:
            place = _beside(blocks, item, before, grids[item.place])
            if place is not None:
                more.remove(item)
                grids[place] = grids.pop(item.place)
    blocks += more


def _goes_on_down(last: Block, first: Block, before: Grids, grids: Grids) -> bool:
    if not (isinstance(last, Table) and isinstance(first, Table)) or last.columns != first.columns or first.columns == 1:
        return False
    return last.place in before and first.place in grids and _same(before[last.place].xs, grids[first.place].xs)


def _below(first: Table, second: Table) -> Table:
    """The heading that is repeated on the new page is left out."""
    heading = [cell.text for cell in first.cells if cell.row == 0]
    start = 1 if [cell.text for cell in second.cells if cell.row == 0] == heading else 0
    moved = (_moved(second, cell, down=first.rows - start) for cell in second.cells if cell.row >= start)
    return replace(first, cells=(*first.cells, *moved), rows=first.rows + second.rows - start)


def _beside(blocks: list[Block], item: Table, before: Grids, lattice: Lattice) -> str | None:
    """Puts `item` to the right of the table of the last page that has its rows; that table's place, None where there is none."""
    for index, block in enumerate(blocks):
        if not isinstance(block, Table) or block.place not in before or block.rows != item.rows or block.rows < _MIN_ROWS:
            continue
        other = before[block.place]
        if _same(other.ys, lattice.ys) and not _same(other.xs, lattice.xs) and not _margins(block) & _margins(item):
            moved = [_moved(item, cell, right=block.columns) for cell in item.cells]
            cells = sorted((*block.cells, *moved), key=lambda cell: (cell.row, cell.column))
            blocks[index] = replace(block, cells=tuple(cells), columns=block.columns + item.columns)
            return block.place
    return None


def _moved(table: Table, cell: Cell, *, down: int = 0, right: int = 0) -> Cell:
    return replace(cell, row=cell.row + down, column=cell.column + right, place=f"{table.place}, {cell.place}")


def _margins(table: Table) -> set[str]:
    """The headings and labels: what stands in the first row, and words in the first column."""
    return {cell.text for cell in table.cells if cell.text and (cell.row == 0 or (cell.column == 0 and not cell.text.isdigit()))}


def _same(a: Sequence[float], b: Sequence[float]) -> bool:
    return len(a) == len(b) and all(abs(x - y) <= _NEAR for x, y in zip(a, b, strict=True))
