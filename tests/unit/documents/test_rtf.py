"""RTF as Word and others write it: code pages, Unicode, old fonts, tables, fields, tracked changes."""

import pytest

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.rtf import reader as rtf
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Document, Paragraph, Table

HEAD = (
    r"{\rtf1\ansi\ansicpg1252\deff0\uc1{\fonttbl{\f0\froman\fcharset0 Times New Roman;}{\f1\fnil\fcharset0 .VnTime;}"
    r"{\f2\fnil\fcharset163{\*\falt Arial}Times New Roman (Vietnamese);}{\f3\fnil VNI-Times;}}"
    r"{\colortbl;\red0\green0\blue0;}{\stylesheet{\s0 Normal 9999;}}{\info{\title Báo cáo 8888}}"
)


def read(body: str) -> Document:
    return rtf.read((HEAD + body + "}").encode("latin-1"), "bc.rtf", LimitsConfig())


def texts(document: Document) -> list[str]:
    return [block.text for block in document.sections[0].blocks if isinstance(block, Paragraph)]


def tables(document: Document) -> list[Table]:
    return [block for block in document.sections[0].blocks if isinstance(block, Table)]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"\pard T\u7893?ng s\u7889?: 4.215\par", "Tổng số: 4.215"),
        (r"\pard\uc2 T\u7893\'3f\'3fng s\u7889??: 4.215\par", "Tổng số: 4.215"),
        (r"\pard\uc0 T\u7893ng s\u7889 : 4.215\par", "Tổng số: 4.215"),
        (r"\pard\f2 Ti\'ea\'ecng Vi\'ea\'f2t\par", "Tiếng Việt"),
        (r"\pard\f1 C\'abng \'aeo\'b5n ng\'b5nh Y t\'d5, ng\'ad\'eai\par", "Công đoàn ngành Y tế, người"),
        (r"\pard\f1 ng\-\'eai lao \'ae\'e9ng\par", "người lao động"),
        (r"\pard\f3 Coâng ñoaøn ngaønh Y teá\par", "Công đoàn ngành Y tế"),
        (r"\pard{\upr{T?ng}{\*\ud{T\u7893?ng}}} 5\par", "Tổng 5"),
        (r"\pard T\'f4ng c\'f4ng\~12\par", "Tông công\u00a012"),
    ],
)
def test_letters_come_out_as_unicode(body: str, text: str) -> None:
    assert texts(read(body)) == [text]


def test_fonts_styles_and_document_facts_are_no_text() -> None:
    assert texts(read(r"\pard xin ch\'e0o\par")) == ["xin chào"]


def test_a_deleted_number_is_not_glued_to_the_new_one() -> None:
    document = read(r"\pard {\deleted\revauthdel1 3.480}{\revised\revauth1 3.481}{\v 777}{\strike 999} ng\'f4i\par")
    assert texts(document) == ["3.481 ngôi"]


def test_a_field_gives_its_result_only() -> None:
    assert texts(read(r"\pard T\'f4ng: {\field{\*\fldinst =SUM(ABOVE)}{\fldrslt 5.678}}\par")) == ["Tông: 5.678"]


def test_a_table_has_its_spans_whichever_way_they_are_written() -> None:
    document = read(
        r"\pard\trowd\clvmgf\cellx1000\clmgf\cellx2000\clmrg\cellx3000\pard\intbl A\cell gop\cell\cell\row"
        r"\trowd\clvmrg\cellx1000\cellx2000\cellx3000\pard\intbl\cell 4.215\cell 3.480\cell\row"
        r"\trowd\cellx2000\cellx3000\pard\intbl rong\par hai d\'f2ng\cell 7\cell\row\pard sau\par"
    )
    (table,) = tables(document)
    found = {c.text: (c.row, c.column, c.row_span, c.column_span) for c in table.cells}
    assert found == {
        "A": (0, 0, 2, 1),
        "gop": (0, 1, 1, 2),
        "4.215": (1, 1, 1, 1),
        "3.480": (1, 2, 1, 1),
        "rong\nhai dòng": (2, 0, 1, 2),
        "7": (2, 2, 1, 1),
    }
    assert texts(document) == ["sau"]


def test_a_nested_table_is_a_table_of_its_own() -> None:
    document = read(
        r"\trowd\cellx3000\cellx6000\pard\intbl ngoai\par\pard\intbl\itap2 trong A\nestcell trong B\nestcell"
        r"{\*\nesttableprops\trowd\cellx1000\cellx2000\nestrow}{\nonesttables\par}\pard\intbl\itap1\cell 4.215\cell\row\pard\par"
    )
    assert [[c.text for c in table.cells] for table in tables(document)] == [["ngoai", "4.215"], ["trong A", "trong B"]]


def test_text_boxes_count_and_headers_and_pictures_do_not() -> None:
    document = read(
        r"{\header\pard \'d0\'e2u 9.999\par}\pard truoc{\shp{\*\shpinst{\sp{\sn x}{\sv 8888}}{\shptxt\pard trong khung 321\par}}}"
        r"{\*\shppict{\pict\pngblip 0123456789}} sau{\footnote\pard ghi chu 55\par}\par\pard CHU TICH\par"
    )
    assert texts(document) == ["truoc sau", "trong khung 321", "CHU TICH"]
    assert [block.text for block in document.marginal if isinstance(block, Paragraph)] == ["Ðâu 9.999", "ghi chu 55"]


def test_a_note_inside_a_cell_is_no_table_of_its_own() -> None:
    document = read(r"\trowd\cellx3000\pard\intbl 4.215{\footnote\pard\intbl theo so 55\par}\cell\row\pard\par")
    assert [[c.text for c in table.cells] for table in tables(document)] == [["4.215"]]
    assert [block.text for block in document.marginal if isinstance(block, Paragraph)] == ["theo so 55"]


def test_binary_data_is_jumped_over() -> None:
    assert texts(read(r"\pard a{\pict\bin6 }}}}}}b}c\par")) == ["ac"]


@pytest.mark.parametrize("data", [b"", b"{\\rtf1 cut", b"{\\rtf1}}", b"{\\rt" + b"{" * 5000, b"plain"])
def test_what_is_no_whole_rtf_is_refused(data: bytes) -> None:
    if data == b"{\\rtf1}}":
        assert rtf.read(data, "x", LimitsConfig()).sections[0].blocks == ()
        return
    with pytest.raises(DocumentError) as problem:
        rtf.read(data, "bc.rtf", LimitsConfig())
    assert problem.value.code == "unreadable"
