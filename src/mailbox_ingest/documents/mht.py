"""Web archives (.mht, and Word's 'single file web page' under any name): the HTML root of a multipart/related message."""

from __future__ import annotations

import re
from dataclasses import replace

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents import html
from mailbox_ingest.documents.container import Budget
from mailbox_ingest.documents.nested_mail import read_eml
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Document

_ROOT = re.compile(r"<html\b", re.IGNORECASE)


def read(data: bytes, path: str, limits: LimitsConfig) -> Document:
    """The archive's page. Raises DocumentError 'unreadable' where it holds none."""
    mail = read_eml(data, Budget.of(limits))
    pages = [page for page in [mail.html, *(_page(member.data) for member in mail.members)] if page and _ROOT.search(page)]
    if not pages:
        raise DocumentError("unreadable", "mht: no page in it")
    return replace(html.document(pages[0], path), kind="mht")


def _page(data: bytes) -> str | None:
    return html.text_of(data) if data.lstrip()[:1] == b"<" else None
