"""The registry of units in the store. Importing replaces it as a whole: what is gone from the file is retired, never deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from mailbox_ingest.model import Unit
from mailbox_ingest.store.registry.proposals import reopen_lost
from mailbox_ingest.store.registry.records import StoredUnit, UnitChanges
from mailbox_ingest.store.tables import UNIT_ADDRESSES, UNITS


def load_units(session: Session, *, active_only: bool = True) -> tuple[Unit, ...]:
    """In the order of the registry file."""
    return tuple(item.unit for item in list_units(session) if item.active or not active_only)


def list_units(session: Session) -> tuple[StoredUnit, ...]:
    """All units with their standing, in the order of the registry file, retired ones last."""
    emails: dict[str, list[str]] = {}
    for row in session.execute(select(UNIT_ADDRESSES).order_by(UNIT_ADDRESSES.c.unit, UNIT_ADDRESSES.c.position)):
        emails.setdefault(row.unit, []).append(row.email)
    rows = session.execute(select(UNITS).order_by(UNITS.c.active.desc(), UNITS.c.position, UNITS.c.code))
    return tuple(
        StoredUnit(
            unit=Unit(
                code=row.code, name=row.name, group=row.group_name, emails=tuple(emails.get(row.code, ())), aliases=tuple(row.aliases)
            ),
            active=row.active,
            changed_at=row.changed_at,
            opened_on=row.opened_on,
            closed_on=row.closed_on,
        )
        for row in rows
    )


def find_unit(session: Session, code: str) -> StoredUnit | None:
    """One unit, active or retired."""
    row = session.execute(select(UNITS).where(UNITS.c.code == code)).first()
    if row is None:
        return None
    emails = session.scalars(select(UNIT_ADDRESSES.c.email).where(UNIT_ADDRESSES.c.unit == code).order_by(UNIT_ADDRESSES.c.position))
    unit = Unit(code=row.code, name=row.name, group=row.group_name, emails=tuple(emails), aliases=tuple(row.aliases))
    return StoredUnit(unit=unit, active=row.active, changed_at=row.changed_at, opened_on=row.opened_on, closed_on=row.closed_on)


def count_units(session: Session) -> int:
    """Those that are not retired."""
    return session.scalar(select(func.count()).select_from(UNITS).where(UNITS.c.active)) or 0


def registry_mark(session: Session) -> tuple[int, datetime | None, int]:
    """Moves whenever a unit or an address was changed: whoever keeps the registry in memory asks this before using it."""
    units = session.execute(select(func.count(), func.max(UNITS.c.changed_at)).select_from(UNITS)).one()
    return units[0], units[1], session.scalar(select(func.count()).select_from(UNIT_ADDRESSES)) or 0


def hold_units(session: Session, codes: Iterable[str], *, to_change: bool = False) -> frozenset[str]:
    """Those of `codes` that are active. Until the caller's transaction ends nobody retires or merges them; `to_change`: nobody writes a
    report of theirs either. One order for all: nobody waits for the other."""
    wanted = select(UNITS.c.code).where(UNITS.c.code.in_(sorted(codes)), UNITS.c.active).order_by(UNITS.c.code)
    return frozenset(session.scalars(wanted.with_for_update(read=not to_change)))


def unit_names(session: Session, codes: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Name and group of some units, active or retired, in the order of the registry."""
    query = select(UNITS.c.code, UNITS.c.name, UNITS.c.group_name).where(UNITS.c.code.in_(sorted(codes)))
    return {row.code: (row.name, row.group_name) for row in session.execute(query.order_by(UNITS.c.position, UNITS.c.code))}


def import_units(session: Session, units: Sequence[Unit], *, now: datetime) -> UnitChanges:
    """Makes the registry exactly `units` (codes are unique: `units_files.py` saw to it). A retired unit that returns counts as changed."""
    stored = {item.unit.code: item for item in list_units(session)}
    order: dict[str, int] = {row.code: row.position for row in session.execute(select(UNITS.c.code, UNITS.c.position))}
    new: list[tuple[int, Unit]] = []
    changed: list[str] = []
    unchanged: list[str] = []
    for position, unit in enumerate(units):
        known = stored.get(unit.code)
        if known is None:
            new.append((position, unit))
        elif known.unit == unit and known.active:
            if order[unit.code] != position:
                session.execute(update(UNITS).where(UNITS.c.code == unit.code).values(position=position))
            unchanged.append(unit.code)
        else:
            session.execute(update(UNITS).where(UNITS.c.code == unit.code).values(changed_at=now, **_columns(unit, position)))
            session.execute(delete(UNIT_ADDRESSES).where(UNIT_ADDRESSES.c.unit == unit.code))
            _write_addresses(session, [unit])
            changed.append(unit.code)
    if new:
        rows = [{"code": unit.code, "created_at": now, "changed_at": now, **_columns(unit, position)} for position, unit in new]
        session.execute(insert(UNITS), rows)
        _write_addresses(session, [unit for _, unit in new])
    added = tuple(unit.code for _, unit in new)
    listed = {unit.code for unit in units}
    retired = [code for code, item in stored.items() if item.active and code not in listed]
    if retired:
        session.execute(update(UNITS).where(UNITS.c.code.in_(retired)).values(active=False, changed_at=now))
    reopen_lost(session)
    return UnitChanges(added=added, changed=tuple(changed), unchanged=tuple(unchanged), retired=tuple(retired))


def add_unit(session: Session, unit: Unit, *, now: datetime) -> None:
    """A new unit, last in the order of the registry."""
    last = session.scalar(select(func.max(UNITS.c.position)))
    row = {"code": unit.code, "created_at": now, "changed_at": now, **_columns(unit, 0 if last is None else last + 1)}
    session.execute(insert(UNITS).values(row))
    _write_addresses(session, [unit])


def change_unit(session: Session, unit: Unit, *, now: datetime) -> None:
    """Name, group, aliases and addresses as they are here; a retired unit is active again."""
    columns = {"name": unit.name, "group_name": unit.group, "aliases": list(unit.aliases), "active": True, "changed_at": now}
    session.execute(update(UNITS).where(UNITS.c.code == unit.code).values(columns))
    session.execute(delete(UNIT_ADDRESSES).where(UNIT_ADDRESSES.c.unit == unit.code))
    _write_addresses(session, [unit])
    reopen_lost(session)


def retire_unit(session: Session, code: str, *, now: datetime) -> None:
    session.execute(update(UNITS).where(UNITS.c.code == code).values(active=False, changed_at=now))


def set_term(session: Session, code: str, *, opened_on: date | None, closed_on: date | None, now: datetime) -> bool:
    """From when and until when a unit owes reports (None: no limit on that side). False for a code the registry does not have."""
    changed = update(UNITS).where(UNITS.c.code == code).values(opened_on=opened_on, closed_on=closed_on, changed_at=now)
    return session.execute(changed.returning(UNITS.c.code)).first() is not None


def _columns(unit: Unit, position: int) -> dict[str, Any]:
    return {"name": unit.name, "group_name": unit.group, "aliases": list(unit.aliases), "position": position, "active": True}


def _write_addresses(session: Session, units: Sequence[Unit]) -> None:
    rows = [
        {"unit": unit.code, "email": email, "position": position}
        for unit in units
        for position, email in enumerate(dict.fromkeys(unit.emails))
    ]
    if rows:
        session.execute(insert(UNIT_ADDRESSES), rows)
