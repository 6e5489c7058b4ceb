"""A flow of paragraphs, some of them ends of cells and rows (Word 97, RTF), as blocks: tables put together, nested ones on their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from mailbox_ingest.documents.styled_text import LegacyFonts, Run
from mailbox_ingest.documents.word.rows import RowCell, table_of
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Block, Paragraph


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowParagraph:
    """A paragraph as it is seen, and where it stands. `depth` 0 is outside tables; `row` belongs to the paragraph that ends a row."""

    runs: tuple[Run, ...] = ()
    depth: int = 0
    cell_end: bool = False
    row_end: bool = False
    row: tuple[RowCell, ...] = ()


def with_boxes(main: Sequence[FlowParagraph], boxes: Sequence[FlowParagraph], anchor: int) -> list[FlowParagraph]:
    """The text with its text boxes behind the paragraph (or the table) at index `anchor`, where who reads the page meets them."""
    at = anchor
    while at < len(main) and main[at].depth:
        at += 1
    return [*main[: at + 1], *boxes, FlowParagraph(), *main[at + 1 :]] if boxes else list(main)


@dataclass(slots=True)
class _OpenTable:
    """A table while its rows come in, one per nesting depth."""

    rows: list[tuple[list[str], tuple[RowCell, ...]]] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def blocks_of(paragraphs: Sequence[FlowParagraph], fonts: LegacyFonts) -> Iterator[Block]:
    """Paragraphs and tables in reading order, a nested table right after the one around it.

    Raises DocumentError 'unreadable' for a row that never ends.
    """
    number = 0
    open_tables: list[_OpenTable] = []
    done: list[_OpenTable] = []
    for index, paragraph in enumerate(paragraphs):
        text = fonts.text(paragraph.runs)
        while len(open_tables) > paragraph.depth:
            done.append(open_tables.pop())
        if not paragraph.depth:
            for table in reversed(done):
                number += 1
                yield from _finished(table, number)
            done.clear()
            if text.strip():
                yield Paragraph(text=text.strip(), place=f"đoạn {index + 1}")
            continue
        while len(open_tables) < paragraph.depth:
            open_tables.append(_OpenTable())
        table = open_tables[-1]
        if paragraph.row_end:
            if table.lines:
                _end_cell(table)
            table.rows.append((table.cells, paragraph.row))
            table.cells = []
        else:
            table.lines.append(text.strip())
            if paragraph.cell_end:
                _end_cell(table)
    done += reversed(open_tables)
    for table in reversed(done):
        number += 1
        yield from _finished(table, number)


def _end_cell(table: _OpenTable) -> None:
    table.cells.append("\n".join(line for line in table.lines if line))
    table.lines = []


def _finished(table: _OpenTable, number: int) -> Iterable[Block]:
    if table.cells or table.lines:
        raise DocumentError("unreadable", "a table row without an end")
    result = table_of(table.rows, place=f"bảng {number}")
    return () if result is None else (result,)
