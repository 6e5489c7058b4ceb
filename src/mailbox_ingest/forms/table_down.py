"""Tables with their labels down the side: the value beside, below or inside the label, and which column where there are several."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace

from mailbox_ingest.forms.dates import find_dates
from mailbox_ingest.forms.numbers import find_percents
from mailbox_ingest.forms.rates import rate_of
from mailbox_ingest.forms.sentences import read_lines
from mailbox_ingest.forms.table_cells import (
    Named,
    TableFigures,
    TableWork,
    blank_evidence,
    column_head,
    contradicts,
    count_of,
    field_of,
    is_numeric,
    is_share,
    note_disturbs,
    percentages_of,
    remainder_in,
    witnesses_in,
)
from mailbox_ingest.forms.table_heads import PERCENT, Head, head_dates, head_kind
from mailbox_ingest.forms.table_lines import PART_ROW, line_by_line, lines_in_cells
from mailbox_ingest.forms.tabular import Line
from mailbox_ingest.model import Cell, FieldReading, StatedPercentage, StatedRemainder
from mailbox_ingest.vietnamese.fold import fold

_FIGURES = (Head.VALUE, Head.CURRENT)
_UNIT_HEAD = re.compile(r"\b(?:dvt|don vi tinh|don vi)\b")


@dataclass(frozen=True, slots=True)
class _Found:
    """A value of one label; `week` and `head` tell of which week where the columns are weeks."""

    named: Named
    value: FieldReading
    week: str = ""
    head: str = ""
    where: Cell | None = None


def read_down(work: TableWork, named: Sequence[Named]) -> tuple[TableFigures, ...]:
    """One set of figures, or one a week where the columns' heads name weeks."""
    top = min(n.cell.row for n in ([n for n in named if n.label.explained] or named))
    found: list[_Found] = []
    percentages: list[StatedPercentage] = []
    for item in named:
        beside, percents = _beside(work, item, top)
        found += beside
        percentages += percents
    found = _best_named(found)
    values = [f.value for f in found if not f.week]
    if len(found) < 2:
        prose = read_lines(
            lines_in_cells(work, named), work.form, document=work.document, year=work.year, reader=work.reader, method="line-in-cell"
        )
        values += prose.values or line_by_line(work, named)
        percentages += prose.percentages
    percentages += _rates(work, named, top)
    remainders = [*_remainders(work, named, top)]
    for one in found:
        if one.where is not None and not one.week:
            shares, rests = witnesses_in(work, one.where, one.named.field)
            percentages += shares
            remainders += rests
    if _contradicted(work, found, top):
        found = [replace(f, value=replace(f.value, certain=False)) for f in found]
        values = [replace(v, certain=False) for v in values]
    weeks = dict.fromkeys(f.week for f in found if f.week)
    if weeks:
        heads = {f.week: f.head for f in found}
        return tuple(
            TableFigures(
                (*(f.value for f in found if f.week == week), *values),
                tuple(percentages) if len(weeks) == 1 else (),
                tuple(remainders) if len(weeks) == 1 else (),
                (Line(_dated(heads[week], work.year), work.table.place),),
            )
            for week in weeks
        )
    return (TableFigures(tuple(values), tuple(percentages), tuple(remainders)),) if values else ()


def _other_rows(work: TableWork, labels: Container[int], top: int) -> Iterator[tuple[Cell, list[Cell]]]:
    """The cells with words that are none of the labels (given by identity), with the figures beside them."""
    for cell in work.table.cells:
        if id(cell) in labels or len(cell.text) > 200 or not any(c.isalpha() for c in cell.text):
            continue
        heads = [(c, head_kind(column_head(work, c.column, top), work.labels, year=work.year)) for c in _right_of(work, cell)]
        yield cell, [c for c, kind in heads if kind in _FIGURES or (kind is Head.PERCENT and "%" in c.text)]


def _remainders(work: TableWork, named: Sequence[Named], top: int) -> Iterator[StatedRemainder]:
    """The rows that tell what is left ('Chưa cài đặt'), where one number stands beside them."""
    for cell, beside in _other_rows(work, {id(n.cell) for n in named}, top):
        numbers = [c for c in beside if is_numeric(c)]
        if len(numbers) == 1:
            yield from remainder_in(work, numbers[0], cell.text.replace("\n", " "))


