"""The queue of the ledger: hands open messages out under a lease, takes failures back.

received --claim--> reading --finish--> done; a failed attempt goes back to received, after three strikes to a human. What a dead reader
left in 'reading' comes with `abandoned` once its lease is over: whose fault the death was is not known yet, `begin_alone` finds out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from sqlalchemy import Integer, RowMapping, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from mailbox_ingest.model import Outcome
from mailbox_ingest.store.database.clocks import SKEW
from mailbox_ingest.store.database.codec import unpack
from mailbox_ingest.store.ledger.records import ClaimedMessage
from mailbox_ingest.store.tables import MESSAGES, OPEN_MESSAGE, RAW_MESSAGES

MAX_ATTEMPTS = 3
MAX_DEATHS = 5  # more than attempts that fail: who kills a worker from outside may hit the same mail again
_CLAIMABLE = (
    select(MESSAGES.c.id, MESSAGES.c.state, MESSAGES.c.attempts, MESSAGES.c.size_bytes)
    .where(
        OPEN_MESSAGE,
        MESSAGES.c.id.not_in(bindparam("without", expanding=True)),
        or_(
            MESSAGES.c.state == "received",
            and_(
                MESSAGES.c.state == "reading",
                or_(MESSAGES.c.lease_until <= bindparam("now"), MESSAGES.c.lease_until > bindparam("never")),
            ),
        ),
    )
    .order_by(MESSAGES.c.attempts, MESSAGES.c.id)  # what killed or failed comes last: the others are read before it can do it again
    .limit(bindparam("most", type_=Integer()))
    .with_for_update(skip_locked=True)
)
_LEASE = (
    update(MESSAGES)
    .where(MESSAGES.c.id.in_(bindparam("ids", expanding=True)))
    .values(state="reading", lease_until=bindparam("lease_until"))
)
_CLAIMED_COLUMNS = ("id", "arrived_at", "recorded_at", "account", "folder", "uid", "attempts", "truncated", "size_bytes", "sender_email")
_CLAIMED = (
    select(*(MESSAGES.c[name] for name in _CLAIMED_COLUMNS), RAW_MESSAGES.c.data)
    .join(RAW_MESSAGES, RAW_MESSAGES.c.id == MESSAGES.c.raw_id)
    .where(MESSAGES.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(MESSAGES.c.attempts, MESSAGES.c.id)
)


def claim_messages(
    session: Session,
    *,
    now: datetime,
    lease: timedelta,
    limit: int,
    max_bytes: int | None = None,
    without: Collection[int] = (),
    max_deaths: int = MAX_DEATHS,
) -> tuple[ClaimedMessage, ...]:
    """Takes up to `limit` open messages, oldest first, those with failed attempts last, until `now + lease`; commit before reading them.

    With `max_bytes` it stops before the message that would make them larger together; the first one is taken whatever its size. Ids in
    `without` are passed over.
    No two claimers get the same message. A lease that ran out is claimable again, and so is one that ends later than any lease can. Being
    claimed is no attempt: who dies with sixteen mails in hand says nothing against fifteen of them. A message over which readers died
    `max_deaths` times while they had nothing else in hand (`begin_alone`) is quarantined here instead.
    """
    connection = session.connection()
    never = now + lease + SKEW
    rows = connection.execute(_CLAIMABLE, {"now": now, "never": never, "most": limit, "without": sorted(without)}).all()
    dead = [row.id for row in rows if row.state == "reading" and row.attempts >= max_deaths]
    if dead:
        _quarantine(session, MESSAGES.c.id.in_(dead), "its readers died", now)
    open_rows = [row for row in rows if row.id not in dead]
    if max_bytes is not None:
        sums = accumulate(row.size_bytes for row in open_rows)
        open_rows = open_rows[:1] + [row for row, total in list(zip(open_rows, sums, strict=True))[1:] if total <= max_bytes]
    if not open_rows:
        return ()
    open_ids = [row.id for row in open_rows]
    connection.execute(_LEASE, {"ids": open_ids, "lease_until": now + lease})
    abandoned = {row.id for row in open_rows if row.state == "reading"}
    claimed = connection.execute(_CLAIMED, {"ids": open_ids}).mappings()
    return tuple(_claimed(row, abandoned=row["id"] in abandoned) for row in claimed)


def begin_alone(session: Session, message_id: int) -> None:
    """Counts an attempt before an abandoned message is judged with nothing else in hand: should its reader die now, it was this one.

    Commit before going on; tell `fail_attempt` or `release_messages` that it was counted.
    """
    session.execute(
        update(MESSAGES).where(MESSAGES.c.id == message_id, MESSAGES.c.state == "reading").values(attempts=MESSAGES.c.attempts + 1)
    )


def earlier_open(session: Session, message_id: int, senders: Collection[str], *, recorded_after: datetime) -> int | None:
    """A message of one of `senders` that came before this one and has not been judged yet; None where there is none.

    One whose attempt failed, or that was recorded before `recorded_after`, is waited for no longer.
    """
    return session.scalar(
        select(MESSAGES.c.id)
        .where(
            OPEN_MESSAGE,
            MESSAGES.c.id < message_id,
            MESSAGES.c.sender_email.in_(sorted(senders)),
            or_(MESSAGES.c.state == "reading", MESSAGES.c.attempts == 0),
            MESSAGES.c.recorded_at > recorded_after,
        )
        .limit(1)
    )


def fail_attempt(
    session: Session, message_id: int, *, reason: str, now: datetime, counted: bool = False, max_attempts: int = MAX_ATTEMPTS
) -> str:
    """Gives a message back after an attempt that failed; `reason` is English, for the operator. `counted`: `begin_alone` was there.

    Gives the state it is in now: 'received', 'quarantined' (done, needs_review), or 'done' when somebody else finished it meanwhile.
    """
    open_row = and_(MESSAGES.c.id == message_id, MESSAGES.c.state != "done")
    if not counted:
        session.execute(update(MESSAGES).where(open_row).values(attempts=MESSAGES.c.attempts + 1))
    if _quarantine(session, and_(open_row, MESSAGES.c.attempts >= max_attempts), reason, now):
        return "quarantined"
    changed = session.execute(
        update(MESSAGES).where(open_row).values(state="received", lease_until=None, last_failure=reason).returning(MESSAGES.c.id)
    )
    return "received" if changed.first() is not None else "done"


def release_messages(session: Session, message_ids: Sequence[int], *, counted: Collection[int] = ()) -> None:
    """Gives claimed messages back unread, for example when the worker stops. The attempt that `begin_alone` counted for those in `counted`
    is taken back."""
    held = MESSAGES.c.state == "reading"
    session.execute(update(MESSAGES).where(MESSAGES.c.id.in_(sorted(counted)), held).values(attempts=MESSAGES.c.attempts - 1))
    session.execute(update(MESSAGES).where(MESSAGES.c.id.in_(list(message_ids)), held).values(state="received", lease_until=None))


def load_raw(session: Session, message_id: int) -> bytes | None:
    """The mail as it came, None for an unknown id."""
    data = session.scalar(
        select(RAW_MESSAGES.c.data).join(MESSAGES, MESSAGES.c.raw_id == RAW_MESSAGES.c.id).where(MESSAGES.c.id == message_id)
    )
    return None if data is None else unpack(data)


def _claimed(row: RowMapping, *, abandoned: bool) -> ClaimedMessage:
    facts = {name: row[name] for name in _CLAIMED_COLUMNS}
    return ClaimedMessage(raw=unpack(row["data"]), **{**facts, "attempts": row["attempts"] + 1}, abandoned=abandoned)


def _quarantine(session: Session, which: Any, reason: str, now: datetime) -> bool:
    done = session.execute(
        update(MESSAGES)
        .where(which)
        .values(
            state="done",
            lease_until=None,
            outcome=Outcome.NEEDS_REVIEW.value,
            quarantined=True,
            last_failure=reason,
            reason=f"could not be read: {reason}",
            finished_at=now,
        )
        .returning(MESSAGES.c.id)
    )
    return done.first() is not None
