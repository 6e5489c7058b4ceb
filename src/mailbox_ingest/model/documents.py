"""What a reader finds in a file or body: sections of tables and paragraphs, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle in pixels of the page image, origin top left."""

    page: int
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One anchor cell of a table; merged cells appear once, with their spans.

    `number` is a native number of a spreadsheet. `unknown` marks a cell whose value exists but could not be had (a formula never
    calculated): it is neither blank nor 0. `confidence` is 1.0 for digital text; for OCR below it. `alternatives` are the texts that
    independent passes read, best first.
    """

    row: int
    column: int
    text: str
    row_span: int = 1
    column_span: int = 1
    number: Decimal | None = None
    unknown: bool = False
    place: str = ""  # for people: 'B12', 'dòng 3, cột 2'
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()
    box: Box | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Anchor cells in row-major order. Text keeps '\\n' between paragraphs of a cell. `grid` is derived by readers that need it."""

    cells: tuple[Cell, ...]
    rows: int
    columns: int
    place: str = ""  # for people: 'bảng 1', 'trang tính Bao cao', 'trang 1, bảng 2'


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A line or paragraph of running text."""

    text: str
    place: str = ""
    confidence: float = 1.0
    box: Box | None = None


Block = Paragraph | Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A sheet of a workbook, or the whole of any other document. Blocks stand in reading order."""

    blocks: tuple[Block, ...]
    title: str = ""  # the sheet's name
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a reader found in one file or body. All text is NFC Unicode; legacy fonts are already converted.

    `path` names the source for people ('bao-cao.zip/BC tuần 34.docx'; 'thân thư' for the body). `kind` is the format read ('docx', 'xlsx',
    'pdf', 'html', 'text', 'scan', …). `marginal` holds headers, footers, footnotes and comments: never a source of values.
    """

    path: str
    kind: str
    sections: tuple[Section, ...]
    marginal: tuple[Block, ...] = ()
    reader: str = ""  # name and version of the reader
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFailure:
    """A file that could not be read. `code`: 'encrypted', 'unreadable', 'too_large' or 'unsupported'; `detail` is English, for the log."""

    path: str
    code: str
    detail: str = ""
