"""The web desk's templates and its own two files. Everything is escaped; a name that a page was not given is an error, never a blank."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mailbox_ingest.resources import resource_dir

_STATIC = {"desk.css": "text/css; charset=utf-8", "desk.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticFile:
    """A file of ours. `version` changes with its bytes, so that browsers may keep it for ever."""

    data: bytes
    content_type: str
    version: str


class Pages:
    """Compiled templates; safe to share between threads. `filters` are the words of the pages."""

    def __init__(self, filters: Mapping[str, Callable[..., Any]]) -> None:
        folder = resource_dir("templates") / "console"
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters.update(filters)
        self.static = {name: _static(folder / "static" / name, content_type) for name, content_type in _STATIC.items()}
        self._environment.globals["static"] = lambda name: f"/tinh/{self.static[name].version}/{name}"

    def render(self, template: str, values: Mapping[str, Any]) -> str:
        return self._environment.get_template(template).render(values)


def _static(path: Any, content_type: str) -> StaticFile:
    data = path.read_bytes()
    return StaticFile(data=data, content_type=content_type, version=hashlib.sha256(data).hexdigest()[:12])
