"""Figures in running text: 'Tổng số đoàn viên, người lao động: 309', 'có 38 đoàn viên, đã cài 26/33 máy, đạt 78,8%'.

A clause names a field before or after its number. Where both readings are possible and differ, no value is certain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mailbox_ingest.config import FormConfig
from mailbox_ingest.forms.dates import find_dates, plain
from mailbox_ingest.forms.labels import LabelReader, label_reader
from mailbox_ingest.forms.numbers import NUMBER, find_percents, parse_count, parse_digits
from mailbox_ingest.forms.tabular import Line
from mailbox_ingest.model import Evidence, FieldReading, StatedPercentage
from mailbox_ingest.vietnamese.fold import fold

_LIST_MARK = re.compile(r"^\s*(?:[-–•*+·▪]\s*|\(?(?:\d{1,2}|[a-zđ]|[IVX]{1,4})[.)/]\s+|\d{1,2}\.\s*(?=[^\d\s]))+")
_MASKS = (
    re.compile(r"\b(?:so|sdt|dt|dd|tel|fax|hotline|zalo|dien thoai)\s*[:.]?\s*(?:\+?84|0)[\d.\s-]{7,14}\d"),
    re.compile(r"(?<!\d)(?:\+84|0)\d[\d.\s-]{7,12}\d(?!\d)"),
    re.compile(
        r"\b(?:so|cv|vb|cong van|chi thi|ke hoach|quyet dinh|thong bao|nghi quyet)\s*(?:so\s*)?:?\s*\d+\s*/\s*"
        r"(?:\d{4}\s*/\s*)?[a-z][a-z0-9\-–&/.]*"
    ),
    re.compile(
        r"\bcovid\s*-?\s*\d+|\b\d{1,2}\s?(?:h|gio)\s?\d{0,2}\b|\b(?:nam|quy|thang)\s+\d{1,4}\b"
        r"|\b(?:dot|lan|thu|muc|phu luc|bieu|cv|to|tuan)\s+(?:so\s+)?\d{1,4}\b"
    ),
    re.compile(r"\b(?:ios|android|phien ban|version|os)\s*\d+(?:\.\d+)*"),
    re.compile(r"https?://\S+|\S+@\S+"),
)
_RATIO = re.compile(r"(?<![\d/.,])(\d{1,3}(?:\.\d{3})+|\d+)\s?/\s?(\d{1,3}(?:\.\d{3})+|\d+)(?![\d/])")
_PERSONS = "doan vien|nguoi lao dong|nld|cnvcld|cnvc|cnld|can bo|cong chuc|vien chuc|cong nhan|lao dong|dv|ccvc|cbcc|cbccvc|cnvc ld"
_PERSON_COMMA = re.compile(rf"\b(?:{_PERSONS})\s*(,|/|&)\s*(?=(?:{_PERSONS})\b)")
_CLAUSE_END = re.compile(r"[;\n]|[.](?=\s|$)|,(?=\s)|\btrong do\b|\bbao gom\b|\brieng\b|\bcon lai\b")
_BINDS_BEFORE = re.compile(r"(?:[:=]|\bla|\bgom|\bdat|\bco)\s*$")


_EARLIER = re.compile(r"\b(tuan truoc|ky truoc|lan truoc|thang truoc|bao cao truoc|so voi cung ky)\b")


@dataclass(frozen=True, slots=True)
class Prose:
    """What running text says: every value found (several for one field where the text repeats itself) and the stated percentages."""

    values: tuple[FieldReading, ...] = ()
    percentages: tuple[StatedPercentage, ...] = ()
    ambiguous: bool = False


def read_lines(lines: Sequence[Line], form: FormConfig, *, document: str, year: int, reader: str = "", method: str = "line") -> Prose:
    """Reads lines one by one; a label at a line's end with nothing after it takes the next line's number."""
    labels = label_reader(form)
    values: list[FieldReading] = []
    percentages: list[StatedPercentage] = []
    ambiguous = False
    for line in _joined(lines, labels):
        one = _read_line(line, form, labels, document=document, year=year, reader=reader, method=method)
        values += one.values
        percentages += one.percentages
        ambiguous = ambiguous or one.ambiguous
    return Prose(tuple(values), tuple(percentages), ambiguous)


def _joined(lines: Sequence[Line], labels: LabelReader) -> Iterator[Line]:
    """Joins 'Tổng số đoàn viên:' with the number on the line below."""
    waiting: Line | None = None
    for line in lines:
        if waiting is not None:
            if re.match(r"\s*[-–:=]?\s*\d", line.text) and len(line.text.strip()) < 30:
                yield Line(
                    f"{waiting.text.rstrip(': ')}: {line.text.strip()}", waiting.place, min(waiting.confidence, line.confidence), line.cell
                )
                waiting = None
                continue
            yield waiting
            waiting = None
        if re.search(r":\s*$", line.text) and labels.read(line.text) is not None and not re.search(r"\d", _LIST_MARK.sub("", line.text)):
            waiting = line
        else:
            yield line
    if waiting is not None:
        yield waiting


def _read_line(line: Line, form: FormConfig, labels: LabelReader, *, document: str, year: int, reader: str, method: str) -> Prose:
    original = line.text
    text = _mask(original, year)
    values: list[FieldReading] = []
    percentages: list[StatedPercentage] = []
    ambiguous = False
    last: str | None = None  # the field the sentence spoke of last: 'đạt 78,8%' belongs to it
    fuzzy = line.confidence < 1.0

    def evidence(start: int, end: int, how: str, confidence: float = 1.0) -> Evidence:
        return Evidence(
            document=document,
            place=line.place,
            raw=original[max(0, start) : end].strip(),
            method=how,
            confidence=min(confidence, line.confidence),
            box=line.cell.box if line.cell else None,
            reader=reader,
        )

    for start, end in _clauses(text):
        clause = text[start:end]
        if _EARLIER.search(plain(clause)):
            continue
        percents = find_percents(clause)
        bare = _blank_out(clause, [(p.start, p.end) for p in percents])
        bare, ratios = _take_ratios(bare)
        numbers = [(m.start(), m.end()) for m in NUMBER.finditer(bare)]
        if len(numbers) == 1:
            named = _one_number(bare, numbers[0], labels, fuzzy=fuzzy)
            if named is _AMBIGUOUS:
                ambiguous = True
            elif named is not None:
                at = numbers[0]
                last = str(named)
                values.append(_value(str(named), bare, at, evidence(start, end, method), whole=ratios.get(at[0])))
                whole = ratios.get(at[0])
                part_of = form.field(last).part_of
                if whole is not None and part_of is not None:
                    values.append(FieldReading(field=part_of, value=whole, evidence=evidence(start, end, "ratio", 0.5), certain=False))
        elif len(numbers) > 1:
            several = _several(bare, numbers, labels, fuzzy=fuzzy)
            if several is None:
                ambiguous = ambiguous or bool(labels.read_all(bare, fuzzy=fuzzy))
            else:
                for at, name in several:
                    last = name
                    values.append(_value(name, bare, at, evidence(start, end, method), whole=ratios.get(at[0])))
        else:
            only = labels.read(bare, fuzzy=fuzzy)
            if only is not None and re.search(r"[:=]\s*[^\d\s]*", clause) and not percents:
                tail = clause[re.search(r"[:=]", clause).end() :]  # type: ignore[union-attr]
                count = parse_count(tail)
                if count.value is None and count.problem is not None:
                    last = only.field
                    values.append(FieldReading(field=only.field, value=None, problem=count.problem, evidence=evidence(start, end, method)))
        for percent in percents:
            own = labels.read(clause[: percent.start], ignore_percent_words=True, fuzzy=fuzzy) if not numbers else None
            about = own.field if own is not None else last
            if about is not None:
                name = about
                base = labels.read(clause[percent.end :], fuzzy=fuzzy)
                part = form.field(name)
                of = base.field if base is not None and base.field in _ancestors(form, name) else None
                if part.part_of is not None:
                    percentages.append(
                        StatedPercentage(
                            field=name,
                            percent=percent.value,
                            decimals=percent.decimals,
                            of=of,
                            evidence=evidence(start, end, "percent"),
                        )
                    )
    return Prose(tuple(values), tuple(percentages), ambiguous)


def _ancestors(form: FormConfig, name: str) -> list[str]:
    found: list[str] = []
    part_of = form.field(name).part_of
    while part_of is not None and part_of not in found:
        found.append(part_of)
        part_of = form.field(part_of).part_of
    return found


_AMBIGUOUS = object()


def _one_number(clause: str, at: tuple[int, int], labels: LabelReader, *, fuzzy: bool) -> object | None:
    """The field that a clause with one number speaks of; `_AMBIGUOUS` when before and after name different ones."""
    before, after = clause[: at[0]], clause[at[1] :]
    # 'báo cáo kết quả cài đặt như sau: Tổng số đoàn viên: 544': what stands nearest to the number names it.
    inner = before.rstrip(" :=").rfind(":")
    if inner >= 0 and labels.read(before[inner + 1 :], fuzzy=fuzzy) is not None:
        before = before[inner + 1 :]
    left, right = labels.read(before, fuzzy=fuzzy), labels.read(after, fuzzy=fuzzy)
    whole = labels.read(f"{before} {after}", fuzzy=fuzzy)
    if left is not None and _BINDS_BEFORE.search(plain(before)) and re.search(r"[:=]\s*$|\bla\s*$", plain(before)):
        return left.field if right is None or right.field == left.field else _AMBIGUOUS
    if whole is not None:
        return whole.field
    if left is not None and right is not None and left.field != right.field:
        return _AMBIGUOUS
    return left.field if left is not None else right.field if right is not None else None


def _several(clause: str, numbers: list[tuple[int, int]], labels: LabelReader, *, fuzzy: bool) -> list[tuple[tuple[int, int], str]] | None:
    """Each number with its field, when labels all stand before their numbers or all behind them; None when it is not clear."""
    edges = [0, *[e for _, e in numbers]]
    before = [labels.read(clause[edges[i] : n[0]], fuzzy=fuzzy) for i, n in enumerate(numbers)]
    stops = [*[n[0] for n in numbers[1:]], len(clause)]
    behind = [labels.read(clause[n[1] : stops[i]], fuzzy=fuzzy) for i, n in enumerate(numbers)]
    first = [b.field for b in before if b is not None]
    second = [b.field for b in behind if b is not None]
    fits_first = len(first) == len(numbers) == len(set(first))
    fits_second = len(second) == len(numbers) == len(set(second))
    if fits_first == fits_second:
        # Both, or neither: with both, they pair the numbers differently, and nobody can say which is meant.
        return None
    chosen = first if fits_first else second
    return list(zip(numbers, chosen, strict=True))


def _value(name: str, clause: str, at: tuple[int, int], evidence: Evidence, *, whole: int | None) -> FieldReading:
    number = clause[at[0] : at[1]]
    value = parse_digits(number)
    sign = re.search(r"(?:^|[:=\s(])[-−]\s?$", clause[: at[0]])
    if sign and re.search(r"[:=(]\s*[-−]\s?$", clause[: at[0]]):
        return FieldReading(field=name, value=None, problem="negative_value", evidence=evidence)
    if value is None:
        return FieldReading(field=name, value=None, problem="not_a_number", evidence=evidence)
    vague = re.search(r"\b(khoang|gan|hon|tren|duoi|tam|uoc|chung|du kien|phan dau|muc tieu|chi tieu)\s*$", plain(clause[: at[0]]))
    scaled = re.match(r"\s*(nghin|ngan|trieu|tram|chuc)\b", plain(clause[at[1] :]))
    certain = vague is None and scaled is None and (whole is None or value <= whole)
    return FieldReading(field=name, value=value, evidence=evidence, certain=certain)


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    flat = plain(text)
    shielded = _blank_out(flat, [m.span(1) for m in _PERSON_COMMA.finditer(flat)])
    start = 0
    for match in _CLAUSE_END.finditer(shielded):
        if match.start() > start:
            yield start, match.start()
        start = match.end() if match.group() in ";\n.," else match.start()
    if start < len(text):
        yield start, len(text)


def _mask(text: str, year: int) -> str:
    """Blanks out what holds digits but no figures: list marks, dates, weeks, letter numbers, telephones, times. Length is kept."""
    spans = [(d.start, d.end) for d in find_dates(text, year=year)]
    mark = _LIST_MARK.match(text)
    if mark:
        spans.append(mark.span())
    flat = plain(text)
    for pattern in _MASKS:
        spans += [m.span() for m in pattern.finditer(flat)]
    return _blank_out(text, spans)


def _blank_out(text: str, spans: Sequence[tuple[int, int]]) -> str:
    chars = list(text)
    for start, end in spans:
        chars[start:end] = " " * (min(end, len(chars)) - start)
    return "".join(chars)


def _take_ratios(clause: str) -> tuple[str, dict[int, int]]:
    """'26/33 máy' -> '26    máy' and {start of 26: 33}: the second number is the whole, a witness only."""
    ratios: dict[int, int] = {}
    for match in _RATIO.finditer(clause):
        part, whole = parse_digits(match[1]), parse_digits(match[2])
        if part is None or whole is None:
            continue
        ratios[match.start(1)] = whole
        clause = clause[: match.end(1)] + " " * (match.end() - match.end(1)) + clause[match.end() :]
    return clause, ratios


def is_prose_heading(text: str) -> bool:
    """A line that only announces the figures below it."""
    return bool(re.search(r"\b(nhu sau|sau day|cu the|ket qua)\W*$", fold(text)))
