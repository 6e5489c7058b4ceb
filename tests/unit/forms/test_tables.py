"""Figures in tables: down the side, across the top, and every choice among several numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

import pytest

from bench.reading_quality.paper import Content, Span, table
from mailbox_ingest.model import Block, Reading

Sure = Callable[[Sequence[Block]], list[Mapping[str, int]]]
Read = Callable[[Sequence[Block]], tuple[Reading, ...]]

ALL = {"members": 1000, "smartphone_users": 800, "installed": 600}
M, S, N = (
    "Tổng số đoàn viên, người lao động (trong các đơn vị có tổ chức công đoàn)",
    "Trong đó: + Số đoàn viên, người lao động có điện thoại thông minh",
    "+ Số đoàn viên, người lao động có điện thoại thông minh đã cài đặt Bluezone",
)
HEADS = ["STT", "Đơn vị", "Tổng số ĐV, NLĐ", "Số ĐV có ĐTTM", "Đã cài Bluezone"]
PARTS = [["1", "CĐCS xã A", "400", "300", "250"], ["2", "CĐCS xã B", "600", "500", "350"]]


@pytest.mark.parametrize(
    "rows",
    [
        [["TT", "NỘI DUNG", "ĐVT (người)"], ["1", M, "1.000"], ["2", S, "800"], ["", N, "600"]],
        [["TT", "NỘI DUNG", "Số lượng"], ["1", M, "1.000 người"], ["2", N, "600 ĐV"], ["3", S, "800 đ/c"]],
        [[M, Decimal(1000)], [S, Decimal(800)], [N, Decimal(600)]],
        [["TT", "NỘI DUNG"], ["1", f"{M}: 1.000 người"], ["2", f"{S}: 800 người"], ["", f"{N}: 600 người"]],
        [[f"- {M}: 1.000\n{S}: 800\n{N}: 600"]],
        [[M], ["1.000"], [S], ["800"], [N], ["600"]],
        [["TT", "NỘI DUNG", "Số lượng", "Tỷ lệ (%)"], ["1", M, "1.000", ""], ["2", S, "800", "80,0"], ["3", N, "600", "75,0"]],
        [["TT", "NỘI DUNG", "Tuần trước", "Tuần này"], ["1", M, "990", "1.000"], ["2", S, "790", "800"], ["3", N, "500", "600"]],
        [["", "", "Tổng", "Nam", "Nữ"], ["1", M, "1000", "400", "600"], ["2", S, "800", "300", "500"], ["3", N, "600", "200", "400"]],
        [["", "ĐVT", "Số lượng", "Ghi chú"], [M, "người", "1.000", ""], [S, "người", "800", ""], [N, "người", "600", "tăng 12"]],
        [["TT", "NỘI DUNG", "Số lượng"], ["1", M, "1.000"], [Span("2", 2, 1), S, "800"], [N, "600"]],
        [["", "Số lượng"], [M, "1.000"], [S, "800"], [N, "600"], ["Số chưa cài đặt", "200"], ["Số CĐCS", "25"]],
    ],
    ids=[
        "official", "reordered", "numbers of a sheet", "inside the labels", "all in one cell", "below the labels", "percent column",
        "last week beside", "men and women", "unit and notes", "merged index", "more rows",
    ],
)  # fmt: skip
def test_labels_down_the_side_find_their_values(sure: Sure, rows: Sequence[Sequence[Content]]) -> None:
    assert sure([table(rows)]) == [ALL]


@pytest.mark.parametrize(
    "rows",
    [
        [HEADS, *PARTS, ["", "Tổng cộng", "1000", "800", "600"]],
        [HEADS, ["", "Cộng", "1000", "800", "600"], *PARTS],
        [HEADS, ["(1)", "(2)", "(3)", "(4)", "(5)"], *PARTS, [Span("TỔNG CỘNG", 1, 2), "1000", "800", "600"]],
        [HEADS, ["A", "B", "1", "2", "3"], *PARTS, ["", "Tổng cộng", "1000", "800", "600"]],
        [["Đơn vị", *HEADS[2:]], ["LĐLĐ huyện Vĩnh Linh", "1.000", "800", "600"]],
        [
            [Span("Đơn vị", 2, 1), Span("Tổng số ĐV, NLĐ", 2, 1), Span("Trong đó", 1, 2)],
            ["Có ĐTTM", "Đã cài Bluezone"],
            ["LĐLĐ huyện Vĩnh Linh", "1000", "800", "600"],
        ],
        [
            [Span("Đơn vị", 2, 1), Span("Tổng số ĐV, NLĐ", 2, 1), Span("Có ĐTTM", 1, 2), Span("Đã cài Bluezone", 1, 2)],
            ["Tỷ lệ", "Số lượng", "Tỷ lệ", "Số lượng"],
            ["LĐLĐ huyện Vĩnh Linh", "1000", "80", "800", "75", "600"],
        ],
    ],
    ids=["total last", "total first", "numbered heads", "lettered heads", "one row", "heads in two rows", "percent first"],
)
def test_labels_across_the_top_find_the_row_that_answers_for_all(sure: Sure, rows: Sequence[Sequence[Content]]) -> None:
    assert sure([table(rows)]) == [ALL]


@pytest.mark.parametrize(
    "rows",
    [
        [HEADS, *PARTS, ["", "Tổng cộng", "1000", "800", "601"]],
        [["TT", "NỘI DUNG", "Nam", "Nữ"], ["1", M, "400", "600"], ["2", S, "300", "500"], ["3", N, "200", "400"]],
        [["TT", "NỘI DUNG", "ĐVT: nghìn người"], ["1", M, "4"], ["2", S, "3"], ["3", N, "2"]],
        [["Đơn vị", *HEADS[2:]], ["Chỉ tiêu giao", "1000", "800", "800"]],
        [["TT", "NỘI DUNG", "Kế hoạch"], ["1", M, "1000"], ["2", S, "800"], ["3", N, "800"]],
        [
            ["TT", "NỘI DUNG", "Số lượng"],
            ["1", M, "1000"],
            ["2", S, "800"],
            ["3", "Số người thân trong gia đình đã cài đặt Bluezone", "300"],
        ],
        [["TT", "NỘI DUNG", "Số lượng"], ["1", M, "1000"], ["2", S, "800"], ["3", "Số ĐV, NLĐ đăng ký cài đặt Bluezone", "700"]],
        [["", "", "", ""], ["1", M, "1.000", "12"], ["2", S, "800", "10"], ["3", N, "600", "5"]],
    ],
    ids=[
        "sum does not add up",
        "only men and women",
        "thousands",
        "target row",
        "plan column",
        "relatives",
        "registered",
        "two bare columns",
    ],
)
def test_where_no_reason_decides_not_all_values_are_sure(sure: Sure, rows: Sequence[Sequence[Content]]) -> None:
    for values in sure([table(rows)]):
        assert set(values) != set(ALL)


def test_rows_without_a_total_are_sets_of_their_own(read: Read) -> None:
    readings = read([table([HEADS, *PARTS])])
    assert [r.value("members") for r in readings] == [400, 600]


def test_a_percentage_column_is_a_witness_and_no_value(read: Read) -> None:
    (reading,) = read([table([["TT", "NỘI DUNG", "Số lượng", "%"], ["1", M, "1.000", ""], ["2", S, "800", "80"], ["3", N, "600", "75"]])])
    assert {(p.field, str(p.percent)) for p in reading.percentages} == {("smartphone_users", "80"), ("installed", "75")}


@pytest.mark.parametrize(
    ("written", "problem"),
    [("……", "missing_value"), ("", "missing_value"), ("nhiều", "not_a_number"), ("137,5", "not_a_number"), ("-5", "negative_value")],
)
def test_a_cell_without_a_usable_number_names_its_problem(read: Read, written: str, problem: str) -> None:
    (reading,) = read([table([["TT", "NỘI DUNG", "Số lượng"], ["1", M, "1.000"], ["2", S, "800"], ["3", N, written]])])
    assert {f.field: f.problem for f in reading.fields} == {"members": None, "smartphone_users": None, "installed": problem}


def test_every_value_can_be_found_again_by_a_person(read: Read) -> None:
    (reading,) = read([table([["TT", "NỘI DUNG", "Số lượng"], ["1", M, "1.000 người"], ["2", S, "800"], ["3", N, "600"]], place="bảng 2")])
    evidence = next(f.evidence for f in reading.fields if f.field == "members")
    assert (evidence.document, evidence.place, evidence.raw) == ("bao cao.docx", "bảng 2, dòng 2, cột 3", "1.000 người")


@pytest.mark.parametrize(
    "rows",
    [
        [
            ["TT", "Nội dung", "Số lượng"],
            ["1", "Tổng số đoàn viên, người lao động", "1.000"],
            ["2", "Có điện thoại thông minh", "800"],
            ["3", "Đã cài Bluezone", "600"],
            ["4", "Chưa cài Bluezone", "190"],
        ],
        [
            ["Đơn vị", "Tổng số ĐV, NLĐ", "Có ĐTTM", "Đã cài", "Chưa cài"],
            ["Toàn huyện", "1.000", "800", "600", "190"],
        ],
    ],
)
def test_what_a_table_says_is_left_is_a_witness(read: Read, rows: Sequence[Sequence[Content]]) -> None:
    (reading,) = read([table(rows)])
    assert [(r.field, r.count, r.exact) for r in reading.remainders] == [("installed", 190, True)]
