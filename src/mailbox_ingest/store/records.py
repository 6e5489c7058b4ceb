"""What the store takes and gives besides the nouns of `model.py`: frozen values without behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from mailbox_ingest.errors import MailboxIngestError
from mailbox_ingest.model import (
    DocumentFailure,
    Evidence,
    Finding,
    LetterContent,
    Outcome,
    OutgoingMail,
    ReportStatus,
    Role,
    StoredReport,
    Unit,
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
class QueuedMail:
    """A mail to send now. `was_sending`: an earlier run died with it in hand; look the Message-ID up before sending again."""

    id: int
    mail: OutgoingMail
    attempts: int
    was_sending: bool


OUTBOX_STATES = ("queued", "sending", "sent", "failed", "given_up", "held")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """The state of one outgoing mail, without its text.

    `state`: 'queued', 'sending', 'sent'; 'failed' (refused for good), 'given_up' (put off for too long, or dropped by a person), 'held' (a
    person must release it). `last_answer` is what the server said, or why it is so.
    """

    id: int
    key: str
    kind: str
    state: str
    message_id: str
    recipients: tuple[str, ...]
    subject: str
    queued_at: datetime
    due_at: datetime
    attempts: int
    sent_at: datetime | None
    last_answer: str | None
    in_answer_to: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedGate:
    """Something that stops the outbox now. `gate`: 'sending' (the provider's limit: everything waits) or 'replies' (the breaker against
    loops: receipts and decisions wait). `until` is None where a person must open it."""

    gate: str
    closed_at: datetime
    until: datetime | None
    reason: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SentReply:
    """A receipt that went out, as the breaker counts it."""

    email: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChanges:
    """Codes of units, in the order of the registry; `retired` ones were in the store and are no longer in the registry."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredUnit:
    """A unit with its standing; `load_units` gives plain units."""

    unit: Unit
    active: bool
    changed_at: datetime
    opened_on: date | None = None
    closed_on: date | None = None

    def open_on(self, day: date) -> bool:
        """Whether it is in the registry and existed on that day; `closed_on` is the first day without it."""
        return self.active and (self.opened_on is None or self.opened_on <= day) and (self.closed_on is None or day < self.closed_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """A unit that need not report on a form for a period. `reason` is for leadership to read, in Vietnamese."""

    form: str
    unit: str
    period: Period
    reason: str
    who: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """`state`: 'running', 'done', 'failed'."""

    job: str
    due_at: datetime
    state: str
    attempts: int
    started_at: datetime
    finished_at: datetime | None
    failure: str | None


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
class Poll:
    """One pass over one mailbox. `failure` is None when it succeeded; `problem` is the error itself, right after the pass only."""

    account: str
    started_at: datetime
    finished_at: datetime
    messages_new: int = 0
    bytes_fetched: int = 0
    failure: str | None = None
    problem: MailboxIngestError | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenDigest:
    """A digest as it was sent. `figures` is JSON-able; `content` is the rendered mail with its files, byte for byte."""

    name: str
    form: str
    period: Period
    as_of: datetime
    figures: Mapping[str, Any]
    content: LetterContent
    created_at: datetime | None = None  # None before it is stored
    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a person did. `subject`: 'message:12', 'unit:ldld-cam-lo'."""

    id: int
    at: datetime
    who: str
    action: str
    subject: str
    message_id: int | None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCounts:
    """How many messages are open, and how many ended in each outcome."""

    received: int = 0
    reading: int = 0
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleUser:
    """Somebody who may use the web desk. `password_hash` never leaves `store/` and `access/`."""

    id: int
    name: str
    full_name: str
    role: Role
    active: bool
    created_at: datetime
    changed_at: datetime
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSession:
    """An open session with its user."""

    user: ConsoleUser
    opened_at: datetime
    seen_at: datetime
