"""Which outcomes the mailboxes do not show yet. A decision that changes an outcome brings its message back here by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, TextClause, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from mailbox_ingest.model import Outcome
from mailbox_ingest.store.ledger.records import FilingOrder
from mailbox_ingest.store.tables import MESSAGES, UNFILED


def unfiled(
    session: Session, account: str, *, after: int = 0, limit: int = 200, recorded_after: datetime | None = None
) -> tuple[FilingOrder, ...]:
    """Messages of one mailbox in order of their ids, above `after`. A copy waits until the outcome of its original is known.

    Of those recorded before `recorded_after` only the ones that were shown once and changed since.
    """
    wanted: list[ColumnElement[bool] | TextClause] = [UNFILED, MESSAGES.c.account == account, MESSAGES.c.id > after]
    if recorded_after is not None:
        wanted.append(or_(MESSAGES.c.recorded_at > recorded_after, MESSAGES.c.filed_as.is_not(None)))
    own = select(MESSAGES).where(*wanted).order_by(MESSAGES.c.id).limit(limit).subquery()
    original = MESSAGES.alias()
    counts = func.coalesce(original.c.outcome, own.c.outcome)
    query = (
        select(own.c.id, own.c.folder, own.c.uidvalidity, own.c.uid, own.c.gm_msgid, counts.label("outcome"), own.c.outcome.label("own"))
        .outerjoin(original, original.c.id == own.c.duplicate_of)
        .where((own.c.duplicate_of.is_(None)) | (original.c.outcome.is_not(None)))
        .order_by(own.c.id)
    )
    return tuple(
        FilingOrder(
            id=row.id,
            folder=row.folder,
            uidvalidity=row.uidvalidity,
            uid=row.uid,
            gm_msgid=None if row.gm_msgid is None else int(row.gm_msgid),
            outcome=Outcome(row.outcome),
            own_outcome=Outcome(row.own),
        )
        for row in session.execute(query)
    )


def mark_filed(session: Session, orders: Iterable[FilingOrder]) -> None:
    """What is shown now; where the outcome changed meanwhile, the message stays unfiled."""
    rows = [{"row": order.id, "shown": order.own_outcome.value} for order in orders]
    if rows:
        session.connection().execute(update(MESSAGES).where(MESSAGES.c.id == bindparam("row")).values(filed_as=bindparam("shown")), rows)
