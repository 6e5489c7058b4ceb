"""Where on its page a value of a typed PDF stands, for people to see: its cell, or the lines of its sentence. Reads nothing anew.

What does not hold the text that was read is not the place, whatever its name says: a wrong box would be worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mailbox_ingest.documents.pdf.layout import layout_of, margin_of
from mailbox_ingest.documents.pdf.lines import Passage, lines_of, passages_of
from mailbox_ingest.documents.pdf.page import PageContent
from mailbox_ingest.documents.pdf.tables import cells_of
from mailbox_ingest.documents.styled_text import LegacyFonts

_NAMED = re.compile(r"trang (\d+)(?:, bảng (\d+), dòng (\d+), cột (\d+))?")
_ABOVE, _BELOW = 0.85, 0.25  # of the letter size, around a baseline


class Spot(NamedTuple):
    """A rectangle in the frame of `PageContent`."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`table`, `row` and `column` count from 1; None for a sentence."""

    page: int
    table: int | None = None
    row: int = 0
    column: int = 0


def place_named(text: str) -> Place | None:
    """Of a table that a page break cut, the part that holds the cell is named last."""
    found = list(_NAMED.finditer(text))
    if not found:
        return None
    page, table, row, column = found[-1].groups()
    return Place(page=int(page)) if table is None else Place(page=int(page), table=int(table), row=int(row), column=int(column))


def spot_of(content: PageContent, fonts: LegacyFonts, place: Place, raw: str) -> Spot | None:
    layout = layout_of(content)
    if place.table is None:
        lines = lines_of(layout.free, fonts, content.horizontal)
        return _of_sentence(passages_of(lines, margin_of(content, layout, lines), layout.frames), raw)
    if place.table > len(layout.tables):
        return None
    lattice, glyphs = layout.tables[place.table - 1]
    cells = cells_of(lattice, glyphs, fonts, content.horizontal)
    found = next((cell for cell in cells if (cell.row + 1, cell.column + 1) == (place.row, place.column)), None)
    if found is None or _bare(raw) not in _bare(found.text):
        return None
    right, bottom = lattice.xs[found.column + found.column_span], lattice.ys[found.row + found.row_span]
    return Spot(lattice.xs[found.column], lattice.ys[found.row], right, bottom)


def _of_sentence(passages: Sequence[Passage], raw: str) -> Spot | None:
    """The lines that it runs over; None where it is not there, or there twice."""
    wanted = _bare(raw)
    found = [passage for passage in passages if wanted and wanted in _bare(passage.text)]
    if len(found) != 1 or _bare(found[0].text).count(wanted) != 1:
        return None
    begin = _bare(found[0].text).index(wanted)
    end, at, lines = begin + len(wanted), 0, []
    for line in found[0].lines:
        until = at + len(_bare(line.text))
        if at < end and until > begin:
            lines.append(line)
        at = until
    return Spot(
        min(line.left for line in lines),
        min(line.base - _ABOVE * line.size for line in lines),
        max(line.right for line in lines),
        max(line.base + _BELOW * line.size for line in lines),
    )


def _bare(text: str) -> str:
    """Without spaces: where a line ends is no part of what was read."""
    return "".join(text.split())
