"""Word 2007 and later (.docx, .docm, .dotx): the package, its parts, and what of them is body or margin.

Macros, links and external references are never followed.
"""

from __future__ import annotations

import re
import zipfile
from importlib.metadata import version

from lxml import etree

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.guard import check_xml, open_office_zip, read_part
from mailbox_ingest.documents.word.docx_runs import ParagraphReader
from mailbox_ingest.documents.word.docx_styles import Styles, W
from mailbox_ingest.documents.word.docx_text import BodyReader
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Block, Document, Section
from mailbox_ingest.vietnamese.legacy import Encoding, confirm, font_encoding

_MAIN = re.compile(rb"""<Relationship\b[^>]*?/officeDocument["'][^>]*>""")
_TARGET = re.compile(rb"""\bTarget\s*=\s*["']/?([^"']+)["']""")
_STRICT = (b"http://purl.oclc.org/ooxml/wordprocessingml/main", b"http://schemas.openxmlformats.org/wordprocessingml/2006/main")
_LEGACY_FONT = re.compile(rb"""["']\s*\.?vn[a-z_ -]""")
_HAS_TEXT = re.compile(rb"<(?:\w+:)?t[ >]")
_MARGINS = (
    ("header", "đầu trang"),
    ("footer", "chân trang"),
    ("footnotes", "chú thích"),
    ("endnotes", "chú thích"),
    ("comments", "nhận xét"),
)
_READER = f"docx (lxml {version('lxml')})"


def read(data: bytes, path: str, limits: LimitsConfig) -> Document:
    """A Word file as one section; headers, footers, notes and comments in `marginal`.

    Raises DocumentError 'unreadable' for a damaged package or broken XML, 'too_large' for one out of bounds.
    """
    with open_office_zip(data, limits) as archive:
        main = _main_part(archive)
        body_bytes = read_part(archive, main)
        if body_bytes is None:
            raise DocumentError("unreadable", f"docx: no part {main}")
        folder = main.rpartition("/")[0]
        prefix = f"{folder}/" if folder else ""
        style_bytes = read_part(archive, f"{prefix}styles.xml") or b""
        margins = [
            (place, part)
            for start, place in _MARGINS
            for name in sorted(archive.namelist())
            if name.startswith(prefix + start) and name.endswith(".xml") and "/" not in name[len(prefix) :]
            if (part := read_part(archive, name)) and _HAS_TEXT.search(part)
        ]
    root = _parse(body_bytes)
    body = root.find(W + "body")
    if body is None:
        raise DocumentError("unreadable", "docx: no body")
    legacy_fonts = _names_legacy_font(body_bytes) or _names_legacy_font(style_bytes)
    styles = Styles(_parse(style_bytes) if style_bytes and (legacy_fonts or b"<w:vanish" in style_bytes) else None)
    decided = _decide(root, styles) if legacy_fonts else {}

    def reader_of(part: etree._Element, place: str) -> BodyReader:
        paragraphs = ParagraphReader(styles=styles, legacy_fonts=legacy_fonts, hide_codes=_codes_pair(part))
        return BodyReader(paragraphs=paragraphs, decided=decided, paragraph_place=place)

    blocks = reader_of(root, "đoạn").blocks(body)
    marginal: list[Block] = []
    for place, part in margins:
        margin = _parse(part)
        marginal.extend(reader_of(margin, place).blocks(margin))
    return Document(path=path, kind="docx", sections=(Section(blocks=tuple(blocks)),), marginal=tuple(marginal), reader=_READER)


def _names_legacy_font(part: bytes) -> bool:
    """Whether any attribute of a part names an old Vietnamese font. Styles are large and rarely do: the cheap test comes first."""
    lower = part.lower()
    return b"vn" in lower and _LEGACY_FONT.search(lower) is not None


def _main_part(archive: zipfile.ZipFile) -> str:
    """The main part's name: 'word/document.xml' nearly always, what _rels/.rels says otherwise."""
    if "word/document.xml" in archive.NameToInfo:
        return "word/document.xml"
    relation = _MAIN.search(read_part(archive, "_rels/.rels") or b"")
    target = _TARGET.search(relation[0]) if relation else None
    return target[1].decode("utf-8", "replace") if target else "word/document.xml"


def _parse(part: bytes) -> etree._Element:
    checked = check_xml(part)
    if _STRICT[0] in checked:
        checked = checked.replace(*_STRICT)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        return etree.fromstring(checked, parser)
    except etree.XMLSyntaxError as problem:
        raise DocumentError("unreadable", f"docx: {problem}") from problem


def _codes_pair(root: etree._Element) -> bool:
    """Whether every field that begins also ends; where not, hiding 'codes' would swallow the rest of the document."""
    kinds = [mark.get(W + "fldCharType") for mark in root.iter(W + "fldChar")]
    return kinds.count("begin") == kinds.count("end")


def _decide(root: etree._Element, styles: Styles) -> dict[Encoding, Encoding]:
    """For each old encoding that fonts claim: what all the letters set in those fonts say together."""
    texts: dict[Encoding, list[str]] = {}
    for paragraph in root.iter(W + "p"):
        named = paragraph.find(f"{W}pPr/{W}pStyle")
        style = None if named is None else named.get(W + "val")
        for run in paragraph.iter(W + "r"):
            encoding = font_encoding(styles.font(run.find(W + "rPr"), style))
            if encoding is not None:
                texts.setdefault(encoding, []).extend(text.text or "" for text in run.iterfind(W + "t"))
        for pieces in texts.values():
            pieces.append(" ")
    return {encoding: confirm("".join(pieces), encoding) for encoding, pieces in texts.items()}
