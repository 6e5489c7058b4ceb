"""Header fields as people meant them: encoded words, raw 8-bit text, addresses, ids and dates. Never raises."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from mailbox_ingest.message.charset import clean, decode, decode_header_bytes
from mailbox_ingest.model import Mailbox
from mailbox_ingest.vietnamese.fold import nfc, squeeze

MAX_FIELD_CHARACTERS = 20_000
MAX_ADDRESSES = 500
MAX_REFERENCES = 100
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_WORD = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?]*)\?=")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,900})>")
_BARE_ADDRESS = re.compile(r"[^\s<>\"'(),;:\[\]]{1,64}@[^\s<>\"'(),;:\[\]]{1,255}")
_EARLIEST_YEAR = 1995
_LATEST_YEAR = 2100

AnyMessage = Message


def raw_fields(message: AnyMessage, name: str) -> Iterator[str]:
    """The unfolded values of a field, topmost first; raw octets above 127 are already text."""
    wanted = name.lower()
    for key, value in message.raw_items():
        if key.lower() == wanted:
            yield unfolded(str(value))


def raw_field(message: AnyMessage, name: str) -> str | None:
    return next(raw_fields(message, name), None)


def unfolded(value: str) -> str:
    value = _FOLD.sub("", value[:MAX_FIELD_CHARACTERS]).strip()
    if not value.isascii():
        # The parser keeps raw octets as surrogates; RFC 6532 text of a message built in memory is text already.
        try:
            value = decode_header_bytes(value.encode("ascii", "surrogateescape"))
        except UnicodeEncodeError:
            value = clean(value)
    return value


def decode_words(value: str) -> str:
    """Text of a field with its encoded words (RFC 2047) decoded, one line, NFC, without control characters."""
    pieces: list[str] = []
    pending: list[bytes] = []
    pending_charset = ""
    position = 0

    def flush() -> None:
        if pending:
            pieces.append(decode(b"".join(pending), pending_charset))
            pending.clear()

    for found in _WORD.finditer(value):
        between = value[position : found.start()]
        charset = found[1].lower()
        if between.strip() or (pending and charset != pending_charset):
            flush()
            if between.strip():
                pieces.append(between)
        elif between and not pending and position == 0:
            pieces.append(between)
        # Adjacent words of one charset are joined before decoding: mailers break them inside a character.
        pending.append(_word_bytes(found[2], found[3]))
        pending_charset = charset
        position = found.end()
    flush()
    pieces.append(value[position:])
    return squeeze(nfc(clean("".join(pieces))))


def text_field(message: AnyMessage, name: str) -> str:
    """A decoded unstructured field; '' where absent."""
    value = raw_field(message, name)
    return decode_words(value) if value else ""


def mailboxes(values: Iterator[str] | list[str]) -> tuple[Mailbox, ...]:
    """The mailboxes of address fields; what holds no address is left out."""
    out: list[Mailbox] = []
    for value in values:
        for name, address in _addresses(value):
            mailbox = _mailbox(name, address)
            if mailbox:
                out.append(mailbox)
        if not out and "@" in (plain := decode_words(value)):
            # A mailer that encoded the address together with the name, or quoted nothing at all.
            found = _BARE_ADDRESS.findall(plain)
            if found:
                name = squeeze(plain.replace(f"<{found[-1]}>", "").replace(found[-1], "").strip(" \"'<>"))
                out.append(Mailbox(email=found[-1].lower(), name=name or None))
    return tuple(out)


def message_ids(value: str | None) -> tuple[str, ...]:
    """All ids of a Message-ID, In-Reply-To or References field, with their angle brackets, in order."""
    return tuple(f"<{nfc(found)}>" for found in _MESSAGE_ID.findall(value or "")[-MAX_REFERENCES:])


def message_id(value: str | None) -> str | None:
    """The one id of a Message-ID field; a bare id without brackets is accepted."""
    found = message_ids(value)
    if found:
        return found[0]
    bare = squeeze(nfc(value or "")).strip("<>")
    return f"<{bare}>" if bare and " " not in bare and len(bare) < 900 else None


def moment(value: str | None) -> datetime | None:
    """An aware UTC moment from a date field; None where absent or absurd. '-0000' and no zone at all count as UTC."""
    if not value:
        return None
    try:
        found = parsedate_to_datetime(value.strip())
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if _EARLIEST_YEAR <= found.year <= _LATEST_YEAR else None


def without_comments(value: str) -> str:
    """A structured field without its comments, which may be nested (RFC 5322 3.2.2); one that is never closed runs to the end."""
    if "(" not in value:
        return value
    out: list[str] = []
    depth, quoted, escaped = 0, False, False
    for character in value:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == '"' and not depth:
            quoted = not quoted
        elif character == "(" and not quoted:
            depth += 1
        elif character == ")" and depth:
            depth -= 1
            continue
        if not depth:
            out.append(character)
    return "".join(out)


def _addresses(value: str) -> list[tuple[str, str]]:
    try:
        return getaddresses([value])[:MAX_ADDRESSES]
    except (RecursionError, ValueError, IndexError):  # comments nested a thousand deep
        return []


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return quopri.decodestring(data.replace(b"_", b" "), header=False)
    data = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return base64.b64decode(data[: len(data) // 4 * 4])


def _mailbox(name: str, address: str) -> Mailbox | None:
    address = squeeze(nfc(clean(address))).strip("<>'\"").lower()
    if "@" not in address or " " in address or address.startswith("@") or address.endswith("@"):
        return None
    name = decode_words(name).strip("'\" ")
    return Mailbox(email=address, name=name or None)
