"""The loop over open messages: extract ahead, finish in order, lose nothing. One wall a message: a poison mail stops no other."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import AdmissionConfig, FormConfig, LimitsConfig, OrganisationConfig
from mailbox_ingest.errors import ConflictError, DocumentError
from mailbox_ingest.model import DocumentFailure, IncomingMessage, Mailbox, Outcome, OutgoingMail, Verdict
from mailbox_ingest.reading.extract import BODY, Extraction, Task, extract
from mailbox_ingest.reading.registry import Registry
from mailbox_ingest.reading.verdicts import decide
from mailbox_ingest.render import letters, outgoing
from mailbox_ingest.render.templates import Templates
from mailbox_ingest.store.ledger import claim_messages, fail_attempt, finish_message, release_messages
from mailbox_ingest.store.records import ClaimedMessage
from mailbox_ingest.store.units import load_units

LOG = logging.getLogger(__name__)
_LEASE = timedelta(minutes=20)
_JUDGE_AGAIN = 3  # another worker may accept a report of the same unit between our look and our commit


class Pool(Protocol):
    """Runs a function in a child process with limits; the future raises DocumentError when the child died, hung or grew too large."""

    def submit(self, function: Callable[..., Any], /, *args: Any, seconds: float) -> Future[Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Processed:
    """One message after reading. `outcome` is None when the attempt failed and the message waits for another."""

    ledger_id: int
    outcome: Outcome | None
    verdict: Verdict | None = None
    reply: OutgoingMail | None = None
    failure: str | None = None


class Reader:
    """Reads what is open in the ledger. `sender` is who replies; None takes the mailbox that the mail was delivered to."""

    def __init__(
        self,
        *,
        sessions: sessionmaker[Session],
        pool: Pool,
        forms: tuple[FormConfig, ...],
        organisation: OrganisationConfig,
        admission: AdmissionConfig,
        limits: LimitsConfig,
        clock: Callable[[], datetime],
        sender: Mailbox | None = None,
        own_addresses: frozenset[str] = frozenset(),
        authserv_ids: Mapping[str, str] | None = None,
        templates: Templates | None = None,
    ) -> None:
        self._sessions = sessions
        self._pool = pool
        self._forms = forms
        self._organisation = organisation
        self._admission = admission
        self._limits = limits
        self._clock = clock
        self._sender = sender
        self._own = own_addresses | frozenset(admission.own_addresses)
        self._authserv_ids = authserv_ids or {}
        self._templates = templates

    def read_pending(
        self, *, limit: int | None = None, stopping: Callable[[], bool] = lambda: False, again: bool = False
    ) -> Iterator[Processed]:
        """Reads open messages until none is left, `limit` is reached or `stopping()`; what was claimed and not read is given back.

        A message whose attempt fails waits for the next pass, so that a passing fault does not use up its three attempts at once; with
        `again` it is tried in this pass until it is read or quarantined.
        """
        with self._sessions() as session:
            registry = Registry.of(load_units(session), self._organisation.superiors)
        ahead = self._limits.workers * 3
        waiting: deque[tuple[ClaimedMessage, Future[Extraction]]] = deque()
        left = limit
        exhausted = False
        failed: set[int] = set()
        try:
            while True:
                if not exhausted and not stopping() and len(waiting) <= self._limits.workers:
                    wanted = ahead - len(waiting) if left is None else min(ahead - len(waiting), left)
                    claimed = self._claim(wanted, without=failed) if wanted > 0 else ()
                    exhausted = not claimed
                    left = None if left is None else left - len(claimed)
                    waiting += [(message, self._submit(message)) for message in claimed]
                if not waiting or stopping():
                    return
                message, future = waiting.popleft()
                processed = self._finish_one(message, future, registry)
                if processed.outcome is None:
                    exhausted = exhausted and not again
                    failed |= set() if again else {message.id}
                yield processed
        finally:
            for _, future in waiting:
                future.cancel()
            if waiting:
                with self._sessions.begin() as session:
                    release_messages(session, [message.id for message, _ in waiting])

    def _claim(self, limit: int, *, without: set[int]) -> tuple[ClaimedMessage, ...]:
        with self._sessions.begin() as session:
            claimed = claim_messages(session, now=self._clock(), lease=_LEASE, limit=limit + len(without))
            release_messages(session, [message.id for message in claimed if message.id in without])
            return tuple(message for message in claimed if message.id not in without)

    # ------------------------------------------------------------ extraction

    def _task(self, message: ClaimedMessage, only: frozenset[int] | None = None) -> Task:
        return Task(
            raw=message.raw,
            forms=self._forms,
            limits=self._limits,
            authserv_id=self._authserv_ids.get(message.account, "mx.google.com"),
            own_addresses=self._own,
            arrived_at=message.arrived_at,
            recorded_at=message.recorded_at,
            only=frozenset() if message.truncated else only,
        )

    def _submit(self, message: ClaimedMessage) -> Future[Extraction]:
        return self._pool.submit(extract, self._task(message), seconds=self._limits.document_seconds + self._limits.ocr_seconds)

    def _extracted(self, message: ClaimedMessage, future: Future[Extraction]) -> Extraction:
        try:
            extraction = future.result()
        except DocumentError as death:
            LOG.warning("extraction_died", extra={"ledger_id": message.id, "reason": death.detail})
            extraction = self._one_by_one(message)
        if message.truncated:
            too_large = DocumentFailure(
                path="toàn bộ thư", code="too_large", detail=f"{message.size_bytes} bytes, only the headers were fetched"
            )
            extraction = replace(extraction, failures=(too_large,))
        return extraction

    def _one_by_one(self, message: ClaimedMessage) -> Extraction:
        """After a death: every document in a child of its own, so that only the guilty one is lost."""
        whole: Extraction = self._pool.submit(
            extract, self._task(message, frozenset((BODY,))), seconds=self._limits.document_seconds
        ).result()
        for index, attachment in enumerate(whole.incoming.attachments):
            try:
                part: Extraction = self._pool.submit(
                    extract, self._task(message, frozenset((index,))), seconds=self._limits.ocr_seconds
                ).result()
            except DocumentError as death:
                code = death.code if death.code in ("too_large", "unreadable") else "unreadable"
                failure = DocumentFailure(path=attachment.path, code=code, detail=death.detail)
                records = tuple(replace(r, outcome=code) if n == index else r for n, r in enumerate(whole.attachments))
                whole = replace(whole, failures=(*whole.failures, failure), attachments=records)
                continue
            records = tuple(part.attachments[n] if n == index else r for n, r in enumerate(whole.attachments))
            whole = replace(
                whole,
                readings=(*whole.readings, *part.readings),
                failures=(*whole.failures, *part.failures),
                unread_scans=(*whole.unread_scans, *part.unread_scans),
                attachments=records,
            )
        return whole

    # ------------------------------------------------------------ one message

    def _finish_one(self, message: ClaimedMessage, future: Future[Extraction], registry: Registry) -> Processed:
        try:
            extraction = self._extracted(message, future)
            processed = self._judged(message, extraction, registry)
        except Exception as error:  # noqa: BLE001 - the one wall: whatever a mail does to us, the others are read
            return self._failed(message, error)
        LOG.info(
            "message_read",
            extra={
                "ledger_id": message.id,
                "outcome": str(processed.outcome),
                "reports": len(processed.verdict.reports) if processed.verdict else 0,
                "reply": processed.reply is not None,
                "reason": processed.verdict.reason if processed.verdict else "",
            },
        )
        return processed

    def _judged(self, message: ClaimedMessage, extraction: Extraction, registry: Registry) -> Processed:
        for attempt in range(1, _JUDGE_AGAIN + 1):
            try:
                with self._sessions.begin() as session:
                    verdict = decide(session, extraction, registry, self._forms, self._admission)
                    reply = self._reply(message, extraction, verdict, registry)
                    finish_message(
                        session,
                        message.id,
                        incoming=extraction.incoming,
                        verdict=verdict,
                        failures=extraction.failures,
                        attachments=extraction.attachments,
                        outgoing=reply,
                        now=self._clock(),
                        arrived_at=extraction.arrived_at,
                    )
                return Processed(ledger_id=message.id, outcome=verdict.outcome, verdict=verdict, reply=reply)
            except ConflictError:
                if attempt == _JUDGE_AGAIN:
                    raise
        raise AssertionError("unreachable")

    def _failed(self, message: ClaimedMessage, error: Exception) -> Processed:
        reason = f"{type(error).__name__}: {error}"[:500]
        LOG.error("message_failed", extra={"ledger_id": message.id, "attempt": message.attempts, "reason": reason}, exc_info=error)
        with self._sessions.begin() as session:
            state = fail_attempt(session, message.id, reason=reason, now=self._clock())
        outcome = Outcome.NEEDS_REVIEW if state == "quarantined" else None
        return Processed(ledger_id=message.id, outcome=outcome, failure=reason)

    def _reply(self, message: ClaimedMessage, extraction: Extraction, verdict: Verdict, registry: Registry) -> OutgoingMail | None:
        """The receipt, or None: automatic mail, impostors, ourselves and exact duplicates get none."""
        incoming = extraction.incoming
        if not verdict.may_reply or incoming.sender is None or incoming.return_path_null or incoming.sender.email in self._own:
            return None
        content = letters.reply(
            incoming=incoming,
            verdict=verdict,
            failures=extraction.failures,
            forms={form.name: form for form in self._forms},
            units=registry.units,
            organisation=self._organisation,
            arrived_at=extraction.arrived_at,
            templates=self._templates,
        )
        return outgoing.reply_mail(ledger_id=message.id, incoming=incoming, content=content, sender=self._sender or _mailbox_of(incoming))


def _mailbox_of(incoming: IncomingMessage) -> Mailbox:
    """Without configured mail, the answer comes from the box the mail was sent to."""
    for address in (*incoming.delivered_to, *(m.email for m in incoming.to)):
        return Mailbox(email=address)
    return Mailbox(email="mailbox-ingest@localhost")
