"""Alarms in the database: raised, cleared, told, listed. Whether and when one is told is decided elsewhere."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from mailbox_ingest.model.alarms import Alarm, AlarmKind, Trouble
from mailbox_ingest.store.database.inserts import insert_unless_known
from mailbox_ingest.store.tables import ALARMS, OPEN_ALARM

_FIELDS = tuple(item.name for item in fields(Alarm) if item.name != "id")


def raise_alarm(session: Session, trouble: Trouble, *, now: datetime) -> Alarm:
    """Counts a trouble on its key's alarm; the first one makes it. Two workers that meet the same trouble make one alarm."""
    first = _values(Alarm.of(trouble, now)) | {"count": 0}
    known = None
    while known is None:  # somebody may clear the row between the two statements; then ours is the first again
        insert_unless_known(session, ALARMS, [first], unique=("key",), returning="id", where=OPEN_ALARM)
        known = _open_row(session, trouble.key, for_update=True)
    alarm = replace(known, count=1) if known.count == 0 else known.again(trouble, now)
    session.execute(update(ALARMS).where(ALARMS.c.id == known.id).values(_values(alarm)))
    return alarm


def clear_alarm(session: Session, key: str, *, now: datetime) -> Alarm | None:
    """Ends the key's alarm and gives it; None where there was none, or only one that passed before it was told."""
    known = _open_row(session, key, for_update=True)
    if known is None:
        return None
    if known.opened_at is None:
        session.execute(delete(ALARMS).where(ALARMS.c.id == known.id))
        return None
    alarm = known.cleared(now)
    session.execute(update(ALARMS).where(ALARMS.c.id == known.id).values(cleared_at=alarm.cleared_at, tried_at=None))
    return alarm


def record_alarm(session: Session, alarm: Alarm) -> None:
    """Writes down what was known only in memory while the database could not be used; counts on an open alarm of the same key."""
    known = _open_row(session, alarm.key, for_update=True) if alarm.cleared_at is None else None
    if known is None:
        session.execute(insert(ALARMS).values(_values(alarm)))
        return
    told = alarm if alarm.notified else known
    session.execute(
        update(ALARMS)
        .where(ALARMS.c.id == known.id)
        .values(
            kind=alarm.kind.value,
            detail=alarm.detail,
            last_seen_at=alarm.last_seen_at,
            opened_at=known.opened_at or alarm.opened_at,
            count=known.count + alarm.count,
            notified=told.notified,
            notified_at=told.notified_at,
        )
    )


def open_alarms(session: Session) -> tuple[Alarm, ...]:
    """Oldest first; without those that may still pass by themselves."""
    query = select(ALARMS).where(OPEN_ALARM, ALARMS.c.opened_at.is_not(None)).order_by(ALARMS.c.opened_at, ALARMS.c.id)
    return tuple(_alarm(row) for row in session.execute(query).mappings())


def has_alarm(session: Session, key: str) -> bool:
    """Whether there is anything to clear, alarms that may still pass included."""
    return _open_row(session, key) is not None


def alarm_history(session: Session, *, limit: int = 100) -> tuple[Alarm, ...]:
    """Alarms that are over, newest first."""
    query = select(ALARMS).where(ALARMS.c.cleared_at.is_not(None)).order_by(ALARMS.c.cleared_at.desc(), ALARMS.c.id.desc()).limit(limit)
    return tuple(_alarm(row) for row in session.execute(query).mappings())


def alarms_to_tell(session: Session) -> tuple[tuple[Alarm, datetime | None], ...]:
    """Open alarms, and ended ones whose end nobody heard of; with each when an alarm of its key was last told before it."""
    query = (
        select(ALARMS)
        .where(ALARMS.c.opened_at.is_not(None), or_(OPEN_ALARM, and_(ALARMS.c.cleared_at.is_not(None), ALARMS.c.notified == "opened")))
        .order_by(ALARMS.c.opened_at, ALARMS.c.id)
    )
    alarms = [_alarm(row) for row in session.execute(query).mappings()]
    return tuple((alarm, _last_notified(session, alarm)) for alarm in alarms)


def claim_notice(session: Session, alarm: Alarm, *, now: datetime) -> bool:
    """True for the one who shall tell it: two workers do not tell it twice."""
    untouched = ALARMS.c.tried_at.is_(None) if alarm.tried_at is None else ALARMS.c.tried_at == alarm.tried_at
    same = and_(ALARMS.c.id == alarm.id, untouched, ALARMS.c.notified == alarm.notified)
    return session.execute(update(ALARMS).where(same).values(tried_at=now).returning(ALARMS.c.id)).first() is not None


def mark_notified(session: Session, alarm: Alarm, *, notified: str, now: datetime) -> None:
    """It was told. `notified`: 'opened' (a reminder, too) or 'cleared'. An alarm told from memory is found by its beginning."""
    written = and_(ALARMS.c.key == alarm.key, ALARMS.c.first_seen_at == alarm.first_seen_at)
    same = written if alarm.id is None else ALARMS.c.id == alarm.id
    session.execute(update(ALARMS).where(same).values(notified=notified, notified_at=now))


def _last_notified(session: Session, alarm: Alarm) -> datetime | None:
    found: datetime | None = session.scalar(
        select(func.max(ALARMS.c.notified_at)).where(ALARMS.c.key == alarm.key, ALARMS.c.id != alarm.id, ALARMS.c.kind == alarm.kind.value)
    )
    return found


def _open_row(session: Session, key: str, *, for_update: bool = False) -> Alarm | None:
    query = select(ALARMS).where(OPEN_ALARM, ALARMS.c.key == key)
    row = session.execute(query.with_for_update() if for_update else query).mappings().first()
    return None if row is None else _alarm(row)


def _values(alarm: Alarm) -> dict[str, Any]:
    return {name: getattr(alarm, name) for name in _FIELDS} | {"kind": alarm.kind.value}


def _alarm(row: RowMapping) -> Alarm:
    return Alarm(**{name: row[name] for name in _FIELDS} | {"kind": AlarmKind(row["kind"]), "id": row["id"]})
