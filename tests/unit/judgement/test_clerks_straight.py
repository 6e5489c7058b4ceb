"""Whole mails that anybody reads without a doubt, in the many ways clerks write them: nobody needs to look. Today is 19/8/2020, week 34."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from bench.reading_quality.house import verdict_on
from bench.reading_quality.paper import Content, Span, document, lines, table
from mailbox_ingest.model import TAKEN, Block, Document, Verdict

NOW = datetime(2020, 8, 19, 2, 0, tzinfo=UTC)
M, S, N = "Tổng số đoàn viên, người lao động", "Số ĐV, NLĐ có điện thoại thông minh", "Số ĐV, NLĐ đã cài đặt Bluezone"
HEADS: Sequence[Content] = ["TT", "Nội dung", "Số lượng"]
ACROSS: Sequence[Content] = ["STT", "Đơn vị", "Tổng số ĐV, NLĐ", "Số có ĐTTM", "Đã cài Bluezone"]
PARTS: Sequence[Sequence[Content]] = [["1", "CĐCS xã A", "112", "100", "90"], ["2", "CĐCS xã B", "500", "500", "500"]]


def taken(verdict: Verdict) -> list[tuple[int, ...]]:
    return [tuple(r.values.values()) for r in verdict.reports if r.status in TAKEN]


def of(*attached: Document, arrived_at: datetime = NOW, **said: str) -> Verdict:
    return verdict_on(attached, sender="vinh-linh@don-vi.example", arrived_at=arrived_at, **said)


def sheet(*rows: Sequence[Content], title: str = "") -> Document:
    blocks: list[Block] = [*lines("BÁO CÁO", "Về việc cài đặt ứng dụng Bluezone"), table(rows)]
    return document(blocks, title=title)


@pytest.mark.parametrize(
    "body",
    [
        "Dạ em gửi chị số liệu Bluezone tuần này ạ: tổng 612 đv, 600 người có đt thông minh, 590 đã cài rồi ạ.",
        "Thưa o, cơ quan cháu có 612 đoàn viên, 600 người có smartphone, 590 người đã cài Bluezone ạ.",
        "- Tổng số CNVCLĐ: 612 đ/c\n- Số CNVCLĐ có smart phone: 600 đ/c (98,04%)\n- Số đã cài Bluezone: 590 đ/c (98,33%)",
        "TSĐV: 612; số SD ĐTTM: 600; số đã cài BZ: 590",
        "Tổng số CBGVNV: 612\nSố có smarphone: 600\nSố đã cài Bluzone: 590",
        "1 Tổng số đoàn viên, NLĐ 612\n2 Số có điện thoại thông minh 600\n3 Số đã cài đặt Bluezone 590",
        "TT Nội dung Số lượng\n1 Tổng số đoàn viên ..... 612 người\n2 Số có smartphone ..... 600 người\n3 Đã cài Bluezone ..... 590 người",
        "1 Tổng số đoàn viên, NLĐ Người 612\n2 Số có điện thoại thông minh Người 600\n3 Số đã cài đặt Bluezone Người 590",
        "Nội dung\tSố lượng\tTỷ lệ\nTổng số đoàn viên\t612\nSố có smartphone\t600\t98,0%\nSố đã cài Bluezone\t590\t98,3%",
        "Đến ngày 19/8/2020 đã có 590 đoàn viên cài đặt ứng dụng Bluezone; tổng số đoàn viên 612; số có smartphone 600.",
        "Toàn đơn vị có 612 CBCNV, 600 người dùng smartphone; số người đã cài Bluezone là 590/600 (98,3%).",
        "1. Tổng số đoàn viên: 612\n2. Có smartphone: 600\n3. Đã cài: 590\nKhó khăn: một số đoàn viên dùng máy đời cũ (khoảng 10 máy).",
        "Đơn vị có 15 CĐCS trực thuộc với 612 đoàn viên; 600 người có smartphone; 590 người đã cài Bluezone.",
        f"Bước 1: mở CH Play. Bước 2: tìm Bluezone, cài đặt.\n{M}: 612\n{S}: 600\n{N}: 590",
        f"Em gửi lại báo cáo đính chính, thay thế báo cáo đã gửi sáng nay:\n{M}: 612\n{S}: 600\n{N}: 590",
        f"Đính chính số liệu báo cáo lần trước:\n{M}: 612\n{S}: 600\n{N}: 590",
        "kinh gui ban\ntong so doan vien 612 nguoi, so co dien thoai thong minh 600 nguoi, so da cai bluezone 590 nguoi\ntran trong",
        f"BC Bluezone LD Vinh Linh: {M}: 612; {S}: 600; {N}: 590",
        "Tổng số đoàn viên -> 612\nCó smartphone -> 600\nĐã cài Bluezone -> 590",
        "Tổng số đoàn viên: 612\nCó smartphone: 600 (98,0% tổng số đoàn viên)\nĐã cài Bluezone: 590 (98,3% số có smartphone)",
        "Tổng số đoàn viên: 612 (không thay đổi so với tuần trước)\nCó smartphone: 600 (tăng 2 đồng chí)\nĐã cài Bluezone: 590",
        f"Đơn vị: LĐLĐ huyện Vĩnh Linh\nNgười báo cáo: Nguyễn Văn B\n{M}: 612\n{S}: 600\n{N}: 590",
        f"LĐLĐ huyện Vĩnh Linh báo cáo số liệu của 45/45 CĐCS như sau:\n{M}: 612\n{S}: 600\n{N}: 590",
        "Tổng số cán bộ, giáo viên, nhân viên: 612\nSố CB, GV, NV có smartphone: 600\nSố CB, GV, NV đã cài đặt và kích hoạt Bluezone: 590",
        f"Số liệu đến hôm nay (thứ tư 19/8):\n{M}: 612\n{S}: 600\n{N}: 590",
        f"Báo cáo nhanh sáng 19/8:\n{M}: 612\n{S}: 600\n{N}: 590",
        f"Báo cáo tuần ba mươi tư\n{M}: 612\n{S}: 600\n{N}: 590",
        f"{M}: 612\n{S}: 600\n{N}: 590\nSố đã cài NCOVI: 430",
        f"{M}: 612\n{S}: 600\nSố đã cài NCOVI: 430\n{N}: 590",
    ],
)
def test_a_body_in_a_clerks_own_words(body: str) -> None:
    assert taken(of(body=body)) == [(612, 600, 590)]


@pytest.mark.parametrize(
    ("members", "phones", "installed"),
    [
        ("612 người", "600 người (98,0%)", "590 người (98,3%)"),
        ("612 người (100%)", "600 người (chiếm 98,0%)", "590 người (tỷ lệ 98,3%)"),
        ("612 đ/c", "600 đ/c; 98,0%", "590 đ/c, đạt 98,3%"),
        ("612", "600/612", "590/600"),
        ("612", "600/612 (98,0%)", "590/612 (96,4%)"),
        ("612 (nữ: 150)", "600 (trong đó nữ: 148)", "590\nNữ: 146"),
        ("612 ng", "600 ng", "590 ng"),
        ("612 CNLĐ", "600 CNLĐ", "590 CNLĐ"),
    ],
)
def test_a_share_a_whole_or_the_women_beside_the_figure_in_its_cell(members: str, phones: str, installed: str) -> None:
    assert taken(of(sheet(HEADS, ["1", M, members], ["2", S, phones], ["3", N, installed]))) == [(612, 600, 590)]
    across = [ACROSS, ["1", "LĐLĐ huyện Vĩnh Linh", members, phones, installed]]
    assert taken(of(sheet(*across))) == [(612, 600, 590)]


@pytest.mark.parametrize("installed", ["590 (89,3%)", "590/620", "590/605", "590 (thực tế 580)", "590 (98,3%) 585"])
def test_what_stands_beside_the_figure_must_agree_with_it(installed: str) -> None:
    assert taken(of(sheet(HEADS, ["1", M, "612"], ["2", S, "600"], ["3", N, installed]))) == []


@pytest.mark.parametrize("name", ["Tổng cộng:", "TỔNG TOÀN HUYỆN", "Tổng số (2 CĐCS)", "Toàn công ty", "Cộng", "", "LĐLĐ huyện Vĩnh Linh"])
def test_a_total_row_by_any_name_when_its_parts_add_up_to_it(name: str) -> None:
    assert taken(of(sheet(ACROSS, *PARTS, ["", name, "612", "600", "590"]))) == [(612, 600, 590)]
    assert taken(of(sheet(ACROSS, *PARTS, ["", name, "622", "600", "590"]))) == []


def test_groups_may_hold_a_member_without_anybody() -> None:
    rows = [["I", "Khối xã", "112", "100", "90"], ["1", "xã A", "112", "100", "90"], ["2", "xã B", "0", "0", "0"]]
    rows += [["II", "Khối trường", "500", "500", "500"], ["1", "Trường A", "500", "500", "500"], ["2", "Trường B", "0", "0", "0"]]
    assert taken(of(sheet(ACROSS, *rows, ["", "Tổng cộng", "612", "600", "590"]))) == [(612, 600, 590)]


@pytest.mark.parametrize("name", ["CĐCS xã C", "Công đoàn cơ quan", "Cộng toàn tỉnh"])
def test_a_sum_of_the_rows_that_another_body_bears_is_held(name: str) -> None:
    assert taken(of(sheet(ACROSS, *PARTS, ["3", name, "612", "600", "590"]))) == []


@pytest.mark.parametrize("row", [["Khó khăn, vướng mắc", "Không"], ["Người lập biểu", "Nguyễn Thị Hoa"]])
def test_rows_of_words_above_the_figures_are_no_heads(row: Sequence[Content]) -> None:
    assert taken(of(sheet(["Chỉ số", "Kết quả"], row, [M, "612"], [S, "600"], [N, "590"]))) == [(612, 600, 590)]


def test_a_row_of_shares_below_the_figures_is_a_witness() -> None:
    rows = [["Nội dung", M, S, N], ["Số lượng (người)", "612", "600", "590"]]
    assert taken(of(sheet(*rows, ["Tỷ lệ (%)", "100", "98,0", "98,3"]))) == [(612, 600, 590)]
    assert taken(of(sheet(*rows, ["Tỷ lệ (%)", "100", "98,0", "88,3"]))) == []


def test_a_label_over_a_total_and_another_field() -> None:
    head = [
        ["STT", "Đơn vị", Span("Đoàn viên, NLĐ", 1, 2), Span("Cài đặt Bluezone", 1, 2)],
        ["", "", "Tổng số", "Có ĐTTM", "Đã cài", "Tỷ lệ %"],
    ]
    rows = [["1", "CĐCS xã A", "112", "100", "90", "90,0"], ["2", "CĐCS xã B", "500", "500", "500", "100"]]
    assert taken(of(sheet(*head, *rows, ["", "Tổng cộng", "612", "600", "590", "98,3"]))) == [(612, 600, 590)]


def test_plan_and_fulfilment_by_their_letters() -> None:
    heads = ["TT", "Chỉ tiêu", "KH", "TH", "% TH/KH"]
    rows = [["1", M, "612", "612", "100"], ["2", S, "600", "600", "100"], ["3", N, "600", "590", "98,3"]]
    assert taken(of(sheet(heads, *rows))) == [(612, 600, 590)]
    assert taken(of(sheet(heads[:3], *(row[:3] for row in rows)))) == []


def test_last_weeks_installed_beside_this_weeks() -> None:
    heads = ["STT", "Đơn vị", "Tổng số ĐV, NLĐ", "Số có ĐTTM", "Số đã cài tuần trước", "Số đã cài tuần này"]
    assert taken(of(sheet(heads, ["1", "LĐLĐ huyện Vĩnh Linh", "612", "600", "400", "590"]))) == [(612, 600, 590)]
    assert taken(of(sheet(heads, ["1", "LĐLĐ huyện Vĩnh Linh", "612", "600", "400", "190"]))) == []  # perhaps the new ones only
    assert taken(of(sheet(heads[:4] + heads[5:], ["1", "LĐLĐ huyện Vĩnh Linh", "612", "600", "190"]))) == []


def test_several_labels_in_one_cell_beside_as_many_figures_in_another() -> None:
    both = f"Trong đó:\n+ {S}\n+ {N}"
    assert taken(of(sheet(HEADS, ["1", M, "612"], ["2", both, "\n600\n590"]))) == [(612, 600, 590)]
    assert taken(of(sheet(HEADS, ["1", M, "612"], ["2", both, "600"]))) == []


def test_sheets_named_after_weeks_are_of_these_weeks() -> None:
    def week(number: int, installed: str) -> Document:
        blocks = [*lines("LĐLĐ HUYỆN VĨNH LINH"), table([HEADS, ["1", M, "612"], ["2", S, "600"], ["3", N, installed]])]
        return document(blocks, title=f"Tuần {number}")

    both = Document(path="bc.xlsx", kind="xlsx", sections=week(35, "400").sections + week(36, "590").sections, reader="test")
    verdict = of(both, arrived_at=datetime(2020, 9, 3, 2, 0, tzinfo=UTC))
    assert {(str(r.period), r.values["installed"]) for r in verdict.reports if r.status in TAKEN} == {("2020-W35", 400), ("2020-W36", 590)}


@pytest.mark.parametrize(
    "subject", ["Công ty Thủy điện Đa Krông báo cáo Bluezone", "CĐCS Cty CP Thuỷ điện Đakrông", "BC Bluezone thủy điện Đakrông tuần 34"]
)
def test_a_body_by_another_of_its_own_names_is_the_sender(subject: str) -> None:
    verdict = verdict_on((), sender="thuy-dien@don-vi.example", arrived_at=NOW, subject=subject, body=f"{M}: 612\n{S}: 600\n{N}: 590")
    assert taken(verdict) == [(612, 600, 590)]


def test_a_school_or_company_over_its_union_in_the_letterhead() -> None:
    blocks = [
        *lines("CÔNG TY CP THỦY ĐIỆN ĐAKRÔNG", "CÔNG ĐOÀN CƠ SỞ", "BÁO CÁO"),
        table([HEADS, ["1", M, "612"], ["2", S, "600"], ["3", N, "590"]]),
    ]
    verdict = verdict_on((document(blocks),), sender="thuy-dien@don-vi.example", arrived_at=NOW)
    assert taken(verdict) == [(612, 600, 590)]
