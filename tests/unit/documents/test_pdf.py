"""PDF pages as people see them: tables from rulings, lines, letterheads, form fields; pictures of pages never taken for empty ones."""

import io
from collections.abc import Callable
from pathlib import Path

import matplotlib
import pdfplumber
import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph as Flowable
from reportlab.platypus import SimpleDocTemplate, Table, TableStyle

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.pdf import reader as pdf
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Document, Paragraph
from mailbox_ingest.model import Table as ReadTable

LIMITS = LimitsConfig()
FONT = "DejaVu"
MEMBERS, PHONES, INSTALLED = "Tổng số đoàn viên, người lao động", "Số có điện thoại thông minh", "Số đã cài đặt Bluezone"
SENTENCE = (
    "Thực hiện Công văn số 597/LĐLĐ-CTCS ngày 14/8/2020 của Liên đoàn Lao động tỉnh Quảng Trị về việc cài đặt ứng dụng, "
    "Công đoàn ngành Y tế báo cáo kết quả như sau: tổng số 4.215 người, có 3.480 người dùng điện thoại thông minh."
)


@pytest.fixture(scope="module", autouse=True)
def font() -> None:
    pdfmetrics.registerFont(TTFont(FONT, str(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf")))


def drawn(draw: Callable[[Canvas], None], **options: object) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, **options)
    canvas.setFont(FONT, 12)
    draw(canvas)
    canvas.save()
    return out.getvalue()


def built(*flowables: object) -> bytes:
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=A4).build(list(flowables))
    return out.getvalue()


def read(data: bytes) -> Document:
    return pdf.read(data, "bc.pdf", LIMITS)


def tables(document: Document) -> list[ReadTable]:
    return [block for section in document.sections for block in section.blocks if isinstance(block, ReadTable)]


def texts(document: Document) -> list[str]:
    return [block.text for section in document.sections for block in section.blocks if isinstance(block, Paragraph)]


def ruled(rows: list[list[object]], *extra: tuple[object, ...], widths: list[float] | None = None, repeat: int = 0) -> Table:
    style = [("FONT", (0, 0), (-1, -1), FONT, 11), ("GRID", (0, 0), (-1, -1), 0.5, colors.black), *extra]
    return Table(rows, colWidths=widths or [30, 300, 90], style=TableStyle(style), repeatRows=repeat)


def wrapped(text: str) -> Flowable:
    return Flowable(text, ParagraphStyle("cell", fontName=FONT, fontSize=11, leading=14))


FORM = [["TT", "Nội dung", "Số lượng"], ["1", MEMBERS, "4.215"], ["2", PHONES, "3.480"], ["3", INSTALLED, "3.102"]]


def test_a_ruled_table_is_read_cell_by_cell() -> None:
    document = read(built(ruled(FORM)))
    (table,) = tables(document)
    assert (document.kind, table.rows, table.columns, table.place) == ("pdf", 4, 3, "trang 1, bảng 1")
    assert [[c.text for c in table.cells if c.row == row] for row in range(4)] == FORM


def test_it_agrees_with_pdfplumber_on_the_same_page() -> None:
    data = built(ruled(FORM))
    with pdfplumber.open(io.BytesIO(data)) as oracle:
        expected = oracle.pages[0].extract_tables()[0]
    (table,) = tables(read(data))
    assert [[c.text for c in table.cells if c.row == row] for row in range(4)] == expected


def test_merged_cells_have_spans() -> None:
    rows = [["Đơn vị", "Số lượng", ""], ["", "Có máy", "Đã cài"], ["Trạm Y tế", "12", "10"]]
    (table,) = tables(read(built(ruled(rows, ("SPAN", (0, 0), (0, 1)), ("SPAN", (1, 0), (2, 0)), widths=[120, 80, 80]))))
    spans = {c.text: (c.row, c.column, c.row_span, c.column_span) for c in table.cells}
    assert spans["Đơn vị"] == (0, 0, 2, 1)
    assert spans["Số lượng"] == (0, 1, 1, 2)
    assert spans["10"] == (2, 2, 1, 1)


def test_a_wrapped_label_is_one_line_and_separate_lines_stay_apart() -> None:
    label = f"{MEMBERS} trong các đơn vị có tổ chức công đoàn trên địa bàn"
    (table,) = tables(read(built(ruled([["1", wrapped(label), "4.215"], ["2", "dòng một\ndòng hai", "3"]], widths=[30, 200, 90]))))
    assert table.cells[1].text == label
    assert table.cells[4].text == "dòng một\ndòng hai"


def test_a_table_that_goes_on_over_the_page_is_one_table() -> None:
    rows = [
        ["TT", "Đơn vị", "Số lượng"],
        *([str(i), f"Công đoàn cơ sở {i}", str(i * 10)] for i in range(1, 61)),
        ["", "Tổng cộng", "18.300"],
    ]
    (table,) = tables(read(built(ruled(rows, repeat=1))))
    assert table.rows == 62
    assert [c.text for c in table.cells if c.row == 61] == ["", "Tổng cộng", "18.300"]


def test_a_sheet_that_was_too_wide_for_its_paper_is_one_table() -> None:
    def part(canvas: Canvas, columns: list[float], rows: list[list[str]]) -> None:
        canvas.setFont(FONT, 11)
        canvas.grid(columns, [700, 680, 660, 640])
        for row, texts_of_row in enumerate(rows):
            for x, text in zip(columns, texts_of_row, strict=False):
                canvas.drawString(x + 4, 686 - 20 * row, text)

    def draw(canvas: Canvas) -> None:
        part(canvas, [60, 100, 400], [["TT", "Nội dung"], ["1", MEMBERS], ["2", PHONES]])
        canvas.showPage()
        part(canvas, [60, 160], [["Số lượng"], ["4.215"], ["3.480"]])

    (table,) = tables(read(drawn(draw)))
    assert [[c.text for c in table.cells if c.row == row] for row in range(3)] == [
        ["TT", "Nội dung", "Số lượng"],
        ["1", MEMBERS, "4.215"],
        ["2", PHONES, "3.480"],
    ]


def test_two_reports_on_the_same_form_stay_two_tables() -> None:
    def draw(canvas: Canvas) -> None:
        for shift, number in [(0, "4.215"), (8, "1.102")]:
            canvas.setFont(FONT, 11)
            canvas.grid([60, 360 + shift, 500], [700, 680, 660, 640])
            for row, (label, value) in enumerate([("Nội dung", "Số lượng"), (MEMBERS, number), (PHONES, number)]):
                canvas.drawString(64, 686 - 20 * row, label)
                canvas.drawString(380, 686 - 20 * row, value)
            canvas.drawString(64, 500, "TM. BAN THƯỜNG VỤ")
            canvas.showPage()

    assert len(tables(read(drawn(draw)))) == 2


def test_wrapped_lines_of_a_paragraph_are_joined() -> None:
    style = ParagraphStyle("body", fontName=FONT, fontSize=12, leading=16, firstLineIndent=28)
    document = read(built(Flowable(SENTENCE, style), Flowable("Trên đây là báo cáo.", style), Flowable(SENTENCE, style)))
    assert texts(document) == [SENTENCE, "Trên đây là báo cáo.", SENTENCE]


def test_short_lines_that_end_by_themselves_stay_apart() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, f"{MEMBERS}: 4.215")
        canvas.drawString(60, 682, f"{PHONES}: 3.480")

    assert texts(read(drawn(draw))) == [f"{MEMBERS}: 4.215", f"{PHONES}: 3.480"]


