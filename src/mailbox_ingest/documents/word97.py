"""Word 97-2003 (.doc) as a Document: paragraphs, tables, fields' results, tracked changes accepted. Older Word goes to LibreOffice.

Deleted revisions and hidden text are left out, text boxes follow the text, headers, footers, notes and comments are marginal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents import office
from mailbox_ingest.documents.ole_word import OldWordError, WordParagraph, read_stories
from mailbox_ingest.documents.styled_text import STRUCK_CONFIDENCE, LegacyFonts, Run, has_struck_digits, repaired
from mailbox_ingest.documents.word_rows import RowCell, table_of
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Block, Document, Paragraph, Section
from mailbox_ingest.vietnamese.legacy import font_encoding

_BEGIN, _SEPARATOR, _END = "\x13", "\x14", "\x15"
_MARGINAL = ("headers", "header boxes", "footnotes", "endnotes", "comments")
_SOFT_HYPHEN, _FIXED_HYPHEN = "\x1f", "\x1e"
_DROPPED = dict.fromkeys([*range(9), *range(14, 32)], None)


def read(data: bytes, path: str, limits: LimitsConfig) -> Document:
    """Raises DocumentError 'encrypted', 'unreadable', 'too_large', or 'unsupported' (old Word, and no LibreOffice here)."""
    try:
        stories = read_stories(data)
    except OldWordError:
        return _through_office(data, path, limits)
    except DocumentError as problem:
        if problem.code != "unreadable":
            raise
        try:
            return _through_office(data, path, limits)
        except DocumentError:
            raise problem from None
    runs = {name: [_visible(paragraph) for paragraph in paragraphs] for name, paragraphs in stories.items()}
    fonts = LegacyFonts(run for paragraphs in runs.values() for paragraph in paragraphs for run in paragraph.runs)
    blocks = [block for name in ("main", "boxes") for block in _blocks(runs[name], fonts)]
    marginal = [block for name in _MARGINAL for block in _blocks(runs[name], fonts)]
    return repaired(Document(path=path, kind="doc", sections=(Section(blocks=tuple(blocks)),), marginal=tuple(marginal), reader="word97 1"))


def _through_office(data: bytes, path: str, limits: LimitsConfig) -> Document:
    from mailbox_ingest.documents import docx  # noqa: PLC0415 - only old Word needs it

    converted = docx.read(office.convert(data, source="doc", target="docx", limits=limits), path, limits)
    return replace(converted, kind="doc", reader=f"LibreOffice; {converted.reader}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visible:
    """A paragraph as it is seen: runs of text, and where it stands."""

    runs: tuple[Run, ...]
    depth: int
    row_end: bool
    cell_end: bool
    row: tuple[RowCell, ...]


def _visible(paragraph: WordParagraph) -> _Visible:
    """Without fields' instructions, deleted and hidden text; a field that spans paragraphs ends with the paragraph here."""
    runs: list[Run] = []
    nesting: list[bool] = []  # per open field: whether its result has begun
    for run in paragraph.runs:
        text = ""
        for letter in run.text:
            if letter == _BEGIN:
                nesting.append(False)
            elif letter == _SEPARATOR and nesting:
                nesting[-1] = True
            elif letter == _END and nesting:
                nesting.pop()
            elif all(nesting):
                text += letter
        properties = run.properties
        if properties.deleted or properties.hidden or not text:
            continue
        if properties.special:
            text = "•" if properties.symbol else ""
        text = text.replace(_FIXED_HYPHEN, "-").replace("\x0b", "\n")
        # TCVN3 writes 'ư' where Word sees an optional hyphen.
        text = text.replace(_SOFT_HYPHEN, "\u00ad" if font_encoding(run.font) else "").translate(_DROPPED)
        if text:
            runs.append(Run(text=text, font=run.font, struck=properties.struck))
    place = paragraph.properties
    return _Visible(
        runs=tuple(runs),
        depth=place.depth,
        row_end=place.row_end,
        cell_end=paragraph.mark == "\x07" or place.inner_cell,
        row=tuple(RowCell(left=c.left, right=c.right, merged=c.merged, vertical=c.vertical) for c in place.row),
    )


@dataclass(slots=True)
class _OpenTable:
    """A table while its rows come in, one per nesting depth."""

    rows: list[tuple[list[tuple[str, float]], tuple[RowCell, ...]]] = field(default_factory=list)
    cells: list[tuple[str, float]] = field(default_factory=list)
    lines: list[tuple[str, float]] = field(default_factory=list)


def _blocks(paragraphs: Sequence[_Visible], fonts: LegacyFonts) -> Iterator[Block]:
    number = 0
    open_tables: list[_OpenTable] = []
    done: list[_OpenTable] = []
    for index, paragraph in enumerate(paragraphs):
        text = fonts.text(paragraph.runs)
        confidence = STRUCK_CONFIDENCE if has_struck_digits(paragraph.runs) else 1.0
        while len(open_tables) > paragraph.depth:
            done.append(open_tables.pop())
        if not paragraph.depth:
            for table in reversed(done):
                number += 1
                yield from _finished(table, number)
            done.clear()
            if text.strip():
                yield Paragraph(text=text.strip(), place=f"đoạn {index + 1}", confidence=confidence)
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
            table.lines.append((text.strip(), confidence))
            if paragraph.cell_end:
                _end_cell(table)
    done += reversed(open_tables)
    for table in reversed(done):
        number += 1
        yield from _finished(table, number)


def _end_cell(table: _OpenTable) -> None:
    text = "\n".join(line for line, _ in table.lines if line)
    table.cells.append((text, min((confidence for _, confidence in table.lines), default=1.0)))
    table.lines = []


def _finished(table: _OpenTable, number: int) -> Iterable[Block]:
    if table.cells or table.lines:
        raise DocumentError("unreadable", "doc: a table row without an end")
    result = table_of(table.rows, place=f"bảng {number}")
    return () if result is None else (result,)
