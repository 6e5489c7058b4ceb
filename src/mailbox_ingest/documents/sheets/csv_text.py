"""Separated values (.csv, .tsv) in any charset with any separator, as one table.

Refuses certainty where a thousands comma and the separator are the same character: 'Tổng số,4,215' may be one figure or two.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.plain import table_of
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Document, Section, Table
from mailbox_ingest.vietnamese.legacy import repair
from mailbox_ingest.vietnamese.mojibake import decode

_READER = "csv 1"
_SEPARATORS = (";", "\t", ",", "|")
_MAX_CELLS = 2_000_000
_MAX_FIELD_CHARS = 1_000_000
_DOUBTFUL = 0.5
_SEP_LINE = re.compile(r"sep=(.)\s*[\r\n]+", re.IGNORECASE)


def read(data: bytes, path: str, limits: LimitsConfig) -> Document:
    """One section with one table. Raises DocumentError 'too_large' or 'unreadable'."""
    text = repair(decode(data)).lstrip("\ufeff")
    told = _SEP_LINE.match(text)
    if told:
        text = text[told.end() :]
    separator = told[1] if told else _separator(text)
    rows = [row for row in _rows(text, separator) if any(field.strip() for field in row)]
    table = table_of(rows, place="bảng 1")
    if separator == ",":
        table = _doubt_split_figures(table, rows)
    blocks = (table,) if table.cells else ()
    return Document(path=path, kind="csv", sections=(Section(blocks=blocks),), reader=_READER)


def _rows(text: str, separator: str) -> list[list[str]]:
    rows: list[list[str]] = []
    cells = 0
    csv.field_size_limit(_MAX_FIELD_CHARS)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            cells += len(row)
            if cells > _MAX_CELLS:
                raise DocumentError("too_large", f"more than {_MAX_CELLS} cells")
            rows.append(row)
    except csv.Error as problem:
        raise DocumentError("unreadable", f"csv: {problem}") from problem
    return rows


def _separator(text: str) -> str:
    """The separator under which most rows have the same number of columns; more columns decide between equals."""
    sample = text[:65536]
    best, best_score = ",", (0.0, 0)
    for separator in _SEPARATORS:
        try:
            widths = Counter(len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=separator) if any(row))
        except csv.Error:
            continue
        split = {width: count for width, count in widths.items() if width > 1}
        if not split:
            continue
        width, count = max(split.items(), key=lambda item: (item[1], item[0]))
        score = (count / sum(widths.values()), width)
        if score > best_score:
            best, best_score = separator, score
    return best


def _doubt_split_figures(table: Table, rows: Sequence[Sequence[str]]) -> Table:
    """Neighbouring '4' and '215' are doubtful unless a heading of as many words as the row has columns tells them apart."""
    headings = rows[0] if rows else []
    told_apart = len(headings) if headings and not any(any(map(str.isdigit, field)) for field in headings) else -1
    doubtful: set[tuple[int, int]] = set()
    for number, row in enumerate(rows):
        if len(row) == told_apart:
            continue
        for column in range(len(row) - 1):
            left, right = row[column].strip(), row[column + 1].strip()
            if re.fullmatch(r"[0-9]{1,3}", left) and re.fullmatch(r"[0-9]{3}", right):
                doubtful |= {(number, column), (number, column + 1)}
    if not doubtful:
        return table
    return replace(
        table, cells=tuple(replace(cell, confidence=_DOUBTFUL) if (cell.row, cell.column) in doubtful else cell for cell in table.cells)
    )
