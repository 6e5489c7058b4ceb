"""What a view gives back: values that the door turns into HTTP. Nothing from outside is ever given as something a browser would run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from mailbox_ingest.render.wording import one_line

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._ -]")
_NOT_IN_NAMES = re.compile(r"[\\/:*?\"<>|;%]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A template with its values; the door adds who is there and what the navigation shows."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """To another page of ours. `note` is a key of `words.NOTES`: texts never travel in addresses. `token` is of a new session."""

    to: str
    note: str | None = None
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """Bytes to keep, never to show: octet-stream, attachment, nosniff, whatever they are."""

    data: bytes
    name: str

    @property
    def disposition(self) -> str:
        name = _NOT_IN_NAMES.sub("_", one_line(self.name, 120)).strip(" .") or "tep"
        plain = _NOT_PLAIN.sub("_", name)
        return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image that we rendered ourselves."""

    data: bytes
    content_type: str  # 'image/jpeg' or 'image/png'


@dataclass(frozen=True, slots=True, kw_only=True)
class Framed:
    """A mail of ours as HTML, for a sandboxed frame: its inline styles and data: pictures, and nothing else, may be shown."""

    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """404: there is no such thing, or it is not for this address."""


Answer = Page | Go | Download | Picture | Framed | Missing
