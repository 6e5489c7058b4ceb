"""HTML as blocks: tables with their spans, paragraphs, one line a <br>. Saved web pages, Word's 'web page', the HTML part of a mail.

Dropped: scripts, styles, hidden and struck-out elements, pictures, links' targets. Nothing is fetched. The tree is walked without
recursion: mails nest hundreds of <div>s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib.metadata import version

from lxml import etree

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.lines import join_wrapped
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Block, Cell, Document, Paragraph, Section, Table
from mailbox_ingest.vietnamese.legacy import Encoding, detect, to_unicode
from mailbox_ingest.vietnamese.mojibake import decode

READER = f"html (lxml {version('lxml')})"
MAX_CHARS = 20_000_000
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9._:-]+)""", re.IGNORECASE)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")  # U+001F is a letter of TCVN3 in Word 97 only; browsers drop all of these
_SPACE = re.compile(r"[ \t\r\n\f]+")
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?:px|pt|em|%)?\s*(?:;|$)", re.IGNORECASE
)
_STRUCK = re.compile(r"text-decoration(?:-line)?\s*:[^;]*line-through", re.IGNORECASE)
_SKIPPED = frozenset(
    {"script", "style", "head", "title", "template", "del", "s", "strike", "object", "svg", "select", "noscript", "iframe"}
)
_BLOCK_LIST = """
p div h1 h2 h3 h4 h5 h6 li ul ol dl dt dd blockquote pre section article center hr address form fieldset legend figure figcaption
header footer main nav aside caption body
"""
_BLOCKS = frozenset(_BLOCK_LIST.split())
_RAISED = {"sup": str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"), "sub": str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")}
_MAX_SPAN = 1000


def read(data: bytes, path: str, limits: LimitsConfig) -> Document:
    """An HTML file as one section. Raises DocumentError 'too_large' or 'unreadable'."""
    return document(text_of(data), path)


def text_of(data: bytes) -> str:
    """The characters of an HTML file, by its mark, its own declaration, or its bytes."""
    declared = _CHARSET.search(data[:4096])
    return decode(data, declared[1].decode("ascii") if declared else None)


def document(text: str, path: str) -> Document:
    """HTML text as a Document. Raises DocumentError 'too_large' or 'unreadable'."""
    blocks = parse(text)
    return Document(path=path, kind="html", sections=(Section(blocks=tuple(blocks)),), reader=READER)


def parse(text: str) -> list[Block]:
    """The blocks of an HTML text, old encodings converted. Raises DocumentError 'too_large' or 'unreadable'."""
    if len(text) > MAX_CHARS:
        raise DocumentError("too_large", f"HTML of {len(text)} characters")
    clean = _NOT_XML.sub("", text)
    if not clean.strip():
        return []
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = etree.fromstring(clean.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise DocumentError("unreadable", f"HTML: {problem}") from problem
    if any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log):
        raise DocumentError("too_large", "HTML nested too deep")  # the parser would drop the rest without a word
    if root is None:
        return []
    encoding = detect("".join(str(piece) for piece in root.itertext()))
    return _Walk(encoding).blocks(root)


@dataclass(slots=True)
class _Sink:
    """Where text goes: the page, or one cell."""

    text: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    column_span: int = 1
    row_span: int = 1


@dataclass(slots=True)
class _Grid:
    """A table while it is being filled. `taken` holds the columns that cells from above still cover, with the rows left."""

    cells: list[Cell] = field(default_factory=list)
    nested: list[Block] = field(default_factory=list)
    taken: dict[int, int] = field(default_factory=dict)
    row: int = -1
    column: int = 0
    columns: int = 0

    def next_row(self) -> None:
        self.taken = {column: left - 1 for column, left in self.taken.items() if left > 1} if self.row >= 0 else {}
        self.row += 1
        self.column = 0

    def add(self, text: str, row_span: int, column_span: int) -> None:
        if self.row < 0:
            self.next_row()
        while self.taken.get(self.column, 0) > 0:
            self.column += 1
        place = f"dòng {self.row + 1}, cột {self.column + 1}"
        cell = Cell(row=self.row, column=self.column, text=text, row_span=row_span, column_span=column_span, place=place)
        self.cells.append(cell)
        for column in range(self.column, self.column + column_span):
            self.taken[column] = row_span
        self.column += column_span
        self.columns = max(self.columns, self.column)

    def table(self, number: int) -> Table:
        rows = self.row + 1
        cells = tuple(
            cell if cell.row + cell.row_span <= rows else _shortened(cell, rows - cell.row)  # a span never leaves the table
            for cell in self.cells
        )
        return Table(cells=cells, rows=rows, columns=self.columns, place=f"bảng {number}")