def test_lines_in_a_frame_wrap_at_its_side() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.rect(50, 640, 250, 80)
        canvas.drawString(58, 700, "1. Số người đã cài đặt ứng dụng")
        canvas.drawString(58, 684, "Bluezone: 1.180")
        canvas.drawString(60, 600, SENTENCE[:60])

    assert texts(read(drawn(draw)))[0] == "1. Số người đã cài đặt ứng dụng Bluezone: 1.180"


def test_a_line_above_the_letterhead_does_not_hide_its_columns() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont(FONT, 9)
        canvas.drawString(60, 820, "Liên đoàn Lao động huyện Gio Linh - ĐT: 0233.3513.701 - Fax: 0233.3852.061 - Gio Linh")
        for y, left, right in [(790, "LĐLĐ TỈNH QUẢNG TRỊ", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"), (775, "LĐLĐ HUYỆN GIO LINH", "Số: 1")]:
            canvas.drawCentredString(150, y, left)
            canvas.drawCentredString(410, y, right)

    assert texts(read(drawn(draw)))[1:] == ["LĐLĐ TỈNH QUẢNG TRỊ", "LĐLĐ HUYỆN GIO LINH", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Số: 1"]


def test_numbered_lines_stay_apart() -> None:
    def draw(canvas: Canvas) -> None:
        for index, line in enumerate([f"1. {MEMBERS}: 4.215 người", f"2. {PHONES}: 3.480 người", f"- {INSTALLED}: 3.102 người"]):
            canvas.drawString(60, 700 - 18 * index, line)

    assert texts(read(drawn(draw))) == [f"1. {MEMBERS}: 4.215 người", f"2. {PHONES}: 3.480 người", f"- {INSTALLED}: 3.102 người"]


def test_the_two_columns_of_a_letterhead_are_read_one_after_the_other() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont(FONT, 9)
        for y, left, right in [
            (800, "LIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG TRỊ", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
            (785, "CÔNG ĐOÀN NGÀNH Y TẾ", "Độc lập – Tự do – Hạnh phúc"),
            (770, "Số: 12/BC-CĐN", "Đông Hà, ngày 20 tháng 8 năm 2020"),
        ]:
            canvas.drawCentredString(150, y, left)
            canvas.drawCentredString(410, y, right)
        canvas.drawCentredString(297, 730, "BÁO CÁO KẾT QUẢ")

    assert texts(read(drawn(draw))) == [
        "LIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG TRỊ",
        "CÔNG ĐOÀN NGÀNH Y TẾ",
        "Số: 12/BC-CĐN",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập – Tự do – Hạnh phúc",
        "Đông Hà, ngày 20 tháng 8 năm 2020",
        "BÁO CÁO KẾT QUẢ",
    ]


def test_a_table_without_rulings_keeps_label_and_number_on_one_line() -> None:
    def draw(canvas: Canvas) -> None:
        for index, (label, number) in enumerate([(MEMBERS, "4.215"), (PHONES, "3.480")]):
            canvas.drawString(60, 700 - 20 * index, label)
            canvas.drawRightString(500, 700 - 20 * index, number)

    assert texts(read(drawn(draw))) == [f"{MEMBERS}\t4.215", f"{PHONES}\t3.480"]


def test_a_filled_form_field_counts_as_text() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, f"{MEMBERS}:")
        canvas.acroForm.textfield(name="members", value="4215", x=320, y=692, width=100, height=20, fontSize=11, borderStyle="inset")
        canvas.drawString(60, 660, f"{PHONES}: 3.480")

    assert any("4215" in text for text in texts(read(drawn(draw))))


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_reads_like_an_upright_one(turn: int) -> None:
    upright = texts(read(drawn(lambda canvas: canvas.drawString(60, 700, SENTENCE[:60]))))

    def draw(canvas: Canvas) -> None:
        canvas.translate(300, 400)
        canvas.rotate(turn)
        canvas.setPageRotation(turn)
        canvas.drawString(-200, 0, SENTENCE[:60])

    assert texts(read(drawn(draw))) == upright


def test_a_figure_with_a_line_through_it_is_left_to_a_person() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, f"{MEMBERS}:")
        canvas.drawString(320, 700, "4.215")
        canvas.line(318, 704, 360, 704)
        canvas.drawString(60, 660, f"{PHONES}: 3.480")
        canvas.line(60, 658, 400, 658)

    blocks = [block for block in read(drawn(draw)).sections[0].blocks if isinstance(block, Paragraph)]
    assert [block.confidence < 0.85 for block in blocks] == [True, False]


def test_an_old_number_struck_beside_the_new_one_is_not_glued_to_it() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, f"{MEMBERS}: 34723473")
        start = 60 + canvas.stringWidth(f"{MEMBERS}: ", FONT, 12)
        canvas.line(start, 704, start + canvas.stringWidth("3472", FONT, 12), 704)

    (block,) = (block for block in read(drawn(draw)).sections[0].blocks if isinstance(block, Paragraph))
    assert block.text == f"{MEMBERS}: 3472 3473"
    assert block.confidence < 0.85


def test_a_footnote_mark_does_not_become_a_digit() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, f"{MEMBERS}: 4.215")
        end = 60 + canvas.stringWidth(f"{MEMBERS}: 4.215", FONT, 12)
        canvas.setFont(FONT, 7)
        canvas.drawString(end, 704.5, "1")
        canvas.setFont(FONT, 12)
        canvas.drawString(end + 6, 700, "người")

    assert texts(read(drawn(draw))) == [f"{MEMBERS}: 4.215 người"]


