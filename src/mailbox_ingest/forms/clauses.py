"""Running text made ready for reading figures: what holds digits but no figures is blanked out, asides are cut, clauses are told apart.

Everything keeps its length, so that a span in the prepared text is a span in the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mailbox_ingest.forms.dates import find_dates, plain
from mailbox_ingest.forms.numbers import parse_digits, parse_words

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
BEFORE_DATE = re.compile(r"\b(?:(?:tinh|den|het|toi|cuoi)\s+)*(?:ngay|den|het|toi)(?=\s{3,})")  # the date itself is blanked
_PARTICLES = re.compile(r"\b(?:rồi\s+)?(?:ạ|ah|nhé|nha)\b(?=\s*(?:[.,;:!]|$))", re.IGNORECASE)  # polite, at a clause's end
_ARROW = re.compile(r"[-–=]+>|[→⇒➔]")  # 'Đã cài -> 590'; between two figures it stays
_DOTS = re.compile(r"[.…_]{3,}|…+")


def prepare(text: str, *, year: int) -> str:
    """Blanks out list marks, dates, weeks, letter numbers, telephones, times and asides."""
    dates = [(d.start, d.end) for d in find_dates(text, year=year)]
    spans = [m.span() for m in _DOTS.finditer(text)]  # the printed form's dotted line
    spans += [m.span() for m in _PARTICLES.finditer(text)]
    spans += dates
    spans += [m.span() for m in BEFORE_DATE.finditer(plain(blank_out(text, dates)))]
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
