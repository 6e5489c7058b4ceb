"""Dates and weeks as Vietnamese letters write them -> period hints, and where they stand, so that no date is read as a figure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from mailbox_ingest.forms.numbers import parse_words
from mailbox_ingest.periods import Period
from mailbox_ingest.vietnamese.fold import strip_accents

# All patterns run over accent-stripped lower-case text of the same length as the original, so spans stay valid.
_DMY_WORDS = r"ngay\s*(?P<d1>\d{1,2})\s*thang\s*(?P<m1>\d{1,2})(?:\s*nam\s*(?P<y1>\d{4}))?"
_DMY_DIGITS = r"(?P<d2>\d{1,2})\s?[/.\-]\s?(?P<m2>\d{1,2})\s?[/.\-]\s?(?P<y2>\d{4}|\d{2})(?!\d)"
_YMD = r"(?P<y4>20\d{2})-(?P<m4>\d{2})-(?P<d4>\d{2})"
_DM_DIGITS = r"(?P<d3>\d{1,2})\s?[/\-]\s?(?P<m3>\d{1,2})(?![\d/.\-%])"
_FULL_DATE = re.compile(rf"(?<![\d/])(?:{_DMY_WORDS}|{_YMD}|{_DMY_DIGITS})")
_SHORT_DATE = re.compile(
    rf"(?:\b(?:ngay|den|tu|toi|truoc|het|sang|trua|chieu|thu\s(?:hai|ba|tu|nam|sau|bay|[2-7])|chu\snhat)\s+(?:ngay\s+)?|\()\s*{_DM_DIGITS}"
)
_LETTER_DATE = re.compile(r"\bngay\s*\d{1,2}\s*thang\s*\d{1,2}\s*nam\s*\d{4}")
_WEEK = re.compile(r"\btuan\s*(?:thu\s*|so\s*|bao cao\s*)?:?\s*(?P<w>\d{1,2})(?:\s*(?:/|-|nam)\s*(?P<y>20\d{2}))?(?![\d%/.,]*\d)")
_MORE_WEEKS = re.compile(r"\s*(?:,|-|–|&|va|den|\+)\s*(?:tuan\s*)?(?P<w>\d{1,2})(?![\d/.]|\s*(?:nguoi|dong chi|doan vien))")
_ROMAN_WEEK = re.compile(r"\btuan\s+[ivxl]{2,8}\b")
_WEEK_IN_WORDS = re.compile(
    r"\btuan\s+(?:thu\s+|so\s+)?(?P<w>(?:(?:hai|ba|bon|nam)\s+)?muoi(?:\s+(?:mot|hai|ba|bon|tu|nam|lam|sau|bay|tam|chin))?)\b(?!\s+(?:thang|nguoi))"
)
_ISO_WEEK = re.compile(r"\b(?P<y>20\d{2})-?w(?P<w>\d{2})\b")
_RANGE = re.compile(
    r"\btu\s+(?:ngay\s+)?(?P<a>[\d/.\-]{3,10})\s*(?:den|-|–|toi)\s*(?:het\s+)?(?:ngay\s+)?(?P<b>\d{1,2}\s?[/.\-]\s?\d{1,2}(?:\s?[/.\-]\s?\d{2,4})?)"
)
_DASH_RANGE = re.compile(r"(?<![\d/])(?P<a>\d{1,2}/\d{1,2}(?:/\d{4})?)\s*[-–]\s*(?P<b>\d{1,2}/\d{1,2}/\d{4})(?!\d)")
_AS_OF = re.compile(
    r"\b(?:tinh den|den het|den thoi diem|den|cap nhat|chot)\b(?:[^.;\n\d]{0,25}\d{1,2}\s?[hg:]\s?\d{0,2})?[^.;\n\d]{0,20}$"
)


_DIGIT = re.compile(r"\d")
_REMEMBERED_CHARACTERS = 400  # the same lines are asked for hints, labels and mentions; longer texts are not worth the memory


@dataclass(frozen=True, slots=True)
class FoundDate:
    """One date: its day (year filled from context when it was left out), its kind, its span in the text."""

    kind: str  # 'letter_date', 'as_of', 'range', 'week', 'date'
    start: int
    end: int
    day: date | None = None
    period: Period | None = None


def plain(text: str) -> str:
    """Accent-stripped lower-case text of the same length as an NFC text (needed so that spans stay valid)."""
    flat = strip_accents(text).lower()
    if len(flat) == len(text):
        return flat
    return "".join((strip_accents(c) or " ")[:1].lower()[:1] for c in text)


def find_dates(text: str, *, year: int) -> tuple[FoundDate, ...]:
    """All dates, ranges and week numbers of an NFC text, in order, never overlapping. `year` stands in where none is written."""
    return _remembered(text, year) if len(text) <= _REMEMBERED_CHARACTERS else _dates_in(text, year)


def _dates_in(text: str, year: int) -> tuple[FoundDate, ...]:
    flat = plain(text)
    if "tuan" not in flat and not _DIGIT.search(flat):
        return ()
    found: list[FoundDate] = []
    taken: list[tuple[int, int]] = []

    def add(item: FoundDate) -> None:
        if not any(s < item.end and item.start < e for s, e in taken):
            taken.append((item.start, item.end))
            found.append(item)

    for pattern in (_RANGE, _DASH_RANGE):
        for match in pattern.finditer(flat):
            day = _loose_day(match["b"], year)
            if day is not None and _loose_day(match["a"], year) is not None:
                add(FoundDate("range", match.start(), match.end(), day))
    for item in _weeks(flat, year):
        add(item)
    for match in _FULL_DATE.finditer(flat):
        day = _day_of(match, year)
        if day is not None:
            kind = "letter_date" if _LETTER_DATE.match(match.group()) else "date"
            if kind == "date" and _AS_OF.search(flat[: match.start()].replace("ngay", "    ").rstrip(" (")):
                kind = "as_of"
            add(FoundDate(kind, match.start(), match.end(), day))
    for match in _SHORT_DATE.finditer(flat):
        day = _make_day(year, match["m3"], match["d3"])
        if day is not None:
            kind = (
                "as_of"
                if re.match(r"[\s(]*(?:den|toi|het)", match.group())
                or _AS_OF.search(flat[: match.start("d3")].replace("ngay", "    ").rstrip(" ("))
                else "date"
            )
            add(FoundDate(kind, match.start("d3"), match.end(), day))
    return tuple(sorted(found, key=lambda f: f.start))


_remembered = lru_cache(maxsize=2048)(_dates_in)


def _weeks(flat: str, year: int) -> Iterator[FoundDate]:
    for match in _WEEK.finditer(flat):
        # 'tuần 2 tháng 9' counts weeks of a month: that is no ISO week.
        month = re.match(r"\s*(?:cua\s*)?thang\s*(\d{1,2})", flat[match.end() :])
        if month is not None:
            middle = _make_day(year, month[1], min(28, int(match["w"]) * 7 - 3))
            if middle is not None:
                yield FoundDate("month_week", match.start(), match.end() + month.end(), middle)
            continue
        period = _period(int(match["y"] or year), int(match["w"]))
        if period is not None:
            yield FoundDate("week", match.start(), match.end(), period=period)
        more = _MORE_WEEKS.match(flat, match.end())
        second = _period(int(match["y"] or year), int(more["w"])) if more else None
        if more is not None and second is not None:
            yield FoundDate("week", match.end(), more.end(), period=second)
    for match in _WEEK_IN_WORDS.finditer(flat):
        period = _period(year, parse_words(match["w"]) or 0)
        if period is not None:
            yield FoundDate("week", match.start(), match.end(), period=period)
    for match in _ROMAN_WEEK.finditer(flat):
        yield FoundDate("week", match.start(), match.end())
    for match in _ISO_WEEK.finditer(flat):
        period = _period(int(match["y"]), int(match["w"]))
        if period is not None:
            yield FoundDate("week", match.start(), match.end(), period=period)


def _period(year: int, week: int) -> Period | None:
    try:
        return Period(year, week)
    except ValueError:
        return None


def _day_of(match: re.Match[str], year: int) -> date | None:
    for n in "1234":
        groups = match.groupdict()
        if groups.get(f"d{n}"):
            return _make_day(groups.get(f"y{n}") or year, groups[f"m{n}"], groups[f"d{n}"])
    return None


def _loose_day(text: str, year: int) -> date | None:
    parts = re.findall(r"\d+", text)
    if len(parts) == 2:
        return _make_day(year, parts[1], parts[0])
    if len(parts) == 3:
        return _make_day(parts[2], parts[1], parts[0])
    return None


def _make_day(year: str | int, month: str | int, day: str | int) -> date | None:
    whole = int(year)
    try:
        return date(whole + 2000 if whole < 100 else whole, int(month), int(day))
    except ValueError:
        return None
