"""What a cell says beside its figure: '590 người (98,3%)', '590/600', '590 (nữ: 146)'. The figure alone, and what bears witness to it."""

from __future__ import annotations

import re
from functools import lru_cache

from mailbox_ingest.forms.clauses import blank_out
from mailbox_ingest.forms.dates import plain
from mailbox_ingest.forms.numbers import Percent, find_percents, parse_count, parse_digits
from mailbox_ingest.vietnamese.fold import nfc

_BEFORE_SHARE = re.compile(r"[\s(,;:\-–]*(?:(?:dat|chiem|bang|tuong duong|ty le|ti le|=)\s*)*[:\s]*$")
_AFTER_SHARE = re.compile(r"\s*\)?")
# Women, and last time's figure, stand beside a figure without changing it.
_ASIDE = re.compile(
    r"[\s(,;]*\b(?:trong do\s*:?\s*)?(?:co\s+)?(?:nu|tuan truoc|ky truoc|lan truoc)\s*(?:la|:|=|co)?\s*[\d.]*\d"
    r"(?:\s*(?:nguoi|d/c|dong chi))?\s*\)?"
)
_FRACTION = re.compile(r"(\d[\d.,]*)\s?/\s?(\d[\d.,]*)(?![\d/])")
_LONGEST = 120


def shares_in(text: str) -> tuple[Percent, ...]:
    """The percentages that stand in a cell beside a figure; none where the percentage is all there is."""
    return find_percents(nfc(text)) if text != figure_in(text) else ()


@lru_cache(maxsize=2048)
def figure_in(text: str) -> str:
    """The text of a cell without percentages, women and last time's figure, where a figure is left; else the text as it is."""
    whole = nfc(text)
    if len(whole) > _LONGEST or not any(c.isdigit() for c in whole):
        return text
    flat = plain(whole)
    spans: list[tuple[int, int]] = []
    for share in find_percents(whole):
        before, after = _BEFORE_SHARE.search(flat[: share.start]), _AFTER_SHARE.match(flat, share.end)
        spans.append((before.start() if before else share.start, after.end() if after else share.end))
    spans += [m.span() for m in _ASIDE.finditer(flat) if any(c.isdigit() for c in flat[: m.start()])]
    rest = blank_out(whole, spans).strip()
    return rest if spans and any(c.isdigit() for c in rest) else text


@lru_cache(maxsize=2048)
def fraction_in(text: str) -> tuple[str, int] | None:
    """'590/600 người' -> ('590 người', 600): the figure, and the whole that it is said to be of."""
    found = list(_FRACTION.finditer(text)) if len(text) <= _LONGEST else []
    if len(found) != 1:
        return None
    part, whole = parse_digits(found[0][1]), parse_digits(found[0][2])
    rest = text[: found[0].start()] + found[0][1] + text[found[0].end() :]
    if part is None or whole is None or part > whole or not parse_count(rest).certain:
        return None
    return rest, whole
