"""The body of an Outlook message that exists as compressed RTF only, as a document without quoted history."""

from __future__ import annotations

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents import mail_quotes, plain
from mailbox_ingest.documents.rtf import reader as rtf
from mailbox_ingest.documents.rtf.compressed import decompress
from mailbox_ingest.model import Document, Paragraph


def read(packed: bytes, path: str, limits: LimitsConfig) -> tuple[Document, ...]:
    """One document, its tables kept; where history was cut off, what stands above it as plain text; none for an empty body.

    Raises DocumentError.
    """
    document = rtf.read(decompress(packed), path, limits)
    text = _as_text(document)
    own = mail_quotes.own_text(text)
    if own != text:
        document = plain.document(own, path)
    return (document,) if own.strip() else ()


def _as_text(document: Document) -> str:
    lines: list[str] = []
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Paragraph):
                lines.append(block.text)
                continue
            rows = (tuple(cell for cell in block.cells if cell.row == row) for row in range(block.rows))
            lines += ["\t".join(" ".join(cell.text.split()) for cell in cells) for cells in rows]
    return "\n".join(lines)
