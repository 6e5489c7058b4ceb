"""Numbers as Vietnamese clerks write them: counts, percentages, shares. Refuses to guess: what is no clear count is a named problem."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from mailbox_ingest.vietnamese.fold import fold, nfc, squeeze

_SPACE = "\u0020\u00a0\u2007\u2009\u202f"
_GROUPED = re.compile(rf"\d{{1,3}}(?:([.,'’{_SPACE}])\d{{3}})(?:\1\d{{3}})*(?!\d)")
_PLAIN = re.compile(r"\d+")
_LONGEST_NUMBER = 30  # characters; a row of a thousand digits counts nothing
# One number as it stands in running text: grouped thousands first, then a decimal, then plain digits.
NUMBER = re.compile(rf"(?<![\d.,/])(?:\d{{1,3}}(?:([.,'’{_SPACE}])\d{{3}})(?:\1\d{{3}})*(?:[.,]\d+)?(?![\d])|\d+[.,]\d+(?![\d])|\d+)")
_PERCENT = re.compile(r"(\d{1,3}(?:[.,]\d{1,3})?)\s?(?:%|phần trăm\b|phan tram\b)", re.IGNORECASE)
# Words that scale a number: '1,2 nghìn người', 'ĐVT: trăm người'.
SCALE = re.compile(r"\b(?:nghin|ngan|trieu|tram|chuc|van)\b")
_BLANK = re.compile(r"[\s.…_\-–—‐:;,*|/()\[\]]*")
_UNIT_WORDS = frozenset(
    fold(w)
    for w in (
        "người",
        "nguoi",
        "đ/c",
        "đồng chí",
        "đoàn viên",
        "ĐV",
        "NLĐ",
        "ĐV NLĐ",
        "đoàn viên người lao động",
        "CNVCLĐ",
        "máy",
        "cái",
        "chiếc",
        "điện thoại",
        "lao động",
        "cán bộ",
        "thiết bị",
        "trường hợp",
        "CBCNV",
        "CCVC",
        "CNLĐ",
        "CNVC",
        "CBCCVC",
        "ĐVCĐ",
        "ng",
        "n",
    )
)


_REMEMBERED_CHARACTERS = 400  # a cell is asked several times what it holds; longer texts are not worth the memory


@dataclass(frozen=True, slots=True)
class Count:
    """A count read from a text. Exactly one of `value` and `problem` is set.

    `problem`: 'missing_value' (nothing but dots), 'not_a_number', 'negative_value'. `certain` is False where a person should look: a
    number stands there, but so does something else ('khoảng 200', '1.480 (1.430)', a digit count that no grouping explains).
    """

    value: int | None
    problem: str | None = None
    certain: bool = True


def parse_digits(text: str) -> int | None:
    """The value of one written number without unit words, or None: '4.215', '4,215', '4 215', '4215', '4215,0'.

    A separator groups thousands only when every group has three digits; '137,5' and '4.21' are no counts.
    """
    text = text.strip().strip(_SPACE)
    if len(text) > _LONGEST_NUMBER:
        return None
    if _PLAIN.fullmatch(text):
        return int(text)
    whole = re.sub(r"[.,]0{1,2}$", "", text)  # a spreadsheet's '4215,0' or '4.215,00'
    if whole != text and (_PLAIN.fullmatch(whole) or _GROUPED.fullmatch(whole)):
        return int(re.sub(r"\D", "", whole))
    # '0.480' is no grouped count: nobody writes a leading zero group.
    if _GROUPED.fullmatch(text) and not text.startswith("0"):
        return int(re.sub(r"\D", "", text))
    return None


def parse_count(text: str) -> Count:
    """Reads the text of a value cell, or what follows a label's colon."""
    return _remembered(text) if len(text) <= _REMEMBERED_CHARACTERS else _count_in(text)


