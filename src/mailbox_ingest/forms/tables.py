"""Figures in tables: labels down the side with values beside them, or labels across the top with values below.

Every choice among several numbers has a reason that can be named (a percent column, last week's column, the total row); where no reason decides,
the value is not certain and a person looks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailbox_ingest.config import FormConfig
from mailbox_ingest.forms.dates import find_dates
from mailbox_ingest.forms.labels import LabelReader, label_reader
from mailbox_ingest.forms.numbers import Count, find_percents, parse_count, parse_native, parse_percent_digits
from mailbox_ingest.forms.sentences import read_lines
from mailbox_ingest.forms.tabular import Grid, Line
from mailbox_ingest.model import Cell, Evidence, FieldReading, StatedPercentage, Table
from mailbox_ingest.vietnamese.fold import fold

_TOTAL_ROW = re.compile(r"^(tong cong|tong so|tong|cong|cong chung|toan (huyen|nganh|don vi|thanh pho|thi xa|tinh)|tong hop)\b")
_PERCENT = re.compile(r"%|\bty le\b|\bti le\b|\bphan tram\b|\bdat ty\b")
_NOT_VALUES = re.compile(
    r"\b(ghi chu|tuan truoc|ky truoc|lan truoc|thang truoc|bao cao truoc|so truoc|dau ky|tang|giam|so voi|chenh lech|ke hoach|chi tieu|muc tieu"
    r"|phan dau|trong do nu|nu|chua cai|khong cai|con lai)\b"
)
_INDEX = re.compile(r"^(tt|stt|so tt|so thu tu|no)$")
_CURRENT = re.compile(r"\b(tuan nay|ky nay|hien tai|hien nay|den nay|luy ke|tong so|tong|tong cong|cong|thuc hien|ket qua|so lieu)\b")
_SERIAL_ROW = re.compile(r"^\(?(?:[a-d]|\d{1,2}|[ivx]{1,4})\)?$")


@dataclass(frozen=True, slots=True)
class TableFigures:
    """The values of one table, or of one row of it. `context` are texts that tell whose or of when they are (a row's name, a column's head)."""

    values: tuple[FieldReading, ...]
    percentages: tuple[StatedPercentage, ...] = ()
    context: tuple[Line, ...] = ()
    named_fields: int = 0


@dataclass(slots=True)
class _Work:
    grid: Grid
    table: Table
    form: FormConfig
    labels: LabelReader
    document: str
    reader: str
    year: int

    def evidence(self, cell: Cell, method: str) -> Evidence:
        return Evidence(
            document=self.document,
            place=", ".join(p for p in (self.table.place, cell.place) if p),
            raw=cell.text.strip(),
            method=method,
            confidence=cell.confidence,
            box=cell.box,
            reader=self.reader,
        )


def read_table(table: Table, form: FormConfig, *, document: str, year: int, reader: str = "") -> tuple[TableFigures, ...]:
    """The figures of a table: usually one set; several where rows or columns belong to different weeks or units; none where no label stands."""
    work = _Work(Grid(table), table, form, label_reader(form), document, reader, year)
    named = _named_cells(work)
    if not named:
        return ()
    header = _header_columns(work, named)
    if header is not None:
        columns, first_row, doubtful = header
        across = _read_across(work, columns, first_row)
        if across:
            return tuple(_doubtful(f) for f in across) if doubtful else across
    return _read_down(work, named)


# ---------------------------------------------------------------- labels


def _named_cells(work: _Work) -> list[tuple[Cell, str]]:
    """Cells that name exactly one field, in row order."""
    found = []
    for cell in work.table.cells:
        if len(cell.text) > 400 or not any(c.isalpha() for c in cell.text):
            continue
        lines = [t for t in cell.text.split("\n") if t.strip()]
        if len(lines) > 1 and len({x.field for t in lines if (x := work.labels.read(t, fuzzy=_fuzzy(cell)))}) > 1:
            continue  # several fields in one cell: read as lines
        label = work.labels.read(cell.text.replace("\n", " "), fuzzy=_fuzzy(cell))
        if label is not None and not _is_title(cell.text):
            found.append((cell, label.field))
    return found


def _is_title(text: str) -> bool:
    flat = fold(text)
    return bool(
        re.match(r"(bao cao|ve viec|v v|bang|bieu|ket qua|thuc hien|kinh gui|so lieu|danh sach|tinh hinh)\b", flat)
    ) and not re.search(r"\btong so\b", flat[:20])


def _fuzzy(cell: Cell) -> bool:
    return cell.confidence < 1.0


def _column_head(work: _Work, column: int, before_row: int) -> str:
    """The texts right above a column, top to bottom, folded. An empty row ends the head: above it stands another part of the sheet."""
    texts: list[str] = []
    row = before_row
    for cell in work.grid.above(before_row, column):
        if not cell.text.strip() or cell.row + cell.row_span < row or len(texts) == 3:
            break
        row = cell.row
        if not _numeric(cell):
            texts.append(fold(cell.text))
    return " ".join(reversed(texts))


def _numeric(cell: Cell) -> bool:
    return cell.number is not None or _count(cell).value is not None


def _count(cell: Cell) -> Count:
    if cell.unknown:
        return Count(None, "not_a_number", certain=False)
    if cell.number is not None:
        if "%" in cell.text:
            return Count(None, "not_a_number", certain=False)
        return parse_native(cell.number)
    return parse_count(cell.text.replace("\n", " "))


# ---------------------------------------------------------------- labels across the top


def _header_columns(work: _Work, named: Sequence[tuple[Cell, str]]) -> tuple[dict[int, str], int, bool] | None:
    """({column: field}, first row below the header, whether it is doubtful) when at least two fields stand side by side in one row.

    A header of several rows may hold the rest of the fields one row higher or lower; a title above the table names nothing.
    """
    by_row: dict[int, list[tuple[Cell, str]]] = {}
    for cell, name in named:
        for row in range(cell.row, cell.row + cell.row_span):
            by_row.setdefault(row, []).append((cell, name))
    best = max(by_row, key=lambda row: (len({n for _, n in by_row[row]}), row))
    main = by_row[best]
    if len({n for _, n in main}) < 2 or len({c.column for c, _ in main}) < 2:
        return None
    if any(_value_right(work, c) for c, _ in main):
        return None  # labels with their values beside them, two a row
    chosen = [(c, n) for c, n in main if not _NOT_VALUES.search(_column_head(work, c.column, c.row))]
    for row in (best - 1, best + 1):
        have, used = {n for _, n in chosen}, {c.column for c, _ in chosen}
        chosen += [(c, n) for c, n in by_row.get(row, []) if n not in have and c.column not in used and c.column_span == 1]
    columns = {c.column: n for c, n in chosen}
    doubtful = len(set(columns.values())) < len(columns)
    return columns, max(c.row + c.row_span for c, _ in chosen), doubtful


def _value_right(work: _Work, cell: Cell) -> bool:
    right = work.grid.at(cell.row, cell.column + cell.column_span)
    return right is not None and _count(right).value is not None


def _read_across(work: _Work, columns: dict[int, str], first_row: int) -> tuple[TableFigures, ...]:
    rows: list[tuple[int, dict[int, Cell | None], list[Cell]]] = []
    for row in range(first_row, work.table.rows):
        cells = {column: work.grid.at(row, column) for column in columns}
        texts = [c for c in work.grid.row(row) if c.column not in columns and any(x.isalpha() for x in c.text)]
        if not any(c is not None and (c.number is not None or c.text.strip() or c.unknown) for c in cells.values()):
            continue
        if _is_serial_row(work, row):
            continue
        if (
            sum(
                1
                for c in cells.values()
                if c is not None and (c.unknown or _count(c).value is not None or _count(c).problem == "negative_value")
            )
            == 0
        ):
            if any(t.row == row and len(t.text) > 3 for t in texts) and all(c is None or not c.text.strip() for c in cells.values()):
                continue
            if not all(c is None or _count(c).problem == "missing_value" for c in cells.values()) and len(rows) > 0:
                continue  # signature block or notes below the table
        rows.append((row, cells, texts))
    if not rows:
        cells = {column: work.grid.at(first_row, column) for column in columns}
        blank = tuple(
            FieldReading(field=name, value=None, problem="missing_value", evidence=_blank_evidence(work, column))
            for column, name in columns.items()
        )
        return (TableFigures(blank, named_fields=len(columns)),)
    totals = [r for r in rows if any(_TOTAL_ROW.match(fold(t.text)) for t in r[2])]
    if len(totals) == 1 and len(rows) > 1:
        parts = [r for r in rows if r is not totals[0]]
        return (_row_figures(work, columns, totals[0], parts, "total-row"),)
    if len(rows) == 1:
        return (_row_figures(work, columns, rows[0], [], "table"),)
    if len(totals) > 1:
        return (_doubtful(_row_figures(work, columns, totals[-1], [], "total-row")),)
    # Several rows, no total: each is a set of its own (weeks, or units of one sender); who reads them must tell them apart.
    return tuple(_row_figures(work, columns, r, [], "row") for r in rows)


def _is_serial_row(work: _Work, row: int) -> bool:
    """'(1) (2) (3)' or 'A B 1 2 3' under the heads."""
    cells = [c for c in work.grid.row(row) if c.text.strip()]
    if len(cells) < 3 or not all(_SERIAL_ROW.match(c.text.strip().lower()) for c in cells):
        return False
    digits = [int(re.sub(r"\D", "", c.text)) for c in cells if re.search(r"\d", c.text)]
    return len(digits) >= 2 and digits == list(range(digits[0], digits[0] + len(digits)))


def _row_figures(
    work: _Work,
    columns: dict[int, str],
    row: tuple[int, dict[int, Cell | None], list[Cell]],
    parts: Sequence[tuple[int, dict[int, Cell | None], list[Cell]]],
    method: str,
) -> TableFigures:
    number, cells, texts = row
    values = []
    for column, name in columns.items():
        cell = cells[column]
        if cell is None:
            values.append(FieldReading(field=name, value=None, problem="missing_value", evidence=_blank_evidence(work, column, number)))
            continue
        value = _field(work, name, cell, method)
        if parts and value.value is not None:
            summands = [_count(c).value if (c := p[1][column]) is not None else None for p in parts]
            known = [s for s in summands if s is not None]
            if known and len(known) == len(summands) and sum(known) != value.value and not _nested_sums(known, value.value):
                value = replace(value, certain=False, problem="witnesses_disagree")
        values.append(value)
    percentages = []
    for other in work.grid.row(number):
        if other.column in columns:
            continue
        head = _column_head(work, other.column, number)
        label = work.labels.read(head, ignore_percent_words=True)
        percentages += _percent_of(work, other, head, label.field if label else None)
    context = tuple(Line(t.text, t.place, t.confidence, t) for t in texts)
    return TableFigures(tuple(values), tuple(percentages), context if method == "row" or len(texts) else (), len(columns))


def _nested_sums(parts: Sequence[int], total: int) -> bool:
    """Subtotals among the rows: twice the total, when every group is followed by its own sum."""
    return sum(parts) == 2 * total


def _doubtful(figures: TableFigures) -> TableFigures:
    return replace(figures, values=tuple(replace(v, certain=False) for v in figures.values))


def _blank_evidence(work: _Work, column: int, row: int | None = None) -> Evidence:
    where = f"cột {column + 1}" if row is None else f"dòng {row + 1}, cột {column + 1}"
    return Evidence(
        document=work.document, place=", ".join(p for p in (work.table.place, where) if p), raw="", method="table", reader=work.reader
    )


# ---------------------------------------------------------------- labels down the side


def _read_down(work: _Work, named: Sequence[tuple[Cell, str]]) -> tuple[TableFigures, ...]:
    """One set of figures, or one a week where the columns' heads name weeks."""
    top = min(c.row for c, _ in named)
    sets: dict[str, list[FieldReading]] = {}
    heads: dict[str, str] = {}
    percentages: list[StatedPercentage] = []
    for cell, name in named:
        found, percents = _beside(work, cell, name, top)
        percentages += percents
        for key, head, value in found:
            sets.setdefault(key, []).append(value)
            heads[key] = head
    lines = [
        Line(text, ", ".join(p for p in (work.table.place, cell.place) if p), cell.confidence, cell)
        for cell in work.table.cells
        if "\n" in cell.text and cell not in [c for c, _ in named]
        for text in cell.text.split("\n")
    ]
    if lines and sum(len(v) for v in sets.values()) < 2:
        prose = read_lines(lines, work.form, document=work.document, year=work.year, reader=work.reader, method="line-in-cell")
        sets.setdefault("", []).extend(prose.values)
        percentages += prose.percentages
    weekly = {k: v for k, v in sets.items() if k}
    if weekly:
        shared = sets.get("", [])
        return tuple(
            TableFigures(
                tuple(v + shared),
                tuple(percentages) if len(weekly) == 1 else (),
                (Line(heads[k], work.table.place),),
                len({f.field for f in v}),
            )
            for k, v in weekly.items()
        )
    values = sets.get("", [])
    return (TableFigures(tuple(values), tuple(percentages), (), len({f.field for f in values})),) if values else ()


