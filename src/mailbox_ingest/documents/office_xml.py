"""Office files written as one XML text: Word and Excel 2003 XML, flat OPC, flat OpenDocument. LibreOffice makes ordinary files of them.

Export from reporting programs comes like this, usually named .xls or .doc. Rare enough not to deserve readers of their own.
"""

from __future__ import annotations

from dataclasses import replace

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents import office
from mailbox_ingest.documents.guard import check_xml
from mailbox_ingest.documents.sheets import books as sheets
from mailbox_ingest.documents.word import docx
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Document

_MAX_BYTES = 20_000_000
_SHEETS = (b'progid="Excel.Sheet"', b"urn:schemas-microsoft-com:office:spreadsheet", b"application/vnd.oasis.opendocument.spreadsheet")


def read(data: bytes, path: str, limits: LimitsConfig) -> Document:
    """Raises DocumentError: 'unreadable', 'too_large', or 'unsupported' where LibreOffice is not installed."""
    if len(data) > _MAX_BYTES:
        raise DocumentError("too_large", f"office XML of {len(data)} bytes")
    check_xml(data.lstrip())
    head = data[:8192]
    flat = b"urn:oasis:names:tc:opendocument" in head
    if any(mark in head for mark in _SHEETS):
        workbook = office.convert(data, source="fods" if flat else "xml", target="xlsx", limits=limits)
        return replace(sheets.read_xlsx(workbook, path, limits), kind="xml")
    letter = office.convert(data, source="fodt" if flat else "xml", target="docx", limits=limits)
    return replace(docx.read(letter, path, limits), kind="xml")
