"""One table under reading: its grid, its labels, and what a single cell says (count, percentage, place). No choice among cells."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from mailbox_ingest.config import FormConfig
from mailbox_ingest.forms.cell_texts import figure_in, fraction_in, shares_in
from mailbox_ingest.forms.clauses import PLANNED
from mailbox_ingest.forms.labels import Label, LabelReader
from mailbox_ingest.forms.notes import leaves_figure
from mailbox_ingest.forms.numbers import Count, parse_count, parse_native, parse_percent_digits
from mailbox_ingest.forms.remainders import remainder_of
from mailbox_ingest.forms.table_heads import PERCENT
from mailbox_ingest.forms.tabular import Grid, Line
from mailbox_ingest.model import Cell, Evidence, FieldReading, StatedPercentage, StatedRemainder, Table
from mailbox_ingest.vietnamese.fold import fold


@dataclass(frozen=True, slots=True)
class TableFigures:
    """The values of one table, or of one row of it. `context` tells whose or of when they are (a row's name, a column's head); `parts` are
    the names of the rows that a total row sums up."""

    values: tuple[FieldReading, ...]
    percentages: tuple[StatedPercentage, ...] = ()
    remainders: tuple[StatedRemainder, ...] = ()
    context: tuple[Line, ...] = ()
    parts: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """A cell that names a field."""

    cell: Cell
    label: Label

    @property
    def field(self) -> str:
        return self.label.field


@dataclass(slots=True)
class TableWork:
    grid: Grid
    table: Table
    form: FormConfig
    labels: LabelReader
    document: str
    reader: str
    year: int

    def evidence(self, cell: Cell, method: str, *, label: str = "") -> Evidence:
        return Evidence(
            document=self.document,
            place=", ".join(p for p in (self.table.place, cell.place) if p),
            raw=cell.text.strip(),
            method=method,
            confidence=cell.confidence,
            box=cell.box,
            reader=self.reader,
            label=" ".join(label.split())[:200],
        )


def is_fuzzy(cell: Cell) -> bool:
    return cell.confidence < 1.0


def column_head(work: TableWork, column: int, before_row: int) -> str:
    """The texts at the top of a column, above `before_row`. An empty row parts what stands above it; rows of data are no head."""
    cells: list[Cell] = []
    row = before_row
    for cell in work.grid.above(before_row, column):
        if not cell.text.strip() or cell.row + cell.row_span < row:
            break
        row = cell.row
        cells.append(cell)
    texts: list[str] = []
    above: Cell | None = None
    for cell in reversed(cells[-4:]):
        if _is_data_row(work, cell.row) or len(texts) == 3 or (above is not None and _begins_anew(work, above, cell)):
            break
        above = cell
        if (any(c.isalpha() for c in cell.text) or cell.text.strip() == "%") and not is_numeric(cell):
            texts.append(cell.text.replace("\n", " "))
    return " ".join(texts)


def _begins_anew(work: TableWork, head: Cell, cell: Cell) -> bool:
    """Whether the row of `cell` has a name of its own below a plain head ('Khó khăn | Không' below 'Nội dung | Kết quả')."""
    names = work.grid.at(head.row, 0), work.grid.at(cell.row, 0)
    return (
        head.column_span == 1
        and cell.column > 0
        and None not in names
        and names[0] is not names[1]
        and all(name is not None and any(c.isalpha() for c in name.text) for name in names)
    )


def _is_data_row(work: TableWork, row: int) -> bool:
    """A row that begins with its number: '1 | Khó khăn, vướng mắc | Không'."""
    first = work.grid.at(row, 0)
    return first is not None and re.fullmatch(r"\s*(?:\d{1,2}|[IVX]{1,4})[.)]?\s*", first.text) is not None


def is_numeric(cell: Cell) -> bool:
    if cell.number is not None:
        return True
    count = count_of(cell)
    return count.value is not None and count.certain  # 'ĐVT (1.000 người)' is a head, no figure


def count_of(cell: Cell) -> Count:
    if cell.unknown:
        return Count(None, "not_a_number", certain=False)
    if cell.number is not None:
        if "%" in cell.text:
            return Count(None, "not_a_number", certain=False)
        return parse_native(cell.number)
    text = figure_in(cell.text)
    fraction = fraction_in(text)
    text = fraction[0] if fraction is not None else text
    figures = [line for line in text.split("\n") if re.search(r"\d", line)]
    count = parse_count(text.replace("\n", " ") if len(figures) < 2 else figures[0])
    return count if len(figures) < 2 else replace(count, certain=False)  # an old figure above a new one is not one number


def blank_evidence(work: TableWork, column: int, row: int | None = None) -> Evidence:
    where = f"cột {column + 1}" if row is None else f"dòng {row + 1}, cột {column + 1}"
    return Evidence(
        document=work.document, place=", ".join(p for p in (work.table.place, where) if p), raw="", method="table", reader=work.reader
    )


def field_of(work: TableWork, name: str, cell: Cell, method: str, *, label: str = "", sure: bool = True) -> FieldReading:
    """The value of one cell for one field; `sure` False where label or head leave a doubt."""
    count = count_of(cell)
    evidence = work.evidence(cell, method, label=label)
    # '10215/10300' of what, when the members are the whole?
    whole = fraction_in(figure_in(cell.text)) is None or work.form.field(name).part_of is not None
    certain = sure and count.certain and whole and not cell.unknown
    problem = count.problem
    if cell.alternatives and count.value is not None:
        # What an independent pass read is a witness only where it read a number at all.
        others = {c.value for c in (parse_count(a) for a in cell.alternatives) if c.value is not None}
        if others - {count.value} and cell.confidence < 0.85:
            problem = "low_confidence"
            certain = False
    return FieldReading(field=name, value=count.value, problem=problem, evidence=evidence, certain=certain)


def percentages_of(work: TableWork, cell: Cell, head: str, name: str | None, of: str | None = None) -> list[StatedPercentage]:
    """The percentage a cell states, of the row's or the column's field; `of` is the whole where the head says so."""
    # '% TH/KH' is a share of the plan.
    if name is None or work.form.field(name).part_of is None or re.search(r"\bkh\b", fold(head)) or PLANNED.search(fold(head)):
        return []
    if cell.number is not None and not cell.text.strip().endswith("%"):
        parsed = parse_percent_digits(f"{cell.number.normalize():f}")
        if parsed and parsed[0] <= 1 and parsed[1] >= 2:
            parsed = (parsed[0] * 100, max(0, parsed[1] - 2))  # 0.923 shown without a percent format
    else:
        parsed = parse_percent_digits(cell.text)
    if parsed is None or not (PERCENT.search(fold(head)) or "%" in cell.text):
        return []
    return [StatedPercentage(field=name, percent=parsed[0], decimals=min(parsed[1], 2), of=of, evidence=work.evidence(cell, "percent"))]


def witnesses_in(work: TableWork, cell: Cell, name: str) -> tuple[list[StatedPercentage], list[StatedRemainder]]:
    """What a cell says beside its figure: a percentage, or the whole ('590/600') as what is left of it."""
    if cell.number is not None or work.form.field(name).part_of is None:
        return [], []
    shares = [
        StatedPercentage(field=name, percent=p.value, decimals=p.decimals, of=None, evidence=work.evidence(cell, "percent"))
        for p in shares_in(cell.text)
    ]
    fraction, count = fraction_in(figure_in(cell.text)), count_of(cell).value
    if fraction is None or count is None:
        return shares, []
    return shares, [StatedRemainder(field=name, count=fraction[1] - count, exact=True, evidence=work.evidence(cell, "remainder"))]


def is_share(cell: Cell) -> bool:
    """Whether a cell holds a percentage and no figure."""
    return cell.text.strip().endswith("%") and not shares_in(cell.text)


# Words by which a row or column gives the figure that somebody else found.
_CHECKED = re.compile(r"\b(?:theo (?!doi)|thuc te|kiem tra|xac minh|doi chieu|ra soat|xac nhan|tham dinh|phuc tra|kiem dem)\b")


def contradicts(cell: Cell, label: str, known: Iterable[FieldReading]) -> bool:
    """Whether a cell gives a figure 'theo kiểm tra thực tế' that none of the values known is."""
    if not _CHECKED.search(fold(label)) or "%" in cell.text or not is_numeric(cell):
        return False
    return count_of(cell).value not in {value.value for value in known}


_NOTES = re.compile(r"\b(?:ghi chu|nhan xet|luu y|ly do|dien giai)\b")


def note_disturbs(work: TableWork, cell: Cell, head: str) -> bool:
    """Whether a cell beside a figure, with a note or without any head, says something that may change the figure."""
    noted = bool(_NOTES.search(fold(head)))
    if not cell.text.strip() or (head and not noted) or work.labels.read(cell.text) is not None:
        return False
    if is_numeric(cell):
        return "%" not in cell.text
    return not leaves_figure(cell.text.replace("\n", " "), work.labels, year=work.year, fuzzy=is_fuzzy(cell))


def remainder_in(work: TableWork, cell: Cell, label: str) -> list[StatedRemainder]:
    """What a cell says is left of a field, when its label or head names such a rest."""
    rest = remainder_of(label, work.labels, fuzzy=is_fuzzy(cell))
    count = count_of(cell)
    if rest is None or count.value is None or not count.certain or work.form.field(rest[0]).part_of is None:
        return []
    return [StatedRemainder(field=rest[0], count=count.value, exact=rest[1], evidence=work.evidence(cell, "remainder", label=label))]
