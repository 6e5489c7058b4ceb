"""What crosses the border of the child process: the task of reading one mail, what comes back, and the function that is called there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailbox_ingest.config import FormConfig, LimitsConfig
from mailbox_ingest.model import DocumentFailure, IncomingMessage, Reading
from mailbox_ingest.store.ledger.records import AttachmentRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One mail to extract. `only` limits the work to some attachments (by index) and, with -1, the body; None is everything."""

    raw: bytes
    forms: tuple[FormConfig, ...]
    limits: LimitsConfig
    authserv_id: str
    own_addresses: frozenset[str]
    arrived_at: datetime | None
    recorded_at: datetime
    only: frozenset[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What one mail holds. `incoming` comes back without attachment bytes; `arrived_at` is INTERNALDATE, else Received, else Date, else
    the moment of recording. `unread_scans` are paths of scanned pages that speak of a form but gave no reading."""

    incoming: IncomingMessage
    arrived_at: datetime
    readings: tuple[Reading, ...]
    failures: tuple[DocumentFailure, ...]
    attachments: tuple[AttachmentRecord, ...]
    unread_scans: tuple[str, ...] = ()


BODY = -1


def run(task: Task) -> Extraction:
    """Reads the mail. The readers are imported where this runs: the parent only names them."""
    from mailbox_ingest.reading.extract import extract  # noqa: PLC0415 - see above

    return extract(task)
