"""Word 97-2003 (.doc) as a Document: paragraphs, tables, fields' results, tracked changes accepted. Older Word goes to LibreOffice.

Deleted revisions, struck-through and hidden text are left out, text boxes follow the first
paragraph that holds one; headers, footers,
notes and comments are marginal.
"""

from __future__ import annotations

from dataclasses import replace

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents import office
from mailbox_ingest.documents.styled_text import LegacyFonts, Run, repaired
from mailbox_ingest.documents.word.flow import FlowParagraph, blocks_of, with_boxes
from mailbox_ingest.documents.word.ole import OldWordError, WordParagraph, read_stories
from mailbox_ingest.documents.word.rows import RowCell
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Document, Section
from mailbox_ingest.vietnamese.legacy import font_encoding

_BEGIN, _SEPARATOR, _END = "\x13", "\x14", "\x15"
_MARGINAL = ("headers", "header boxes", "footnotes", "endnotes", "comments")
_SOFT_HYPHEN, _FIXED_HYPHEN, _DRAWN = "\x1f", "\x1e", "\x08"
_DROPPED = dict.fromkeys([*range(9), *range(14, 32)], None)


def read(data: bytes, path: str, limits: LimitsConfig) -> Document:
    """Raises DocumentError 'encrypted', 'unreadable', 'too_large', or 'unsupported' (old Word, and no LibreOffice here)."""
    try:
        stories = read_stories(data)
    except OldWordError:
        return _through_office(data, path, limits)
    except DocumentError as problem:
        if problem.code != "unreadable":
            raise
        try:
            return _through_office(data, path, limits)
        except DocumentError:
            raise problem from None
    runs = {name: [_visible(paragraph) for paragraph in paragraphs] for name, paragraphs in stories.items()}
    fonts = LegacyFonts(run for paragraphs in runs.values() for paragraph in paragraphs for run in paragraph.runs)
    anchor = next((index for index, paragraph in enumerate(stories["main"]) if _anchors(paragraph)), len(stories["main"]))
    blocks = list(blocks_of(with_boxes(runs["main"], runs["boxes"], anchor), fonts))
    marginal = [block for name in _MARGINAL for block in blocks_of(runs[name], fonts)]
    return repaired(Document(path=path, kind="doc", sections=(Section(blocks=tuple(blocks)),), marginal=tuple(marginal), reader="word97 1"))


def _through_office(data: bytes, path: str, limits: LimitsConfig) -> Document:
    from mailbox_ingest.documents.word import docx  # noqa: PLC0415 - only old Word needs it

    converted = docx.read(office.convert(data, source="doc", target="docx", limits=limits), path, limits)
    return replace(converted, kind="doc", reader=f"LibreOffice; {converted.reader}")


def _anchors(paragraph: WordParagraph) -> bool:
    return any(_DRAWN in run.text and run.properties.special for run in paragraph.runs)


def _visible(paragraph: WordParagraph) -> FlowParagraph:
    """Without fields' instructions, deleted, struck-through and hidden text; a field that spans paragraphs ends with the paragraph here."""
    runs: list[Run] = []
    nesting: list[bool] = []  # per open field: whether its result has begun
    for run in paragraph.runs:
        text = ""
        for letter in run.text:
            if letter == _BEGIN:
                nesting.append(False)
            elif letter == _SEPARATOR and nesting:
                nesting[-1] = True
            elif letter == _END and nesting:
                nesting.pop()
            elif all(nesting):
                text += letter
        properties = run.properties
        if properties.deleted or properties.hidden or properties.struck or not text:
            continue
        if properties.special:
            text = "•" if properties.symbol else ""
        text = text.replace(_FIXED_HYPHEN, "-").replace("\x0b", "\n")
        # TCVN3 writes 'ư' where Word sees an optional hyphen.
        text = text.replace(_SOFT_HYPHEN, "\u00ad" if font_encoding(run.font) else "").translate(_DROPPED)
        if text:
            runs.append(Run(text=text, font=run.font))
    place = paragraph.properties
    return FlowParagraph(
        runs=tuple(runs),
        depth=place.depth,
        row_end=place.row_end,
        cell_end=paragraph.mark == "\x07" or place.inner_cell,
        row=tuple(RowCell(left=c.left, right=c.right, merged=c.merged, vertical=c.vertical) for c in place.row),
    )
