"""What nobody can do without: the raw download, and bare loops that decode MIME and open each document, in one process.

No judgement, no store. Each loop gets the mails as bytes in memory, its libraries already imported, and takes the text out of every
part: that is what opening a document means to whoever must read it. `LEAN` are the readers of our own stack with nothing around them:
zip and lxml for the text nodes of a .docx body, calamine for the cells of an .xlsx, PDFium for the text of a PDF. `WELL_KNOWN` is what
most scripts use: python-docx (every paragraph, every table cell), openpyxl (every cell's value), pdfplumber (the text of each page).
"""

from __future__ import annotations

import email
import email.policy
import io
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import docx
import openpyxl
import pdfplumber
import pypdfium2
from imapclient import IMAPClient, SocketTimeout  # type: ignore[import-untyped]  # ships no types
from lxml import etree
from python_calamine import CalamineWorkbook

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"

Reader = Callable[[bytes], int]  # characters found, so that no work can be left out


@dataclass(frozen=True, slots=True)
class Kind:
    """How often a kind of part was opened, and what decoding and opening it cost."""

    parts: int
    cpu_seconds: float


def download(host: str, port: int, user: str, password: str, *, batch: int = 200) -> list[bytes]:
    """Every message of INBOX, body once, in batches; nothing is kept but the bytes."""
    with IMAPClient(host, port=port, ssl=False, timeout=SocketTimeout(connect=10, read=60)) as client:
        client.login(user, password)
        client.select_folder("INBOX", readonly=True)
        uids = client.search("ALL")
        return [
            answer[b"BODY[]"]
            for start in range(0, len(uids), batch)
            for answer in client.fetch(uids[start : start + batch], ["BODY.PEEK[]"]).values()
        ]


def open_all(raws: Iterable[bytes], readers: Mapping[str, Reader]) -> dict[str, Kind]:
    """Decodes every leaf and reads its text. Raises AssertionError for a document in which there is none."""
    parts: dict[str, int] = {}
    cost: dict[str, float] = {}
    for raw in raws:
        for part in email.message_from_bytes(raw, policy=email.policy.default).walk():
            if part.is_multipart():
                continue
            start = time.process_time()
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            kind = (part.get_filename() or "text").rpartition(".")[2]
            assert readers[kind](data) > 0
            parts[kind] = parts.get(kind, 0) + 1
            cost[kind] = cost.get(kind, 0.0) + time.process_time() - start
    return {kind: Kind(parts[kind], cost[kind]) for kind in parts}


def _text(data: bytes) -> int:
    return len(data.decode("utf-8"))


def _lxml(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return sum(len(node.text or "") for node in etree.fromstring(package.read("word/document.xml")).iter(_W))


def _calamine(data: bytes) -> int:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return sum(len(str(cell)) for sheet in book.sheet_names for row in book.get_sheet_by_name(sheet).to_python() for cell in row)


def _pdfium(data: bytes) -> int:
    document = pypdfium2.PdfDocument(data)
    try:
        return sum(len(page.get_textpage().get_text_range()) for page in document)
    finally:
        document.close()


def _python_docx(data: bytes) -> int:
    document = docx.Document(io.BytesIO(data))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return sum(len(paragraph.text) for paragraph in document.paragraphs) + sum(map(len, cells))


def _openpyxl(data: bytes) -> int:
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    return sum(
        len(str(value)) for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for value in row if value is not None
    )


def _pdfplumber(data: bytes) -> int:
    with pdfplumber.open(io.BytesIO(data)) as document:
        return sum(len(page.extract_text()) for page in document.pages)


LEAN: Mapping[str, Reader] = {"docx": _lxml, "xlsx": _calamine, "pdf": _pdfium, "text": _text}
WELL_KNOWN: Mapping[str, Reader] = {"docx": _python_docx, "xlsx": _openpyxl, "pdf": _pdfplumber, "text": _text}
