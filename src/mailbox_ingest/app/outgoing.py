"""The outbox with a person in front of it: what waits and why, letting go, taking out, opening what is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.errors import DecisionRefused
from mailbox_ingest.model import OutgoingMail
from mailbox_ingest.store.outgoing.desk import drop_mail, release_mail, show_mail
from mailbox_ingest.store.outgoing.gates import closed_gates, open_gate
from mailbox_ingest.store.outgoing.lookup import list_outbox
from mailbox_ingest.store.outgoing.records import ClosedGate, OutboxEntry
from mailbox_ingest.store.people.audit import record_act


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxDesk:
    """Acts for one person, `who`, as of `now`. Every act is one transaction and one line of the audit."""

    sessions: sessionmaker[Session]
    who: str
    now: datetime

    def entries(self, *, state: str | None = None, kind: str | None = None, limit: int = 200) -> tuple[OutboxEntry, ...]:
        with self.sessions() as session:
            return list_outbox(session, state=state, kind=kind, limit=limit)

    def gates(self) -> tuple[ClosedGate, ...]:
        """What stops sending, or replies, now."""
        with self.sessions() as session:
            return closed_gates(session, now=self.now)

    def show(self, key: str) -> tuple[OutboxEntry, OutgoingMail]:
        """By number, key or Message-ID. Raises DecisionRefused for one that is not there."""
        with self.sessions() as session:
            return show_mail(session, key)

    def release(self, key: str, *, reason: str = "") -> OutboxEntry:
        """A held, failed or given-up mail goes out after all. Raises DecisionRefused."""
        with self.sessions.begin() as session:
            return release_mail(session, key, who=self.who, now=self.now, note=reason)

    def drop(self, key: str, *, reason: str) -> OutboxEntry:
        """A mail that has not gone out never will. Raises DecisionRefused, also without a reason."""
        if not reason.strip():
            told = "outbox drop: expected a reason: somebody may ask why this mail never went out"
            raise DecisionRefused(told, code="drop_reason_missing")
        with self.sessions.begin() as session:
            return drop_mail(session, key, who=self.who, now=self.now, note=reason.strip())

    def resume(self, *, reason: str = "") -> tuple[ClosedGate, ...]:
        """Opens what is closed; gives what was. What the breaker counts begins anew."""
        with self.sessions.begin() as session:
            shut = closed_gates(session, now=self.now)
            for gate in shut:
                open_gate(session, gate.gate, now=self.now)
                before = {"closed_at": gate.closed_at.isoformat(), "reason": gate.reason}
                record_act(
                    session, who=self.who, action="outbox_resumed", subject=f"outbox:{gate.gate}", now=self.now, before=before, note=reason
                )
        return shut