def _rates(work: TableWork, named: Sequence[Named], top: int) -> Iterator[StatedPercentage]:
    """The rows that tell a share ('Tỷ lệ cài đặt/số có điện thoại thông minh')."""
    for cell, beside in _other_rows(work, {id(n.cell) for n in named}, top):
        rate = rate_of(cell.text.replace("\n", " "), work.labels) if PERCENT.search(fold(cell.text)) else None
        shares = [c for c in beside if any(x.isdigit() for x in c.text)]
        if rate is not None and len(shares) == 1:
            yield from percentages_of(work, shares[0], cell.text, *rate)


def _contradicted(work: TableWork, found: Sequence[_Found], top: int) -> bool:
    """Whether a row gives a figure that somebody else found ('theo kiểm tra thực tế')."""
    values = [f.value for f in found]
    others = _other_rows(work, {id(f.named.cell) for f in found}, top)
    return any(contradicts(number, cell.text, values) for cell, beside in others for number in beside)


def _best_named(found: Sequence[_Found]) -> list[_Found]:
    """Where several rows name one field: a row whose words are all known outranks the others; a 'trong đó' row is a part."""
    kept: list[_Found] = []
    for item in found:
        same = [f for f in found if f.named.field == item.named.field and f.week == item.week]
        if not item.named.label.explained and any(f.named.label.explained for f in same):
            continue
        first = same[0]
        if item is not first and PART_ROW.match(fold(item.named.cell.text)):
            part, whole = item.value.value, first.value.value
            if part is not None and whole is not None and part <= whole:
                continue
        kept.append(item)
    return kept


def _beside(work: TableWork, item: Named, top: int) -> tuple[list[_Found], list[StatedPercentage]]:
    cell, name, label = item.cell, item.field, item.cell.text
    inside = _inside_label(work, item)
    candidates: list[tuple[Cell, str, Head]] = []
    percentages: list[StatedPercentage] = []
    blank: Cell | None = None
    for other in _right_of(work, cell):
        head = column_head(work, other.column, top)
        kind = head_kind(head, work.labels, year=work.year)
        if kind is Head.PERCENT or is_share(other):
            percentages += percentages_of(work, other, head, name)
            continue
        if kind in (Head.INDEX, Head.OTHER):
            continue
        count = count_of(other)
        if count.problem == "missing_value":
            blank = blank or (None if kind is Head.UNKNOWN else other)
        elif not _is_label(work, other):
            candidates.append((other, head, kind))
    numbers = [c for c in candidates if count_of(c[0]).problem != "not_a_number" or c[0].unknown]
    chosen = numbers or [c for c in candidates if c[2] is not Head.UNKNOWN]
    if not chosen:
        percentages += _percents_inside(work, item) if inside else []
        return [_Found(item, _without_cell(work, item, inside, blank))], percentages
    sure = item.label.explained
    if len(chosen) > 1:
        weeks = [_week_of(head, work.year) for _, head, _ in chosen]
        if all(weeks) and len(set(weeks)) == len(weeks):
            pairs = zip(chosen, weeks, strict=True)
            return [_Found(item, field_of(work, name, c, "table", label=label, sure=sure), w, h) for (c, h, _), w in pairs], percentages
        current = [c for c in chosen if c[2] is Head.CURRENT] or [c for c in chosen if c[2] is Head.VALUE]
        if len(current) != 1:
            first = field_of(work, name, chosen[0][0], "table", label=label, sure=False)
            differ = len({count_of(c).value for c, _, _ in chosen}) > 1
            return [_Found(item, replace(first, problem="witnesses_disagree" if differ else first.problem))], percentages
        sure = sure and not _competes(work, current[0][0], [c for c, _, kind in chosen if kind is Head.UNKNOWN], cell)
        chosen = current
    where, _, kind = chosen[0]
    value = field_of(work, name, where, "table", label=label, sure=sure and kind is not Head.UNKNOWN)
    week = _week_of(chosen[0][1], work.year) if kind is Head.WEEK else ""
    if _goes_on_below(work, item, where) or _noted(work, item, where, top):
        value = replace(value, certain=False)
    if inside is not None and inside.value is not None and inside.value != value.value:
        value = replace(value, certain=False, problem="witnesses_disagree")
    return [_Found(item, value, week, chosen[0][1] if week else "", where)], percentages


