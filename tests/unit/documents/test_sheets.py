"""Sheets become tables: what people see in them, with the numbers that stand behind it."""

import contextlib
import io
import time
import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents import office
from mailbox_ingest.documents.sheets import books as sheets
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Cell, Document, Table

LIMITS = LimitsConfig()


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(data: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The package with `old` replaced in one part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        for entry in before.namelist():
            part = before.read(entry)
            if entry == name:
                assert old in part
                part = part.replace(old, new)
            after.writestr(entry, part)
    return out.getvalue()


def table(document: Document, section: int = 0) -> Table:
    (found,) = (block for block in document.sections[section].blocks if isinstance(block, Table))
    return found


def cell(document: Document, place: str, section: int = 0) -> Cell:
    (found,) = (c for c in table(document, section).cells if c.place == place)
    return found


@pytest.fixture
def book() -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Bao cao"
    sheet["C4"], sheet["D4"], sheet["E4"] = "TT", "Nội dung", "Số lượng"
    sheet["C5"], sheet["D5"], sheet["E5"] = 1, "Tổng số đoàn viên", 4215
    sheet["C6"], sheet["D6"], sheet["E6"] = 2, "Có điện thoại thông minh", 3480
    return book


def test_numbers_keep_their_place_and_their_native_value(book: openpyxl.Workbook) -> None:
    document = sheets.read_xlsx(saved(book), "bc.xlsx", LIMITS)
    assert document.kind == "xlsx"
    assert (table(document).rows, table(document).columns, table(document).place) == (3, 3, "trang tính Bao cao")
    found = cell(document, "E5")
    assert (found.row, found.column, found.text, found.number) == (1, 2, "4215", Decimal(4215))


def test_a_number_typed_with_a_dot_in_an_english_excel_stays_recognisable(book: openpyxl.Workbook) -> None:
    book["Bao cao"]["E5"] = 1.102
    assert cell(sheets.read_xlsx(saved(book), "bc.xlsx", LIMITS), "E5").number == Decimal("1.102")


def test_percentages_and_dates_are_shown_as_people_see_them(book: openpyxl.Workbook) -> None:
    sheet = book["Bao cao"]
    sheet["F5"], sheet["F6"] = 0.582, date(2020, 8, 20)
    sheet["F5"].number_format, sheet["F6"].number_format = "0.0%", "dd/mm/yyyy"
    document = sheets.read_xlsx(saved(book), "bc.xlsx", LIMITS)
    assert (cell(document, "F5").text, cell(document, "F5").number) == ("58,2%", Decimal("0.582"))
    assert (cell(document, "F6").text, cell(document, "F6").number) == ("20/08/2020", None)


def test_merged_cells_appear_once_with_their_spans(book: openpyxl.Workbook) -> None:
    sheet = book["Bao cao"]
    sheet["C2"] = "BÁO CÁO"
    sheet.merge_cells("C2:E2")
    sheet["C7"] = "gộp"
    sheet.merge_cells("C7:C8")
    document = sheets.read_xlsx(saved(book), "bc.xlsx", LIMITS)
    assert (cell(document, "C2").column_span, cell(document, "C2").row_span) == (3, 1)
    assert (cell(document, "C7").column_span, cell(document, "C7").row_span) == (1, 2)
    places = [(c.row + r, c.column + k) for c in table(document).cells for r in range(c.row_span) for k in range(c.column_span)]
    assert len(places) == len(set(places))


def test_hidden_rows_and_columns_are_left_out_and_hidden_sheets_are_marked(book: openpyxl.Workbook) -> None:
    sheet = book["Bao cao"]
    sheet.row_dimensions[6].hidden = True
    sheet.column_dimensions["F"].hidden = True
    sheet["F5"] = 999
    book.create_sheet("Tuan 34")["A1"] = 1
    book["Tuan 34"].sheet_state = "veryHidden"
    document = sheets.read_xlsx(saved(book), "bc.xlsx", LIMITS)
    texts = {c.text for c in table(document).cells}
    assert "3480" not in texts and "999" not in texts and "4215" in texts
    assert [(s.title, s.hidden) for s in document.sections] == [("Bao cao", False), ("Tuan 34", True)]


def test_a_sum_nobody_calculated_is_calculated_and_noted_and_other_formulas_are_unknown(book: openpyxl.Workbook) -> None:
    sheet = book["Bao cao"]
    sheet["E7"], sheet["E8"] = "=SUM(E5:E6)", "=VLOOKUP(C5,C5:E6,3)"
    document = sheets.read_xlsx(saved(book), "bc.xlsx", LIMITS)
    assert (cell(document, "E7").number, cell(document, "E7").text) == (Decimal(7695), "7695")
    assert any("E7" in note for note in document.notes)
    assert cell(document, "E8").unknown and cell(document, "E8").number is None


def test_a_cached_value_is_read_and_an_error_cell_is_unknown(book: openpyxl.Workbook) -> None:
    sheet = book["Bao cao"]
    sheet["E7"], sheet["E8"] = "=E5+E6", "=E5/0"
    data = with_part(saved(book), "xl/worksheets/sheet1.xml", b"<f>E5+E6</f><v></v>", b"<f>E5+E6</f><v>7695</v>")
    data = with_part(data, "xl/worksheets/sheet1.xml", b'r="E8"><f>E5/0</f><v></v>', b'r="E8" t="e"><f>E5/0</f><v>#DIV/0!</v>')
    document = sheets.read_xlsx(data, "bc.xlsx", LIMITS)
    assert cell(document, "E7").number == Decimal(7695)
    assert cell(document, "E8").unknown


def test_a_cell_far_away_does_not_blow_the_table_up(book: openpyxl.Workbook) -> None:
    book["Bao cao"]["XFD1048576"] = 7
    document = sheets.read_xlsx(saved(book), "bc.xlsx", LIMITS)
    assert (table(document).rows, table(document).columns) == (5, 5)
    assert cell(document, "XFD1048576").number == 7


def test_comments_and_headers_are_marginal(book: openpyxl.Workbook) -> None:
    sheet = book["Bao cao"]
    sheet["E5"].comment = Comment("tuần trước 4.100", "kế toán")
    sheet.oddHeader.center.text = "Mẫu 9.999"
    document = sheets.read_xlsx(saved(book), "bc.xlsx", LIMITS)
    assert {"tuần trước 4.100", "Mẫu 9.999"} <= {block.text for block in document.marginal if hasattr(block, "text")}


def test_old_fonts_become_unicode_and_struck_text_is_left_out(book: openpyxl.Workbook) -> None:
    sheet = book["Bao cao"]
    sheet["D7"] = "C«ng ®oµn ngµnh Y tÕ"
    sheet["D7"].font = Font(name=".VnTime")
    sheet["D8"] = CellRichText(TextBlock(InlineFont(strike=True), "4.215"), TextBlock(InlineFont(), " 4.216"))
    document = sheets.read_xlsx(saved(book), "bc.xlsx", LIMITS)
    assert cell(document, "D7").text == "Công đoàn ngành Y tế"
    assert cell(document, "D8").text.strip() == "4.216"


def test_a_struck_number_is_left_to_a_person(book: openpyxl.Workbook) -> None:
    book["Bao cao"]["E5"].font = Font(strike=True)
    assert cell(sheets.read_xlsx(saved(book), "bc.xlsx", LIMITS), "E5").confidence < 0.85


@pytest.mark.parametrize("target", ["xls", "ods", "xlsb"])
def test_the_other_formats_give_what_xlsx_gives(book: openpyxl.Workbook, target: str) -> None:
    sheet = book["Bao cao"]
    sheet["C2"] = "BÁO CÁO"
    sheet.merge_cells("C2:E2")
    sheet["E7"], sheet["F5"] = "=SUM(E5:E6)", 0.582
    sheet["F5"].number_format = "0.0%"
    sheet.row_dimensions[6].hidden = True
    book.create_sheet("Tuan 34")["A1"] = 1
    book["Tuan 34"].sheet_state = "hidden"
    source = saved(book)
    # LibreOffice writes no .xlsb: there the door is tried with what it opens as well.
    data = source if target == "xlsb" else office.convert(source, source="xlsx", target=target, limits=LIMITS)
    read = {"xls": sheets.read_xls, "ods": sheets.read_ods, "xlsb": sheets.read_xlsb}[target]
    document = read(data, f"bc.{target}", LIMITS)
    assert document.kind == target
    assert cell(document, "E5").number == 4215
    assert cell(document, "E7").number == 7695
    assert cell(document, "F5").text == "58,2%" or target == "ods"
    assert cell(document, "C2").column_span == 3
    assert "3480" not in {c.text for c in table(document).cells}
    assert [s.hidden for s in document.sections] == [False, True]


def test_an_ods_formula_without_a_value_is_calculated_or_unknown(book: openpyxl.Workbook) -> None:
    sheet = book["Bao cao"]
    sheet["E7"] = "=SUM(E5:E6)"
    data = office.convert(saved(book), source="xlsx", target="ods", limits=LIMITS)
    content = zipfile.ZipFile(io.BytesIO(data)).read("content.xml")
    start = content.index(b'table:formula="of:=SUM')
    bare = content[start : content.index(b"</table:table-cell>", start)]
    unknown = with_part(data, "content.xml", bare, b'table:formula="of:=MEDIAN([.E5:.E6])">')
    calculated = with_part(data, "content.xml", bare, b'table:formula="of:=SUM([.E5:.E6])">')
    assert cell(sheets.read_ods(unknown, "bc.ods", LIMITS), "E7").unknown
    assert cell(sheets.read_ods(calculated, "bc.ods", LIMITS), "E7").number == 7695


@pytest.mark.parametrize("read", [sheets.read_xlsx, sheets.read_xls, sheets.read_ods])
def test_broken_files_are_refused_and_nothing_else_happens(book: openpyxl.Workbook, read: object) -> None:
    data = saved(book)
    for broken in (b"", b"PK\x03\x04", data[: len(data) // 2], data[:-30], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)):
        with pytest.raises(DocumentError):
            read(broken, "bc", LIMITS)  # type: ignore[operator]


def test_sectors_that_run_in_a_circle_do_not_hang_the_reader() -> None:
    small = openpyxl.Workbook()
    small.worksheets[0]["A1"] = 4215
    data = bytearray(office.convert(saved(small), source="xlsx", target="xls", limits=LIMITS))
    table = 512 * (1 + int.from_bytes(data[60:64], "little"))  # MS-CFB 2.2: the allocation table of small streams
    links = [at for at in range(table, table + 512, 4) if int.from_bytes(data[at : at + 4], "little") == (at - table) // 4 + 1]
    assert links, "LibreOffice keeps a small workbook in small sectors"
    for at in links:
        data[at : at + 4] = ((at - table) // 4).to_bytes(4, "little")  # the next sector is this one again
    started = time.process_time()
    with contextlib.suppress(DocumentError):
        sheets.read_xls(bytes(data), "bc.xls", LIMITS)
    assert time.process_time() - started < 5
