"""A Word file is read as its reader sees it: the accepted view, every text once, old fonts as Unicode."""

import io

import docx as python_docx
import pytest

from mailbox_ingest.documents.word import docx
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.vietnamese import legacy_tables


def p(text, properties=""):
    return f'<w:p><w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def tc(inner, properties=""):
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


@pytest.fixture
def lines(make_word, limits, texts):
    return lambda body, **parts: texts(docx.read(make_word(body, **parts), "bc.docx", limits))


def test_paragraphs_and_tables_keep_their_order(limits, texts):
    written = python_docx.Document()
    written.add_paragraph("BÁO CÁO")
    table = written.add_table(rows=2, cols=2)
    for cell, text in zip([c for row in table.rows for c in row.cells], ["Nội dung", "Số người", "Tổng số", "4.215"], strict=True):
        cell.text = text
    written.add_paragraph("Nơi nhận:")
    out = io.BytesIO()
    written.save(out)
    document = docx.read(out.getvalue(), "bc.docx", limits)
    assert texts(document) == ["BÁO CÁO", "Nội dung | Số người", "Tổng số | 4.215", "Nơi nhận:"]
    assert document.sections[0].blocks[1].cells[3].place == "dòng 2, cột 2"


def test_merged_cells_appear_once_with_their_spans(make_word, limits):
    body = (
        "<w:tbl><w:tr>"
        + tc(p("TT"), '<w:vMerge w:val="restart"/>')
        + tc(p("Số người"), '<w:gridSpan w:val="2"/>')
        + "</w:tr><w:tr>"
        + tc(p("không hiện"), "<w:vMerge/>")
        + tc(p("a"))
        + tc(p("b"))
        + "</w:tr></w:tbl>"
    )
    table = docx.read(make_word(body), "x", limits).sections[0].blocks[0]
    assert [(c.row, c.column, c.row_span, c.column_span, c.text) for c in table.cells] == [
        (0, 0, 2, 1, "TT"),
        (0, 1, 1, 2, "Số người"),
        (1, 1, 1, 1, "a"),
        (1, 2, 1, 1, "b"),
    ]
    assert (table.rows, table.columns) == (2, 3)


def test_a_number_changed_with_track_changes_is_the_new_one_only(lines):
    body = (
        '<w:p><w:r><w:t>Tổng số: </w:t></w:r><w:del w:id="1"><w:r><w:delText>3.480</w:delText></w:r></w:del>'
        '<w:ins w:id="2"><w:r><w:t>3.481</w:t></w:r></w:ins></w:p>'
    )
    assert lines(body) == ["Tổng số: 3.481"]


def test_moved_text_stands_once_and_deleted_rows_are_gone(lines):
    body = (
        "<w:p><w:moveFrom><w:r><w:t>102</w:t></w:r></w:moveFrom></w:p><w:p><w:moveTo><w:r><w:t>102</w:t></w:r></w:moveTo></w:p>"
        "<w:tbl><w:tr><w:trPr><w:del/></w:trPr>" + tc(p("cũ")) + "</w:tr><w:tr><w:trPr><w:ins/></w:trPr>" + tc(p("mới")) + "</w:tr></w:tbl>"
    )
    assert lines(body) == ["102", "mới"]


def test_a_paragraph_whose_end_was_deleted_flows_into_the_next(lines):
    body = "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>Tổng </w:t></w:r></w:p><w:p><w:r><w:t>số: 12</w:t></w:r></w:p>"
    assert lines(body) == ["Tổng số: 12"]


def test_a_struck_out_number_is_not_read_with_the_one_beside_it(lines):
    assert lines("<w:p><w:r><w:rPr><w:strike/></w:rPr><w:t>3.480</w:t></w:r><w:r><w:t>3.481</w:t></w:r></w:p>") == ["3.481"]


