"""May a mail be answered, and what does it tell of its sender's address? The guards against loops do not depend on each other.

1. one answer a message (`receipt:<number>` in the outbox, the message's number among the answers)
2. so many a day to one address, counted in the outbox
3. so many a day in one thread, whoever writes, counted among the answers
4. fewer of those that only say what was wrong, to one address and in one thread
5. what is refused here whatever the judge says: no sender, a null return path, ourselves, a machine
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.orm import Session

from mailbox_ingest.config import AdmissionConfig
from mailbox_ingest.model import AuthResult, IncomingMessage, JudgedReport, Outcome, Verdict
from mailbox_ingest.reading.task import Extraction
from mailbox_ingest.store.ledger.answers import answered, record_answer, thread_of
from mailbox_ingest.store.outgoing.lookup import is_our_mail
from mailbox_ingest.store.outgoing.outbox import answered_between
from mailbox_ingest.store.registry.contacts import note_bounces, note_writer
from mailbox_ingest.store.registry.proposals import propose_address

LOG = logging.getLogger(__name__)
_CAP_SPAN = timedelta(hours=24)
_ANSWERABLE = (AuthResult.PASS, AuthResult.NONE)
# With one of these beside it, an unknown sender's unit is a guess.
_GUESSED = frozenset(("unknown_unit", "unit_mismatch"))


def recognise(session: Session, extraction: Extraction) -> Extraction:
    """A mail with a Message-ID of our own is ours come back, whatever a list or a forwarding server made of its other headers."""
    incoming = extraction.incoming
    if incoming.automatic == "own" or incoming.message_id is None or not is_our_mail(session, incoming.message_id):
        return extraction
    return replace(extraction, incoming=replace(incoming, automatic="own"))


def may_answer(
    session: Session, ledger_id: int, extraction: Extraction, verdict: Verdict, *, own: frozenset[str], admission: AdmissionConfig
) -> bool:
    """Whether a receipt may be sent; where it may, it counts from now on. Call it in the transaction that queues the receipt."""
    incoming = extraction.incoming
    if not verdict.may_reply or incoming.sender is None or incoming.return_path_null or incoming.automatic is not None:
        return False
    address, arrived = incoming.sender.email, extraction.arrived_at
    if address in own:
        return False
    referred = list(dict.fromkeys((*incoming.references, *((incoming.in_reply_to,) if incoming.in_reply_to else ()))))
    thread = thread_of(session, referred, incoming.message_id or f"message:{ledger_id}")
    since = arrived - _CAP_SPAN
    counted = answered(session, address=address, thread=thread, since=since, until=arrived)
    error = _only_says_what_was_wrong(verdict)
    reached = None
    if answered_between(session, address, since, arrived) >= admission.max_replies_per_address_24h:
        reached = "address"
    elif counted.in_thread >= admission.max_replies_per_thread_24h:
        reached = "thread"
    elif error and counted.errors >= admission.max_error_replies_24h:
        reached = "errors"
    if reached is not None:
        LOG.warning("reply_cap_reached", extra={"ledger_id": ledger_id, "cap": reached})
        return False
    record_answer(session, ledger_id, address=address, thread=thread, error=error, arrived_at=arrived)
    return True


def note_sender(session: Session, ledger_id: int, extraction: Extraction, verdict: Verdict, *, admission: AdmissionConfig) -> None:
    """What a finished mail tells of addresses: a bounce of ours, a sign of life, an address to be registered."""
    incoming = extraction.incoming
    if incoming.delivery_reports and incoming.authentication.result is not AuthResult.FAIL:
        believed = note_bounces(session, incoming.delivery_reports, at=extraction.arrived_at, message_id=ledger_id)
        LOG.info("bounce_read", extra={"ledger_id": ledger_id, "reports": len(incoming.delivery_reports), "believed": believed})
    if incoming.sender is None or incoming.automatic is not None or not _proven(incoming, admission):
        return
    address = incoming.sender.email
    note_writer(session, address, at=extraction.arrived_at, message_id=ledger_id, registered=verdict.sender_registered)
    if not verdict.sender_registered:
        for unit in _clear_letterheads(verdict.reports):
            propose_address(session, address, unit, message_id=ledger_id, at=extraction.arrived_at)


def _proven(incoming: IncomingMessage, admission: AdmissionConfig) -> bool:
    result = incoming.authentication.result
    return result in _ANSWERABLE or (result is AuthResult.UNPROVEN and admission.unproven_senders == "accept")


def _clear_letterheads(reports: Sequence[JudgedReport]) -> tuple[str, ...]:
    """The units whose letterhead an unknown sender wrote under, without any doubt about whose it is."""
    units = []
    for report in reports:
        codes = {finding.code for finding in report.findings}
        if report.unit is not None and "unknown_sender" in codes and not codes & _GUESSED:
            units.append(report.unit)
    return tuple(dict.fromkeys(units))


def _only_says_what_was_wrong(verdict: Verdict) -> bool:
    return verdict.outcome is Outcome.REJECTED or not verdict.reports
