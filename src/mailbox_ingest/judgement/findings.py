"""Every finding: code, severity and Vietnamese text. The texts go to the sender as they stand: polite, plain, saying what to do."""

from __future__ import annotations

from datetime import datetime

from mailbox_ingest.config import FieldConfig
from mailbox_ingest.model import Evidence, Finding, Severity, StoredReport
from mailbox_ingest.periods import LOCAL_ZONE, Period


def count(value: int) -> str:
    """4215 -> '4.215', as Vietnamese offices write it."""
    return f"{value:,}".replace(",", ".")


def week(period: Period) -> str:
    """'tuần 34 (17/8–23/8/2020)'."""
    first, last = period.monday, period.sunday
    return f"tuần {period.week} ({first.day}/{first.month}–{last.day}/{last.month}/{last.year})"


def _error(code: str, message: str, field: str | None = None, evidence: Evidence | None = None) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, message=message, field=field, evidence=evidence)


def _warning(code: str, message: str, field: str | None = None, evidence: Evidence | None = None) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, message=message, field=field, evidence=evidence)


def missing_value(field: FieldConfig, evidence: Evidence | None) -> Finding:
    return _error(
        "missing_value", f"Chưa có số liệu ở mục “{field.title}”. Đề nghị điền số cụ thể (nếu không có thì ghi số 0).", field.name, evidence
    )


def not_a_number(field: FieldConfig, evidence: Evidence) -> Finding:
    raw = evidence.raw[:80]
    return _error(
        "not_a_number",
        f"Mục “{field.title}” ghi “{raw}”, không phải là một số nguyên. Đề nghị ghi bằng chữ số, ví dụ 1.234.",
        field.name,
        evidence,
    )


def negative_value(field: FieldConfig, evidence: Evidence) -> Finding:
    return _error(
        "negative_value", f"Mục “{field.title}” là số âm (“{evidence.raw[:80]}”). Đề nghị kiểm tra và ghi lại.", field.name, evidence
    )


def part_exceeds_whole(part: FieldConfig, whole: FieldConfig, part_value: int, whole_value: int, evidence: Evidence) -> Finding:
    return _error(
        part.part_code,
        f"“{part.title}” ({count(part_value)}) lớn hơn “{whole.title}” ({count(whole_value)}). "
        "Có thể hai số bị ghi đổi chỗ hoặc ghi nhầm; đề nghị kiểm tra lại.",
        part.name,
        evidence,
    )


def doubtful(field: FieldConfig, evidence: Evidence) -> Finding:
    return _warning(
        "low_confidence",
        f"Mục “{field.title}” chưa đọc được chắc chắn (“{evidence.raw[:80]}”); cán bộ tổng hợp sẽ xem lại.",
        field.name,
        evidence,
    )


def witnesses_disagree(field: FieldConfig, values: tuple[int, ...], evidence: Evidence | None) -> Finding:
    shown = ", ".join(count(v) for v in values)
    tail = f" ({shown})" if shown else ""
    return _warning(
        "witnesses_disagree",
        f"Số liệu mục “{field.title}” trong thư không thống nhất{tail}; cán bộ tổng hợp sẽ xem lại.",
        field.name,
        evidence,
    )


def too_high(field: FieldConfig, value: int, evidence: Evidence) -> Finding:
    return _warning(
        "low_confidence", f"Mục “{field.title}” là {count(value)}, lớn bất thường; cán bộ tổng hợp sẽ xem lại.", field.name, evidence
    )


def percentage_mismatch(field: FieldConfig, stated: str, computed: str, evidence: Evidence) -> Finding:
    return _warning(
        "percentage_mismatch",
        f"Tỷ lệ ghi trong báo cáo ở mục “{field.title}” là {stated}, nhưng tính theo số liệu là {computed}. "
        "Đề nghị kiểm tra số liệu và tỷ lệ.",
        field.name,
        evidence,
    )


def remainder_mismatch(field: FieldConfig, stated: int, computed: int, evidence: Evidence) -> Finding:
    return _warning(
        "witnesses_disagree",
        f"Số còn lại ghi trong báo cáo (chưa tính vào mục “{field.title}”) là {count(stated)}, "
        f"nhưng tính theo số liệu là {count(computed)}. Đề nghị kiểm tra lại.",
        field.name,
        evidence,
    )


def large_change(field: FieldConfig, value: int, previous: StoredReport) -> Finding:
    before = previous.values[field.name]
    return _warning(
        "large_change",
        f"“{field.title}” là {count(value)}, thay đổi nhiều so với kỳ trước ({count(before)}, tuần {previous.period.week}). "
        "Đề nghị xác nhận số liệu này là đúng.",
        field.name,
    )


def late(period: Period, due: datetime) -> Finding:
    moment = due.astimezone(LOCAL_ZONE)
    return _warning("late", f"Báo cáo {week(period)} gửi sau hạn ({moment:%H}h{moment:%M} ngày {moment.day}/{moment.month}/{moment.year}).")


