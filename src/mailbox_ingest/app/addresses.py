"""Addresses with everything a person needs: which ones take our mail, and which are proposed for registration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import Config
from mailbox_ingest.errors import DecisionRefused
from mailbox_ingest.model import ContactState
from mailbox_ingest.store.people.audit import record_act
from mailbox_ingest.store.registry.contacts import Contact, contact_states, mark_reachable
from mailbox_ingest.store.registry.proposals import AddressProposal, approve_address, decline_address, list_proposals
from mailbox_ingest.store.registry.units import load_units


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreached:
    """An address of `whose` that our mail does not reach, or may not: dead, full, or doubtful. None where a unit has no address.

    `whose` is the code of a unit; for a recipient of a digest or an escalation, 'digest <name>' or 'escalation <form>'.
    """

    whose: str
    address: str | None
    state: str  # a ContactState, or 'no_address'
    since: datetime | None = None
    status: str | None = None
    diagnostic: str | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """The addresses of the registry and those that knock at it. Every decision is one transaction with its act of `who`."""

    sessions: sessionmaker[Session]
    who: str
    now: datetime

    def contacts(self) -> Mapping[str, Contact]:
        """What is known of every address a person wrote from or a mail came back from."""
        with self.sessions() as session:
            return contact_states(session)

    def proposals(self, *, state: str | None = None) -> tuple[AddressProposal, ...]:
        """Those that wait for a decision first; `state`: 'proposed', 'approved' or 'declined' only."""
        with self.sessions() as session:
            return list_proposals(session, state=state)

    def approve(self, address: str, *, unit: str | None = None) -> AddressProposal:
        """Registers a proposed address. Raises DecisionRefused."""
        with self.sessions.begin() as session:
            return approve_address(session, address.strip().lower(), unit=unit, who=self.who, now=self.now)

    def decline(self, address: str, *, unit: str | None = None) -> tuple[AddressProposal, ...]:
        """Raises DecisionRefused."""
        with self.sessions.begin() as session:
            return decline_address(session, address.strip().lower(), unit=unit, who=self.who, now=self.now)

    def revive(self, address: str) -> Contact:
        """The address takes mail again, a person says; gives what was known before. Raises DecisionRefused."""
        address = address.strip().lower()
        with self.sessions.begin() as session:
            before = mark_reachable(session, address, now=self.now)
            if before is None:
                told = f"{address!r}: expected an address that a mail came back from (status)"
                raise DecisionRefused(told, code="address_not_shut", address=address)
            record_act(
                session,
                who=self.who,
                action="revive-address",
                subject=f"address:{address}",
                now=self.now,
                before={"state": str(before.state)},
                after={"state": str(ContactState.REACHABLE)},
            )
        return before


def unreached(session: Session, config: Config) -> tuple[Unreached, ...]:
    """Every address we write to that is not known to take our mail because one came back, and units without any address."""
    units = load_units(session)
    ours = [(unit.code, email) for unit in units for email in unit.emails]
    ours += [(f"digest {item.name}", email.lower()) for item in config.digests for email in item.recipients]
    ours += [(f"escalation {item.form}", email.lower()) for item in config.reminders for email in item.escalate_to]
    contacts = contact_states(session, {email for _, email in ours})
    shut = tuple(
        Unreached(
            whose=whose,
            address=email,
            state=str(contact.state),
            since=contact.since,
            status=contact.status,
            diagnostic=contact.diagnostic,
            message_id=contact.message_id,
        )
        for whose, email in ours
        if (contact := contacts.get(email)) is not None and contact.state is not ContactState.REACHABLE
    )
    return (*(Unreached(whose=unit.code, address=None, state="no_address") for unit in units if not unit.emails), *shut)
