"""What each pass over a mailbox brought: the health line of the digest, and the day's download."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, insert, select
from sqlalchemy.orm import Session

from mailbox_ingest.store.operations.records import Poll
from mailbox_ingest.store.tables import POLLS

DOWNLOAD_WINDOW = timedelta(hours=24)  # over which a mailbox's download is counted


def record_poll(session: Session, poll: Poll) -> None:
    session.execute(
        insert(POLLS).values(
            account=poll.account,
            started_at=poll.started_at,
            finished_at=poll.finished_at,
            succeeded=poll.failure is None,
            messages_new=poll.messages_new,
            bytes_fetched=poll.bytes_fetched,
            failure=poll.failure,
        )
    )


def last_successful_poll(session: Session, account: str | None = None) -> Poll | None:
    """The latest pass that succeeded, of one mailbox or of any."""
    query = select(POLLS).where(POLLS.c.succeeded)
    return _first(session, query if account is None else query.where(POLLS.c.account == account))


def last_poll(session: Session, account: str | None = None) -> Poll | None:
    """The latest pass, successful or not."""
    query = select(POLLS)
    return _first(session, query if account is None else query.where(POLLS.c.account == account))


def list_polls(session: Session, *, failed: bool = False, limit: int = 20) -> tuple[Poll, ...]:
    """Latest first; only those that failed, where asked."""
    query = select(POLLS).order_by(POLLS.c.finished_at.desc(), POLLS.c.id.desc()).limit(limit)
    return tuple(_poll(row) for row in session.execute(query.where(POLLS.c.succeeded.is_(False)) if failed else query))


def bytes_fetched_since(session: Session, account: str, moment: datetime) -> int:
    """Gmail suspends IMAP above 2,500 MB a day: what this mailbox cost since `moment`."""
    total = select(func.coalesce(func.sum(POLLS.c.bytes_fetched), 0)).where(POLLS.c.account == account, POLLS.c.finished_at > moment)
    return int(session.scalar(total) or 0)


def _first(session: Session, query: Select[Any]) -> Poll | None:
    row = session.execute(query.order_by(POLLS.c.finished_at.desc(), POLLS.c.id.desc()).limit(1)).first()
    return None if row is None else _poll(row)


def _poll(row: Row[Any]) -> Poll:
    return Poll(
        account=row.account,
        started_at=row.started_at,
        finished_at=row.finished_at,
        messages_new=row.messages_new,
        bytes_fetched=row.bytes_fetched,
        failure=row.failure,
    )
