"""The Vietnamese words of the desk: states, roles, notes after an act, and the filters that templates write figures and moments with."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

from mailbox_ingest.alarms.words import WORDS as ALARMS
from mailbox_ingest.model import Role
from mailbox_ingest.periods import LOCAL_ZONE
from mailbox_ingest.render import wording

ROLES = {Role.VIEW: "xem", Role.DECIDE: "xử lý", Role.ADMIN: "quản trị"}

# (words, colour of the tag): a state is told by its words, the colour only helps.
MAIL_STATES = {
    "queued": ("chờ gửi", "wait"),
    "sending": ("đang gửi", "wait"),
    "sent": ("đã gửi", "good"),
    "failed": ("không gửi được", "bad"),
    "given_up": ("thôi không gửi", "bad"),
    "held": ("giữ lại", "warn"),
}
OUTCOMES = {
    "accepted": ("đã nhận", "good"),
    "accepted_with_warnings": ("đã nhận, có lưu ý", "good"),
    "rejected": ("bị trả lại", "bad"),
    "needs_review": ("cần xem", "warn"),
    "duplicate": ("trùng", ""),
    "ignored": ("bỏ qua", ""),
    "superseded": ("đã được thay", ""),
    "received": ("chờ đọc", "wait"),
    "reading": ("đang đọc", "wait"),
}
GRID_STATES = {
    "on_time": ("đúng hạn", "good"),
    "late": ("muộn", "warn"),
    "held": ("cần xem", "wait"),
    "returned": ("bị trả lại", "bad"),
    "unreachable": ("không liên lạc được", "bad"),
    "missing": ("chưa báo cáo", ""),
    "exempt": ("được miễn", ""),
    "none": ("không phải báo cáo", ""),
}
SEVERITIES = {"error": ("lỗi", "bad"), "warning": ("lưu ý", "warn"), "info": ("thông tin", "")}
ACTIONS = {
    "accept": "nhận",
    "correct": "sửa và nhận",
    "reassign": "nhận cho đơn vị hoặc tuần khác",
    "reject": "trả lại người gửi",
    "ignore": "bỏ qua",
    "ask_again": "hỏi lại người gửi",
    "merge": "gộp với thư khác",
    "merged_with": "gộp thêm thư khác",
    "replay": "đọc lại",
    "add_unit": "thêm đơn vị",
    "edit_unit": "sửa đơn vị",
    "retire_unit": "ngừng theo dõi đơn vị",
    "merge_units": "nhập vào đơn vị khác",
    "merged_from": "nhận đơn vị khác nhập vào",
    "upward_drafted": "lập dự thảo báo cáo cấp trên",
    "exempt": "miễn báo cáo",
    "exemption_lifted": "bỏ miễn báo cáo",
    "term": "đặt thời hạn báo cáo",
    "approve-address": "đăng ký địa chỉ",
    "decline-address": "không đăng ký địa chỉ",
    "revive-address": "ghi địa chỉ nhận được thư",
    "outbox_released": "cho gửi thư",
    "outbox_dropped": "bỏ thư chưa gửi",
    "outbox_resumed": "mở lại việc gửi",
    "add_user": "thêm người dùng",
    "change_user": "sửa người dùng",
    "set_password": "đặt mật khẩu",
}
PROBLEMS = {
    "encrypted": "Tệp có mật khẩu: không mở được.",
    "unreadable": "Tệp hỏng hoặc không đọc được.",
    "too_large": "Tệp quá lớn, hoặc mở quá lâu.",
    "unsupported": "Loại tệp này không hiển thị được; có thể tải về.",
    "container": "Tệp nén hoặc thư chuyển tiếp: tải về để xem bên trong.",
    "missing": "Không tìm lại được tệp này trong thư.",
}
_MOST_READY = 4  # more would push the buttons out of sight
# What clerks write most, each beside the codes of findings that it answers.
_READY: Mapping[str, tuple[str, ...]] = {
    "Tệp có mật khẩu nên không mở được. Đề nghị gửi lại tệp không đặt mật khẩu.": ("encrypted",),
    "Bản chụp không đọc rõ số liệu. Đề nghị gửi lại bản rõ hơn, hoặc tệp Word, Excel.": ("unreadable", "low_confidence"),
    "Chưa rõ báo cáo của đơn vị nào, tuần nào. Đề nghị ghi rõ tên đơn vị và tuần báo cáo.": (
        "unknown_unit",
        "unit_mismatch",
        "period_unclear",
    ),
    "Số liệu trong thư và trong tệp gửi kèm không khớp nhau. Đề nghị kiểm tra và gửi lại.": ("witnesses_disagree",),
    "Số liệu thay đổi nhiều so với kỳ trước. Đề nghị kiểm tra và cho biết số đúng.": ("large_change",),
    "Báo cáo ghi số liệu chưa đầy đủ hoặc chưa chính thức. Đề nghị gửi số liệu chính thức.": ("stated_doubt",),
    "Trong thư chưa có số liệu báo cáo. Đề nghị gửi báo cáo theo mẫu.": ("no_report",),
}
AUTOMATIC = {
    "own": "thư của chính hệ thống",
    "bounce": "thư báo không gửi được",
    "receipt": "thư báo đã nhận hoặc đã đọc",
    "calendar": "thư mời họp",
    "out-of-office": "thư trả lời tự động của người vắng mặt",
    "auto-submitted": "thư do máy gửi",
    "null-sender": "thư do máy gửi",
    "list": "thư của danh sách gửi chung",
    "bulk": "thư gửi hàng loạt",
    "no-reply": "thư do máy gửi",
}
JOBS = {"digest": "bản tin", "reminder": "nhắc báo cáo", "backup": "sao lưu", "upward": "báo cáo cấp trên", "service": "dịch vụ"}
CONTACTS = {
    "reachable": ("nhận được thư", "good"),
    "mailbox_full": ("hộp thư đầy", "warn"),
    "dead": ("không nhận được thư", "bad"),
    "unknown": ("có thư bị trả lại", "warn"),
}
JOB_STATES = {"running": ("đang chạy", "wait"), "done": ("xong", "good"), "failed": ("lỗi", "bad")}

# What the page after an act says; addresses carry the key only.
NOTES: Mapping[str, str] = {
    "accept": "Đã nhận số liệu của thư vừa rồi.",
    "correct": "Đã ghi số liệu vừa sửa và nhận thư vừa rồi.",
    "reassign": "Đã nhận thư vừa rồi cho đơn vị và tuần vừa chọn.",
    "reject": "Đã trả lại thư vừa rồi; thư trả lời đang chờ gửi.",
    "ignore": "Đã bỏ qua thư vừa rồi.",
    "ask_again": "Đã hỏi lại người gửi; thư vẫn chờ cho đến khi có trả lời.",
    "merge": "Đã gộp thư vừa rồi.",
    "exempt": "Đã ghi miễn báo cáo.",
    "lift_exemption": "Đã bỏ miễn báo cáo.",
    "address_approve": "Đã đăng ký địa chỉ.",
    "address_decline": "Đã ghi: không đăng ký địa chỉ này.",
    "address_revive": "Đã ghi: địa chỉ này nhận được thư.",
    "outbox_resume": "Đã mở lại việc gửi thư.",
    "outbox_release": "Thư sẽ được gửi trong lượt tới.",
    "outbox_drop": "Thư này sẽ không gửi nữa.",
    "digest_sent": "Bản tin đã được chốt và xếp vào hộp gửi đi.",
    "look_first": "Hãy xem bản nháp và đánh dấu “tôi đã xem” trước khi gửi.",
    "password_changed": "Đã đổi mật khẩu. Những nơi khác đang đăng nhập bằng tài khoản này phải đăng nhập lại.",
    "no_smtp": "Chưa cấu hình gửi thư nên không gửi được.",
}


def stamp(moment: datetime | None) -> str:
    """'20/8/2020 17:05' in local time; '' for none."""
    if moment is None:
        return ""
    local = moment.astimezone(LOCAL_ZONE)
    return f"{local.day}/{local.month}/{local.year} {local:%H:%M}"


def short_stamp(moment: datetime | None) -> str:
    """'20/8 17:05' in local time."""
    return "" if moment is None else f"{(local := moment.astimezone(LOCAL_ZONE)).day}/{local.month} {local:%H:%M}"


def address(text: str) -> Markup:
    """An e-mail address, or several, that breaks before '@' and after '.', never within a word while there is room."""
    return Markup(re.sub(r"(?=@)|(?<=\.)(?=.)", "<wbr>", str(escape(text))))


def confidence(value: float) -> str:
    """0.874 -> '87%'; never rounded up to certainty."""
    return f"{min(int(value * 100), 99) if value < 1 else 100}%"


def ready_reasons(codes: Collection[str]) -> tuple[str, ...]:
    """A few, those first that answer these findings."""
    return tuple(sorted(_READY, key=lambda text: not any(code in codes for code in _READY[text])))[:_MOST_READY]


def job(name: str) -> str:
    """'digest:lanh-dao' -> 'bản tin lanh-dao'."""
    kind, _, rest = name.partition(":")
    return " ".join(filter(None, (JOBS.get(kind, kind), rest.replace(":", ", "))))


def around(text: str, value: int | None, limit: int = 60) -> str:
    """A long text cut to where the figure stands: a quotation without it would say nothing."""
    line = wording.one_line(text, 2000)
    if len(line) <= limit:
        return line
    figures = list(_FIGURE.finditer(line))
    found = next((figure for figure in figures if re.sub(r"\D", "", figure[0]) == str(value)), figures[-1] if figures else None)
    if found is None:
        return wording.one_line(line, limit)
    end = min(max(found.end() + 10, limit), len(line))
    start = max(end - limit, 0)
    return f"{'…' if start else ''}{line[start:end].strip()}{'…' if end < len(line) else ''}"


def number(value: int | None) -> str:
    return "" if value is None else wording.count(value)


def tag(words: Mapping[str, tuple[str, str]]) -> Callable[[Any], Markup]:
    """A filter that writes a state as a small coloured label; a state it does not know stands as it is."""

    def written(state: Any) -> Markup:
        text, colour = words.get(str(state), (str(state), ""))
        return Markup('<span class="tag {}">{}</span>').format(colour, text)

    return written


def standing(facts: Mapping[str, Any] | None) -> str:
    """An act's before or after in one line: 'cần xem; ldld-cam-lo 2020-W34: installed 3102'."""
    if not facts:
        return ""
    if "reports" not in facts:
        return "; ".join(f"{name}: {value}" for name, value in facts.items())
    told = [OUTCOMES.get(str(facts.get("outcome")), ("", ""))[0]]
    for report in facts["reports"]:
        values = ", ".join(f"{name} {value}" for name, value in report.get("values", {}).items())
        told.append(f"{report.get('unit') or '?'} {report.get('period') or '?'}: {values}")
    return "; ".join(part for part in told if part)


