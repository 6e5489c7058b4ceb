"""Addresses proposed for registration: of strangers who reported under a clear letterhead. Only a person approves or declines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, exists, func, insert, select, update
from sqlalchemy.orm import Session

from mailbox_ingest.errors import DecisionRefused
from mailbox_ingest.store.database.inserts import insert_unless_known
from mailbox_ingest.store.people.audit import record_act
from mailbox_ingest.store.tables import ADDRESS_PROPOSALS, UNIT_ADDRESSES, UNITS


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressProposal:
    """`state`: 'proposed', 'approved', 'declined'. `message_id` is the latest mail, `seen` how many there were."""

    address: str
    unit: str
    message_id: int
    seen: int
    first_seen_at: datetime
    last_seen_at: datetime
    state: str
    decided_by: str | None
    decided_at: datetime | None


def propose_address(session: Session, address: str, unit: str, *, message_id: int, at: datetime) -> None:
    """Proposes, or counts once more; what a person decided stays decided."""
    row = {
        "address": address,
        "unit": unit,
        "message_id": message_id,
        "seen": 1,
        "first_seen_at": at,
        "last_seen_at": at,
        "state": "proposed",
        "decided_by": None,
        "decided_at": None,
    }
    if insert_unless_known(session, ADDRESS_PROPOSALS, [row], unique=("address", "unit"), returning="address"):
        return
    session.execute(
        update(ADDRESS_PROPOSALS)
        .where(ADDRESS_PROPOSALS.c.address == address, ADDRESS_PROPOSALS.c.unit == unit)
        .values(seen=ADDRESS_PROPOSALS.c.seen + 1, last_seen_at=at, message_id=message_id)
    )


def list_proposals(session: Session, *, state: str | None = None) -> tuple[AddressProposal, ...]:
    """Those that wait for a person first, then the latest."""
    query = select(ADDRESS_PROPOSALS).order_by(
        ADDRESS_PROPOSALS.c.state != "proposed", ADDRESS_PROPOSALS.c.last_seen_at.desc(), ADDRESS_PROPOSALS.c.address
    )
    if state is not None:
        query = query.where(ADDRESS_PROPOSALS.c.state == state)
    return tuple(_proposal(row) for row in session.execute(query))


def approve_address(session: Session, address: str, *, unit: str | None = None, who: str, now: datetime) -> AddressProposal:
    """Registers a proposed address for its unit, or for the one given. Raises DecisionRefused."""
    proposal = _proposed(session, address, unit)
    code = unit or proposal.unit
    known = session.execute(select(UNITS.c.active).where(UNITS.c.code == code).with_for_update()).first()
    if known is None or not known.active:
        raise DecisionRefused(f"unit {code!r}: expected the code of a unit in the registry", code="unit_gone", unit=code)
    before = _addresses(session, code)
    if address not in before:
        last = session.scalar(select(func.max(UNIT_ADDRESSES.c.position)).where(UNIT_ADDRESSES.c.unit == code))
        session.execute(insert(UNIT_ADDRESSES).values(unit=code, email=address, position=0 if last is None else last + 1))
        session.execute(update(UNITS).where(UNITS.c.code == code).values(changed_at=now))
    after = _addresses(session, code)
    if code != proposal.unit:
        _decide(session, proposal, "declined", who=who, now=now)
        proposal = _moved(session, proposal, code)
    _decide(session, proposal, "approved", who=who, now=now)
    record_act(
        session,
        who=who,
        action="approve-address",
        subject=f"unit:{code}",
        now=now,
        message_id=proposal.message_id,
        before={"emails": before},
        after={"emails": after},
        note=address,
    )
    return _one(session, address, code)


def decline_address(session: Session, address: str, *, unit: str | None = None, who: str, now: datetime) -> tuple[AddressProposal, ...]:
    """The address is not registered, for one unit or for all it was proposed for. Raises DecisionRefused."""
    waiting = [item for item in _waiting(session, address) if unit is None or item.unit == unit]
    if not waiting:
        raise DecisionRefused(
            f"{address!r}: expected an address that waits for a decision (units proposals)", code="address_decided", address=address
        )
    for item in waiting:
        _decide(session, item, "declined", who=who, now=now)
        record_act(
            session,
            who=who,
            action="decline-address",
            subject=f"unit:{item.unit}",
            now=now,
            message_id=item.message_id,
            before={"state": "proposed"},
            after={"state": "declined"},
            note=address,
        )
    return tuple(_one(session, address, item.unit) for item in waiting)


def reopen_lost(session: Session) -> None:
    """After an import of the registry: an approval that the file has undone is a proposal again, for a person to see."""
    registered = exists().where(UNIT_ADDRESSES.c.unit == ADDRESS_PROPOSALS.c.unit, UNIT_ADDRESSES.c.email == ADDRESS_PROPOSALS.c.address)
    lost = update(ADDRESS_PROPOSALS).where(ADDRESS_PROPOSALS.c.state == "approved", ~registered)
    session.execute(lost.values(state="proposed", decided_by=None, decided_at=None))


def move_proposals(session: Session, unit: str, into: str) -> None:
    """Two units became one: what was proposed for the first is for the second. Of an address proposed for both, the second's row stays."""
    other = ADDRESS_PROPOSALS.alias()
    of_both = exists().where(other.c.unit == into, other.c.address == ADDRESS_PROPOSALS.c.address)
    mine = ADDRESS_PROPOSALS.c.unit == unit
    session.execute(delete(ADDRESS_PROPOSALS).where(mine, of_both))
    session.execute(update(ADDRESS_PROPOSALS).where(mine, ~of_both).values(unit=into))


