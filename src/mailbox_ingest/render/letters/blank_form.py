"""The empty form as a Word file, laid out like the annex of letter 597 (Nghị định 30/2020/NĐ-CP): made from the form's configuration.

Holds no week and no figure: a form that carries last week's date would come back with it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from xml.sax.saxutils import escape

from docx import Document as NewDocument
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import Table, _Cell

from mailbox_ingest.config import FormConfig, OrganisationConfig
from mailbox_ingest.model import OutgoingAttachment, Unit

WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_STATE = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
_MOTTO = "Độc lập - Tự do - Hạnh phúc"
_DOTS = "…………………………"
_REPORT = "Báo cáo "
_UNIT = b"TEN-DON-VI"  # stands in the drawn form where each unit's name goes
_BODY_PART = "word/document.xml"
_ZIP_DAY = (1980, 1, 1, 0, 0, 0)  # the same form gives the same bytes
_Row = tuple[str, str, str]
_CENTRE = WD_ALIGN_PARAGRAPH.CENTER


def blank_form(form: FormConfig, *, organisation: OrganisationConfig, unit: Unit | None = None) -> OutgoingAttachment:
    """The form for `unit`, its name in the letterhead; dots where the reader writes for several units."""
    superior = organisation.superiors[0] if organisation.superiors else organisation.name
    parts = _parts(_title(form), form.signer, superior.upper(), tuple(form_rows(form)))
    name = escape(unit.name.upper() if unit is not None else _DOTS).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for path, data in parts:
            package.writestr(zipfile.ZipInfo(path, _ZIP_DAY), data.replace(_UNIT, name) if path == _BODY_PART else data)
    return OutgoingAttachment(name=f"Mau-bao-cao-{form.name}.docx", content_type=WORD_TYPE, data=out.getvalue())


@lru_cache(maxsize=32)
def _parts(title: str, signer: str, superior: str, rows: tuple[_Row, ...]) -> tuple[tuple[str, bytes], ...]:
    """The files of the Word package, drawn once: a province reminds hundreds of people at one moment, and only a name differs."""
    document = NewDocument()
    _set_up(document)
    head = document.add_table(rows=1, cols=2)
    head.alignment = WD_TABLE_ALIGNMENT.CENTER
    _widths(head, 8.75, 9.25)  # a little wider than the text, as offices do: neither first line may wrap
    left, right = head.rows[0].cells
    _lines(left, (superior, False, 12), (_UNIT.decode(), True, 12), ("", False, 6), ("Số:        /BC-………", False, 13))
    _lines(right, (_STATE, True, 12), (_MOTTO, True, 13), ("", False, 6), ("…………, ngày      tháng      năm 20…", False, 13))
    right.paragraphs[-1].runs[0].italic = True
    _paragraph(document, "", size=8)
    _paragraph(document, "BÁO CÁO", size=14, bold=True)
    _paragraph(document, title, size=14, bold=True)
    _paragraph(document, "", size=8)
    _figures(document, rows)
    _paragraph(document, "", size=8)
    foot = document.add_table(rows=1, cols=2)
    _widths(foot, 7.6, 8.9)
    _lines(foot.rows[0].cells[1], (signer, True, 13), ("(Ký tên, đóng dấu)", False, 13))
    foot.rows[0].cells[1].paragraphs[-1].runs[0].italic = True
    out = io.BytesIO()
    document.save(out)
    with zipfile.ZipFile(out) as package:
        return tuple((path, package.read(path)) for path in package.namelist())


def _title(form: FormConfig) -> str:
    """'Báo cáo cài đặt …' stands under the word BÁO CÁO as 'Về việc cài đặt …'."""
    subject = form.title.removeprefix(_REPORT)
    return form.title if subject == form.title else f"Về việc {subject}"


def form_rows(form: FormConfig) -> Iterator[_Row]:
    """(number, label, unit of measure) of each field: parts follow their whole as 'Trong đó: + …', '+ …'."""
    number, in_parts = 0, False
    for field in form.fields:
        label = field.form_label or field.title
        if field.part_of is None:
            number, in_parts = number + 1, False
            yield str(number), label, field.unit
        elif not in_parts:
            number, in_parts = number + 1, True
            yield str(number), f"Trong đó: + {label}", field.unit
        else:
            yield "", f"+ {label}", field.unit


def _figures(document: Document, rows: tuple[_Row, ...]) -> None:
    units = {unit for _, _, unit in rows}
    heading = f"ĐVT ({next(iter(units))})" if len(units) == 1 else "SỐ LƯỢNG"
    table = document.add_table(rows=1 + len(rows), cols=3)
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _widths(table, 1.3, 11.7, 3.5)
    for cell, text in zip(table.rows[0].cells, ("TT", "NỘI DUNG", heading), strict=True):
        _lines(cell, (text, True, 13))
    for row, (number, label, unit) in zip(table.rows[1:], rows, strict=True):
        text = label if len(units) == 1 else f"{label} ({unit})"
        _lines(row.cells[0], (number, False, 13))
        _lines(row.cells[1], (text, False, 13), centred=False)
        _lines(row.cells[2], ("", False, 13))
    for row in table.rows:
        for paragraph in (p for cell in row.cells for p in cell.paragraphs):
            paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(4)


def _set_up(document: Document) -> None:
    """A4, the margins and the type that Nghị định 30/2020/NĐ-CP asks for."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin = section.bottom_margin = Cm(2)
    section.left_margin, section.right_margin = Cm(3), Cm(1.5)
    normal = document.styles["Normal"]
    normal.font.name = "Times New Roman"
    normal.font.size = Pt(13)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "Times New Roman")
    normal.paragraph_format.space_after = Pt(0)


def _widths(table: Table, *centimetres: float) -> None:
    table.autofit = False
    for column, width in zip(table.columns, centimetres, strict=True):
        column.width = Cm(width)  # LibreOffice goes by the grid, Word by the cells
        for cell in column.cells:
            cell.width = Cm(width)


def _lines(cell: _Cell, *lines: tuple[str, bool, int], centred: bool = True) -> None:
    """Paragraphs of (text, bold, size in points)."""
    for index, (text, bold, size) in enumerate(lines):
        paragraph = cell.paragraphs[0] if index == 0 else cell.add_paragraph()
        if centred:
            paragraph.alignment = _CENTRE
        run = paragraph.add_run(text)
        run.bold, run.font.size = bold, Pt(size)


def _paragraph(document: Document, text: str, *, size: int, bold: bool = False) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = _CENTRE
    run = paragraph.add_run(text)
    run.bold, run.font.size = bold, Pt(size)