def _count_in(text: str) -> Count:
    text = squeeze(nfc(text).translate(_FULL_WIDTH))
    if _BLANK.fullmatch(text):
        return Count(None, "missing_value")
    body, in_words = _split_words(text)
    body = body.strip(" .;:,…_")
    body = re.sub(r"^\+\s*|^=\s*", "", body)
    negative = re.match(r"[-−–]\s*(?=\d)|\(\s*-", body)
    numbers = list(NUMBER.finditer(body))
    if not numbers:
        if in_words is not None:
            return Count(in_words, certain=False)
        rest = fold(body)
        return Count(None, "missing_value" if rest in _UNIT_WORDS or not rest else "not_a_number")
    if negative:
        return Count(None, "negative_value")
    first = numbers[0]
    value = parse_digits(first.group())
    if value is None:
        return Count(None, "not_a_number")
    rest = fold(body[: first.start()] + " " + body[first.end() :])
    if in_words is not None and in_words != value:
        return Count(value, certain=False)
    # '610 612' may be last week's figure and this week's.
    two = re.search(rf"\d{{3}}[{_SPACE}]\d{{3}}", first.group()) is not None and re.match(r"\d{3}\D", first.group()) is not None
    vague = two or bool(re.search(r"[≈~±<>?≥≤*]|^0\d{2}", body)) or any(c.isnumeric() and c not in "0123456789" for c in body)
    return Count(value, certain=len(numbers) == 1 and not vague and (not rest or rest in _UNIT_WORDS))


_remembered = lru_cache(maxsize=2048)(_count_in)


def parse_native(number: Decimal) -> Count:
    """Reads a spreadsheet's own number. A fraction is never a count of people: '1.102' typed where the dot is a decimal point means 1102,
    but only a person can say so."""
    if number != number.to_integral_value():
        return Count(None, "not_a_number", certain=number.as_tuple().exponent in (-1, -2) and number > 1000)
    if number < 0:
        return Count(None, "negative_value")
    return Count(int(number))


@dataclass(frozen=True, slots=True)
class Percent:
    """A percentage as stated, with the number of decimals it was rounded to, and where it stands in the text."""

    value: Decimal
    decimals: int
    start: int
    end: int


def find_percents(text: str) -> tuple[Percent, ...]:
    """All percentages of a text ('88,5%', '88.5 %', '88,5 phần trăm')."""
    found = []
    for match in _PERCENT.finditer(text):
        value = parse_percent_digits(match[1])
        if value is not None:
            found.append(Percent(value[0], value[1], match.start(), match.end()))
    return tuple(found)


def parse_percent_digits(text: str) -> tuple[Decimal, int] | None:
    """('88,5') -> (Decimal('88.5'), 1); None when the text is no such number."""
    clean = text.strip().rstrip("%").strip().replace(",", ".")
    try:
        value = Decimal(clean)
    except InvalidOperation:
        return None
    if not value.is_finite() or value < 0:
        return None
    return value, max(0, -int(value.as_tuple().exponent))


_FULL_WIDTH = {0xFF10 + i: ord("0") + i for i in range(10)}

# ---------------------------------------------------------------- numbers in words

_DIGIT_WORDS = {
    "khong": 0, "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5, "nham": 5, "sau": 6, "bay": 7, "tam": 8,
    "chin": 9,
}  # fmt: skip
_SCALE_WORDS = {"muoi": 10, "tram": 100, "nghin": 1000, "ngan": 1000, "trieu": 1_000_000}
_FILLERS = frozenset(("linh", "le", "va", "nguoi", "doan", "vien", "lao", "dong", "chan"))


def parse_words(text: str) -> int | None:
    """The value of a number in Vietnamese words, or None: 'một nghìn hai trăm linh năm' -> 1205.

    Tones are ignored ('mười' and 'mươi' differ only by tone; position tells them apart).
    """
    total = current = 0
    pending: int | None = None
    seen = False
    for token in fold(text).split():
        if token in _DIGIT_WORDS:
            if pending is not None:
                current += pending
            pending, seen = _DIGIT_WORDS[token], True
        elif token in _SCALE_WORDS:
            scale = _SCALE_WORDS[token]
            seen = seen or token == "muoi"  # 'mười'; a bare 'nghìn' is a unit, no number
            if scale >= 1000:
                total += (current + (pending or 0) or 1) * scale
                current, pending = 0, None
            else:
                current += (1 if pending is None else pending) * scale
                pending = None
        elif token == "tu" or token in _FILLERS:
            continue
        else:
            return None
    return total + current + (pending or 0) if seen else None


def _split_words(text: str) -> tuple[str, int | None]:
    """Takes a number in words out of '145 (một trăm bốn mươi lăm)'; (rest, value or None)."""
    for match in re.finditer(r"\(([^()]*)\)", text):
        value = parse_words(re.sub(r"^\s*bằng chữ\s*:?", "", match[1], flags=re.IGNORECASE))
        if value is not None:
            return text[: match.start()] + text[match.end() :], value
    if not any(c.isdigit() for c in text):
        value = parse_words(text)
        if value is not None and len(fold(text).split()) > 1:
            return "", value
    return text, None
