"""Tables with their labels across the top: which row. A total row answers for its parts, which must add up to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mailbox_ingest.forms.rates import rate_of
from mailbox_ingest.forms.table_cells import (
    TableFigures,
    TableWork,
    blank_evidence,
    column_head,
    contradicts,
    count_of,
    field_of,
    note_disturbs,
    percentages_of,
    remainder_in,
    witnesses_in,
)
from mailbox_ingest.forms.table_header import Header
from mailbox_ingest.forms.table_heads import Head, head_kind
from mailbox_ingest.forms.tabular import Line
from mailbox_ingest.model import Cell, FieldReading, StatedPercentage, StatedRemainder
from mailbox_ingest.vietnamese.fold import fold, nfc

# 'Tổng cộng', 'Toàn huyện', 'Tổng số (28 CĐCS)'; 'Cộng khối xã' is a part.
_GRAND_TOTAL = re.compile(
    r"(?:tong|toan|cong(?= ))(?: (?:\d+|tong|cong|so|chung|toan|huyen|nganh|don|vi|thanh|pho|thi|xa|ty|truong|cac|cdcs|co|quan|doan|dv))*$"
)
_TOTAL = re.compile(r"(tong|cong|toan)\b")
_UNION = re.compile(r"công\b|cong (?:doan|ty)\b")  # 'Công đoàn', 'Công ty': no 'Cộng'
_SERIAL = re.compile(r"^\(?(?:[a-d]|\d{1,2}|[ivx]{1,4})\)?(?:\s*=.*)?$")


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    cells: dict[int, Cell | None]
    name: str  # what stands left of the figures, without the serial number
    line: Line | None


def read_across(work: TableWork, header: Header) -> tuple[TableFigures, ...]:
    """The figures below a header: the total row's, the only row's, or one set a row where several stand without a total."""
    rows = [row for number in range(header.first_row, work.table.rows) if (row := _row(work, header, number)) is not None]
    rows = _without_tail(rows)
    if not rows:
        blank = (
            FieldReading(field=n.field, value=None, problem="missing_value", evidence=blank_evidence(work, column))
            for column, n in header.columns.items()
        )
        return (TableFigures(tuple(blank)),)
    kinds = [head_kind(r.name, work.labels, year=work.year) for r in rows]
    shares = [r for r, kind in zip(rows, kinds, strict=True) if kind is Head.PERCENT]
    asked = [r for r, kind in zip(rows, kinds, strict=True) if kind not in (Head.OTHER, Head.PERCENT)]
    if not asked:
        return (_figures(work, header, rows[0], "table", sure=False),)
    grand = [r for r in asked if _is_total(r.name, _GRAND_TOTAL)]
    totals = grand or [r for r in asked if _is_total(r.name, _TOTAL)]
    if len(asked) == 1:
        figures = _figures(work, header, asked[0], "table")
        return (replace(figures, percentages=(*figures.percentages, *_shares(work, header, shares))),)
    if len(totals) == 1:
        missing = _says_nothing_of_a_body(work, header) or any(_is_noted(work, header, r) for r in asked)
        return (_total(work, header, totals[0], [r for r in asked if r is not totals[0]], missing=missing),)
    if totals:
        return (_figures(work, header, totals[-1], "total-row", sure=False),)
    summing = next((r for r in (asked[-1], asked[0]) if len(asked) > 2 and _sums_up(header, r, asked)), None)
    if summing is not None:
        return (_total(work, header, summing, [r for r in asked if r is not summing], missing=_says_nothing_of_a_body(work, header)),)
    # Several rows, no total: each is a set of its own (weeks, or units of one sender); who reads them must tell them apart.
    return tuple(_figures(work, header, r, "row") for r in asked)


def _is_total(name: str, words: re.Pattern[str]) -> bool:
    return words.match(fold(name)) is not None and _UNION.match(nfc(name).strip().lower()) is None


def _sums_up(header: Header, row: _Row, rows: Sequence[_Row]) -> bool:
    """Whether a row without the name of a total is the sum of all others, in every column."""
    others = [r for r in rows if r is not row]
    return all((total := _sum(others, column)) is not None and total == _sum([row], column) for column in header.columns)


def _shares(work: TableWork, header: Header, rows: Sequence[_Row]) -> Iterator[StatedPercentage]:
    """The percentages of a row 'Tỷ lệ (%)' below the figures."""
    for row in rows:
        for column, named in header.columns.items():
            cell = row.cells[column]
            if cell is not None:
                yield from percentages_of(work, cell, row.name, named.field)


def _row(work: TableWork, header: Header, number: int) -> _Row | None:
    """A row with something in the columns of the figures; None for an empty, a serial or a text row."""
    cells = {column: work.grid.at(number, column) for column in header.columns}
    if not any(c is not None and (c.number is not None or c.text.strip() or c.unknown) for c in cells.values()):
        return None
    whole = work.grid.row(number)
    if _is_serial(whole):
        return None
    left = [c for c in whole if c.column < min(header.columns) and any(x.isalpha() for x in c.text)]
    name = " ".join(c.text.replace("\n", " ") for c in left)
    line = Line(name, left[0].place, min(c.confidence for c in left), left[0]) if left else None
    return _Row(number, cells, name, line)


def _without_tail(rows: Sequence[_Row]) -> list[_Row]:
    """Rows without one number below rows that have some are notes or the signature block."""

    def numeric(row: _Row) -> bool:
        return any(
            c is not None and (c.unknown or count_of(c).value is not None or count_of(c).problem == "negative_value")
            for c in row.cells.values()
        )

    if not any(numeric(r) for r in rows):
        return [r for r in rows if all(c is None or count_of(c).problem == "missing_value" for c in r.cells.values())][:1]
    last = max(n for n, r in enumerate(rows) if numeric(r))
    return list(rows[: last + 1])


def _is_serial(cells: Sequence[Cell]) -> bool:
    """'(1) (2) (3)', 'A B 1 2 3' or '(3)=(1)/(2)' under the heads."""
    filled = [c.text.strip().lower() for c in cells if c.text.strip()]
    if len(filled) < 3 or not all(_SERIAL.match(text) for text in filled):
        return False
    digits = [int(match[1]) for text in filled if (match := re.match(r"\(?(\d{1,2})", text))]
    return len(digits) >= 2 and digits == list(range(digits[0], digits[0] + len(digits)))


def _figures(work: TableWork, header: Header, row: _Row, method: str, *, sure: bool = True) -> TableFigures:
    values = [_value(work, header, row, column, method, sure=sure) for column in header.columns]
    percentages: list[StatedPercentage] = []
    remainders: list[StatedRemainder] = []
    for column, named in header.columns.items():
        cell = row.cells[column]
        shares, rests = witnesses_in(work, cell, named.field) if cell is not None else ([], [])
        percentages += shares
        remainders += rests
    for other in work.grid.row(row.number):
        if other.column in header.columns or other.column < min(header.columns):
            continue
        head = column_head(work, other.column, header.first_row)
        rate = rate_of(head, work.labels)
        percentages += percentages_of(work, other, head, *(rate or (None, None)))
        sure = sure and not contradicts(other, head, values)
        remainders += remainder_in(work, other, head)
    if not sure or _is_noted(work, header, row):
        values = [replace(v, certain=False) for v in values]
    return TableFigures(tuple(values), tuple(percentages), tuple(remainders), _context(work, row))


def _is_noted(work: TableWork, header: Header, row: _Row) -> bool:
    """Whether a note in the row says something that may change its figures."""
    beside = [c for c in work.grid.row(row.number) if c.column > min(header.columns) and c.column not in header.columns]
    return any(note_disturbs(work, c, column_head(work, c.column, header.first_row)) for c in beside)


def _value(work: TableWork, header: Header, row: _Row, column: int, method: str, *, sure: bool) -> FieldReading:
    item = header.columns[column]
    cell = row.cells[column]
    if cell is None:
        evidence = blank_evidence(work, column, row.number)
        return FieldReading(field=item.field, value=None, problem="missing_value", evidence=evidence)
    before = work.grid.at(row.number, header.earlier[item.field]) if item.field in header.earlier else None
    if before is not None and (last := count_of(before).value) is not None and (count_of(cell).value or 0) < last:
        sure = False  # 190 after 400: are these the new ones only?
    return field_of(work, item.field, cell, method, label=item.cell.text, sure=sure and header.sure and item.label.explained)


def _context(work: TableWork, row: _Row) -> tuple[Line, ...]:
    """A row's name where it may name a body or a week; 'Tổng cộng', 'Thực hiện' and the like name nothing."""
    if row.line is None or _is_total(row.name, _GRAND_TOTAL):
        return ()
    kind = head_kind(row.name, work.labels, year=work.year)
    return () if kind in (Head.VALUE, Head.CURRENT) else (row.line,)


