"""Sending what the outbox holds: claim, commit, send, settle. A row is sent once; after a crash the folder of sent mails decides.

claim_due ─commit─▶ compose ─▶ server ─▶ sent | later (back-off, given up in the end) | failed | uncertain (stays 'sending', is looked up by
a later run). Two gates stop it: the provider's daily limit stops everything for a time, the breaker stops replies until a person opens it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta

from mailbox_ingest.delivery.breaker import REPLIES, Breaker
from mailbox_ingest.delivery.compose import compose, recipients
from mailbox_ingest.delivery.outcomes import back_off, breaker_lets_through, failed, given_up, held, outage_wait, paused, put_back, sent
from mailbox_ingest.delivery.parts import Connection, Delivered, Outbox, SentLookup, Submitter
from mailbox_ingest.errors import (
    MailboxIngestError,
    SubmissionDeferred,
    SubmissionPartly,
    SubmissionPaused,
    SubmissionRefused,
    SubmissionUncertain,
)
from mailbox_ingest.store.outgoing import gates
from mailbox_ingest.store.outgoing.outbox import claim_due, has_open_mail, latest_sent, recipients_sent_since, renew_sending
from mailbox_ingest.store.outgoing.records import QueuedMail

__all__ = ["Breaker", "Connection", "Delivered", "Outbox", "SentLookup", "Submitter", "back_off", "compose", "deliver"]

log = logging.getLogger(__name__)

BUDGET_WINDOW = timedelta(hours=24)
MAX_ATTEMPTS = 60  # more than the five days of RFC 5321 4.5.4.1, because an outage of a day counts here, too
PATIENT_ATTEMPTS = 5  # 2 + 4 + 8 + 16 minutes
BATCH = 20
_WITNESSES = 3


def deliver(outbox: Outbox, *, stop: Callable[[], bool] = lambda: False) -> Delivered:
    """Sends what is due within the budget, until nothing is left, `stop()` says so or the server does not want more.

    Never raises for what the server does: `problem` tells the operator. Raises what the store raises.
    """
    result = Delivered()
    with ExitStack() as stack:
        line = _Line(outbox.submitter, stack)
        while not stop() and result.problem is None:
            claimed = _claim(outbox)
            if not claimed:
                result.empty = _nothing_waits(outbox)
                break
            for mail in claimed:
                if result.problem is None and not stop():
                    _walled(outbox, mail, line, result)
                else:
                    _return_unseen(outbox, mail, result.problem)
    counts = {name: getattr(result, name) for name in ("sent", "deferred", "failed", "given_up", "held", "uncertain")}
    log.info("delivery_done", extra=counts)
    return result


class _Line:
    """One connection for many mails, opened when first needed and again after it broke."""

    def __init__(self, submitter: Submitter, stack: ExitStack) -> None:
        self._submitter = submitter
        self._stack = stack
        self._open: Connection | None = None

    def drop(self) -> None:
        """Nobody knows what was said on it last."""
        self._open = None

    def get(self) -> Connection:
        if self._open is None or self._open.broken:
            self._open = None
            self._open = self._stack.enter_context(self._submitter.connected())
        return self._open


def _claim(outbox: Outbox) -> tuple[QueuedMail, ...]:
    now = outbox.clock()
    with outbox.sessions.begin() as session:
        closed = gates.lock_gates(session, now=now)  # also makes workers count the budget one after another
        if gates.SENDING in closed:
            return ()
        left = outbox.budget_24h_recipients - recipients_sent_since(session, now - BUDGET_WINDOW)
        return claim_due(
            session,
            now=now,
            limit=BATCH,
            budget_recipients=left,
            reserved_for_digest=outbox.reserved_for_digest,
            reserved_for_receipts=outbox.reserved_for_receipts,
            without=REPLIES if gates.REPLIES in closed else (),
        )


def _nothing_waits(outbox: Outbox) -> bool:
    with outbox.sessions() as session:
        return not has_open_mail(session)


def _walled(outbox: Outbox, queued: QueuedMail, line: _Line, result: Delivered) -> None:
    """The one wall: a mail that no code of ours foresaw waits for a person, and the others go out."""
    try:
        _settle(outbox, queued, line, result)
    except MailboxIngestError:
        raise  # the store's: no mail is to blame
    except Exception as bug:  # whatever it is, a mail in 'sending' must not take its batch with it
        log.exception("mail_broken", extra={"mail": queued.mail.key})
        held(outbox, queued, f"{type(bug).__name__}: {bug}", result)
        line.drop()


def _settle(outbox: Outbox, queued: QueuedMail, line: _Line, result: Delivered) -> None:
    """One mail from 'sending' to what became of it."""
    with outbox.sessions.begin() as session:
        if not renew_sending(session, queued.id, attempts=queued.attempts, now=outbox.clock()):
            return  # another worker took it for abandoned
    if queued.was_sending and not _must_send_again(outbox, queued, result):
        return
    if queued.mail.kind in REPLIES and not breaker_lets_through(outbox, queued):
        result.deferred += 1
        return
    try:
        data = compose(queued.mail, now=outbox.clock())
    except SubmissionRefused as error:
        failed(outbox, queued, str(error), result)
        return
    try:
        connection = line.get()
    except (SubmissionDeferred, SubmissionRefused) as error:
        result.problem = error
        result.deferred += 1
        if isinstance(error, SubmissionPaused):
            paused(outbox, queued, str(error))
            return
        log.warning("submission_unavailable", extra={"reason": str(error)})
        put_back(outbox, queued, outage_wait(queued), str(error))
        return
    try:
        answer = _submit(connection, queued, data)
    except SubmissionRefused as error:
        failed(outbox, queued, str(error), result)
    except SubmissionPaused as error:
        result.problem = error
        result.deferred += 1
        paused(outbox, queued, str(error))
    except SubmissionDeferred as error:
        if queued.attempts >= MAX_ATTEMPTS:
            given_up(outbox, queued, str(error), result)
            return
        result.deferred += 1
        log.info("mail_deferred", extra={"mail": queued.mail.key, "reason": str(error)})
        put_back(outbox, queued, back_off(queued.attempts), str(error))
    except SubmissionUncertain as error:
        # The row stays in 'sending'. Once it counts as abandoned, the folder of sent mails is asked before anything is sent again.
        result.uncertain += 1
        log.warning("mail_uncertain", extra={"mail": queued.mail.key, "reason": str(error)})
    else:
        sent(outbox, queued, answer)
        result.sent += 1
        result.message_ids.append(queued.mail.message_id)


def _submit(connection: Connection, queued: QueuedMail, data: bytes) -> str:
    """The server's answer. A recipient who is put off keeps the others waiting for half an hour. Raises as `Connection.send`."""
    sender, to = queued.mail.sender.email, recipients(queued.mail)
    try:
        return connection.send(sender, to, data)
    except SubmissionPartly as error:
        if queued.attempts < PATIENT_ATTEMPTS:
            raise
        answer = connection.send(sender, error.taken, data)
        log.error("recipients_left_out", extra={"mail": queued.mail.key, "reason": str(error)})
        return f"{answer}; {error}"


