"""What stands around a set of figures: whose they are, of which week, and whether somebody only wishes for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from mailbox_ingest.config import FormConfig
from mailbox_ingest.forms.bodies import bodies_in
from mailbox_ingest.forms.clauses import EARLIER, PLANNED, SCOPE
from mailbox_ingest.forms.dates import FoundDate, find_dates
from mailbox_ingest.forms.labels import label_reader, says_any
from mailbox_ingest.forms.leads import governed_by, lead_is_known
from mailbox_ingest.forms.letterhead import Letterhead, read_letterhead
from mailbox_ingest.forms.numbers import SCALE
from mailbox_ingest.forms.tabular import Line, lines_of
from mailbox_ingest.model import (
    Cell,
    Document,
    Evidence,
    FieldReading,
    PeriodHint,
    Section,
    StatedPercentage,
    StatedRemainder,
    Table,
    UnitMention,
)
from mailbox_ingest.vietnamese.fold import fold

HEAD_LINES = 16
END_OF_LETTER = re.compile(r"^(noi nhan|tm ban|t m ban|kt chu tich|nguoi bao cao|nguoi lap)\b")
_ADDRESSEE = re.compile(r"^(kinh gui|noi nhan)\b")
_REFERS = re.compile(r"\b(cong van|cv|ke hoach|chi thi|chi dao|van ban|quyet dinh|thong bao|thuc hien|can cu)\b")
_BODY = re.compile(r"\b(ldld|lien doan|cong doan|cd|cdcs|cdn|cdvc)\b")
_DEADLINE = re.compile(r"\b(han|cham nhat|truoc ngay|thoi han|hoan thanh truoc|den het thang)\b")
_UNIT_LINE = re.compile(r"\s*(?:tên\s+)?(?:đơn vị|cơ quan)(?:\s+báo cáo)?\s*:\s*(?!tính)([^:]{4,120})$", re.IGNORECASE)
_OTHER_TIME = re.compile(r"^\W*(?:so lieu\s+)?(?:thang \d|quy (?:\d|[iv]+)\b|nam 20\d\d|6 thang|9 thang)")
_OTHER_TITLE = re.compile(
    r"^(?:bao cao|so lieu|ket qua|tong hop|bieu|tinh den)\b(?: [a-z]+){0,8}? (?:thang (?P<month>\d{1,2})|quy (?:\d|[iv]+)|[69] thang)\b"
)
_OTHER_PEOPLE = re.compile(
    r"^(?:bao cao|ket qua|bang|bieu|danh sach)\b.*\b(?:gia dinh|nguoi than|nguoi nha|nguoi dan|hoc sinh|phu huynh)\b"
)
_FIGURE = re.compile(r"(?<!covid )\b\d+\b(?! \d)(?! thang\b)")
_TITLE = re.compile(r"(?:bao cao|ket qua|bang|bieu|tong hop|danh sach|so lieu|tinh hinh|don vi|ve viec|v v|cua)\b")
_SIGNS = re.compile(r"(?:tm|t m|kt|tl)\b")
_DATED_TITLE = re.compile(r"(?:bao cao|so lieu|ket qua|cap nhat|tinh hinh)\b.*\bngay\b")
_SHORT_LEAD = re.compile(r"(so lieu|khoi|rieng)\b")
_MAX_MENTIONS = 40


@dataclass(slots=True)
class FigureSet:
    """One set of figures with the texts that stand around it."""

    values: tuple[FieldReading, ...]
    percentages: tuple[StatedPercentage, ...]
    remainders: tuple[StatedRemainder, ...] = ()
    lead: tuple[Line, ...] = ()
    context: tuple[Line, ...] = ()
    parts: tuple[Line, ...] = ()
    speakers: tuple[Line, ...] = ()


class Surroundings:
    """The lines of one section, and what they say of the sets of figures in it."""

    def __init__(self, document: Document, section: Section, form: FormConfig, year: int) -> None:
        self.document = document
        self.section = section
        self.form = form
        self.year = year
        self.lines = [line for block in section.blocks for line in lines_of(block)]
        self._lonely = {id(cell) for block in section.blocks if isinstance(block, Table) for cell in _alone_in_row(block)}
        self.head: Letterhead = read_letterhead(self.lines)

    def is_of_another_form(self, lead: Sequence[Line] | None = None) -> bool:
        """Whether the section's titles, or the heading above a set of figures, name what another report is about ('ứng dụng NCOVI')."""
        labels = label_reader(self.form)
        for line in reversed(lead if lead is not None else self.lines[:HEAD_LINES]):
            if len(line.text.split()) >= 25 or (lead is None and not self._is_title(line)):
                continue
            if says_any(line.text, self.form.keywords):
                return False
            if labels.is_of_another(line.text) and (lead is not None or not _FIGURE.search(fold(line.text))):
                return lead is not None or not any(says_any(t.text, self.form.keywords) for t in self.lines[:HEAD_LINES])
        return False

    def is_doubtful(self, chosen: FigureSet) -> bool:
        """Whether title or lead say that the figures are wished for, counted in thousands, or of another scope: then a person looks."""
        titles = [fold(line.text) for line in self.lines[:HEAD_LINES] if self._is_title(line)]
        if any(re.match(r"(ke hoach|chuong trinh|du kien|dang ky chi tieu)\b", t) for t in titles):
            return True
        if any((len(t.split()) < 25 and _OTHER_PEOPLE.match(t)) or self._of_other_time(t, _OTHER_TITLE) for t in titles):
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

    def _is_title(self, line: Line) -> bool:
        """Whether a line may be a title: outside tables, merged over columns, or alone in its row."""
        return line.cell is None or line.cell.column_span > 1 or id(line.cell) in self._lonely

    def _of_other_time(self, flat: str, words: re.Pattern[str] = _OTHER_TIME) -> bool:
        """Whether a short line above the figures, or a title, gives them another month, quarter or year than the letter's."""
        found = words.match(flat)
        if found is None or (words is _OTHER_TIME and len(flat.split()) > 6):
            return False
        letter = [
            d.day for line in self.lines[:HEAD_LINES] for d in find_dates(line.text, year=self.year) if d.kind == "letter_date" and d.day
        ]
        month = re.search(r"\bthang (\d{1,2})\b", flat)
        return month is None or all(day.month != int(month[1]) for day in letter)

    def period_hints(self, chosen: FigureSet, *, alone: bool) -> tuple[PeriodHint, ...]:
        """What tells the week of a set. The head of the figures' own column or row outranks the letter's date."""
        hints = [replace(h, kind="range") if h.day else h for h in self._hints(chosen.context, every_date=True)]
        hints += self._hints(chosen.lead)
        if alone or not any(h.kind in ("week", "range", "as_of") for h in hints):
            hints += [h for h in self._hints(self.lines) if h not in hints]
        if not any(h.kind in ("week", "range") for h in hints):
            hints += [h for h in self._hints([Line(self.section.title, "")]) if h.kind == "week"]
        return tuple(hints)

    def _hints(self, lines: Iterable[Line], *, every_date: bool = False) -> list[PeriodHint]:
        hints: list[PeriodHint] = []
        for line in lines:
            flat = fold(line.text)
            for found in find_dates(line.text, year=self.year):
                kind = found.kind
                if kind == "date" and re.search(r"\bngay\b", flat) and re.match(r"^[^,]{2,40},\s*ngày", line.text.strip(), re.IGNORECASE):
                    kind = "letter_date"
                if kind == "date" and _DATED_TITLE.match(flat) and len(flat.split()) <= 14 and not _REFERS.search(flat):
                    kind = "as_of"
                if (kind == "date" and not every_date) or (kind == "letter_date" and not _heads_letter(line.text, found)):
                    continue
                if kind in ("week", "as_of") and (EARLIER.search(flat) or "so voi" in flat):
                    continue
                if kind == "as_of" and (_REFERS.search(flat[:60]) or PLANNED.search(flat) or _DEADLINE.search(flat)):
                    continue
                hints.append(PeriodHint(kind=kind, evidence=self.evidence(line, kind), period=found.period, day=found.day))
        return hints

    def unit_mentions(self, chosen: FigureSet) -> Iterable[UnitMention]:
        if self.head.lines:
            evidence = Evidence(document=self.document.path, place=self.head.place, raw=" / ".join(self.head.lines), method="letterhead")
            yield UnitMention(text="\n".join(self.head.lines), role="letterhead", evidence=evidence)
        for line in self.lines[: HEAD_LINES * 2]:
            named = _UNIT_LINE.match(line.text)
            if named is not None and len(named[1].split()) > 1:
                yield UnitMention(text=named[1].strip(), role="speaker", evidence=self.evidence(line, "speaker"))
        for line in chosen.lead[-1:]:
            body = governed_by(line.text) if re.search(r":\s*$", line.text) or _SHORT_LEAD.match(fold(line.text)) else None
            if body is not None:
                yield UnitMention(text=body, role="speaker", evidence=self.evidence(line, "speaker"))
        for role, lines in (("table", chosen.context), ("part", chosen.parts[:_MAX_MENTIONS]), ("speaker", chosen.speakers)):
            for line in lines:
                if not find_dates(line.text, year=self.year):
                    yield UnitMention(text=line.text, role=role, evidence=self.evidence(line, role))
        for line in self._titles_of_bodies(chosen):
            yield UnitMention(text=line.text, role="title", evidence=self.evidence(line, "title"))
        if self.section.title:
            yield UnitMention(
                text=self.section.title,
                role="sheet",
                evidence=Evidence(document=self.document.path, place="", raw=self.section.title, method="sheet"),
            )
        count = 0
        for line in self.lines:
            flat = fold(line.text)
            if END_OF_LETTER.match(flat):
                break
            addressed = bool(_ADDRESSEE.match(flat))
            if (addressed or line.cell is not None or not _BODY.search(flat)) and not (addressed and re.search(r"[.!]", line.text)):
                continue
            count += 1
            if count > _MAX_MENTIONS:
                break
            yield UnitMention(text=line.text, role="text", evidence=self.evidence(line, "text"))

    def _titles_of_bodies(self, chosen: FigureSet) -> Iterator[Line]:
        """The lines that say whose the figures are: titles, a name alone above them, and who signs."""
        for line in self.lines[:HEAD_LINES]:
            short = line.text.strip() not in self.head.lines and len(line.text.split()) < 25
            if short and self._is_title(line) and _TITLE.match(fold(line.text)):
                yield line
        for line in (*chosen.lead[-1:], *self.lines):
            signs = _SIGNS.match(fold(line.text))
            if (signs or line in chosen.lead) and line.cell is None and len(line.text.split()) <= 12:
                named = bodies_in(line.text)
                if named and (signs or line.text.strip(" .:–-").startswith(named[0])):
                    yield line

    def evidence(self, line: Line, method: str) -> Evidence:
        return Evidence(
            document=self.document.path, place=line.place, raw=line.text.strip()[:300], method=method, confidence=line.confidence
        )


def _alone_in_row(table: Table) -> Iterator[Cell]:
    """The cells that share their row with no other text."""
    rows: dict[int, list[Cell]] = {}
    for cell in table.cells:
        if cell.text.strip():
            rows.setdefault(cell.row, []).append(cell)
    return (cells[0] for cells in rows.values() if len(cells) == 1)


def _heads_letter(text: str, found: FoundDate) -> bool:
    """A letter's own date follows its place ('Đông Hà, ngày …') or stands alone; others are quoted from other letters."""
    before = fold(text[: found.start])
    return len(before) <= 40 and not _REFERS.search(before) and not re.search(r"\bso\b.*\d", before) and len(fold(text[found.end :])) <= 12
