"""Tables from rulings: the lattice that lines on a page form, and the text in its cells. Knows geometry only; no PDF library.

A square of the lattice and its neighbour are one cell where no line stands between them. A frame around a single cell is no table.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mailbox_ingest.documents.pdf.lines import Frame, Line, lines_of, wraps
from mailbox_ingest.documents.pdf.page import Glyph
from mailbox_ingest.documents.pdf.scene import Ruling
from mailbox_ingest.documents.styled_text import LegacyFonts
from mailbox_ingest.model import Cell

_NEAR = 3.0  # points: lines closer than this are one
_OPEN_SIDE = 10.0  # a line that reaches this far beyond the last crossing line has an open cell there
_PADDING, _WIDEST_PADDING = 2.0, 8.0
_MAX_LINES = 600


@dataclass(slots=True, kw_only=True)
class Lattice:
    """A grid of lines; `regions` maps each square (row, column) to its cell: (row, column, row span, column span)."""

    xs: list[float]
    ys: list[float]
    regions: dict[tuple[int, int], tuple[int, int, int, int]] = field(default_factory=dict)

    @property
    def area(self) -> float:
        return (self.xs[-1] - self.xs[0]) * (self.ys[-1] - self.ys[0])

    def square(self, x: float, y: float) -> tuple[int, int] | None:
        """The square that holds a point, None outside."""
        column, row = bisect_right(self.xs, x) - 1, bisect_right(self.ys, y) - 1
        if not (0 <= column < len(self.xs) - 1 and 0 <= row < len(self.ys) - 1):
            return None
        return row, column


def lattices(horizontal: Sequence[Ruling], vertical: Sequence[Ruling]) -> tuple[list[Lattice], list[Frame]]:
    """Every table on a page, the smallest first (a nested table takes its glyphs before the table around it); and the frames."""
    rows, columns = _merged(horizontal), _merged(vertical)
    if len(rows) > _MAX_LINES or len(columns) > _MAX_LINES:
        return [], []
    found: list[Lattice] = []
    frames: list[Frame] = []
    for across, down in _groups(rows, columns):
        lattice = _lattice(across, down)
        if lattice is not None:
            found.append(lattice)
        elif len(across) > 1 and len(down) > 1:
            left, right = min(line.at for line in down), max(line.at for line in down)
            frames.append(Frame(left=left, right=right, top=min(line.at for line in across), bottom=max(line.at for line in across)))
    frames.sort(key=lambda frame: frame.right - frame.left)
    return sorted(found, key=lambda lattice: lattice.area), frames


def cells_of(lattice: Lattice, glyphs: Iterable[Glyph], fonts: LegacyFonts, rulings: Sequence[Ruling]) -> tuple[Cell, ...]:
    """The cells in row-major order with the text of `glyphs`, all of which stand inside the lattice."""
    inside: dict[tuple[int, int, int, int], list[Glyph]] = {region: [] for region in lattice.regions.values()}
    for glyph in glyphs:
        square = lattice.square((glyph.left + glyph.right) / 2, glyph.base - 0.3 * glyph.size)
        if square is not None:
            inside[lattice.regions[square]].append(glyph)
    cells = []
    for (row, column, row_span, column_span), held in sorted(inside.items()):
        lines = lines_of(held, fonts, rulings)
        left, right = lattice.xs[column], lattice.xs[column + column_span]
        padding = min(max(min((line.left for line in lines), default=left) - left, _PADDING), _WIDEST_PADDING)
        cells.append(
            Cell(
                row=row,
                column=column,
                text=_cell_text(lines, right - padding, right - left - 2 * padding),
                row_span=row_span,
                column_span=column_span,
                place=f"dòng {row + 1}, cột {column + 1}",
                confidence=min((line.confidence for line in lines), default=1.0),
            )
        )
    return tuple(cells)


def _cell_text(lines: Sequence[Line], margin: float, room: float) -> str:
    """Wrapped lines joined by a space, lines that end by themselves by a line break."""
    text = ""
    for index, line in enumerate(lines):
        if index:
            text += " " if wraps(lines[index - 1], line, margin, room=room) else "\n"
        text += line.text
    return text


def _merged(rulings: Iterable[Ruling]) -> list[Ruling]:
    """Pieces of one line (dashes, one piece a cell, double lines) as one."""
    merged: list[Ruling] = []
    for ruling in sorted(rulings):
        for index in range(len(merged) - 1, -1, -1):
            other = merged[index]
            if ruling.at - other.at > _NEAR:
                continue
            if ruling.start <= other.end + _NEAR and ruling.end >= other.start - _NEAR:
                merged[index] = Ruling(other.at, min(ruling.start, other.start), max(ruling.end, other.end))
                break
        else:
            merged.append(ruling)
        if len(merged) > _MAX_LINES:
            break
    return merged


def _groups(rows: list[Ruling], columns: list[Ruling]) -> Iterable[tuple[list[Ruling], list[Ruling]]]:
    """Lines that cross or touch belong together."""
    parent = list(range(len(rows) + len(columns)))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            if row.start - _NEAR <= column.at <= row.end + _NEAR and column.start - _NEAR <= row.at <= column.end + _NEAR:
                parent[root(i)] = root(len(rows) + j)
    groups: dict[int, tuple[list[Ruling], list[Ruling]]] = {}
    for i, row in enumerate(rows):
        groups.setdefault(root(i), ([], []))[0].append(row)
    for j, column in enumerate(columns):
        groups.setdefault(root(len(rows) + j), ([], []))[1].append(column)
    return groups.values()


def _lattice(rows: list[Ruling], columns: list[Ruling]) -> Lattice | None:
    if len(rows) < 2 or not columns:
        return None
    rows, columns = list(rows), list(columns)
    top, bottom = min(row.at for row in rows), max(row.at for row in rows)
    left, right = min(column.at for column in columns), max(column.at for column in columns)
    # A table may be open at its sides (no outer border) or at top and bottom (it goes on over the page).
    first, last = min(row.start for row in rows), max(row.end for row in rows)
    if first < left - _OPEN_SIDE:
        columns.append(Ruling(first, top, bottom))
    if last > right + _OPEN_SIDE:
        columns.append(Ruling(last, top, bottom))
    highest, lowest = min(column.start for column in columns), max(column.end for column in columns)
    if highest < top - _OPEN_SIDE:
        rows.append(Ruling(highest, min(first, left), max(last, right)))
    if lowest > bottom + _OPEN_SIDE:
        rows.append(Ruling(lowest, min(first, left), max(last, right)))
    lattice = Lattice(xs=_places(columns), ys=_places(rows))
    if len(lattice.xs) < 2 or len(lattice.ys) < 2 or (len(lattice.xs) == 2 and len(lattice.ys) == 2):
        return None
    _find_regions(lattice, rows, columns)
    return lattice if len(set(lattice.regions.values())) > 1 else None


def _places(rulings: Iterable[Ruling]) -> list[float]:
    places: list[float] = []
    for at in sorted(ruling.at for ruling in rulings):
        if not places or at - places[-1] > _NEAR:
            places.append(at)
    return places


def _find_regions(lattice: Lattice, rows: list[Ruling], columns: list[Ruling]) -> None:
    height, width = len(lattice.ys) - 1, len(lattice.xs) - 1
    free: dict[tuple[int, int], tuple[int, int]] = {}

    def root(square: tuple[int, int]) -> tuple[int, int]:
        while free.get(square, square) != square:
            square = free[square]
        return square

    for r in range(height):
        for c in range(width):
            x, y = (lattice.xs[c] + lattice.xs[c + 1]) / 2, (lattice.ys[r] + lattice.ys[r + 1]) / 2
            if c + 1 < width and not _stands(columns, lattice.xs[c + 1], y):
                free[root((r, c + 1))] = root((r, c))
            if r + 1 < height and not _stands(rows, lattice.ys[r + 1], x):
                free[root((r + 1, c))] = root((r, c))
    members: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for r in range(height):
        for c in range(width):
            members.setdefault(root((r, c)), []).append((r, c))
    for squares in members.values():
        top, bottom = min(r for r, _ in squares), max(r for r, _ in squares)
        left, right = min(c for _, c in squares), max(c for _, c in squares)
        whole = (bottom - top + 1) * (right - left + 1) == len(squares)
        for r, c in squares:  # a region that is no rectangle falls apart into its squares
            lattice.regions[r, c] = (top, left, bottom - top + 1, right - left + 1) if whole else (r, c, 1, 1)


def _stands(rulings: Iterable[Ruling], at: float, across: float) -> bool:
    return any(abs(ruling.at - at) <= _NEAR and ruling.start - 1 <= across <= ruling.end + 1 for ruling in rulings)
