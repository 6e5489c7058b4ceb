"""Refusals of the rooms below, told to a clerk in Vietnamese by their code. An English sentence never reaches a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mailbox_ingest.config import FormConfig
from mailbox_ingest.console.visit import Visit
from mailbox_ingest.console.words import MAIL_STATES, OUTCOMES
from mailbox_ingest.errors import MailboxIngestError
from mailbox_ingest.periods import Period
from mailbox_ingest.render import wording
from mailbox_ingest.review import Obstacle

REFUSED = "Chưa thực hiện được: "
UNTOLD = "Chưa thực hiện được việc này, và chưa có gì thay đổi. Hãy tải lại trang rồi thử lại; nếu vẫn vậy, xin báo người vận hành."

# Each says what is so, and what to do. Names in braces are facts of the refusal.
TEXTS: Mapping[str, str] = {
    # one held mail
    "nothing_read": "không đọc được số liệu nào trong thư này. Hãy nhập đơn vị, tuần và các số, hoặc trả lại người gửi.",
    "same_place_twice": "thư này có nhiều báo cáo của cùng một đơn vị và tuần. Hãy nhận từng báo cáo một.",
    "place_missing": "chưa chọn đơn vị hoặc tuần mà báo cáo được tính vào.",
    "reason_missing": "cần ghi lý do trả lại để người gửi biết phải sửa gì.",
    "question_missing": "cần ghi câu hỏi gửi cho người gửi.",
    "nobody_to_ask": (
        "không thể hỏi lại: không rõ người gửi, chưa xác thực được người gửi, hoặc thư do máy gửi. Hãy liên hệ đơn vị bằng cách khác."
    ),
    "several_held": "thư này có nhiều báo cáo đang chờ. Hãy xử lý từng báo cáo một.",
    "message_unknown": "không có thư mang số này trong sổ. Hãy kiểm tra lại số thư.",
    "message_finished": "thư này đã được xử lý xong. Hãy tải lại trang để xem.",
    "not_waiting": "thư này không còn chờ xử lý ({outcome}). Hãy chuyển sang thư khác.",
    "report_gone": "báo cáo này không còn chờ xử lý. Hãy tải lại trang để xem.",
    "place_taken": "một báo cáo khác của {unit}, {period} vừa được nhận. Hãy tải lại trang, so với báo cáo đó rồi quyết định lại.",
    "newer_stands": (
        "{unit} đã có báo cáo {period} đến sau thư này (thư {message}). "
        "Nếu vẫn muốn dùng số của thư này, hãy đánh dấu “Thay báo cáo đang có” rồi làm lại; nếu không, hãy bỏ qua thư này."
    ),
    "obstacles": "{obstacles}",
    # why figures cannot be accepted by anybody
    "form_unknown": "biểu mẫu này không còn trong cấu hình. Xin báo người vận hành.",
    "form_missing": "chưa chọn biểu mẫu của báo cáo.",
    "unit_missing": "chưa chọn đơn vị.",
    "unit_unknown": "không có đơn vị “{unit}” đang hoạt động. Hãy chọn đơn vị khác.",
    "period_missing": "chưa chọn tuần báo cáo.",
    "period_early": "{period} chưa bắt đầu. Hãy chọn tuần khác.",
    "field_unknown": "biểu mẫu này không có chỉ tiêu {field}. Hãy tải lại trang.",
    "field_missing": "còn thiếu số {field}.",
    "negative": "số {field} là số âm. Hãy nhập lại.",
    "above_limit": "số {field} ({value}) lớn hơn mức cho phép ({limit}). Hãy kiểm tra lại số.",
    "exceeds": "số {field} ({value}) lớn hơn số {whole} ({whole_value}). Hãy kiểm tra lại hai số này.",
    # two mails that are one report
    "merged_with_itself": "không thể gộp một thư vào chính thư đó. Hãy chọn thư khác.",
    "merged_into_closed": "thư {message} đang ở trạng thái “{outcome}”: chỉ gộp được vào thư cần xem hoặc thư đã nhận. Hãy chọn thư khác.",
    "bearer_without_report": "báo cáo của thư {message} không còn được dùng. Hãy tải lại trang rồi chọn lại thư để gộp.",
    "bearer_with_several": "thư {message} có nhiều báo cáo nên chưa rõ phải gộp vào báo cáo nào. Hãy xử lý từng thư riêng.",
    "two_differ": (
        "hai thư không giống nhau: {differ}. "
        "Hãy nhập số đúng vào ô rồi đánh dấu “lấy số trong các ô” ở mục Gộp và gộp lại, hoặc xử lý từng thư riêng."
    ),
    "merge_moves": "báo cáo kia đã được nhận cho {unit}, {period}; gộp thư không đổi được đơn vị hay tuần. Hãy chọn lại đơn vị và tuần.",
    # units and their addresses
    "unit_gone": "đơn vị “{unit}” không có trong danh sách, hoặc không còn hoạt động. Hãy tải lại trang để xem.",
    "week_closed": "{period} đã chốt và bản tin đã gửi, nên không đổi việc miễn báo cáo của tuần này được nữa.",
    "exemption_reason_missing": "cần ghi lý do miễn báo cáo: lý do có trong bản tin gửi lãnh đạo.",
    "not_exempt": "{unit} không được miễn báo cáo {period}, nên không có gì để bỏ. Hãy tải lại trang để xem.",
    "address_decided": "địa chỉ {address} không còn chờ đăng ký: có thể người khác vừa quyết định. Hãy tải lại trang để xem.",
    "address_of_several": "địa chỉ {address} được đề nghị cho nhiều đơn vị. Hãy mở trang của đơn vị cần đăng ký.",
    "address_not_shut": "chưa có thư nào gửi đến {address} bị trả lại, nên không cần mở lại địa chỉ này.",
    "term_reversed": "ngày thôi báo cáo phải sau ngày bắt đầu báo cáo.",
    # the outbox
    "mail_upward": (
        "đây là báo cáo gửi cấp trên, không gửi được từ trang này. Xin báo người vận hành gửi bằng lệnh riêng sau khi xem lại số liệu."
    ),
    "mail_not_held": "thư này đang ở trạng thái “{state}”, không cần cho gửi lại. Hãy tải lại trang để xem.",
    "mail_not_droppable": "thư này đang ở trạng thái “{state}”, không bỏ được nữa. Hãy tải lại trang để xem.",
    "mail_changed": "thư này vừa thay đổi. Hãy tải lại trang để xem.",
    "mail_unknown": "không có thư này trong hộp gửi đi. Hãy tải lại trang để xem.",
    "drop_reason_missing": "cần ghi lý do bỏ thư này.",
}


def told(error: MailboxIngestError, visit: Visit) -> str:
    """What a clerk reads. A refusal without a code, or of a code not known here, is told in general."""
    text = TEXTS.get(error.code)
    return UNTOLD if text is None else REFUSED + _filled(text, error.facts, visit)


def _filled(text: str, facts: Mapping[str, object], visit: Visit) -> str:
    form = next((form for form in visit.app.config.forms if form.name == facts.get("form")), None)
    return text.format_map({name: _word(name, value, form, visit) for name, value in facts.items()})


def _word(name: str, value: Any, form: FormConfig | None, visit: Visit) -> str:
    match name:
        case "unit":
            unit = visit.registry.units().by_code.get(str(value))
            return str(value) if unit is None else unit.name
        case "field" | "whole":
            return f"“{_title(str(value), form)}”"
        case "outcome" | "state":
            return (OUTCOMES if name == "outcome" else MAIL_STATES).get(str(value), ("đã xử lý", ""))[0]
        case "obstacles":
            return _sentences(value, form, visit)
        case "differ":
            return "; ".join(_difference(name, one, other, form, visit) for name, one, other in value)
    if isinstance(value, Period):
        return wording.week(value)
    return wording.count(value) if isinstance(value, int) and name != "message" else str(value)


def _sentences(obstacles: Iterable[Obstacle], form: FormConfig | None, visit: Visit) -> str:
    """All that stands in the way, one sentence each; the first begins after the colon."""
    said = [
        TEXTS[item.code].format_map({name: _word(name, value, form, visit) for name, value in item.facts.items()}) for item in obstacles
    ]
    return " ".join([*said[:1], *(wording.capital(text) for text in said[1:])])


def _difference(name: str, one: Any, other: Any, form: FormConfig | None, visit: Visit) -> str:
    if name == "form":
        titles = {item.name: item.title for item in visit.app.config.forms}
        return f"biểu mẫu là “{titles.get(one, one)}” hoặc “{titles.get(other, other)}”"
    if name in ("unit", "period"):
        return f"{'đơn vị' if name == 'unit' else 'tuần'} là {_word(name, one, form, visit)} hoặc {_word(name, other, form, visit)}"
    return f"“{_title(name, form)}” là {_word('value', one, form, visit)} hoặc {_word('value', other, form, visit)}"


def _title(field: str, form: FormConfig | None) -> str:
    return next((item.title for item in form.fields if item.name == field), field) if form is not None else field
