"""Alarms: one open row a key; closed rows are the history."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from mailbox_ingest.store.database.types import RowId
from mailbox_ingest.store.tables.base import Base, one_of

OPEN_ALARM = text("cleared_at IS NULL")


class AlarmRow(Base):
    __tablename__ = "alarms"
    __table_args__ = (
        one_of("notified", ("", "opened", "cleared")),
        Index("uq_alarms_open_key", "key", unique=True, postgresql_where=OPEN_ALARM, sqlite_where=OPEN_ALARM),
        Index(None, "key", "notified_at"),
        Index(None, "cleared_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    key: Mapped[str]
    kind: Mapped[str]
    detail: Mapped[str]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]  # NULL while it may still pass by itself
    count: Mapped[int]
    notified: Mapped[str]
    notified_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]
