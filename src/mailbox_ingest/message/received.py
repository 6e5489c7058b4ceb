"""When and what the last server wrote: the topmost Received field, read by mail-parser, the date alone where that fails."""

from __future__ import annotations

from datetime import datetime

import mailparser  # type: ignore[import-untyped]  # ships no types
from mailparser.exceptions import MailParserError  # type: ignore[import-untyped]

from mailbox_ingest.message.headers import AnyMessage, moment, raw_field

_MAX_FIELD_CHARACTERS = 2_000


def received_at(message: AnyMessage) -> datetime | None:
    """The moment of the topmost Received field (UTC); None where there is none or it is absurd."""
    value = raw_field(message, "received")
    if not value:
        return None
    value = value[-_MAX_FIELD_CHARACTERS:]
    stated = moment(value.rsplit(";", 1)[-1]) if ";" in value else None
    return stated or _by_mail_parser(value)


def _by_mail_parser(value: str) -> datetime | None:
    """Fields without the semicolon that RFC 5321 asks for (SendGrid, some appliances)."""
    try:
        hops = mailparser.parse_from_string(f"Received: {value}\r\n\r\n").received
    except (MailParserError, ValueError, IndexError, KeyError, TypeError):
        return None
    stamp = hops[-1].get("date_utc") if hops else None
    try:
        found = datetime.fromisoformat(stamp) if stamp else None
    except ValueError:
        return None
    return moment(found.strftime("%a, %d %b %Y %H:%M:%S +0000")) if found else None
