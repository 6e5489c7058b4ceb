"""Numbers, weeks and moments as Vietnamese offices write them ('4.215', '88,5%', 'tuần 34 (17/8–23/8/2020)'). Parses nothing."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.vietnamese.fold import squeeze

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_REPLY_PREFIX = re.compile(r"^(?:\s*(?:re|tl|trả lời)\s*(?:\[\d+\])?\s*:)+\s*", re.IGNORECASE)
_TENTH = Decimal("0.1")
_HUNDRED = Decimal(100)
MINUS = "\u2212"


def count(number: int) -> str:
    """4215 -> '4.215'."""
    return f"{number:,}".replace(",", ".").replace("-", MINUS)


def signed(number: int) -> str:
    """120 -> '+120', -15 -> '−15', 0 -> '0'."""
    return f"+{count(number)}" if number > 0 else count(number)


def percent(ratio: Decimal) -> str:
    """A percentage (0–100) with one decimal: '88,5%'. What is short of 100 never reads as 100, and 100 reads as '100%'."""
    if ratio == _HUNDRED:
        return "100%"
    shown = ratio.quantize(_TENTH, ROUND_HALF_UP)
    if shown == _HUNDRED:
        shown = Decimal("99.9") if ratio < _HUNDRED else Decimal("100.1")
    return f"{shown}%".replace(".", ",").replace("-", MINUS)


def points(difference: Decimal) -> str:
    """A difference of two percentages: '+2,1 điểm %'."""
    shown = difference.quantize(_TENTH, ROUND_HALF_UP)
    if shown == 0:
        return "không đổi"
    text = f"{abs(shown)} điểm %".replace(".", ",")
    return f"+{text}" if shown > 0 else f"{MINUS}{text}"


def ratio_percent(part: int, whole: int) -> Decimal | None:
    """`part` of `whole` in percent, unrounded; None where there is no whole."""
    return Decimal(part) * _HUNDRED / Decimal(whole) if whole else None


def change(now: int, before: int) -> str:
    """How a figure moved: '+120 (+2,9%)'; 'không đổi' where it did not."""
    if now == before:
        return "không đổi"
    share = ratio_percent(now - before, before)
    if share is None:
        return signed(now - before)
    shown = percent(abs(share))
    return f"{signed(now - before)} ({'+' if now > before else MINUS}{shown})"


def day(value: date) -> str:
    """'20/8/2020'."""
    return f"{value.day}/{value.month}/{value.year}"


def moment(value: datetime) -> str:
    """'17:00 thứ Năm, 20/8/2020' in local time."""
    local = value.astimezone(LOCAL_ZONE)
    return f"{local:%H:%M} {_WEEKDAYS[local.weekday()]}, {day(local.date())}"


def week(period: Period) -> str:
    """'tuần 34 (17/8–23/8/2020)'."""
    first, last = period.monday, period.sunday
    start = f"{first.day}/{first.month}" if first.year == last.year else day(first)
    return f"tuần {period.week} ({start}–{day(last)})"


def short_week(period: Period) -> str:
    """'tuần 34'."""
    return f"tuần {period.week}"


def delay(by: timedelta) -> str:
    """How late: '3 ngày 2 giờ', '5 giờ', '40 phút'."""
    minutes = max(int(by.total_seconds()) // 60, 1)
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    if days:
        return f"{days} ngày {hours} giờ" if hours else f"{days} ngày"
    return f"{hours} giờ" if hours else f"{left} phút"


def one_line(text: str, limit: int = 200) -> str:
    """Outside text made safe for a header and for one line: no control, format or separator characters, at most `limit` characters."""
    # Format characters (Cf) hold the bidi overrides with which a file name lies about its extension.
    bare = "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} else c for c in text)
    bare = squeeze(bare)
    return bare if len(bare) <= limit else bare[: limit - 1].rstrip() + "…"


def subject_core(subject: str) -> str:
    """Their subject on one line without its 'Re:' prefixes, so that ours is put once."""
    return _REPLY_PREFIX.sub("", one_line(subject)).strip()


def sentence(text: str) -> str:
    """One line that ends like a sentence."""
    line = one_line(text, 600)
    return line if not line or line[-1] in ".?!…" else f"{line}."


def capital(text: str) -> str:
    """First letter upper case, the rest as it stands."""
    return text[:1].upper() + text[1:]