def _beside(work: _Work, cell: Cell, name: str, top: int) -> tuple[list[tuple[str, str, FieldReading]], list[StatedPercentage]]:
    """The values of one label: (week key or '', head of the column, value)."""
    in_label = _inside_label(work, cell, name)
    candidates: list[tuple[Cell, str]] = []
    percentages: list[StatedPercentage] = []
    blanks: list[Cell] = []
    for other in _right_of(work, cell):
        head = _column_head(work, other.column, top)
        last = head.split(" ")[-3:]
        if _INDEX.match(" ".join(last)) or _INDEX.match(head):
            continue
        if _PERCENT.search(head) or (other.text.strip().endswith("%")):
            percentages += _percent_of(work, other, head, name)
            continue
        if _NOT_VALUES.search(head) and not _CURRENT.search(head):
            continue
        count = _count(other)
        if count.problem == "missing_value":
            blanks.append(other)
            continue
        if (
            count.problem == "not_a_number"
            and not other.unknown
            and other.number is None
            and not re.search(r"\d", other.text)
            and work.labels.read(other.text)
        ):
            continue  # the next label
        candidates.append((other, head))
    if not candidates and in_label is not None:
        return [("", "", in_label)], percentages + _percents_inside(work, cell, name)
    numbers = [c for c in candidates if _count(c[0]).value is not None or _count(c[0]).problem == "negative_value" or c[0].unknown]
    if not candidates:
        below = _below(work, cell)
        if below is not None:
            return [("", "", _field(work, name, below, "below"))], percentages
        spot = blanks[0] if blanks else None
        evidence = work.evidence(spot, "table") if spot is not None else _blank_evidence(work, cell.column + cell.column_span, cell.row)
        return [("", "", FieldReading(field=name, value=None, problem="missing_value", evidence=evidence))], percentages
    chosen = numbers or candidates
    if len(chosen) > 1:
        weeks = {head: _week_key(work, head_cell) for head_cell, head in chosen}
        if len({w for w in weeks.values() if w}) == len(chosen):
            return [(weeks[head], head, _field(work, name, c, "table")) for c, head in chosen], percentages
        current = [c for c in chosen if _CURRENT.search(c[1])]
        if len(current) != 1:
            return [
                (
                    "",
                    "",
                    replace(
                        _field(work, name, chosen[0][0], "table"), certain=False, problem="witnesses_disagree" if _differ(chosen) else None
                    ),
                )
            ], percentages
        chosen = current
    value = _field(work, name, chosen[0][0], "table")
    if in_label is not None and in_label.value is not None and in_label.value != value.value:
        value = replace(value, certain=False, problem="witnesses_disagree")
    return [("", chosen[0][1], value)], percentages


