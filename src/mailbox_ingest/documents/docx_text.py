"""The body of a WordprocessingML part as blocks: paragraphs and tables in order, the accepted view of tracked changes.

Dropped: deleted, moved-away, hidden and struck-out text, field codes, placeholder prompts. Kept once: text boxes (Choice or Fallback).
Structure per ECMA-376 part 1, §17; python-docx loses numbers typed with Track Changes or into content controls, so lxml is used directly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from mailbox_ingest.documents.docx_styles import Styles, W, is_on
from mailbox_ingest.documents.lines import join_wrapped
from mailbox_ingest.documents.runs import RunText
from mailbox_ingest.model import Block, Cell, Paragraph, Table
from mailbox_ingest.vietnamese.legacy import Encoding, font_encoding, font_shows_capitals

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_VAL = W + "val"

_P, _R, _T, _TBL, _TR, _TC = W + "p", W + "r", W + "t", W + "tbl", W + "tr", W + "tc"
_SDT, _SDT_PR, _SDT_CONTENT, _RUN_PR, _PARAGRAPH_PR = W + "sdt", W + "sdtPr", W + "sdtContent", W + "rPr", W + "pPr"
_ALTERNATE, _CHOICE, _FALLBACK = _MC + "AlternateContent", _MC + "Choice", _MC + "Fallback"
_GONE = frozenset({W + "del", W + "moveFrom", W + "sdtPr", W + "sdtEndPr", W + "rPr", W + "pPr", W + "instrText", W + "delText", W + "rt"})
_DRAWN = frozenset({W + "drawing", W + "pict", W + "object"})
_TEXT_BOX = W + "txbxContent"
_LITERAL = {W + "tab": "\t", W + "ptab": "\t", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-"}
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SIGNS = {"F0FE": "☑", "F052": "☑", "F0FD": "☒", "F0A8": "☐", "F06F": "☐", "F0FC": "✓"}  # Wingdings ticks


@dataclass(slots=True)
class _OpenMerge:
    """A vertically merged cell that further rows may extend."""

    index: int
    rows: int = 1


@dataclass(slots=True)
class BodyReader:
    """Reads one part. `legacy_fonts` says whether fonts are worth a look; `decided` is what `legacy.confirm` said of them."""

    styles: Styles
    legacy_fonts: bool = False
    decided: Mapping[Encoding, Encoding] = field(default_factory=dict)
    hide_codes: bool = True  # False where field marks do not pair: then nothing is a field code
    paragraph_place: str = "đoạn"
    _fields: list[bool] = field(default_factory=list)  # a field each: True once its result has begun
    _boxes: list[etree._Element] = field(default_factory=list)
    _tables: int = 0
    _paragraphs: int = 0

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
                self._paragraph(element, line)
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
            elif tag == _ALTERNATE:
                version = child.find(_CHOICE)
                yield from self._flow(version if version is not None else child)
            elif tag not in _GONE and isinstance(tag, str):
                yield from self._flow(child) if not self._is_prompt(child) else ()

    def _children(self, container: etree._Element, wanted: str) -> Iterator[etree._Element]:
        """Rows of a table or cells of a row, through content controls and custom XML around them."""
        for child in container:
            tag = child.tag
            if tag == wanted:
                yield child
            elif tag in (_SDT, _SDT_CONTENT, W + "customXml", W + "smartTag", W + "ins", W + "moveTo", _ALTERNATE, _CHOICE):
                yield from self._children(child, wanted)

    def _lines(self, text: str) -> list[Block]:
        pieces = join_wrapped(text.split("\n")) if "\n" in text else [text.strip(" \r\n\t")]
        lines: list[Block] = []
        for piece in pieces:
            if piece:
                self._paragraphs += 1
                lines.append(Paragraph(text=piece, place=f"{self.paragraph_place} {self._paragraphs}"))
        return lines

    def _drawn(self) -> list[Block]:
        """The text boxes anchored in what was just read."""
        found: list[Block] = []
        while self._boxes:
            found.extend(self.blocks(self._boxes.pop(0)))
        return found

    @staticmethod
    def _end_is_deleted(paragraph: etree._Element) -> bool:
        mark = paragraph.find(f"{_PARAGRAPH_PR}/{_RUN_PR}")
        return mark is not None and (mark.find(W + "del") is not None or mark.find(W + "moveFrom") is not None)

    @staticmethod
    def _is_prompt(element: etree._Element) -> bool:
        """A content control that shows its prompt ('Click here to enter text'): nobody typed anything."""
        if element.tag != _SDT:
            return False
        properties = element.find(_SDT_PR)
        return properties is not None and bool(is_on(properties.find(W + "showingPlcHdr")))

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
        outer: list[Block] = [Table(cells=tuple(cells), rows=rows, columns=columns, place=f"bảng {number}")] if cells else []
        return outer + inner

    def _cell(self, cell: etree._Element) -> tuple[str, list[Block]]:
        """The text of a cell, a line a paragraph, and the tables and text boxes inside it, which stand after the outer table."""
        if cell.find(f"{W}tcPr/{W}cellDel") is not None:
            return "", []
        lines: list[str] = []
        nested: list[Block] = []
        carried: RunText | None = None
        boxes, self._boxes = self._boxes, []
        for element in self._flow(cell):
            if element.tag == _TBL:
                nested.extend(self._table(element))
                continue
            line = carried or RunText()
            carried = None
            self._paragraph(element, line)
            if self._end_is_deleted(element):
                carried = line
            else:
                lines.append(line.text(self.decided).strip(" \t\r"))
        if carried is not None:
            lines.append(carried.text(self.decided).strip(" \t\r"))
        nested.extend(self._drawn())
        self._boxes = boxes
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

    # ------------------------------------------------------------ text

    def _paragraph(self, paragraph: etree._Element, line: RunText) -> None:
        style = paragraph.find(f"{_PARAGRAPH_PR}/{W}pStyle")
        self._inline(paragraph, line, None if style is None else style.get(_VAL))

    def _inline(self, parent: etree._Element, line: RunText, style: str | None) -> None:
        for child in parent:
            tag = child.tag
            if tag == _R:
                self._run(child, line, style)
            elif tag == _ALTERNATE:
                self._alternate(child, line, style)
            elif tag == _M + "t":
                line.add(child.text or "")
            elif tag not in _GONE and isinstance(tag, str) and not self._is_prompt(child):
                self._inline(child, line, style)

    def _alternate(self, element: etree._Element, line: RunText, style: str | None) -> None:
        """One of the versions of the same thing: the first choice, the fallback where there is none."""
        chosen = element.find(_CHOICE)
        if chosen is None or (next(chosen.iter(_TEXT_BOX), None) is None and next(chosen.iter(_T), None) is None):
            fallback = element.find(_FALLBACK)
            chosen = fallback if fallback is not None else chosen
        if chosen is not None:
            self._content(chosen, line, style, None)

    def _run(self, run: etree._Element, line: RunText, style: str | None) -> None:
        properties = run.find(_RUN_PR)
        if self.styles.hidden(properties, style):
            return
        if properties is not None and (is_on(properties.find(W + "strike")) or is_on(properties.find(W + "dstrike"))):
            return  # a number struck out beside the new one: Word users' own track changes
        self._content(run, line, style, properties)

    def _content(self, parent: etree._Element, line: RunText, style: str | None, properties: etree._Element | None) -> None:
        font = self.styles.font(properties, style) if self.legacy_fonts else None
        encoding = font_encoding(font)
        capitals = encoding is not None and font_shows_capitals(font)
        for child in parent:
            tag = child.tag
            if tag == _T:
                if self.hide_codes and not all(self._fields):
                    continue
                text = child.text or ""
                raised = None if properties is None else properties.find(W + "vertAlign")
                if raised is not None:  # a footnote's mark must not become a digit of the number before it
                    text = text.translate({"superscript": _RAISED, "subscript": _LOWERED}.get(raised.get(_VAL, ""), {}))
                line.add(text, encoding, capitals)
            elif tag in _LITERAL:
                line.add(_LITERAL[tag], encoding, capitals)
            elif tag == W + "fldChar":
                self._field_mark(child.get(W + "fldCharType"))
            elif tag == W + "sym":
                self._symbol(child, line)
            elif tag == W + "softHyphen":
                if encoding is Encoding.TCVN3:
                    line.add("\u00ad", encoding, capitals)  # the letter 'ư' there
            elif tag in _DRAWN:
                self._draw(child)
            elif tag == _ALTERNATE:
                self._alternate(child, line, style)
            elif tag == _R:
                self._run(child, line, style)
            elif tag == W + "ruby":
                for base in child.iterfind(W + "rubyBase"):
                    self._inline(base, line, style)

    def _draw(self, drawing: etree._Element) -> None:
        """Remembers the text boxes of a drawing; those inside a text box are met when it is read."""
        for box in drawing.iter(_TEXT_BOX):
            outer = box.getparent()
            while outer is not None and outer is not drawing and outer.tag not in (_TEXT_BOX, _FALLBACK):
                outer = outer.getparent()
            if outer is drawing:
                self._boxes.append(box)

    def _field_mark(self, kind: str | None) -> None:
        if kind == "begin":
            self._fields.append(False)
        elif kind == "separate" and self._fields:
            self._fields[-1] = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _symbol(self, symbol: etree._Element, line: RunText) -> None:
        code = (symbol.get(W + "char") or "").upper()
        if not re.fullmatch(r"[0-9A-F]{2,4}", code):
            return
        encoding = font_encoding(symbol.get(W + "font"))
        if encoding is not None:
            line.add(chr(int(code, 16) & 0xFF), encoding)
        elif code in _SIGNS:
            line.add(_SIGNS[code])


def _count(element: etree._Element | None, default: int) -> int:
    value = "" if element is None else (element.get(_VAL) or "")
    return min(int(value), 1000) if value.isascii() and value.isdigit() else default


def _wider(cell: Cell, columns: int) -> Cell:
    return Cell(row=cell.row, column=cell.column, text=cell.text, column_span=cell.column_span + columns, place=cell.place)


def _taller(cell: Cell, rows: int) -> Cell:
    if rows == 1:
        return cell
    return Cell(row=cell.row, column=cell.column, text=cell.text, row_span=rows, column_span=cell.column_span, place=cell.place)
