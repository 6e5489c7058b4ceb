"""Plain text, separated values and bodies: lines, tables, and one document for a mail that says everything twice."""

import unicodedata

import pytest

from mailbox_ingest.documents import plain
from mailbox_ingest.documents.body import read_body
from mailbox_ingest.documents.lines import join_wrapped
from mailbox_ingest.documents.sheets import csv_text
from mailbox_ingest.model import Paragraph, Table


def test_a_sentence_that_was_wrapped_is_one_paragraph():
    lines = [
        "Thực hiện Công văn số 597 của LĐLĐ tỉnh về việc cài đặt",
        "ứng dụng Bluezone, đơn vị xin báo cáo tổng số đoàn viên là",
        "1.480 người.",
    ]
    assert join_wrapped(lines) == [" ".join(lines)]


@pytest.mark.parametrize(
    "lines",
    [
        ["- Tổng số đoàn viên, người lao động trong toàn ngành: 2.736", "- Số có điện thoại thông minh: 2.492"],
        ["1. Tổng số đoàn viên, người lao động của toàn đơn vị có", "2. Số người có điện thoại thông minh"],
        ["Kính gửi LĐLĐ tỉnh,", "công đoàn ngành báo cáo"],
        ["Tổng số đoàn viên, người lao động của toàn đơn vị là 2.736", "2.492 người có điện thoại"],
    ],
    ids=["dashes", "numbers", "short line", "figure above figure"],
)
def test_lines_that_may_stand_alone_stay_apart(lines):
    assert join_wrapped(lines) == lines


def test_columns_copied_from_a_sheet_become_a_table():
    blocks = plain.parse("Kính gửi\nTT\tNội dung\tSố\n1\tTổng số\t4.215\n2\tĐã cài\t3.102\nTrân trọng")
    assert [type(block) for block in blocks] == [Paragraph, Table, Paragraph]
    assert [cell.text for cell in blocks[1].cells] == ["TT", "Nội dung", "Số", "1", "Tổng số", "4.215", "2", "Đã cài", "3.102"]


def test_a_table_drawn_with_pipes_becomes_a_table():
    (table,) = plain.parse("| TT | Số |\n|----|----|\n| 1 | 4.215 |")
    assert isinstance(table, Table)
    assert [cell.text for cell in table.cells] == ["TT", "Số", "1", "4.215"]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
def test_separated_values_in_any_charset_and_separator(limits, separator, charset):
    rows = [["TT", "Đơn vị", "Tổng số"], ["1", "Công đoàn Xây dựng tỉnh Quảng Trị", "4215"], ["2", "Liên đoàn Lao động huyện", "312"]]
    text = "\r\n".join(separator.join(row) for row in rows)
    data = b"".join(_cp1258(char) for char in text) if charset == "cp1258" else text.encode(charset)
    (table,) = csv_text.read(data, "a.csv", limits).sections[0].blocks
    assert [[cell.text for cell in table.cells if cell.row == row] for row in range(3)] == rows


def _cp1258(char):
    marks = [mark for mark in unicodedata.normalize("NFD", char) if mark in "\u0300\u0301\u0303\u0309\u0323"]
    bare = unicodedata.normalize("NFC", "".join(part for part in unicodedata.normalize("NFD", char) if part not in marks))
    return (bare + "".join(marks)).encode("cp1258")


def test_a_thousands_comma_that_splits_a_figure_is_doubtful(limits):
    (table,) = csv_text.read("Nội dung,Số\nTổng số,4,215\nĐã cài,312".encode(), "a.csv", limits).sections[0].blocks
    assert {cell.text: cell.confidence for cell in table.cells if cell.text.isdigit()} == {"4": 0.5, "215": 0.5, "312": 1.0}


def test_columns_told_apart_by_their_headings_are_certain(limits):
    (table,) = csv_text.read(b"TT,A,B\n1,4,215", "a.csv", limits).sections[0].blocks
    assert all(cell.confidence == 1.0 for cell in table.cells)


def test_a_body_that_says_the_same_twice_is_one_document():
    (document,) = read_body("Tổng số: 12\nĐã cài: 7", "<p>Tổng số: 12<br>Đã cài: 7</p>")
    assert (document.kind, document.path) == ("text", "thân thư")


def test_a_table_is_read_from_the_html():
    html = "<p>Báo cáo</p><table><tr><td>Tổng số</td><td>12</td></tr><tr><td>Đã cài</td><td>7</td></tr></table>"
    (document,) = read_body("Báo cáo\n\nTổng số\n\n12\n\nĐã cài\n\n7", html)
    assert document.kind == "html"


def test_text_and_html_that_differ_are_two_witnesses():
    documents = read_body("Tổng số: 12", "<p>Tổng số: 13</p>")
    assert [document.kind for document in documents] == ["text", "html"]


def test_an_empty_body_is_no_document():
    assert read_body("", "<div><br></div>") == ()


def test_a_body_read_with_the_wrong_charset_is_repaired():
    (document,) = read_body("Tổng số đoàn viên: 12".encode().decode("latin-1"), None)
    assert document.sections[0].blocks[0].text == "Tổng số đoàn viên: 12"
