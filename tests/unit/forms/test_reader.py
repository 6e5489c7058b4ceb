"""Whole documents: which figures count, what stands around them, where voices contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import pytest

from bench.reading_quality.paper import NATIONAL, document, lines, signature, table
from mailbox_ingest import forms
from mailbox_ingest.config import FormConfig
from mailbox_ingest.model import Block, Document, Reading, Table
from mailbox_ingest.periods import Period

Read = Callable[[Sequence[Block]], tuple[Reading, ...]]

LABELS = ("Tổng số đoàn viên, người lao động", "Số ĐV, NLĐ có điện thoại thông minh", "Số ĐV, NLĐ đã cài đặt Bluezone")


def head(number: str = "Số: 21/BC-LĐLĐ") -> Table:
    return table([["LIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG TRỊ\nLĐLĐ HUYỆN VĨNH LINH", NATIONAL], [number, "Vĩnh Linh, ngày 27 tháng 8 năm 2020"]])


def figures(*values: int | str) -> Table:
    return table([["TT", "Nội dung", "Số lượng"], *[[str(n), t, str(v)] for n, (t, v) in enumerate(zip(LABELS, values, strict=True), 1)]])


def numbers(reading: Reading) -> list[int | None]:
    return [reading.value(name) for name in ("members", "smartphone_users", "installed")]


def test_a_letter_gives_one_reading_with_its_letterhead_and_its_date(read: Read) -> None:
    (reading,) = read([head(), *lines("BÁO CÁO"), figures(1000, 800, 600), signature()])
    assert numbers(reading) == [1000, 800, 600]
    letterhead = next(m.text for m in reading.unit_mentions if m.role == "letterhead")
    assert letterhead.split("\n")[-1] == "LĐLĐ HUYỆN VĨNH LINH"
    assert [(h.kind, h.day) for h in reading.period_hints] == [("letter_date", date(2020, 8, 27))]


def test_the_directive_that_asks_for_the_reports_gives_none(read: Read) -> None:
    assert read([head("Số: 597/LĐLĐ-CTCS"), figures(45000, 38000, 20000)]) == ()


def test_a_date_of_another_letter_is_not_this_letters_date(read: Read) -> None:
    (reading,) = read(
        [head(), *lines("Thực hiện Công văn số 597/LĐLĐ-CTCS ngày 14 tháng 8 năm 2020 của LĐLĐ tỉnh"), figures(1000, 800, 600)]
    )
    assert {h.day for h in reading.period_hints} == {date(2020, 8, 27)}


def test_a_week_written_in_the_report_is_an_explicit_hint(read: Read) -> None:
    (reading,) = read([head(), *lines("BÁO CÁO", "(Tuần 35)"), figures(1000, 800, 600)])
    assert [h.period for h in reading.period_hints if h.kind == "week"] == [Period(2020, 35)]


def test_last_weeks_table_beside_this_weeks_gives_nothing(read: Read) -> None:
    readings = read([*lines("Số liệu tuần trước:"), figures(990, 790, 500), *lines("Số liệu tuần này:"), figures(1000, 800, 600)])
    assert [numbers(r) for r in readings] == [[1000, 800, 600]]


def test_the_same_table_twice_is_one_report(read: Read) -> None:
    assert [numbers(r) for r in read([figures(1000, 800, 600), figures(1000, 800, 600)])] == [[1000, 800, 600]]


def test_a_text_that_contradicts_the_table_makes_its_value_doubtful(read: Read) -> None:
    said = "Tổng số ĐV, NLĐ là 1.000 người, có điện thoại thông minh 800 người, đã cài đặt Bluezone 610 người."
    (reading,) = read([*lines(said), figures(1000, 800, 600)])
    assert {f.field: (f.certain, f.problem) for f in reading.fields}["installed"] == (False, "witnesses_disagree")


def test_a_blank_form_is_known_as_blank(read: Read) -> None:
    (reading,) = read([figures("……", "……", "……")])
    assert reading.blank


def test_hidden_sheets_and_margins_are_no_source(form: FormConfig) -> None:
    seen = document([figures(1000, 800, 600)], kind="xlsx")
    hidden = replace(document([figures(1, 1, 1)]).sections[0], hidden=True, title="Cũ")
    both = Document(path="a.xlsx", kind="xlsx", sections=(*seen.sections, hidden), marginal=(figures(2, 2, 2),))
    assert [numbers(r) for r in forms.read(both, form, year=2020)] == [[1000, 800, 600]]


def test_words_of_correction_are_noticed(read: Read, form: FormConfig) -> None:
    (reading,) = read([*lines("BÁO CÁO (thay thế báo cáo ngày 26/8/2020)"), figures(1000, 800, 600)])
    assert reading.correction
    assert forms.says_correction("Đính chính số liệu Bluezone", form)
    assert not forms.says_correction("Báo cáo Bluezone", form)


def test_a_text_about_something_else_gives_nothing(read: Read) -> None:
    assert read(lines("Kính mời 120 đồng chí dự họp lúc 8h00 ngày 27/8/2020.", "Đơn vị có 45 cán bộ tham dự.")) == ()


def test_weeks_in_file_names_are_found(form: FormConfig) -> None:
    assert forms.weeks_named("BC Bluezone tuần 35.docx", year=2020) == frozenset((Period(2020, 35),))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Đây là bản nháp, số chính thức gửi sau", "nháp"),
        ("Ghi chú: chưa bao gồm 3 CĐCS", "chưa bao gồm"),
        ("xin rut bao cao nay", "rút báo cáo"),
        ("CĐCS Trường Mầm non Tà Rụt báo cáo kết quả", None),
        ("Đơn vị xin gửi báo cáo", None),
    ],
)
def test_words_that_take_figures_back_are_told_from_names_that_sound_like_them(form: FormConfig, text: str, words: str | None) -> None:
    assert forms.doubt_in(text, form) == words
