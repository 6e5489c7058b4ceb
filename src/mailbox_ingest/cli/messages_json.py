"""One message as `ingest --json` and `explain --json` print it: what the store holds, nothing computed on the way."""

from __future__ import annotations

from typing import Any

from mailbox_ingest.app import Ledgered
from mailbox_ingest.model import Finding
from mailbox_ingest.store.ledger.records import ReportDetails


def message_object(item: Ledgered) -> dict[str, Any]:
    """The contract of DESIGN.md: file, message_id, outcome, reports, findings, reply (None where none is queued)."""
    message = item.details.message
    reply = item.reply
    return {
        "file": item.file,
        "message_id": message.message_id,
        "outcome": None if message.outcome is None else str(message.outcome),
        "reports": [report_object(report) for report in item.details.reports],
        "findings": [finding_object(finding) for finding in item.details.findings],
        "reply": None if reply is None else {"to": list(reply.recipients), "subject": reply.subject},
    }


def report_object(report: ReportDetails) -> dict[str, Any]:
    return {
        "form": report.form,
        "unit": report.unit,
        "period": None if report.period is None else str(report.period),
        "values": dict(report.values),
        "status": str(report.status),
        "findings": [finding_object(finding) for finding in report.findings],
    }


def finding_object(finding: Finding) -> dict[str, Any]:
    found: dict[str, Any] = {"code": finding.code, "severity": str(finding.severity), "message": finding.message}
    return found if finding.field is None else {**found, "field": finding.field}