def test_hidden_text_is_dropped_by_run_and_by_style(lines):
    styles = f'<w:styles xmlns:w="{WORD}"><w:style w:type="character" w:styleId="An"><w:rPr><w:vanish/></w:rPr></w:style></w:styles>'
    body = p("999", "<w:vanish/>") + p("888", '<w:rStyle w:val="An"/>') + p("12", '<w:vanish w:val="0"/>')
    assert lines(body, styles=styles) == ["12"]


WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@pytest.mark.parametrize(
    "body",
    [
        f"<w:sdt><w:sdtContent>{p('4.215')}</w:sdtContent></w:sdt>",
        "<w:p><w:sdt><w:sdtContent><w:r><w:t>4.215</w:t></w:r></w:sdtContent></w:sdt></w:p>",
        f"<w:tbl><w:tr><w:sdt><w:sdtContent>{tc(p('4.215'))}</w:sdtContent></w:sdt></w:tr></w:tbl>",
        f"<w:tbl><w:sdt><w:sdtContent><w:tr>{tc(p('4.215'))}</w:tr></w:sdtContent></w:sdt></w:tbl>",
    ],
    ids=["block", "run", "cell", "row"],
)
def test_content_controls_are_read_at_every_level(lines, body):
    assert lines(body) == ["4.215"]


def test_the_prompt_of_an_empty_content_control_is_no_value(lines):
    body = "<w:p><w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>Nhập 0</w:t></w:r></w:sdtContent></w:sdt></w:p>"
    assert lines(body) == []


