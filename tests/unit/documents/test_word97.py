"""Word 97-2003 files, made by LibreOffice from .docx, read as people see them."""

import io
import struct

import docx
import olefile
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents import office
from mailbox_ingest.documents.word import word97
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Document, Paragraph, Table

LIMITS = LimitsConfig()
W = nsdecls("w")


def source() -> bytes:
    """A letter with everything that has made other readers of .doc give a wrong number."""
    letter = docx.Document()
    letter.sections[0].header.paragraphs[0].text = "Đầu trang 9.999"
    letter.add_paragraph("CÔNG ĐOÀN NGÀNH Y TẾ")
    table = letter.add_table(rows=3, cols=3)
    table.cell(0, 0).text = "TT"
    table.cell(0, 1).merge(table.cell(0, 2)).text = "Gộp ngang"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "Gộp dọc"
    table.cell(1, 1).text, table.cell(2, 1).text = "Có máy", "dòng 1\ndòng 2"
    changed = table.cell(1, 2).paragraphs[0]._p
    mark = 'w:id="1" w:author="a" w:date="2020-08-20T00:00:00Z"'
    changed.append(parse_xml(f"<w:del {W} {mark}><w:r><w:delText>3.480</w:delText></w:r></w:del>"))
    changed.append(parse_xml(f"<w:ins {W} {mark}><w:r><w:t>3.481</w:t></w:r></w:ins>"))
    outer = table.cell(2, 2)
    outer.text = "ngoài"
    inner = outer.add_table(rows=1, cols=2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "trong A", "trong B"
    field = letter.add_paragraph("Tổng: ")
    for kind, text in [("begin", ""), ("", "=SUM(ABOVE)"), ("separate", ""), ("text", "5.678"), ("end", "")]:
        body = f'<w:fldChar w:fldCharType="{kind}"/>' if kind in ("begin", "separate", "end") else f"<w:t>{text}</w:t>"
        body = f"<w:instrText>{text}</w:instrText>" if kind == "" else body
        field._p.append(parse_xml(f"<w:r {W}>{body}</w:r>"))
    field.add_run(" ẩn 777").font.hidden = True
    struck = letter.add_paragraph("Đã cài ")
    struck.add_run("4.215").font.strike = True
    struck.add_run("4.216")
    shape = '<v:shape style="width:200pt;height:50pt" type="#_x0000_t202"><v:textbox><w:txbxContent>'
    boxed = f'<w:p {W} xmlns:v="urn:schemas-microsoft-com:vml"><w:r><w:pict>{shape}<w:p><w:r><w:t>khung chữ 321</w:t></w:r></w:p>'
    letter.element.body.insert(-1, parse_xml(f"{boxed}</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"))
    old = letter.add_paragraph().add_run("C«ng ®oµn ngµnh Y tÕ")
    old._r.get_or_add_rPr().append(parse_xml(f'<w:rFonts {W} w:ascii=".VnTime" w:hAnsi=".VnTime"/>'))
    out = io.BytesIO()
    letter.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def data() -> bytes:
    return office.convert(source(), source="docx", target="doc", limits=LIMITS)


@pytest.fixture(scope="module")
def document(data: bytes) -> Document:
    return word97.read(data, "bc.doc", LIMITS)


def tables(document: Document) -> list[Table]:
    return [block for block in document.sections[0].blocks if isinstance(block, Table)]


def texts(document: Document) -> list[str]:
    return [block.text for block in document.sections[0].blocks if isinstance(block, Paragraph)]


def test_rows_and_cells_come_with_their_spans(document: Document) -> None:
    outer = tables(document)[0]
    assert document.kind == "doc"
    assert (outer.rows, outer.columns) == (3, 3)
    spans = {c.text: (c.row, c.column, c.row_span, c.column_span) for c in outer.cells}
    assert spans["Gộp ngang"] == (0, 1, 1, 2)
    assert spans["Gộp dọc"] == (1, 0, 2, 1)
    assert spans["dòng 1\ndòng 2"] == (2, 1, 1, 1)


def test_a_deleted_number_is_not_glued_to_the_new_one(document: Document) -> None:
    assert "3.481" in {c.text for c in tables(document)[0].cells}
    assert "3.480" not in repr(document)


def test_a_nested_table_is_a_table_of_its_own(document: Document) -> None:
    assert [c.text for c in tables(document)[1].cells] == ["trong A", "trong B"]
    assert "ngoài" in {c.text for c in tables(document)[0].cells}


def test_a_field_gives_its_result_and_hidden_text_nothing(document: Document) -> None:
    assert "Tổng: 5.678" in texts(document)


def test_struck_text_is_left_out(document: Document) -> None:
    assert "Đã cài 4.216" in texts(document)


def test_an_old_font_becomes_unicode(document: Document) -> None:
    assert "Công đoàn ngành Y tế" in texts(document)


def test_a_text_box_stands_where_people_see_it(document: Document) -> None:
    assert texts(document)[-2:] == ["khung chữ 321", "Công đoàn ngành Y tế"]


def test_headers_are_marginal(document: Document) -> None:
    assert [block.text for block in document.marginal if isinstance(block, Paragraph)] == ["Đầu trang 9.999"]


def test_a_locked_file_says_so(data: bytes) -> None:
    locked = bytearray(data)
    with olefile.OleFileIO(io.BytesIO(data)) as ole:
        head = ole.openstream("WordDocument").read(512)
    at = data.index(head)
    (flags,) = struct.unpack_from("<H", locked, at + 10)
    struct.pack_into("<H", locked, at + 10, flags | 0x0100)
    with pytest.raises(DocumentError) as problem:
        word97.read(bytes(locked), "bc.doc", LIMITS)
    assert problem.value.code == "encrypted"


def test_a_word_before_97_goes_to_libreoffice(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def convert(_data: bytes, *, source: str, target: str, limits: LimitsConfig) -> bytes:
        asked.append((source, target))
        return made

    made = source()
    monkeypatch.setattr(office, "convert", convert)
    document = word97.read(b"\xdb\xa5\x2d\x00" + bytes(300), "cu.doc", LIMITS)
    assert asked == [("doc", "docx")]
    assert document.kind == "doc" and document.reader.startswith("LibreOffice")
    assert "CÔNG ĐOÀN NGÀNH Y TẾ" in texts(document)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_file_that_is_cut_off_is_refused(data: bytes, share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office.shutil, "which", lambda _name: None)
    with pytest.raises(DocumentError):
        word97.read(data[: int(len(data) * share)], "bc.doc", LIMITS)


def test_libreoffice_that_is_missing_or_too_slow_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DocumentError) as slow:
        office.convert(source(), source="docx", target="doc", limits=LimitsConfig(document_seconds=0.05))
    monkeypatch.setattr(office.shutil, "which", lambda _name: None)
    with pytest.raises(DocumentError) as missing:
        office.convert(b"", source="doc", target="docx", limits=LIMITS)
    assert (slow.value.code, missing.value.code) == ("too_large", "unsupported")
