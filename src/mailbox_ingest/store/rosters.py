"""Who owed reports in a period, frozen once: later changes of the registry never change a past completeness."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailbox_ingest.model import Unit
from mailbox_ingest.periods import Period
from mailbox_ingest.store.inserts import insert_unless_known
from mailbox_ingest.store.tables import ROSTER_ENTRIES


def freeze_roster(session: Session, form: str, period: Period, units: Sequence[Unit], *, now: datetime) -> tuple[Unit, ...]:
    """Freezes the roster unless it is frozen already; gives the frozen one."""
    frozen = find_roster(session, form, period)
    if frozen is not None or not units:
        return frozen or ()
    rows = [
        {
            "form": form,
            "period": str(period),
            "unit": unit.code,
            "name": unit.name,
            "group_name": unit.group,
            "position": position,
            "frozen_at": now,
        }
        for position, unit in enumerate(units)
    ]
    insert_unless_known(session, ROSTER_ENTRIES, rows, unique=("form", "period", "unit"), returning="unit")
    return find_roster(session, form, period) or ()


def find_roster(session: Session, form: str, period: Period) -> tuple[Unit, ...] | None:
    """The frozen roster in registry order (names and groups as they were; no addresses), None while the period is open."""
    place = (ROSTER_ENTRIES.c.form == form) & (ROSTER_ENTRIES.c.period == str(period))
    rows = session.execute(select(ROSTER_ENTRIES).where(place).order_by(ROSTER_ENTRIES.c.position)).all()
    return tuple(Unit(code=row.unit, name=row.name, group=row.group_name) for row in rows) or None
