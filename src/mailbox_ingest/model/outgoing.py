"""What we write: rendered letters and mails ready to be queued."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mailbox_ingest.model.people import Mailbox


class OutgoingKind(StrEnum):
    RECEIPT = "receipt"
    REMINDER = "reminder"
    DIGEST = "digest"
    REVIEW_DECISION = "review_decision"
    UPWARD = "upward"  # our own report to the body above us


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingAttachment:
    """A file or an inline picture (`content_id` set, without angle brackets) of a mail we send."""

    name: str
    content_type: str
    data: bytes
    content_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterContent:
    """A rendered mail before it gets its addresses: subject (one line), plain text, HTML or None, attachments."""

    subject: str
    text: str
    html: str | None = None
    attachments: tuple[OutgoingAttachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """A mail ready to be queued. `message_id` is fixed here, once, with angle brackets. `key` is unique: a second mail with it is never
    queued ('receipt:<ledger id>', 'digest:bluezone:2020-W34:leadership')."""

    key: str
    kind: OutgoingKind
    message_id: str
    sender: Mailbox
    to: tuple[Mailbox, ...]
    content: LetterContent
    auto_submitted: str  # RFC 3834: 'auto-replied' or 'auto-generated'
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    in_answer_to: int | None = None  # ledger id
