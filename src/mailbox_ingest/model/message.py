"""A mail as it came in, parsed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailbox_ingest.model.contacts import DeliveryReport
from mailbox_ingest.model.people import Mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One MIME leaf that is not the body. `path` is for people and unique within its message; it is never used as a file path."""

    path: str
    name: str | None
    content_type: str
    data: bytes
    content_id: str | None = None
    inline: bool = False
    referenced_by_html: bool = False  # <img src="cid:…"> names it: most likely decoration


class AuthResult(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    UNPROVEN = "unproven"  # the provider looked, and nothing it found speaks for the From address: anybody may have written it
    NONE = "none"  # the provider said nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderAuthentication:
    """What the mailbox's own provider found (RFC 8601), aligned with the From domain."""

    result: AuthResult
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingMessage:
    """One parsed mail.

    `own_text` is what the sender wrote, without quoted history and signature; `quoted_text` and `signature` hold those.
    `html` is the own part of the HTML body, or None. `automatic` names why the mail is a machine's ('auto-submitted', 'bounce', 'list', …),
    None for a person's; `delivery_reports` are what a bounce reports. `sent_at` is the Date header, `received_at` the topmost Received
    date, each None where absent or absurd.
    """

    message_id: str | None
    sender: Mailbox | None
    to: tuple[Mailbox, ...] = ()
    delivered_to: tuple[str, ...] = ()
    subject: str = ""
    sent_at: datetime | None = None
    received_at: datetime | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    own_text: str = ""
    quoted_text: str = ""
    signature: str = ""
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    automatic: str | None = None
    return_path_null: bool = False
    authentication: SenderAuthentication = SenderAuthentication(result=AuthResult.NONE)
    authors: tuple[Mailbox, ...] = ()  # From of messages forwarded inside this one, outermost first
    delivery_reports: tuple[DeliveryReport, ...] = ()
    defects: tuple[str, ...] = ()
