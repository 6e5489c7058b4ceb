"""What became of a mail, written down: sent, later, failed, given up, held; and the two gates that close. One transaction each."""

from __future__ import annotations

import logging
from datetime import timedelta

from mailbox_ingest.delivery.breaker import COUNTED
from mailbox_ingest.delivery.compose import recipients
from mailbox_ingest.delivery.parts import Delivered, Outbox
from mailbox_ingest.store.outgoing import gates
from mailbox_ingest.store.outgoing.outbox import mark_deferred, mark_failed, mark_given_up, mark_held, mark_sent
from mailbox_ingest.store.outgoing.records import QueuedMail
from mailbox_ingest.store.registry.units import count_units

log = logging.getLogger(__name__)

FIRST_RETRY = timedelta(minutes=2)
LONGEST_RETRY = timedelta(hours=4)
OUTAGE_RETRY = timedelta(minutes=5), timedelta(minutes=30)
LONGEST_PAUSE = timedelta(hours=24)


def back_off(attempts: int) -> timedelta:
    """How long to wait after the n-th attempt (from 1): doubling, bounded."""
    return min(FIRST_RETRY * (1 << min(max(attempts - 1, 0), 20)), LONGEST_RETRY)


def sent(outbox: Outbox, queued: QueuedMail, answer: str) -> None:
    with outbox.sessions.begin() as session:
        mark_sent(session, queued.id, now=outbox.clock(), answer=answer)
        gates.forget_limit(session)
    log.info("mail_sent", extra={"mail": queued.mail.key, "message_id": queued.mail.message_id, "answer": answer})


def failed(outbox: Outbox, queued: QueuedMail, reason: str, result: Delivered) -> None:
    with outbox.sessions.begin() as session:
        mark_failed(session, queued.id, now=outbox.clock(), reason=reason)
    result.failed += 1
    log.error("mail_failed", extra={"mail": queued.mail.key, "reason": reason})


def given_up(outbox: Outbox, queued: QueuedMail, reason: str, result: Delivered) -> None:
    reason = f"given up after {queued.attempts} attempts: {reason}"
    with outbox.sessions.begin() as session:
        mark_given_up(session, queued.id, now=outbox.clock(), reason=reason)
    result.given_up += 1
    log.error("mail_given_up", extra={"mail": queued.mail.key, "reason": reason})


def held(outbox: Outbox, queued: QueuedMail, reason: str, result: Delivered) -> None:
    """Nobody but a person can find out whether it went: `outbox release` sends it, `outbox drop` lets it be."""
    with outbox.sessions.begin() as session:
        mark_held(session, queued.id, now=outbox.clock(), reason=f"uncertain whether it went out: {reason}")
    result.held += 1
    log.error("mail_held", extra={"mail": queued.mail.key, "reason": reason})


def breaker_lets_through(outbox: Outbox, queued: QueuedMail) -> bool:
    """Just before a reply goes out. One that does not stays queued; the gate that keeps it is closed in the same transaction."""
    now = outbox.clock()
    with outbox.sessions.begin() as session:
        reason = None
        if gates.REPLIES not in gates.lock_gates(session, now=now):
            if queued.mail.kind is not COUNTED:
                return True
            sent = gates.replies_since(session, now - outbox.breaker.window)
            reason = outbox.breaker.trips(sent, recipients(queued.mail), queued.mail.content.subject, units=count_units(session))
            if reason is None:
                return True
            gates.close_gate(session, gates.REPLIES, now=now, until=None, reason=reason)
        mark_deferred(session, queued.id, retry_at=now, reason="replies are stopped")
    if reason is not None:
        log.error("breaker_tripped", extra={"mail": queued.mail.key, "reason": reason})
    return False


def paused(outbox: Outbox, queued: QueuedMail, reason: str) -> None:
    """The provider's daily limit: nothing at all goes out until then, and no mail is blamed."""
    now = outbox.clock()
    with outbox.sessions.begin() as session:
        until = now + min(outbox.pause * (1 << min(gates.times_closed(session, gates.SENDING), 20)), LONGEST_PAUSE)
        gates.close_gate(session, gates.SENDING, now=now, until=until, reason=reason)
        mark_deferred(session, queued.id, retry_at=until, reason=reason)
    log.error("sending_paused", extra={"until": until.isoformat(), "reason": reason})


def put_back(outbox: Outbox, queued: QueuedMail, wait: timedelta, reason: str) -> None:
    with outbox.sessions.begin() as session:
        mark_deferred(session, queued.id, retry_at=outbox.clock() + wait, reason=reason)


def outage_wait(queued: QueuedMail) -> timedelta:
    shortest, longest = OUTAGE_RETRY
    return max(shortest, min(back_off(queued.attempts), longest))
