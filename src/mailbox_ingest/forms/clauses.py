"""Running text made ready for reading figures: what holds digits but no figures is blanked out, asides are cut, clauses are told apart.

Everything keeps its length, so that a span in the prepared text is a span in the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mailbox_ingest.forms.dates import find_dates, plain
from mailbox_ingest.forms.labels import LabelReader
from mailbox_ingest.forms.numbers import parse_digits, parse_words
from mailbox_ingest.vietnamese.fold import fold, nfc

LIST_MARK = re.compile(r"^\s*(?:[-–•*·▪]\s*|\+\s*|\(?(?:\d{1,2}|[a-zđ]|[IVX]{1,4})[.)/]\s+|\d{1,2}\.\s*(?=[^\d\s]))+")
EARLIER = re.compile(r"\b(tuan truoc|ky truoc|lan truoc|thang truoc|bao cao truoc|so lieu cu(?! the)|cung ky)\b")
CORRECTED = re.compile(r"\b(?:gui lai|thay the|thay cho|dinh chinh|dieu chinh|cap nhat lai)\b")
PLANNED = re.compile(r"\b(ke hoach|phan dau|chi tieu|muc tieu|du kien|dang ky|uoc tinh|de ra)\b")
# Why some have not installed it: numbers beside these count telephones that cannot.
REASON = re.compile(r"\b(?:doi cu|may cu|cau hinh|tuong thich|pho thong|lon tuoi|den trang|nokia|ban phim|thai san|vung sau|song yeu)\b")
# Words that say that the figures are of more, of less, or of somebody else than the sender's own body.
SCOPE = re.compile(
    r"\b(ca nuoc|toan quoc|toan tinh|cac tinh|cac huyen|cac nganh|cac khoi|rieng (?:cdcs|ldld|cong doan|khoi|truong|cong ty)"
    r"|tham khao|vi du|toan the cac|mot so cdcs|cac cdcs khac|chua bao cao|khac chua)\b"
)
_MASKS = (
    re.compile(r"\b(?:so|sdt|dt|dd|tel|fax|hotline|zalo|dien thoai)\s*[:.]?\s*(?:\+?84|0)[\d.\s-]{7,14}\d"),
    re.compile(r"(?<!\d)(?:\+84|0)\d[\d.\s-]{7,12}\d(?!\d)"),
    re.compile(
        r"\b(?:so|cv|vb|cong van|chi thi|ke hoach|quyet dinh|thong bao|nghi quyet|bao cao)\s*(?:so\s*)?:?\s*\d+\s*/\s*"
        r"(?:\d{4}\s*/\s*)?[a-z][a-z0-9\-–&/.]*"
    ),
    re.compile(
        r"\bcovid\s*-?\s*\d+|\b\d{1,2}\s?(?:h|gio)\s?\d{0,2}\b|\b(?:nam|quy|thang)\s+\d{1,4}\b"
        r"|\b(?:dot|lan|thu|muc|phu luc|bieu|cv|to|tuan|buoc|trang|dieu|khoan)\s+(?:so\s+)?\d{1,4}\b"
    ),
    re.compile(r"\b(?:ios|android|phien ban|version|os)\s*\d+(?:\.\d+)*"),
    re.compile(
        r"\b\d+\s?/\s?\d+\s+(?:to cong doan|cdcs|cong doan|don vi|chi nhanh|xa|phuong|truong(?! hop)|phong|khoi|doanh nghiep|co so)\b"
    ),
    # '15 CĐCS với 1.107 đoàn viên': the bodies, where persons are counted behind them.
    re.compile(r"\b\d{1,4}\s+(?:cdcs|cong doan co so|to cong doan|don vi|chi nhanh|doanh nghiep|co so)\b(?: truc thuoc)?(?=[^.;\n]*\d)"),
    re.compile(r"https?://\S+|(?<!\S)[^\s@]+@\S+"),
)
# Changes against last time are told beside the figures; they are none themselves.
_ASIDES = (
    re.compile(r"\b(?:tang|giam)\s+tu\s+[\d.,]+\s*(?:\w+\s+)?(?:len|xuong)(?:\s+con)?\b"),
    re.compile(r"\b(?:tang|giam)(?:\s+them)?\s+[\d.,]+\s*(?:nguoi|dong chi|doan vien|may|d/c)?(?=\W|$)"),
    re.compile(
        r"(?:\bso voi|\b(?:con\s+)?(?:cua\s+)?(?:tuan truoc|ky truoc|lan truoc|thang truoc|bao cao truoc|so lieu cu|cung ky)\b)[^;.\n,]*"
    ),
)
_UNCHANGED = re.compile(
    r"\(\s*(?:khong (?:co )?(?:thay doi|tang giam|bien dong)|giu nguyen|on dinh)(?: gi)?(?: so voi (?:tuan|ky|lan|thang) truoc)?\s*\)"
)
_SHARE_OF = re.compile(r"\([^()%\d]*\d{1,3}(?:[.,]\d+)?\s?%([^()\d%]*)\)")
_BRACKETS = re.compile(r"\([^()]*\)")
_RATIO = re.compile(r"(?<![\d/.,])(\d{1,3}(?:\.\d{3})+|\d+)\s?/\s?(\d{1,3}(?:\.\d{3})+|\d+)(?![\d/])")
_PERSONS = "doan vien|nguoi lao dong|nld|cnvcld|cnvc|cnld|can bo|cong chuc|vien chuc|cong nhan|lao dong|dv|ccvc|cbcc|cbccvc|cnvc ld"
_PERSONS += "|giao vien|nhan vien|gv|nv|cb|cc|vc|cbql|nha giao"
_PERSON_COMMA = re.compile(rf"\b(?:{_PERSONS})\s*(,|/|&)\s*(?=(?:{_PERSONS})\b)")
_CLAUSE_END = re.compile(r"[;\n]|[.](?=\s|$)|,(?=\s)|\btrong do\b|\bbao gom\b|\brieng\b|\bcon lai\b")
_LEAD_PHRASES = re.compile(
    r"\b(?:(?:trong )?(?:tuan|ky|dot) nay|trong do|(?:tinh )?(?:den )?(?:het )?(?:den |het )ngay|tinh den|(?:den )?(?:ngay )?hom nay"
    r"|(?:sang|trua|chieu|toi)(?= nay|$| thu| ngay| nhu)(?: nay)?|thu (?:hai|ba|tu|nam|sau|bay|[2-7])\b|chu nhat"
    # 'đính chính, thay thế báo cáo đã gửi sáng nay'
    r"|(?:gui lai|thay the|thay cho|dinh chinh|dieu chinh|cap nhat lai)(?: (?:bao cao|so lieu|mail|thu|file|cho|da gui|gui"
    r"|hom qua|hom truoc|lan truoc|tuan truoc|sang nay|chieu qua|ngay))*"
    r"|(?:gui toi )?quy ban\b|(?:kinh )?mong ban\b"
    r"|don vi chung toi|chung toi|cua don vi|so lieu (?:moi )?cua|ket qua (?:moi )?cua|tra loi cong van(?: so)?(?: \d+)?|la)\b"
)
_BEFORE_DATE = re.compile(r"\b(?:(?:tinh|den|het|toi|cuoi)\s+)*(?:ngay|den|het|toi)(?=\s{3,})")  # the date itself is blanked
_PARTICLES = re.compile(r"\b(?:rồi\s+)?(?:ạ|ah|nhé|nha)\b(?=\s*(?:[.,;:!]|$))", re.IGNORECASE)  # polite, at a clause's end
_ARROW = re.compile(r"[-–=]+>|[→⇒➔]")  # 'Đã cài -> 590'; between two figures it stays
_DOTS = re.compile(r"[.…_]{3,}|…+")
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


def prepare(text: str, *, year: int) -> str:
    """Blanks out list marks, dates, weeks, letter numbers, telephones, times and asides."""
    dates = [(d.start, d.end) for d in find_dates(text, year=year)]
    spans = [m.span() for m in _DOTS.finditer(text)]  # the printed form's dotted line
    spans += [m.span() for m in _PARTICLES.finditer(text)]
    spans += dates
    spans += [m.span() for m in _BEFORE_DATE.finditer(plain(blank_out(text, dates)))]
    spans += [m.span() for m in _ARROW.finditer(text) if not re.search(r"\d", text[: m.start()])]
    mark = LIST_MARK.match(text)
    if mark:
        spans.append(mark.span())
    flat = plain(text)
    for pattern in _MASKS:
        spans += [m.span() for m in pattern.finditer(flat)]
    flat = blank_out(flat, spans)
    spans += [m.span() for m in _BRACKETS.finditer(text) if words_in(m.group()) is not None]
    # A bracket with a figure of its own ('nữ 500', 'tuần trước là 552') behind a figure speaks of something else; a percentage does not.
    spans += [
        m.span()
        for m in _BRACKETS.finditer(flat)
        if re.search(r"\d", m.group()) and "%" not in m.group() and re.search(r"\d", flat[: m.start()])
    ]
    # '(84,2% tổng số đoàn viên)': the share alone.
    spans += [m.span(1) for m in _SHARE_OF.finditer(flat)] + [m.span() for m in _UNCHANGED.finditer(flat)]
    for pattern in _ASIDES:
        flat = blank_out(flat, spans)
        spans += [m.span() for m in pattern.finditer(flat)]
    return blank_out(text, spans)


def words_in(bracket: str) -> int | None:
    """The number that a bracket gives in words: '(Bằng chữ: ba trăm linh chín)' -> 309."""
    text = re.sub(r"^\(\s*(?:bằng chữ)?\s*:?|\)$", "", bracket, flags=re.IGNORECASE)
    return parse_words(text) if len(text.split()) > 1 else None  # '(không)' and '(nam)' are words of their own


def without_words(text: str) -> str:
    """The text without numbers in words: '(hai nghìn không trăm chín mươi)' must not read as 'không'."""
    return _BRACKETS.sub(lambda m: " " if words_in(m.group()) is not None else m.group(), text)


def clauses(text: str) -> Iterator[tuple[int, int]]:
    """Spans of clauses: parted by full stops, semicolons, commas (not those between kinds of persons), 'trong đó', 'gồm'."""
    flat = plain(text)
    shielded = blank_out(flat, [m.span(1) for m in _PERSON_COMMA.finditer(flat)])
    start = 0
    for match in _CLAUSE_END.finditer(shielded):
        if match.start() > start:
            yield start, match.start()
        start = match.end() if match.group() in ";\n.," else match.start()
    if start < len(text):
        yield start, len(text)


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
    text = blank_out(text, [m.span() for m in _BEFORE_DATE.finditer(plain(text))])
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


def take_ratios(clause: str) -> tuple[str, dict[int, int]]:
    """'26/33 máy' -> '26    máy' and {start of 26: 33}: the second number is the whole, a witness only."""
    ratios: dict[int, int] = {}
    for match in _RATIO.finditer(clause):
        part, whole = parse_digits(match[1]), parse_digits(match[2])
        if part is None or whole is None:
            continue
        ratios[match.start(1)] = whole
        clause = clause[: match.end(1)] + " " * (match.end() - match.end(1)) + clause[match.end() :]
    return clause, ratios


def blank_out(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with spaces in place of the spans."""
    chars = list(text)
    for start, end in spans:
        chars[start:end] = " " * (min(end, len(chars)) - start)
    return "".join(chars)