def _must_send_again(outbox: Outbox, queued: QueuedMail, result: Delivered) -> bool:
    """A mail that an earlier run had in hand when it died: did it go out?"""
    if outbox.lookup is None:
        if not outbox.resend_uncertain:
            held(outbox, queued, "a run ended while sending, and there is no folder of sent mails to ask", result)
        return outbox.resend_uncertain
    try:
        gone = outbox.lookup.was_sent(queued.mail.message_id)
        if not gone and result.folder_filled is None:
            result.folder_filled = _is_filled(outbox, outbox.lookup)
    except MailboxIngestError as error:
        if queued.attempts >= MAX_ATTEMPTS:
            held(outbox, queued, f"the folder of sent mails could not be asked: {error}", result)
            return False
        result.uncertain += 1
        log.warning("sent_lookup_failed", extra={"mail": queued.mail.key, "reason": str(error)})
        return False  # still 'sending': the next run asks again
    if gone:
        sent(outbox, queued, "found in the folder of sent mails")
        result.found_sent += 1
        return False
    if result.folder_filled or outbox.resend_uncertain:
        return True
    held(outbox, queued, "a run ended while sending, and the folder of sent mails has none of those that went out lately", result)
    return False


def _is_filled(outbox: Outbox, lookup: SentLookup) -> bool:
    """Whether the folder of sent mails gets what we send: not every server files copies, and then its silence says nothing."""
    with outbox.sessions() as session:
        known = latest_sent(session, limit=_WITNESSES)
    return not known or any(lookup.was_sent(message_id) for message_id in known)


def _return_unseen(outbox: Outbox, queued: QueuedMail, problem: MailboxIngestError | None) -> None:
    """A claimed mail that this run does not come to. One that may have gone out stays 'sending', for a run that looks."""
    if not queued.was_sending:
        put_back(outbox, queued, outage_wait(queued) if problem else timedelta(0), str(problem or "stopped"))
