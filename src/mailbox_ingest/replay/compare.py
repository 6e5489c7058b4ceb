"""What one mail said when it was read, and what it says now: the difference, in the values of a report. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mailbox_ingest.model import Finding, JudgedReport, Outcome, ReportStatus, Verdict
from mailbox_ingest.periods import Period
from mailbox_ingest.store.database.types import LARGEST_INTEGER
from mailbox_ingest.store.ledger.records import MessageDetails, ReportDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A report as one of the two readings has it."""

    form: str
    unit: str | None
    period: Period | None
    status: ReportStatus
    values: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportChange:
    """`before` is None for a report that is new, `after` for one that is gone."""

    before: Side | None
    after: Side | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageChange:
    """What would change for one mail. Findings are codes with their fields. `kept` says why it is not applied; empty: it would be."""

    message_id: int
    arrived_at: datetime
    sender: str
    subject: str
    outcome_before: Outcome | None
    outcome_after: Outcome
    reports: tuple[ReportChange, ...]
    findings_gone: tuple[str, ...]
    findings_new: tuple[str, ...]
    kept: str = ""


def stored_sides(details: MessageDetails, present: Iterable[int], accepted: Mapping[int, str | None]) -> tuple[Side, ...]:
    """The reports of the present reading as they were judged: one that was superseded since counts as it was accepted."""
    here = set(present)
    return tuple(_stored_side(report, accepted.get(report.id)) for report in details.reports if report.id in here)


def judged_sides(verdict: Verdict) -> tuple[Side, ...]:
    return tuple(_judged_side(report) for report in verdict.reports)


def difference(
    details: MessageDetails, before: Sequence[Side], verdict: Verdict, *, same_unit: Mapping[str, str], present: frozenset[int]
) -> MessageChange | None:
    """None where nothing changes. `same_unit` maps units that were merged into others since the mail was read."""
    after = judged_sides(verdict)
    changes = tuple(_changes(before, after, same_unit))
    reports_findings = [finding for report in details.reports if report.id in present for finding in report.findings]
    old = _codes((*details.findings, *reports_findings))
    new = _codes((*verdict.findings, *(finding for report in verdict.reports for finding in report.findings)))
    if not changes and details.message.outcome is verdict.outcome and old == new:
        return None
    message = details.message
    return MessageChange(
        message_id=message.id,
        arrived_at=message.arrived_at or message.recorded_at,
        sender=message.sender_email or "",
        subject=message.subject,
        outcome_before=message.outcome,
        outcome_after=verdict.outcome,
        reports=changes,
        findings_gone=tuple(code for code in old if code not in new),
        findings_new=tuple(code for code in new if code not in old),
    )


def _changes(before: Sequence[Side], after: Sequence[Side], same_unit: Mapping[str, str]) -> Iterable[ReportChange]:
    """Reports of one place belong together; of what is left, those of one form in their order."""
    left, right = list(before), list(after)
    for key in (lambda side: (side.form, _now(side.unit, same_unit), side.period), lambda side: (side.form,)):
        for old in list(left):
            new = next((side for side in right if key(side) == key(old)), None)
            if new is None:
                continue
            left.remove(old)
            right.remove(new)
            same_place = (_now(old.unit, same_unit), old.period) == (_now(new.unit, same_unit), new.period)
            if not same_place or old.status is not new.status or dict(old.values) != dict(new.values):
                yield ReportChange(before=old, after=new)
    yield from (ReportChange(before=old, after=None) for old in left)
    yield from (ReportChange(before=None, after=new) for new in right)


def _now(unit: str | None, same_unit: Mapping[str, str]) -> str | None:
    return same_unit.get(unit, unit) if unit is not None else None


def _codes(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(sorted({f"{finding.code}:{finding.field}" if finding.field else finding.code for finding in findings}))


def _stored_side(report: ReportDetails, accepted: str | None) -> Side:
    status = ReportStatus(accepted) if accepted is not None else report.status
    return Side(form=report.form, unit=report.unit, period=report.period, status=status, values=dict(report.values))


def _judged_side(report: JudgedReport) -> Side:
    values = {name: value for name, value in report.values.items() if abs(value) <= LARGEST_INTEGER}  # as the store keeps them
    return Side(form=report.form, unit=report.unit, period=report.period, status=report.accepted_as or report.status, values=values)
