"""What the outbox takes and gives besides the nouns of `model/`: frozen values without behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailbox_ingest.model import (
    LetterContent,
    OutgoingMail,
)
from mailbox_ingest.periods import Period


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