def _differ(chosen: Sequence[tuple[Cell, str]]) -> bool:
    return len({_count(c).value for c, _ in chosen}) > 1


def _week_key(work: _Work, cell: Cell) -> str:
    """The period that the head of a value's column names, or ''."""
    for head in work.grid.above(cell.row, cell.column):
        for found in find_dates(head.text, year=work.year):
            return str(found.period or found.day)
    return ""


def _right_of(work: _Work, cell: Cell) -> list[Cell]:
    found: list[Cell] = []
    for column in range(cell.column + cell.column_span, work.table.columns):
        other = work.grid.at(cell.row, column)
        if other is None or (found and found[-1] is other):
            continue
        if other.row < cell.row and other.row_span > 1 and not _numeric(other):
            continue  # a note merged over several rows
        found.append(other)
    return found


def _below(work: _Work, cell: Cell) -> Cell | None:
    under = work.grid.at(cell.row + cell.row_span, cell.column)
    if under is not None and _count(under).value is not None and work.labels.read(under.text) is None:
        return under
    return None


def _inside_label(work: _Work, cell: Cell, name: str) -> FieldReading | None:
    """A number written into the label's own cell, or None."""
    lines = [Line(cell.text.replace("\n", " "), ", ".join(p for p in (work.table.place, cell.place) if p), cell.confidence, cell)]
    prose = read_lines(lines, work.form, document=work.document, year=work.year, reader=work.reader, method="label-in-cell")
    own = [v for v in prose.values if v.field == name]
    return own[0] if len(own) == 1 else None


