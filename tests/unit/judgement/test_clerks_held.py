"""Whole mails with clear figures that a careful clerk would question: nothing of them is accepted. Today is 19/8/2020, week 34."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bench.reading_quality.house import verdict_on
from bench.reading_quality.paper import Content, document, lines, table
from mailbox_ingest.model import TAKEN, Block, Document, Paragraph, Verdict

NOW = datetime(2020, 8, 19, 2, 0, tzinfo=UTC)
M, S, N = "Tổng số đoàn viên, người lao động", "Số ĐV, NLĐ có điện thoại thông minh", "Số ĐV, NLĐ đã cài đặt Bluezone"
HEADS: Sequence[Content] = ["TT", "Nội dung", "Số lượng"]
ROWS: Sequence[Sequence[Content]] = [["1", M, "612"], ["2", S, "600"], ["3", N, "590"]]
BODY = f"{M}: 612\n{S}: 600\n{N}: 590\n"
ACROSS: Sequence[Content] = ["STT", "Đơn vị", "Tổng số ĐV, NLĐ", "Số có ĐTTM", "Đã cài Bluezone"]


def taken(verdict: Verdict) -> list[tuple[int, ...]]:
    return [tuple(r.values.values()) for r in verdict.reports if r.status in TAKEN]


def on(blocks: Sequence[Block], *, path: str = "bao cao.docx", title: str = "") -> Document:
    return document(blocks, path=path, title=title)


def of(*attached: Document, **said: str) -> Verdict:
    return verdict_on(attached, sender="vinh-linh@don-vi.example", arrived_at=NOW, **said)


def down(*more: Sequence[Content]) -> Block:
    return table([HEADS, *ROWS, *more])


def test_the_same_mail_without_what_is_questioned_is_accepted() -> None:
    assert taken(of(on([*lines("BÁO CÁO", "Về việc cài đặt ứng dụng Bluezone"), down()]))) == [(612, 600, 590)]
    assert taken(of(body=BODY)) == [(612, 600, 590)]


@pytest.mark.parametrize(
    "title", ["Về việc cài đặt ứng dụng NCOVI", "Kết quả cài đặt VssID - BHXH số", "Kết quả kích hoạt định danh điện tử VNeID"]
)
def test_a_report_on_another_application_is_not_this_one(title: str) -> None:
    rows = [*ROWS[:2], ["3", "Số ĐV, NLĐ đã cài đặt", "590"]]
    assert taken(of(on([*lines("BÁO CÁO", title), table([HEADS, *rows])]))) == []
    bare = BODY.replace(" Bluezone", "")
    assert taken(of(body=bare, subject=title)) == []
    assert taken(of(on([*lines("BÁO CÁO Bluezone", "I. Ứng dụng NCOVI"), table([HEADS, *rows])]))) == []


@pytest.mark.parametrize(
    "closing",
    ["Zalo: 0905.123.456 - số liệu này chưa đầy đủ", "Nguyễn Văn A - SĐT 0905.111.222 (số trên là tạm tính)"],
)
def test_a_remark_in_the_signature_is_heard(closing: str) -> None:
    assert taken(of(body=BODY, closing=closing)) == []


@pytest.mark.parametrize(
    "named",
    ["CĐCS Trường THPT Vĩnh Linh", "xã Vĩnh Thủy", "CĐCS Công ty May Bến Hải", "Trường Mầm non Hoa Sen", "Chi nhánh Xăng dầu Lao Bảo"],
)
def test_figures_given_to_a_body_below_the_senders_are_held(named: str) -> None:
    assert taken(of(body=BODY, subject=f"{named} báo cáo Bluezone")) == []
    assert taken(of(body=f"Em gửi báo cáo của {named} ạ.\n{BODY}")) == []
    assert taken(of(on([*lines("BÁO CÁO BLUEZONE"), down()], path=f"BC {named}.docx"))) == []
    assert taken(of(on([*lines("BÁO CÁO BLUEZONE"), down()], path="bc.xlsx", title=named))) == []
    assert taken(of(on([*lines(f"BÁO CÁO CỦA {named.upper()}", "Về việc cài đặt Bluezone"), down()]))) == []
    assert taken(of(on([*lines("BÁO CÁO BLUEZONE", named), down()]))) == []
    assert taken(of(on([*lines("BÁO CÁO BLUEZONE"), down(), *lines(f"TM. BCH {named}")]))) == []


@pytest.mark.parametrize(
    "row",
    [
        ["", "theo kiểm tra thực tế", "560"],
        ["", "Trong đó đã xác minh", "560"],
        ["4", "Số đã cài đặt Bluezone theo phần mềm", "560"],
        ["4", "Tỷ lệ cài đặt/số có điện thoại thông minh", "88,3%"],
        ["4", "Tỷ lệ cài đặt trên tổng số đoàn viên (%)", "88,3"],
    ],
)
def test_a_further_row_that_contradicts_the_figures_holds_them(row: Sequence[Content]) -> None:
    assert taken(of(on([*lines("BÁO CÁO BLUEZONE"), down(row)]))) == []


def test_a_further_row_that_agrees_leaves_them() -> None:
    rows = (["4", "Tỷ lệ cài đặt/số có điện thoại thông minh", "98,3%"], ["5", "Số đã kiểm tra thực tế", "590"], ["6", "Số CĐCS", "28"])
    assert taken(of(on([*lines("BÁO CÁO BLUEZONE"), down(*rows)]))) == [(612, 600, 590)]


def test_a_column_of_what_was_found_elsewhere_holds_a_row() -> None:
    rows = [[*ACROSS, "Số cài theo kiểm tra thực tế"], ["1", "LĐLĐ huyện Vĩnh Linh", "612", "600", "590", "560"]]
    assert taken(of(on([*lines("BÁO CÁO BLUEZONE"), table(rows)]))) == []


@pytest.mark.parametrize("words", ["như tuần trước", "nt", "chưa có"])
def test_a_total_over_a_body_that_gives_words_is_held(words: str) -> None:
    rows = [ACROSS, ["1", "CĐCS xã A", "112", "100", "90"], ["2", "CĐCS xã B", "500", "500", "500"]]
    total = ["", "Tổng cộng", "612", "600", "590"]
    assert taken(of(on([*lines("BÁO CÁO BLUEZONE"), table([*rows, total])]))) == [(612, 600, 590)]
    assert taken(of(on([*lines("BÁO CÁO BLUEZONE"), table([*rows, ["3", "CĐCS xã C", words, words, words], total])]))) == []


@pytest.mark.parametrize(
    "said", ["Tính đến ngày 12/8/2020, kết quả như sau:", "Số liệu tính đến ngày 14/8/2020", "(Số liệu cập nhật đến 17h00 ngày 13/8/2020)"]
)
def test_figures_taken_in_the_week_before_are_held_whatever_the_letters_date(said: str) -> None:
    head = lines("Vĩnh Linh, ngày 19 tháng 8 năm 2020", "BÁO CÁO BLUEZONE")
    assert taken(of(on([*head, *lines(said), down()]))) == []
    assert taken(of(on([*head, down(), *lines(said)]))) == []
    assert taken(of(on([*head, down(), *lines("Số liệu tính đến ngày 18/8/2020")]))) == [(612, 600, 590)]


def test_the_title_of_a_sheet_that_fills_one_cell_may_give_another_month() -> None:
    rows: list[list[Content]] = [["BÁO CÁO CÀI ĐẶT BLUEZONE THÁNG 7/2020", "", ""], HEADS, *ROWS]  # type: ignore[list-item]
    assert taken(of(on([table(rows)]))) == []
    assert taken(of(body=BODY, subject="BC Bluezone T7")) == []
    assert taken(of(body=BODY, subject="BC Bluezone T34")) == [(612, 600, 590)]


@pytest.mark.parametrize(
    "said",
    [
        "Tổng số CĐCS: 45; đã báo cáo: 43",
        "Có 2 CĐCS báo cáo trễ, em cập nhật vào tuần sau.",
        "Nếu thiếu chị thêm cho đủ giúp em.",
        "Xã Vĩnh Thủy số liệu không hợp lý, em đang hỏi.",
        "Do nghỉ lễ nên mới cập nhật được khối trường học.",
        "Khối doanh nghiệp để em gọi lại.",
        "Doanh nghiệp thì tuần sau.",
        "Riêng phòng Kỹ thuật gộp với tháng trước.",
        "Kết quả kiểm tra thực tế được 560 người.",
        "Khối doanh nghiệp không báo cáo.",
        "Khối xã phường đầy đủ, khối trường học chưa.",
        "Còn khối doanh nghiệp.",
        "Khối trường học theo tuần trước.",
        "Xã Vĩnh Thủy không gửi.",
    ],
)
def test_a_remark_about_a_part_of_the_body_is_heard(said: str) -> None:
    assert taken(of(body=f"{BODY}{said}")) == []
    assert taken(of(on([*lines("BÁO CÁO BLUEZONE"), down(), *lines(said)]))) == []


@pytest.mark.parametrize(
    "said",
    ["Tổng số CĐCS: 45; đã báo cáo: 45", "Khối doanh nghiệp đã triển khai đầy đủ.", "Đơn vị sẽ tiếp tục cập nhật, báo cáo tuần sau."],
)
def test_a_remark_that_leaves_nobody_out_holds_nothing(said: str) -> None:
    assert taken(of(body=f"{BODY}{said}")) == [(612, 600, 590)]


def test_a_day_of_last_week_in_subject_title_or_file_name_is_held() -> None:
    for old, held in (("Báo cáo ngày 12/8", True), ("Báo cáo ngày 19/8", False), ("Báo cáo theo CV 597/LĐLĐ-CTCS ngày 14/8/2020", False)):
        assert taken(of(body=BODY, subject=old)) == ([] if held else [(612, 600, 590)])
    assert taken(of(on([*lines("BÁO CÁO BLUEZONE"), down()], path="Bao cao ngay 12.8.2020.docx"))) == []
    assert taken(of(body=f"Báo cáo ngày 12/8/2020\n{BODY}")) == []
    assert taken(of(body=f"Báo cáo tuần ba mươi ba\n{BODY}")) == []


@pytest.mark.parametrize(
    ("place", "said", "held"),
    [
        ("nhận xét", "Số này chưa chính xác", True),
        ("trang tính Sheet1, ghi chú ô C4", "Đúng là 580", True),
        ("chân trang", "Số liệu tạm tính, chưa chính thức", True),
        ("nhận xét", "Đã kiểm tra 590", False),
        ("chân trang", "Trang 1/1 - Báo cáo số 25", False),
    ],
)
def test_remarks_in_comments_and_margins_are_heard(place: str, said: str, held: bool) -> None:
    made = replace(on([*lines("BÁO CÁO BLUEZONE"), down()]), marginal=(Paragraph(text=said, place=place),))
    assert taken(of(made)) == ([] if held else [(612, 600, 590)])


@pytest.mark.parametrize("peer", ["LĐLĐ huyện Gio Linh", "Công đoàn ngành Xây dựng"])
def test_bodies_of_the_senders_own_rank_are_no_part_of_it(peer: str) -> None:
    rows = [ACROSS, ["1", peer, "112", "100", "90"], ["2", "CĐCS xã B", "500", "500", "500"], ["", "Tổng cộng", "612", "600", "590"]]
    assert taken(of(on([*lines("BÁO CÁO BLUEZONE"), table(rows)]))) == []


def test_words_that_open_a_line_must_only_announce() -> None:
    for word in ("Tối đa", "Dự Kiến", "Phấn đấu", "Của CĐCS", "CĐCS", "Công đoàn", "Số liệu đơn vị bạn"):
        assert taken(of(body=f"{M}: 612\n{word}: {S}: 600\n{N}: 590")) == []


def test_an_estimate_for_this_week_is_none() -> None:
    assert taken(of(on([*lines("BÁO CÁO BLUEZONE"), table([["TT", "Nội dung", "Ước tuần 34"], *ROWS])]))) == []


def test_two_columns_that_look_like_one_number_are_none() -> None:
    pasted = "Nội dung Tuần trước Tuần này\n1 Tổng số đoàn viên 610 612\n2 Số có smartphone 590 600\n3 Số đã cài Bluezone 400 590"
    assert taken(of(body=pasted)) == []
    assert taken(of(body="Tổng số đoàn viên 610 612\nSố có smartphone 590 600\nSố đã cài Bluezone 400 590")) == []


def test_a_fraction_is_a_whole_only_where_noun_and_share_say_so() -> None:
    start = "Đơn vị có 259 đoàn viên; đã thực hiện cài đặt ứng dụng Bluezone 135/218"
    assert taken(of(body=f"{start} máy điện thoại thông minh, đạt 61,9%.")) == [(259, 218, 135)]
    assert taken(of(body=f"{start} máy điện thoại thông minh, đạt 71,9%.")) == []
    assert taken(of(body=f"{start} đoàn viên, đạt 61,9%.")) == []


def test_a_name_by_its_capitals_before_the_figures_must_be_the_senders() -> None:
    assert taken(of(body=f"VĨNH LINH:\n{BODY}")) == [(612, 600, 590)]
    assert taken(of(body=f"HƯỚNG HÓA:\n{BODY}")) == []
    assert taken(of(body=f"Bến Hải: {BODY}")) == []
