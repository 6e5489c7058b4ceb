"""What a bounce says of our mail: RFC 3464 reports, and the plain texts of servers that write none. Reads only; believes nothing.

Plain texts are read within bounds: the first part of the mail's own text, up to where the returned mail begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.message import Message

from mailbox_ingest.message.charset import decode
from mailbox_ingest.message.headers import AnyMessage, decode_words, mailboxes, message_ids, raw_field, raw_fields, without_comments
from mailbox_ingest.message.refusals import enhanced_status
from mailbox_ingest.message.structure import DELIVERY_STATUS, Leaf, Nested, charset_of, content, walk
from mailbox_ingest.model import DeliveryReport
from mailbox_ingest.vietnamese.fold import fold, squeeze

MAX_REPORTS = 50
_MAX_TEXT = 20_000
_MAX_RETURNED = 100_000
_MAX_DIAGNOSTIC = 400
_ACTIONS = frozenset(("failed", "delayed", "delivered", "relayed", "expanded"))
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_ID_FIELDS = ("message-id", "x-google-original-message-id", "x-original-message-id")
_ID_LINE = re.compile(r"(?im)^[>\s]{0,8}(?:x-(?:google-)?original-)?message-id:\s*(<[^<>\s]{1,300}>)")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
# Where the returned mail begins in the text of servers that put it there: qmail, Exim, Gmail of old, Yahoo, Domino, Sendmail.
_RETURNED = re.compile(
    r"(?im)^[ >]*(?:-{2,} ?(?:below this line is a copy|this is a copy of|the (?:header|body|original)|original m|unsent message)"
    r"|-{3,} ?(?:returned|forwarded) m|original message headers|the original message|your original message|thư gốc|nội dung thư gốc)"
)
_LATER = re.compile(
    r"delayed|has not (?:yet )?been delivered|will be retried|will retry|still trying|will keep trying|warning only|no action is required"
    r"|temporar(?:y|ily).{0,40}retry|bi tri hoan|bi cham|se tiep tuc thu|chua gui duoc|retarde\b|differe\b"
)


def delivery_reports(message: AnyMessage, *, letter_text: str) -> tuple[DeliveryReport, ...]:
    """What a bounce says, a report a recipient. `letter_text` serves where it has no plain text. Never raises."""
    leaves = [item for item in walk(message) if not isinstance(item, str)]
    returned = _returned_ids(leaves)
    answered = (*message_ids(raw_field(message, "in-reply-to")), *reversed(message_ids(raw_field(message, "references"))))
    statuses = [leaf.part for leaf in leaves if isinstance(leaf, Leaf) and leaf.content_type in DELIVERY_STATUS]
    found = [report for part in statuses for report in _structured(part, returned, answered)]
    if found:
        return tuple(found[:MAX_REPORTS])
    # The letter as the house reads it has lost what it took for a signature or for history: here that may be the answer.
    plain = "\n".join(
        decode(content(leaf.part)[:_MAX_RETURNED], charset_of(leaf.part)).replace("\r\n", "\n")
        for leaf in leaves
        if isinstance(leaf, Leaf) and leaf.content_type == "text/plain"
    )
    return _from_text(message, plain if plain.strip() else letter_text, returned, answered)


# ---------------------------------------------------------------- RFC 3464


def _structured(part: AnyMessage, returned: tuple[str, ...], answered: tuple[str, ...]) -> Iterator[DeliveryReport]:
    named: tuple[str, ...] = ()
    for block in _blocks(part):
        named = named or tuple(found for name in _ID_FIELDS for found in message_ids(raw_field(block, name)))
        action = without_comments(raw_field(block, "action") or "").strip().lower()
        if action not in _ACTIONS:
            continue
        addresses = (_typed_address(raw_field(block, name)) for name in ("final-recipient", "original-recipient", "x-actual-recipient"))
        diagnostic = _diagnostic(decode_words(raw_field(block, "diagnostic-code") or ""))
        stated = _STATUS.search(without_comments(raw_field(block, "status") or ""))
        yield DeliveryReport(
            recipients=_unique(address for address in addresses if address),
            action=action,
            status=_sharper(stated[0] if stated else None, diagnostic),
            diagnostic=diagnostic,
            original_ids=_unique((*returned, *named, *answered)),
        )


def _blocks(part: AnyMessage) -> list[AnyMessage]:
    """The groups of fields of a delivery status; the standard parser does not decode those that are encoded."""
    encoding = (raw_field(part, "content-transfer-encoding") or "").lower()
    if part.is_multipart() and encoding not in ("base64", "quoted-printable"):
        return [block for block in part.get_payload() if isinstance(block, Message)]
    if part.is_multipart():
        holder: AnyMessage = Message()
        holder["Content-Transfer-Encoding"] = encoding
        holder.set_payload("\n".join(_as_text(block) for block in part.get_payload() if isinstance(block, Message)))
        text = decode(content(holder), None)
    else:
        text = decode(content(part), None)
    return [_fields(group) for group in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")[:_MAX_TEXT]) if group.strip()]


def _as_text(block: AnyMessage) -> str:
    head = "".join(f"{name}: {value}\n" for name, value in block.raw_items())
    body = block.get_payload()
    return head + (body if isinstance(body, str) else "")


def _fields(text: str) -> AnyMessage:
    block: AnyMessage = Message()
    for line in re.sub(r"\n[ \t]+", " ", text).splitlines():
        name, colon, value = line.partition(":")
        if colon and re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,60}", name.strip()):
            block[name.strip()] = value.strip()
    return block


def _typed_address(value: str | None) -> str | None:
    """'rfc822; Lan@B.example' -> 'lan@b.example'."""
    found = _ADDRESS.search(without_comments(value or "").partition(";")[2] or (value or ""))
    return found[0].lower() if found else None


def _diagnostic(text: str) -> str:
    kind, semicolon, rest = text.partition(";")
    return squeeze(rest if semicolon and len(kind.strip()) <= 20 else text)[:_MAX_DIAGNOSTIC]


def _sharper(status: str | None, diagnostic: str) -> str | None:
    """The server's own code where the report has only a general one ('5.0.0')."""
    if status is not None and not status.endswith(".0.0"):
        return status
    said = enhanced_status(diagnostic)
    return said if said is not None and (status is None or said[0] == status[0]) else status


