"""What a letter to a sender says, ready to be printed: every number already worded. Decides what may be told to whom; holds no layout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from mailbox_ingest.config import FormConfig, OrganisationConfig
from mailbox_ingest.model import TAKEN, DocumentFailure, Evidence, Finding, JudgedReport, ReportStatus, Severity, Unit
from mailbox_ingest.render import wording
from mailbox_ingest.render.letters import advice
from mailbox_ingest.rollup.weekly import due_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueLine:
    """One figure or rate; `change` is None where nothing is compared, `value` is None where nothing could be read."""

    title: str
    value: str | None
    change: str | None = None
    rate: bool = False
    wrong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something to mend, to answer or to know. `source` says where in the document it stands."""

    message: str
    advice: str = ""
    about: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPart:
    """One report of the mail. `state`: 'accepted', 'rejected', 'received' (a person looks) or 'duplicate'.

    `typed` are the titles of figures that a person here entered or mended: their sender must hear of it.
    """

    state: str
    title: str
    unit: str
    week: str
    lines: tuple[ValueLine, ...]
    compared_with: str
    timeliness: str
    late: bool
    replaces: bool
    errors: tuple[Remark, ...]
    questions: tuple[Remark, ...]
    notes: tuple[Remark, ...]
    typed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterContext:
    """All that the templates of a reply or a decision may name."""

    subject: str
    organisation: OrganisationConfig
    greeting: str
    arrived: str
    form_title: str
    legal_basis: str
    asked: tuple[str, ...]  # titles of the figures that a report must have
    correction_word: str
    reports: tuple[ReportPart, ...] = ()
    errors: tuple[Remark, ...] = ()
    questions: tuple[Remark, ...] = ()
    notes: tuple[Remark, ...] = ()
    failures: tuple[Remark, ...] = ()
    next_due: str = ""
    reason: str = ""

    @property
    def has_questions(self) -> bool:
        return bool(self.questions) or any(part.questions for part in self.reports)

    @property
    def rejects_something(self) -> bool:
        return any(part.state == "rejected" for part in self.reports)

    @property
    def asks_for_help(self) -> bool:
        """A held mail whose sender could speed things up."""
        return bool(self.failures) or any(part.errors or part.questions for part in self.reports)


_STATES = {
    ReportStatus.REJECTED: "rejected",
    ReportStatus.NEEDS_REVIEW: "received",
    ReportStatus.DUPLICATE: "duplicate",
    ReportStatus.SUPERSEDED: "overtaken",
}


def report_part(
    report: JudgedReport, *, form: FormConfig, units: Mapping[str, Unit], arrived_at: datetime, sender: str | None, trusted: bool
) -> ReportPart:
    """One report in words. Only an address that is registered for the unit (`trusted`) hears what was known of that unit before."""
    unit = units.get(report.unit) if report.unit else None
    own = trusted and unit is not None and sender in unit.emails
    state = "accepted" if report.status in TAKEN else _STATES.get(report.status, "received")
    findings = [f for f in report.findings if f.code not in advice.SAID_ELSEWHERE and (own or f.code not in advice.CONFIDENTIAL)]
    if state == "received":
        findings = [f for f in findings if own and _about_the_document(f, form)]
    wrong = {f.field for f in findings if f.severity is Severity.ERROR and f.field}
    previous = report.previous if own and state == "accepted" else None
    shown = state in {"accepted", "rejected", "overtaken"} or (state == "duplicate" and own)
    lines = _lines(report, form, previous.values if previous else None, wrong) if shown else ()
    remarks = {
        severity: tuple(_remark(f, form, report.evidence, held=state == "received") for f in findings if _weight(f) is severity)
        for severity in Severity
    }
    return ReportPart(
        state=state,
        title=form.title,
        unit=unit.name if unit is not None and state != "received" else "",
        week=wording.week(report.period) if report.period and state != "received" else "",
        lines=lines,
        compared_with=wording.short_week(previous.period) if previous else "",
        timeliness=_timeliness(report, state, arrived_at),
        late=state == "accepted" and report.on_time is False,
        replaces=own and state == "accepted" and (report.supersedes is not None or any(f.code == "supersedes" for f in report.findings)),
        errors=remarks[Severity.ERROR],
        questions=remarks[Severity.WARNING],
        notes=remarks[Severity.INFO],
        typed=_typed(report, form) if state == "accepted" else (),
    )


def _typed(report: JudgedReport, form: FormConfig) -> tuple[str, ...]:
    entered = {name for name, pieces in report.evidence.items() if pieces and pieces[0].method == "human"}
    return tuple(field.title for field in form.fields if field.name in entered)


def message_remarks(findings: Iterable[Finding], *, form: FormConfig | None, severity: Severity, trusted: bool) -> tuple[Remark, ...]:
    """The findings on the mail as a whole; those about files are left to `failure_remarks`."""
    hidden = advice.SAID_ELSEWHERE | advice.FILE_CODES | (frozenset() if trusted else advice.CONFIDENTIAL)
    return tuple(_remark(f, form, {}) for f in findings if _weight(f) is severity and f.code not in hidden)


