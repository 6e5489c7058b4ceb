"""Document -> Readings of one form: which tables and sentences count, what stands around them, and where they contradict each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mailbox_ingest.config import FormConfig
from mailbox_ingest.forms.clauses import PLANNED, SCOPE, governed_by, lead_is_known
from mailbox_ingest.forms.dates import FoundDate, find_dates
from mailbox_ingest.forms.labels import label_reader
from mailbox_ingest.forms.letterhead import Letterhead, is_directive, read_letterhead
from mailbox_ingest.forms.numbers import SCALE
from mailbox_ingest.forms.sentences import Prose, read_lines
from mailbox_ingest.forms.tables import TableFigures, read_table
from mailbox_ingest.forms.tabular import Line, lines_of
from mailbox_ingest.model import (
    Document,
    Evidence,
    FieldReading,
    PeriodHint,
    Reading,
    Section,
    StatedPercentage,
    Table,
    UnitMention,
)
from mailbox_ingest.periods import Period
from mailbox_ingest.vietnamese.fold import fold, nfc

_HEAD_LINES = 16
_EARLIER = re.compile(r"\b(tuan truoc|ky truoc|lan truoc|thang truoc|bao cao truoc|so lieu cu)\b")
_END_OF_LETTER = re.compile(r"^(noi nhan|tm ban|t m ban|kt chu tich|nguoi bao cao|nguoi lap)\b")
_ADDRESSEE = re.compile(r"^(kinh gui|noi nhan)\b")
_REFERS = re.compile(r"\b(cong van|cv|ke hoach|chi thi|chi dao|van ban|quyet dinh|thong bao|thuc hien|can cu)\b")
_BODY = re.compile(r"\b(ldld|lien doan|cong doan|cd|cdcs|cdn|cdvc)\b")
_DEADLINE = re.compile(r"\b(han|cham nhat|truoc ngay|thoi han|hoan thanh truoc|den het thang)\b")
_UNIT_LINE = re.compile(r"\s*(?:tên\s+)?(?:đơn vị|cơ quan)(?:\s+báo cáo)?\s*:\s*(?!tính)([^:]{4,120})$", re.IGNORECASE)
_OTHER_TIME = re.compile(r"^\W*(?:so lieu\s+)?(?:thang \d|quy (?:\d|[iv]+)\b|nam 20\d\d|6 thang|9 thang)")
_SHORT_LEAD = re.compile(r"(so lieu|khoi|rieng)\b")
_MAX_MENTIONS = 40


def read(document: Document, form: FormConfig, *, year: int) -> tuple[Reading, ...]:
    """The readings of a document, one a set of figures (a sheet, a table, a row of a table that is a unit or a week of its own).

    `year` stands in where a date leaves it out. Hidden sheets, headers, footers and notes give nothing. The directive that asks for the
    reports gives nothing, whatever figures it quotes.
    """
    readings: list[Reading] = []
    for section in document.sections:
        if not section.hidden:
            readings += _SectionReader(document, section, form, year).read()
    return tuple(readings)


@dataclass(slots=True)
class _Set:
    """One set of figures with the texts that stand around it."""

    values: tuple[FieldReading, ...]
    percentages: tuple[StatedPercentage, ...]
    lead: tuple[Line, ...] = ()
    context: tuple[Line, ...] = ()
    parts: tuple[Line, ...] = ()
    speakers: tuple[Line, ...] = ()


class _SectionReader:
    def __init__(self, document: Document, section: Section, form: FormConfig, year: int) -> None:
        self.document = document
        self.section = section
        self.form = form
        self.year = year
        self.lines = [line for block in section.blocks for line in lines_of(block)]
        self.head: Letterhead = read_letterhead(self.lines)

    def read(self) -> list[Reading]:
        if is_directive(self.head, self.form.legal_basis):
            return []
        tables, prose_lines = self._tables()
        prose = read_lines(
            prose_lines, self.form, document=self.document.path, year=self.year, reader=self.document.reader, method="sentence"
        )
        sets = [s for s in tables if s.values]
        current = [s for s in sets if not any(_EARLIER.search(fold(line.text)) for line in (*s.lead, *s.context))]
        sets = _without_repeats(current if current else [])
        strong = [s for s in sets if len({v.field for v in s.values}) >= 2]
        if strong:
            sets = strong
            if len(sets) == 1:
                sets = [self._with_witness(sets[0], prose)]
        elif self._speaks_of_form(prose, sets):
            doubt = prose.ambiguous or any(SCOPE.search(fold(line.text)) for line in prose_lines)
            values = [v for s in sets for v in s.values] + [replace(v, certain=False) if doubt else v for v in prose.values]
            percentages = tuple(p for s in sets for p in s.percentages) + prose.percentages
            sets = [_Set(tuple(values), percentages, speakers=prose.speakers)]
        else:
            sets = []
        return [self._reading(s, alone=len(sets) == 1) for s in sets if s.values]

    def _is_plan(self, chosen: _Set) -> bool:
        """Whether title or lead say that the figures are wished for, counted in thousands, or of another scope: then a person looks."""
        titles = [fold(line.text) for line in self.lines[:_HEAD_LINES] if line.cell is None or line.cell.column_span > 1]
        if any(re.match(r"(ke hoach|chuong trinh|du kien|dang ky chi tieu)\b", t) for t in titles):
            return True
        near = [fold(line.text) for line in chosen.lead]
        above = chosen.lead[-1].text.strip() if chosen.lead else ""
        if above.endswith(":") and not lead_is_known(above, label_reader(self.form), year=self.year):
            return True
        if any(SCOPE.search(t) or self._of_other_time(t) for t in near):
            return True
        if _SHORT_LEAD.match(fold(above)) and not lead_is_known(above, label_reader(self.form), year=self.year):
            return True
        if any(PLANNED.search(t) and not _REFERS.search(t.replace("ke hoach", "")) for t in near):
            return True
        return any(re.search(r"\b(dvt|don vi tinh)\b", t) and SCALE.search(t) for t in (*titles, *near))

    def _tables(self) -> tuple[list[_Set], list[Line]]:
        """The sets of figures of all tables, and the lines outside tables that gave figures."""
        sets: list[_Set] = []
        outside: list[Line] = []
        lead: list[Line] = []
        ended = False
        for block in self.section.blocks:
            figures: tuple[TableFigures, ...] = ()
            if isinstance(block, Table):
                figures = read_table(block, self.form, document=self.document.path, year=self.year, reader=self.document.reader)
            if figures:
                sets += [_Set(f.values, f.percentages, tuple(lead[-3:]), f.context, f.parts) for f in figures]
                lead = []
                continue
            for line in lines_of(block):
                ended = ended or bool(_END_OF_LETTER.match(fold(line.text)))
                lead.append(line)
                if not ended and not _is_serial_line(line.text):
                    outside.append(line)
        return sets, outside

    def _speaks_of_form(self, prose: Prose, sets: Sequence[_Set]) -> bool:
        """Prose is a report when it names two fields; one alone counts only where the text is about this form at all."""
        fields = {v.field for v in prose.values} | {v.field for s in sets for v in s.values}
        if len(fields) >= 2:
            return True
        text = " ".join(fold(line.text) for line in self.lines[:200])
        return bool(fields) and any(f" {fold(k)} " in f" {text} " for k in self.form.keywords)

    def _of_other_time(self, flat: str) -> bool:
        """Whether a short line above the figures gives them another month, quarter or year than the letter's."""
        found = _OTHER_TIME.match(flat)
        if found is None or len(flat.split()) > 6:
            return False
        letter = [
            d.day for line in self.lines[:_HEAD_LINES] for d in find_dates(line.text, year=self.year) if d.kind == "letter_date" and d.day
        ]
        month = re.search(r"\bthang (\d{1,2})\b", flat)
        return month is None or all(day.month != int(month[1]) for day in letter)

    def _with_witness(self, chosen: _Set, prose: Prose) -> _Set:
        """Running text beside a table is a witness: a certain value that differs makes the table's value uncertain."""
        said: dict[str, set[int]] = {}
        for value in prose.values:
            if value.value is not None and value.certain:
                said.setdefault(value.field, set()).add(value.value)
        values = tuple(
            replace(v, certain=False, problem="witnesses_disagree")
            if v.value is not None and v.field in said and said[v.field] != {v.value}
            else v
            for v in chosen.values
        )
        return replace(chosen, values=values, percentages=chosen.percentages + prose.percentages)

    def _reading(self, chosen: _Set, *, alone: bool) -> Reading:
        # The head of the figures' own column or row says of which week they are, whatever the letter is dated.
        hints = [replace(h, kind="range") if h.day else h for h in self._hints(chosen.context, every_date=True)]
        hints += self._hints(chosen.lead)
        if not any(h.kind in ("week", "range", "as_of") for h in hints) or alone:
            hints += [h for h in self._hints(self.lines) if h not in hints]
        head_lines = self.lines[:_HEAD_LINES]
        return Reading(
            form=self.form.name,
            document=self.document.path,
            fields=_one_a_field([replace(v, certain=False) for v in chosen.values] if self._is_plan(chosen) else chosen.values, self.form),
            percentages=chosen.percentages,
            unit_mentions=tuple(self._mentions(chosen)),
            period_hints=tuple(hints),
            correction=any(_says(line.text, self.form.correction_words) for line in head_lines),
            doubts=tuple(self._evidence(line, "doubt") for line in self.lines if doubt_in(line.text, self.form)),
            scanned=self.document.kind == "scan",
        )

    def _hints(self, lines: Iterable[Line], *, every_date: bool = False) -> list[PeriodHint]:
        hints: list[PeriodHint] = []
        for line in lines:
            flat = fold(line.text)
            for found in find_dates(line.text, year=self.year):
                kind = found.kind
                if kind == "date" and re.search(r"\bngay\b", flat) and re.match(r"^[^,]{2,40},\s*ngày", line.text.strip(), re.IGNORECASE):
                    kind = "letter_date"
                if (kind == "date" and not every_date) or (kind == "letter_date" and not _heads_letter(line.text, found)):
                    continue
                if kind in ("week", "as_of") and (_EARLIER.search(flat) or "so voi" in flat):
                    continue
                if kind == "as_of" and (_REFERS.search(flat[:60]) or PLANNED.search(flat) or _DEADLINE.search(flat)):
                    continue
                hints.append(PeriodHint(kind=kind, evidence=self._evidence(line, kind), period=found.period, day=found.day))
        return hints

    def _mentions(self, chosen: _Set) -> Iterable[UnitMention]:
        if self.head.lines:
            evidence = Evidence(document=self.document.path, place=self.head.place, raw=" / ".join(self.head.lines), method="letterhead")
            yield UnitMention(text="\n".join(self.head.lines), role="letterhead", evidence=evidence)
        for line in self.lines[: _HEAD_LINES * 2]:
            named = _UNIT_LINE.match(line.text)
            if named is not None and len(named[1].split()) > 1:
                yield UnitMention(text=named[1].strip(), role="speaker", evidence=self._evidence(line, "speaker"))
        for line in chosen.lead[-1:]:
            body = governed_by(line.text) if re.search(r":\s*$", line.text) or _SHORT_LEAD.match(fold(line.text)) else None
            if body is not None:
                yield UnitMention(text=body, role="speaker", evidence=self._evidence(line, "speaker"))
        for role, lines in (("table", chosen.context), ("part", chosen.parts[:_MAX_MENTIONS]), ("speaker", chosen.speakers)):
            for line in lines:
                if not find_dates(line.text, year=self.year):
                    yield UnitMention(text=line.text, role=role, evidence=self._evidence(line, role))
        if self.section.title:
            yield UnitMention(
                text=self.section.title,
                role="sheet",
                evidence=Evidence(document=self.document.path, place="", raw=self.section.title, method="sheet"),
            )
        count = 0
        for line in self.lines:
            flat = fold(line.text)
            if _END_OF_LETTER.match(flat):
                break
            addressed = bool(_ADDRESSEE.match(flat))
            if (addressed or line.cell is not None or not _BODY.search(flat)) and not (addressed and re.search(r"[.!]", line.text)):
                continue
            count += 1
            if count > _MAX_MENTIONS:
                break
            yield UnitMention(text=line.text, role="text", evidence=self._evidence(line, "text"))

    def _evidence(self, line: Line, method: str) -> Evidence:
        return Evidence(
            document=self.document.path, place=line.place, raw=line.text.strip()[:300], method=method, confidence=line.confidence
        )


