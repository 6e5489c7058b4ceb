"""Makers of mails, so that a test shows only what it is about."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mailbox_ingest.message import parse
from mailbox_ingest.model import IncomingMessage


@pytest.fixture
def mail() -> Callable[..., IncomingMessage]:
    """`mail(body, 'Subject: x', …)`: a mail with these header lines, parsed. Bodies are UTF-8 plain text unless a header says otherwise."""

    def make(body: str | bytes = "", *headers: str | bytes, **options: object) -> IncomingMessage:
        lines = [line if isinstance(line, bytes) else line.encode() for line in headers]
        for default in (b"From: Lan <lan@b.example>", b"MIME-Version: 1.0", b"Content-Type: text/plain; charset=utf-8"):
            name = default.partition(b":")[0].lower()
            if not any(line.partition(b":")[0].lower() == name for line in lines):
                lines.append(default)
        content = body if isinstance(body, bytes) else body.replace("\n", "\r\n").encode()
        return parse(b"\r\n".join(lines) + b"\r\n\r\n" + content, **options)  # type: ignore[arg-type]

    return make


@pytest.fixture
def multipart(mail: Callable[..., IncomingMessage]) -> Callable[..., IncomingMessage]:
    """`multipart((headers, body), …)`: a multipart/mixed mail of these parts."""

    def make(*parts: tuple[str, str | bytes], subtype: str = "mixed", headers: tuple[str, ...] = ()) -> IncomingMessage:
        chunks = []
        for head, body in parts:
            content = body if isinstance(body, bytes) else body.encode()
            chunks.append(b"--RANH\r\n" + head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + content + b"\r\n")
        return mail(b"".join(chunks) + b"--RANH--\r\n", f'Content-Type: multipart/{subtype}; boundary="RANH"', *headers)

    return make