def early(period: Period) -> Finding:
    return _warning("early", f"Báo cáo ghi {week(period)}, là kỳ chưa đến; cán bộ tổng hợp sẽ xem lại.")


def stale_date(written: Period, used: Period | None, evidence: Evidence | None = None) -> Finding:
    tail = f" Số liệu được ghi nhận cho {week(used)}; nếu không đúng, đề nghị trả lời thư này." if used else " Cán bộ tổng hợp sẽ xem lại."
    return _warning(
        "stale_date",
        f"Ngày ghi trên báo cáo thuộc {week(written)}, kỳ đã có báo cáo hoặc không khớp với thời điểm gửi.{tail}",
        None,
        evidence,
    )


def period_unclear(evidence: Evidence | None = None) -> Finding:
    return _warning("period_unclear", "Chưa xác định được báo cáo thuộc tuần nào; cán bộ tổng hợp sẽ xem lại.", None, evidence)


def supersedes(previous: StoredReport) -> Finding:
    return Finding(
        code="supersedes", severity=Severity.INFO, message=f"Số liệu này thay thế số liệu {week(previous.period)} đã ghi nhận trước đó."
    )


def supersedes_held(previous: StoredReport) -> Finding:
    return _warning(
        "supersedes",
        f"{week(previous.period).capitalize()} đã có số liệu khác được ghi nhận; cán bộ tổng hợp sẽ xem lại trước khi thay thế.",
    )


def overtaken(standing: StoredReport) -> Finding:
    return Finding(
        code="overtaken",
        severity=Severity.INFO,
        message=f"Đơn vị đã gửi số liệu {week(standing.period)} mới hơn sau thư này; số liệu của thư gửi sau đang được sử dụng.",
    )


def older_held(previous: StoredReport) -> Finding:
    return _warning(
        "supersedes",
        f"{week(previous.period).capitalize()} đã có số liệu gửi đến sau thư này được ghi nhận; cán bộ tổng hợp sẽ xem lại, "
        "số liệu đã ghi nhận chưa thay đổi.",
    )


def unknown_sender() -> Finding:
    return _warning(
        "unknown_sender",
        "Địa chỉ thư này chưa được đăng ký với Ban tổng hợp. Đề nghị gửi từ địa chỉ đã đăng ký, hoặc liên hệ để đăng ký địa chỉ mới.",
    )


def unknown_unit(shown: str = "") -> Finding:
    tail = f" (“{shown[:80]}”)" if shown else ""
    return _warning("unknown_unit", f"Chưa xác định được báo cáo của đơn vị nào{tail}. Đề nghị ghi rõ tên đơn vị ở đầu văn bản.")


def unit_mismatch(shown: str) -> Finding:
    return _warning(
        "unit_mismatch",
        f"Đơn vị ghi trên báo cáo (“{shown[:80]}”) không trùng với đơn vị đã đăng ký của địa chỉ gửi thư; cán bộ tổng hợp sẽ xem lại.",
    )


def stated_doubt(words: str) -> Finding:
    return _warning("stated_doubt", f"Trong thư hoặc báo cáo có ghi “{words[:80]}”; cán bộ tổng hợp sẽ xem lại trước khi ghi nhận số liệu.")


def unauthenticated() -> Finding:
    return _error("unauthenticated", "Chưa xác thực được người gửi thư; cán bộ tổng hợp sẽ xem lại.")


def no_report() -> Finding:
    return _warning("no_report", "Chưa tìm thấy số liệu báo cáo trong thư.")


_FAILURES = {
    "encrypted": "Tệp “{path}” có đặt mật khẩu nên không mở được. Đề nghị gửi lại tệp không đặt mật khẩu.",
    "unreadable": "Tệp “{path}” bị lỗi hoặc không đọc được. Đề nghị kiểm tra, lưu lại (Word, Excel hoặc PDF) và gửi lại.",
    "too_large": "Tệp “{path}” quá lớn hoặc có cấu trúc bất thường nên không thể đọc. Đề nghị gửi lại tệp gọn hơn (Word, Excel hoặc PDF).",
    "unsupported": "Tệp “{path}” thuộc loại chưa đọc được tự động. Đề nghị gửi lại bằng tệp Word, Excel hoặc PDF.",
}


def document_failure(code: str, path: str) -> Finding:
    text = _FAILURES.get(code, _FAILURES["unreadable"])
    known = code if code in ("encrypted", "unreadable", "too_large") else "unreadable"
    return _error(known, text.format(path=path[:120]))


def scan_unread(path: str) -> Finding:
    return _warning("unreadable", f"Bản chụp/bản quét “{path[:120]}” chưa đọc được chắc chắn; cán bộ tổng hợp sẽ xem lại.")
