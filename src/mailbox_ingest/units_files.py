"""The registry of units as a file that people edit: reads and writes units.csv and .xlsx. Refuses what it cannot take literally.

Columns `code,name,group,emails,aliases`; several addresses or aliases in one cell are separated by ';'. One address may serve two units.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.model import Unit

COLUMNS = ("code", "name", "group", "emails", "aliases")
_REQUIRED = ("code", "name", "group")  # columns; of the cells only group may be empty
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EMAIL = re.compile(r"[^\s@;,<>\"()]+@[^\s@;,<>\"()]+\.[^\s@;,<>\"().]+")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_SHOWN_PROBLEMS = 20
_WIDTHS = {"code": 26, "name": 48, "group": 28, "emails": 52, "aliases": 40}

_Row = tuple[int, Sequence[str]]  # line number for people, cells


def read_units(path: Path) -> tuple[Unit, ...]:
    """The units of a .csv (UTF-8 with or without BOM, UTF-16, windows-1258) or .xlsx file, in its order.

    Raises ConfigurationError naming file, line, column, value and what was expected; all problems at once, up to a page of them.
    """
    try:
        rows = _read_xlsx(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _read_csv(path)
    except OSError as error:
        raise ConfigurationError(f"{path}: the file of units cannot be read ({error.strerror or error})") from error
    return _units(path, rows)


def write_units(path: Path, units: Iterable[Unit]) -> None:
    """Writes a file that `read_units` reads back unchanged. Text that a spreadsheet would run as a formula stays text.

    Raises ConfigurationError for a suffix other than .csv and .xlsx, or a path that cannot be written.
    """
    rows = [(unit.code, unit.name, unit.group, ";".join(unit.emails), ";".join(unit.aliases)) for unit in units]
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise ConfigurationError(f"{path}: a file name ending in .csv or .xlsx expected")
    try:
        if path.suffix.lower() == ".xlsx":
            _write_xlsx(path, rows)
        else:
            path.write_text(units_csv_text(rows), encoding="utf-8-sig", newline="")  # the BOM makes Excel read it as UTF-8
    except OSError as error:
        raise ConfigurationError(f"{path}: the file cannot be written ({error.strerror or error})") from error


def units_csv_text(rows: Iterable[Sequence[str]]) -> str:
    """CSV text with its header; cells that begin like a formula get an apostrophe, which `read_units` takes away again."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in row] for row in rows)
    return text.getvalue()


def checked_unit(code: str, name: str, *, group: str = "", emails: Sequence[str] = (), aliases: Sequence[str] = ()) -> Unit:
    """A unit from what a person typed, held to the same rules as a line of the file. Raises ConfigurationError with every problem."""
    record = {"code": _clean(code), "name": _clean(name), "group": _clean(group), "emails": ";".join(emails)}
    record["aliases"] = ";".join(_clean(alias) for alias in aliases)
    problems = [f"{column}: {what}" for column, what in _problems(record, {})]
    if problems:
        raise ConfigurationError("; ".join(problems))
    return _unit(record)


def _units(path: Path, rows: Sequence[_Row]) -> tuple[Unit, ...]:
    if not rows:
        raise ConfigurationError(f"{path}: the file is empty; a first line {','.join(COLUMNS)} expected")
    header = _header(path, *rows[0])
    problems: list[str] = []
    units: list[Unit] = []
    lines: dict[str, int] = {}
    for line, cells in rows[1:]:
        if not any(cells):
            continue
        if any(cells[len(header) :]):
            problems.append(f"{path}, line {line}: {len(cells)} cells, {len(header)} expected (quote cells that contain a comma)")
            continue
        record = dict(zip(header, [*cells, *[""] * len(header)], strict=False))
        found = list(_problems(record, lines))
        problems += [f"{path}, line {line}, column {column}: {what}" for column, what in found]
        if record["code"]:
            lines.setdefault(record["code"].casefold(), line)
        if not found:
            units.append(_unit(record))
    if problems:
        more = [f"… and {len(problems) - _SHOWN_PROBLEMS} more"] if len(problems) > _SHOWN_PROBLEMS else []
        raise ConfigurationError("\n".join(problems[:_SHOWN_PROBLEMS] + more))
    return tuple(units)


