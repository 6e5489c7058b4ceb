"""Contact health: which addresses take our mail. Believes only bounces that answer a mail of ours; a mail from the address heals it.

    person's mail ──▶ reachable      SMTP refusal, believed bounce ──▶ dead | mailbox_full | unknown      delay ──▶ nothing

Evidence counts by when it arose, not by when it was read: what is older than what is known changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, exists, select, update
from sqlalchemy.orm import Session

from mailbox_ingest.message.refusals import enhanced_status, is_permanent, refused_state
from mailbox_ingest.model import AuthResult, ContactState, DeliveryReport
from mailbox_ingest.store.database.inserts import insert_unless_known
from mailbox_ingest.store.tables import CONTACT_HEALTH, MESSAGES, OUTGOING, OUTGOING_RECIPIENTS

WRITTEN_TO_LATELY = timedelta(days=14)  # servers try for five days, some for longer
_MAX_DIAGNOSTIC = 400
_CERTAIN = frozenset((ContactState.DEAD, ContactState.MAILBOX_FULL))
_MANY = 400  # values in one IN list


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What is known of one address. `message_id` is the ledger number of the mail that says so; None for an SMTP answer or a person."""

    address: str
    state: ContactState
    since: datetime
    seen_at: datetime
    status: str | None
    diagnostic: str | None
    message_id: int | None


def contact_states(session: Session, addresses: Collection[str] | None = None) -> dict[str, Contact]:
    """What is known, by address; an address that is not in it is one nothing is known of."""
    if addresses is None:
        return {row.address: _contact(row) for row in session.execute(select(CONTACT_HEALTH).order_by(CONTACT_HEALTH.c.address))}
    wanted = sorted(addresses)
    found: dict[str, Contact] = {}
    for start in range(0, len(wanted), _MANY):
        query = select(CONTACT_HEALTH).where(CONTACT_HEALTH.c.address.in_(wanted[start : start + _MANY]))
        found.update((row.address, _contact(row)) for row in session.execute(query))
    return found


def dead_addresses(session: Session) -> dict[str, str]:
    """Addresses that take no mail any more, with what a server said of them."""
    rows = session.execute(
        select(CONTACT_HEALTH.c.address, CONTACT_HEALTH.c.diagnostic, CONTACT_HEALTH.c.status).where(
            CONTACT_HEALTH.c.state == ContactState.DEAD.value
        )
    )
    return {row.address: row.diagnostic or row.status or "dead" for row in rows}


def note_writer(session: Session, address: str, *, at: datetime, message_id: int, registered: bool) -> None:
    """A person wrote from there: it is reachable. Strangers are not listed before a mail of ours came back from them."""
    row = session.execute(select(CONTACT_HEALTH).where(CONTACT_HEALTH.c.address == address)).first()
    if row is None:
        if registered:
            _write(session, address, ContactState.REACHABLE, at=at, message_id=message_id)
    elif row.state != ContactState.REACHABLE.value:
        _write(session, address, ContactState.REACHABLE, at=at, message_id=message_id)


def note_refusal(session: Session, mail_id: int, answer: str, *, at: datetime) -> None:
    """An SMTP server refused a mail of ours for good. With several recipients, nothing says whom it meant."""
    recipients = _recipients(session, mail_id)
    state = refused_state(None, answer)
    if len(recipients) != 1 or state is None or (state is ContactState.DEAD and not is_permanent(answer)):
        return
    _worsen(session, recipients[0], state, at=at, status=enhanced_status(answer), diagnostic=answer)


def note_bounces(session: Session, reports: Sequence[DeliveryReport], *, at: datetime, message_id: int) -> int:
    """Takes to heart what a bounce reports of mails we sent; gives how many of its reports were believed.

    One that names a Message-ID of ours and a recipient of that mail is believed: nobody else knows the two together. One that names no mail
    at all makes an address we wrote to lately doubtful, no more. One about another mail is somebody else's, or a forgery.
    """
    believed = 0
    for report in reports:
        if report.action != "failed":
            continue
        found = _meant(session, report, at)
        if found is None:
            continue
        address, certain = found
        state = (refused_state(report.status, report.diagnostic) if certain else None) or ContactState.UNKNOWN
        _worsen(session, address, state, at=at, status=report.status, diagnostic=report.diagnostic, message_id=message_id)
        believed += 1
    return believed


