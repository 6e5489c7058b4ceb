"""The OpenDocument package that .odt and .ods share: its XML parts, styles, and text of paragraphs. Knows no tables and no sheets."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.guard import open_office_zip, read_part
from mailbox_ingest.documents.styled_text import Run
from mailbox_ingest.documents.xml_parts import read_xml
from mailbox_ingest.errors import DocumentError

_URN = "{urn:oasis:names:tc:opendocument:xmlns:"
TEXT, TABLE, OFFICE, DRAW = f"{_URN}text:1.0}}", f"{_URN}table:1.0}}", f"{_URN}office:1.0}}", f"{_URN}drawing:1.0}}"
STYLE, SVG, FO = f"{_URN}style:1.0}}", f"{_URN}svg-compatible:1.0}}", f"{_URN}xsl-fo-compatible:1.0}}"
_MAX_SPACES = 1_000
_MAX_PARENTS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class OdfStyle:
    """What matters of a style; None where it says nothing. `shown` False: a sheet that is hidden."""

    parent: str | None = None
    font: str | None = None
    hidden: bool | None = None
    struck: bool | None = None
    shown: bool = True


class OdfPackage:
    """The parts of one file. Raises DocumentError 'encrypted' or 'unreadable' when opened."""

    def __init__(self, data: bytes, limits: LimitsConfig) -> None:
        with open_office_zip(data, limits) as archive:
            if b"encryption-data" in (read_part(archive, "META-INF/manifest.xml") or b""):
                raise DocumentError("encrypted", "OpenDocument: encrypted parts")
            content, styles = _xml(archive, "content.xml"), _xml(archive, "styles.xml")
        if content is None:
            raise DocumentError("unreadable", "OpenDocument: no content")
        self.content, self.style_root = content, styles
        self._styles: dict[str, OdfStyle] = {}
        faces: dict[str, str] = {}
        for root in (styles, content):
            if root is not None:
                faces |= {f.get(f"{STYLE}name", ""): f.get(f"{SVG}font-family", "").strip("'\"") for f in root.iter(f"{STYLE}font-face")}
                for item in root.iter(f"{STYLE}style", f"{STYLE}default-style"):
                    key = item.get(f"{STYLE}name") or f"default {item.get(f'{STYLE}family')}"
                    self._styles[key] = _style(item, faces)

    def body(self, kind: str) -> etree._Element:
        """<office:text> or <office:spreadsheet>. Raises DocumentError 'unreadable'."""
        found = self.content.find(f"{OFFICE}body/{OFFICE}{kind}")
        if found is None:
            raise DocumentError("unreadable", f"OpenDocument: no {kind}")
        return found

    def style(self, *names: str | None) -> OdfStyle:
        """The first thing that the named styles, in their order, or their parents say about each property."""
        font: str | None = None
        hidden: bool | None = None
        struck: bool | None = None
        shown = True
        for name in names:
            current = name
            for _ in range(_MAX_PARENTS):
                style = self._styles.get(current or "")
                if style is None:
                    break
                font, hidden, struck = font or style.font, _first(hidden, style.hidden), _first(struck, style.struck)
                shown = shown and style.shown
                current = style.parent
        return OdfStyle(font=font, hidden=hidden, struck=struck, shown=shown)

    def runs(self, paragraph: etree._Element, *outer: str | None) -> Iterator[Run]:
        """The visible text of a paragraph without the drawings and notes in it; `outer` are styles around it."""
        yield from self._runs(paragraph, (paragraph.get(f"{TEXT}style-name"), *outer))

    def _runs(self, element: etree._Element, names: tuple[str | None, ...]) -> Iterator[Run]:
        style = self.style(*names, "default paragraph", "default table-cell")
        font, struck = style.font, bool(style.struck)
        if style.hidden:
            return
        if element.text:
            yield Run(text=element.text, font=font, struck=struck)
        for child in element:
            if not isinstance(child.tag, str):
                pass
            elif child.tag == f"{TEXT}s":
                count = child.get(f"{TEXT}c", "1")
                yield Run(text=" " * (min(int(count), _MAX_SPACES) if count.isdigit() else 1), font=font, struck=struck)
            elif child.tag == f"{TEXT}tab":
                yield Run(text="\t", font=font, struck=struck)
            elif child.tag == f"{TEXT}line-break":
                yield Run(text="\n", font=font, struck=struck)
            elif child.tag.startswith(TEXT) and child.tag not in (f"{TEXT}note", f"{TEXT}hidden-text", f"{TEXT}hidden-paragraph"):
                inner = child.get(f"{TEXT}style-name") if child.tag in (f"{TEXT}span", f"{TEXT}a") else None
                yield from self._runs(child, (inner, *names) if inner else names)
            if child.tail:
                yield Run(text=child.tail, font=font, struck=struck)


def _first(known: bool | None, other: bool | None) -> bool | None:
    return other if known is None else known


def _style(item: etree._Element, faces: dict[str, str]) -> OdfStyle:
    properties, table = item.find(f"{STYLE}text-properties"), item.find(f"{STYLE}table-properties")
    font: str | None = None
    hidden: bool | None = None
    struck: bool | None = None
    if properties is not None:
        name = properties.get(f"{STYLE}font-name")
        font = faces.get(name, name) if name else properties.get(f"{FO}font-family")
        if (display := properties.get(f"{TEXT}display")) is not None:
            hidden = display == "none"
        if (line := properties.get(f"{STYLE}text-line-through-style")) is not None:
            struck = line != "none"
    shown = table is None or table.get(f"{TABLE}display") != "false"
    return OdfStyle(parent=item.get(f"{STYLE}parent-style-name"), font=font, hidden=hidden, struck=struck, shown=shown)


def _xml(archive: zipfile.ZipFile, name: str) -> etree._Element | None:
    return read_xml(archive, name, what="OpenDocument")
