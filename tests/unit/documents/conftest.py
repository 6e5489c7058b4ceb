"""Word files written by hand, zips of any content, and attachments, for the tests of this room."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.model import Attachment, Document, Paragraph, Table

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": W,
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "v": "urn:schemas-microsoft-com:vml",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    }.items()
)


def zip_of(files: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def word_file(body: str, **parts: str | bytes) -> bytes:
    """A .docx whose body is the given XML; further parts by name ('styles', 'header1'), without 'word/' and '.xml'."""
    files: dict[str, bytes | str] = {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": f'<?xml version="1.0" encoding="UTF-8"?><w:document {NAMESPACES}><w:body>{body}</w:body></w:document>',
    }
    for name, content in parts.items():
        files[f"word/{name}.xml"] = content
    return zip_of(files)


@pytest.fixture
def limits() -> LimitsConfig:
    return LimitsConfig()


@pytest.fixture
def make_zip() -> Callable[[dict[str, bytes | str]], bytes]:
    return zip_of


@pytest.fixture
def make_word() -> Callable[..., bytes]:
    return word_file


@pytest.fixture
def attach() -> Callable[..., Attachment]:
    def build(data: bytes, name: str | None = "tệp", **more: object) -> Attachment:
        return Attachment(path=name or "phần 1", name=name, content_type="application/octet-stream", data=data, **more)  # type: ignore[arg-type]

    return build


@pytest.fixture
def texts() -> Callable[[Document], list[str]]:
    """Paragraphs as they are, tables as 'a | b' a row."""

    def flat(document: Document) -> list[str]:
        lines: list[str] = []
        for section in document.sections:
            for block in section.blocks:
                if isinstance(block, Paragraph):
                    lines.append(block.text)
                elif isinstance(block, Table):
                    lines.extend(" | ".join(cell.text for cell in block.cells if cell.row == row) for row in range(block.rows))
        return lines

    return flat
