"""The parts of an .xlsx package and what stands in them beside the cells: relations, strings, merges, what is hidden, text boxes."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from urllib.parse import unquote

from lxml import etree

from mailbox_ingest.documents.sheets.formulas import column_number
from mailbox_ingest.documents.sheets.styles import is_on, local
from mailbox_ingest.documents.styled_text import Run
from mailbox_ingest.documents.xml_parts import read_xml

REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
TRUE_WORDS = ("1", "true")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TAIL_RELATION = re.compile(r"/([A-Za-z]+)$")


class Package:
    """One open archive. Its methods raise DocumentError 'unreadable' for damaged parts."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive

    def xml(self, path: str) -> etree._Element | None:
        """The root of a part, None where there is none."""
        return read_xml(self.archive, path, what="xlsx") if path else None

    def relations(self, path: str) -> dict[str, tuple[str, str]]:
        """Relation id -> (its kind, the part it names); relations to the outside are left out."""
        folder, name = posixpath.split(path)
        root = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        found: dict[str, tuple[str, str]] = {}
        for item in () if root is None else root:
            tail = _TAIL_RELATION.search(item.get("Type", ""))
            target = unquote(item.get("Target", ""))
            if tail and target and item.get("TargetMode") != "External":
                part = posixpath.normpath(posixpath.join(folder, target)) if not target.startswith("/") else target[1:]
                found[item.get("Id", "")] = (tail[1], part)
        return found


def children(parent: etree._Element | None, name: str) -> Iterator[etree._Element]:
    return (child for child in (() if parent is None else parent) if local(child) == name)


def string_runs(item: etree._Element) -> Iterator[Run]:
    for child in item:
        if local(child) == "t":
            yield Run(text=unescape(child.text or ""))
        elif local(child) == "r":
            text, properties = child.find("{*}t"), child.find("{*}rPr")
            font = properties.find("{*}rFont") if properties is not None else None
            struck = properties is not None and is_on(properties.find("{*}strike"))
            if text is not None:
                yield Run(text=unescape(text.text or ""), font=font.get("val") if font is not None else None, struck=struck)


def unescape(text: str) -> str:
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


def merges(root: etree._Element) -> Iterator[tuple[int, int, int, int]]:
    for item in children(root.find("{*}mergeCells"), "mergeCell"):
        first, _, last = item.get("ref", "").partition(":")
        a, b = REFERENCE.fullmatch(first), REFERENCE.fullmatch(last)
        if a and b:
            yield int(a[2]) - 1, column_number(a[1]), int(b[2]) - 1, column_number(b[1])


def hidden_rows(root: etree._Element) -> frozenset[int]:
    rows = children(root.find("{*}sheetData"), "row")
    return frozenset(
        int(r) - 1 for row in rows if (r := row.get("r", "")).isdigit() and (row.get("hidden") in TRUE_WORDS or _is_zero(row.get("ht")))
    )


def hidden_columns(root: etree._Element) -> frozenset[int]:
    hidden: set[int] = set()
    for item in children(root.find("{*}cols"), "col"):
        first, last = item.get("min", ""), item.get("max", "")
        if first.isdigit() and last.isdigit() and (item.get("hidden") in TRUE_WORDS or _is_zero(item.get("width"))):
            hidden.update(range(int(first) - 1, min(int(last), 16_384)))
    return frozenset(hidden)


def _is_zero(size: str | None) -> bool:
    try:
        return size is not None and float(size) == 0
    except ValueError:
        return False


def box_texts(root: etree._Element) -> Iterator[str]:
    """Each text box of a drawing as one text, its paragraphs on lines of their own."""
    for body in root.iter("{*}txBody"):
        lines = ["".join(t.text or "" for t in paragraph.iter("{*}t")).strip() for paragraph in body.iter("{*}p")]
        if text := "\n".join(line for line in lines if line):
            yield text
