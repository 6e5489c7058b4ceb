"""What an office file carries besides its text: pasted pictures and embedded workbooks, as members to be read like files of an archive."""

from __future__ import annotations

import re

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.container import Member
from mailbox_ingest.documents.guard import open_office_zip, read_part
from mailbox_ingest.documents.names import clean_name
from mailbox_ingest.model import Document, Table

_LITTLE_TEXT_CHARS = 300
_RELATION = re.compile(rb"<Relationship\b[^>]*>")
_TARGET = re.compile(rb"""\bTarget\s*=\s*["']([^"']+)["']""")
_EMBEDDED = re.compile(rb"""/(?:package|oleObject|aFChunk)["']""")
_PICTURE_FOLDERS = ("xl/media/", "Pictures/")
_PICTURE = re.compile(rb"""/image["']""")


def embedded_files(data: bytes, limits: LimitsConfig) -> list[Member]:
    """Workbooks and documents embedded in the body (their picture, or nothing yet, stands in the text). Those of charts are left out."""
    return _related(data, limits, _EMBEDDED)


def pasted_pictures(data: bytes, limits: LimitsConfig) -> list[Member]:
    """The pictures that the body shows, in the order of their names."""
    return _related(data, limits, _PICTURE)


def stored_pictures(data: bytes, limits: LimitsConfig) -> list[Member]:
    """The pictures of a workbook or an OpenDocument file, whatever shows them, in the order of their names."""
    with open_office_zip(data, limits) as archive:
        names = [name for name in archive.namelist() if name.startswith(_PICTURE_FOLDERS) and not name.endswith("/")]
        contents = [(name, read_part(archive, name)) for name in sorted(names, key=lambda name: (len(name), name))]
    return [Member(name=clean_name(name.rpartition("/")[2]), data=content) for name, content in contents if content]


def says_little(document: Document) -> bool:
    """Whether an office file is but a frame around pasted pages: hardly any text, no table with figures."""
    length = 0
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                if any(any(map(str.isdigit, cell.text)) for cell in block.cells):
                    return False
                length += sum(len(cell.text) for cell in block.cells)
            else:
                length += len(block.text)
    return length < _LITTLE_TEXT_CHARS


def _related(data: bytes, limits: LimitsConfig, wanted: re.Pattern[bytes]) -> list[Member]:
    with open_office_zip(data, limits) as archive:
        relations = next((name for name in archive.namelist() if re.fullmatch(r"(?:word/)?_rels/document\d*\.xml\.rels", name)), None)
        members: list[Member] = []
        for relation in sorted(set(_RELATION.findall(read_part(archive, relations) or b"")) if relations else ()):
            target = _TARGET.search(relation)
            if wanted.search(relation) is None or target is None or b'TargetMode="External"' in relation:
                continue
            name = target[1].decode("utf-8", "replace")
            content = read_part(archive, name.lstrip("/") if name.startswith("/") else f"word/{name}")
            if content:
                members.append(Member(name=clean_name(name.rpartition("/")[2]), data=content))
    return sorted(members, key=lambda member: (len(member.name), member.name))
