"""The door of the ledger: records mails with their bytes, each once. `claims.py` hands them out, `finish.py` closes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from mailbox_ingest.model import Outcome
from mailbox_ingest.store.database.codec import RAW_CODEC, pack
from mailbox_ingest.store.database.inserts import insert_unless_known
from mailbox_ingest.store.ledger.gmail import record_copy
from mailbox_ingest.store.ledger.identity import Glance, glance
from mailbox_ingest.store.ledger.records import Arrival, Recorded
from mailbox_ingest.store.ledger.words import words_of, write_words
from mailbox_ingest.store.tables import IDENTITIES, MESSAGES, RAW_MESSAGES

_PLACE = ("account", "folder", "uidvalidity", "uid")

# Door and queue are the hot path: statements are built once, not for every mail.
_AT_PLACE = select(MESSAGES.c.id, MESSAGES.c.duplicate_of).where(*(MESSAGES.c[name] == bindparam(f"at_{name}") for name in _PLACE))
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


def _at_place(session: Session, arrival: Arrival) -> Recorded | None:
    row = session.connection().execute(_AT_PLACE, {f"at_{name}": getattr(arrival, name) for name in _PLACE}).first()
    return None if row is None else Recorded(id=row.id, state="known", duplicate_of=row.duplicate_of)


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
