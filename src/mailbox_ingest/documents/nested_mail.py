"""Messages that came as files: .eml (RFC 5322), .msg (Outlook, MS-OXMSG) and winmail.dat (TNEF). Gives their bodies and members.

Not the mail itself: that is the message room's. Nothing here decides anything by a header.
"""

from __future__ import annotations

import email
import email.errors
import email.policy
import io
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage

import olefile
import tnefparse

from mailbox_ingest.documents.container import Budget, Member
from mailbox_ingest.documents.names import clean_name
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.vietnamese.mojibake import decode

_CID = re.compile(r"cid:([^\s\"'>)]+)", re.IGNORECASE)
_NO_REPORTS = frozenset({"message/delivery-status", "message/disposition-notification", "text/rfc822-headers", "text/calendar"})
# UnboundLocalError: it takes an attribute of an attachment that never began.
_BROKEN_TNEF = (ValueError, LookupError, TypeError, AttributeError, struct.error, OverflowError, AssertionError, UnboundLocalError)
_MAX_PARTS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedMail:
    """What one message holds. `rtf` are bodies that exist as compressed RTF only."""

    text: str = ""
    rtf: tuple[bytes, ...] = ()
    html: str | None = None
    members: tuple[Member, ...] = ()


def read_eml(data: bytes, budget: Budget) -> NestedMail:
    """An RFC 5322 message; messages inside it are flattened into it. Raises DocumentError."""
    try:
        message = email.message_from_bytes(data, policy=email.policy.default)
        leaves = [part for part in message.walk() if not part.is_multipart()]
    except (RecursionError, ValueError, LookupError, email.errors.MessageError) as problem:
        raise DocumentError("unreadable", f"eml: {problem!r}") from problem
    if len(leaves) > _MAX_PARTS:
        raise DocumentError("too_large", f"eml: {len(leaves)} parts")
    texts: list[str] = []
    htmls: list[str] = []
    members: list[Member] = []
    for number, part in enumerate(leaves, start=1):
        content_type = part.get_content_type()
        content = _payload(part)
        name = _file_name(part)
        if name is None and content_type in ("text/plain", "text/html") and _header(part, "Content-Disposition") != "attachment":
            (texts if content_type == "text/plain" else htmls).append(decode(content, part.get_content_charset()))
        elif content_type not in _NO_REPORTS:
            content_id = (part.get("Content-ID") or "").strip(" <>") or None
            members.append(Member(name=clean_name(name, f"phần {number}"), data=content, content_type=content_type, content_id=content_id))
    return _assembled("\n".join(texts), "\n".join(htmls), members, budget)


def _payload(part: EmailMessage) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        return b""
    return content if isinstance(content, bytes) else b""


def _file_name(part: EmailMessage) -> str | None:
    try:
        return part.get_filename()
    except (ValueError, LookupError, IndexError, AttributeError, TypeError):
        return None  # the standard library gives up on some malformed parameters


def _header(part: EmailMessage, name: str) -> str:
    try:
        return str(part.get(name) or "").split(";")[0].strip().lower()
    except (ValueError, LookupError, IndexError, AttributeError, TypeError):
        return ""