def mark_reachable(session: Session, address: str, *, now: datetime) -> Contact | None:
    """A person says that the address lives; gives what was known before, None for an address nothing is known of."""
    before = contact_states(session, (address,)).get(address)
    if before is not None:
        _write(session, address, ContactState.REACHABLE, at=now)
    return before


# ---------------------------------------------------------------- whose bounce


def _meant(session: Session, report: DeliveryReport, at: datetime) -> tuple[str, bool] | None:
    """The address a report is about, and whether the mail it answers is ours beyond doubt."""
    if not report.original_ids:
        lately = (address for address in report.recipients if _written_to(session, address, since=at - WRITTEN_TO_LATELY))
        return next(((address, False) for address in lately), None)
    for mail_id in session.scalars(select(OUTGOING.c.id).where(OUTGOING.c.rfc_message_id.in_(report.original_ids)).order_by(OUTGOING.c.id)):
        ours = _recipients(session, mail_id)
        named = next((address for address in report.recipients if address in ours), None)
        if named is not None:
            return named, True
        if len(ours) == 1:
            # Nobody named: it can only be the one. Somebody else named: an address to which that one forwards its mail.
            return ours[0], not report.recipients
    return None


def _recipients(session: Session, mail_id: int) -> list[str]:
    rows = session.scalars(select(OUTGOING_RECIPIENTS.c.email).where(OUTGOING_RECIPIENTS.c.outgoing_id == mail_id))
    return list(dict.fromkeys(email.lower() for email in rows))


def _written_to(session: Session, address: str, *, since: datetime) -> bool:
    query = (
        select(OUTGOING.c.id)
        .join(OUTGOING_RECIPIENTS, OUTGOING_RECIPIENTS.c.outgoing_id == OUTGOING.c.id)
        .where(OUTGOING_RECIPIENTS.c.email == address, OUTGOING.c.sent_at > since)
        .limit(1)
    )
    return session.execute(query).first() is not None


# ---------------------------------------------------------------- writing


def _worsen(
    session: Session,
    address: str,
    state: ContactState,
    *,
    at: datetime,
    status: str | None,
    diagnostic: str,
    message_id: int | None = None,
) -> None:
    written_since = exists().where(
        MESSAGES.c.sender_email == address,
        MESSAGES.c.arrived_at > at,
        MESSAGES.c.state == "done",
        MESSAGES.c.automatic.is_(None),
        MESSAGES.c.authentication.not_in((AuthResult.FAIL.value, AuthResult.UNPROVEN.value)),
    )
    if session.scalar(select(written_since)):
        return
    _write(session, address, state, at=at, status=status, diagnostic=diagnostic[:_MAX_DIAGNOSTIC], message_id=message_id)


def _write(
    session: Session,
    address: str,
    state: ContactState,
    *,
    at: datetime,
    status: str | None = None,
    diagnostic: str | None = None,
    message_id: int | None = None,
) -> None:
    """The one place where a state changes. The last refusal stays to be seen when an address lives again."""
    new: dict[str, Any] = {"state": state.value, "seen_at": at, "message_id": message_id}
    new |= {} if state is ContactState.REACHABLE else {"status": status, "diagnostic": diagnostic}
    row = {"address": address, "since": at, "status": None, "diagnostic": None, **new}
    if insert_unless_known(session, CONTACT_HEALTH, [row], unique=("address",), returning="address"):
        return
    known = session.execute(select(CONTACT_HEALTH).where(CONTACT_HEALTH.c.address == address).with_for_update()).one()
    before = ContactState(known.state)
    if at < known.seen_at and not (before is ContactState.UNKNOWN and state in _CERTAIN):
        return
    if state is ContactState.UNKNOWN and before in _CERTAIN:
        return  # a vague refusal says no less of an address that is known to be dead
    session.execute(
        update(CONTACT_HEALTH).where(CONTACT_HEALTH.c.address == address).values(**new, since=known.since if before is state else at)
    )


def _contact(row: Row[Any]) -> Contact:
    names = ("address", "since", "seen_at", "status", "diagnostic", "message_id")
    return Contact(state=ContactState(row.state), **{name: getattr(row, name) for name in names})
