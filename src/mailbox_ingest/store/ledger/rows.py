"""The rows that a reading of a message is made of: its reports, their fields, what was found, its files. Writes nothing.

`finish.py` writes them once, `replays.py` again where today's code reads otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mailbox_ingest.model import DocumentFailure, JudgedReport, ReportStatus, Verdict
from mailbox_ingest.store.database.codec import evidence_to_json, finding_to_row
from mailbox_ingest.store.database.types import LARGEST_INTEGER
from mailbox_ingest.store.ledger.records import AttachmentRecord

Rows = list[dict[str, Any]]


def report_row(
    report: JudgedReport,
    *,
    message_id: int,
    position: int,
    arrived_at: datetime,
    first_arrived_at: datetime,
    sender: str,
    registered: bool,
    now: datetime,
) -> dict[str, Any]:
    """As the judge found it, accepted `now` where it is good for that. `supersedes`, `previous`, `by_human`: for the writer to say."""
    accepted = report.accepted_as
    return {
        "message_id": message_id,
        "position": position,
        "form": report.form,
        "unit": report.unit,
        "period": None if report.period is None else str(report.period),
        "status": report.status.value,
        "accepted_status": None if accepted is None else accepted.value,
        "on_time": report.on_time,
        "due_at": report.due_at,
        "arrived_at": arrived_at,
        "first_arrived_at": first_arrived_at,
        "accepted_at": None if accepted is None else now,
        "superseded_at": now if report.status is ReportStatus.SUPERSEDED else None,
        "sender": sender,
        "sender_registered": registered,
        "created_at": now,
    }


def field_rows(report: JudgedReport, report_id: int) -> Rows:
    """One row a field that has a value or evidence."""
    names = list(report.values) + [name for name in report.evidence if name not in report.values]
    return [
        {
            "report_id": report_id,
            "field": name,
            "value": _storable(report.values.get(name), accepted=report.accepted_as is not None),
            "evidence": [evidence_to_json(item) for item in report.evidence.get(name, ())],
        }
        for name in names
    ]


def finding_rows(message_id: int, verdict: Verdict, report_ids: Sequence[int]) -> Rows:
    """Of the message and of each report; `report_ids` in the verdict's order."""
    rows = [finding_to_row(item, message_id=message_id, report_id=None) for item in verdict.findings]
    for report_id, report in zip(report_ids, verdict.reports, strict=True):
        rows += [finding_to_row(item, message_id=message_id, report_id=report_id) for item in report.findings]
    return rows


def attachment_rows(message_id: int, attachments: Sequence[AttachmentRecord]) -> Rows:
    names = ("path", "name", "content_type", "size_bytes", "sha256", "outcome")
    return [
        {"message_id": message_id, "position": n, **{name: getattr(item, name) for name in names}} for n, item in enumerate(attachments)
    ]


def failure_rows(message_id: int, failures: Sequence[DocumentFailure]) -> Rows:
    return [
        {"message_id": message_id, "position": n, "path": item.path, "code": item.code, "detail": item.detail}
        for n, item in enumerate(failures)
    ]


def _storable(value: int | None, *, accepted: bool) -> int | None:
    """A figure too long for any count (an account number, say) is kept as evidence only; it can never be an accepted value."""
    if value is None or abs(value) <= LARGEST_INTEGER:
        return value
    if accepted:
        raise ValueError("an accepted value does not fit into 64 bits")
    return None
