"""What a sender can do about a finding or an unread file, in polite Vietnamese. Holds wording only: no rules, no figures."""

from __future__ import annotations

from mailbox_ingest.config import FormConfig
from mailbox_ingest.model import DocumentFailure, Finding

# Said by the line about the deadline, or by the letter as a whole: not repeated as a remark.
SAID_ELSEWHERE = frozenset({"late", "early", "supersedes", "overtaken", "duplicate"})
# Findings whose text rests on what others sent, or on who the sender is: only for the unit itself.
CONFIDENTIAL = frozenset({"large_change", "supersedes", "stale_date", "duplicate", "unit_mismatch", "unauthenticated"})
# What a sender may hear of while a person here is still looking: remarks on his own document, none on himself.
ABOUT_THE_DOCUMENT = frozenset(
    {"missing_value", "not_a_number", "negative_value", "percentage_mismatch", "low_confidence", "witnesses_disagree", "period_unclear"}
)
# Warnings whose question is worth asking even where the message already asks to check.
QUESTIONS = frozenset({"percentage_mismatch", "witnesses_disagree"})
# Warnings that ask nothing about the figures.
NOTES = frozenset({"unknown_sender"})
FILE_CODES = frozenset({"encrypted", "unreadable", "too_large", "unsupported"})

_MEND = {
    "missing_value": "Đề nghị điền số liệu vào mục này; nếu không có trường hợp nào, xin ghi số 0.",
    "not_a_number": "Đề nghị ghi bằng chữ số, là một số nguyên, ví dụ: 4.215.",
    "negative_value": "Đề nghị ghi lại tổng số hiện có (không ghi số âm, không ghi số tăng giảm).",
    "low_confidence": "Đề nghị gửi kèm bản Word hoặc Excel, hay bản chụp rõ nét hơn.",
    "witnesses_disagree": "Đề nghị kiểm tra lại và gửi một bản duy nhất có số liệu đúng.",
    "percentage_mismatch": "Đề nghị kiểm tra lại số người và tỷ lệ ghi trong báo cáo.",
    "unknown_unit": "Đề nghị ghi đầy đủ tên đơn vị ở đầu báo cáo.",
    "unit_mismatch": "Đề nghị kiểm tra lại tên đơn vị ghi trong báo cáo.",
    "stale_date": "Đề nghị kiểm tra lại ngày tháng và ghi rõ tuần báo cáo.",
    "period_unclear": "Đề nghị ghi rõ tuần báo cáo, ví dụ: tuần 35.",
    "no_report": "Đề nghị gửi báo cáo theo mẫu, ghi đủ các số liệu nêu dưới đây.",
    "large_change": "Đề nghị kiểm tra lại số liệu này.",
    "encrypted": "Đề nghị bỏ mật khẩu của tệp rồi gửi lại.",
    "unreadable": "Đề nghị mở lại tệp, lưu thành Word (.docx) hoặc PDF rồi gửi lại; nếu là ảnh chụp, xin chụp lại rõ nét, đủ trang.",
    "too_large": "Đề nghị gửi bản Word, Excel hoặc bản PDF có dung lượng nhỏ hơn, không nén.",
}
_ASK = {
    "percentage_mismatch": "Số người và tỷ lệ trong báo cáo, xin cho biết số nào đúng?",
    "large_change": "Xin cho biết số liệu này có đúng không?",
    "stale_date": "Xin cho biết số liệu này có đúng là của tuần nêu trên không?",
    "witnesses_disagree": "Xin cho biết số nào đúng?",
    "unit_mismatch": "Xin cho biết tên đơn vị ghi trong báo cáo có đúng không?",
}
_FAILED = {
    "encrypted": "Tệp có mật khẩu nên không mở được.",
    "unreadable": "Tệp không mở được hoặc không đọc rõ.",
    "too_large": "Tệp quá lớn nên không mở được.",
    "unsupported": "Đây là loại tệp chưa đọc được.",
}
_UNSUPPORTED = "Đề nghị gửi báo cáo bằng tệp Word, Excel hoặc PDF."


def mend(finding: Finding, form: FormConfig | None) -> str:
    """How to put right what `finding` says is wrong."""
    if form is not None:
        for item in form.fields:
            if item.part_of is not None and item.part_code == finding.code:
                whole = form.field(item.part_of)
                return f"Đề nghị kiểm tra lại hai số: “{item.title}” phải nhỏ hơn hoặc bằng “{whole.title}”."
    return _MEND.get(finding.code, "Đề nghị kiểm tra lại nội dung này.")


def ask(finding: Finding) -> str:
    """The question a warning puts to the sender."""
    return _ASK.get(finding.code, "Xin cho biết nội dung này có đúng không?")


def failed(failure: DocumentFailure) -> str:
    """What happened to a file."""
    return _FAILED.get(failure.code, _FAILED["unreadable"])


def send_again(failure: DocumentFailure) -> str:
    """How to send that file again."""
    return _UNSUPPORTED if failure.code == "unsupported" else _MEND.get(failure.code, _MEND["unreadable"])