class _Walk:
    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._sinks = [_Sink()]
        self._grids: list[_Grid] = []
        self._tables = 0
        self._paragraphs = 0
        self._preformatted = 0
        self._raised: list[str] = []

    def blocks(self, root: etree._Element) -> list[Block]:
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag if isinstance(element.tag, str) else ""
            if event == "start":
                if self._is_skipped(tag, element):
                    walk.skip_subtree()
                else:
                    self._start(tag, element)
                    self._add(element.text)
            else:
                if not self._is_skipped(tag, element):
                    self._end(tag)
                self._add(element.tail)
        self._flush()
        return self._sinks[0].blocks

    @staticmethod
    def _is_skipped(tag: str, element: etree._Element) -> bool:
        if tag in _SKIPPED or not tag:
            return True
        style = element.get("style")
        return bool(style and (_HIDDEN.search(style) or _STRUCK.search(style))) or element.get("hidden") is not None

    def _start(self, tag: str, element: etree._Element) -> None:
        if tag == "br":
            self._sinks[-1].text.append("\n")
        elif tag == "table":
            self._flush()
            self._grids.append(_Grid())
        elif tag == "tr" and self._grids:
            self._grids[-1].next_row()
        elif tag in ("td", "th") and self._grids:
            self._sinks.append(_Sink(column_span=_span(element, "colspan"), row_span=_span(element, "rowspan")))
        elif tag in _BLOCKS:
            self._flush()
            self._preformatted += tag == "pre"
        elif tag in _RAISED:
            self._raised.append(tag)

    def _end(self, tag: str) -> None:
        if tag in ("td", "th") and self._grids and len(self._sinks) > 1:
            self._flush()
            sink = self._sinks.pop()
            lines = [block.text for block in sink.blocks if isinstance(block, Paragraph)]
            grid = self._grids[-1]
            grid.nested.extend(block for block in sink.blocks if isinstance(block, Table))
            grid.add("\n".join(lines), sink.row_span, sink.column_span)
        elif tag == "table" and self._grids:
            self._close_table(self._grids.pop())
        elif tag in _BLOCKS:
            self._flush()
            self._preformatted -= tag == "pre"
        elif tag in _RAISED and self._raised:
            self._raised.pop()

    def _close_table(self, grid: _Grid) -> None:
        sink = self._sinks[-1]
        if grid.row == 0 and len(grid.cells) == 1:  # a frame, not a table
            self._paragraph_lines(grid.cells[0].text.split("\n"))
        elif any(cell.text for cell in grid.cells):
            self._tables += 1
            sink.blocks.append(grid.table(self._tables))
        sink.blocks.extend(grid.nested)

    def _add(self, text: str | None) -> None:
        if not text:
            return
        if self._raised:
            text = text.translate(_RAISED[self._raised[-1]])
        self._sinks[-1].text.append(text if self._preformatted else _SPACE.sub(" ", text))

    def _flush(self) -> None:
        """Ends the current paragraph."""
        sink = self._sinks[-1]
        text = to_unicode("".join(sink.text), self._encoding)
        sink.text = []
        lines = [re.sub(" {2,}", " ", line).strip() for line in text.split("\n")]
        self._paragraph_lines(join_wrapped(lines))

    def _paragraph_lines(self, lines: list[str]) -> None:
        for line in lines:
            if line:
                self._paragraphs += 1
                self._sinks[-1].blocks.append(Paragraph(text=line, place=f"đoạn {self._paragraphs}"))


def _span(element: etree._Element, name: str) -> int:
    value = (element.get(name) or "1").strip()
    return max(1, min(int(value), _MAX_SPAN)) if value.isascii() and value.isdigit() else 1


def _shortened(cell: Cell, rows: int) -> Cell:
    return Cell(row=cell.row, column=cell.column, text=cell.text, row_span=rows, column_span=cell.column_span, place=cell.place)