def _says_nothing_of_a_body(work: TableWork, header: Header) -> bool:
    """Whether a row names a body and gives no figures, so that the total lacks it. 'I Khối xã' is a heading."""
    rows = [[work.grid.at(number, column) for column in header.columns] for number in range(work.table.rows)]
    last = max((n for n, cells in enumerate(rows) if any(c is not None and count_of(c).value is not None for c in cells)), default=0)
    for number in range(header.first_row, work.table.rows):
        whole = work.grid.row(number)
        figures = rows[number]
        counts = [count_of(c) for c in figures if c is not None]
        if number < last and any(c.problem == "not_a_number" for c in counts) and all(c.value is None for c in counts):
            return True  # 'như tuần trước', 'nt'
        if any(c is not None and count_of(c).problem != "missing_value" and not re.fullmatch(r"[\sxX]*", c.text) for c in figures):
            continue
        named = any(c.column < min(header.columns) and sum(x.isalpha() for x in c.text) > 2 for c in whole)
        if named and any(c.column < min(header.columns) and re.fullmatch(r"\s*\d{1,3}[.)]?\s*", c.text) for c in whole):
            return True
        if named and min(header.columns) == 1:
            return True
        if named and any(c is not None and re.search(r"[-–xX]", c.text) for c in figures):
            return True
    return False


