"""Header lines from outside text (RFC 5322, RFC 2047): always one header, in ASCII, folded. Pure. Refuses an address that is none.

Anything but the plainest text is written as base64 encoded words, which have no character that a header could be made of. What looks like
an encoded word itself is encoded again: readers see the text as it was, and no parser on the way decodes a line break out of it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_MAX_ADDRESS = 320
# Controls, line ends of every kind, lone surrogates; and what turns the direction of writing or is invisible: a name is to look as it is.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")
_PLAIN = re.compile(r"[ -~]*")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/^_`{|}~ -]+")
_LONGEST_WORD = 60
_LINE = 76
_WORD_BYTES = 39  # 52 characters of base64, 64 with its frame: fits behind every header's name
_MAX_NAME = 200


def text_header(name: str, text: str) -> str:
    """An unstructured header such as Subject, with its CRLF."""
    line = one_line(text)
    words = line.split(" ")
    plain = _PLAIN.fullmatch(line) and "=?" not in line and all(len(word) <= _LONGEST_WORD for word in words)
    return _folded(name, words if plain else list(_encoded(line)))


def address_header(name: str, people: Sequence[tuple[str | None, str]]) -> str:
    """From or To, with its CRLF: (display name or None, address) each. Raises ValueError for an address that is none."""
    words: list[str] = []
    for place, (display, email) in enumerate(people):
        if not _ADDRESS.fullmatch(email) or "=?" in email or len(email) > _MAX_ADDRESS:
            raise ValueError(f"{email[:80]!r} is no address")
        shown = one_line(display or "")[:_MAX_NAME]
        comma = "," if place + 1 < len(people) else ""
        words += [*_phrase(shown), f"<{email}>{comma}"] if shown else [f"{email}{comma}"]
    return _folded(name, words)


def one_line(text: str) -> str:
    """Outside text without line ends, controls and invisible characters."""
    return " ".join(_CONTROL.sub(" ", text).split())


def _phrase(shown: str) -> list[str]:
    words = shown.split(" ")
    if _PLAIN_NAME.fullmatch(shown) and all(len(word) <= _LONGEST_WORD for word in words):
        return words
    return list(_encoded(shown))


def _encoded(text: str) -> Iterator[str]:
    """The text as encoded words, none of which ends within a character."""
    chunk = b""
    for character in text:
        data = character.encode()
        if len(chunk) + len(data) > _WORD_BYTES:
            yield _word(chunk)
            chunk = b""
        chunk += data
    yield _word(chunk)


def _word(data: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(data).decode('ascii')}?="


def _folded(name: str, words: Sequence[str]) -> str:
    lines, line = [], f"{name}:"
    for word in words:
        if len(line) + 1 + len(word) > _LINE and not line.endswith(":"):
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line]) + "\r\n"
