"""What nobody can do without: the raw download, and a bare loop that decodes MIME and opens each document.

Readers are those of our own stack, with nothing around them: zip and lxml for .docx, calamine for .xlsx, PDFium for PDF.
"""

from __future__ import annotations

import email
import email.policy
import io
import zipfile
from collections.abc import Iterable

import pypdfium2
from imapclient import IMAPClient, SocketTimeout  # type: ignore[import-untyped]  # ships no types
from lxml import etree
from python_calamine import CalamineWorkbook

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"


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


def open_all(raws: Iterable[bytes]) -> int:
    """Decodes every leaf and reads its text; gives the characters found, so that no work can be left out."""
    characters = 0
    for raw in raws:
        for part in email.message_from_bytes(raw, policy=email.policy.default).walk():
            if part.is_multipart():
                continue
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            name = part.get_filename() or ""
            characters += _characters(name, data)
    return characters


def _characters(name: str, data: bytes) -> int:
    if name.endswith(".docx"):
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return sum(len(node.text or "") for node in etree.fromstring(package.read("word/document.xml")).iter(_W))
    if name.endswith(".xlsx"):
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return sum(len(str(cell)) for sheet in book.sheet_names for row in book.get_sheet_by_name(sheet).to_python() for cell in row)
    if name.endswith(".pdf"):
        document = pypdfium2.PdfDocument(data)
        try:
            return sum(len(page.get_textpage().get_text_range()) for page in document)
        finally:
            document.close()
    return len(data.decode("utf-8"))