def _one_a_field(values: Sequence[FieldReading], form: FormConfig) -> tuple[FieldReading, ...]:
    """At most one value a field, in the form's order. Equal values confirm each other; different ones leave a doubt that stays."""
    chosen: list[FieldReading] = []
    for field in form.fields:
        found = [v for v in values if v.field == field.name]
        if not found:
            continue
        numbers = [v for v in found if v.value is not None]
        firm = [v for v in numbers if v.evidence.method != "ratio"] or numbers
        if not firm:
            named = [v for v in found if v.problem != "missing_value"] or found
            chosen.append(named[0])
            continue
        best = max(firm, key=lambda v: (v.certain, v.evidence.confidence))
        if len({v.value for v in numbers}) > 1:
            best = replace(best, certain=False, problem="witnesses_disagree")
        elif any(v.problem in ("not_a_number", "negative_value") for v in found):
            best = replace(best, certain=False)
        chosen.append(best)
    return tuple(chosen)


def _without_repeats(sets: Sequence[_Set]) -> list[_Set]:
    """A table that says the same again (a text box stored twice) is the same report; a blank form beside a filled one is none."""
    filled = [s for s in sets if any(v.value is not None or v.problem != "missing_value" for v in s.values)]
    kept: list[_Set] = []
    for item in filled or sets[:1]:
        figures = {(v.field, v.value, v.problem) for v in item.values}
        if not any(figures == {(v.field, v.value, v.problem) for v in k.values} and _when(k) == _when(item) for k in kept):
            kept.append(item)
    return kept