def _total(work: TableWork, header: Header, total: _Row, others: Sequence[_Row], *, missing: bool) -> TableFigures:
    """The total row, with a doubt on every figure that its parts do not add up to, and on all where a body has not reported."""
    figures = _figures(work, header, total, "total-row", sure=not missing)
    subtotals = [r for r in others if _is_total(r.name, _TOTAL)]
    parts = [r for r in others if r not in subtotals]
    groups = _group_rows(others) or _group_rows(others[::-1])
    values = []
    for value, column in zip(figures.values, header.columns, strict=True):
        sums = [s for s in (_sum(parts, column), _sum(subtotals, column), _sum(groups, column)) if s is not None]
        wrong = value.value is not None and sums and value.value not in sums
        values.append(replace(value, certain=False, problem="witnesses_disagree") if wrong else value)
    names = tuple(r.line for r in parts if r.line is not None)
    return replace(figures, values=tuple(values), parts=names)


def _group_rows(rows: Sequence[_Row]) -> list[_Row]:
    """The rows that sum up the rows after them, when all rows fall into such groups: 'I Khối xã' above its members. Otherwise none."""
    found: list[_Row] = []
    at = 0
    while at < len(rows):
        columns = list(rows[at].cells)
        for end in range(at + 2, len(rows) + 1):
            members = rows[at + 1 : end]
            if all((s := _sum(members, c)) is not None and s == _sum([rows[at]], c) for c in columns):
                found.append(rows[at])
                at = end
                while at < len(rows) and all(_sum([rows[at]], c) == 0 for c in columns):
                    at += 1  # a member without anybody
                break
        else:
            return []
    return found


def _sum(rows: Sequence[_Row], column: int) -> int | None:
    """The sum of a column over rows; None where a summand is not a plain number or there is none."""
    counts = [count_of(cell).value if (cell := row.cells[column]) is not None else None for row in rows]
    known = [c for c in counts if c is not None]
    return sum(known) if known and len(known) == len(counts) else None
