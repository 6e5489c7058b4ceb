"""OpenDocument text (.odt) as a Document: paragraphs, tables with spans, text boxes; tracked deletions, hidden and struck text left out."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.odf_package import DRAW, OFFICE, STYLE, TABLE, TEXT, OdfPackage
from mailbox_ingest.documents.styled_text import LegacyFonts, repaired
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Block, Cell, Document, Paragraph, Section, Table

_PARAGRAPHS = (f"{TEXT}p", f"{TEXT}h")
_SKIPPED = frozenset([f"{TEXT}tracked-changes", f"{OFFICE}forms", f"{TEXT}sequence-decls", f"{OFFICE}annotation", f"{TEXT}note"])
_MAX_COLUMNS = 200
_MAX_CELLS = 100_000
_MAX_DEPTH = 40


def read(data: bytes, path: str, limits: LimitsConfig) -> Document:
    """Raises DocumentError 'encrypted', 'unreadable' or 'too_large'."""
    reader = _Reader(OdfPackage(data, limits))
    blocks, marginal = tuple(reader.blocks()), tuple(reader.marginal())
    return repaired(Document(path=path, kind="odt", sections=(Section(blocks=blocks),), marginal=marginal, reader="odt 1"))


class _Reader:
    def __init__(self, package: OdfPackage) -> None:
        self.package = package
        self.body = package.body("text")
        self.fonts = LegacyFonts(run for p in self.body.iter(*_PARAGRAPHS) for run in package.runs(p))
        self.tables = 0
        self.paragraphs = 0
        self.cells = 0

    def blocks(self) -> Iterator[Block]:
        yield from self._blocks(self.body, 0)

    def marginal(self) -> Iterator[Block]:
        """Notes and comments, then headers and footers."""
        for holder in self.body.iter(f"{TEXT}note-body", f"{OFFICE}annotation"):
            yield from self._loose(holder, "ghi chú")
        if self.package.style_root is not None:
            for page in self.package.style_root.iter(f"{STYLE}master-page"):
                for holder in page:
                    yield from self._loose(holder, "đầu trang hoặc chân trang")

    def _loose(self, holder: etree._Element, place: str) -> Iterator[Paragraph]:
        return (Paragraph(text=text, place=place) for p in holder.iter(*_PARAGRAPHS) if (text := self._text(p)))

    def _text(self, paragraph: etree._Element) -> str:
        return self.fonts.text(self.package.runs(paragraph)).strip()

    def _blocks(self, parent: etree._Element, depth: int) -> Iterator[Block]:
        if depth > _MAX_DEPTH:
            raise DocumentError("unreadable", "odt: too deeply nested")
        for child in parent:
            if child.tag in _PARAGRAPHS:
                self.paragraphs += 1
                if text := self._text(child):
                    yield Paragraph(text=text, place=f"đoạn {self.paragraphs}")
                yield from self._drawings(child, depth)
            elif child.tag == f"{TABLE}table":
                yield from self._table(child, depth)
            elif child.tag not in _SKIPPED:
                yield from self._blocks(child, depth + 1)

    def _drawings(self, paragraph: etree._Element, depth: int) -> Iterator[Block]:
        """Text boxes and shapes anchored in a paragraph."""
        for child in paragraph:
            if isinstance(child.tag, str) and child.tag not in _SKIPPED:
                if child.tag.startswith(DRAW):
                    yield from self._blocks(child, depth + 1)
                else:
                    yield from self._drawings(child, depth)

    def _table(self, element: etree._Element, depth: int) -> Iterator[Block]:
        self.tables += 1
        place, rows, width = f"bảng {self.tables}", 0, 0
        cells: list[Cell] = []
        nested: list[Block] = []
        for row in _rows(element):
            column = 0
            for item in row:
                if item.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
                    continue
                for _ in range(min(_number(item, "number-columns-repeated"), _MAX_COLUMNS)):
                    self.cells += 1
                    if column >= _MAX_COLUMNS or self.cells > _MAX_CELLS:
                        raise DocumentError("too_large", "odt: too large a table")
                    if item.tag == f"{TABLE}table-cell":
                        inner = list(self._blocks(item, depth + 1))
                        nested += [block for block in inner if isinstance(block, Table)]
                        cells.append(
                            Cell(
                                row=rows,
                                column=column,
                                text="\n".join(block.text for block in inner if isinstance(block, Paragraph)),
                                row_span=_number(item, "number-rows-spanned"),
                                column_span=_number(item, "number-columns-spanned"),
                                place=f"dòng {rows + 1}, cột {column + 1}",
                            )
                        )
                    column += 1
            width = max(width, column)
            rows += 1
        if cells:
            yield Table(cells=tuple(cells), rows=rows, columns=width, place=place)
        yield from nested


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    """The rows, also those in header and group elements, repeated ones again."""
    for child in table:
        if child.tag == f"{TABLE}table-row":
            for _ in range(min(_number(child, "number-rows-repeated"), _MAX_COLUMNS)):
                yield child
        elif child.tag in (f"{TABLE}table-header-rows", f"{TABLE}table-rows", f"{TABLE}table-row-group"):
            yield from _rows(child)


def _number(element: etree._Element, name: str) -> int:
    value = element.get(f"{TABLE}{name}", "1")
    return max(int(value), 1) if value.isdigit() and len(value) < 8 else 1
