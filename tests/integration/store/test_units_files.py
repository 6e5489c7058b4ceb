"""The registry file: what people write is read as they mean it, and every mistake is named with its line and column."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.model import Unit
from mailbox_ingest.units_files import COLUMNS, read_units, write_units

HEADER = "code,name,group,emails,aliases\n"
UNITS = (
    Unit(
        code="ldld-cam-lo",
        name="LĐLĐ huyện Cam Lộ",
        group="huyện, thị xã, thành phố",
        emails=("a@b.example", "chung@b.example"),
        aliases=("Cam Lộ", "LĐLĐ H. Cam Lộ"),
    ),
    Unit(code="cdn-y-te", name="Công đoàn ngành Y tế", group="ngành", emails=("chung@b.example",)),
)
TEXT = (
    HEADER
    + 'ldld-cam-lo,LĐLĐ huyện Cam Lộ,"huyện, thị xã, thành phố",A@b.example; chung@b.example,Cam Lộ;LĐLĐ H. Cam Lộ\n'
    + "cdn-y-te,Công đoàn ngành Y tế,ngành,chung@b.example;,\n"
)


def _cp1258(text: str) -> bytes:
    """As an old editor saves Vietnamese: letters with their hats composed, tone marks combining."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    out: list[str] = []
    for sign in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", sign)
        tone = "".join(mark for mark in parts if mark in tones)
        out.append(unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in tones)) + tone)
    return "".join(out).encode("cp1258")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(TEXT.encode(), id="utf-8"),
        pytest.param(TEXT.encode("utf-8-sig"), id="utf-8-with-bom"),
        pytest.param(TEXT.encode("utf-16"), id="utf-16"),
        pytest.param(_cp1258(TEXT), id="windows-1258"),
        pytest.param(unicodedata.normalize("NFD", TEXT).encode(), id="decomposed"),
        pytest.param(TEXT.replace("\n", "\r\n").encode(), id="crlf"),
        pytest.param(TEXT.replace(HEADER, HEADER + "\n,,,,\n").encode(), id="blank-lines"),
        pytest.param(TEXT.replace("code,name", " Code , NAME ").encode(), id="header-in-capitals"),
    ],
)
def test_a_csv_file_is_read_in_every_encoding_people_save(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "units.csv"
    path.write_bytes(data)
    assert read_units(path) == UNITS


def test_a_csv_file_saved_by_a_vietnamese_excel_is_read(tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    path.write_text('code;name;group;emails\ncdn-y-te;Công đoàn ngành Y tế;ngành;"chung@b.example;x@b.example"\n', encoding="utf-8-sig")
    assert read_units(path)[0].emails == ("chung@b.example", "x@b.example")


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_what_is_written_is_read_back_and_formulas_stay_text(tmp_path: Path, suffix: str) -> None:
    hostile = Unit(code="x", name='=HYPERLINK("http://x")', group="+1", emails=("-a@b.example",), aliases=("@cmd", "O'Hà"))
    path = tmp_path / f"units.{suffix}"
    write_units(path, (*UNITS, hostile))
    assert read_units(path) == (*UNITS, hostile)
    if suffix == "xlsx":
        cell = load_workbook(path).worksheets[0]["B4"]
        assert (cell.data_type, cell.quotePrefix) == ("s", True)
    else:
        assert b"\n=" not in path.read_bytes()
        assert b",=" not in path.read_bytes()
        assert b',"=' not in path.read_bytes()


def test_a_workbook_may_hold_codes_as_numbers(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(COLUMNS)
    sheet.append([101, "Một đơn vị", "nhóm", None, None])
    book.save(tmp_path / "units.xlsx")
    assert read_units(tmp_path / "units.xlsx") == (Unit(code="101", name="Một đơn vị", group="nhóm"),)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("a,A,g,,\n\na,B,g,,\n", "line 4, column code: 'a' is already the code of line 2"),
        ("a,A,g,,\nA,B,g,,\n", "line 3, column code: 'A' is already the code of line 2"),
        (",A,g,,\n", "line 2, column code: the cell is empty"),
        ("a b,A,g,,\n", "line 2, column code: 'a b': a code of letters without accents"),
        ("a,,g,,\n", "line 2, column name: the cell is empty; the unit's full name expected"),
        ("a,A,g,ok@b.vn;not an address,\n", "line 2, column emails: 'not an address': an address such as"),
        ("a,A,g,x@y,\n", "line 2, column emails: 'x@y'"),
        ("a,A,g,x@b.vn,y,z\n", "line 2: 6 cells, 5 expected"),
        ('a,"A,g\n', "not a CSV line"),
    ],
)
def test_a_mistake_is_named_with_file_line_column_value_and_what_was_expected(tmp_path: Path, lines: str, expected: str) -> None:
    path = tmp_path / "units.csv"
    path.write_text(HEADER + lines, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_units(path)
    assert str(path) in str(caught.value)
    assert expected in str(caught.value)


def test_all_mistakes_are_told_at_once_up_to_a_page(tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    path.write_text(HEADER + ",,g,x,\n" * 30, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_units(path)
    told = str(caught.value).splitlines()
    assert (len(told), told[-1]) == (21, "… and 70 more")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "the file is empty"),
        (b"code,name\n", "column 'group' is missing"),
        (b"code,name,group,e-mail\n", "column 'e-mail' is unknown"),
        (b"code,name,group,name\n", "occurs twice"),
    ],
)
def test_a_header_that_is_not_ours_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "units.csv"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=expected):
        read_units(path)


def test_files_that_are_missing_or_no_workbook_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_units(tmp_path / "nothing.csv")
    (tmp_path / "units.xlsx").write_bytes(b"PK no workbook")
    with pytest.raises(ConfigurationError, match="not an Excel workbook"):
        read_units(tmp_path / "units.xlsx")
    with pytest.raises(ConfigurationError, match=r"\.csv or \.xlsx"):
        write_units(tmp_path / "units.ods", UNITS)
