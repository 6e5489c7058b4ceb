"""Figures in tables: labels down the side with values beside them, or labels across the top with values below.

Every choice among several numbers has a reason that can be named (a percent column, last week's column, the total row); where no reason
decides, the value is not certain and a person looks.
"""

from __future__ import annotations

import re

from mailbox_ingest.config import FormConfig
from mailbox_ingest.forms.clauses import LIST_MARK, without_words
from mailbox_ingest.forms.labels import label_reader
from mailbox_ingest.forms.table_across import read_across
from mailbox_ingest.forms.table_cells import Named, TableFigures, TableWork, count_of, is_fuzzy
from mailbox_ingest.forms.table_down import read_down
from mailbox_ingest.forms.table_header import find_header
from mailbox_ingest.forms.tabular import Grid
from mailbox_ingest.model import Cell, Table
from mailbox_ingest.vietnamese.fold import fold

__all__ = ["TableFigures", "read_table"]


def read_table(table: Table, form: FormConfig, *, document: str, year: int, reader: str = "") -> tuple[TableFigures, ...]:
    """The figures of a table: usually one set; several where rows or columns are of different weeks or units; none where no label is."""
    work = TableWork(Grid(table), table, form, label_reader(form), document, reader, year)
    named = _named_cells(work)
    if not named:
        return ()
    header = find_header(work, named)
    return (read_across(work, header) if header is not None else ()) or read_down(work, named)


def _named_cells(work: TableWork) -> list[Named]:
    """Cells that name exactly one field, in row order."""
    found = []
    for cell in work.table.cells:
        if len(cell.text) > 400 or not any(c.isalpha() for c in cell.text):
            continue
        count = count_of(cell)
        if count.value is not None and count.certain:
            continue  # '518 ĐV' is a figure with its unit, no label
        if _holds_several(cell, work):
            continue  # read as lines
        label = work.labels.read(without_words(cell.text.replace("\n", " ")), fuzzy=is_fuzzy(cell))
        if label is not None and not _is_title(cell.text):
            found.append(Named(cell, label))
    return found


def _holds_several(cell: Cell, work: TableWork) -> bool:
    """Whether a cell lists several fields, one a line; a long label that was broken into lines names one."""
    lines = [t for t in cell.text.split("\n") if t.strip()]
    if len({x.field for t in lines if (x := work.labels.read(t, fuzzy=is_fuzzy(cell)))}) < 2:
        return False
    return sum(bool(LIST_MARK.match(t) or re.search(r"\d", t)) for t in lines) >= 2 or work.labels.read(" ".join(lines)) is None


def _is_title(text: str) -> bool:
    flat = fold(text)
    return bool(
        re.match(r"(bao cao|ve viec|v v|bang|bieu|ket qua|thuc hien|kinh gui|so lieu|danh sach|tinh hinh)\b", flat)
    ) and not re.search(r"\btong so\b", flat[:20])
