"""Whether a figure of running text is clear as it stands: not vague, not in two pieces, not amended or doubted right behind it."""

from __future__ import annotations

import re

from mailbox_ingest.forms.clauses import EARLIER, blank_out, words_in
from mailbox_ingest.forms.dates import find_dates, plain
from mailbox_ingest.forms.labels import LabelReader
from mailbox_ingest.forms.notes import only_adds
from mailbox_ingest.forms.numbers import SCALE, parse_count, parse_digits

_VAGUE = re.compile(
    r"(?:\b(?:khoang|gan|hon|tren|duoi|tam|uoc|uoc tinh|chung|ngot|non|xap xi|du kien|phan dau|muc tieu|chi tieu)|[~≈><±+≤≥])\s*$"
)
_VAGUE_AFTER = re.compile(r"^\s*(?:[+~±]|\b(?:tro len|tro xuong|may nguoi)\b)")
_ROUND = re.compile(r"\b(?:dot|lan|quy|thang|nam)\s+\d")  # 'đã cài đợt 1' is a part of what is asked
_AMENDED = re.compile(r"\b(?:sua|dung la|dinh chinh|thuc te|nham|moi la)\b")


def is_clear(line: str, clause: str, at: tuple[int, int], start: int, labels: LabelReader, *, year: int, fuzzy: bool) -> bool:
    """The figure at `at` of a clause (list marks, dates and asides blanked out) that begins at `start` of its line as written."""
    before, after = plain(clause[: at[0]]), plain(clause[at[1] :])
    if _VAGUE.search(before) or clause[: at[0]].rstrip().lower().endswith("cỡ") or _VAGUE_AFTER.search(after):
        return False
    if SCALE.match(after.strip()) or "?" in line or _ROUND.search(plain(_undated(line[start : start + len(clause)], year))):
        return False
    ahead, behind = line[: start + at[0]], line[start + at[1] :]
    return _is_whole(clause[at[0] : at[1]], ahead, behind) and _is_left_alone(
        parse_digits(clause[at[0] : at[1]]), behind, labels, year=year, fuzzy=fuzzy
    )


def _is_whole(figure: str, ahead: str, behind: str) -> bool:
    """'1. 121 người' is one number that fell apart, or two: nobody can tell."""
    apart = re.match(r"\s*[.,]?\s*[0-9]", behind) or re.search(r"[0-9]\s*[.,]?\s*$", ahead[-4:])
    return parse_count(figure).certain and apart is None


def _is_left_alone(value: int | None, behind: str, labels: LabelReader, *, year: int, fuzzy: bool) -> bool:
    """Whether the brackets right behind the figure leave it as it is."""
    in_words = re.match(r"[^\d(;,.]{0,25}(\([^()]*\))", behind)
    spelled = words_in(in_words[1]) if in_words else None
    if spelled not in (None, value):
        return False
    aside = re.match(r"[^\d(;,.]{0,15}\(([^()\d]*)\)", plain(behind))
    if aside and EARLIER.search(aside[1]) and "so voi" not in aside[1]:
        return False
    amended = re.match(r"[^\d(;,]{0,15}\(([^()]*\d[^()]*)\)", plain(behind))
    if amended and _AMENDED.search(amended[1]):
        return False
    bracket = re.match(r"[^\d(;,.]{0,25}\(([^()]*)\)", behind)
    return bracket is None or spelled is not None or only_adds(bracket[1], labels, year=year, fuzzy=fuzzy)


def _undated(text: str, year: int) -> str:
    """The clause as written, without its dates."""
    return blank_out(text, [(d.start, d.end) for d in find_dates(text, year=year)])
