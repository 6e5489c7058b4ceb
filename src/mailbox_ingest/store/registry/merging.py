"""Two units become one in the store: what the first gave goes to the second wherever that takes nothing from anybody.

A week stays with the first unit where both have reports that count, or where both owed it: what was said of that week stays true.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, delete, insert, select, update
from sqlalchemy.orm import Session

from mailbox_ingest.model import TAKEN
from mailbox_ingest.periods import Period
from mailbox_ingest.store.registry.proposals import move_proposals
from mailbox_ingest.store.tables import REPORTS, ROSTER_ENTRIES, UNIT_ADDRESSES

_STANDS = REPORTS.c.status.in_(sorted(status.value for status in TAKEN))
_Place = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What went over: reports by id, the places (form, period) at which one of them stands, addresses; `stayed` are places that did not."""

    reports: tuple[int, ...]
    places: tuple[_Place, ...]
    addresses: tuple[str, ...]
    stayed: tuple[_Place, ...]


def open_conflicts(session: Session, unit: str, into: str) -> tuple[tuple[str, Period], ...]:
    """Weeks that are not closed and for which both units have a report that counts: somebody must decide first."""
    both = _standing(session, unit) & _standing(session, into)
    return tuple((form, Period.parse(period)) for form, period in sorted(both - _frozen(session)))


def move_reports(session: Session, unit: str, into: str) -> Moved:
    """Moves reports, frozen roster entries, addresses and those proposed. The caller has refused `open_conflicts`, and retires the unit."""
    owed = _owed(session, unit)
    keep = (_standing(session, unit) & _standing(session, into)) | (owed & _owed(session, into))
    rows = session.execute(select(REPORTS.c.id, REPORTS.c.form, REPORTS.c.period, REPORTS.c.status).where(REPORTS.c.unit == unit)).all()
    moving = [row for row in rows if (row.form, row.period) not in keep]
    for row in moving:
        session.execute(update(REPORTS).where(REPORTS.c.id == row.id).values(unit=into))
    for form, period in sorted(owed - keep):
        place = and_(ROSTER_ENTRIES.c.form == form, ROSTER_ENTRIES.c.period == period, ROSTER_ENTRIES.c.unit == unit)
        session.execute(update(ROSTER_ENTRIES).where(place).values(unit=into))
    move_proposals(session, unit, into)
    stood = {status.value for status in TAKEN}
    return Moved(
        reports=tuple(row.id for row in moving),
        places=tuple(sorted({(row.form, row.period) for row in moving if row.status in stood})),
        addresses=_move_addresses(session, unit, into),
        stayed=tuple(sorted({(row.form, row.period) for row in rows if row.period is not None} & keep)),
    )


def _move_addresses(session: Session, unit: str, into: str) -> tuple[str, ...]:
    known = list(session.scalars(select(UNIT_ADDRESSES.c.email).where(UNIT_ADDRESSES.c.unit == into)))
    mine = list(session.scalars(select(UNIT_ADDRESSES.c.email).where(UNIT_ADDRESSES.c.unit == unit).order_by(UNIT_ADDRESSES.c.position)))
    session.execute(delete(UNIT_ADDRESSES).where(UNIT_ADDRESSES.c.unit == unit))
    new = [email for email in mine if email not in known]
    last = len(known)
    for number, email in enumerate(new):
        session.execute(insert(UNIT_ADDRESSES).values(unit=into, email=email, position=last + number))
    return tuple(new)


def _standing(session: Session, unit: str) -> set[_Place]:
    return {
        (row.form, row.period) for row in session.execute(select(REPORTS.c.form, REPORTS.c.period).where(REPORTS.c.unit == unit, _STANDS))
    }


def _owed(session: Session, unit: str) -> set[_Place]:
    """Closed weeks that the unit owed."""
    table = ROSTER_ENTRIES.c
    return {(row.form, row.period) for row in session.execute(select(table.form, table.period).where(table.unit == unit))}


def _frozen(session: Session) -> set[_Place]:
    return {(row.form, row.period) for row in session.execute(select(ROSTER_ENTRIES.c.form, ROSTER_ENTRIES.c.period).distinct())}
