"""Runs of text with the font they are set in, turned into Unicode; shared by the readers of sheets, old Word, RTF, ODT and PDF.

Which runs are TCVN3 or VNI is said by their fonts and confirmed once for the whole document; a document without such fonts whose letters
make no sense as they are is repaired as a whole. Struck-through runs are left out: what is crossed out is not said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mailbox_ingest.model import Block, Document, Paragraph, Section, Table
from mailbox_ingest.vietnamese.fold import nfc
from mailbox_ingest.vietnamese.legacy import Encoding, confirm, detect, font_encoding, font_shows_capitals, to_unicode

STRUCK_CONFIDENCE = 0.5  # where a line through a figure is seen, but not whether it crosses it out


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Text in one font. `font` None: nothing is said here, the surroundings decide."""

    text: str
    font: str | None = None
    struck: bool = False


class LegacyFonts:
    """The decision, made once a document, which fonts' text is to be converted."""

    def __init__(self, runs: Iterable[Run], *, others: Encoding = Encoding.UNICODE) -> None:
        """`others` is the encoding of text in fonts that say nothing, where that was found out before."""
        samples: dict[Encoding, list[str]] = {}
        for run in runs:
            claimed = font_encoding(run.font)
            if claimed is not None:
                samples.setdefault(claimed, []).append(run.text)
        self._others = others
        self._encodings = {claimed: confirm(" ".join(texts), claimed) for claimed, texts in samples.items()}

    def text(self, runs: Iterable[Run], *, default_font: str | None = None) -> str:
        """The runs as one Unicode text."""
        pieces: list[str] = []
        pending, pending_font = "", None
        for run in runs:
            if run.struck:
                continue
            font = run.font or default_font
            if pending and font != pending_font:
                pieces.append(self._convert(pending, pending_font))
                pending = ""
            pending, pending_font = pending + run.text, font
        pieces.append(self._convert(pending, pending_font))
        return nfc("".join(pieces))

    def _convert(self, text: str, font: str | None) -> str:
        claimed = font_encoding(font)
        encoding = self._encodings.get(claimed, Encoding.UNICODE) if claimed else self._others
        if encoding is Encoding.UNICODE:
            return text
        converted = to_unicode(text, encoding)
        return converted.upper() if font_shows_capitals(font) else converted


def repaired(document: Document) -> Document:
    """The same document, its text converted as a whole where it reads as Vietnamese only under an old encoding."""
    blocks = [block for section in document.sections for block in section.blocks]
    encoding = detect("\n".join(_texts(blocks)))
    if encoding is Encoding.UNICODE:
        return document
    sections = tuple(
        replace(section, blocks=tuple(_converted(b, encoding) for b in section.blocks), title=_title(section, encoding))
        for section in document.sections
    )
    marginal = tuple(_converted(block, encoding) for block in document.marginal)
    return replace(document, sections=sections, marginal=marginal, notes=(*document.notes, f"text was {encoding.value}"))


def _title(section: Section, encoding: Encoding) -> str:
    return to_unicode(section.title, encoding) if section.title and not section.title.isascii() else section.title


def _texts(blocks: Iterable[Block]) -> Iterable[str]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block.text
        else:
            yield from (cell.text for cell in block.cells if cell.text)


def _converted(block: Block, encoding: Encoding) -> Block:
    if isinstance(block, Paragraph):
        return replace(block, text=to_unicode(block.text, encoding))
    return _converted_table(block, encoding)


def _converted_table(table: Table, encoding: Encoding) -> Table:
    return replace(table, cells=tuple(replace(cell, text=to_unicode(cell.text, encoding)) if cell.text else cell for cell in table.cells))
