"""What people decided. Rows are added, never changed or removed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from mailbox_ingest.store.people.records import Act
from mailbox_ingest.store.tables import ACTS


def record_act(
    session: Session,
    *,
    who: str,
    action: str,
    subject: str,
    now: datetime,
    message_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str = "",
) -> int:
    """Writes one act in the transaction of what it describes. `before` and `after` are JSON-able."""
    row = {
        "at": now,
        "who": who,
        "action": action,
        "subject": subject,
        "message_id": message_id,
        "before": None if before is None else dict(before),
        "after": None if after is None else dict(after),
        "note": note,
    }
    return int(session.execute(insert(ACTS).values(row).returning(ACTS.c.id)).scalar_one())


def list_acts(
    session: Session,
    *,
    subject: str | None = None,
    message_id: int | None = None,
    who: str | None = None,
    action: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before_id: int | None = None,
    limit: int = 200,
) -> tuple[Act, ...]:
    """Newest first. `since` and `until` bound the moment of the act; `before_id` continues a list."""
    query = select(ACTS).order_by(ACTS.c.id.desc()).limit(limit)
    if who is not None:
        query = query.where(ACTS.c.who == who)
    if action is not None:
        query = query.where(ACTS.c.action == action)
    if since is not None:
        query = query.where(ACTS.c.at >= since)
    if until is not None:
        query = query.where(ACTS.c.at < until)
    if before_id is not None:
        query = query.where(ACTS.c.id < before_id)
    if subject is not None:
        query = query.where(ACTS.c.subject == subject)
    if message_id is not None:
        query = query.where(ACTS.c.message_id == message_id)
    names = ("id", "at", "who", "action", "subject", "message_id", "before", "after", "note")
    return tuple(Act(**{name: row[name] for name in names}) for row in session.execute(query).mappings())
