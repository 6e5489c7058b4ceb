"""What the registry of units takes and gives besides the nouns of `model/`: frozen values without behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from mailbox_ingest.model import (
    Unit,
)
from mailbox_ingest.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChanges:
    """Codes of units, in the order of the registry; `retired` ones were in the store and are no longer in the registry."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredUnit:
    """A unit with its standing; `load_units` gives plain units."""

    unit: Unit
    active: bool
    changed_at: datetime
    opened_on: date | None = None
    closed_on: date | None = None

    def open_on(self, day: date) -> bool:
        """Whether it is in the registry and existed on that day; `closed_on` is the first day without it."""
        return self.active and (self.opened_on is None or self.opened_on <= day) and (self.closed_on is None or day < self.closed_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """A unit that need not report on a form for a period. `reason` is for leadership to read, in Vietnamese."""

    form: str
    unit: str
    period: Period
    reason: str
    who: str
    recorded_at: datetime
