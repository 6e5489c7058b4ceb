"""The body of a mail as documents: its plain text, its HTML, and which of the two is read when they say the same."""

from __future__ import annotations

import re

from mailbox_ingest.documents import html as html_reader
from mailbox_ingest.documents import plain
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Document, Paragraph, Section, Table

BODY_PATH = "thân thư"
_FIGURE = re.compile(r"\d+(?:[.,\u00a0 ]\d{3})*")
_LINK = re.compile(r"(?:https?://|www\.|mailto:)\S+|<[^<>\s]+@[^<>\s]+>", re.IGNORECASE)


def read_body(text: str, html: str | None, *, path: str = BODY_PATH) -> tuple[Document, ...]:
    """What the sender wrote, as one document; as two where text and HTML give different figures (they are witnesses then).

    `text` is without quoted history and with flowed lines joined. Alternatives are the same thing twice: the HTML is taken when it holds
    a table with figures, else the text. Never raises: HTML that cannot be parsed leaves the text.
    """
    written = plain.document(text, path)
    if html is None or not html.strip():
        return (written,) if _has_blocks(written) else ()
    try:
        shown = html_reader.document(html, path)
    except DocumentError as problem:
        return (Document(path=path, kind="text", sections=written.sections, reader=written.reader, notes=(f"HTML: {problem.detail}",)),)
    if not _has_blocks(written):
        return (shown,) if _has_blocks(shown) else ()
    if not _has_blocks(shown):
        return (written,)
    in_text, in_html = _figures(written), _figures(shown)
    if in_text - in_html and in_html - in_text:
        return (written, Document(path=f"{path} (HTML)", kind="html", sections=shown.sections, reader=shown.reader))
    if in_html - in_text or _has_figure_table(shown):
        return (shown,)
    return (written,)


def _has_blocks(document: Document) -> bool:
    return any(section.blocks for section in document.sections)


def _has_figure_table(document: Document) -> bool:
    return any(
        isinstance(block, Table) and block.columns > 1 and any(any(map(str.isdigit, cell.text)) for cell in block.cells)
        for section in document.sections
        for block in section.blocks
    )


def _texts(section: Section) -> list[str]:
    texts: list[str] = []
    for block in section.blocks:
        if isinstance(block, Paragraph):
            texts.append(block.text)
        else:
            texts.extend(cell.text for cell in block.cells)
    return texts


def _figures(document: Document) -> frozenset[str]:
    """Every figure in the document, as digits only."""
    text = "\n".join(text for section in document.sections for text in _texts(section))
    return frozenset(re.sub(r"\D", "", found) for found in _FIGURE.findall(_LINK.sub(" ", text)))
