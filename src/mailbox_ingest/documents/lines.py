"""Lines of plain text to paragraphs: joins what a mail program or a clerk broke inside a sentence, keeps list lines apart.

Refuses to join where a line may stand for itself: a wrong join glues two numbers together, a missed join costs nothing but a label.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_LIST = re.compile(r"\s*(?:[-–—•●▪◦*+·]|\(?[0-9]{1,2}[.)/]\)?(?!\d)|\(?[a-zđ][.)]|[IVX]{1,4}[.)])\s*", re.IGNORECASE)
_ENDS_SENTENCE = re.compile(r"[.!?:;…]['\")\]»”]*\s*$")
_ENDS_OPEN = re.compile(r"(?:[^\W\d_]|,|\()\s*$")
_STARTS_LOWER = re.compile(r"\s*[(\"“]?[^\W\d_]")
_NUMBER_START = re.compile(r"\s*\d")
_SERIAL = re.compile(r"(\d{1,2})\s+(?:[^\W\d]|\+ )")
_CLOSES = re.compile(
    r"(?:trân trọng|tran trong|thân ái|than ai|xin cảm ơn|xin cam on|em cảm ơn|em cam on|cảm ơn|cam on|best regards|thanks)\b",
    re.IGNORECASE,
)
_MIN_WRAP = 50  # a shorter line ended where its writer wanted it to


def join_wrapped(lines: Iterable[str], *, min_length: int = _MIN_WRAP) -> list[str]:
    """Paragraphs from lines without their line ends. A blank line always parts.

    A line goes on when it is long enough to have been wrapped, does not end a sentence, and the next begins in lower case or with a
    number after a word. A line that begins a list, or follows a colon, stands for itself.
    """
    joined: list[str] = []
    last_piece = ""
    for line in lines:
        text = line.strip()
        if joined and last_piece and text and _goes_on(last_piece, text, min_length):
            joined[-1] = f"{joined[-1]} {text}"
        elif text:
            joined.append(text)
        last_piece = text
    return joined


def _goes_on(before: str, after: str, min_length: int) -> bool:
    if len(before) >= min_length and before.endswith(":") and _NUMBER_START.match(after) and not _LIST.match(after):
        return True  # 'Tổng số đoàn viên:' and its figure on the next line
    if len(before) < min_length or _ENDS_SENTENCE.search(before) or _LIST.match(after) or "\t" in before or "\t" in after:
        return False
    if _CLOSES.match(after):
        return False  # 'trân trọng' belongs to nothing above it
    if not _ENDS_OPEN.search(before):
        return False  # it ends in a digit, a percent sign or the like: what follows may be another figure
    if _NUMBER_START.match(after):
        return not _counts_on(before, after)
    start = _STARTS_LOWER.match(after)
    return bool(start) and after[start.end() - 1].islower() if start else False


def _counts_on(before: str, after: str) -> bool:
    """'1 Tổng số …' and '2 Số …': rows of a table pasted as text, by their serial numbers."""
    first, second = _SERIAL.match(before), _SERIAL.match(after)
    return first is not None and second is not None and int(second[1]) == int(first[1]) + 1
