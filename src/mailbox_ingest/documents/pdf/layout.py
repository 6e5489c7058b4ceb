"""Which glyphs of a page stand in which of its tables, and which in none. Knows geometry only; reads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mailbox_ingest.documents.pdf.lines import Frame, Line
from mailbox_ingest.documents.pdf.page import Glyph, PageContent
from mailbox_ingest.documents.pdf.tables import Lattice, lattices

_NARROWEST_TEXT = 0.7  # of the page: lines that end before it end by themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """`tables` from top to bottom, those that hold anything; `edge` is where the one furthest to the right ends, filled or not."""

    tables: list[tuple[Lattice, list[Glyph]]]
    free: list[Glyph]
    frames: list[Frame]
    edge: float


def layout_of(content: PageContent) -> Layout:
    tables, frames = lattices(content.horizontal, content.vertical)
    held: list[list[Glyph]] = [[] for _ in tables]
    free: list[Glyph] = []
    for glyph in content.glyphs:
        x, y = (glyph.left + glyph.right) / 2, glyph.base - 0.3 * glyph.size
        owner = next((i for i, table in enumerate(tables) if table.square(x, y) is not None), None)
        (free if owner is None else held[owner]).append(glyph)
    placed = sorted(((table, inside) for table, inside in zip(tables, held, strict=True) if inside), key=lambda item: item[0].ys[0])
    return Layout(tables=placed, free=free, frames=frames, edge=max((table.xs[-1] for table in tables), default=0.0))


def margin_of(content: PageContent, layout: Layout, lines: Sequence[Line]) -> float:
    """Where the page's lines end at the right."""
    return max([*(line.right for line in lines), layout.edge, _NARROWEST_TEXT * content.width])