def failure_remarks(failures: Iterable[DocumentFailure], findings: Iterable[Finding], *, accepted: bool) -> tuple[Remark, ...]:
    """The files that could not be read, each with what to do. Beside an accepted report, a file of an unknown kind is not worth a word."""
    told = tuple(
        Remark(about=wording.one_line(f.path, 100), message=advice.failed(f), advice=advice.send_again(f))
        for f in failures
        if not (accepted and f.code == "unsupported")
    )
    if told or accepted:
        return told
    return tuple(_remark(f, None, {}, held=True) for f in findings if f.code in advice.FILE_CODES)


def next_due(form: FormConfig, reports: Iterable[JudgedReport]) -> str:
    """'tuần 35 (…), hạn 17:00 thứ Sáu, 28/8/2020' after the latest accepted week; '' where there is none."""
    weeks = [r.period for r in reports if r.period is not None and r.form == form.name and r.status in TAKEN]
    if not weeks:
        return ""
    coming = max(weeks).shifted(1)
    return f"{wording.week(coming)}, hạn {wording.moment(due_of(form, coming))}"


def _weight(finding: Finding) -> Severity:
    """How a letter shows a finding: as something to mend, a question or a note."""
    return Severity.INFO if finding.code in advice.NOTES else finding.severity


def _about_the_document(finding: Finding, form: FormConfig) -> bool:
    return finding.code in advice.ABOUT_THE_DOCUMENT or finding.code in {f.part_code for f in form.fields if f.part_of}


def _lines(report: JudgedReport, form: FormConfig, before: Mapping[str, int] | None, wrong: set[str]) -> tuple[ValueLine, ...]:
    figures = []
    for item in form.fields:
        value = report.values.get(item.name)
        if value is None and item.optional:
            continue
        earlier = before.get(item.name) if before is not None else None
        moved = wording.change(value, earlier) if value is not None and earlier is not None else None
        figures.append(
            ValueLine(title=item.title, value=None if value is None else wording.count(value), change=moved, wrong=item.name in wrong)
        )
    if report.status is ReportStatus.REJECTED:
        return tuple(figures)  # a rate of figures that are not to be believed would only confuse
    for rate in form.rates:
        now = _rate(report.values, rate.numerator, rate.denominator)
        if now is None:
            continue
        then = _rate(before, rate.numerator, rate.denominator) if before is not None else None
        figures.append(
            ValueLine(title=rate.title, value=wording.percent(now), change=None if then is None else wording.points(now - then), rate=True)
        )
    return tuple(figures)


def _rate(values: Mapping[str, int], numerator: str, denominator: str) -> Decimal | None:
    if numerator not in values or denominator not in values:
        return None
    return wording.ratio_percent(values[numerator], values[denominator])


def _timeliness(report: JudgedReport, state: str, arrived_at: datetime) -> str:
    if report.due_at is None or state in {"received", "duplicate"}:
        return ""
    due = wording.moment(report.due_at)
    if state == "rejected":
        passed = arrived_at > report.due_at
        return f"Hạn báo cáo là {due}; báo cáo gửi sau hạn vẫn được tiếp nhận." if passed else f"Hạn báo cáo là {due}."
    if report.on_time is None:
        return ""
    if report.on_time:
        return f"Đúng hạn (hạn: {due})."
    by = arrived_at - report.due_at
    return f"Muộn {wording.delay(by)} so với hạn ({due})." if by.total_seconds() > 0 else f"Muộn so với hạn ({due})."


def _remark(finding: Finding, form: FormConfig | None, evidence: Mapping[str, tuple[Evidence, ...]], *, held: bool = False) -> Remark:
    """A finding in words; what its own message already says is not said twice. In a held mail advice helps more than a question."""
    message = wording.sentence(finding.message)
    title = ""
    if form is not None and finding.field is not None:
        title = next((f.title for f in form.fields if f.name == finding.field), "")
    source = finding.evidence
    if source is None and finding.field is not None and finding.code in {"not_a_number", "negative_value"}:
        source = next(iter(evidence.get(finding.field, ())), None)
    hint, asked = "", "đề nghị" in message.lower()
    weight = _weight(finding)
    if weight is Severity.WARNING and not held:
        hint = "" if asked and finding.code not in advice.QUESTIONS else advice.ask(finding)
    elif weight is not Severity.INFO and not asked:
        hint = advice.mend(finding, form)
    return Remark(message=message, advice=hint, about="" if title in message else title, source=_source(source, message))


def _source(evidence: Evidence | None, message: str) -> str:
    if evidence is None:
        return ""
    place = ", ".join(part for part in (wording.one_line(evidence.document, 80), wording.one_line(evidence.place, 60)) if part)
    raw = wording.one_line(evidence.raw, 60)
    return f"{place}: “{raw}”" if raw and raw.removesuffix("…") not in message else place
