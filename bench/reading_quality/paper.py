"""Documents as the readers of `documents/` hand them over, built from rows and lines of text. No values, no truth in here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from mailbox_ingest.model import Block, Cell, Document, Paragraph, Section, Table

NATIONAL = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập – Tự do – Hạnh phúc"


@dataclass(frozen=True, slots=True)
class Span:
    """A merged cell: its text and how many rows and columns it covers."""

    text: str
    rows: int = 1
    columns: int = 1


Content = str | Span | Decimal


def table(rows: Sequence[Sequence[Content]], *, place: str = "bảng 1") -> Table:
    """A table from rows as HTML writes them: a merged cell stands once, at its upper left; a `Decimal` is a spreadsheet's own number."""
    taken: set[tuple[int, int]] = set()
    cells: list[Cell] = []
    for row, contents in enumerate(rows):
        column = 0
        for content in contents:
            while (row, column) in taken:
                column += 1
            span = content if isinstance(content, Span) else Span(str(content))
            taken |= {(row + r, column + c) for r in range(span.rows) for c in range(span.columns)}
            cells.append(
                Cell(
                    row=row,
                    column=column,
                    text=span.text,
                    row_span=span.rows,
                    column_span=span.columns,
                    number=content if isinstance(content, Decimal) else None,
                    place=f"dòng {row + 1}, cột {column + 1}",
                )
            )
            column += span.columns
    return Table(cells=tuple(cells), rows=len(rows), columns=max((c for _, c in taken), default=-1) + 1, place=place)


def lines(*texts: str) -> list[Block]:
    """Paragraphs of running text; a '\\n' in one is a line break inside it."""
    return [Paragraph(text=text, place=f"đoạn {number}") for number, text in enumerate(texts, 1) if text.strip()]


def document(blocks: Sequence[Block], *, path: str = "bao cao.docx", kind: str = "docx", title: str = "") -> Document:
    return Document(path=path, kind=kind, sections=(Section(blocks=tuple(blocks), title=title),), reader="test")


def signature(name: str = "Nguyễn Văn Bình") -> Table:
    return table([["Nơi nhận:\n- LĐLĐ tỉnh (b/c);\n- Lưu: VT.", f"TM. BAN THƯỜNG VỤ\nCHỦ TỊCH\n\n\n\n{name}"]], place="bảng chữ ký")
