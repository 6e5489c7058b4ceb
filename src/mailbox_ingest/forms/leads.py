"""Words before figures: of which body they speak, and whether they only announce what follows ('Kết quả tuần này của CĐN Y:')."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailbox_ingest.forms.clauses import BEFORE_DATE, LIST_MARK, blank_out
from mailbox_ingest.forms.dates import find_dates, plain
from mailbox_ingest.forms.labels import LabelReader
from mailbox_ingest.vietnamese.fold import fold, nfc

_LEAD_PHRASES = re.compile(
    r"\b(?:(?:trong )?(?:tuan|ky|dot) nay|trong do|(?:tinh )?(?:den )?(?:het )?(?:den |het )ngay|tinh den|(?:den )?(?:ngay )?hom nay"
    r"|(?:sang|trua|chieu|toi)(?= nay|$| thu| ngay| nhu)(?: nay)?|thu (?:hai|ba|tu|nam|sau|bay|[2-7])\b|chu nhat"
    # 'đính chính, thay thế báo cáo đã gửi sáng nay'
    r"|(?:gui lai|thay the|thay cho|dinh chinh|dieu chinh|cap nhat lai)(?: (?:bao cao|so lieu|mail|thu|file|cho|da gui|gui"
    r"|hom qua|hom truoc|lan truoc|tuan truoc|sang nay|chieu qua|ngay))*"
    r"|(?:gui toi )?quy ban\b|(?:kinh )?mong ban\b"
    r"|don vi chung toi|chung toi|cua don vi|so lieu (?:moi )?cua|ket qua (?:moi )?cua|tra loi cong van(?: so)?(?: \d+)?|la)\b"
)
_CLOCK = re.compile(r"\b\d{1,2}\s?(?:h|gio)\s?\d{0,2}\b")
_COVERED = re.compile(
    r"\b(?:cua |tu )?(\d+)\s?/\s?\1\s+(?:cdcs|cong doan co so|don vi|xa|phuong|truong hoc|truong|chi nhanh|co so|doanh nghiep)"
    r"(?: truc thuoc)?\b"
)
_PREAMBLE_WORDS = 12
_LEAD_WORDS = frozenset(
    fold(
        "số liệu kết quả báo cáo cụ thể như sau dưới đây gồm kính gửi xin em anh chị tình hình về việc nội dung thông tin hiện tại"
        " đơn vị thưa tổng hợp bảng biểu chi tiết đã triển khai cập nhật nhanh BC ơi tiến độ kèm theo dạ vâng ạ nhé ứng dụng cháu cô"
        " chú bác"
    ).split()
)
# 'bản có dấu đỏ gửi sau qua bưu điện' takes nothing back; 'bản đầy đủ gửi sau' does.
_STAMPED_COPY = re.compile(
    r"\W*(?:ban|van ban)\s+(?:co\s+)?(?:dong\s+)?(?:dau(?:\s+do)?|giay|cung|goc|scan|ky(?:\s+ten)?(?:\s+dong dau)?)(?:\s+(?:em|se|xin))*"
    r"\s+(?:gui|nop|chuyen)\s+sau(?:\s+qua\s+(?:buu dien|duong buu dien|zalo|fax))?\W*$"
)
_NAMED_BODY = re.compile(
    r"\b(?:ldld|lien doan lao dong|cong doan|cdcs|cdn|cdvc|cd)\b(?:\s+[^\s:;,(]+){1,14}?(?=\s*:|\s*$|\s+(?:bao cao|xin|gui|nhu sau)\b)"
)
_FIGURES = frozenset(("cao", "bc", "lieu", "qua"))
_ANNOUNCING = frozenset(
    fold("báo cáo bc số liệu kết quả như sau cụ thể xin kính gửi dạ em anh chị ạ của về việc cài đặt ứng dụng bluezone tuần này").split()
)
_BODY = re.compile(
    r"\b(?:ldld|lien doan lao dong|cong doan|cdcs|cdn|cdvc|truong|xa|phuong|khoi|benh vien|cong ty|nha may|trung tam|doanh nghiep"
    r"|thi tran|chi nhanh|xi nghiep|hop tac xa|cac cap)\b"
)
_REPORTS_AFTER = re.compile(r"\s*(?:xin )?báo cáo(?: số liệu| kết quả)?$", re.IGNORECASE)
_SPEAKER = re.compile(
    r"^\W*(?:(?:rieng|tai|o|doi voi|trong do|con)\s+)?((?:ldld|lien doan lao dong|cong doan|cdcs|cdn|cdvc|cd)\b(?:\s+[^\s:;]+){1,14}?)\s*"
    r"(?=:|\b(?:co|bao cao|gom|hien co|hien|tong so|xin)\b)"
)


def speaker(clause: str) -> tuple[int, int] | None:
    """The span of the body that a clause speaks of ('CĐCS Công ty X có 38 đoàn viên'), None where it names none."""
    # 'có' ends a name; 'Cồn Cỏ' is one.
    flat = re.sub(r"\bco\b", lambda m: "co" if clause[m.start() : m.end()].lower() in ("có", "co") else "__", plain(clause))
    match = _SPEAKER.match(flat)
    return match.span(1) if match and len(match[1].split()) > 2 else None


def governed_by(lead: str) -> str | None:
    """The body that a heading or the words before a colon speak of ('Trường Mầm non Hoa Sen:'), None where they name none.

    What is addressed ('Kính gửi Ban …') is not spoken of.
    """
    last = re.split(r"[.,;!]\s", lead.rstrip(" .:,"))[-1]
    flat = plain(last)
    if re.match(r"\s*(?:kinh )?gui\b", flat):
        return None
    found = speaker(last + ":")
    if found is not None:
        return last[found[0] : found[1]]
    body = _BODY.search(flat)
    if body is None or re.fullmatch(r"\W*(?:cong doan|don vi|co quan|cdcs)\W*", flat[body.start() :]):
        return None
    return re.split(r"\b(?:bao cao|xin|gui)\b", flat[body.start() :])[0].strip() and last[body.start() :].strip()


def only_says_whose(lead: str) -> bool:
    """Whether what stands before a colon says no more than whose figures follow ('Số liệu tuần này của CĐN Y:')."""
    flat = plain(lead)
    body = _NAMED_BODY.search(flat)
    rest = flat if body is None else flat[: body.start()] + " " + flat[body.end() :]
    words = fold(rest).split()
    return (body is not None or not _FIGURES.isdisjoint(words)) and "(" not in lead and _ANNOUNCING.issuperset(words)


def lead_is_known(lead: str, labels: LabelReader, *, year: int) -> bool:
    """Whether a heading, or what stands before a colon, only announces figures ('Kết quả tuần này như sau:').

    Dates and the body spoken of do not count. A long preamble ('Thực hiện Công văn …, … báo cáo:') is taken for one.
    """
    text = blank_out(lead, [(d.start, d.end) for d in find_dates(lead, year=year)])
    text = blank_out(text, [m.span() for pattern in (_CLOCK, _COVERED) for m in pattern.finditer(plain(text))])
    text = blank_out(text, [m.span() for m in BEFORE_DATE.finditer(plain(text))])
    parts = re.split(r"[.,;!]\s", LIST_MARK.sub("", text).rstrip(" .:,"))
    last = next((part for part in reversed(parts) if not _STAMPED_COPY.match(plain(part))), parts[-1])
    body = governed_by(last + ":")
    rest = last.replace(body, " ") if body else last
    words = fold(rest).split()
    if len(words) > _PREAMBLE_WORDS:
        return True
    flat = _LEAD_PHRASES.sub(" ", fold(rest))
    return labels.explains(flat, also=_LEAD_WORDS)


def announces(lead: str, labels: LabelReader, *, year: int) -> tuple[bool, str | None]:
    """(whether a heading only announces figures, the body that it speaks of). A name by its capitals ('HẢI LĂNG:') announces, too."""
    if lead_is_known(lead, labels, year=year):
        return True, governed_by(lead)
    body = governed_by(lead)
    words = _REPORTS_AFTER.sub("", nfc(lead).strip(" .:,")).split()
    while words and labels.explains(fold(words[0]), also=_LEAD_WORDS):
        words.pop(0)  # 'BC Bluezone CĐ Điện lực'
    return (True, " ".join(words)) if body is None and _is_proper(words) else (False, body)


def _is_proper(words: Sequence[str]) -> bool:
    """A name by its capitals: 'HẢI LĂNG', 'Bến Hải', 'Ngành Y tế', 'BHXH tỉnh'."""
    if not 1 <= len(words) <= 8 or not all(word.isalpha() for word in words):
        return False
    if len(words[0]) > 1 and words[0].isupper():
        return True
    named = words[1:] if words[0] == "Ngành" else words
    return bool(named) and named[0][0].isupper() and (named is not words or all(word[0].isupper() for word in words))