def read_msg(data: bytes, budget: Budget) -> NestedMail:
    """An Outlook message; a message attached to it becomes part of it. Raises DocumentError."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            streams = {"/".join(path): path for path in ole.listdir(streams=True, storages=False)}
            sizes = [(ole.get_size(path), ole.get_size(path)) for path in streams.values()]
            if len(sizes) > 50 * _MAX_PARTS or sum(size for size, _ in sizes) > budget.unpacked_bytes:
                raise DocumentError("too_large", f"msg: {len(sizes)} streams")
            contents = {name: ole.openstream(path).read() for name, path in streams.items() if "__substg1.0_" in name}
    except (OSError, ValueError, IndexError, TypeError, AttributeError, KeyError, OverflowError, RecursionError, struct.error) as problem:
        raise DocumentError("unreadable", f"msg: {problem!r}") from problem
    prefixes = _msg_prefixes(contents)
    texts = [_msg_string(contents, prefix, "1000") for prefix in prefixes]
    htmls = [_msg_html(contents, prefix) for prefix in prefixes]
    only_rtf = [prefix for prefix, text, html in zip(prefixes, texts, htmls, strict=True) if not text.strip() and not html.strip()]
    rtf = [contents[name] for prefix in only_rtf if (name := f"{prefix}__substg1.0_10090102") in contents]
    members: list[Member] = []
    for stream, content in contents.items():
        prefix, mark, _ = stream.rpartition("__substg1.0_37010102")
        if mark:
            name = _msg_string(contents, prefix, "3707") or _msg_string(contents, prefix, "3704") or _msg_string(contents, prefix, "3001")
            content_id = _msg_string(contents, prefix, "3712") or None
            members.append(Member(name=clean_name(name, f"tệp {len(members) + 1}"), data=content, content_id=content_id))
    return _assembled("\n".join(filter(None, texts)), "\n".join(filter(None, htmls)), members, budget, rtf)


def _msg_prefixes(contents: dict[str, bytes]) -> list[str]:
    """The message itself, and each message attached to it, as prefixes of stream names."""
    embedded = {
        name[: name.index("__substg1.0_3701000D/") + len("__substg1.0_3701000D/")] for name in contents if "__substg1.0_3701000D/" in name
    }
    return ["", *sorted(embedded)]


def _msg_string(contents: dict[str, bytes], prefix: str, tag: str) -> str:
    """A string property: Unicode (001F) or in some code page (001E)."""
    wide = contents.get(f"{prefix}__substg1.0_{tag}001F")
    if wide is not None:
        return wide.decode("utf-16-le", "replace").rstrip("\x00")
    narrow = contents.get(f"{prefix}__substg1.0_{tag}001E")
    return "" if narrow is None else decode(narrow).rstrip("\x00")


def _msg_html(contents: dict[str, bytes], prefix: str) -> str:
    binary = contents.get(f"{prefix}__substg1.0_10130102")
    return decode(binary) if binary is not None else _msg_string(contents, prefix, "1013")


def read_tnef(data: bytes, budget: Budget) -> NestedMail:
    """winmail.dat. Raises DocumentError. (tnefparse can be made to eat memory: the sandbox bounds that.)"""
    try:
        message = tnefparse.TNEF(data, do_checksum=False)
        members = [
            Member(name=clean_name(part.long_filename() or str(part.name or ""), f"tệp {number}"), data=bytes(part.data or b""))
            for number, part in enumerate(message.attachments, start=1)
        ]
        text, html = _tnef_text(message.body), _tnef_text(message.htmlbody)
        # Its property `rtfbody` unpacks only where a further package is installed: what it would unpack is taken instead.
        # A last byte of nothing is lost on its way; where it is not, it is padding.
        packed = [content + b"\0" for content in _as_list(message._rtfbody) if isinstance(content, bytes)]
    except _BROKEN_TNEF as problem:
        raise DocumentError("unreadable", f"winmail.dat: {problem!r}") from problem
    return _assembled(text, html, members, budget, [] if text.strip() or html.strip() else packed)


def _as_list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]


def _tnef_text(value: object) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, bytes):
        value = decode(value)
    return value.rstrip("\x00") if isinstance(value, str) else ""


def _assembled(text: str, html: str, members: list[Member], budget: Budget, rtf: Sequence[bytes] = ()) -> NestedMail:
    budget.take([(len(member.data), len(member.data)) for member in members])
    shown = {found.lower() for found in _CID.findall(html)}
    marked = tuple(
        Member(
            name=member.name,
            data=member.data,
            content_type=member.content_type,
            content_id=member.content_id,
            referenced=member.content_id is not None and member.content_id.lower() in shown,
        )
        for member in members
    )
    return NestedMail(text=text, html=html or None, members=marked, rtf=tuple(rtf))
