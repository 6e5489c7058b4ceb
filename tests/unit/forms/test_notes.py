"""What stands beside, above and below typed figures and takes their certainty: notes, units, other columns, headings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import pytest

from bench.reading_quality.paper import lines, table
from mailbox_ingest import forms
from mailbox_ingest.model import Block, Reading

Read = Callable[[Sequence[Block]], tuple[Reading, ...]]
Sure = Callable[[Sequence[Block]], list[Mapping[str, int]]]

ALL = {"members": 1000, "smartphone_users": 800, "installed": 600}
M, S, N = "Tổng số đoàn viên, người lao động", "Số có điện thoại thông minh", "Số đã cài đặt Bluezone"
ACROSS = ["STT", "Đơn vị", "Tổng số ĐV, NLĐ", "Số có ĐTTM", "Số đã cài Bluezone", "Ghi chú"]
PARTS = [["1", "CĐCS xã A", "400", "300", "250", ""], ["2", "CĐCS xã B", "600", "500", "350", ""]]
TOTAL = ["", "Tổng cộng", "1000", "800", "600", ""]


def with_note(note: str, head: str = "Ghi chú") -> Block:
    return table([["STT", "Nội dung", "Số lượng", head], ["1", M, "1000", ""], ["2", S, "800", ""], ["3", N, "600", note]])


@pytest.mark.parametrize(
    "note",
    ["Thực tế 580", "Chờ xác nhận", "Ước", "?", "Sửa: 580", "580 (đã đối chiếu)", "Đề nghị lấy số 585", "580", "hợp đồng thời vụ"],
)
def test_a_note_beside_a_figure_that_may_change_it_leaves_it_unsure(sure: Sure, note: str) -> None:
    assert "installed" not in sure([with_note(note)])[0]
    assert "installed" not in sure([with_note(note, head="")])[0]


@pytest.mark.parametrize(
    "note", ["", "Đạt 75%", "Nữ: 150", "200 người dùng máy cũ", "tăng 12", "Tuần trước 552", "Máy đời cũ không hỗ trợ", "-"]
)
def test_a_note_that_adds_to_a_figure_leaves_it_sure(sure: Sure, note: str) -> None:
    assert sure([with_note(note)]) == [ALL]


@pytest.mark.parametrize("head", ["Số kiểm tra lại", "Điều chỉnh", "CĐCS xã A"])
def test_a_column_that_nobody_knows_competes_with_the_figure(sure: Sure, head: str) -> None:
    assert "installed" not in sure([with_note("580", head=head)])[0]


@pytest.mark.parametrize("unit", ["Hộ", "Lượt", "Trăm người", "%"])
def test_a_figure_counted_in_anything_but_persons_is_not_sure(sure: Sure, unit: str) -> None:
    rows = [["STT", "Nội dung", "ĐVT", "Số lượng"], ["1", M, "Người", "1000"], ["2", S, "Người", "800"], ["3", N, unit, "600"]]
    assert "installed" not in sure([table(rows)])[0]


@pytest.mark.parametrize("blank", ["", "-", "x"])
def test_a_total_is_not_sure_while_one_of_its_bodies_gave_no_figures(sure: Sure, blank: str) -> None:
    assert sure([table([ACROSS, *PARTS, ["3", "CĐCS xã C", blank, blank, blank, ""], TOTAL])]) == [{}]


def test_a_heading_of_a_group_is_no_body_without_figures(sure: Sure) -> None:
    assert sure([table([ACROSS, ["I", "Khối xã", "", "", "", ""], *PARTS, TOTAL])]) == [ALL]


def test_a_note_in_the_row_of_a_part_leaves_the_total_unsure(sure: Sure) -> None:
    assert sure([table([ACROSS, PARTS[0], [*PARTS[1][:-1], "ước"], TOTAL])]) == [{}]


@pytest.mark.parametrize(
    "heading",
    [
        "Báo cáo tuần trước:",
        "Tính đến hết tháng 7:",
        "Văn phòng công ty:",
        "CĐCS Trường THPT Hướng Hóa báo cáo",
        "Đến cuối năm sẽ có:",
        "BÁO CÁO QUÝ II NĂM 2020",
    ],
)
def test_a_heading_governs_plain_lines_below_it_as_well_as_lists(read: Read, heading: str) -> None:
    found = read(lines(heading, f"{M}: 1000", f"{S}: 800", f"{N}: 600"))
    unsure = not any(f.certain for r in found for f in r.fields)
    assert unsure or any(m.role == "speaker" for r in found for m in r.unit_mentions)


def test_a_known_announcement_takes_nothing(sure: Sure) -> None:
    assert sure(lines("Kết quả tuần này như sau:", f"{M}: 1000", f"{S}: 800", f"{N}: 600")) == [ALL]


def test_a_text_that_gives_another_figure_than_the_table_is_a_witness_even_when_it_is_not_clear(sure: Sure) -> None:
    said = lines("Toàn công ty có 1000 đoàn viên, 800 người có smartphone, đã cài 580.")
    assert "installed" not in sure([*said, with_note("")])[0]


def test_bodies_that_reported_are_no_figure(sure: Sure) -> None:
    assert sure([with_note(""), *lines("Đã hoàn thành việc cài đặt tại 12/12 tổ công đoàn.")]) == [ALL]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Bao cao thang 7", "thang 7"),
        ("Báo cáo Bluezone tháng 8", None),
        ("Báo cáo theo Công văn 597 ngày 14 tháng 7", None),
        ("Báo cáo tuần 34", None),
    ],
)
def test_another_month_in_a_subject_or_file_name_is_noticed(text: str, found: str | None) -> None:
    assert forms.other_month_in(text, date(2020, 8, 19)) == found


@pytest.mark.parametrize(
    "sentence",
    [
        "Ghi chú: số cài đặt tính theo lượt tải.",
        "Số đã cài ở trên là của cả công ty mẹ.",
        "Ghi chú: 590 là số máy, không phải số người.",
        "Trong đó có 30 người đã nghỉ hưu.",
        "Các số trên đã làm tròn.",
        "P/S: con số cuối là 580 nhé anh.",
        "Đính chính: mục 3 là 580.",
    ],
)
def test_a_sentence_about_the_figures_must_consist_of_words_that_leave_them(read: Read, sentence: str) -> None:
    assert any(reading.doubts for reading in read([with_note(""), *lines(sentence)]))


@pytest.mark.parametrize(
    "sentence",
    [
        "Ghi chú: số liệu đến 17h.",
        "(Số liệu tính đến 17h00 ngày 19/8/2020)",
        "Số liệu đã được Ban Thường vụ kiểm tra.",
        "Số liệu không thay đổi so với tuần trước.",
        "Số còn lại do máy không tương thích.",
    ],
)
def test_what_offices_usually_say_of_their_figures_takes_nothing(read: Read, sentence: str) -> None:
    assert not any(reading.doubts for reading in read([with_note(""), *lines(sentence)]))
