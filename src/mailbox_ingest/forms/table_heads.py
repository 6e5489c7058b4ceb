"""What the head of a column or the name of a row says of its numbers: figures, a percentage, last week's, a plan, nothing known."""

from __future__ import annotations

import re
from enum import StrEnum

from mailbox_ingest.forms.dates import FoundDate, find_dates
from mailbox_ingest.forms.labels import LabelReader
from mailbox_ingest.forms.numbers import SCALE
from mailbox_ingest.vietnamese.fold import fold

PERCENT = re.compile(r"%|\bty le\b|\bti le\b|\bphan tram\b|\bdat ty\b")
_OTHER = re.compile(
    r"\b(ghi chu|tuan truoc|ky truoc|lan truoc|thang truoc|bao cao truoc|so truoc|dau ky|tang|giam|so voi|chenh lech|ke hoach|chi tieu"
    r"|muc tieu|phan dau|nu|chua|khong|con lai|trong tuan|trong ky|phat sinh|du kien|kh|uoc|tam tinh|so bo|dau ky|dau tuan)\b"
)
_INDEX = re.compile(r"(^|\s)(tt|stt|so tt|so thu tu)$")
_CURRENT = re.compile(
    r"\b(tuan nay|ky nay|hien tai|hien nay|den nay|luy ke|tong so|tong|tong cong|cong|chung|thuc hien|th|cuoi ky|so luong)\b"
)
_HEAD_WORDS = frozenset(
    fold("số lượng SL người ĐVT đơn vị kết quả thực hiện tổng cộng tuần này kỳ này hiện tại đến nay lũy kế chung số liệu").split()
    + fold("giá trị đạt được có th cuối").split()
)


class Head(StrEnum):
    VALUE = "value"
    CURRENT = "current"  # says that these are the figures meant, where others stand beside them
    WEEK = "week"
    PERCENT = "percent"
    OTHER = "other"  # last week's, planned, a part: not what is asked
    INDEX = "index"
    UNKNOWN = "unknown"


def head_dates(text: str, *, year: int) -> tuple[FoundDate, ...]:
    """The dates of a head; there a bare '20/8' is one, too."""
    return find_dates(text, year=year) or find_dates(f"ngày {text.strip()}", year=year)


def head_kind(text: str, labels: LabelReader, *, year: int) -> Head:
    """Classifies the words above a column or before a row."""
    flat = fold(text).replace("don vi tinh", "dvt")  # 'tính' must not make 'tỉnh' a known word
    if not flat:
        return Head.VALUE
    if _INDEX.search(flat):
        return Head.INDEX
    if PERCENT.search(flat):
        return Head.PERCENT
    if SCALE.search(flat):
        return Head.UNKNOWN
    if _OTHER.search(flat) and not re.search(r"\btuan nay\b|\bky nay\b", flat):
        return Head.OTHER
    if head_dates(text, year=year):
        return Head.WEEK
    if not all(len(word) < 3 if word.isdigit() else word in _HEAD_WORDS or labels.explains(word) for word in flat.split()):
        return Head.UNKNOWN
    return Head.CURRENT if _CURRENT.search(flat) else Head.VALUE