def _without_cell(work: TableWork, item: Named, inside: FieldReading | None, blank: Cell | None) -> FieldReading:
    """No value beside the label: it stands inside, below, or nowhere."""
    if inside is not None:
        return inside
    under = work.grid.at(item.cell.row + item.cell.row_span, item.cell.column)
    if under is not None and count_of(under).value is not None and (count_of(under).certain or work.labels.read(under.text) is None):
        return field_of(work, item.field, under, "below", label=item.cell.text, sure=item.label.explained)
    if blank is not None:
        evidence = work.evidence(blank, "table", label=item.cell.text)
    else:
        evidence = blank_evidence(work, item.cell.column + item.cell.column_span, item.cell.row)
    return FieldReading(field=item.field, value=None, problem="missing_value", evidence=evidence, certain=item.label.explained)


def _goes_on_below(work: TableWork, item: Named, where: Cell) -> bool:
    """Whether the row below has a number in the same column and no label: which of the two is meant?"""
    row = where.row + where.row_span
    under, label = work.grid.at(row, where.column), work.grid.at(row, item.cell.column)
    return under is not None and count_of(under).value is not None and (label is None or label is item.cell or not label.text.strip())


def _competes(work: TableWork, chosen: Cell, unknown: Sequence[Cell], label: Cell) -> bool:
    """Whether a column that nobody knows gives another figure ('Số kiểm tra lại'); columns that add up to the figure are its parts."""
    value = count_of(chosen).value
    if {count_of(c).value for c in unknown} <= {value, None}:
        return False
    others = [count_of(c).value for c in _right_of(work, label) if c is not chosen and "%" not in c.text]
    return sum(v for v in others if v is not None) != value


def _noted(work: TableWork, item: Named, where: Cell, top: int) -> bool:
    """Whether a note in the row says something that may change the figure."""
    beside = [c for c in _right_of(work, item.cell) if c is not where and c.column > where.column and c.row_span <= item.cell.row_span]
    units = [c for c in _right_of(work, item.cell) if c.column < where.column and _UNIT_HEAD.search(fold(column_head(work, c.column, top)))]
    counted = all("%" not in c.text and work.labels.explains(c.text) for c in units)  # 'hộ', 'lượt', 'nghìn người' count something else
    return not counted or any(note_disturbs(work, c, column_head(work, c.column, top)) for c in beside)


def _is_label(work: TableWork, cell: Cell) -> bool:
    """The next label in the same row."""
    return cell.number is None and not cell.unknown and not re.search(r"\d", cell.text) and work.labels.read(cell.text) is not None


def _week_of(head: str, year: int) -> str:
    """The period or day that a head names, or ''."""
    return next((str(found.period or found.day) for found in head_dates(head, year=year)), "")


def _dated(head: str, year: int) -> str:
    """A head with its date in words that read as one everywhere: '20/8' -> 'ngày 20/8'."""
    return head if find_dates(head, year=year) else f"ngày {head.strip()}"


def _right_of(work: TableWork, cell: Cell) -> list[Cell]:
    found: list[Cell] = []
    for column in range(cell.column + cell.column_span, work.table.columns):
        other = work.grid.at(cell.row, column)
        if other is None or (found and found[-1] is other):
            continue
        if other.row < cell.row and other.row_span > 1 and not is_numeric(other):
            continue  # a note merged over several rows
        found.append(other)
    return found


def _inside_label(work: TableWork, item: Named) -> FieldReading | None:
    """A number written into the label's own cell, or None."""
    cell = item.cell
    lines = [Line(cell.text.replace("\n", " "), ", ".join(p for p in (work.table.place, cell.place) if p), cell.confidence, cell)]
    prose = read_lines(lines, work.form, document=work.document, year=work.year, reader=work.reader, method="label-in-cell")
    own = [v for v in prose.values if v.field == item.field]
    return own[0] if len(own) == 1 else None


def _percents_inside(work: TableWork, item: Named) -> list[StatedPercentage]:
    if work.form.field(item.field).part_of is None:
        return []
    return [
        StatedPercentage(field=item.field, percent=p.value, decimals=p.decimals, of=None, evidence=work.evidence(item.cell, "percent"))
        for p in find_percents(item.cell.text)
    ]
