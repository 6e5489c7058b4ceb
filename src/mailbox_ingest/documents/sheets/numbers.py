"""Numbers as a spreadsheet shows them: the number format applied far enough to read, and dates. Parses no file.

Grouped numbers are shown without their groups ('#,##0' of 4215 is '4215'), decimals with the Vietnamese comma ('58,2%'), dates as
dd/mm/yyyy. Format codes are those of ECMA-376 part 1, 18.8.31.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

BUILTIN_FORMATS = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "dd/mm/yyyy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss",
    22: "m/d/yy h:mm", 37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)", 39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;(#,##0.00)", 45: "mm:ss",
    46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]')
_DIGITS = re.compile(r"[0#?](?:[0#?, \u00a0]*[0#?,])?(?:\.[0#?]*)?,*|\.[0#?]+")
_DATE_LETTERS = re.compile(r"[dmyhs]", re.IGNORECASE)
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's dates have no zone
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
_LAST_SERIAL = 2_958_465  # 31/12/9999
_SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a person sees of a number, and whether it is a number at all (dates and times are not)."""

    text: str
    is_number: bool


def exact(value: str | float) -> Decimal:
    """A stored double as the 15 significant digits that spreadsheets keep: '0.58199999999999996' -> 0.582. Raises ValueError."""
    try:
        return Decimal(format(float(value), ".15g"))
    except (InvalidOperation, OverflowError) as problem:
        raise ValueError(str(value)) from problem


def plain(number: Decimal) -> str:
    """Digits with a decimal comma, no exponent: 1.5 -> '1,5'."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",") or "0"


def show(number: Decimal, code: str, *, epoch_1904: bool = False) -> Shown:
    """`number` as a cell with format `code` shows it; an unknown code shows as General."""
    sections = _sections(code)
    if any(is_date for _, is_date in sections[:1]):
        text = _date_text(number, sections[0][0], epoch_1904=epoch_1904)
        return Shown(text=text, is_number=False) if text else Shown(text=plain(number), is_number=True)
    section, value = sections[0][0], number
    if len(sections) > 1 and number < 0:
        section, value = sections[1][0], -number
    elif len(sections) > 2 and number == 0:
        section = sections[2][0]
    return Shown(text=_number_text(value, section), is_number=True)


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[tuple[str, bool], ...]:
    """The sections of a format code, each with whether it shows a date."""
    parts: list[str] = []
    part, quoted, escaped = "", False, False
    for c in code:
        if c == ";" and not quoted and not escaped:
            parts.append(part)
            part = ""
            continue
        if c == '"' and not escaped:
            quoted = not quoted
        escaped = c == "\\" and not escaped
        part += c
    parts.append(part)
    return tuple((p, bool(_DATE_LETTERS.search(_LITERAL.sub("", p))) and "general" not in p.lower()) for p in parts)


def _number_text(number: Decimal, section: str) -> str:
    if not section:
        return ""  # ';;;' hides what is in the cell
    bare = _LITERAL.sub("", section)
    if "general" in section.lower() or "@" in bare or "/" in bare or "E+" in bare.upper() or "E-" in bare.upper():
        return plain(number)
    literals: list[str] = []

    def keep(match: re.Match[str]) -> str:
        literals.append(match[1] or match[2] or "")
        return f"\x01{len(literals) - 1}\x02" if literals[-1] else ""

    template = _LITERAL.sub(keep, section)
    digits = next((m for m in _DIGITS.finditer(template) if "\x01" not in m[0]), None)
    if digits is None:
        text = template
    else:
        text = template[: digits.start()] + _rounded(number, digits[0], percents=bare.count("%")) + template[digits.end() :]
    for i, literal in enumerate(literals):
        text = text.replace(f"\x01{i}\x02", literal)
    return text.strip() or plain(number)


def _rounded(number: Decimal, pattern: str, *, percents: int) -> str:
    scaled = number * (100**percents)
    scaled /= 1000 ** (len(pattern) - len(pattern.rstrip(",")))  # a trailing comma shows thousands
    decimals = pattern.rstrip(",").partition(".")[2]
    shortest = decimals.rfind("0") + 1
    try:
        text = format(scaled.quantize(Decimal(1).scaleb(-len(decimals)), rounding=ROUND_HALF_UP), "f")
    except InvalidOperation:
        return plain(scaled)
    if "." in text:
        while text.endswith("0") and len(text) - text.index(".") - 1 > shortest:
            text = text[:-1]
        text = text.rstrip(".")
    if "0" not in pattern and not text.strip("-0."):
        return ""  # '#' and '?' show no zero
    return text.replace(".", ",")


def _date_text(number: Decimal, section: str, *, epoch_1904: bool) -> str:
    """'' for a serial number that is no date."""
    if not 0 <= number <= _LAST_SERIAL:
        return ""
    moment = (_EPOCH_1904 if epoch_1904 else _EXCEL_EPOCH) + timedelta(seconds=round(float(number) * _SECONDS_A_DAY))
    bare = _LITERAL.sub("", section).lower()
    has_day = "d" in bare or "y" in bare or ("m" in bare and "h" not in bare and "s" not in bare)
    has_time = "h" in bare or "s" in bare
    if has_day and has_time:
        return moment.strftime("%d/%m/%Y %H:%M")
    return moment.strftime("%d/%m/%Y" if has_day else "%H:%M")
