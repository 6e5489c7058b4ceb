"""File names of MIME parts: read from whatever a mailer wrote, made harmless for display. A name is never a path on our disk."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from email.message import Message
from urllib.parse import unquote_to_bytes

from mailbox_ingest.message.charset import decode
from mailbox_ingest.message.headers import AnyMessage, decode_words, raw_field
from mailbox_ingest.vietnamese.fold import squeeze

MAX_NAME_CHARACTERS = 150
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_EXTENSION = re.compile(r"\.\w{1,8}$")


def parameter(part: AnyMessage, field: str, name: str) -> str | None:
    """A parameter of Content-Type or Content-Disposition: RFC 2231, RFC 2047 inside quotes, percent-encoded, or raw 8-bit."""
    value = raw_field(part, field)
    if value is None:
        return None
    holder: AnyMessage = Message()
    holder[field] = value.replace("\r", " ").replace("\n", " ")
    try:
        found = holder.get_param(name, header=field)
    except (ValueError, TypeError, IndexError):  # broken continuations (filename*x=)
        return None
    if found is None:
        return None
    if isinstance(found, tuple):
        charset, _, text = found
        with contextlib.suppress(UnicodeEncodeError):
            text = decode(text.encode("latin-1"), charset)
        return decode_words(text)
    if "=?" in found:
        return decode_words(found)
    if _PERCENT.search(found):
        try:
            text = unquote_to_bytes(found).decode("utf-8")
        except UnicodeDecodeError:
            text = found
        found = found if text.isascii() else text
    return squeeze(found)


def file_name(part: AnyMessage) -> str | None:
    """The display name of a part, harmless; None where the mailer gave none."""
    for field, name in (("content-disposition", "filename"), ("content-type", "name")):
        found = parameter(part, field, name)
        if found and (safe := harmless(found)):
            return safe
    return None


def harmless(name: str) -> str:
    """'../../etc/passwd.docx' -> 'passwd.docx': one path segment, no control or direction characters, bounded; '' where nothing is left."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rstrip("/ ").rsplit("/", 1)[-1]
    name = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    name = squeeze(name).strip(" .")
    if len(name) > MAX_NAME_CHARACTERS:
        found = _EXTENSION.search(name)
        extension = found[0] if found else ""
        name = name[: MAX_NAME_CHARACTERS - len(extension)] + extension
    return name


class UniquePaths:
    """Gives every attachment of one message a path of its own: 'bc.docx', then 'bc (2).docx'."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, path: str) -> str:
        found = _EXTENSION.search(path)
        extension = found[0] if found else ""
        stem = path[: len(path) - len(extension)]
        candidate, number = path, 1
        while candidate.casefold() in self._taken:
            number += 1
            candidate = f"{stem} ({number}){extension}"
        self._taken.add(candidate.casefold())
        return candidate
