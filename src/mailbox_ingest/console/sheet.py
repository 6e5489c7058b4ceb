"""A held report as a sheet to fill in: what was read, where, what stands and what came before; and what the clerk typed, read back.

Refuses in Vietnamese what the house would refuse in English; the house refuses it all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from mailbox_ingest.app.showing import numbered_evidence
from mailbox_ingest.config import FormConfig
from mailbox_ingest.model import Evidence, Finding, StoredReport, Unit
from mailbox_ingest.periods import Period
from mailbox_ingest.render import wording
from mailbox_ingest.review import HeldMessage, HeldReport
from mailbox_ingest.vietnamese.fold import fold

_DIGITS = re.compile(r"\d+|\d{1,3}(?:[. ]\d{3})+")
_BETWEEN = " – "
_WEEKS_BACK = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure. `typed` is what stands in the box; `read` what was read; `marks` number its evidence in the documents."""

    name: str
    title: str
    unit: str
    typed: str
    read: int | None
    pieces: tuple[Evidence, ...]
    marks: tuple[int, ...]
    doubtful: bool
    previous: int | None
    current: int | None
    optional: bool

    @property
    def best(self) -> Evidence | None:
        return self.pieces[0] if self.pieces else None

    @property
    def change(self) -> str:
        """Against the week before: '+120 (+2,9%)'."""
        return "" if self.read is None or self.previous is None else wording.change(self.read, self.previous)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """`report` is None where nothing was read. `unit` is what stands in the box.

    `offered` is a unit to put there by a click: were it there by itself, what is merged or typed would count for a unit nobody chose.
    """

    report: int | None
    form: FormConfig
    unit: str
    unit_read: str | None
    period: str
    period_read: Period | None
    periods: tuple[Period, ...]
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    current: StoredReport | None
    previous: StoredReport | None
    newer: bool
    offered: str = ""

    @property
    def told(self) -> tuple[Finding, ...]:
        """The findings worth a line each: that a figure is not sure is said above, and its row is marked."""
        marked = {row.name for row in self.rows if row.doubtful}
        return tuple(item for item in self.findings if not (item.code == "low_confidence" and item.field in marked))


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What the clerk wants, as the house takes it. `problems` are Vietnamese; with any of them nothing is done.

    `unclear` are those of them about what was typed or emptied, not about what is still missing: another mail may give that.
    """

    unit: str | None = None
    period: Period | None = None
    values: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()


def sheets_of(
    held: HeldMessage,
    forms: tuple[FormConfig, ...],
    units: Mapping[str, Unit],
    arrived_at: datetime,
    *,
    wanted: str = "",
    sender: Unit | None = None,
) -> tuple[Sheet, ...]:
    """One a held report; where nothing was read one empty sheet, of the form that is wanted or else the first, `sender` offered."""
    marks = _marks(held)
    if not held.held:
        return (_blank(next((form for form in forms if form.name == wanted), forms[0]), arrived_at, sender),)
    known = {form.name: form for form in forms}
    return tuple(_sheet(item, known[item.details.form], units, marks, arrived_at) for item in held.held if item.details.form in known)


def retyped(sheet: Sheet, form: Mapping[str, str]) -> Sheet:
    """The sheet with what the clerk had typed, after it was refused."""
    rows = tuple(replace(row, typed=form.get(f"v-{row.name}", row.typed)[:40]) for row in sheet.rows)
    return replace(sheet, rows=rows, unit=form.get("don-vi", sheet.unit)[:300], period=form.get("tuan", sheet.period)[:20])


def typed_in(sheet: Sheet, form: Mapping[str, str], units: Iterable[Unit], *, now: datetime) -> Typed:
    """Reads the boxes back."""
    problems: list[str] = []
    unclear: list[str] = []
    unit = unit_named(form.get("don-vi", ""), units)
    if unit is None:
        told = "Chưa chọn đơn vị, hoặc không có đơn vị nào tên như vậy."
        (unclear if form.get("don-vi", "").strip() else problems).append(told)
    try:
        period = Period.parse(form.get("tuan", ""))
        if period > Period.at(now):
            problems.append("Tuần này chưa bắt đầu.")
    except ValueError:
        period = None
        problems.append("Chưa chọn tuần báo cáo.")
    values: dict[str, int] = {}
    for row in sheet.rows:
        text = form.get(f"v-{row.name}", "").strip().replace("\u00a0", " ")
        if _DIGITS.fullmatch(text):
            values[row.name] = int(re.sub(r"\D", "", text))
        elif text:
            unclear.append(f"“{row.title}”: “{text[:40]}” không phải là số nguyên không âm.")
        elif row.read is not None:
            unclear.append(f"Còn thiếu số: “{row.title}”. Không thể bỏ trống số đã đọc được: hãy nhập số đúng, hoặc trả lại người gửi.")
        elif not row.optional:
            problems.append(f"Còn thiếu số: “{row.title}”.")
    problems = [*unclear, *problems, *_broken(sheet.form, values)]
    return Typed(unit=unit, period=period, values=values, problems=tuple(problems), unclear=tuple(unclear))


def unit_named(text: str, units: Iterable[Unit]) -> str | None:
    """The code of the unit that a box names: by code, as 'name – code', or by a name that only one unit has."""
    text = text.strip()
    code = text.rpartition(_BETWEEN)[2] if _BETWEEN in text else text
    found = [unit for unit in units if unit.code in (code, text)]
    if not found:
        wanted = fold(text)
        found = [unit for unit in units if wanted and wanted in {fold(unit.name), *(fold(alias) for alias in unit.aliases)}]
    return found[0].code if len(found) == 1 else None


def unit_text(unit: Unit) -> str:
    return f"{unit.name}{_BETWEEN}{unit.code}"


def _broken(form: FormConfig, values: Mapping[str, int]) -> Iterable[str]:
    for item in form.fields:
        value = values.get(item.name)
        whole = values.get(item.part_of) if item.part_of else None
        if value is not None and value > form.rules.max_value:
            yield f"“{item.title}” lớn hơn mức cho phép ({wording.count(form.rules.max_value)})."
        if value is not None and whole is not None and item.part_of and value > whole:
            yield f"“{item.title}” ({wording.count(value)}) lớn hơn “{form.field(item.part_of).title}” ({wording.count(whole)})."


def _marks(held: HeldMessage) -> dict[int, list[int]]:
    """Numbers of the evidence by the identity of each piece."""
    found: dict[int, list[int]] = {}
    for number, piece in numbered_evidence(held.details):
        found.setdefault(id(piece), []).append(number)
    return found


def _sheet(item: HeldReport, form: FormConfig, units: Mapping[str, Unit], marks: Mapping[int, list[int]], arrived_at: datetime) -> Sheet:
    report = item.details
    unit = units.get(report.unit) if report.unit else None
    doubtful = {finding.field for finding in report.findings if finding.field and finding.severity.value != "info"}
    previous, current = item.previous or report.previous, item.current
    rows = tuple(
        Row(
            name=each.name,
            title=each.title,
            unit=each.unit,
            typed="" if report.values.get(each.name) is None else str(report.values[each.name]),
            read=report.values.get(each.name),
            pieces=report.evidence.get(each.name, ()),
            marks=tuple(number for piece in report.evidence.get(each.name, ()) for number in marks.get(id(piece), ())),
            doubtful=each.name in doubtful,
            previous=None if previous is None else previous.values.get(each.name),
            current=None if current is None else current.values.get(each.name),
            optional=each.optional,
        )
        for each in form.fields
    )
    return Sheet(
        report=report.id,
        form=form,
        unit="" if unit is None else unit_text(unit),
        unit_read=report.unit,
        period="" if report.period is None else str(report.period),
        period_read=report.period,
        periods=_periods(report.period, arrived_at),
        rows=rows,
        findings=report.findings,
        current=current,
        previous=previous,
        newer=current is not None and current.arrived_at > arrived_at,
    )


def _blank(form: FormConfig, arrived_at: datetime, sender: Unit | None) -> Sheet:
    rows = tuple(
        Row(
            name=each.name, title=each.title, unit=each.unit, typed="", read=None, pieces=(), marks=(), doubtful=False,
            previous=None, current=None, optional=each.optional,
        )
        for each in form.fields
    )  # fmt: skip
    return Sheet(
        report=None, form=form, unit="", unit_read=None, period="", period_read=None, periods=_periods(None, arrived_at), rows=rows,
        findings=(), current=None, previous=None, newer=False, offered="" if sender is None else unit_text(sender),
    )  # fmt: skip


def _periods(read: Period | None, arrived_at: datetime) -> tuple[Period, ...]:
    """Weeks to choose from, latest first: those up to the mail's arrival, and the one that was read."""
    last = Period.at(arrived_at)
    near = {last.shifted(-back) for back in range(_WEEKS_BACK)} | ({read} if read is not None else set())
    return tuple(sorted(near, reverse=True))
