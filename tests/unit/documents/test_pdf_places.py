"""The box of a value of a typed page holds the value and little else, however the page is turned. The value is red, all else black."""

import io
from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy
import pytest
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Table, TableStyle

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.pdf import reader as pdf
from mailbox_ingest.documents.showing import show_file
from mailbox_ingest.model import Box, Evidence

LIMITS = LimitsConfig()
FONT = "DejaVu"
ROWS = [["TT", "Nội dung", "Số lượng"], ["1", "Tổng số đoàn viên", "4.215"], ["2", "Đã cài đặt", "3.102"]]
CELL = Evidence(document="bc.pdf", place="trang 1, bảng 1, dòng 2, cột 3", raw="4.215", method="table")


@pytest.fixture(scope="module", autouse=True)
def font() -> None:
    pdfmetrics.registerFont(TTFont(FONT, str(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf")))


def drawn(*pages: Callable[[Canvas], None], rotation: int = 0, crop: tuple[float, float, float, float] | None = None) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, cropBox=crop)
    for draw in pages:
        canvas.setFont(FONT, 12)
        canvas.setPageRotation(rotation)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def table(canvas: Canvas) -> None:
    style = [("GRID", (0, 0), (-1, -1), 1, colors.black), ("FONT", (0, 0), (-1, -1), FONT, 11), ("TEXTCOLOR", (2, 1), (2, 1), colors.red)]
    made = Table(ROWS, colWidths=[40, 200, 90], style=TableStyle(style))
    made.wrapOn(canvas, 400, 400)
    made.drawOn(canvas, 90, 500)


def turned(draw: Callable[[Canvas], None], angle: int) -> Callable[[Canvas], None]:
    """The same drawing turned on the paper, about its middle."""

    def on(canvas: Canvas) -> None:
        canvas.translate(A4[0] / 2, A4[1] / 2)
        canvas.rotate(angle)
        canvas.translate(-255, -540)
        draw(canvas)

    return on


def lines(*texts: str, red: frozenset[int]) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        canvas.setFont(FONT, 9)
        for number, text in enumerate(texts):
            canvas.setFillColor(colors.red if number in red else colors.black)
            canvas.drawString(72, 700 - 18 * number, text)

    return draw


def red_of(data: bytes, page: int) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of the red pixels of a page as it is shown."""
    pixels = pdf.render_page(data, page, LIMITS).astype(int)
    rows, columns = numpy.nonzero((pixels[:, :, 0] > 150) & (pixels[:, :, 1] < 120) & (pixels[:, :, 2] < 120))
    assert len(rows)
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


def box_of(data: bytes, evidence: Evidence) -> Box | None:
    (box,) = pdf.boxes_of(data, [evidence], LIMITS)
    return box


def assert_around(box: Box | None, data: bytes, *, room: int) -> None:
    """The box holds all of the red and reaches at most `room` pixels beyond it (a cell is larger than its figure)."""
    assert box is not None
    left, top, right, bottom = red_of(data, box.page)
    assert box.left <= left and box.top <= top and box.left + box.width >= right and box.top + box.height >= bottom
    assert left - box.left < room and top - box.top < room and box.left + box.width - right < room and box.top + box.height - bottom < room


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_cell_is_outlined_on_a_page_that_is_shown_turned(rotation: int) -> None:
    data = drawn(table, rotation=rotation)
    assert_around(box_of(data, CELL), data, room=190)


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_cell_is_outlined_where_the_text_is_turned_on_the_paper(angle: int) -> None:
    data = drawn(turned(table, angle))
    assert_around(box_of(data, CELL), data, room=190)
    data = drawn(turned(table, angle), rotation=angle)
    assert_around(box_of(data, CELL), data, room=190)


def test_a_page_that_shows_a_part_of_its_paper_only_moves_the_box_with_it() -> None:
    data = drawn(table, crop=(60, 200, 480, 700))
    assert_around(box_of(data, CELL), data, room=190)


def test_a_sentence_is_outlined_over_the_lines_it_runs_over_and_no_more() -> None:
    texts = (
        "Thực hiện Công văn số 597/LĐLĐ-CTCS ngày 14/8/2020, Công đoàn ngành Y tế báo cáo như sau:",
        "1. Tổng số đoàn viên, người lao động của đơn vị tính đến hết ngày 20/8/2020 theo báo cáo của",
        "các công đoàn cơ sở trực thuộc: 4.215 người.",
        "2. Đã cài đặt Bluezone: 3.102 người.",
    )
    data = drawn(lines(*texts, red=frozenset({1, 2})))
    raw = " ".join(texts[1:3])
    assert_around(box_of(data, Evidence(document="bc.pdf", place="trang 1", raw=raw, method="sentence")), data, room=25)
    data = drawn(lines(*texts, red=frozenset({2})))
    raw = "các công đoàn cơ sở trực thuộc: 4.215 người."
    assert_around(box_of(data, Evidence(document="bc.pdf", place="trang 1", raw=raw, method="sentence")), data, room=25)


def test_the_part_of_a_table_on_the_second_page_is_outlined_there() -> None:
    data = drawn(lines("Báo cáo của Công đoàn ngành Y tế về kết quả cài đặt.", red=frozenset()), table)
    place = "trang 1, bảng 1, trang 2, bảng 1, dòng 2, cột 3"
    box = box_of(data, Evidence(document="bc.pdf", place=place, raw="4.215", method="table"))
    assert_around(box, data, room=190)
    assert box is not None and box.page == 2


@pytest.mark.parametrize(
    ("place", "raw"),
    [
        ("trang 1, bảng 1, dòng 2, cột 3", "4.999"),
        ("trang 1, bảng 1, dòng 9, cột 3", "4.215"),
        ("trang 1, bảng 2, dòng 2, cột 3", "4.215"),
        ("trang 7, bảng 1, dòng 2, cột 3", "4.215"),
        ("trang 1", "4.215"),
        ("trang tính Bao cao, C2", "4.215"),
        ("trang 0", ""),
    ],
)
def test_what_is_not_there_gets_no_box(place: str, raw: str) -> None:
    assert box_of(drawn(table), Evidence(document="bc.pdf", place=place, raw=raw, method="table")) is None


def test_a_sentence_that_stands_there_twice_gets_no_box() -> None:
    text = "Tổng số đoàn viên: 4.215 người."
    data = drawn(lines(text, "Trong đó nữ là 2.000 người.", text, red=frozenset()))
    assert box_of(data, Evidence(document="bc.pdf", place="trang 1", raw=text, method="sentence")) is None


def test_the_desk_is_given_the_boxes_beside_the_pages_and_the_text() -> None:
    shown = show_file(drawn(table), "bc.pdf", [(7, CELL)], LIMITS)
    assert [number for number, _ in shown.boxes] == [7]
    (page,) = shown.pages
    box = shown.boxes[0][1]
    assert 0 < box.left < box.left + box.width < page.width and 0 < box.top < box.top + box.height < page.height
    assert any(cell.marks == (7,) for block in shown.blocks for row in block.rows for cell in row)
