"""Plain text as blocks: paragraphs joined where a program wrapped them, tables where tabs or pipes draw one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.lines import join_wrapped
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Block, Cell, Document, Paragraph, Section, Table
from mailbox_ingest.vietnamese.legacy import repair
from mailbox_ingest.vietnamese.mojibake import decode

_READER = "text 1"
_MAX_BYTES = 5_000_000
_BREAKS = re.compile(r"\r\n|[\r\n\x0b\x0c\u2028\u2029]")
_RULE = re.compile(r"[\s|+:=_-]*")  # '+-----+-----+', '|---|:--|'


def read(data: bytes, path: str, limits: LimitsConfig) -> Document:
    """A text file of any charset as one section. Raises DocumentError 'too_large' for one that nobody wrote."""
    if len(data) > _MAX_BYTES:
        raise DocumentError("too_large", f"a text of {len(data)} bytes")
    return document(decode(data), path)


def document(text: str, path: str) -> Document:
    """Text as a Document, old encodings converted."""
    return Document(path=path, kind="text", sections=(Section(blocks=tuple(parse(repair(text)))),), reader=_READER)


def parse(text: str) -> list[Block]:
    """The blocks of a Unicode text."""
    blocks: list[Block] = []
    lines = _BREAKS.split(text)
    position = tables = paragraphs = 0
    pending: list[str] = []

    def flush() -> None:
        nonlocal paragraphs
        for paragraph in join_wrapped(pending):
            paragraphs += 1
            blocks.append(Paragraph(text=paragraph, place=f"dòng {paragraphs}"))
        pending.clear()

    while position < len(lines):
        rows, used = _table_at(lines, position)
        if rows:
            flush()
            tables += 1
            blocks.append(table_of(rows, place=f"bảng {tables}"))
            position += used
        else:
            pending.append(lines[position])
            position += 1
    flush()
    return blocks


def table_of(rows: Sequence[Sequence[str]], *, place: str) -> Table:
    """A table without merged cells from rows of texts; short rows simply end earlier."""
    cells = tuple(
        Cell(row=row, column=column, text=text.strip(), place=f"dòng {row + 1}, cột {column + 1}")
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
    )
    return Table(cells=cells, rows=len(rows), columns=max((len(texts) for texts in rows), default=0), place=place)


def _table_at(lines: Sequence[str], start: int) -> tuple[list[list[str]], int]:
    """Rows of the table that begins at a line, and how many lines it takes; ([], 0) where none does.

    Two rows at least: copied from a sheet (tabs), or drawn with pipes and then all with as many columns.
    """
    for mark in ("\t", "|"):
        rows: list[list[str]] = []
        position = start
        while position < len(lines):
            line = lines[position].strip(" \r") if mark == "\t" else lines[position].strip()
            if mark == "|" and rows and line and _RULE.fullmatch(line):
                position += 1
                continue
            if mark not in line or (mark == "|" and not rows and _RULE.fullmatch(line)):
                break
            if mark == "|":
                line = line.removeprefix("|").removesuffix("|")
            row = line.split(mark)
            # Empty cells at the end of a line copied from a sheet are lost on the way.
            if len(row) < 2 or (mark == "|" and rows and len(row) != len(rows[0])):
                break
            rows.append(row)
            position += 1
        if len(rows) >= 2:
            return rows, position - start
    return [], 0
