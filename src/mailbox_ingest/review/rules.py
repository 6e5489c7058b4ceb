"""What a decision may not do, and what follows from it. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from mailbox_ingest.config import FormConfig
from mailbox_ingest.errors import DecisionRefused
from mailbox_ingest.model import TAKEN, JudgedReport, Outcome, ReportStatus
from mailbox_ingest.periods import Period
from mailbox_ingest.review.nouns import Forms
from mailbox_ingest.store.records import ReportDetails, StoredMessage


def obstacles(form: str, unit: str | None, period: Period | None, values: Mapping[str, int], forms: Forms) -> Iterator[str]:
    """Why these values cannot be accepted by anybody, in English."""
    if form not in forms:
        yield f"form {form!r} is not configured"
        return
    if unit is None:
        yield "the unit is not known"
    if period is None:
        yield "the period is not known"
    yield from _broken_rules(forms[form], values)


def _broken_rules(form: FormConfig, values: Mapping[str, int]) -> Iterator[str]:
    known = {field.name for field in form.fields}
    for name in values:
        if name not in known:
            yield f"{name!r} is no field of {form.name} (fields: {', '.join(field.name for field in form.fields)})"
    for field in form.fields:
        value = values.get(field.name)
        whole = values.get(field.part_of) if field.part_of is not None else None
        if value is None:
            if not field.optional:
                yield f"{field.name} is missing"
        elif value < 0:
            yield f"{field.name} is negative ({value})"
        elif value > form.rules.max_value:
            yield f"{field.name} is above the form's limit ({value} > {form.rules.max_value})"
        elif whole is not None and value > whole:
            yield f"{field.name} exceeds {field.part_of} ({value} > {whole})"


def draft_of(report: ReportDetails) -> JudgedReport:
    """A stored report as something to be decided: what was read, without the remarks that held it."""
    return JudgedReport(
        form=report.form, unit=report.unit, period=report.period, values=report.values, status=report.status, evidence=report.evidence
    )


def blank(form: str | None, forms: Forms) -> JudgedReport:
    """An empty report for a message in which nothing was read. Raises DecisionRefused when the form is not clear."""
    if form is None and len(forms) != 1:
        raise DecisionRefused(f"name the form: {', '.join(sorted(forms))}")
    return JudgedReport(form=form or next(iter(forms)), unit=None, period=None, values={}, status=ReportStatus.NEEDS_REVIEW)


def outcome_of(statuses: Iterable[ReportStatus]) -> Outcome:
    """Of a message, from where its reports stand after a decision."""
    found = set(statuses)
    if ReportStatus.NEEDS_REVIEW in found:
        return Outcome.NEEDS_REVIEW
    if ReportStatus.ACCEPTED_WITH_WARNINGS in found:
        return Outcome.ACCEPTED_WITH_WARNINGS
    if found & (TAKEN | {ReportStatus.SUPERSEDED}):
        return Outcome.ACCEPTED
    return Outcome.DUPLICATE if found == {ReportStatus.DUPLICATE} else Outcome.REJECTED


def arrival(message: StoredMessage) -> datetime:
    """When the mail came: what timeliness goes by."""
    return message.arrived_at or message.received_at or message.sent_at or message.recorded_at


def facts(outcome: Outcome | None, reports: Iterable[tuple[int, JudgedReport]]) -> dict[str, Any]:
    """A message's standing as JSON, for the act's before and after."""
    return {
        "outcome": None if outcome is None else outcome.value,
        "reports": [
            {
                "id": number,
                "form": report.form,
                "unit": report.unit,
                "period": None if report.period is None else str(report.period),
                "status": report.status.value,
                "values": dict(report.values),
                "supersedes": report.supersedes,
            }
            for number, report in reports
        ],
    }
