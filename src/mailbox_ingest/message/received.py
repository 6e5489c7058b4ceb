"""When the last server took the mail: the topmost Received field, split by mail-parser, whatever form its date has."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import mailparser  # type: ignore[import-untyped]  # ships no types
from mailparser.exceptions import MailParserError  # type: ignore[import-untyped]

from mailbox_ingest.message.headers import AnyMessage, moment, raw_field

_MAX_FIELD_CHARACTERS = 2_000
_GO_TIME = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)? \+0000 UTC")  # SendGrid


def received_at(message: AnyMessage) -> datetime | None:
    """The moment of the topmost Received field (UTC); None where there is none or it is absurd."""
    value = raw_field(message, "received")
    if not value:
        return None
    value = value[-_MAX_FIELD_CHARACTERS:]
    date = _date(value)
    found = _GO_TIME.match(date)
    if found:
        return datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    return moment(date) or moment(value.rpartition(";")[2])


def _date(value: str) -> str:
    """The date clause as mail-parser cuts it out; '' where it finds none."""
    try:
        hops = mailparser.parse_from_string(f"Received: {value}\r\n\r\n").received
    except (MailParserError, ValueError, IndexError, KeyError, TypeError):
        return ""
    return str(hops[0].get("date") or "") if hops else ""
