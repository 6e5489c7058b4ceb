"""Sending what the outbox holds: claim, commit, send, settle. A row is sent once; after a crash the folder of sent mails decides.

claim_due ─commit─▶ compose ─▶ server ─▶ sent | later (back-off) | failed | uncertain (stays 'sending', is looked up by a later run)
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.delivery.compose import compose, recipients
from mailbox_ingest.errors import MailboxIngestError, SubmissionDeferred, SubmissionRefused, SubmissionUncertain
from mailbox_ingest.store.outbox import claim_due, mark_deferred, mark_failed, mark_sent, recipients_sent_since, renew_sending
from mailbox_ingest.store.records import QueuedMail

__all__ = ["Connection", "Delivered", "Outbox", "SentLookup", "Submitter", "compose", "deliver"]

log = logging.getLogger(__name__)

BUDGET_WINDOW = timedelta(hours=24)
FIRST_RETRY = timedelta(minutes=2)
LONGEST_RETRY = timedelta(hours=4)
MAX_ATTEMPTS = 60  # more than the five days of RFC 5321 4.5.4.1, because an outage of a day counts here, too
OUTAGE_RETRY = timedelta(minutes=5), timedelta(minutes=30)
BATCH = 20


class Connection(Protocol):
    """An open connection to the submission server."""

    @property
    def broken(self) -> bool: ...

    def send(self, sender: str, recipients: tuple[str, ...], data: bytes) -> str:
        """Raises SubmissionRefused, SubmissionDeferred or SubmissionUncertain."""


class Submitter(Protocol):
    def connected(self) -> AbstractContextManager[Connection]:
        """Raises SubmissionDeferred (unreachable) or SubmissionRefused (account, certificate)."""


class SentLookup(Protocol):
    def was_sent(self, message_id: str) -> bool:
        """Did a mail with this Message-ID go out? Raises MailboxRefused or MailboxUnreachable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """How the outbox is sent. `resend_uncertain`: without a `lookup`, send again (True) or give the mail to a human (False)."""

    sessions: sessionmaker[Session]
    submitter: Submitter
    clock: Callable[[], datetime]
    budget_24h_recipients: int
    reserved_for_digest: int = 0
    reserved_for_receipts: int = 0
    lookup: SentLookup | None = None
    resend_uncertain: bool = False


@dataclass(slots=True, kw_only=True)
class Delivered:
    """What one run did. `problem` is what stopped it early: the server refuses us, or cannot be reached."""

    sent: int = 0
    found_sent: int = 0
    deferred: int = 0
    failed: int = 0
    uncertain: int = 0
    problem: MailboxIngestError | None = None
    message_ids: list[str] = field(default_factory=list)


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
                break
            for mail in claimed:
                if result.problem is None and not stop():
                    _settle(outbox, mail, line, result)
                else:
                    _return_unseen(outbox, mail, result.problem)
    log.info(
        "delivery_done",
        extra={"sent": result.sent, "deferred": result.deferred, "failed": result.failed, "uncertain": result.uncertain},
    )
    return result


class _Line:
    """One connection for many mails, opened when first needed and again after it broke."""

    def __init__(self, submitter: Submitter, stack: ExitStack) -> None:
        self._submitter = submitter
        self._stack = stack
        self._open: Connection | None = None

    def get(self) -> Connection:
        if self._open is None or self._open.broken:
            self._open = None
            self._open = self._stack.enter_context(self._submitter.connected())
        return self._open


def _claim(outbox: Outbox) -> tuple[QueuedMail, ...]:
    now = outbox.clock()
    with outbox.sessions.begin() as session:
        left = outbox.budget_24h_recipients - recipients_sent_since(session, now - BUDGET_WINDOW)
        return claim_due(
            session,
            now=now,
            limit=BATCH,
            budget_recipients=left,
            reserved_for_digest=outbox.reserved_for_digest,
            reserved_for_receipts=outbox.reserved_for_receipts,
        )


