"""One request as views see it: who asks, for what, with which values. Views never see HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mailbox_ingest.access import Doorkeeper, Visitor
from mailbox_ingest.app import App
from mailbox_ingest.console.registry import Registry


class NotThere(Exception):
    """A view was asked for something that does not exist; the door answers 404."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """`path`, `query` and `form` are as sent, one value a name; nothing of them is trusted. `address` is the browser's."""

    app: App
    registry: Registry
    doorkeeper: Doorkeeper
    visitor: Visitor
    address: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]

    def number(self, name: str) -> int:
        """A row's number from the path. Raises NotThere for anything else."""
        text = self.path.get(name, "")
        if not (text.isascii() and text.isdecimal() and len(text) <= 18):
            raise NotThere
        return int(text)

    def asked(self, name: str, limit: int = 200) -> str:
        """A value of the query, trimmed; '' where there is none."""
        return self.query.get(name, "").strip()[:limit]

    def given(self, name: str, limit: int = 2000) -> str:
        """A value of the form, trimmed; '' where there is none."""
        return self.form.get(name, "").strip()[:limit]
