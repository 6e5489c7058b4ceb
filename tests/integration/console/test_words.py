"""What the desk says in few words: quotations that keep their figure, reasons in the order of their weight, charts with round figures."""

from __future__ import annotations

import re

import pytest

from integration.console.conftest import Site
from integration.console.test_deciding import QUESTION, SCAN, boxes, send
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.console.chart import line_chart
from mailbox_ingest.console.words import around, job, ready_reasons
from mailbox_ingest.model import Role
from mailbox_ingest.render.letters.reasons import short_reasons

DOUBTFUL = 18
FORM = builtin_form("bluezone")
LONG = "- Số đoàn viên, người lao động có điện thoại thông minh của đơn vị tính đến ngày 20/8/2020 là: 2.360 người, tăng so với tuần trước"


@pytest.mark.parametrize(
    ("text", "value", "kept"),
    [
        ("2.360", 2360, "2.360"),
        (LONG, 2360, "2.360 người"),
        (LONG, 20, "20/8/2020"),
        (LONG + " là 1.368.", 1368, "1.368"),
        (LONG, None, "2.360"),
        ("không có số nào trong câu này, dù câu này dài hơn sáu mươi chữ cái rất nhiều", 5, "không có số nào"),
    ],
)
def test_a_quotation_that_is_cut_keeps_the_figure_it_is_there_for(text: str, value: int | None, kept: str) -> None:
    quoted = around(text, value)
    assert kept in quoted
    assert len(quoted) <= 62


def test_reasons_name_their_figures_and_what_only_follows_comes_last() -> None:
    fields = [field.name for field in FORM.fields]
    told = short_reasons([*(("low_confidence", name) for name in fields), ("stated_doubt", None)], FORM)
    assert told == ("thư ghi số liệu chưa chắc chắn", "đọc chưa chắc chắn: mọi số liệu")
    told = short_reasons([("low_confidence", fields[0]), ("low_confidence", fields[2])], FORM)
    assert told == ("đọc chưa chắc chắn: “Tổng số ĐV, NLĐ”, “Đã cài Bluezone”",)


def test_the_letters_that_answer_what_was_found_are_offered_first() -> None:
    assert "thay đổi nhiều" in ready_reasons({"large_change"})[0]
    assert "mật khẩu" in ready_reasons({"encrypted", "late"})[0]
    assert len(set(ready_reasons(()))) == len(ready_reasons(()))


def test_jobs_are_called_by_vietnamese_names() -> None:
    assert job("digest:lanh-dao") == "bản tin lanh-dao"
    assert job("reminder:bluezone:2020-W34:-32") == "nhắc báo cáo bluezone, 2020-W34, -32"
    assert job("backup") == "sao lưu"


@pytest.mark.parametrize(
    ("known", "ticks"),
    [
        ([61.1, 74.2, 100], ["60", "80", "100"]),
        ([1368, 1652, 1935], ["1200", "1400", "1600", "1800"]),
        ([0, 3], ["0", "1", "2", "3"]),
        ([5, 5], ["4", "6"]),
        ([0, 0], ["0", "1"]),
    ],
)
def test_a_chart_has_round_figures_at_its_side_and_every_point_within(known: list[float], ticks: list[str]) -> None:
    chart = line_chart([(str(week), value) for week, value in enumerate(known)], title="x", shown=lambda value: f"{value:g}")
    assert chart is not None
    assert [label for _, label in chart.grid] == ticks
    assert all(0 <= dot.y <= chart.height for dot in chart.dots)


def test_the_unit_of_the_sender_is_offered_and_counts_only_when_chosen(held: Site) -> None:
    browser = held.enter()
    page = browser.get(f"/can-xem/{QUESTION}")
    assert 'data-text="Công đoàn Cục Thuế tỉnh – cd-cuc-thue"' in page
    assert boxes(page)["don-vi"] == ""
    assert "Chưa chọn đơn vị" in send(browser, QUESTION, "accept", tuan="2020-W35").text


def test_the_page_of_a_mail_says_in_vietnamese_why_it_was_held_or_passed_over(held: Site) -> None:
    page = held.enter(Role.VIEW).get(f"/thu/{DOUBTFUL}")
    assert "thư ghi số liệu chưa chắc chắn" in page
    assert not re.search(r"stated_doubt|low_confidence|automatic mail", page)


def test_a_figure_that_is_not_sure_is_marked_in_its_row_and_said_once(held: Site) -> None:
    page = held.enter().get(f"/can-xem/{SCAN}")
    assert page.count("chưa đọc được chắc chắn") == 0
    assert page.count('class="doubt"') == 3
    assert "đọc chưa chắc chắn: mọi số liệu" in page
    assert "không trùng với đơn vị" in page
