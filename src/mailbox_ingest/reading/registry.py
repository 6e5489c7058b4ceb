"""The registry of units as reading needs it: names to match, addresses to look up. Loaded once a pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mailbox_ingest.forms import UnitMatcher
from mailbox_ingest.model import Unit


@dataclass(frozen=True, slots=True)
class Registry:
    """Units by code, the codes an address is registered for (lower case), and the matcher of their names."""

    units: Mapping[str, Unit]
    by_address: Mapping[str, tuple[str, ...]]
    matcher: UnitMatcher
    number: int | None = None  # of the registries that the store keeps

    @classmethod
    def of(cls, units: Iterable[Unit], superiors: Iterable[str], *, number: int | None = None) -> Registry:
        known = tuple(units)
        addresses: dict[str, list[str]] = {}
        for unit in known:
            for address in unit.emails:
                addresses.setdefault(address.lower(), []).append(unit.code)
        return cls({u.code: u for u in known}, {a: tuple(c) for a, c in addresses.items()}, UnitMatcher(known, superiors), number)

    def registered_for(self, address: str | None) -> tuple[str, ...]:
        """The units that an address may write for; empty for an unknown one."""
        return self.by_address.get(address.lower(), ()) if address else ()