def _percents_inside(work: _Work, cell: Cell, name: str) -> list[StatedPercentage]:
    return [
        StatedPercentage(field=name, percent=p.value, decimals=p.decimals, of=None, evidence=work.evidence(cell, "percent"))
        for p in find_percents(cell.text)
        if work.form.field(name).part_of is not None
    ]


# ---------------------------------------------------------------- one cell


def _field(work: _Work, name: str, cell: Cell, method: str) -> FieldReading:
    count = _count(cell)
    evidence = work.evidence(cell, method)
    certain = count.certain and not cell.unknown
    problem = count.problem
    if cell.alternatives and count.value is not None:
        # What an independent pass read is a witness only where it read a number at all.
        others = {c.value for c in (parse_count(a) for a in cell.alternatives) if c.value is not None}
        if others - {count.value} and cell.confidence < 0.85:
            problem = "low_confidence"
            certain = False
    return FieldReading(field=name, value=count.value, problem=problem, evidence=evidence, certain=certain)


def _percent_of(work: _Work, cell: Cell, head: str, name: str | None) -> list[StatedPercentage]:
    """The percentage a cell states, of the row's or the column's field."""
    if name is None or work.form.field(name).part_of is None:
        return []
    if cell.number is not None and not cell.text.strip().endswith("%"):
        parsed = parse_percent_digits(f"{cell.number.normalize():f}")
        if parsed and parsed[0] <= 1 and parsed[1] >= 2:
            parsed = (parsed[0] * 100, max(0, parsed[1] - 2))  # 0.923 shown without a percent format
    else:
        parsed = parse_percent_digits(cell.text)
    if parsed is None or not (_PERCENT.search(head) or "%" in cell.text):
        return []
    return [StatedPercentage(field=name, percent=parsed[0], decimals=min(parsed[1], 2), of=None, evidence=work.evidence(cell, "percent"))]
