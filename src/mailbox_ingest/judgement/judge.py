"""Case -> Verdict: admission, whose and when, witnesses, rules, corrections. The first promise stands here: what is doubtful is held.

claims ── unit ── period ──▶ groups of witnesses ── merge ── rules ──▶ reports ──▶ outcome
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mailbox_ingest import calendars
from mailbox_ingest.config import CalendarConfig
from mailbox_ingest.judgement import findings as say
from mailbox_ingest.judgement.case import BODY_PATH, Case, Claim
from mailbox_ingest.judgement.checks import Check, check_change, check_fields, check_parts, check_percentages, check_remainders
from mailbox_ingest.judgement.identity import UnitDecision, decide_unit
from mailbox_ingest.judgement.period import PeriodDecision, decide_period
from mailbox_ingest.model import (
    TAKEN,
    AuthResult,
    Evidence,
    FieldReading,
    Finding,
    JudgedReport,
    Outcome,
    ReportStatus,
    Severity,
    StatedPercentage,
    StoredReport,
    Verdict,
)
from mailbox_ingest.periods import Period

# Machines whose mails never hold a report of their own, whatever is attached: they carry back what we or others sent.
_NEVER = frozenset(("own", "bounce", "receipt", "calendar"))


def judge(case: Case) -> Verdict:
    """The verdict on one message."""
    if case.automatic in _NEVER:
        return _verdict(case, Outcome.IGNORED, reason=f"automatic mail: {case.automatic}")
    claims = [c for c in case.claims if c.reading.fields]
    if case.automatic is not None:
        # A machine's own words are no report; a form that it carries may be one.
        claims = [c for c in claims if not c.reading.document.startswith(BODY_PATH) and c.clues.issuer is not None and not c.reading.blank]
        if not claims:
            return _verdict(case, Outcome.IGNORED, reason=f"automatic mail: {case.automatic}")
    filled = [c for c in claims if not c.reading.blank]
    claims = filled or claims[:1]
    mail_findings, hold_all = _mail_findings(case, claims)
    if not claims:
        return _without_report(case, mail_findings)
    reports = [_judge_group(case, group, hold_all=hold_all) for group in _groups(case, claims)]
    return _verdict(case, _outcome(reports), tuple(reports), tuple(mail_findings), reason=_reason(reports, mail_findings))


# ---------------------------------------------------------------- the mail as a whole


def _mail_findings(case: Case, claims: Sequence[Claim]) -> tuple[list[Finding], bool]:
    """What is to be said of the mail itself, and whether it holds every report in it."""
    findings: list[Finding] = []
    hold = False
    if case.authentication is AuthResult.FAIL or case.unproven:
        findings.append(say.unauthenticated())
        hold = True
    for failure in case.failures:
        findings.append(say.document_failure(failure.code, failure.path))
        # A file nobody read may contradict the one that was.
        hold = True
    for words in case.doubts:
        findings.append(say.stated_doubt(words))
        hold = True
    if case.truncated:
        findings.append(say.document_failure("too_large", "toàn bộ thư"))
        hold = True
    if claims:
        for path in case.unread_scans:
            findings.append(say.scan_unread(path))
            hold = True
    return findings, hold


def _without_report(case: Case, findings: list[Finding]) -> Verdict:
    if case.authentication is AuthResult.FAIL:
        return _verdict(case, Outcome.NEEDS_REVIEW, findings=tuple(findings), reason="authentication failed")
    if case.unread_scans:
        findings += [say.scan_unread(path) for path in case.unread_scans]
        return _verdict(case, Outcome.NEEDS_REVIEW, findings=tuple(findings), reason="a scan without readable figures")
    if case.failures:
        # The sender can mend a file; a picture that we cannot read may be plain to a person.
        if case.registered and not any(f.code == "unsupported" or _is_picture(f.path) for f in case.failures):
            return _verdict(case, Outcome.REJECTED, findings=tuple(findings), reason="no readable document")
        return _verdict(case, Outcome.NEEDS_REVIEW, findings=tuple(findings), reason="a document that cannot be read")
    return _verdict(case, Outcome.NEEDS_REVIEW, findings=(say.no_report(),), reason="no report found")


def _is_picture(path: str) -> bool:
    return path.lower().endswith((".jpg", ".jpeg", ".png", ".tif", ".tiff", ".heic", ".webp", ".bmp", ".gif"))


def _verdict(
    case: Case, outcome: Outcome, reports: tuple[JudgedReport, ...] = (), findings: tuple[Finding, ...] = (), *, reason: str = ""
) -> Verdict:
    answerable = case.automatic is None and case.authentication is not AuthResult.FAIL and outcome is not Outcome.IGNORED
    # A stranger whose mail has nothing to do with the form gets no answer: it may be anything.
    answerable = answerable and (case.registered or bool(reports) or case.about_form)
    return Verdict(
        outcome=outcome, reports=reports, findings=findings, may_reply=answerable, sender_registered=case.registered, reason=reason
    )


def _outcome(reports: Sequence[JudgedReport]) -> Outcome:
    statuses = {r.accepted_as or r.status for r in reports}
    if ReportStatus.NEEDS_REVIEW in statuses:
        return Outcome.NEEDS_REVIEW
    if ReportStatus.REJECTED in statuses:
        return Outcome.REJECTED
    if ReportStatus.ACCEPTED_WITH_WARNINGS in statuses:
        return Outcome.ACCEPTED_WITH_WARNINGS
    if ReportStatus.ACCEPTED in statuses:
        return Outcome.ACCEPTED
    return Outcome.DUPLICATE


def _reason(reports: Sequence[JudgedReport], findings: Sequence[Finding]) -> str:
    codes = [f.code for f in findings] + [f.code for r in reports for f in r.findings if f.severity is not Severity.INFO]
    return ", ".join(dict.fromkeys(codes))


# ---------------------------------------------------------------- witnesses


@dataclass(slots=True)
class _Group:
    """Claims that speak of one unit and one week: witnesses of one report."""

    unit: UnitDecision
    period: PeriodDecision
    claims: list[Claim]


def _groups(case: Case, claims: Sequence[Claim]) -> list[_Group]:
    decided = []
    for claim in claims:
        unit = decide_unit(case, claim)
        period = decide_period(case, claim, unit.unit, _values(claim.reading.fields))
        decided.append((claim, unit, period))
    groups: list[_Group] = []
    # Claims that tell their own week first; those that tell none join the only group of their unit.
    for claim, unit, period in sorted(decided, key=lambda d: not d[2].own_hint):
        same_unit = [g for g in groups if g.unit.unit == unit.unit]
        home = next((g for g in same_unit if g.period.period == period.period), None)
        if home is None and not period.own_hint and len(same_unit) == 1:
            home = same_unit[0]
        if home is None:
            groups.append(_Group(unit, period, [claim]))
            continue
        home.claims.append(claim)
        if not unit.certain:
            home.unit = unit
        if not period.certain and home.period.certain and period.own_hint:
            home.period = period
    return groups


def _values(fields: Sequence[FieldReading]) -> dict[str, int]:
    return {f.field: f.value for f in fields if f.value is not None}


def _merge(case: Case, group: _Group) -> tuple[dict[str, FieldReading], list[Check], dict[str, tuple[Evidence, ...]]]:
    """One value a field from all witnesses: equal values confirm, different ones are a finding."""
    fields: dict[str, FieldReading] = {}
    evidence: dict[str, tuple[Evidence, ...]] = {}
    checks: list[Check] = []
    for field in case.form.fields:
        found = [f for c in group.claims for f in c.reading.fields if f.field == field.name]
        if not found:
            continue
        evidence[field.name] = tuple(f.evidence for f in found)
        numbers = {f.value for f in found if f.value is not None}
        best = max(found, key=lambda f: (f.value is not None, f.certain and f.problem is None, f.evidence.confidence))
        wrong = [f for f in found if f.problem in ("not_a_number", "negative_value")]
        disputed = [f for f in found if f.problem == "witnesses_disagree"]
        if len(numbers) > 1:
            checks.append(Check(finding=say.witnesses_disagree(field, tuple(sorted(numbers)), best.evidence), holds=True))
        elif disputed:
            best = disputed[0]
        elif best.value is not None and wrong:
            best = replace(best, certain=False)
        fields[field.name] = best
    return fields, checks, evidence


# ---------------------------------------------------------------- one report


def _judge_group(case: Case, group: _Group, *, hold_all: bool) -> JudgedReport:
    form = case.form
    fields, checks, evidence = _merge(case, group)
    scanned = all(c.reading.scanned for c in group.claims)
    values = _values(tuple(fields.values()))
    unit, period = group.unit.unit, group.period.period
    previous = case.previous(unit, period) if unit and period else None
    percentages: list[StatedPercentage] = [p for c in group.claims for p in c.reading.percentages]
    checks += check_fields(form, fields, scanned=scanned)
    checks += check_parts(form, fields, scanned=scanned)
    checks += check_percentages(form, values, percentages)
    checks += check_remainders(form, values, [r for c in group.claims for r in c.reading.remainders])
    checks += check_change(form, values, previous)
    findings = [*group.unit.findings, *group.period.findings, *(c.finding for c in checks)]
    due = on_time = None
    if period is not None:
        due = due_of(form.calendar, period)
        on_time = case.arrived_at <= due
        if not on_time:
            findings.append(say.late(period, due))
    doubts = [d.raw for c in group.claims for d in c.reading.doubts]
    findings += [say.stated_doubt(d) for d in doubts[:3]]
    holds = hold_all or bool(doubts) or not group.unit.certain or not group.period.certain or any(c.holds for c in checks)
    rejects = any(c.rejects for c in checks)
    existing = case.accepted(unit, period) if unit and period else None
    complete = {f.name for f in form.fields if not f.optional} <= set(values)
    supersedes = yields_to = None
    if rejects and not holds:
        status = ReportStatus.REJECTED
    elif existing is not None and complete and dict(existing.values) == values and not rejects and group.unit.certain:
        # The same figures again change nothing, so nothing doubtful about this copy can do harm.
        status = ReportStatus.NEEDS_REVIEW if hold_all and case.authentication is AuthResult.FAIL else ReportStatus.DUPLICATE
        findings = [f for f in findings if f.code not in ("late", "large_change", "unknown_sender")]
    else:
        if existing is not None:
            if _may_supersede(case, existing, correction=case.correction or any(c.reading.correction for c in group.claims)):
                supersedes = existing.id
                findings.append(say.supersedes(existing))
            elif not (holds or rejects) and complete and _overtaken(case, existing):
                yields_to = existing.id
                findings.append(say.overtaken(existing))
            else:
                holds = True
                findings.append(say.older_held(existing) if _older(case, existing) else say.supersedes_held(existing))
        if holds or rejects or not complete:
            status = ReportStatus.NEEDS_REVIEW
        elif yields_to is not None:
            status = ReportStatus.SUPERSEDED
        elif any(f.severity is not Severity.INFO for f in findings):
            status = ReportStatus.ACCEPTED_WITH_WARNINGS
        else:
            status = ReportStatus.ACCEPTED
    return JudgedReport(
        form=form.name,
        unit=unit,
        period=period,
        values=values,
        status=status,
        findings=tuple(_unique(findings)),
        evidence=evidence,
        on_time=on_time,
        due_at=due,
        supersedes=supersedes if status in TAKEN else None,
        yields_to=yields_to,
        previous=previous if case.registered else None,
    )


def _may_supersede(case: Case, existing: StoredReport, *, correction: bool) -> bool:
    """A registered sender corrects its unit's report; a stranger never replaces what a registered one sent; what a human typed yields only
    to words of correction; and a mail that arrived before the report that stands, but is read after it, corrects nothing."""
    if _older(case, existing):
        return False
    if not case.registered and (existing.sender_registered or existing.sender != case.sender):
        return False
    return not existing.by_human or (case.registered and correction)


def _overtaken(case: Case, existing: StoredReport) -> bool:
    """The unit's own later mail was judged before this one. Nothing changes that it had not changed anyway: had they been read in the order
    they came, the later one would stand as well. What a stranger sent or a person settled proves no such thing."""
    own = existing.unit in case.sender_units and existing.sender_registered and not existing.by_human
    return own and _older(case, existing)


def _older(case: Case, existing: StoredReport) -> bool:
    """Mails may be read in another order than they came: after a crash, by several workers, out of several folders."""
    return case.arrived_at < existing.arrived_at


def _unique(findings: Sequence[Finding]) -> list[Finding]:
    return list({(f.code, f.field, f.message): f for f in findings}.values())


def due_of(calendar: CalendarConfig, period: Period) -> datetime:
    """The last moment at which a report of `period` is on time."""
    return calendars.due_of(calendar, period)
