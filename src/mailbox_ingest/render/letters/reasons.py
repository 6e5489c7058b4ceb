"""Why a message waits for a person, in a few Vietnamese words each: for the desk's queue, never for the sender."""

from __future__ import annotations

from collections.abc import Iterable

from mailbox_ingest.config import FormConfig

_REASONS = {
    "missing_value": "thiếu số liệu",
    "not_a_number": "không phải là số",
    "negative_value": "số âm",
    "percentage_mismatch": "tỷ lệ không khớp",
    "large_change": "thay đổi nhiều so với kỳ trước",
    "late": "gửi muộn",
    "early": "kỳ chưa đến",
    "stale_date": "ngày ghi không khớp",
    "period_unclear": "chưa rõ tuần báo cáo",
    "unknown_sender": "địa chỉ chưa đăng ký",
    "unknown_unit": "chưa rõ đơn vị",
    "unit_mismatch": "đơn vị không khớp người gửi",
    "unauthenticated": "chưa xác thực được người gửi",
    "low_confidence": "đọc chưa chắc chắn",
    "witnesses_disagree": "số liệu không thống nhất",
    "encrypted": "tệp có mật khẩu",
    "unreadable": "tệp không đọc được",
    "too_large": "tệp quá lớn",
    "no_report": "không thấy số liệu",
    "supersedes": "đã có số liệu khác",
    "stated_doubt": "thư ghi số liệu chưa chắc chắn",
}
QUARANTINED = "chương trình không đọc được thư"
# What says nothing of why a person must look, as long as something else does.
_MINOR = frozenset({"late"})
# What often only follows from the others: told after them.
_GENERAL = frozenset({"low_confidence"})


def short_reasons(codes: Iterable[tuple[str, str | None]], form: FormConfig | None, *, quarantined: bool = False) -> tuple[str, ...]:
    """'đọc chưa chắc chắn: “Đã cài”'; each reason once, with the figures it is about."""
    about: dict[str, list[str]] = {}
    for code, field in codes:
        titles = about.setdefault(code, [])
        title = (
            next((item.short_title or item.title for item in form.fields if item.name == field), "") if form is not None and field else ""
        )
        if title and title not in titles:
            titles.append(title)
    weighty = sorted([code for code in about if code not in _MINOR] or about, key=lambda code: code in _GENERAL)
    told = [
        f"{reason(code, form)}: {_figures(about[code], form)}" if about[code] and not _of_parts(code, form) else reason(code, form)
        for code in weighty
    ]
    return (QUARANTINED, *told) if quarantined else tuple(told)


def reason(code: str, form: FormConfig | None) -> str:
    """A finding's code in words; a rule between two figures of the form in the form's own."""
    part = _of_parts(code, form)
    if part is not None:
        return part
    return _REASONS.get(code, "cần xem lại")


def _figures(titles: list[str], form: FormConfig | None) -> str:
    every = form is not None and len(titles) == len(form.fields) > 1
    return "mọi số liệu" if every else ", ".join(f"“{title}”" for title in titles)


def _of_parts(code: str, form: FormConfig | None) -> str | None:
    for field in form.fields if form is not None else ():
        if field.part_of is not None and field.part_code == code and form is not None:
            whole = form.field(field.part_of)
            return f"“{field.short_title or field.title}” lớn hơn “{whole.short_title or whole.title}”"
    return None
