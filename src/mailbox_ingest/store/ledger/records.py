"""What the ledger takes and gives besides the nouns of `model/`: frozen values without behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailbox_ingest.model import (
    DocumentFailure,
    Evidence,
    Finding,
    Outcome,
    ReportStatus,
    StoredReport,
)
from mailbox_ingest.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One mail at one place of one mailbox. `arrived_at` is INTERNALDATE, None for files.

    `raw` holds all bytes; where `truncated`, only what was fetched (at least the headers) of `size_bytes`. `known`: the ledger has
    this Gmail id from another place, the mail was not fetched again, `raw` is empty.
    """

    account: str
    folder: str
    uidvalidity: int
    uid: int
    raw: bytes
    arrived_at: datetime | None = None
    gm_msgid: int | None = None
    gm_thrid: int | None = None
    flags: tuple[str, ...] = ()
    truncated: bool = False
    size_bytes: int | None = None  # None: len(raw)
    known: bool = False


# Positions from here on hold reports of earlier readings of the same mail: a replay put others in their place.
EARLIER_READING = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """`state`: 'new'; 'known' (this place is in the ledger, nothing was written); 'duplicate' (the same mail came from elsewhere)."""

    id: int
    state: str
    duplicate_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedMessage:
    """A message to read until its lease ends. `attempts` counts this one: 1 on the first. `abandoned`: a reader died with it in hand."""

    id: int
    raw: bytes
    arrived_at: datetime | None
    recorded_at: datetime
    account: str
    folder: str
    uid: int
    attempts: int
    truncated: bool = False
    size_bytes: int = 0
    sender_email: str | None = None
    abandoned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRecord:
    """One MIME leaf or container entry. `sha256` is hexadecimal; `outcome`: 'read', 'ignored', or a failure's code."""

    path: str
    name: str | None
    content_type: str
    size_bytes: int
    sha256: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """A ledger row. `state`: 'received', 'reading', 'done'; `outcome` is None until it is done."""

    id: int
    account: str
    folder: str
    uidvalidity: int
    uid: int
    gm_msgid: int | None
    gm_thrid: int | None
    size_bytes: int
    truncated: bool
    arrived_at: datetime | None
    recorded_at: datetime
    state: str
    attempts: int
    quarantined: bool
    last_failure: str | None
    finished_at: datetime | None
    message_id: str | None
    sender_email: str | None
    sender_name: str | None
    subject: str
    sent_at: datetime | None
    received_at: datetime | None
    in_reply_to: str | None
    references: tuple[str, ...]
    automatic: str | None
    authentication: str | None
    authentication_detail: str | None
    outcome: Outcome | None
    reason: str
    may_reply: bool
    sender_registered: bool
    duplicate_of: int | None
    asked_at: datetime | None = None  # the sender was asked by a person; the message is held until the answer is here


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDetails:
    """A report with everything a person needs to judge it. `values` holds what was read; `evidence` every field ever mentioned."""

    id: int
    form: str
    unit: str | None
    period: Period | None
    status: ReportStatus
    values: Mapping[str, int]
    evidence: Mapping[str, tuple[Evidence, ...]]
    findings: tuple[Finding, ...]
    on_time: bool | None
    due_at: datetime | None
    arrived_at: datetime
    supersedes: int | None
    by_human: bool
    previous: StoredReport | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDetails:
    message: StoredMessage
    reports: tuple[ReportDetails, ...]
    findings: tuple[Finding, ...]  # of the message as a whole
    attachments: tuple[AttachmentRecord, ...]
    failures: tuple[DocumentFailure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingOrder:
    """A message whose outcome is to be shown in its mailbox. `outcome` is that of the mail it is a copy of, where it is one; `own_outcome`
    is its own."""

    id: int
    folder: str
    uidvalidity: int
    uid: int
    gm_msgid: int | None
    outcome: Outcome
    own_outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCounts:
    """How many messages are open, and how many ended in each outcome."""

    received: int = 0
    reading: int = 0
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
