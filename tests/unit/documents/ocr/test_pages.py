"""Whole pages through real Tesseract: what is printed is read, what is doubtful says so, what is illegible is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.ocr import engine, pages, read_image
from mailbox_ingest.documents.ocr.digits import canonical
from mailbox_ingest.documents.ocr.pages import PageImage, read_pages
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Cell, Document, Paragraph, Table

LIMITS = LimitsConfig()
SURE = 0.85


def table_of(document: Document) -> Table:
    return next(block for block in document.sections[0].blocks if isinstance(block, Table))


def numbers(document: Document) -> list[Cell]:
    return [cell for cell in table_of(document).cells if cell.column == 2 and cell.row]


def read(page, **options) -> Document:
    return read_image(page.bytes(**options), "scan.png", LIMITS)


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(DocumentError) as caught:
        call()
    return caught.value.code


def test_a_scanned_table_gives_its_numbers_surely_and_in_place(report_page) -> None:
    page = report_page("4.215", "3480", "3.102")
    document = read(page)
    assert document.kind == "scan"
    assert [(cell.text, SURE <= cell.confidence < 1) for cell in numbers(document)] == [("4.215", True), ("3480", True), ("3.102", True)]
    for cell, (left, top, right, bottom) in zip(numbers(document), page.numbers, strict=True):
        assert cell.box is not None
        assert abs(cell.box.left - left) < 8 and abs(cell.box.top - top) < 8
        assert abs(cell.box.left + cell.box.width - right) < 8 and abs(cell.box.top + cell.box.height - bottom) < 8


def test_letterhead_date_and_title_come_before_the_table_and_apart(report_page) -> None:
    blocks = read(report_page("4.215", "3.480", "3.102")).sections[0].blocks
    before = [
        block.text for block in blocks[: blocks.index(next(b for b in blocks if isinstance(b, Table)))] if isinstance(block, Paragraph)
    ]
    assert "LĐLĐ HUYỆN VĨNH LINH" in before
    assert "Vĩnh Linh, ngày 21 tháng 8 năm 2020" in before


@pytest.mark.parametrize(("dpi", "claimed"), [(100, 100), (300, 300), (420, None), (600, 600)])
def test_boxes_are_in_pixels_of_the_file_whatever_the_draft_was_reduced_by(report_page, dpi: int, claimed: int | None) -> None:
    page = report_page("4.215", "3.480", "3.102")
    scale = dpi / 200
    page.image = page.image.resize((round(1654 * scale), round(2339 * scale)), Image.Resampling.LANCZOS)
    cells = numbers(read(page, kind="JPEG", quality=85, **({"dpi": (claimed, claimed)} if claimed else {})))
    assert [canonical(cell.text) for cell in cells] == ["4215", "3480", "3102"]
    for cell, expected in zip(cells, page.numbers, strict=True):
        assert cell.box is not None
        found = (cell.box.left, cell.box.top, cell.box.left + cell.box.width, cell.box.top + cell.box.height)
        assert np.abs(np.array(found) - np.array(expected) * scale).max() < 8 * max(1.0, scale)


def test_a_blank_cell_is_blank_and_no_number(report_page) -> None:
    cell = numbers(read(report_page("4.215", "3.480", "")))[2]
    assert (cell.text, cell.confidence >= SURE) == ("", True)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_page_is_read_and_boxes_point_into_the_page_as_it_came(report_page, quarters: int) -> None:
    page = report_page("4.215", "3.480", "3.102")
    turned = np.ascontiguousarray(np.rot90(page.pixels(), quarters))
    document = read_pages([PageImage(number=1, image=turned, dpi=200)], "scan", LIMITS)
    assert [cell.text for cell in numbers(document)] == ["4.215", "3.480", "3.102"]
    box = numbers(document)[0].box
    assert box is not None
    left, top, right, bottom = page.numbers[0]
    centre = {1: ((top + bottom) / 2, 1654 - (left + right) / 2), 2: (1654 - (left + right) / 2, 2339 - (top + bottom) / 2),
              3: (2339 - (top + bottom) / 2, (left + right) / 2)}[quarters]  # fmt: skip
    assert abs(box.left + box.width / 2 - centre[0]) < 10
    assert abs(box.top + box.height / 2 - centre[1]) < 10


def test_a_number_struck_out_goes_to_a_person(report_page) -> None:
    page = report_page("4.215", "3.480", "3.102")
    left, top, right, bottom = page.numbers[1]
    page.draw().line((left + 90, (top + bottom) // 2 + 2, right - 90, (top + bottom) // 2 - 2), fill="black", width=4)
    cells = numbers(read(page))
    assert [cell.confidence >= SURE for cell in cells] == [True, False, True]
    assert cells[1].confidence <= 0.5


def test_a_number_written_with_a_blue_pen_is_never_sure_and_never_blank(report_page) -> None:
    page = report_page("4.215", "", "3.102")
    left, top, _, bottom = page.numbers[1]
    draw = page.draw()
    for x in (60, 95, 130):  # 1 1 1, by hand
        draw.line((left + x, bottom - 12, left + x + 8, top + 12, left + x - 6, top + 24), fill=(30, 50, 190), width=5)
    cell = numbers(read(page))[1]
    assert cell.confidence <= 0.5


def test_a_red_stamp_over_a_number_leaves_it_right_or_doubtful(report_page) -> None:
    page = report_page("4.215", "3.480", "3.102")
    left, top, right, bottom = page.numbers[1]
    x, y = (left + right) // 2, (top + bottom) // 2
    stamp = Image.new("RGB", page.image.size, "white")
    for radius in (130, 95):
        ImageDraw.Draw(stamp).ellipse((x - radius, y - radius, x + radius, y + radius), outline=(205, 30, 45), width=5)
    page.image = Image.fromarray(np.minimum(page.pixels(), np.array(stamp)))
    for cell, printed in zip(numbers(read(page)), ("4.215", "3.480", "3.102"), strict=True):
        assert cell.text == printed or cell.confidence <= 0.5


def test_numbered_lines_without_a_table_come_out_as_paragraphs_with_their_numbers_checked(page_font) -> None:
    image = Image.new("RGB", (1654, 2339), "white")
    draw = ImageDraw.Draw(image)
    lines = ("1. Tổng số đoàn viên: 1.109 người.", "2. Có điện thoại thông minh: 873 người.", "3. Đã cài đặt Bluezone: 512 người.")
    for index, line in enumerate(lines):
        draw.text((220, 400 + 60 * index), line, font=page_font, fill="black")
    document = read_pages([PageImage(number=1, image=np.array(image), dpi=200)], "scan", LIMITS)
    read_lines = [block for block in document.sections[0].blocks if isinstance(block, Paragraph)]
    assert [block.text for block in read_lines] == list(lines)
    assert all(block.confidence >= SURE for block in read_lines)


def test_skew_noise_and_jpeg_do_not_change_a_number(report_page) -> None:
    page = report_page("14.215", "9.480", "7.102")
    skewed = page.image.rotate(2.2, fillcolor="white", resample=Image.Resampling.BICUBIC)
    grain = np.random.default_rng(5).normal(0, 8, (2339, 1654, 1))
    page.image = Image.fromarray(np.clip(np.array(skewed, dtype=float) - 12 + grain, 0, 255).astype(np.uint8))
    cells = numbers(read(page, kind="JPEG", quality=55))
    assert [canonical(cell.text) for cell in cells] == ["14215", "9480", "7102"]
    assert all(cell.confidence >= SURE for cell in cells)


def test_a_page_without_anything_legible_is_refused() -> None:
    blank = PageImage(number=1, image=np.full((800, 600, 3), 250, np.uint8), dpi=100)
    noise = PageImage(number=1, image=np.random.default_rng(3).integers(0, 255, (300, 300, 3)).astype(np.uint8))
    assert code_of(lambda: read_pages([blank], "scan", LIMITS)) == "unreadable"
    assert code_of(lambda: read_pages([noise], "scan", LIMITS)) == "unreadable"


def test_a_blank_back_page_is_noted_and_the_front_is_read(report_page) -> None:
    blank = PageImage(number=2, image=np.full((800, 600), 252, np.uint8))
    front = PageImage(number=1, image=report_page("4.215", "3.480", "3.102").pixels(), dpi=200)
    document = read_pages(iter([front, blank]), "scan", LIMITS)
    assert len(numbers(document)) == 3
    assert document.notes == ("page 2 is blank or not legible",)


def test_more_pages_than_the_limit_are_refused(report_page) -> None:
    several = [PageImage(number=n, image=np.full((50, 50), 255, np.uint8)) for n in (1, 2, 3)]
    assert code_of(lambda: read_pages(several, "scan", LimitsConfig(max_pages=2))) == "too_large"


def test_a_scan_that_exceeds_the_memory_of_a_reader_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(pages, "straighten", exhausted)
    page = PageImage(number=1, image=np.full((100, 100), 255, np.uint8))
    assert code_of(lambda: read_pages([page], "scan", LIMITS)) == "too_large"


def test_a_machine_without_tesseract_data_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    monkeypatch.setattr(engine, "_CANDIDATES", (str(tmp_path / "nowhere"),))
    with pytest.raises(DocumentError, match="tesseract-ocr-vie") as caught:
        read_pages([], "scan", LIMITS)
    assert caught.value.code == "unsupported"
