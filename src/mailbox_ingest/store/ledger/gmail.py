"""Mails that Gmail's own id (X-GM-MSGID) tells are here already: moved, labelled anew, listed again. Their bytes are not fetched twice."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailbox_ingest.model import Outcome
from mailbox_ingest.store.database.inserts import insert_unless_known
from mailbox_ingest.store.ledger.identity import gmail_identity
from mailbox_ingest.store.ledger.records import Arrival, Recorded
from mailbox_ingest.store.tables import IDENTITIES, MESSAGES

_COPIED = ("raw_id", "size_bytes", "truncated", "rfc_message_id", "sender_email", "sender_name", "subject")
_AT_ONCE = 500  # SQLite bounds the parameters of a statement


def known_gmail_ids(session: Session, account: str, ids: Collection[int]) -> frozenset[int]:
    """Which of these the ledger has of this mailbox, from whatever place."""
    digests = {gmail_identity(account, number): number for number in ids}
    found: set[int] = set()
    ordered = sorted(digests)
    for start in range(0, len(ordered), _AT_ONCE):
        rows = session.scalars(select(IDENTITIES.c.digest).where(IDENTITIES.c.digest.in_(ordered[start : start + _AT_ONCE])))
        found |= {digests[bytes(row)] for row in rows}
    return frozenset(found)


def record_copy(session: Session, arrival: Arrival, *, now: datetime) -> Recorded | None:
    """A finished row for another place of a mail that is here; None where this place has one. Raises LookupError without an original."""
    assert arrival.gm_msgid is not None
    owner = select(IDENTITIES.c.message_id).where(IDENTITIES.c.digest == gmail_identity(arrival.account, arrival.gm_msgid))
    original = session.execute(
        select(MESSAGES.c.id, *(MESSAGES.c[name] for name in _COPIED)).where(MESSAGES.c.id == owner.scalar_subquery())
    )
    row = original.mappings().first()
    if row is None:
        raise LookupError(f"no mail with Gmail id {arrival.gm_msgid} in the ledger")
    copy = {
        **{name: row[name] for name in _COPIED},
        "account": arrival.account,
        "folder": arrival.folder,
        "uidvalidity": arrival.uidvalidity,
        "uid": arrival.uid,
        "gm_msgid": str(arrival.gm_msgid),
        "gm_thrid": None if arrival.gm_thrid is None else str(arrival.gm_thrid),
        "flags": list(arrival.flags),
        "arrived_at": arrival.arrived_at,
        "recorded_at": now,
        "state": "done",
        "outcome": Outcome.DUPLICATE.value,
        "duplicate_of": row["id"],
        "reason": f"the same mail as message {row['id']}",
        "finished_at": now,
        "attempts": 0,
        "quarantined": False,
        "reference_ids": [],
        "may_reply": False,
        "sender_registered": False,
    }
    written = insert_unless_known(session, MESSAGES, [copy], unique=("account", "folder", "uidvalidity", "uid"), returning="id")
    return Recorded(id=int(written[0]), state="duplicate", duplicate_of=int(row["id"])) if written else None