def _header(path: Path, line: int, cells: Sequence[str]) -> list[str]:
    names = [cell.casefold() for cell in cells]
    while names and not names[-1]:
        names.pop()
    for name in names:
        if name not in COLUMNS or names.count(name) > 1:
            raise ConfigurationError(f"{path}, line {line}: column {name!r} is unknown or occurs twice; expected {','.join(COLUMNS)}")
    for name in _REQUIRED:
        if name not in names:
            raise ConfigurationError(f"{path}, line {line}: column {name!r} is missing; expected {','.join(COLUMNS)}")
    return names


def _problems(record: dict[str, str], lines: dict[str, int]) -> Iterator[tuple[str, str]]:
    """Column and what is wrong with its cell."""
    code = record["code"]
    if not code:
        yield "code", "the cell is empty; a code such as ldld-cam-lo expected"
    elif not _CODE.fullmatch(code):
        yield "code", f"{code!r}: a code of letters without accents, digits, '.', '_' and '-' expected, such as ldld-cam-lo"
    elif code.casefold() in lines:
        yield "code", f"{code!r} is already the code of line {lines[code.casefold()]}; every unit needs its own"
    if not record["name"]:
        yield "name", "the cell is empty; the unit's full name expected"
    for email in _split(record.get("emails", "")):
        if not _EMAIL.fullmatch(email):
            yield "emails", f"{email!r}: an address such as congdoan@example.vn expected (several are separated by ';')"


def _unit(record: dict[str, str]) -> Unit:
    return Unit(
        code=record["code"],
        name=record["name"],
        group=record["group"],
        emails=tuple(dict.fromkeys(email.lower() for email in _split(record.get("emails", "")))),
        aliases=tuple(dict.fromkeys(_split(record.get("aliases", "")))),
    )


def _split(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _clean(value: object) -> str:
    """A cell as text: composed Unicode (windows-1258 comes decomposed), one space between words, no apostrophe before a formula sign."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a code of digits only: the spreadsheet made a number of it
    composed = " ".join(unicodedata.normalize("NFC", str(value)).split())
    text = "".join(sign for sign in composed if unicodedata.category(sign) != "Cc")
    return text[1:] if text[:1] == "'" and text[1:2] in _FORMULA_STARTS else text


def _read_csv(path: Path) -> list[_Row]:
    text = _decode(path.read_bytes())
    first = text.split("\n", 1)[0]
    # Excel writes the list separator of the machine's region: ';' in Vietnam.
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [(reader.line_num, [_clean(cell) for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise ConfigurationError(f"{path}, line {reader.line_num}: not a CSV line ({error})") from error


def _decode(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1258", "replace")


def _read_xlsx(path: Path) -> list[_Row]:
    from openpyxl import load_workbook  # noqa: PLC0415 - a quarter of a second that other commands need not pay
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        workbook = load_workbook(path, read_only=True, data_only=True)
        sheet = workbook.worksheets[0]
        lines = enumerate(sheet.iter_rows(values_only=True), start=1)
        rows: list[_Row] = [(line, [_clean(value) for value in cells]) for line, cells in lines]
        workbook.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, IndexError, ValueError) as error:
        raise ConfigurationError(f"{path}: not an Excel workbook (.xlsx) that can be read ({error})") from error
    return rows


def _write_xlsx(path: Path, rows: Sequence[Sequence[str]]) -> None:
    from openpyxl import Workbook  # noqa: PLC0415 - as above

    workbook = Workbook()
    sheet = workbook.active or workbook.create_sheet()
    sheet.title = "units"
    sheet.append(COLUMNS)
    for number, row in enumerate(rows, start=2):
        for column, text in enumerate(row, start=1):
            cell = sheet.cell(row=number, column=column, value=text)
            cell.data_type = "s"  # never a formula, whatever it begins with
            cell.quotePrefix = text.startswith(_FORMULA_STARTS)
    for letter, column_name in zip("ABCDE", COLUMNS, strict=True):
        sheet.column_dimensions[letter].width = _WIDTHS[column_name]
    sheet.freeze_panes = "A2"
    workbook.save(path)
