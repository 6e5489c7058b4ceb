"""The door and the queue of the ledger: records mails with their bytes, hands them out under a lease, takes failures back.

`finish.py` closes a message, `messages.py` reads the ledger back; both can be had here, so that callers know one door.

received --claim--> reading --finish--> done; a failed attempt goes back to received, after three strikes to a human. What a dead reader
left in 'reading' comes with `abandoned` once its lease is over: whose fault the death was is not known yet, `begin_alone` finds out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from sqlalchemy import Integer, RowMapping, and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from mailbox_ingest.model import Outcome
from mailbox_ingest.store.clocks import SKEW
from mailbox_ingest.store.codec import RAW_CODEC, pack, unpack
from mailbox_ingest.store.finish import finish_message
from mailbox_ingest.store.gmail import record_copy
from mailbox_ingest.store.identity import Glance, glance
from mailbox_ingest.store.inserts import insert_unless_known
from mailbox_ingest.store.messages import count_messages, find_message, list_messages, message_details
from mailbox_ingest.store.records import Arrival, ClaimedMessage, Recorded
from mailbox_ingest.store.tables import IDENTITIES, MESSAGES, OPEN_MESSAGE, RAW_MESSAGES
from mailbox_ingest.store.words import words_of, write_words

__all__ = [
    "MAX_ATTEMPTS",
    "Arrival",
    "ClaimedMessage",
    "Recorded",
    "begin_alone",
    "claim_messages",
    "count_messages",
    "earlier_open",
    "fail_attempt",
    "find_message",
    "finish_message",
    "last_uid",
    "list_messages",
    "load_raw",
    "message_details",
    "record_message",
    "release_messages",
]

MAX_ATTEMPTS = 3
MAX_DEATHS = 5  # more than attempts that fail: who kills a worker from outside may hit the same mail again
_PLACE = ("account", "folder", "uidvalidity", "uid")

# Door and queue are the hot path: statements are built once, not for every mail.
_AT_PLACE = select(MESSAGES.c.id, MESSAGES.c.duplicate_of).where(*(MESSAGES.c[name] == bindparam(f"at_{name}") for name in _PLACE))
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
_RAW_ID = select(RAW_MESSAGES.c.id).where(RAW_MESSAGES.c.sha256 == bindparam("digest"))


def record_message(session: Session, arrival: Arrival, *, now: datetime) -> Recorded:
    """Writes the mail's bytes and its ledger row; a mail that is already here from elsewhere gets a finished row of its own.

    Safe under races: the unique keys decide, whoever comes second sees 'known' or 'duplicate'.
    """
    known = _at_place(session, arrival)
    if known is None and arrival.known:
        known = record_copy(session, arrival, now=now) or _at_place(session, arrival)
    if known is not None:
        return known
    facts = glance(arrival)
    written = insert_unless_known(
        session, MESSAGES, [_new_row(arrival, facts, _raw_id(session, arrival, facts), now)], unique=_PLACE, returning="id"
    )
    if not written:
        known = _at_place(session, arrival)
        assert known is not None
        return known
    message_id = int(written[0])
    write_words(session, message_id, words_of(facts.subject, facts.sender_name, facts.sender_email))
    original = _claim_identities(session, facts, message_id)
    if original is None:
        return Recorded(id=message_id, state="new")
    session.execute(
        update(MESSAGES)
        .where(MESSAGES.c.id == message_id)
        .values(
            state="done",
            outcome=Outcome.DUPLICATE.value,
            duplicate_of=original,
            may_reply=False,
            finished_at=now,
            reason=f"the same mail as message {original}",
        )
    )
    return Recorded(id=message_id, state="duplicate", duplicate_of=original)


def last_uid(session: Session, account: str, folder: str, uidvalidity: int) -> int:
    """The highest UID recorded of this folder generation, 0 if none."""
    place = (MESSAGES.c.account == account) & (MESSAGES.c.folder == folder) & (MESSAGES.c.uidvalidity == uidvalidity)
    return int(session.scalar(select(func.max(MESSAGES.c.uid)).where(place)) or 0)


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


def _at_place(session: Session, arrival: Arrival) -> Recorded | None:
    row = session.connection().execute(_AT_PLACE, {f"at_{name}": getattr(arrival, name) for name in _PLACE}).first()
    return None if row is None else Recorded(id=row.id, state="known", duplicate_of=row.duplicate_of)


def _claimed(row: RowMapping, *, abandoned: bool) -> ClaimedMessage:
    facts = {name: row[name] for name in _CLAIMED_COLUMNS}
    return ClaimedMessage(raw=unpack(row["data"]), **{**facts, "attempts": row["attempts"] + 1}, abandoned=abandoned)


def _raw_id(session: Session, arrival: Arrival, facts: Glance) -> int:
    row = {"sha256": facts.raw_sha256, "size_bytes": len(arrival.raw), "codec": RAW_CODEC, "data": pack(arrival.raw)}
    written = insert_unless_known(session, RAW_MESSAGES, [row], unique=("sha256",), returning="id")
    if written:
        return int(written[0])
    return int(session.connection().execute(_RAW_ID, {"digest": facts.raw_sha256}).scalar_one())


def _claim_identities(session: Session, facts: Glance, message_id: int) -> int | None:
    """Registers what identifies this mail; gives the message that already owned one of them. The rest then counts for that one, too."""
    rows = [{"digest": digest, "kind": kind, "message_id": message_id} for kind, digest in facts.identities]
    if not rows:
        return None
    if len(insert_unless_known(session, IDENTITIES, rows, unique=("digest",), returning="digest")) == len(rows):
        return None
    digests = [digest for _, digest in facts.identities]
    original = session.execute(
        select(func.min(IDENTITIES.c.message_id)).where(IDENTITIES.c.digest.in_(digests), IDENTITIES.c.message_id != message_id)
    ).scalar_one()
    session.execute(update(IDENTITIES).where(IDENTITIES.c.message_id == message_id).values(message_id=original))
    return int(original)


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


def _new_row(arrival: Arrival, facts: Glance, raw_id: int, now: datetime) -> dict[str, Any]:
    return {
        "account": arrival.account,
        "folder": arrival.folder,
        "uidvalidity": arrival.uidvalidity,
        "uid": arrival.uid,
        "gm_msgid": None if arrival.gm_msgid is None else str(arrival.gm_msgid),
        "gm_thrid": None if arrival.gm_thrid is None else str(arrival.gm_thrid),
        "flags": list(arrival.flags),
        "raw_id": raw_id,
        "size_bytes": len(arrival.raw) if arrival.size_bytes is None else arrival.size_bytes,
        "truncated": arrival.truncated,
        "arrived_at": arrival.arrived_at,
        "recorded_at": now,
        "state": "received",
        "attempts": 0,
        "quarantined": False,
        "rfc_message_id": facts.message_id,
        "sender_email": facts.sender_email,
        "sender_name": facts.sender_name,
        "subject": facts.subject,
        "reference_ids": [],
        "reason": "",
        "may_reply": True,
        "sender_registered": False,
    }
