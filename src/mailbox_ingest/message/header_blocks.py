"""Header blocks inside a body ("From: … Sent: … To: …", "Từ: … Đã gửi: … Tới: …"), as mailers write them above quoted or forwarded text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from mailbox_ingest.message.signatures import has_figure
from mailbox_ingest.vietnamese.fold import fold

_FIELD = re.compile(r"^\s*\**\s*([^\W\d_][\w ]{1,18}?)\s*\**\s*:\s*\**\s*(.*)$")
_FROM = frozenset({"from", "tu", "nguoi gui", "de"})
_DATE = frozenset({"sent", "date", "da gui", "ngay", "gui", "ngay gui", "thoi gian", "vao luc", "sent on", "gui luc", "da gui luc"})
_TO = frozenset({"to", "toi", "den", "nguoi nhan", "gui toi", "gui den"})
_SUBJECT = frozenset({"subject", "chu de", "tieu de", "ve viec"})
_OTHER = frozenset(
    {"cc", "bcc", "reply to", "tra loi cho", "attachments", "importance", "dinh kem", "dong gui", "dong kinh gui", "tam quan trong"}
)
_BLOCK_LINES = 9


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a body. `quoted`: the markup says it is cited."""

    text: str
    quoted: bool = False


@lru_cache(maxsize=256)
def _field(text: str) -> tuple[str, str] | None:
    found = _FIELD.match(text.replace("\xa0", " ").replace("\t", " "))
    return (fold(found[1]), found[2].strip(" *")) if found else None


def begins_header_block(lines: Sequence[Line], position: int) -> bool:
    """Does a header block (From, Sent, To, Subject without any mark) begin here?"""
    first = _field(lines[position].text)
    if first is None or first[0] not in _FROM:
        return False
    names = [first[0]]
    for line in lines[position + 1 : position + _BLOCK_LINES]:
        if not line.text.strip():
            if len(names) == 1 or line is not lines[min(position + 1, len(lines) - 1)]:
                continue
            break
        field = _field(line.text)
        if field is not None:
            names.append(field[0])
    dated = any(name in _DATE for name in names)
    addressed = any(name in _TO for name in names)
    titled = any(name in _SUBJECT for name in names)
    return (dated and (addressed or titled)) or (addressed and titled)


def header_block(lines: Sequence[Line], start: int) -> tuple[int, str]:
    """(index after the header block that begins at or after `start`, its From field)."""
    author = ""
    position = start
    while position < len(lines) and not lines[position].text.strip():
        position += 1
    end, known = start, 0
    last = ""
    while position < len(lines) and known < _BLOCK_LINES + 6:
        text = lines[position].text
        if not text.strip():
            # Between the fields of HTML mails there may be empty lines; after the subject an empty line ends the block.
            following = next((_field(line.text) for line in lines[position + 1 : position + 3] if line.text.strip()), None)
            if following is None or following[0] not in _FROM | _DATE | _TO | _SUBJECT | _OTHER:
                break
            position += 1
            continue
        field = _field(text)
        if field is not None and field[0] in _FROM | _DATE | _TO | _SUBJECT | _OTHER:
            last = field[0]
            if last in _FROM and not author:
                author = field[1]
        elif not last or has_figure(text) or last in _SUBJECT:
            break
        known += 1
        position += 1
        end = position
    return end, author
