"""Figures in running text: what is taken, what is asked about, what is never taken for a figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from bench.reading_quality.paper import lines
from mailbox_ingest.model import Block, Reading

Sure = Callable[[Sequence[Block]], list[Mapping[str, int]]]
Read = Callable[[Sequence[Block]], tuple[Reading, ...]]

ALL = {"members": 1000, "smartphone_users": 800, "installed": 600}


@pytest.mark.parametrize(
    "text",
    [
        "- Tổng số đoàn viên, người lao động: 1.000\n- Số có điện thoại thông minh: 800\n- Số đã cài đặt Bluezone: 600",
        "1. Tổng số ĐV, NLĐ: 1,000 người\n2. Số ĐV có ĐTTM: 800 người\n3. Số đã cài: 600 người",
        "Tong so doan vien, nguoi lao dong: 1000\nCo dien thoai thong minh: 800\nDa cai dat Bluezone: 600",
        "Tổng số đoàn viên:\n1.000\nCó điện thoại thông minh:\n800\nĐã cài đặt Bluezone:\n600",
        "Có 1.000 đoàn viên, người lao động, trong đó 800 người có điện thoại thông minh, 600 người đã cài đặt Bluezone.",
        "Tổng số ĐV, NLĐ là 1.000 người; có ĐTTM: 800 (80%); đã cài: 600 (75%).",
        "Tổng số ĐV, NLĐ: 1.000; có ĐTTM: 800; đã cài: 600, tăng 12 người so với tuần trước.",
        "Tổng số ĐV, NLĐ: 1.000; có ĐTTM: 800; đã cài: 600 người (tuần trước là 552).",
        "TS ĐVNLĐ: 1.000; TS có ĐTTM: 800 (nữ 450); TS đã cài: 600",
        "Tổng số đoàn viên: 1.000 (một nghìn); có điện thoại thông minh: 800; đã cài Bluezone: 600",
    ],
)
def test_three_figures_are_read_in_the_sentences_people_write(sure: Sure, text: str) -> None:
    assert sure(lines(*text.split("\n"))) == [ALL]


@pytest.mark.parametrize(
    "noise",
    [
        "Điện thoại liên hệ: 0233 3852 741",
        "SĐT: 0912 345 678",
        "Căn cứ Công văn số 597/LĐLĐ-CTCS ngày 14/8/2020",
        "Số liệu tính đến 8h00 ngày 27/8/2020",
        "Phòng, chống dịch Covid-19",
        "Địa chỉ: số 45 đường Hùng Vương",
        "Yêu cầu iOS 12 hoặc Android 5.0 trở lên",
        "Xem https://bluezone.gov.vn/2020/34",
    ],
)
def test_numbers_of_other_things_are_no_figures(sure: Sure, noise: str) -> None:
    text = "Tổng số ĐV, NLĐ: 1.000\nSố có điện thoại thông minh: 800\nSố đã cài đặt Bluezone: 600"
    assert sure(lines(*text.split("\n"), noise)) == [ALL]


@pytest.mark.parametrize(
    "said",
    [
        "đã cài khoảng 600 người",
        "đã cài gần 600 người",
        "đã cài ~600 người",
        "đã vận động 600 người cài đặt",
        "tuần tới sẽ có 600 người cài đặt",
        "phấn đấu cài đặt 600 người",
        "trong tuần đã cài: 48 người",
        "tất cả đã cài trừ 200 người",
        "còn 200 người chưa cài đặt",
        "25 CĐCS đã cài đặt xong",
        "vận động 300 người thân cài đặt Bluezone",
        "in 500 tờ rơi về cài đặt",
    ],
)
def test_a_number_in_a_sentence_about_something_near_is_never_a_sure_figure(sure: Sure, said: str) -> None:
    for values in sure(lines(f"Tổng số ĐV, NLĐ: 1.000; có ĐTTM: 800; {said}.")):
        assert "installed" not in values


@pytest.mark.parametrize(
    "text",
    [
        "Toàn tỉnh có 45.000 đoàn viên; 38.000 người có ĐTTM; đã cài 20.000.",
        "Riêng khối doanh nghiệp có 100 đoàn viên, 90 người có ĐTTM, 80 người đã cài.",
        "Cho em hỏi nếu đơn vị có 1.000 đoàn viên, 800 người có ĐTTM, cài 600 người thì có đạt không?",
        "Kế hoạch:\n- Tổng số đoàn viên: 1.000\n- Có ĐTTM: 800\n- Cài đặt: 700",
        "Số liệu tuần trước:\n- Tổng số ĐV: 990\n- Có ĐTTM: 790\n- Đã cài: 500",
    ],
    ids=["the province", "a part", "a question", "a plan", "last week"],
)
def test_somebody_elses_planned_or_past_figures_are_never_all_sure(sure: Sure, text: str) -> None:
    for values in sure(lines(*text.split("\n"))):
        assert set(values) != set(ALL)


def test_of_last_weeks_and_this_weeks_figures_in_one_line_this_weeks_count(sure: Sure) -> None:
    text = "Tổng số ĐV, NLĐ: 1.000 (tuần trước 990); có ĐTTM: 800 (tuần trước 790); đã cài: 600 (tuần trước 552)."
    for values in sure(lines(text)):
        assert values.items() <= ALL.items()


def test_a_ratio_gives_the_part_and_makes_its_whole_no_more_than_a_witness(read: Read) -> None:
    (reading,) = read(lines("Đơn vị có 38 đoàn viên, đã cài đặt Bluezone 26/33 máy."))
    certain = {f.field: f.value for f in reading.fields if f.certain}
    assert reading.value("installed") == 26
    assert "smartphone_users" not in certain


def test_a_stated_percentage_is_kept_beside_the_figure_it_speaks_of(read: Read) -> None:
    (reading,) = read(lines("Tổng số ĐV, NLĐ: 1.000; có ĐTTM: 800 (80%); đã cài: 600, đạt 75%."))
    assert {(p.field, str(p.percent)) for p in reading.percentages} == {("smartphone_users", "80"), ("installed", "75")}


@pytest.mark.parametrize(
    ("text", "field", "problem"),
    [
        ("Số đã cài đặt Bluezone: ……", "installed", "missing_value"),
        ("Số đã cài đặt Bluezone: nhiều", "installed", "not_a_number"),
        ("Số đã cài đặt Bluezone: -5", "installed", "negative_value"),
    ],
)
def test_a_label_without_a_usable_number_names_its_problem(read: Read, text: str, field: str, problem: str) -> None:
    (reading,) = read(lines("Tổng số ĐV, NLĐ: 1.000", "Có điện thoại thông minh: 800", text))
    assert {f.field: f.problem for f in reading.fields}[field] == problem


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Tổng số đoàn viên 1000/1080; có smartphone 800; đã cài 600", "members"),
        ("Tổng số đoàn viên 1000; có smartphone 800; đã cài 600 (400 Android, 200 iOS)", "installed"),
        ("Tổng số đoàn viên 1000 (theo danh sách cũ); có smartphone 800; đã cài 600", "members"),
    ],
)
def test_a_figure_with_something_unexplained_behind_it_is_not_sure(sure: Sure, text: str, field: str) -> None:
    assert sure(lines(text)) == [{name: value for name, value in ALL.items() if name != field}]


@pytest.mark.parametrize(
    ("text", "field", "count", "exact"),
    [
        ("Chưa cài đặt: 200", "installed", 200, True),
        ("Còn lại chưa cài 200 người", "installed", 200, True),
        ("Không có smartphone: 200", "smartphone_users", 200, True),
        ("Không cài được: 3", "installed", 3, False),
        ("Chưa cài vì máy yếu: 50", "installed", 50, False),
    ],
)
def test_what_is_left_is_a_witness(read: Read, text: str, field: str, count: int, exact: bool) -> None:
    (reading,) = read(lines("Tổng số đoàn viên: 1.000", "Có smartphone: 800", "Đã cài: 600", text))
    assert [(r.field, r.count, r.exact) for r in reading.remainders] == [(field, count, exact)]
    assert {f.field: f.value for f in reading.fields if f.certain} == ALL


def test_a_row_of_a_thousand_digits_is_no_figure(sure: Sure) -> None:
    assert sure(lines("Tổng số đoàn viên: 1.000; có smartphone: 800; đã cài: " + "6" * 5000)) == [
        {"members": 1000, "smartphone_users": 800}
    ]
