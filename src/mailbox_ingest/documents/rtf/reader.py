"""RTF as a Document: text, tables, fields' results, text boxes; tracked changes accepted, hidden and struck-through text left out.

A reader of its own, because what converters leave of deleted revisions ('3.4803.481') is a wrong number. Pictures and objects are skipped.
Source: Rich Text Format 1.9.1.
"""

from __future__ import annotations

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.rtf.flow import RtfError, read_flow
from mailbox_ingest.documents.styled_text import LegacyFonts, repaired
from mailbox_ingest.documents.word.flow import blocks_of, with_boxes
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Document, Section

_MAX_BYTES = 30_000_000


def read(data: bytes, path: str, limits: LimitsConfig) -> Document:
    """Raises DocumentError 'unreadable' (also for a file that is cut off) or 'too_large'."""
    if len(data) > min(_MAX_BYTES, limits.max_attachment_bytes):
        raise DocumentError("too_large", f"rtf: {len(data)} bytes")
    try:
        flow = read_flow(data)
    except RtfError as problem:
        raise DocumentError("unreadable", f"rtf: {problem}") from problem
    fonts = LegacyFonts(run for story in (flow.main, flow.boxes, flow.marginal) for paragraph in story for run in paragraph.runs)
    blocks = tuple(blocks_of(with_boxes(flow.main, flow.boxes, flow.anchor), fonts))
    marginal = tuple(blocks_of(flow.marginal, fonts))
    return repaired(Document(path=path, kind="rtf", sections=(Section(blocks=blocks),), marginal=marginal, reader="rtf 1"))
