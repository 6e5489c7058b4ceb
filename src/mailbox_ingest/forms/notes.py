"""Words beside a figure that leave it as it is: 'nữ 1.450', '02 máy cũ không cài được'. What else a note says, a person reads."""

from __future__ import annotations

import re

from mailbox_ingest.forms.bodies import bodies_in
from mailbox_ingest.forms.clauses import blank_out
from mailbox_ingest.forms.dates import find_dates
from mailbox_ingest.forms.labels import LabelReader
from mailbox_ingest.forms.numbers import find_percents
from mailbox_ingest.vietnamese.fold import fold

_ASIDE_WORDS = frozenset(
    fold(
        "nữ nam tuần kỳ lần trước này tăng giảm thêm so với đạt chiếm tỷ lệ tỉ % tính đến hết ngày tháng năm lúc giờ h chưa"
        " không còn lại trong đó đủ bằng chữ là trên thay đổi giữ nguyên"
    ).split()
)
# Why somebody has not: the commonest note of all.
_REASON_WORDS = frozenset(
    fold(
        "do vì máy cũ đời thấp yếu hỏng mất lỗi cấu hình hệ điều hành tương thích hỗ trợ phù hợp lớn tuổi phổ thông mạng wifi 3g 4g"
        " internet sóng vùng sâu xa thai sản ốm chế độ một vài đen trắng bàn phím sử dụng dùng được chưa không còn lại"
    ).split()
)
# These give a number in a note its own subject; without one of them it competes with the figure.
_OTHER_SUBJECT = (_ASIDE_WORDS | _REASON_WORDS) - frozenset(
    fold("tính đến hết ngày tháng năm lúc giờ h là trên này đạt trong đó được sử dụng dùng máy đủ do bằng chữ").split()
)
_CLOCK = re.compile(r"\b\d{1,2}\s?(?:h|giờ|gio)\s?\d{0,2}\b", re.IGNORECASE)
_SUBJECT = re.compile(
    r"(?:\d )?(?:ghi chu|luu y|chu thich|p s|ps|dinh chinh|(?:cac |con )?so (?:lieu|nay|tren|do|da|o tren|cua|lam|lay)\b"
    r"|trong (?:so )?do co|so nguoi cai|con so|\d+ la )"
)
_PARTS = re.compile(
    r"[-–+*•\s]*(?:(?:riêng|còn)\s+)?(?:khối|doanh nghiệp|phòng(?! chống)|tổ(?! chức)|bộ phận|phân xưởng|chi nhánh)\s", re.IGNORECASE
)
_REPORTS = re.compile(r"(?:kinh|xin|gui|bao cao|nop|tran trong|cam on|de nghi|rat mong|mong)\b")
# Of a part of the body these say that its figures are not in, or are old; 'Còn khối doanh nghiệp' begins so.
_LEAVES_OUT = frozenset(fold("không chưa còn thiếu trước theo lấy sau chờ").split())
_SENTENCE_WORDS = frozenset(
    fold(
        "ghi chú lưu ý số liệu con các báo cáo cập nhật tổng hợp thống kê ban thường vụ chấp hành kiểm tra xác nhận rà soát"
        " đối chiếu thay đổi từ về gửi kèm file mẫu biểu bảng tuyên truyền vận động tiếp tục tích cực cơ quan đơn vị công đoàn cơ sở"
        " trực thuộc đầy đủ"
        " chính xác đúng thời điểm ngày hôm nay sáng chiều cụ thể dưới sau như em xin ạ anh chị giúp người"
        " theo mẫu tại bởi để biết trân trọng cảm ơn khối doanh nghiệp trường học xã phường phòng tổ đầy đủ hoàn thành triển khai 100% tốt"
    ).split()
)


def only_adds(text: str, labels: LabelReader, *, year: int, fuzzy: bool = False) -> bool:
    """Whether a bracket behind a figure leaves it as it is; '400 Android' does not."""
    words = [word for word in fold(_bare(text, year)).split() if word not in _ASIDE_WORDS]
    return labels.explains(" ".join(words), fuzzy=fuzzy)


def leaves_figure(text: str, labels: LabelReader, *, year: int, fuzzy: bool = False) -> bool:
    """Whether a note in a cell beside a figure leaves it as it is. A number there must say what it counts."""
    if "?" in text:
        return False
    words = fold(_bare(text, year)).split()
    if any(word.isdigit() for word in words) and _OTHER_SUBJECT.isdisjoint(words):
        return False
    if labels.explains(" ".join(words), fuzzy=fuzzy):
        return True  # 'toàn công ty'
    return labels.explains(" ".join(w for w in words if w not in _ASIDE_WORDS and w not in _REASON_WORDS), fuzzy=fuzzy)


def speaks_of_figures(text: str) -> bool:
    """Whether the figures, or a part of the body, are a sentence's subject: 'Ghi chú: …', 'Các số trên …', '590 là …', 'Khối xã …'."""
    return bool(_SUBJECT.match(fold(text))) or speaks_of_a_part(text)


def speaks_of_a_part(text: str) -> bool:
    """Whether a part of the body is a sentence's subject, and not somebody who only reports or thanks ('CĐCS A xin gửi báo cáo')."""
    if _PARTS.match(text):
        return True
    rest = _without_name(text)
    return rest != text and len(rest.split()) > 1 and _REPORTS.match(fold(rest)) is None


def _without_name(text: str) -> str:
    """A sentence without the body that it begins with ('Xã Hải Khê …')."""
    bare = text.strip(" -–+*•")
    named = bodies_in(bare[:120])
    return bare[len(named[0]) :].strip() if named and bare.startswith(named[0]) else text


def _words_of(sentence: str, year: int) -> list[str]:
    return fold(_bare(_without_name(sentence), year)).split()


def sentence_leaves_figures(sentence: str, labels: LabelReader, *, year: int) -> bool:
    """Whether a sentence about the figures, outside any table, consists of words that leave them as they are."""
    if any(speaks_of_a_part(one) and not _LEAVES_OUT.isdisjoint(_words_of(one, year)) for one in re.split(r"(?<=[.;!?])\s+", sentence)):
        return False
    words = _words_of(sentence, year)
    return labels.explains(" ".join(words), also=_ASIDE_WORDS | _REASON_WORDS | _SENTENCE_WORDS)


def _bare(text: str, year: int) -> str:
    """The text without times, dates and percentages."""
    dates = [(d.start, d.end) for d in find_dates(text, year=year)]
    text = _CLOCK.sub(" ", text)
    return re.sub(r"(?<=\d)[.,](?=\d)", "", blank_out(text, dates + [(p.start, p.end) for p in find_percents(text)]))