def _when(item: _Set) -> tuple[str, ...]:
    return tuple(line.text for line in item.context)


def _heads_letter(text: str, found: FoundDate) -> bool:
    """A letter's own date follows its place ('Đông Hà, ngày …') or stands alone; others are quoted from other letters."""
    before = fold(text[: found.start])
    return len(before) <= 40 and not _REFERS.search(before) and not re.search(r"\bso\b.*\d", before) and len(fold(text[found.end :])) <= 12


def _says(text: str, words: Iterable[str]) -> bool:
    flat = f" {fold(text)} "
    return any(f" {fold(w)} " in flat for w in words)


def _is_serial_line(text: str) -> bool:
    return bool(re.match(r"\s*số\s*:?\s*\d*\s*/", text, re.IGNORECASE))


def says_correction(text: str, form: FormConfig) -> bool:
    """Whether a subject or body says that it replaces an earlier report."""
    return _says(text, form.correction_words)


def doubt_in(text: str, form: FormConfig) -> str | None:
    """The words by which a text doubts or takes back figures ('bản nháp', 'chưa bao gồm'), None where it does not."""
    flat = f" {fold(text)} "
    return next((word for word in form.hold_words if f" {fold(word)} " in flat), None)


def is_about(text: str, form: FormConfig) -> bool:
    """Whether a text names the form at all."""
    return _says(text, form.keywords) or label_reader(form).read(text) is not None


def weeks_named(text: str, *, year: int) -> frozenset[Period]:
    """The weeks that a file name or subject names ('Báo cáo tuần 34.docx')."""
    return frozenset(found.period for found in find_dates(nfc(text), year=year) if found.kind == "week" and found.period is not None)
