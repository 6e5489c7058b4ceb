"""Which reader reads which kind of file. Holds names only: a reader's module (and its libraries) is imported when first needed.

A reader is a function `read(data, path, limits) -> Document`; the only exception it raises on bad input is errors.DocumentError.
Containers are no readers: `container.py` takes them apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import cast

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.sniff import Kind
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Document

Read = Callable[[bytes, str, LimitsConfig], Document]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One format's reader. `read` takes the file's bytes, its path for people, and the limits."""

    kind: Kind
    read: Read


_HOMES: dict[Kind, tuple[str, str]] = {
    Kind.DOCX: ("word.docx", "read"),
    Kind.DOC: ("word.word97", "read"),
    Kind.RTF: ("rtf.reader", "read"),
    Kind.ODT: ("word.odt", "read"),
    Kind.HTML: ("html", "read"),
    Kind.MHT: ("mht", "read"),
    Kind.OFFICE_XML: ("office_xml", "read"),
    Kind.XLSX: ("sheets.books", "read_xlsx"),
    Kind.XLSB: ("sheets.books", "read_xlsb"),
    Kind.XLS: ("sheets.books", "read_xls"),
    Kind.ODS: ("sheets.books", "read_ods"),
    Kind.CSV: ("sheets.csv_text", "read"),
    Kind.TEXT: ("plain", "read"),
    Kind.PDF: ("pdf.reader", "read"),
    Kind.IMAGE: ("ocr", "read_image"),
}

READABLE = frozenset(_HOMES)


@cache
def reader_for(kind: Kind) -> Reader:
    """The reader of a kind.

    Raises DocumentError 'unsupported' for a kind nobody reads, or when this installation lacks what the reader needs.
    """
    if kind not in _HOMES:
        raise DocumentError("unsupported", f"no reader for {kind}")
    module_name, function = _HOMES[kind]
    try:
        module = import_module(f"mailbox_ingest.documents.{module_name}")
        read = getattr(module, function)
    except (ImportError, AttributeError) as problem:
        raise DocumentError("unsupported", f"the reader for {kind} is not installed: {problem}") from problem
    return Reader(kind=kind, read=cast(Read, read))
