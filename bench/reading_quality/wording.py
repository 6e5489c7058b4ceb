"""The words of union clerks: labels, numbers, dates, slips of the hand. Every choice comes from the given random source."""

from __future__ import annotations

import random
from datetime import date

from mailbox_ingest.vietnamese.fold import strip_accents

OFFICIAL = (
    "Tổng số đoàn viên, người lao động (trong các đơn vị có tổ chức công đoàn)",
    "Trong đó: + Số đoàn viên, người lao động có điện thoại thông minh",
    "+ Số đoàn viên, người lao động có điện thoại thông minh đã cài đặt Bluezone",
)
MEMBERS = (
    "Tổng số đoàn viên, người lao động",
    "Tổng số ĐV, NLĐ",
    "Tổng số CNVCLĐ",
    "Tổng số đoàn viên",
    "Tổng số CBCNV",
    "Tổng số cán bộ, đoàn viên, người lao động",
    "Tổng số đoàn viên công đoàn",
    "Tổng số ĐV, NLĐ toàn đơn vị",
    "Số lượng đoàn viên, người lao động",
    "Tổng số đoàn viên và người lao động",
    "Số ĐV, NLĐ",
)
SMARTPHONES = (
    "Số đoàn viên, người lao động có điện thoại thông minh",
    "Số ĐV có ĐTTM",
    "Số người dùng smartphone",
    "Số đoàn viên, NLĐ sử dụng điện thoại thông minh",
    "Có điện thoại thông minh",
    "Số ĐV, NLĐ có smartphone",
    "Số người có ĐT thông minh",
    "Số ĐV, NLĐ sử dụng điện thoại thông minh (Smartphone)",
)
INSTALLED = (
    "Số đoàn viên, người lao động có điện thoại thông minh đã cài đặt Bluezone",
    "Số đã cài",
    "Đã cài đặt ứng dụng",
    "Số ĐV, NLĐ cài đặt thành công Bluezone",
    "Số lượng cài đặt",
    "Số người đã cài đặt ứng dụng Bluezone",
    "Đã cài Bluezone",
    "Số máy đã cài",
    "Số đoàn viên, NLĐ đã cài đặt Bluezone",
    "Số ĐV, NLĐ đã cài đặt ứng dụng khẩu trang điện tử Bluezone",
)
VALUE_HEADS = ("Số lượng", "ĐVT (người)", "Số người", "Kết quả", "Số liệu", "Số lượng (người)", "SL", "Người", "Kết quả thực hiện")
CONTENT_HEADS = ("Nội dung", "NỘI DUNG", "Chỉ số", "Nội dung báo cáo", "Tiêu chí")
INDEX_HEADS = ("TT", "STT", "Số TT")

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


def in_words(value: int) -> str:
    """1205 -> 'một nghìn hai trăm linh năm' (below a million)."""
    if value >= 1000:
        rest = value % 1000
        tail = "" if rest == 0 else " " + ("không trăm " if rest < 100 else "") + ("linh " if rest < 10 else "") + in_words(rest)
        return f"{in_words(value // 1000)} nghìn{tail}"
    if value >= 100:
        rest = value % 100
        tail = "" if rest == 0 else (" linh " if rest < 10 else " ") + in_words(rest)
        return f"{_DIGITS[value // 100]} trăm{tail}"
    if value < 10:
        return _DIGITS[value]
    tens, ones = divmod(value, 10)
    head = "mười" if tens == 1 else f"{_DIGITS[tens]} mươi"
    return head + ("" if ones == 0 else " " + {1: "một" if tens == 1 else "mốt", 5: "lăm"}.get(ones, _DIGITS[ones]))


def grouped(value: int, separator: str = ".") -> str:
    return f"{value:,}".replace(",", separator)


def count(rng: random.Random, value: int, *, bare: bool = False) -> str:
    """A count as a clerk types it; `bare` without unit words."""
    text = grouped(value, rng.choice((".", ".", "", "", ",", " ")))
    if bare:
        return text
    tail = rng.choice(("", "", "", "", " người", " đ/c", " ĐV", " đồng chí", f" ({in_words(value)})", f" người ({in_words(value)})"))
    return text + tail


def labels(rng: random.Random) -> tuple[str, str, str]:
    """One set of labels: the official text, or the clerk's own."""
    if rng.random() < 0.3:
        return OFFICIAL
    return rng.choice(MEMBERS), rng.choice(SMARTPHONES), rng.choice(INSTALLED)


def dressed(rng: random.Random, text: str, *, style: str) -> str:
    """The same words in another dress: 'plain', 'bare' (no accents), 'capitals', 'broken' (line breaks inside), 'spaced'."""
    if style == "bare":
        return strip_accents(text)
    if style == "capitals":
        return text.upper()
    if style == "broken":
        words = text.split(" ")
        at = rng.randrange(1, len(words)) if len(words) > 2 else 0
        return " ".join(words[:at]) + "\n" + " ".join(words[at:]) if at else text
    if style == "spaced":
        return "  ".join(text.split(" ")) + rng.choice((" ", ":", " :", ""))
    return text


STYLES = ("plain",) * 6 + ("bare", "capitals", "broken", "spaced")


def slip(rng: random.Random, text: str) -> str:
    """One slip of the hand inside a word: a letter doubled, dropped, or two swapped."""
    places = [i for i in range(1, len(text) - 1) if text[i].isalpha() and text[i - 1].isalpha() and text[i + 1].isalpha()]
    if not places:
        return text
    at = rng.choice(places)
    kind = rng.randrange(3)
    if kind == 0:
        return text[:at] + text[at] + text[at:]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def long_date(day: date) -> str:
    return f"ngày {day.day} tháng {day.month} năm {day.year}"


def short_date(rng: random.Random, day: date) -> str:
    return rng.choice(
        (f"{day.day}/{day.month}/{day.year}", f"{day.day:02d}/{day.month:02d}/{day.year}", f"{day.day}-{day.month}-{day.year}")
    )
