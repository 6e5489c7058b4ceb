"""The body of a WordprocessingML part as blocks: paragraphs and tables in order, the accepted view of tracked changes.

Dropped: deleted, moved-away, hidden and struck-out text, field codes, placeholder prompts. Kept once: text boxes (Choice or Fallback).
Structure per ECMA-376 part 1, §17; python-docx loses numbers typed with Track Changes or into content controls, so lxml is used directly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from mailbox_ingest.documents.lines import join_wrapped
from mailbox_ingest.documents.runs import RunText
from mailbox_ingest.documents.word.docx_runs import ALTERNATE, CHOICE, GONE, ParagraphReader, is_prompt
from mailbox_ingest.documents.word.docx_styles import W, is_on
from mailbox_ingest.model import Block, Cell, Paragraph, Table
from mailbox_ingest.vietnamese.legacy import Encoding

_VAL = W + "val"
_P, _TBL, _TR, _TC = W + "p", W + "tbl", W + "tr", W + "tc"
_AROUND = frozenset({W + "sdt", W + "sdtContent", W + "customXml", W + "smartTag", W + "ins", W + "moveTo", ALTERNATE, CHOICE})


@dataclass(slots=True)
class _OpenMerge:
    """A vertically merged cell that further rows may extend."""

    index: int
    rows: int = 1


@dataclass(slots=True)
class BodyReader:
    """Reads one part. `decided` is what `legacy.confirm` said of the encodings that its fonts claim."""

    paragraphs: ParagraphReader
    decided: Mapping[Encoding, Encoding] = field(default_factory=dict)
    paragraph_place: str = "đoạn"
    _tables: int = 0
    _lines_read: int = 0

    def blocks(self, container: etree._Element) -> list[Block]:
        """The blocks of a body, cell, text box, header, note or comment, in reading order."""
        found: list[Block] = []
        carried: RunText | None = None  # text of a paragraph whose end was deleted: it flows into the next
        for element in self._flow(container):
            if element.tag == _TBL:
                found.extend(self._table(element))
            else:
                line = carried or RunText()
                carried = None
                self.paragraphs.read(element, line)
                if self._end_is_deleted(element):
                    carried = line
                else:
                    found.extend(self._lines(line.text(self.decided)))
            found.extend(self._drawn())
        if carried is not None:
            found.extend(self._lines(carried.text(self.decided)))
        return found

    # ------------------------------------------------------------ structure

    def _flow(self, container: etree._Element) -> Iterator[etree._Element]:
        """Paragraphs and tables of a container, through content controls and revision marks."""
        for child in container:
            tag = child.tag
            if tag in (_P, _TBL):
                yield child
            elif tag == ALTERNATE:
                version = child.find(CHOICE)
                yield from self._flow(version if version is not None else child)
            elif tag not in GONE and isinstance(tag, str):
                yield from self._flow(child) if not is_prompt(child) else ()

    def _children(self, container: etree._Element, wanted: str) -> Iterator[etree._Element]:
        """Rows of a table or cells of a row, through content controls and custom XML around them."""
        for child in container:
            tag = child.tag
            if tag == wanted:
                yield child
            elif tag in _AROUND:
                yield from self._children(child, wanted)

    def _lines(self, text: str) -> list[Block]:
        pieces = join_wrapped(text.split("\n")) if "\n" in text else [text.strip(" \r\n\t")]
        lines: list[Block] = []
        for piece in pieces:
            if piece:
                self._lines_read += 1
                lines.append(Paragraph(text=piece, place=f"{self.paragraph_place} {self._lines_read}"))
        return lines

    def _drawn(self) -> list[Block]:
        """The text boxes anchored in what was just read."""
        found: list[Block] = []
        while self.paragraphs.boxes:
            found.extend(self.blocks(self.paragraphs.boxes.pop(0)))
        return found

    @staticmethod
    def _end_is_deleted(paragraph: etree._Element) -> bool:
        mark = paragraph.find(f"{W}pPr/{W}rPr")
        return mark is not None and (mark.find(W + "del") is not None or mark.find(W + "moveFrom") is not None)

    # ------------------------------------------------------------ tables

    def _table(self, table: etree._Element) -> list[Block]:
        self._tables += 1
        number = self._tables
        cells: list[Cell] = []
        inner: list[Block] = []
        merges: dict[int, _OpenMerge] = {}
        rows = columns = 0
        for row in self._children(table, _TR):
            properties = row.find(W + "trPr")
            column = 0
            if properties is not None:
                if properties.find(W + "del") is not None or is_on(properties.find(W + "hidden")):
                    continue
                column = _count(properties.find(W + "gridBefore"), 0)
            open_merges: dict[int, _OpenMerge] = {}
            for cell in self._children(row, _TC):
                span, merge = self._spans(cell)
                above = merges.get(column)
                if merge == "continue" and above is not None:
                    above.rows += 1
                    open_merges[column] = above
                elif merge == "left" and cells and cells[-1].row == rows:
                    cells[-1] = _wider(cells[-1], span)
                else:
                    text, nested = self._cell(cell)
                    inner.extend(nested)
                    if merge is not None and merge != "left":
                        open_merges[column] = _OpenMerge(index=len(cells))
                    cells.append(Cell(row=rows, column=column, text=text, column_span=span, place=f"dòng {rows + 1}, cột {column + 1}"))
                column += span
            for at, ended in merges.items():
                if open_merges.get(at) is not ended:
                    cells[ended.index] = _taller(cells[ended.index], ended.rows)
            merges = open_merges
            columns = max(columns, column)
            rows += 1
        for ended in merges.values():
            cells[ended.index] = _taller(cells[ended.index], ended.rows)
        if rows == 1 and len(cells) == 1:  # a frame drawn around text, not a table
            return [line for text in cells[0].text.split("\n") for line in self._lines(text)] + inner
        outer: list[Block] = [Table(cells=tuple(cells), rows=rows, columns=columns, place=f"bảng {number}")] if cells else []
        return outer + inner

    def _cell(self, cell: etree._Element) -> tuple[str, list[Block]]:
        """The text of a cell, a line a paragraph, and the tables and text boxes inside it, which stand after the outer table."""
        if cell.find(f"{W}tcPr/{W}cellDel") is not None:
            return "", []
        lines: list[str] = []
        nested: list[Block] = []
        carried: RunText | None = None
        boxes, self.paragraphs.boxes = self.paragraphs.boxes, []
        for element in self._flow(cell):
            if element.tag == _TBL:
                nested.extend(self._table(element))
                continue
            line = carried or RunText()
            carried = None
            self.paragraphs.read(element, line)
            if self._end_is_deleted(element):
                carried = line
            else:
                lines.append(line.text(self.decided).strip(" \t\r"))
        if carried is not None:
            lines.append(carried.text(self.decided).strip(" \t\r"))
        nested.extend(self._drawn())
        self.paragraphs.boxes = boxes
        return "\n".join(lines).strip(), nested

    @staticmethod
    def _spans(cell: etree._Element) -> tuple[int, str | None]:
        """(columns, merge): merge is 'restart' or 'continue' of a vertical merge, 'left' for the old horizontal one, else None."""
        properties = cell.find(W + "tcPr")
        if properties is None:
            return 1, None
        span = max(1, _count(properties.find(W + "gridSpan"), 1))
        across = properties.find(W + "hMerge")
        if across is not None and across.get(_VAL, "continue") == "continue":
            return span, "left"
        down = properties.find(W + "vMerge")
        return span, None if down is None else down.get(_VAL, "continue")


def _count(element: etree._Element | None, default: int) -> int:
    value = "" if element is None else (element.get(_VAL) or "")
    return min(int(value), 1000) if value.isascii() and value.isdigit() else default


def _wider(cell: Cell, columns: int) -> Cell:
    return Cell(row=cell.row, column=cell.column, text=cell.text, column_span=cell.column_span + columns, place=cell.place)


def _taller(cell: Cell, rows: int) -> Cell:
    if rows == 1:
        return cell
    return Cell(row=cell.row, column=cell.column, text=cell.text, row_span=rows, column_span=cell.column_span, place=cell.place)
