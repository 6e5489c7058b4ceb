"""What people do with mails of the outbox: look one up, let it go out, take it out. Rows are never removed; every act is written down."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailbox_ingest.errors import DecisionRefused
from mailbox_ingest.model import OutgoingKind, OutgoingMail
from mailbox_ingest.store.database.types import LARGEST_INTEGER
from mailbox_ingest.store.outgoing.lookup import find_entries, find_mail
from mailbox_ingest.store.outgoing.records import OutboxEntry
from mailbox_ingest.store.people.audit import record_act
from mailbox_ingest.store.tables import OUTGOING

RELEASABLE = ("held", "failed", "given_up")
DROPPABLE = ("held", "failed", "queued")


def find_entry(session: Session, key: str) -> OutboxEntry | None:
    """By number, key or Message-ID."""
    if key.isdecimal():
        condition = OUTGOING.c.id == min(int(key), LARGEST_INTEGER)
    else:
        condition = (OUTGOING.c.mail_key == key) | (OUTGOING.c.rfc_message_id == f"<{key.strip().removeprefix('<').removesuffix('>')}>")
    found = find_entries(session, select(OUTGOING).where(condition).limit(1))
    return found[0] if found else None


def show_mail(session: Session, key: str) -> tuple[OutboxEntry, OutgoingMail]:
    """Raises DecisionRefused for a key that nothing has."""
    entry = _entry(session, key)
    mail = find_mail(session, entry.key)
    assert mail is not None
    return entry, mail


def release_mail(session: Session, key: str, *, who: str, now: datetime, note: str = "", upward: bool = False) -> OutboxEntry:
    """Lets a mail go out that is held, failed or was given up. Raises DecisionRefused.

    A report to the body above us is released by its own name only, where its figures are looked at once more, and not when it was given
    up: a newer draft may have gone out in its place.
    """
    entry = _entry(session, key)
    of_upward = entry.kind == OutgoingKind.UPWARD.value
    if of_upward and (entry.state == "given_up" or (entry.state == "held" and not upward)):
        told = f"mail {entry.id} ({entry.key}) is {entry.state}: use 'upward release', or 'upward draft --again' before it"
        raise DecisionRefused(told, code="mail_upward")
    if entry.state not in RELEASABLE:
        told = f"mail {entry.id} ({entry.key}) is {entry.state}: expected one of {', '.join(RELEASABLE)}"
        raise DecisionRefused(told, code="mail_not_held", state=entry.state)
    return _move(session, entry, "queued", action="outbox_released", who=who, now=now, note=note, attempts=0)


def drop_mail(session: Session, key: str, *, who: str, now: datetime, note: str) -> OutboxEntry:
    """Takes a mail out that has not gone: it never will, unless somebody releases it. Raises DecisionRefused."""
    entry = _entry(session, key)
    if entry.state not in DROPPABLE:
        told = f"mail {entry.id} ({entry.key}) is {entry.state}: expected one of {', '.join(DROPPABLE)}"
        raise DecisionRefused(told, code="mail_not_droppable", state=entry.state)
    return _move(session, entry, "given_up", action="outbox_dropped", who=who, now=now, note=note)


def _move(
    session: Session, entry: OutboxEntry, state: str, *, action: str, who: str, now: datetime, note: str, **values: int
) -> OutboxEntry:
    """From the state that was read, or not at all: somebody else may have been quicker."""
    told = f"{action.removeprefix('outbox_')} by {who}" + (f": {note}" if note else "")
    moved = session.execute(
        update(OUTGOING)
        .where(OUTGOING.c.id == entry.id, OUTGOING.c.state == entry.state)
        .values(state=state, due_at=now, last_answer=told, **values)
        .returning(OUTGOING.c.id)
    ).first()
    if moved is None:
        raise DecisionRefused(f"mail {entry.id} ({entry.key}) changed meanwhile: look again", code="mail_changed")
    before = {"state": entry.state, "last_answer": entry.last_answer}
    record_act(session, who=who, action=action, subject=f"mail:{entry.id}", now=now, before=before, after={"state": state}, note=note)
    return _entry(session, str(entry.id))


def _entry(session: Session, key: str) -> OutboxEntry:
    entry = find_entry(session, key)
    if entry is None:
        raise DecisionRefused(f"outbox: expected the number, the key or the Message-ID of a mail, not {key!r}", code="mail_unknown")
    return entry
