"""Document -> Readings of one form: which tables and sentences count, what stands around them, and where they contradict each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mailbox_ingest.config import FormConfig
from mailbox_ingest.forms.clauses import EARLIER, SCOPE
from mailbox_ingest.forms.dates import find_dates
from mailbox_ingest.forms.labels import label_reader
from mailbox_ingest.forms.letterhead import is_directive
from mailbox_ingest.forms.notes import sentence_leaves_figures, speaks_of_figures
from mailbox_ingest.forms.numbers import NUMBER, parse_count
from mailbox_ingest.forms.remarks import doubt_in, says_correction
from mailbox_ingest.forms.sentences import Prose, read_lines
from mailbox_ingest.forms.surroundings import END_OF_LETTER, HEAD_LINES, FigureSet, Surroundings
from mailbox_ingest.forms.tables import TableFigures, read_table
from mailbox_ingest.forms.tabular import Line, lines_of
from mailbox_ingest.model import Document, FieldReading, Reading, Section, Table
from mailbox_ingest.vietnamese.fold import fold

_COMMENT = re.compile(r"nhận xét|ghi chú ô")
_SERIAL_LINE = re.compile(r"\s*số\s*:?\s*\d*\s*/", re.IGNORECASE)


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


class _SectionReader:
    def __init__(self, document: Document, section: Section, form: FormConfig, year: int) -> None:
        self.document = document
        self.section = section
        self.form = form
        self.year = year
        self.around = Surroundings(document, section, form, year)

    def read(self) -> list[Reading]:
        if is_directive(self.around.head, self.form.legal_basis) or self.around.is_of_another_form():
            return []
        tables, prose_lines = self._tables()
        prose = read_lines(
            prose_lines, self.form, document=self.document.path, year=self.year, reader=self.document.reader, method="sentence"
        )
        sets = [s for s in tables if s.values and not self.around.is_of_another_form(s.lead)]
        current = [s for s in sets if not any(EARLIER.search(fold(line.text)) for line in (*s.lead, *s.context))]
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
            remainders = tuple(r for s in sets for r in s.remainders) + prose.remainders
            sets = [FigureSet(tuple(values), percentages, remainders, speakers=prose.speakers)]
        else:
            sets = []
        return [self._reading(s, alone=len(sets) == 1) for s in sets if s.values]

    def _tables(self) -> tuple[list[FigureSet], list[Line]]:
        """The sets of figures of all tables, and the lines outside tables that gave figures."""
        sets: list[FigureSet] = []
        outside: list[Line] = []
        lead: list[Line] = []
        ended = False
        for block in self.section.blocks:
            figures: tuple[TableFigures, ...] = ()
            if isinstance(block, Table):
                figures = read_table(block, self.form, document=self.document.path, year=self.year, reader=self.document.reader)
            if figures:
                sets += [FigureSet(f.values, f.percentages, f.remainders, tuple(lead[-3:]), f.context, f.parts) for f in figures]
                lead = []
                continue
            for line in lines_of(block):
                # 'Người báo cáo: …' may stand above the figures, too.
                ended = ended or (bool(END_OF_LETTER.match(fold(line.text))) and (bool(sets) or self._has_figures(outside)))
                lead.append(line)
                if not ended and not _SERIAL_LINE.match(line.text):
                    outside.append(line)
        return sets, outside

    def _has_figures(self, lines: Sequence[Line]) -> bool:
        labels = label_reader(self.form)
        return any(re.search(r"\d", line.text) and labels.read_all(line.text) for line in lines)

    def _speaks_of_form(self, prose: Prose, sets: Sequence[FigureSet]) -> bool:
        """Prose is a report when it names two fields; one alone counts only where the text is about this form at all."""
        fields = {v.field for v in prose.values} | {v.field for s in sets for v in s.values}
        if len(fields) >= 2:
            return True
        text = " ".join(fold(line.text) for line in self.around.lines[:200])
        return bool(fields) and any(f" {fold(k)} " in f" {text} " for k in self.form.keywords)

    def _with_witness(self, chosen: FigureSet, prose: Prose) -> FigureSet:
        """Running text beside a table is a witness: a value that differs makes the table's value uncertain."""
        said: dict[str, set[int]] = {}
        for value in prose.values:
            if value.value is not None and value.evidence.method != "ratio":
                said.setdefault(value.field, set()).add(value.value)
        values = tuple(
            replace(v, certain=False, problem="witnesses_disagree")
            if v.value is not None and v.field in said and said[v.field] != {v.value}
            else v
            for v in chosen.values
        )
        return replace(
            chosen,
            values=values,
            percentages=chosen.percentages + prose.percentages,
            remainders=chosen.remainders + prose.remainders,
        )

    def _doubted(self, line: Line) -> bool:
        """Whether a line takes figures back, or speaks of them in words that may."""
        if doubt_in(line.text, self.form) is not None:
            return True
        if line.cell is not None or len(line.text) > 300 or not speaks_of_figures(line.text):
            return False
        labels = label_reader(self.form)
        bare = line.text.rstrip()
        if labels.is_of_another(bare):
            return False
        return not labels.read_all(bare) and not bare.endswith(":") and not sentence_leaves_figures(bare, labels, year=self.year)

    def _said_in_margins(self, values: Sequence[FieldReading]) -> Iterator[Line]:
        """The notes, comments, headers and footers that take figures back; a comment with another figure does, too."""
        unseen = tuple(f"trang tính {section.title}," for section in self.document.sections if section.hidden)
        known = {v.value for v in values}
        for line in (line for block in self.document.marginal for line in lines_of(block)):
            if line.place.startswith(unseen):
                continue
            figures = {parse_count(m.group()).value for m in NUMBER.finditer(line.text)} if _COMMENT.search(line.place) else set()
            if doubt_in(line.text, self.form) is not None or (figures - known and not find_dates(line.text, year=self.year)):
                yield line

    def _reading(self, chosen: FigureSet, *, alone: bool) -> Reading:
        around = self.around
        values = [replace(v, certain=False) for v in chosen.values] if around.is_doubtful(chosen) else chosen.values
        return Reading(
            form=self.form.name,
            document=self.document.path,
            fields=_one_a_field(values, self.form),
            percentages=chosen.percentages,
            remainders=chosen.remainders,
            unit_mentions=tuple(around.unit_mentions(chosen)),
            period_hints=around.period_hints(chosen, alone=alone),
            correction=any(says_correction(line.text, self.form) for line in around.lines[:HEAD_LINES]),
            doubts=tuple(
                around.evidence(line, "doubt")
                for line in (
                    *(line for line in (*around.lines, Line(self.section.title, "")) if self._doubted(line)),
                    *self._said_in_margins(values),
                )
            ),
            scanned=self.document.kind == "scan",
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


def _without_repeats(sets: Sequence[FigureSet]) -> list[FigureSet]:
    """A table that says the same again (a text box stored twice) is the same report; a blank form beside a filled one is none."""
    filled = [s for s in sets if any(v.value is not None or v.problem != "missing_value" for v in s.values)]
    kept: list[FigureSet] = []
    for item in filled or sets[:1]:
        figures = {(v.field, v.value, v.problem) for v in item.values}
        if not any(figures == {(v.field, v.value, v.problem) for v in k.values} and _when(k) == _when(item) for k in kept):
            kept.append(item)
    return kept


def _when(item: FigureSet) -> tuple[str, ...]:
    return tuple(line.text for line in item.context)