def _settle(outbox: Outbox, queued: QueuedMail, line: _Line, result: Delivered) -> None:
    """One mail from 'sending' to what became of it."""
    with outbox.sessions.begin() as session:
        if not renew_sending(session, queued.id, attempts=queued.attempts, now=outbox.clock()):
            return  # another worker took it for abandoned
    if queued.was_sending and not _must_send_again(outbox, queued, result):
        return
    try:
        data = compose(queued.mail, now=outbox.clock())
    except SubmissionRefused as error:
        _fail(outbox, queued, str(error), result)
        return
    try:
        connection = line.get()
    except (SubmissionDeferred, SubmissionRefused) as error:
        result.problem = error
        result.deferred += 1
        log.warning("submission_unavailable", extra={"reason": str(error)})
        _put_back(outbox, queued, _outage_wait(queued), str(error))
        return
    try:
        answer = connection.send(queued.mail.sender.email, recipients(queued.mail), data)
    except SubmissionRefused as error:
        _fail(outbox, queued, str(error), result)
    except SubmissionDeferred as error:
        if queued.attempts >= MAX_ATTEMPTS:
            _fail(outbox, queued, f"given up after {queued.attempts} attempts: {error}", result)
            return
        result.deferred += 1
        log.info("mail_deferred", extra={"mail": queued.mail.key, "reason": str(error)})
        _put_back(outbox, queued, back_off(queued.attempts), str(error))
    except SubmissionUncertain as error:
        # The row stays in 'sending'. Once it counts as abandoned, the folder of sent mails is asked before anything is sent again.
        result.uncertain += 1
        log.warning("mail_uncertain", extra={"mail": queued.mail.key, "reason": str(error)})
    else:
        _sent(outbox, queued, answer)
        result.sent += 1
        result.message_ids.append(queued.mail.message_id)


def back_off(attempts: int) -> timedelta:
    """How long to wait after the n-th attempt (from 1): doubling, bounded."""
    return min(FIRST_RETRY * (1 << min(max(attempts - 1, 0), 20)), LONGEST_RETRY)


def _must_send_again(outbox: Outbox, queued: QueuedMail, result: Delivered) -> bool:
    """A mail that an earlier run had in hand when it died: did it go out?"""
    if outbox.lookup is None:
        if not outbox.resend_uncertain:
            _fail(
                outbox,
                queued,
                "uncertain whether it went out: a run ended while sending, and there is no folder of sent mails to ask",
                result,
            )
        return outbox.resend_uncertain
    try:
        gone = outbox.lookup.was_sent(queued.mail.message_id)
    except MailboxIngestError as error:
        result.uncertain += 1
        log.warning("sent_lookup_failed", extra={"mail": queued.mail.key, "reason": str(error)})
        return False  # still 'sending': the next run asks again
    if gone:
        _sent(outbox, queued, "found in the folder of sent mails")
        result.found_sent += 1
    return not gone


def _sent(outbox: Outbox, queued: QueuedMail, answer: str) -> None:
    with outbox.sessions.begin() as session:
        mark_sent(session, queued.id, now=outbox.clock(), answer=answer)
    log.info("mail_sent", extra={"mail": queued.mail.key, "message_id": queued.mail.message_id, "answer": answer})


def _fail(outbox: Outbox, queued: QueuedMail, reason: str, result: Delivered) -> None:
    with outbox.sessions.begin() as session:
        mark_failed(session, queued.id, now=outbox.clock(), reason=reason)
    result.failed += 1
    log.error("mail_failed", extra={"mail": queued.mail.key, "reason": reason})


def _return_unseen(outbox: Outbox, queued: QueuedMail, problem: MailboxIngestError | None) -> None:
    """A claimed mail that this run does not come to. One that may have gone out stays 'sending', for a run that looks."""
    if not queued.was_sending:
        _put_back(outbox, queued, _outage_wait(queued) if problem else timedelta(0), str(problem or "stopped"))


def _put_back(outbox: Outbox, queued: QueuedMail, wait: timedelta, reason: str) -> None:
    with outbox.sessions.begin() as session:
        mark_deferred(session, queued.id, retry_at=outbox.clock() + wait, reason=reason)


def _outage_wait(queued: QueuedMail) -> timedelta:
    shortest, longest = OUTAGE_RETRY
    return max(shortest, min(back_off(queued.attempts), longest))
