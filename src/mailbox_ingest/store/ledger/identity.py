"""What makes two mails the same mail, from their bytes alone, and the header facts a ledger row shows before the mail is read. Pure.

Identities, any one of which suffices: Gmail's X-GM-MSGID in the account; the raw bytes; Message-ID with the same content; without a
Message-ID, From and Date with the same content. Content is the body with the headers that decide how it reads, so that the same mail with
other Received lines is the same, and a client that uses one Message-ID for two texts loses nothing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32

from mailbox_ingest.store.ledger.records import Arrival

_HEADER_LIMIT_BYTES = 256 * 1024
_IN_BRACKETS = re.compile(r"<([^<>\s]{1,250}@[^<>\s]{1,250})>")
_BARE = re.compile(r"[^<>()\s,;:\"]{1,250}@[^<>()\s,;:\"]{1,250}")
_CONTENT_HEADERS = ("From", "Subject", "Content-Type", "Content-Transfer-Encoding")


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """Header facts as far as they can be had without parsing the mail; the reading of the mail replaces them."""

    message_id: str | None
    sender_email: str | None
    sender_name: str | None
    subject: str
    raw_sha256: bytes
    identities: tuple[tuple[str, bytes], ...]  # kind, digest


def glance(arrival: Arrival) -> Glance:
    """Never raises on bad mail."""
    raw = arrival.raw
    split = _end_of_headers(raw)
    headers = BytesHeaderParser(policy=compat32).parsebytes(raw[: min(split, _HEADER_LIMIT_BYTES)])
    raw_sha256 = hashlib.sha256(raw).digest()
    message_id = _text(headers, "Message-ID").strip() or None
    name, address = _author(_decoded(_text(headers, "From")))
    # A mail of which the server gave nothing is like no other, not even itself when it can be had later.
    identities = [("raw", _digest("raw", raw_sha256))] if raw else []
    if arrival.gm_msgid is not None and raw:
        identities.append(("gmail", gmail_identity(arrival.account, arrival.gm_msgid)))
    if not arrival.truncated:
        content = hashlib.sha256(raw[split:].replace(b"\r\n", b"\n").strip(b"\n"))
        for header in _CONTENT_HEADERS:
            content.update(b"\0" + _bytes(_text(headers, header)))
        date = _text(headers, "Date").strip()
        if message_id:
            identities.append(("message_id", _digest("message_id", message_id, content.digest())))
        elif address and date:
            identities.append(("headers", _digest("headers", address.lower(), date, content.digest())))
    return Glance(
        message_id=message_id,
        sender_email=address.lower() or None,
        sender_name=name or None,
        subject=" ".join(_decoded(_text(headers, "Subject")).split()),
        raw_sha256=raw_sha256,
        identities=tuple(sorted(identities)),  # always the same order: two writers cannot lock each other out
    )


def gmail_identity(account: str, gm_msgid: int) -> bytes:
    return _digest("gmail", account, gm_msgid)


def _end_of_headers(raw: bytes) -> int:
    ends = [place for place in (raw.find(b"\r\n\r\n"), raw.find(b"\n\n")) if place >= 0]
    return min(ends, default=len(raw))


def _text(headers: Message, name: str) -> str:
    """The first header of that name, unfolded; 8-bit bytes as UTF-8 where they are. '' if absent."""
    for key, value in headers.raw_items():
        if key.lower() == name.lower():
            return " ".join(str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace").split())
    return ""


def _author(text: str) -> tuple[str, str]:
    """Display name and address. Not `parseaddr`: it recurses with every bracket a sender cares to write."""
    found = _IN_BRACKETS.search(text)
    if found:
        return text[: found.start()].strip(" \"'"), found[1]
    bare = _BARE.search(text)
    return "", bare[0] if bare else ""


def _decoded(text: str) -> str:
    if "=?" not in text:
        return text
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return text


def _bytes(part: object) -> bytes:
    return part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass")


def _digest(*parts: object) -> bytes:
    total = hashlib.sha256()
    for part in parts:
        data = _bytes(part)
        total.update(len(data).to_bytes(8, "big") + data)
    return total.digest()
