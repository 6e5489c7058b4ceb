"""The gates of the outbox: what stops sending, since when, why and until when. Stored, so that a restart opens none.

sending   closed by the provider's daily limit for a time; the first mail that goes out afterwards forgets how often it closed
replies   closed by the breaker against loops; a person opens it
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, and_, select, update
from sqlalchemy.orm import Session

from mailbox_ingest.model import OutgoingKind
from mailbox_ingest.store.database.clocks import SKEW
from mailbox_ingest.store.database.inserts import insert_unless_known
from mailbox_ingest.store.outgoing.records import ClosedGate, SentReply
from mailbox_ingest.store.tables import OUTBOX_GATES, OUTGOING, OUTGOING_RECIPIENTS
from mailbox_ingest.store.tables.outgoing import GATES

SENDING, REPLIES = GATES


def lock_gates(session: Session, *, now: datetime) -> dict[str, ClosedGate]:
    """The closed gates by name. Until the caller's transaction ends nobody else passes: workers count and claim one after another."""
    rows = _locked(session)
    if len(rows) < len(GATES):
        fresh = [{"gate": gate, "reason": "", "times": 0} for gate in GATES]
        insert_unless_known(session, OUTBOX_GATES, fresh, unique=("gate",), returning="gate")
        rows = _locked(session)
    return {gate.gate: gate for gate in _closed(rows, now)}


def closed_gates(session: Session, *, now: datetime) -> tuple[ClosedGate, ...]:
    """What stops the outbox now, for alarms and for people. Reads only."""
    return _closed(session.execute(select(OUTBOX_GATES).order_by(OUTBOX_GATES.c.gate)).mappings().all(), now)


def close_gate(session: Session, gate: str, *, now: datetime, until: datetime | None, reason: str) -> None:
    """Stops what the gate lets through; one that is closed already keeps its first moment."""
    lock_gates(session, now=now)
    row = session.execute(select(OUTBOX_GATES).where(OUTBOX_GATES.c.gate == gate)).mappings().one()
    session.execute(
        update(OUTBOX_GATES)
        .where(OUTBOX_GATES.c.gate == gate)
        .values(closed_at=row["closed_at"] or now, until=until, reason=reason, times=row["times"] + 1)
    )


def times_closed(session: Session, gate: str) -> int:
    """How often in a row the gate closed."""
    return session.scalar(select(OUTBOX_GATES.c.times).where(OUTBOX_GATES.c.gate == gate)) or 0


def open_gate(session: Session, gate: str, *, now: datetime) -> bool:
    """A person opens it; False where it was open."""
    opened = session.execute(
        update(OUTBOX_GATES)
        .where(OUTBOX_GATES.c.gate == gate, OUTBOX_GATES.c.closed_at.is_not(None))
        .values(closed_at=None, until=None, opened_at=now, reason="", times=0)
        .returning(OUTBOX_GATES.c.gate)
    )
    return opened.first() is not None


def forget_limit(session: Session) -> None:
    """A mail went out: the provider's limit is over."""
    closed = and_(OUTBOX_GATES.c.gate == SENDING, OUTBOX_GATES.c.closed_at.is_not(None))
    session.execute(update(OUTBOX_GATES).where(closed).values(closed_at=None, until=None, reason="", times=0))


def replies_since(session: Session, moment: datetime) -> tuple[SentReply, ...]:
    """The receipts that went out after `moment`, and after a person opened the gate last."""
    opened_at = session.scalar(select(OUTBOX_GATES.c.opened_at).where(OUTBOX_GATES.c.gate == REPLIES))
    since = moment if opened_at is None else max(moment, opened_at)
    rows = session.execute(
        select(OUTGOING_RECIPIENTS.c.email, OUTGOING.c.subject)
        .join(OUTGOING, OUTGOING.c.id == OUTGOING_RECIPIENTS.c.outgoing_id)
        .where(OUTGOING.c.sent_at > since, OUTGOING.c.state == "sent", OUTGOING.c.kind == OutgoingKind.RECEIPT.value)
    )
    return tuple(SentReply(email=row.email.lower(), subject=row.subject) for row in rows)


def _locked(session: Session) -> list[RowMapping]:
    return list(session.execute(select(OUTBOX_GATES).order_by(OUTBOX_GATES.c.gate).with_for_update()).mappings())


def _closed(rows: Sequence[RowMapping], now: datetime) -> tuple[ClosedGate, ...]:
    shut = (
        row for row in rows if row["closed_at"] is not None and (row["until"] is None or (row["until"] > now >= row["closed_at"] - SKEW))
    )
    names = ("gate", "closed_at", "until", "reason", "times")
    return tuple(ClosedGate(**{name: row[name] for name in names}) for row in shut)
