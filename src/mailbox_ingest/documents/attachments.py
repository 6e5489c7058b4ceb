"""One attachment to its documents: sniffed, bounded, unpacked, read. Holds the order of these steps; knows no format itself."""

from __future__ import annotations

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.registry import reader_for
from mailbox_ingest.documents.sniff import Kind, sniff
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Attachment, Document, DocumentFailure

Outcome = tuple[tuple[Document, ...], tuple[DocumentFailure, ...]]


def read_attachment(att: Attachment, *, limits: LimitsConfig) -> Outcome:
    """Every document in one attachment, and a failure for every file in it that could not be read. Never raises on bad input."""
    try:
        kind = sniff(att.data, att.name)
        if kind is Kind.EMPTY:
            raise DocumentError("unreadable", "the file is empty")
        if kind is Kind.IGNORABLE:
            return (), ()
        return (reader_for(kind).read(att.data, att.path, limits),), ()
    except DocumentError as problem:
        return (), (DocumentFailure(path=att.path, code=problem.code, detail=problem.detail),)