def test_a_text_box_is_read_once(lines):
    box = f"<w:txbxContent>{p('Đã cài: 1.180')}</w:txbxContent>"
    body = (
        "<w:p><w:r><w:t>Kết quả</w:t></w:r><w:r><mc:AlternateContent>"
        f'<mc:Choice Requires="wps"><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert lines(body) == ["Kết quả", "Đã cài: 1.180"]


def test_a_nested_table_is_a_block_of_its_own(lines):
    inner = f"<w:tbl><w:tr>{tc(p('b'))}{tc(p('trong'))}</w:tr></w:tbl>"
    assert lines(f"<w:tbl><w:tr>{tc(p('a'))}{tc(p('ngoài') + inner + p('cuối'))}</w:tr></w:tbl>") == ["a | ngoài\ncuối", "b | trong"]


def test_a_frame_of_one_cell_is_no_table(lines):
    assert lines(f"<w:tbl><w:tr>{tc(p('Tổng số: 12') + p('Đã cài: 7'))}</w:tr></w:tbl>") == ["Tổng số: 12", "Đã cài: 7"]


def test_a_field_gives_its_result_and_not_its_code(lines):
    def mark(kind):
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    code, result = "<w:r><w:instrText>=SUM(ABOVE)</w:instrText></w:r>", "<w:r><w:t>66</w:t></w:r>"
    body = f"<w:p>{mark('begin')}{code}{mark('separate')}{result}{mark('end')}</w:p>"
    assert lines(body + p("sau")) == ["66", "sau"]


def test_an_unclosed_field_swallows_nothing(lines):
    assert lines('<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r></w:p>' + p("Tổng số: 12")) == ["Tổng số: 12"]


def test_line_breaks_and_tabs_stay_between_words(lines):
    body = "<w:p><w:r><w:t>LĐLĐ HUYỆN</w:t><w:br/><w:t>VĨNH LINH</w:t><w:tab/><w:t>Số: 1</w:t></w:r></w:p>"
    assert lines(body) == ["LĐLĐ HUYỆN", "VĨNH LINH\tSố: 1"]


def test_a_footnote_mark_never_becomes_a_digit(lines):
    body = '<w:p><w:r><w:t>1.109</w:t></w:r><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>1</w:t></w:r></w:p>'
    assert lines(body) == ["1.109¹"]


def test_headers_notes_and_comments_stand_apart(make_word, limits, texts):
    header = f'<w:hdr xmlns:w="{WORD}">{p("ĐT: 0233.3513.701")}</w:hdr>'
    notes = f'<w:footnotes xmlns:w="{WORD}"><w:footnote>{p("3.105 đoàn viên")}</w:footnote></w:footnotes>'
    document = docx.read(make_word(p("thân"), header1=header, footnotes=notes), "x", limits)
    assert texts(document) == ["thân"]
    assert [(b.text, b.place) for b in document.marginal] == [("ĐT: 0233.3513.701", "đầu trang 1"), ("3.105 đoàn viên", "chú thích 1")]


def test_tcvn3_set_in_an_old_font_becomes_unicode_and_its_capitals_font_capitals(lines):
    back = {letter: chr(byte) for byte, letter in legacy_tables.TCVN3.items() if byte >= 0x80}
    write = lambda text: "".join(back.get(c, c) for c in text)  # noqa: E731 - shorter than a function, and as clear
    small, large = '<w:rFonts w:ascii=".VnTime" w:hAnsi=".VnTime"/>', '<w:rFonts w:ascii=".VnTimeH" w:hAnsi=".VnTimeH"/>'
    body = p(write("người lao động"), small) + p(write("huyện vĩnh linh"), large) + p("Đông Hà")
    assert lines(body) == ["người lao động", "HUYỆN VĨNH LINH", "Đông Hà"]


def test_tcvn3_keeps_its_soft_hyphen_letter(lines):
    body = '<w:p><w:r><w:rPr><w:rFonts w:hAnsi=".VnTime"/></w:rPr><w:t>ng</w:t><w:softHyphen/><w:t>êi lao ®éng tr­êng häc</w:t></w:r></w:p>'
    assert lines(body) == ["người lao động trường học"]


def test_a_vni_letter_split_over_two_runs_is_one_letter(lines):
    font = '<w:rPr><w:rFonts w:hAnsi="VNI-Times"/></w:rPr>'
    body = f"<w:p><w:r>{font}<w:t>ngöô</w:t></w:r><w:r>{font}<w:t>øi lao ñoäng</w:t></w:r></w:p>"
    assert lines(body) == ["người lao động"]


def test_the_font_of_the_default_style_counts(lines):
    styles = (
        f'<w:styles xmlns:w="{WORD}"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman"/></w:rPr></w:rPrDefault>'
        '</w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:rPr><w:rFonts w:hAnsi=".VnTime"/></w:rPr>'
        "</w:style></w:styles>"
    )
    assert lines("<w:p><w:r><w:t>c«ng ®oµn viªn</w:t></w:r></w:p>", styles=styles) == ["công đoàn viên"]


def test_decomposed_letters_come_out_composed(lines):
    assert lines(p("Tổng số")) == ["Tổng số"]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda data: data[: len(data) // 2], "unreadable"),
        (lambda data: data.replace(b"PK\x01\x02", b"PK\x01\x03"), "unreadable"),
    ],
)
def test_a_damaged_file_is_unreadable(make_word, limits, spoil, code):
    with pytest.raises(DocumentError) as caught:
        docx.read(spoil(make_word(p("x"))), "x", limits)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "document",
    [
        b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "b">]><d>&a;</d>',
        '<?xml version="1.0" encoding="UTF-16"?><d/>'.encode("utf-16"),
        b"<w:document",
        b"<d/>",
    ],
    ids=["entities", "utf-16", "cut", "no body"],
)
def test_a_hostile_main_part_is_unreadable(make_zip, limits, document):
    with pytest.raises(DocumentError) as caught:
        docx.read(make_zip({"[Content_Types].xml": "<Types/>", "word/document.xml": document}), "x", limits)
    assert caught.value.code == "unreadable"


def test_a_bomb_is_too_large_before_it_is_unpacked(make_zip, limits):
    bomb = make_zip({"[Content_Types].xml": "<Types/>", "word/document.xml": b"0" * 70_000_000})
    with pytest.raises(DocumentError) as caught:
        docx.read(bomb, "x", limits)
    assert caught.value.code == "too_large"
