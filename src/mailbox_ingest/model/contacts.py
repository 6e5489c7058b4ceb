"""Whether an address takes our mail, and what a server reported of a mail to it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ContactState(StrEnum):
    """REACHABLE: a person wrote from there. UNKNOWN: a mail came back, and why does not tell whether the address lives."""

    REACHABLE = "reachable"
    MAILBOX_FULL = "mailbox_full"
    DEAD = "dead"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What a bounce says of one recipient (RFC 3464), in lower case where case has no meaning. Outside text: nobody has believed it yet.

    `recipients` are the final and, where it is another, the original one; empty where the bounce names none. `action`: 'failed',
    'delayed', 'delivered', 'relayed', 'expanded'. `status` is an enhanced code ('5.1.1') or None. `original_ids` are the Message-IDs that
    the bounce may be about, with angle brackets, the most certain first.
    """

    recipients: tuple[str, ...]
    action: str
    status: str | None
    diagnostic: str
    original_ids: tuple[str, ...]
