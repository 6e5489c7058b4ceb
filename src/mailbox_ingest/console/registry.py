"""The registry kept in memory between pages: thousands of units are read again only after one of them changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mailbox_ingest.app import App
from mailbox_ingest.model import Unit
from mailbox_ingest.store.registry.records import StoredUnit
from mailbox_ingest.store.registry.units import list_units, registry_mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """`stored` are all, in the order of the registry; `active` those that may be named in a decision; `by_code` all again."""

    mark: object
    stored: tuple[StoredUnit, ...]
    active: tuple[Unit, ...]
    by_code: Mapping[str, Unit]


class Registry:
    """Safe to share between threads: what is kept is replaced as a whole."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._kept: Units | None = None

    def units(self) -> Units:
        with self._app.snapshots.begin() as session:
            mark = registry_mark(session)
            kept = self._kept
            if kept is not None and kept.mark == mark:
                return kept
            stored = list_units(session)
        active = tuple(item.unit for item in stored if item.active)
        fresh = Units(mark=mark, stored=stored, active=active, by_code={item.unit.code: item.unit for item in stored})
        self._kept = fresh
        return fresh
