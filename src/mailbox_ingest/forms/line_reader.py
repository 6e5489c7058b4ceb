"""One line of running text -> its figures: which field a clause names, before or after its number, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from mailbox_ingest.config import FormConfig
from mailbox_ingest.forms.clauses import LIST_MARK, PLANNED, REASON, blank_out, clauses, prepare, take_ratios
from mailbox_ingest.forms.clear_figures import is_clear
from mailbox_ingest.forms.dates import plain
from mailbox_ingest.forms.labels import Label, LabelReader
from mailbox_ingest.forms.leads import announces, lead_is_known, only_says_whose, speaker
from mailbox_ingest.forms.numbers import NUMBER, Percent, find_percents, parse_count, parse_digits
from mailbox_ingest.forms.remainders import remainder_of
from mailbox_ingest.forms.tabular import Line
from mailbox_ingest.model import Evidence, FieldReading, StatedPercentage, StatedRemainder
from mailbox_ingest.vietnamese.fold import fold

_BOUND = re.compile(r"[:=]\s*$|\bla\s*$")
_UNIT = re.compile(r"^\s*(?:nguoi|dong chi|d/c|doan vien|dv|nld|may|truong hop)\b")
INTRO = re.compile(r"^(ket qua|bao cao|so lieu|noi dung|tinh hinh|kinh gui|viec|ve viec|cu the|trong do)\b")


@dataclass(frozen=True, slots=True)
class Prose:
    """What running text says: every value found (several for one field where the text repeats itself), the stated percentages, and the
    bodies that the figures are said of."""

    values: tuple[FieldReading, ...] = ()
    percentages: tuple[StatedPercentage, ...] = ()
    remainders: tuple[StatedRemainder, ...] = ()
    speakers: tuple[Line, ...] = ()
    ambiguous: bool = False


@dataclass(slots=True)
class LineReader:
    """One line under reading; `last` is the field spoken of last: 'đạt 78,8%' belongs to it."""

    line: Line
    form: FormConfig
    labels: LabelReader
    document: str = field(kw_only=True)
    year: int = field(kw_only=True)
    reader: str = field(kw_only=True)
    method: str = field(kw_only=True)
    last: str | None = None
    ambiguous: bool = False
    announced: bool = True  # what stood before a colon only announced figures
    values: list[FieldReading] = field(default_factory=list)
    percentages: list[StatedPercentage] = field(default_factory=list)
    remainders: list[StatedRemainder] = field(default_factory=list)
    speakers: list[Line] = field(default_factory=list)

    @property
    def fuzzy(self) -> bool:
        return self.line.confidence < 1.0

    def read(self) -> Prose:
        text = prepare(self.line.text, year=self.year)
        for start, end in clauses(text):
            self._clause(text[start:end], start)
        self._confirm_wholes()
        return Prose(tuple(self.values), tuple(self.percentages), tuple(self.remainders), tuple(self.speakers), self.ambiguous)

    def _clause(self, clause: str, start: int) -> None:
        percents = find_percents(clause)
        bare = blank_out(clause, [(p.start, p.end) for p in percents])
        bare, ratios = take_ratios(bare)
        said_by = speaker(bare)
        if said_by is not None:
            text = self.line.text[start + said_by[0] : start + said_by[1]]
            bare = blank_out(bare, [said_by])
        numbers = [(m.start(), m.end()) for m in NUMBER.finditer(bare)]
        before = len(self.values)
        if len(numbers) == 1:
            self._single(bare, numbers[0], start, ratios)
        elif numbers:
            self._several(bare, numbers, start, ratios)
        elif not percents:
            self._blank(bare, start)
            if bare.rstrip().endswith(":"):
                self.announced = self.announced and lead_is_known(self.line.text[start : start + len(clause)], self.labels, year=self.year)
        if said_by is not None and len(self.values) > before:
            self.speakers.append(Line(text, self.line.place, self.line.confidence, self.line.cell))
        for percent in percents:
            self._percent(clause, percent, start, alone=not numbers)

    # ------------------------------------------------------------ one number

    def _single(self, clause: str, at: tuple[int, int], start: int, ratios: dict[int, int]) -> None:
        before, after = clause[: at[0]], clause[at[1] :]
        # 'báo cáo kết quả cài đặt như sau: Tổng số đoàn viên: 544': what stands nearest to the number names it.
        cut_known = True
        inner = before.rstrip(" :=").rfind(":")
        if inner >= 0 and self._label(f"{before[inner + 1 :]} {after}") is not None:
            cut_known = self._govern(before[:inner], start)
            before = before[inner + 1 :]
        elif self._only_announced(before, after):
            # 'LĐLĐ huyện X báo cáo: 612 đoàn viên'
            cut_known = self._govern(before.rstrip(" :="), start)
            before = ""
        left, right, whole = self._label(before), self._label(after), self._label(f"{before} {after}")
        named: Label | None
        if left is not None and _BOUND.search(plain(before)):
            # '… thông minh: 118 ĐV': the unit behind the figure names nothing.
            right = self._label(_UNIT.sub("", plain(after)))
            if right is not None and right.field != left.field:
                self.ambiguous = True
                return
            named = left
        elif whole is not None:
            named = whole
        elif left is not None and right is not None and left.field != right.field:
            self.ambiguous = True
            return
        else:
            named = left or right
        if named is None:
            self._rest(before, after, clause, at, start)
            if self.values and not fold(_UNIT.sub("", plain(f"{before}{after}"))):
                # '… : 4317, 4324': a second number that nothing names puts the first in doubt.
                self.values[-1] = replace(self.values[-1], certain=False)
            return
        sure = cut_known and self.labels.explains(f"{before} {after}", fuzzy=self.fuzzy)
        if not sure and self.form.field(named.field).part_of is None and REASON.search(plain(clause)):
            return  # 'một số đoàn viên dùng máy đời cũ (khoảng 10 máy)' tells no total
        self._take(named.field, clause, at, start, ratios, sure=sure, label=before if left is not None else after)
        total = ratios.get(at[0])
        part_of = self.form.field(named.field).part_of
        if total is not None and part_of is not None:
            evidence = self._evidence(start, start + len(clause), "ratio", label=before)
            self.values.append(FieldReading(field=part_of, value=total, evidence=replace(evidence, confidence=0.5), certain=False))

    def _only_announced(self, before: str, after: str) -> bool:
        """Whether the words up to a colon right before the number announce it, and those behind it name it."""
        if not before.rstrip().endswith(":") or self._label(before) is not None or self._label(after) is None:
            return False
        return only_says_whose(before) and not self.labels.explains(f"{before} {after}", fuzzy=self.fuzzy)

    def _rest(self, before: str, after: str, clause: str, at: tuple[int, int], start: int) -> None:
        rest = remainder_of(f"{before} {after}", self.labels, fuzzy=self.fuzzy)
        count = parse_digits(clause[at[0] : at[1]])
        if rest is not None and count is not None and self.form.field(rest[0]).part_of is not None:
            evidence = self._evidence(start, start + len(clause), "remainder", label=before)
            self.remainders.append(StatedRemainder(field=rest[0], count=count, exact=rest[1], evidence=evidence))

    # ------------------------------------------------------------ several numbers

    def _several(self, clause: str, numbers: list[tuple[int, int]], start: int, ratios: dict[int, int]) -> None:
        """Each number with its field, when labels all stand before their numbers or all behind them; otherwise nothing is clear."""
        edges = [0, *(e for _, e in numbers)]
        stops = [*(n[0] for n in numbers[1:]), len(clause)]
        ahead = [clause[edges[i] : n[0]] for i, n in enumerate(numbers)]
        behind = [clause[n[1] : stops[i]] for i, n in enumerate(numbers)]
        cut_known = True
        inner = ahead[0].rstrip(" :=").rfind(":")
        if inner >= 0:
            cut_known = self._govern(ahead[0][:inner], start)
            ahead[0] = ahead[0][inner + 1 :]
        first, second = self._fields(ahead), self._fields(behind)
        if (first is None) == (second is None):
            # Both, or neither: with both, they pair the numbers differently, and nobody can say which is meant.
            self.ambiguous = self.ambiguous or bool(self.labels.read_all(clause, fuzzy=self.fuzzy))
            return
        texts = ahead if first is not None else behind
        lead_known = first is not None or self.labels.explains(ahead[0], fuzzy=self.fuzzy)
        tail_known = second is not None or self.labels.explains(behind[-1], fuzzy=self.fuzzy)
        for at, name, text in zip(numbers, first or second or [], texts, strict=True):
            sure = cut_known and lead_known and tail_known and self.labels.explains(text, fuzzy=self.fuzzy)
            self._take(name, clause, at, start, ratios, sure=sure, label=text)

    def _fields(self, texts: Sequence[str]) -> list[str] | None:
        names = [label.field for text in texts if (label := self._label(text)) is not None]
        return names if len(names) == len(texts) == len(set(names)) else None

    # ------------------------------------------------------------ no number

    def _blank(self, clause: str, start: int) -> None:
        """'Đã cài đặt: ......' is a field left blank; 'báo cáo kết quả cài đặt:' is an introduction."""
        parts = re.match(r"([^:=]*)[:=](.*)$", clause, re.DOTALL)
        if parts is None:
            return
        named = self._label(parts[1])
        if named is None or not named.explained or INTRO.match(fold(LIST_MARK.sub("", parts[1]))):
            return
        count = parse_count(parts[2])
        if count.value is not None or count.problem is None:
            return
        if count.problem == "missing_value" and not re.search(r"[.…_]{2,}|…", self.line.text) and not LIST_MARK.match(self.line.text):
            return
        self.last = named.field
        evidence = self._evidence(start, start + len(clause), self.method, label=parts[1])
        self.values.append(FieldReading(field=named.field, value=None, problem=count.problem, evidence=evidence))

    # ------------------------------------------------------------ pieces

    def _confirm_wholes(self) -> None:
        """'41/43 máy …, đạt 95,3%': the whole of a fraction counts where its noun says what it is and the share agrees."""
        shares = {p.field: p.percent for p in self.percentages}
        for at, whole in enumerate(self.values):
            part = self.values[at - 1] if at else None
            if whole.evidence.method != "ratio" or part is None or not part.certain or not part.value or not whole.value:
                continue
            noun = re.search(r"\d\s?/\s?[\d.]+\s+(.*)$", plain(whole.evidence.raw), re.DOTALL)
            known = noun is not None and (label := self._label(noun[1])) is not None and label.field == whole.field
            stated = shares.get(part.field)
            if known and stated is not None and abs(stated - Decimal(100 * part.value) / whole.value) < Decimal("0.1"):
                sure = replace(whole.evidence, method="fraction", confidence=self.line.confidence)
                self.values[at] = replace(whole, evidence=sure, certain=True)

    def _govern(self, lead: str, start: int) -> bool:
        """Notes the body that the words before a colon speak of; whether those words only announce the figure."""
        text = self.line.text[start : start + len(lead)]
        known, body = announces(text, self.labels, year=self.year)
        if body is not None:
            self.speakers.append(Line(body, self.line.place, self.line.confidence, self.line.cell))
        return known

    def _label(self, text: str) -> Label | None:
        return self.labels.read(text, fuzzy=self.fuzzy)

    def _take(self, name: str, clause: str, at: tuple[int, int], start: int, ratios: dict[int, int], *, sure: bool, label: str) -> None:
        self.last = name
        evidence = self._evidence(start, start + len(clause), self.method, label=label)
        if re.search(r"[:=(]\s*[-−]\s?$", plain(clause[: at[0]])):
            self.values.append(FieldReading(field=name, value=None, problem="negative_value", evidence=evidence, certain=sure))
            return
        value = parse_digits(clause[at[0] : at[1]])
        if value is None:
            self.values.append(FieldReading(field=name, value=None, problem="not_a_number", evidence=evidence, certain=sure))
            return
        whole = ratios.get(at[0])
        clear = is_clear(self.line.text, clause, at, start, self.labels, year=self.year, fuzzy=self.fuzzy)
        # '10215/10300 đoàn viên': of what, when the members are the whole?
        clear = clear and (whole is None or (value <= whole and self.form.field(name).part_of is not None))
        sure = sure and clear and self.announced
        self.values.append(FieldReading(field=name, value=value, evidence=evidence, certain=sure))

    def _percent(self, clause: str, percent: Percent, start: int, *, alone: bool) -> None:
        """A percentage belongs to the field its own words name, else to the one spoken of last."""
        if PLANNED.search(fold(clause)):
            return
        own = self.labels.read(clause[: percent.start], ignore_percent_words=True, fuzzy=self.fuzzy) if alone else None
        name = own.field if own is not None else self.last
        if name is None or self.form.field(name).part_of is None:
            return
        base = self._label(clause[percent.end :])
        of = base.field if base is not None and base.field in self._wholes(name) else None
        evidence = self._evidence(start, start + len(clause), "percent")
        self.percentages.append(StatedPercentage(field=name, percent=percent.value, decimals=percent.decimals, of=of, evidence=evidence))

    def _wholes(self, name: str) -> list[str]:
        found: list[str] = []
        part_of = self.form.field(name).part_of
        while part_of is not None and part_of not in found:
            found.append(part_of)
            part_of = self.form.field(part_of).part_of
        return found

    def _evidence(self, start: int, end: int, method: str, *, label: str = "") -> Evidence:
        return Evidence(
            document=self.document,
            place=self.line.place,
            raw=self.line.text[max(0, start) : end].strip(),
            method=method,
            confidence=self.line.confidence,
            box=self.line.cell.box if self.line.cell else None,
            reader=self.reader,
            label=" ".join(label.split())[:200],
        )