def scan(canvas: Canvas) -> None:
    canvas.drawImage(ImageReader(Image.new("RGB", (1654, 2339), "white")), 0, 0, *A4)


def handed_over(data: bytes, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The page numbers that are given to OCR."""
    seen: list[int] = []

    def read_scans(_pdf: object, numbers: list[int], path: str, _limits: LimitsConfig) -> Document:
        seen.extend(numbers)
        return Document(path=path, kind="scan", sections=())

    monkeypatch.setattr(pdf, "read_scans_of", read_scans)
    read(data)
    return seen


def test_a_picture_of_a_page_is_never_an_empty_document(monkeypatch: pytest.MonkeyPatch) -> None:
    assert handed_over(drawn(scan), monkeypatch) == [1]


def test_somebody_elses_ocr_layer_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    def invisible(canvas: Canvas) -> None:
        scan(canvas)
        layer = canvas.beginText(60, 700)
        layer.setTextRenderMode(3)
        layer.textLine(SENTENCE)
        canvas.drawText(layer)

    def behind(canvas: Canvas) -> None:
        canvas.drawString(60, 700, SENTENCE)
        scan(canvas)

    assert handed_over(drawn(invisible), monkeypatch) == [1]
    assert handed_over(drawn(behind), monkeypatch) == [1]


def test_text_printed_on_a_background_picture_is_read_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def printed(canvas: Canvas) -> None:
        scan(canvas)
        canvas.setFont(FONT, 12)
        canvas.drawString(60, 700, SENTENCE[:70])
        canvas.drawString(60, 680, SENTENCE[70:140])

    assert handed_over(drawn(printed), monkeypatch) == []


def test_a_typed_letterhead_over_a_picture_of_the_table_is_read_from_the_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    def pasted(canvas: Canvas) -> None:
        canvas.drawString(60, 780, SENTENCE[:70])
        canvas.drawImage(ImageReader(Image.new("RGB", (900, 600), "white")), 60, 300, 470, 320)

    assert handed_over(drawn(pasted), monkeypatch) == [1]


def letter_with_picture(picture: Image.Image, *, high: float) -> bytes:
    """A page of typed prose with a picture of this height, in points, in its middle."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont(FONT, 11)
        for line in range(6):
            canvas.drawString(60, 780 - 16 * line, f"{MEMBERS} của đơn vị là 4.215 người, dòng thứ {line}")
        canvas.drawImage(ImageReader(picture), 60, 400, high * picture.width / picture.height, high)

    return drawn(draw)


def pictured_table(*figures: str) -> Image.Image:
    picture = Image.new("RGB", (1300, 80 * (len(figures) + 1)), "white")
    draw = ImageDraw.Draw(picture)
    face = ImageFont.truetype(str(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")), 32)
    for row, (label, figure) in enumerate([("Nội dung", "Số người"), *((MEMBERS, figure) for figure in figures)]):
        draw.rectangle((4, 4 + 78 * row, 900, 82 + 78 * row), outline="black", width=3)
        draw.rectangle((900, 4 + 78 * row, 1290, 82 + 78 * row), outline="black", width=3)
        draw.text((24, 22 + 78 * row), label, font=face, fill="black")
        draw.text((1000, 22 + 78 * row), figure, font=face, fill="black")
    return picture


def test_a_picture_of_a_table_on_a_typed_page_is_a_witness() -> None:
    document = read(letter_with_picture(pictured_table("4.217", "3.480"), high=85))
    typed, pictured = document.sections
    assert "4.215" in str(typed.blocks) and "4.217" not in str(typed.blocks)
    cells = {cell.text: cell for block in pictured.blocks if isinstance(block, ReadTable) for cell in block.cells}
    assert {"4.217", "3.480"} <= set(cells)
    assert "4.215" not in str(pictured.blocks), "the typed text is not read a second time"
    box = cells["4.217"].box
    assert box is not None and 842 - 400 - 85 < box.top * 72 / 200 < 842 - 400, "boxes are those of the whole page"


def test_an_emblem_or_a_photograph_on_a_typed_page_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    photograph = Image.radial_gradient("L").resize((600, 400)).convert("RGB")
    small = letter_with_picture(pictured_table("4.217"), high=40)
    assert len(read(letter_with_picture(photograph, high=200)).sections) == 1
    monkeypatch.setattr(pdf, "read_pictures_of", lambda *_: pytest.fail("an emblem is not worth reading"))
    assert read(small).kind == "pdf"


def test_only_the_scanned_pages_of_a_mixed_file_go_to_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    def mixed(canvas: Canvas) -> None:
        canvas.drawString(60, 700, SENTENCE[:70])
        canvas.showPage()
        scan(canvas)

    assert handed_over(drawn(mixed), monkeypatch) == [2]


def test_page_numbers_are_marginal_and_other_lone_figures_are_not() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, SENTENCE[:60])
        canvas.drawCentredString(297, 30, "Trang 1/2")
        canvas.showPage()
        canvas.setFont(FONT, 12)
        canvas.drawString(60, 700, SENTENCE[:60])
        canvas.drawCentredString(297, 30, "836")

    document = read(drawn(draw))
    assert [block.text for block in document.marginal if isinstance(block, Paragraph)] == ["Trang 1/2"]
    assert "836" in texts(document)


def test_a_locked_file_says_so() -> None:
    with pytest.raises(DocumentError) as problem:
        read(drawn(lambda canvas: canvas.drawString(60, 700, "kín"), encrypt="matkhau"))
    assert problem.value.code == "encrypted"


def test_too_many_pages_are_refused() -> None:
    def draw(canvas: Canvas) -> None:
        for _ in range(6):
            canvas.drawString(60, 700, "x")
            canvas.showPage()

    with pytest.raises(DocumentError) as problem:
        pdf.read(drawn(draw), "bc.pdf", LimitsConfig(max_pages=1))
    assert problem.value.code == "too_large"


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"%PDF-1.7\n" + bytes(3000)])
def test_broken_files_are_refused(data: bytes) -> None:
    with pytest.raises(DocumentError) as problem:
        read(data)
    assert problem.value.code == "unreadable"
