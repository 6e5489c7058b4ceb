"""OpenDocument text, written by hand: what people see of it."""

import io
import zipfile

import pytest

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.word import odt
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Document, Paragraph, Table

NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in [
        ("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"), ("draw", "drawing"),
        ("svg", "svg-compatible"), ("fo", "xsl-fo-compatible"),
    ]
)  # fmt: skip
STYLES = """
<style:style style:name="old" style:family="text"><style:text-properties style:font-name="F1"/></style:style>
<style:style style:name="away" style:family="text"><style:text-properties text:display="none"/></style:style>
<style:style style:name="struck" style:family="text"><style:text-properties style:text-line-through-style="solid"/></style:style>
"""


def packed(body: str, *, manifest: str = "", masters: str = "") -> bytes:
    out = io.BytesIO()
    faces = '<office:font-face-decls><style:font-face style:name="F1" svg:font-family="\'.VnTime\'"/></office:font-face-decls>'
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr(
            "content.xml",
            f"<office:document-content {NAMES}>{faces}<office:automatic-styles>{STYLES}</office:automatic-styles>"
            f"<office:body><office:text>{body}</office:text></office:body></office:document-content>",
        )
        styles = f"<office:master-styles>{masters}</office:master-styles>"
        package.writestr("styles.xml", f"<office:document-styles {NAMES}>{styles}</office:document-styles>")
        package.writestr("META-INF/manifest.xml", manifest)
    return out.getvalue()


def read(body: str, **parts: str) -> Document:
    return odt.read(packed(body, **parts), "bc.odt", LimitsConfig())


def texts(document: Document) -> list[str]:
    return [block.text for block in document.sections[0].blocks if isinstance(block, Paragraph)]


def tables(document: Document) -> list[Table]:
    return [block for block in document.sections[0].blocks if isinstance(block, Table)]


def test_spaces_tabs_and_breaks_are_kept() -> None:
    body = (
        '<text:p>Tổng<text:s text:c="2"/>số<text:tab/>4.215<text:line-break/>người</text:p>'
        "<text:list><text:list-item><text:p>một</text:p></text:list-item></text:list>"
    )
    assert texts(read(body)) == ["Tổng  số\t4.215\nngười", "một"]


def test_a_tracked_deletion_hidden_and_struck_text_are_left_out() -> None:
    body = (
        '<text:tracked-changes><text:changed-region text:id="c"><text:deletion><text:p>3.480</text:p></text:deletion></text:changed-region>'
        '</text:tracked-changes><text:p>Có <text:change text:change-id="c"/>3.481<text:span text:style-name="away"> 777</text:span>'
        '<text:span text:style-name="struck"> 999</text:span> người</text:p>'
    )
    assert texts(read(body)) == ["Có 3.481 người"]


def test_an_old_font_becomes_unicode() -> None:
    assert texts(read('<text:p><text:span text:style-name="old">C«ng ®oµn ngµnh Y tÕ</text:span></text:p>')) == ["Công đoàn ngành Y tế"]


def test_a_table_has_its_spans_repeats_and_nested_tables() -> None:
    cell = "<table:table-cell{}><text:p>{}</text:p></table:table-cell>".format
    body = (
        "<table:table><table:table-header-rows><table:table-row>"
        + cell(' table:number-columns-spanned="2"', "gộp")
        + "<table:covered-table-cell/></table:table-row></table:table-header-rows><table:table-row>"
        + cell(' table:number-columns-repeated="2"', "7")
        + "</table:table-row><table:table-row>"
        + cell("", "ngoài")
        + "<table:table-cell><table:table><table:table-row>"
        + cell("", "trong")
        + "</table:table-row></table:table></table:table-cell></table:table-row></table:table>"
    )
    outer, inner = tables(read(body))
    assert (outer.rows, outer.columns) == (3, 2)
    assert [(c.row, c.column, c.text, c.column_span) for c in outer.cells] == [
        (0, 0, "gộp", 2), (1, 0, "7", 1), (1, 1, "7", 1), (2, 0, "ngoài", 1), (2, 1, "", 1),
    ]  # fmt: skip
    assert [c.text for c in inner.cells] == ["trong"]


def test_text_boxes_count_and_notes_headers_and_comments_are_marginal() -> None:
    body = (
        "<text:p>trước<draw:frame><draw:text-box><text:p>khung 321</text:p></draw:text-box></draw:frame>"
        "<text:note><text:note-body><text:p>chú 55</text:p></text:note-body></text:note>"
        "<office:annotation><text:p>nhớ sửa 44</text:p></office:annotation> sau</text:p>"
    )
    document = read(
        body, masters='<style:master-page style:name="S"><style:header><text:p>đầu 9.999</text:p></style:header></style:master-page>'
    )
    assert texts(document) == ["trước sau", "khung 321"]
    assert [block.text for block in document.marginal if isinstance(block, Paragraph)] == ["chú 55", "nhớ sửa 44", "đầu 9.999"]


def test_a_locked_file_says_so() -> None:
    with pytest.raises(DocumentError) as problem:
        read("<text:p/>", manifest="<manifest:encryption-data/>")
    assert problem.value.code == "encrypted"


def test_absurd_repeats_are_refused() -> None:
    cell = '<table:table-cell table:number-columns-repeated="9999"><text:p>1</text:p></table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="9999999">{cell}</table:table-row>'
    document = read(f"<table:table>{row}</table:table>")
    assert len(tables(document)[0].cells) <= 200 * 200
    with pytest.raises(DocumentError) as problem:
        read(f"<table:table>{row * 4}</table:table>")
    assert problem.value.code == "too_large"


@pytest.mark.parametrize("cut", [0, 10, 300, -40])
def test_broken_files_are_refused(cut: int) -> None:
    with pytest.raises(DocumentError):
        odt.read(packed("<text:p>a</text:p>")[:cut], "bc.odt", LimitsConfig())
    with pytest.raises(DocumentError):
        read("<text:p>")
