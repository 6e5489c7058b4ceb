"""The loop over open messages: extract ahead, finish in order, lose nothing. One wall a message: a poison mail stops no other.

What is ready at one time is committed at one time, because a commit waits for the disk; a crash before it only means reading again. What
a dead reader left is judged alone, after its attempt was counted: should it kill again, it is known which mail it was. The mails of a
unit are judged in the order they came, whoever has the earlier one in hand.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import AdmissionConfig, FormConfig, LimitsConfig, OrganisationConfig
from mailbox_ingest.errors import ConflictError, ReadingUnavailable, StoreBusy, StoreUnavailable
from mailbox_ingest.model import IncomingMessage, Mailbox, Outcome, OutgoingMail, Verdict
from mailbox_ingest.reading.answering import may_answer, note_sender, recognise
from mailbox_ingest.reading.extractor import Extractor, Pool
from mailbox_ingest.reading.registry import Registry
from mailbox_ingest.reading.task import Extraction
from mailbox_ingest.reading.verdicts import decide
from mailbox_ingest.render import outgoing
from mailbox_ingest.render.letters import letters
from mailbox_ingest.render.templates import Templates
from mailbox_ingest.store.ledger.claims import begin_alone, claim_messages, earlier_open, fail_attempt, release_messages
from mailbox_ingest.store.ledger.finish import finish_message
from mailbox_ingest.store.ledger.records import ClaimedMessage
from mailbox_ingest.store.registry.snapshots import remember_registry
from mailbox_ingest.store.registry.units import hold_units, load_units, registry_mark

LOG = logging.getLogger(__name__)
_LEASE = timedelta(minutes=20)
_PATIENCE = 8 * _LEASE  # with an earlier mail that is open: workers may die over it several times
_AHEAD = 8  # messages a worker, claimed and handed to the children before their turn
_AHEAD_BYTES = 64_000_000  # of raw mail held at once, whatever the number; a single larger mail is held alone
_TOGETHER = 6  # messages a commit at most: they keep the database's writer lock for some tens of milliseconds
_JUDGE_AGAIN = 3  # another worker may accept a report of the same unit, or a person change the registry, between our look and our commit


class _NotYet(Exception):
    """An earlier mail of the same people has not been judged."""


_Mark = tuple[int, datetime | None, int]
_Waiting = tuple[ClaimedMessage, Future[Extraction]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Processed:
    """One message after reading. `outcome` is None when the message waits for another attempt: this one failed, or came too early."""

    ledger_id: int
    outcome: Outcome | None
    verdict: Verdict | None = None
    reply: OutgoingMail | None = None
    failure: str | None = None
    early: bool = False


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
        self._forms = forms
        self._organisation = organisation
        self._admission = admission
        self._limits = limits
        self._clock = clock
        self._sender = sender
        self._own = own_addresses | frozenset(admission.own_addresses)
        self._templates = templates
        self._known: tuple[_Mark, Registry] | None = None
        self._counted: int | None = None  # the message in hand whose attempt `begin_alone` counted
        self._extractor = Extractor(pool=pool, forms=forms, limits=limits, own_addresses=self._own, authserv_ids=authserv_ids or {})

    def read_pending(
        self, *, limit: int | None = None, stopping: Callable[[], bool] = lambda: False, again: bool = False
    ) -> Iterator[Processed]:
        """Reads open messages until none is left, `limit` is reached or `stopping()`; what was claimed and not read is given back.

        A message whose attempt fails waits for the next pass, so that a passing fault does not use up its three attempts at once; with
        `again` it is tried in this pass until it is read or quarantined.
        """
        self._known = None
        ahead = self._limits.workers * _AHEAD
        waiting: deque[_Waiting] = deque()
        left = limit
        exhausted = False
        failed: set[int] = set()
        try:
            while True:
                room = _AHEAD_BYTES - sum(len(message.raw) for message, _ in waiting)
                if not (exhausted or stopping()) and len(waiting) <= ahead - _TOGETHER and (room > 0 or not waiting):
                    wanted = ahead - len(waiting) if left is None else min(ahead - len(waiting), left)
                    # Should the clock jump ahead, our own leases look as if they were over.
                    without = failed.union(message.id for message, _ in waiting)
                    claimed = self._claim(wanted, max_bytes=room, without=without) if wanted > 0 else ()
                    exhausted = not claimed
                    left = None if left is None else left - len(claimed)
                    waiting += [(message, self._extractor.submit(message)) for message in claimed]
                if not waiting or stopping():
                    return
                for processed in self._finish(_ready(waiting)):
                    waiting.popleft()
                    if processed.outcome is None:
                        again_now = again and not processed.early
                        exhausted = exhausted and not again_now
                        failed |= set() if again_now else {processed.ledger_id}
                    yield processed
        finally:
            for _, future in waiting:
                future.cancel()
            if waiting:
                with self._sessions.begin() as session:
                    release_messages(session, [message.id for message, _ in waiting], counted=self._taken_back())

    def _claim(self, limit: int, *, max_bytes: int, without: set[int]) -> tuple[ClaimedMessage, ...]:
        with self._sessions.begin() as session:
            return claim_messages(session, now=self._clock(), lease=_LEASE, limit=limit, max_bytes=max_bytes, without=without)

    def _registry(self) -> tuple[_Mark, Registry]:
        """The registry as it was loaded last. It is kept, before a mail is judged with it: whoever asks later why must be able to look."""
        if self._known is None:
            with self._sessions.begin() as session:
                mark, units = registry_mark(session), load_units(session)
                number = remember_registry(session, units, now=self._clock())
            self._known = mark, Registry.of(units, self._organisation.superiors, number=number)
        return self._known

    # ------------------------------------------------------------ judging

    def _finish(self, batch: Sequence[_Waiting]) -> Iterator[Processed]:
        """All of `batch` in one transaction, in order. Where one of them fails, nothing is kept and each gets a transaction of its own."""
        try:
            extracted = [(message, self._extractor.result(message, future)) for message, future in batch]
            if batch[0][0].abandoned:
                self._begin_alone(batch[0][0])
            done = self._judged(extracted)
        except (ReadingUnavailable, StoreBusy, StoreUnavailable):
            raise  # our own trouble: no mail loses an attempt by it, or a full disk would send the whole inbox to a person
        except Exception as error:  # noqa: BLE001 - the one wall: whatever a mail does to us, the others are read
            if len(batch) == 1:
                yield self._early(batch[0][0], error) if isinstance(error, _NotYet) else self._failed(batch[0][0], error)
                return
            for alone in batch:
                yield from self._finish((alone,))
            return
        self._counted = None
        for processed in done:
            _log(processed)
            yield processed

    def _begin_alone(self, message: ClaimedMessage) -> None:
        with self._sessions.begin() as session:
            begin_alone(session, message.id)
        self._counted = message.id

    def _taken_back(self) -> tuple[int, ...]:
        """The message whose counted attempt did not come to its end, through no fault of its own."""
        counted, self._counted = self._counted, None
        return () if counted is None else (counted,)

    def _judged(self, extracted: Sequence[tuple[ClaimedMessage, Extraction]]) -> list[Processed]:
        for attempt in range(1, _JUDGE_AGAIN + 1):
            mark, registry = self._registry()
            try:
                with self._sessions.begin() as session:
                    if registry_mark(session) != mark:  # a person has taken out a unit or an address while mails were read
                        self._known = None
                        raise ConflictError("the registry was changed meanwhile")
                    done = [self._judge_one(session, message, extraction, registry) for message, extraction in extracted]
                return done
            except ConflictError:
                if attempt == _JUDGE_AGAIN:
                    raise
        raise AssertionError("unreachable")

    def _judge_one(self, session: Session, message: ClaimedMessage, extraction: Extraction, registry: Registry) -> Processed:
        extraction = recognise(session, extraction)
        verdict = decide(session, extraction, registry, self._forms, self._admission)
        if verdict.reports:
            units = {report.unit for report in verdict.reports if report.unit is not None}
            if units != hold_units(session, units):
                self._known = None
                raise ConflictError("a unit was retired or merged meanwhile")
            self._await_turn(session, message, verdict, registry)
        reply = self._reply(session, message, extraction, verdict, registry)
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
            registry_id=registry.number,
        )
        note_sender(session, message.id, extraction, verdict, admission=self._admission)
        return Processed(ledger_id=message.id, outcome=verdict.outcome, verdict=verdict, reply=reply)

    def _await_turn(self, session: Session, message: ClaimedMessage, verdict: Verdict, registry: Registry) -> None:
        """A correction must not be judged before what it corrects. Raises _NotYet; nothing waits for ever."""
        senders = {message.sender_email} if message.sender_email else set()
        units = [unit for report in verdict.reports if (unit := registry.units.get(report.unit or ""))]
        senders.update(email.lower() for unit in units for email in unit.emails)
        earlier = earlier_open(session, message.id, senders, recorded_after=self._clock() - _PATIENCE)
        if earlier is not None:
            raise _NotYet(f"message {earlier} came before it and has not been judged yet")

    def _early(self, message: ClaimedMessage, why: _NotYet) -> Processed:
        LOG.info("message_waits", extra={"ledger_id": message.id, "reason": str(why)})
        with self._sessions.begin() as session:
            release_messages(session, [message.id], counted=self._taken_back())
        return Processed(ledger_id=message.id, outcome=None, failure=str(why), early=True)

    def _failed(self, message: ClaimedMessage, error: Exception) -> Processed:
        reason = f"{type(error).__name__}: {error}"[:500]
        with self._sessions.begin() as session:
            counted = bool(self._taken_back())
            state = fail_attempt(session, message.id, reason=reason, now=self._clock(), counted=counted)
        if state == "done":
            LOG.info("message_finished_elsewhere", extra={"ledger_id": message.id})  # our lease was over, somebody else took it
        else:
            LOG.error("message_failed", extra={"ledger_id": message.id, "attempt": message.attempts, "reason": reason}, exc_info=error)
        outcome = Outcome.NEEDS_REVIEW if state == "quarantined" else None
        return Processed(ledger_id=message.id, outcome=outcome, failure=reason)

    def _reply(
        self, session: Session, message: ClaimedMessage, extraction: Extraction, verdict: Verdict, registry: Registry
    ) -> OutgoingMail | None:
        """The receipt, or None: automatic mail, impostors, ourselves, and who has had their answers for the day get none."""
        incoming = extraction.incoming
        if not may_answer(session, message.id, extraction, verdict, own=self._own, admission=self._admission):
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


def _ready(waiting: deque[_Waiting]) -> tuple[_Waiting, ...]:
    """The first message, and those right behind it whose extraction came back well meanwhile. Who must be waited for is finished alone,
    and so is what a dead reader left."""
    ready = tuple(takewhile(_at_hand, islice(waiting, _TOGETHER)))
    return ready or (waiting[0],)


def _at_hand(item: _Waiting) -> bool:
    message, future = item
    return not message.abandoned and future.done() and future.exception() is None


def _log(processed: Processed) -> None:
    verdict = processed.verdict
    LOG.info(
        "message_read",
        extra={
            "ledger_id": processed.ledger_id,
            "outcome": str(processed.outcome),
            "reports": len(verdict.reports) if verdict else 0,
            "reply": processed.reply is not None,
            "reason": verdict.reason if verdict else "",
        },
    )


def _mailbox_of(incoming: IncomingMessage) -> Mailbox:
    """Without configured mail, the answer comes from the box the mail was sent to."""
    for address in (*incoming.delivered_to, *(m.email for m in incoming.to)):
        return Mailbox(email=address)
    return Mailbox(email="mailbox-ingest@localhost")
