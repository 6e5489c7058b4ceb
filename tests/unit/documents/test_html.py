"""HTML becomes paragraphs and tables with their spans; what a reader does not see is not there."""

import pytest

from mailbox_ingest.documents import html, mht
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Paragraph, Table


def flat(text):
    return [block.text if isinstance(block, Paragraph) else [cell.text for cell in block.cells] for block in html.parse(text)]


def test_spans_place_the_cells_around_them():
    (table,) = html.parse(
        "<table><tr><td rowspan=2>TT</td><td colspan='2'>Số</td></tr><tr><td>a</td><td>b</td></tr>"
        "<tr><td>1</td><td>2</td><td>3</td></tr></table>"
    )
    assert isinstance(table, Table)
    assert [(c.row, c.column, c.row_span, c.column_span, c.text) for c in table.cells] == [
        (0, 0, 2, 1, "TT"),
        (0, 1, 1, 2, "Số"),
        (1, 1, 1, 1, "a"),
        (1, 2, 1, 1, "b"),
        (2, 0, 1, 1, "1"),
        (2, 1, 1, 1, "2"),
        (2, 2, 1, 1, "3"),
    ]


def test_a_nested_table_follows_the_outer_one():
    text = "<table><tr><td>a</td><td>b<table><tr><td>1</td><td>2</td></tr></table></td></tr></table>"
    assert flat(text) == [["a", "b"], ["1", "2"]]


def test_a_frame_of_one_cell_is_no_table():
    assert flat("<table><tr><td><p>Kính gửi</p><p>Tổng số: 5</p></td></tr></table>") == ["Kính gửi", "Tổng số: 5"]


def test_breaks_and_blocks_part_lines_and_spaces_collapse():
    assert flat("<div>Tổng\n  số: <b>12</b>&nbsp;người<br>Đã cài: 7</div><p>Hết</p>") == ["Tổng số: 12\xa0người", "Đã cài: 7", "Hết"]


@pytest.mark.parametrize(
    "unseen",
    [
        "<script>999</script>",
        "<style>p{width:999px}</style>",
        "<span style='display:none'>999</span>",
        "<span style='FONT-SIZE:0'>999</span>",
        "<del>999</del>",
        "<span style='text-decoration: line-through'>999</span>",
        "<!-- 999 -->",
        "<p hidden>999</p>",
    ],
)
def test_what_is_not_seen_is_not_read(unseen):
    assert flat(f"<p>Tổng số: {unseen}12</p>") in (["Tổng số: 12"], ["Tổng số:", "12"])


def test_text_after_an_unseen_element_is_kept():
    assert flat("<p>a <del>b</del> c</p>") == ["a c"]


def test_hundreds_of_nested_blocks_lose_nothing():
    assert flat("<div>" * 1500 + "Tổng số: 12" + "</div>" * 1500) == ["Tổng số: 12"]


def test_a_page_too_deep_for_the_parser_is_refused_and_not_cut():
    with pytest.raises(DocumentError) as caught:
        html.parse("<div>" * 3000 + "Tổng số: 12")
    assert caught.value.code == "too_large"


@pytest.mark.parametrize(
    ("head", "charset"), [("<meta charset=utf-8>", "utf-8"), ("", "utf-16"), ("<meta charset=windows-1258>", "utf-8"), ("", "utf-8-sig")]
)
def test_a_saved_page_is_decoded_by_what_its_bytes_say(limits, texts, head, charset):
    data = f"<html><head>{head}</head><body><p>Tổng số đoàn viên</p></body></html>".encode(charset)
    assert texts(html.read(data, "x", limits)) == ["Tổng số đoàn viên"]


def test_a_page_in_tcvn3_comes_out_in_unicode():
    page = "<p>Tæng sè ®oµn viªn, ng\xadêi lao ®éng cña C«ng ®oµn ngµnh Gi¸o dôc tØnh</p>"
    assert flat(page) == ["Tổng số đoàn viên, người lao động của Công đoàn ngành Giáo dục tỉnh"]


def test_a_web_archive_gives_its_page(limits, texts):
    data = (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Location: file:///C:/a.htm\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        b"<html><body><p>T=E1=BB=95ng s=E1=BB=91: 12</p></body></html>\r\n--b--\r\n"
    )
    assert texts(mht.read(data, "x", limits)) == ["Tổng số: 12"]


def test_a_web_archive_without_a_page_is_unreadable(limits):
    with pytest.raises(DocumentError):
        mht.read(b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nx", "x", limits)
