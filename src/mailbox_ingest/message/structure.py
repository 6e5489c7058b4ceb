"""The tree of MIME parts, and its leaves in order: bounded, without recursion. Knows nothing about what parts mean."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser

from mailbox_ingest.message.headers import AnyMessage
from mailbox_ingest.message.names import file_name, parameter

MAX_PARTS = 1_000
MAX_DEPTH = 500
MAX_LEVELS_OF_MESSAGES = 8
MAX_HEADER_BYTES = 1_000_000
# Beyond these the standard parser, which builds every part and recurses by level, is not given the mail.
_MANY_DELIMITERS = 4_000
_MANY_LEVELS = 200
_HEADER_END = re.compile(rb"\r?\n\r?\n")

DELIVERY_STATUS = frozenset(("message/delivery-status", "message/global-delivery-status"))
LIMIT_DEFECT = "mime-limits"  # parts beyond the limits were not read


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part without parts of its own. `inside` are the content types around it, outermost first; `index` its place among its siblings."""

    part: AnyMessage
    content_type: str
    inside: tuple[str, ...]
    index: int


@dataclass(frozen=True, slots=True)
class Nested:
    """A message inside the message (message/rfc822, or a .eml file)."""

    message: AnyMessage


def parse_tree(raw: bytes) -> tuple[AnyMessage, tuple[str, ...]]:
    """The message and its defects. Never raises: a mail that would exhaust the standard parser is split by hand, within limits."""
    found = _HEADER_END.search(raw)
    if (found.start() if found else len(raw)) > MAX_HEADER_BYTES:
        raw = raw[: raw.rfind(b"\n", 0, MAX_HEADER_BYTES) + 1] + (raw[found.start() :] if found else b"")
        tree, defects = parse_tree(raw)
        return tree, (*defects, LIMIT_DEFECT)
    if raw.count(b"\n--") <= _MANY_DELIMITERS and raw.lower().count(b"boundary") <= _MANY_LEVELS:
        try:
            return email.message_from_bytes(raw), ()
        except (RecursionError, ValueError, LookupError, TypeError, AttributeError, AssertionError):
            pass  # the standard parser gives up on a few malformed mails (a charset of nonsense, message/ parts within each other)
    return _split_by_hand(raw)


def walk(root: AnyMessage) -> Iterator[Leaf | Nested | str]:
    """Leaves and nested messages in order; a str names a defect met on the way. Does not go into nested messages."""
    stack: list[tuple[AnyMessage, tuple[str, ...], int]] = [(root, (), 0)]
    seen = 0
    while stack:
        part, inside, index = stack.pop()
        seen += 1
        if seen > MAX_PARTS or len(inside) > MAX_DEPTH:
            yield LIMIT_DEFECT
            if seen > MAX_PARTS:
                return
            continue
        content_type = part.get_content_type()
        children = [child for child in part.get_payload() if isinstance(child, Message)] if part.is_multipart() else []
        if content_type in ("message/rfc822", "message/global", "message/news"):
            nested = _nested(part, children)
            yield Nested(nested) if nested is not None else Leaf(part, content_type, inside, index)
        elif children and content_type.startswith("message/"):
            yield Leaf(part, content_type, inside, index)  # delivery-status: groups of fields, not parts
        elif children:
            if content_type == "multipart/signed":
                children = children[:1]  # the second part is the signature of the first: control, not content
            for number, child in reversed(list(enumerate(children))):
                stack.append((child, (*inside, content_type), number))
        elif content_type not in ("message/rfc822", "message/global") and (file_name(part) or "").lower().endswith(".eml"):
            yield Nested(parse_tree(content(part))[0])
        else:
            yield Leaf(part, content_type, inside, index)


def content(part: AnyMessage) -> bytes:
    """The decoded bytes of a leaf; b'' where there are none. Damaged encodings give what can be had."""
    if part.is_multipart():
        return b"\n".join(_fields_as_bytes(child) for child in part.get_payload() if isinstance(child, Message))
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AssertionError):
        data = None
    if isinstance(data, bytes):
        return data
    text = part.get_payload()
    return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else b""


def charset_of(part: AnyMessage) -> str | None:
    return parameter(part, "content-type", "charset")


def disposition_of(part: AnyMessage) -> str:
    try:
        return (part.get_content_disposition() or "").strip()
    except (ValueError, TypeError, AttributeError):
        return ""


def _nested(part: AnyMessage, children: list[AnyMessage]) -> AnyMessage | None:
    if not children:
        data = content(part)
        return parse_tree(data)[0] if data else None
    child = children[0]
    encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
    if encoding in ("base64", "quoted-printable") and not child.keys():
        # Not allowed by RFC 2046 5.2.1, but mailers do it: the standard parser then sees a message that is one base64 text.
        holder: AnyMessage = Message()
        holder["Content-Transfer-Encoding"] = encoding
        holder.set_payload(child.get_payload())
        return parse_tree(content(holder))[0]
    return child


def _fields_as_bytes(part: AnyMessage) -> bytes:
    fields = "".join(f"{name}: {value}\n" for name, value in part.raw_items())
    return fields.encode("utf-8", "surrogateescape")


def _split_by_hand(raw: bytes) -> tuple[AnyMessage, tuple[str, ...]]:
    """Splits at boundaries level by level, without recursion; a chunk beyond the limits is dropped and named as a defect."""
    root, body = _head(raw)
    stack = [(root, body, 0)]
    parts, cut = 1, False
    while stack:
        part, body, depth = stack.pop()
        boundary = parameter(part, "content-type", "boundary") if part.get_content_maintype() == "multipart" else None
        if not boundary:
            _fill(part, body)
            continue
        chunks: list[AnyMessage | str] = []
        if depth >= MAX_DEPTH:
            cut = True
        else:
            for chunk in _chunks(body, boundary.encode("utf-8", "surrogateescape")):
                if parts >= MAX_PARTS:
                    cut = True
                    break
                parts += 1
                child, inner = _head(chunk)
                chunks.append(child)
                stack.append((child, inner, depth + 1))
        part.set_payload(chunks)
    return root, (LIMIT_DEFECT,) if cut else ()


def _head(raw: bytes) -> tuple[AnyMessage, bytes]:
    if raw.startswith((b"\n", b"\r\n")):
        return Message(), raw.lstrip(b"\r\n")
    found = _HEADER_END.search(raw)
    end = found.end() if found else len(raw)
    return BytesHeaderParser().parsebytes(raw[:end]), raw[end:]


def _fill(part: AnyMessage, body: bytes) -> None:
    """Gives a leaf its body; a nested message is left as its text, which `walk` parses by itself."""
    part.set_payload(body.decode("ascii", "surrogateescape"))


def _chunks(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """What stands between the delimiter lines. By `find`: a regular expression over every level of a deep mail would take minutes."""
    delimiter = b"--" + boundary
    start: int | None = None
    place = body.find(delimiter)
    while place >= 0:
        end = body.find(b"\n", place)
        line = body[place + len(delimiter) : end if end >= 0 else len(body)].rstrip()
        if line in (b"", b"--") and (place == 0 or body[place - 1 : place] == b"\n"):
            if start is not None:
                yield _without_line_end(body[start:place])
            if line:
                return
            start = end + 1 if end >= 0 else len(body)
        place = body.find(delimiter, place + len(delimiter))
    if start is not None:
        yield _without_line_end(body[start:])


def _without_line_end(chunk: bytes) -> bytes:
    """The line break before a delimiter belongs to the delimiter (RFC 2046 5.1.1)."""
    return chunk.removesuffix(b"\n").removesuffix(b"\r")