_FIGURE = re.compile(r"\d+(?:[.,  \u00a0]\d{3})*")

FILTERS: dict[str, Callable[..., Any]] = {
    "stamp": stamp,
    "short_stamp": short_stamp,
    "confidence": confidence,
    "address": address,
    "outcome": tag(OUTCOMES),
    "outcome_word": lambda state: OUTCOMES[str(state)][0],
    "state": tag(GRID_STATES),
    "severity": tag(SEVERITIES),
    "standing": standing,
    "action": lambda name: ACTIONS.get(name, name),
    "number": number,
    "percent": lambda value: "" if value is None else wording.percent(value),
    "week": wording.week,
    "short_week": wording.short_week,
    "moment": wording.moment,
    "capital": wording.capital,
    "one_line": wording.one_line,
    "mail_state": tag(MAIL_STATES),
    "contact": tag(CONTACTS),
    "alarm": lambda kind: ALARMS[kind][0],
    "advice": lambda kind: ALARMS[kind][1],
    "job_state": tag(JOB_STATES),
    "job": job,
    "around": around,
    "automatic": lambda kind: AUTOMATIC.get(kind, "thư do máy gửi"),
    "megabytes": lambda count: f"{count / 1_000_000:.1f}".replace(".", ",") + " MB",
    "role": lambda role: ROLES[role],
}
