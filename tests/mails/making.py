"""Makes a mail of a text: CRLF line ends, and the fields that the receiving provider puts on top."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent

OURS = "baocao@congdoan-qt.example"
OUR_ID = "<reminder-bluezone-2020-W35.5f0c1d2e3a4b5c6d@congdoan-qt.example>"
CLERK = "camlo@gmail.example"


@dataclass(frozen=True, slots=True)
class Made:
    """A mail with its name; `kind` is why it counts as a machine's, None for a person's."""

    name: str
    raw: bytes
    kind: str | None


def made(name: str, kind: str | None, text: str, *, provider: bool = True) -> Made:
    """`text` is the mail as its sender wrote it, indented as one likes; a Message-ID of its own where it has none."""
    text = dedent(text).strip("\n") + "\n"
    head = ""
    if not re.search(r"(?im)^message-id:", text.split("\n\n", 1)[0]):
        head += f"Message-ID: <{name}@may-chu.example>\n"
    if provider:
        sender = re.search(r"(?im)^from:.*?@([a-z0-9.-]+)", text)
        domain = sender[1] if sender else "may-chu.example"
        results = f"Authentication-Results: mx.google.com;\n       dkim=pass header.i=@{domain};\n       dmarc=pass header.from={domain}\n"
        head = f"Delivered-To: {OURS}\n{results}{head}"
    return Made(name, (head + text).replace("\n", "\r\n").encode(), kind)
