"""Letters as units write them: the form of letter 597 as a Word file, a workbook, a PDF. All names and figures are invented."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import matplotlib
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from openpyxl import Workbook
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

SUPERIOR = "LIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG TRỊ"
STATE = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
TITLE = "BÁO CÁO"
SUBJECT = "Về việc cài đặt ứng dụng Bluezone"
LABELS = (
    "Tổng số đoàn viên, người lao động (trong các đơn vị có tổ chức công đoàn)",
    "Trong đó: + Số đoàn viên, người lao động có điện thoại thông minh",
    "+ Số đoàn viên, người lao động có điện thoại thông minh đã cài đặt Bluezone",
)
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF_TYPE = "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a clerk puts on paper. `cells` are the three figures as typed: text, so that a clerk can also type nonsense."""

    unit: str
    place: str
    day: date
    cells: tuple[str, str, str]
    number: int = 12
    signer: str = "Nguyễn Văn Minh"
    note: str = ""  # a line above the table, for example that this replaces an earlier report

    @property
    def dated(self) -> str:
        return f"{self.place}, ngày {self.day:%d} tháng {self.day.month} năm {self.day.year}"


def vietnamese(value: int) -> str:
    """4215 -> '4.215'."""
    return f"{value:,}".replace(",", ".")


def word(letter: Letter) -> bytes:
    """The official form as .docx: letterhead in a table without lines, the figures in a table with them."""
    document = Document()
    head = document.add_table(rows=1, cols=2)
    head.cell(0, 0).text = f"{SUPERIOR}\n{letter.unit.upper()}\n\nSố: {letter.number}/BC-CĐ"
    head.cell(0, 1).text = f"{STATE}\n{MOTTO}\n\n{letter.dated}"
    for text in (TITLE, SUBJECT):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.add_run(text).bold = True
    if letter.note:
        document.add_paragraph(letter.note)
    table = document.add_table(rows=4, cols=3)
    table.style = "Table Grid"
    for column, text in enumerate(("TT", "NỘI DUNG", "ĐVT (người)")):
        table.cell(0, column).text = text
    for row, (label, value) in enumerate(zip(LABELS, letter.cells, strict=True), start=1):
        table.cell(row, 0).text = ("1", "2", "")[row - 1]
        table.cell(row, 1).text = label
        table.cell(row, 2).text = value
    table.cell(2, 0).merge(table.cell(3, 0))
    document.add_paragraph(f"\nTM. BAN THƯỜNG VỤ\n(Đã ký)\n\n{letter.signer}")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def sheet(letter: Letter) -> bytes:
    """The same as .xlsx; figures are numbers of the sheet where they are numbers at all."""
    book = Workbook()
    book.remove(book.worksheets[0])
    page = book.create_sheet("Bao cao")
    page["A1"], page["C1"] = SUPERIOR, STATE
    page["A2"], page["C2"] = letter.unit.upper(), MOTTO
    page["C3"] = letter.dated
    page["B5"], page["B6"] = TITLE, SUBJECT
    page["B7"] = letter.note or None
    for column, text in enumerate(("TT", "Nội dung", "Số người"), start=1):
        page.cell(9, column, text)
    for row, (label, value) in enumerate(zip(LABELS, letter.cells, strict=True), start=10):
        bare = value.replace(".", "")
        page.cell(row, 1, row - 9)
        page.cell(row, 2, label)
        page.cell(row, 3, int(bare) if bare.isdigit() else value or None).number_format = "#,##0"
    page.column_dimensions["B"].width = 70
    page["C15"] = letter.signer
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def pdf(letter: Letter) -> bytes:
    """The same as a PDF that a word processor printed: real text with Vietnamese letters, no picture."""
    font = _font()
    plain = ParagraphStyle("plain", fontName=font, fontSize=11, leading=15)
    centre = ParagraphStyle("centre", parent=plain, alignment=TA_CENTER)
    small = ParagraphStyle("small", parent=centre, fontSize=9, leading=13)  # so that a unit's name fits on one line
    head = Table(
        [
            [
                Paragraph(f"{SUPERIOR}<br/>{letter.unit.upper()}<br/>Số: {letter.number}/BC-CĐ", small),
                Paragraph(f"{STATE}<br/>{MOTTO}<br/>{letter.dated}", small),
            ]
        ],
        colWidths=[9 * cm, 8 * cm],
    )
    rows = [["TT", Paragraph("NỘI DUNG", centre), "ĐVT (người)"]]
    rows += [[number, Paragraph(label, plain), value] for number, label, value in zip(("1", "2", ""), LABELS, letter.cells, strict=True)]
    table = Table(rows, colWidths=[1.2 * cm, 12 * cm, 3 * cm])
    table.setStyle(
        [("GRID", (0, 0), (-1, -1), 0.6, colors.black), ("FONTNAME", (0, 0), (-1, -1), font), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    )
    out = io.BytesIO()
    flow = [head, Spacer(1, 0.6 * cm), Paragraph(TITLE, centre), Paragraph(SUBJECT, centre), Spacer(1, 0.4 * cm)]
    if letter.note:
        flow.append(Paragraph(letter.note, plain))
    flow += [table, Spacer(1, 0.8 * cm), Paragraph(f"TM. BAN THƯỜNG VỤ<br/>(Đã ký)<br/><br/>{letter.signer}", centre)]
    SimpleDocTemplate(out, pagesize=A4, title="Báo cáo Bluezone", author=letter.unit, invariant=1).build(flow)
    return out.getvalue()


@cache
def _font() -> str:
    """DejaVu Sans, which travels with matplotlib and has every Vietnamese letter; the PDF standard fonts have not."""
    pdfmetrics.registerFont(TTFont("DejaVu", str(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"))))
    return "DejaVu"
