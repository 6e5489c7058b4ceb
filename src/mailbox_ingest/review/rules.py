"""What a decision may not do, and what follows from it. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from mailbox_ingest.config import FormConfig
from mailbox_ingest.errors import DecisionRefused
from mailbox_ingest.model import TAKEN, JudgedReport, Outcome, ReportStatus
from mailbox_ingest.periods import Period
from mailbox_ingest.review.nouns import Forms
from mailbox_ingest.store.ledger.records import ReportDetails, StoredMessage


class Obstacle(NamedTuple):
    """Why something cannot be accepted: in English, and as a code with facts for whoever tells it in another language."""

    code: str
    text: str
    facts: Mapping[str, object] = {}


def obstacles(form: str, unit: str | None, period: Period | None, values: Mapping[str, int], forms: Forms) -> Iterator[Obstacle]:
    """Why these values cannot be accepted by anybody."""
    if form not in forms:
        yield Obstacle("form_unknown", f"form {form!r} is not configured")
        return
    if unit is None:
        yield Obstacle("unit_missing", "the unit is not known")
    if period is None:
        yield Obstacle("period_missing", "the period is not known")
    yield from _broken_rules(forms[form], values)


def _broken_rules(form: FormConfig, values: Mapping[str, int]) -> Iterator[Obstacle]:
    known = {field.name for field in form.fields}
    for name in values:
        if name not in known:
            told = f"{name!r} is no field of {form.name} (fields: {', '.join(field.name for field in form.fields)})"
            yield Obstacle("field_unknown", told, {"field": name})
    for field in form.fields:
        value = values.get(field.name)
        whole = values.get(field.part_of) if field.part_of is not None else None
        if value is None:
            if not field.optional:
                yield Obstacle("field_missing", f"{field.name} is missing", {"field": field.name})
        elif value < 0:
            yield Obstacle("negative", f"{field.name} is negative ({value})", {"field": field.name, "value": value})
        elif value > form.rules.max_value:
            told = f"{field.name} is above the form's limit ({value} > {form.rules.max_value})"
            yield Obstacle("above_limit", told, {"field": field.name, "value": value, "limit": form.rules.max_value})
        elif whole is not None and value > whole:
            told = f"{field.name} exceeds {field.part_of} ({value} > {whole})"
            yield Obstacle("exceeds", told, {"field": field.name, "value": value, "whole": field.part_of, "whole_value": whole})


def draft_of(report: ReportDetails) -> JudgedReport:
    """A stored report as something to be decided: what was read, without the remarks that held it."""
    return JudgedReport(
        form=report.form, unit=report.unit, period=report.period, values=report.values, status=report.status, evidence=report.evidence
    )


def blank(form: str | None, forms: Forms) -> JudgedReport:
    """An empty report for a message in which nothing was read. Raises DecisionRefused when the form is not clear."""
    if form is None and len(forms) != 1:
        raise DecisionRefused(f"name the form: {', '.join(sorted(forms))}", code="form_missing")
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