def _proposed(session: Session, address: str, unit: str | None) -> AddressProposal:
    waiting = _waiting(session, address)
    if not waiting:
        raise DecisionRefused(
            f"{address!r}: expected an address that waits for a decision (units proposals)", code="address_decided", address=address
        )
    same = [item for item in waiting if item.unit == unit]
    if same or len(waiting) == 1 or unit is not None:
        return (same or waiting)[0]
    told = f"{address!r} is proposed for {', '.join(item.unit for item in waiting)}: expected --unit with one of them"
    raise DecisionRefused(told, code="address_of_several", address=address)


def _waiting(session: Session, address: str) -> list[AddressProposal]:
    rows = session.execute(
        select(ADDRESS_PROPOSALS)
        .where(ADDRESS_PROPOSALS.c.address == address, ADDRESS_PROPOSALS.c.state == "proposed")
        .order_by(ADDRESS_PROPOSALS.c.unit)
        .with_for_update()
    )
    return [_proposal(row) for row in rows]


def _moved(session: Session, proposal: AddressProposal, unit: str) -> AddressProposal:
    """The same address for another unit, which a person named."""
    propose_address(session, proposal.address, unit, message_id=proposal.message_id, at=proposal.last_seen_at)
    return _one(session, proposal.address, unit)


def _decide(session: Session, proposal: AddressProposal, state: str, *, who: str, now: datetime) -> None:
    session.execute(
        update(ADDRESS_PROPOSALS)
        .where(ADDRESS_PROPOSALS.c.address == proposal.address, ADDRESS_PROPOSALS.c.unit == proposal.unit)
        .values(state=state, decided_by=who, decided_at=now)
    )


def _addresses(session: Session, unit: str) -> list[str]:
    return list(session.scalars(select(UNIT_ADDRESSES.c.email).where(UNIT_ADDRESSES.c.unit == unit).order_by(UNIT_ADDRESSES.c.position)))


def _one(session: Session, address: str, unit: str) -> AddressProposal:
    chosen = select(ADDRESS_PROPOSALS).where(ADDRESS_PROPOSALS.c.address == address, ADDRESS_PROPOSALS.c.unit == unit)
    return _proposal(session.execute(chosen).one())


def _proposal(row: Row[Any]) -> AddressProposal:
    names = ("address", "unit", "message_id", "seen", "first_seen_at", "last_seen_at", "state", "decided_by", "decided_at")
    return AddressProposal(**{name: getattr(row, name) for name in names})