# ---------------------------------------------------------------- plain text


def _from_text(message: AnyMessage, text: str, returned: tuple[str, ...], answered: tuple[str, ...]) -> tuple[DeliveryReport, ...]:
    whole = text[:_MAX_RETURNED]
    cut = _RETURNED.search(whole)
    said = whole[: cut.start() if cut else _MAX_TEXT][:_MAX_TEXT]
    inside = tuple(_ID_LINE.findall(whole, cut.start() if cut else 0))[:3]
    named = _unique(mailbox.email for mailbox in mailboxes(list(raw_fields(message, "x-failed-recipients"))))
    ours = {
        mailbox.email for mailbox in mailboxes([*raw_fields(message, "to"), *raw_fields(message, "from"), *raw_fields(message, "sender")])
    }
    places = {address: said.lower().find(address) for address in named}
    for found in _ADDRESS.finditer(said):
        address = found[0].lower().rstrip(".")
        if address not in ours and not named and address not in places and len(places) < MAX_REPORTS:
            places[address] = found.start()
    action = "delayed" if _LATER.search(fold(f"{raw_field(message, 'subject') or ''}\n{said}")) else "failed"
    ids = _unique((*returned, *inside, *answered))
    if not places:
        return (_text_report((), action, said, ids),) if ids else ()
    # One server writes one answer behind each address; where there is a single address, its answer may stand anywhere.
    ordered = sorted(places.items(), key=lambda item: item[1])
    ends = [place for _, place in ordered[1:]] + [len(said)]
    if len(ordered) == 1:
        return (_text_report((ordered[0][0],), action, said, ids),)
    return tuple(
        _text_report((address,), action, said[max(place, 0) : end], ids) for (address, place), end in zip(ordered, ends, strict=True)
    )


def _text_report(recipients: tuple[str, ...], action: str, text: str, ids: tuple[str, ...]) -> DeliveryReport:
    status = enhanced_status(text)
    found = re.search(r"(?<![\d.])[45]\d\d[ -]", text)
    start = found.start() if found else 0
    return DeliveryReport(
        recipients=recipients,
        action=action,
        status=status,
        diagnostic=squeeze(text[start : start + 1_000])[:_MAX_DIAGNOSTIC],
        original_ids=ids,
    )


# ---------------------------------------------------------------- which mail


def _returned_ids(leaves: Iterable[Leaf | Nested]) -> tuple[str, ...]:
    """Message-IDs of the mail that came back: the message inside, or its headers alone."""
    found: list[str] = []
    for item in leaves:
        if isinstance(item, Nested):
            found += [one for name in _ID_FIELDS for one in message_ids(raw_field(item.message, name))[:1]]
        elif item.content_type in ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers"):
            text = decode(content(item.part), charset_of(item.part))[:_MAX_RETURNED]
            found += _ID_LINE.findall(text)[:3]
    return _unique(found)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
