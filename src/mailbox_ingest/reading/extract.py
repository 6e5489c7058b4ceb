"""What runs in the child process: bytes of a mail -> its facts, its readings, and what could not be read. No judgement here."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from mailbox_ingest import forms, message
from mailbox_ingest.config import FormConfig
from mailbox_ingest.documents.attachments import read_attachment
from mailbox_ingest.documents.body import read_body
from mailbox_ingest.model import Attachment, Document, DocumentFailure, Paragraph, Reading
from mailbox_ingest.periods import local_day
from mailbox_ingest.reading.task import BODY, Extraction, Task
from mailbox_ingest.store.ledger.records import AttachmentRecord


def extract(task: Task) -> Extraction:
    """Runs the pure rooms over one mail. Bad documents become failures; only a death of the process loses more than one."""
    incoming = message.parse(task.raw, authserv_id=task.authserv_id, own_addresses=task.own_addresses)
    arrived_at = task.arrived_at or incoming.received_at or incoming.sent_at or task.recorded_at
    year = local_day(arrived_at).year
    found: list[Document] = []
    failures: list[DocumentFailure] = []
    records: list[AttachmentRecord] = []
    for index, attachment in enumerate(incoming.attachments):
        outcome = "ignored"
        if task.only is None or index in task.only:
            read, failed = read_attachment(attachment, limits=task.limits)
            found += read
            failures += failed
            outcome = failed[0].code if failed else "read" if read else "ignored"
        records.append(_record(attachment, outcome))
    if task.only is None or BODY in task.only:
        found += read_body(incoming.own_text, incoming.html)
    readings: list[Reading] = []
    unread: list[str] = []
    for document in found:
        best = _best_reading(document, task.forms, year)
        readings += best
        if not best and document.kind == "scan" and _speaks_of(document, task.forms):
            unread.append(document.path)
    bare = replace(incoming, attachments=tuple(replace(a, data=b"") for a in incoming.attachments))
    return Extraction(
        incoming=bare,
        arrived_at=arrived_at,
        readings=tuple(readings),
        failures=tuple(failures),
        attachments=tuple(records),
        unread_scans=tuple(unread),
    )


def _best_reading(document: Document, configured: tuple[FormConfig, ...], year: int) -> tuple[Reading, ...]:
    """The readings of the form that explains the document best; the first configured one wins a tie."""
    best: tuple[Reading, ...] = ()
    best_score = 0.0
    for form in configured:
        readings = forms.read(document, form, year=year)
        named = sum(len(r.fields) for r in readings)
        score = named / len(form.fields) if form.fields else 0.0
        if readings and score > best_score:
            best, best_score = readings, score
    return best


def _speaks_of(document: Document, configured: tuple[FormConfig, ...]) -> bool:
    texts: list[str] = []
    for section in document.sections:
        for block in section.blocks:
            texts += [block.text] if isinstance(block, Paragraph) else [cell.text for cell in block.cells]
    return any(forms.is_about(text, form) for form in configured for text in texts)


def _record(attachment: Attachment, outcome: str) -> AttachmentRecord:
    return AttachmentRecord(
        path=attachment.path,
        name=attachment.name,
        content_type=attachment.content_type,
        size_bytes=len(attachment.data),
        sha256=hashlib.sha256(attachment.data).hexdigest(),
        outcome=outcome,
    )
