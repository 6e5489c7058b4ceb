"""The registry by hand: a unit added, changed, retired, or merged into another. Every change is one transaction with its act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.errors import DecisionRefused
from mailbox_ingest.model import Unit
from mailbox_ingest.store.people.audit import record_act
from mailbox_ingest.store.registry.merging import Moved, move_reports, open_conflicts
from mailbox_ingest.store.registry.records import StoredUnit
from mailbox_ingest.store.registry.units import add_unit, change_unit, find_unit, hold_units, retire_unit
from mailbox_ingest.units_files import checked_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrar:
    """Changes the registry for one person, `who`, as of `now`. A later import makes the registry what its file says again."""

    sessions: sessionmaker[Session]
    who: str
    now: datetime

    def add(self, code: str, name: str, *, group: str = "", emails: tuple[str, ...] = (), aliases: tuple[str, ...] = ()) -> Unit:
        """Raises ConfigurationError for cells that are wrong, DecisionRefused for a code that is or was another unit's."""
        unit = checked_unit(code, name, group=group, emails=emails, aliases=aliases)
        with self.sessions.begin() as session:
            known = find_unit(session, unit.code)
            if known is not None:
                standing = "in the registry" if known.active else "that of a retired unit"
                raise DecisionRefused(f"code {unit.code} is {standing} ({known.unit.name}): choose another, or edit that unit")
            add_unit(session, unit, now=self.now)
            self._act(session, "add_unit", unit.code, after=_plain(unit))
        return unit

    def edit(
        self,
        code: str,
        *,
        name: str | None = None,
        group: str | None = None,
        emails: tuple[str, ...] | None = None,
        aliases: tuple[str, ...] | None = None,
        restore: bool = False,
    ) -> Unit:
        """What is not given stays. A new name keeps the old one among the aliases, so that letterheads with it are still known. `restore`
        brings a retired unit back. Raises ConfigurationError, DecisionRefused."""
        with self.sessions.begin() as session:
            known = self._known(session, code, retired=restore)
            old = known.unit
            named = dict.fromkeys(old.aliases if aliases is None else aliases)
            if name is not None and name != old.name:
                named |= dict.fromkeys((old.name,))
            unit = checked_unit(
                code,
                old.name if name is None else name,
                group=old.group if group is None else group,
                emails=old.emails if emails is None else emails,
                aliases=tuple(named),
            )
            if unit == old and known.active:
                raise DecisionRefused(f"unit {code} is so already")
            change_unit(session, unit, now=self.now)
            self._act(session, "edit_unit", code, before=_plain(old, active=known.active), after=_plain(unit))
        return unit

    def retire(self, code: str, *, reason: str = "") -> Unit:
        """It owes nothing from now on; its past stays. Raises DecisionRefused."""
        with self.sessions.begin() as session:
            unit = self._known(session, code).unit
            retire_unit(session, code, now=self.now)
            self._act(session, "retire_unit", code, before=_plain(unit), after=_plain(unit, active=False), note=reason)
        return unit

    def merge(self, code: str, into: str, *, reason: str = "") -> Moved:
        """The reports, addresses and names of `code` go to `into`, and `code` is retired.

        Closed weeks for which both owed a report stay as they were said. Raises DecisionRefused where both have a report that counts for a
        week that is still open.
        """
        if code == into:
            raise DecisionRefused(f"unit {code} cannot be merged with itself")
        with self.sessions.begin() as session:
            hold_units(session, (code, into), to_change=True)  # a report that is being written now is moved as well, or finds no unit
            one, other = self._known(session, code).unit, self._known(session, into).unit
            conflicts = open_conflicts(session, code, into)
            if conflicts:
                weeks = ", ".join(str(period) for _, period in conflicts)
                raise DecisionRefused(f"both units have reported for {weeks}, which is not closed: the figures of one would be lost")
            moved = move_reports(session, code, into)
            names = (*other.aliases, *(name for name in (one.name, *one.aliases) if name not in (other.name, *other.aliases)))
            joined = replace(other, aliases=tuple(dict.fromkeys(names)), emails=(*other.emails, *moved.addresses))
            change_unit(session, joined, now=self.now)
            retire_unit(session, code, now=self.now)
            facts = {"unit": code, "into": into, "reports": list(moved.reports), "places": [list(place) for place in moved.places]}
            before = {"unit": _plain(one), "into": _plain(other)}
            for subject in (code, into):
                action = "merge_units" if subject == code else "merged_from"
                self._act(session, action, subject, before=before, after={**facts, "stayed": [list(p) for p in moved.stayed]}, note=reason)
        return moved

    def _known(self, session: Session, code: str, *, retired: bool = False) -> StoredUnit:
        found = find_unit(session, code)
        if found is None or not (found.active or retired):
            raise DecisionRefused(f"there is no active unit {code!r} ('mailbox-ingest units list' shows them)")
        return found

    def _act(
        self,
        session: Session,
        action: str,
        code: str,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        note: str = "",
    ) -> None:
        record_act(session, who=self.who, action=action, subject=f"unit:{code}", now=self.now, before=before, after=after, note=note)


def _plain(unit: Unit, *, active: bool = True) -> dict[str, Any]:
    return {"name": unit.name, "group": unit.group, "emails": list(unit.emails), "aliases": list(unit.aliases), "active": active}
