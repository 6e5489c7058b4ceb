"""What delivery needs and gives: the ports to the mail server, the outbox with its limits, the result of a run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.delivery.breaker import Breaker
from mailbox_ingest.errors import MailboxIngestError


class Connection(Protocol):
    """An open connection to the submission server."""

    @property
    def broken(self) -> bool: ...

    def send(self, sender: str, recipients: tuple[str, ...], data: bytes) -> str:
        """Raises SubmissionRefused, SubmissionDeferred (SubmissionPaused for the provider's daily limit) or SubmissionUncertain."""


class Submitter(Protocol):
    def connected(self) -> AbstractContextManager[Connection]:
        """Raises SubmissionDeferred (unreachable) or SubmissionRefused (account, certificate)."""


class SentLookup(Protocol):
    def was_sent(self, message_id: str) -> bool:
        """Did a mail with this Message-ID go out? Raises MailboxRefused or MailboxUnreachable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """How the outbox is sent.

    `resend_uncertain`: without a `lookup`, send again (True) or hold the mail for a person (False). `pause` is how long everything waits
    after the provider said that its daily limit is reached; it doubles each time in a row.
    """

    sessions: sessionmaker[Session]
    submitter: Submitter
    clock: Callable[[], datetime]
    budget_24h_recipients: int
    reserved_for_digest: int = 0
    reserved_for_receipts: int = 0
    lookup: SentLookup | None = None
    resend_uncertain: bool = False
    breaker: Breaker = field(default_factory=Breaker)
    pause: timedelta = timedelta(hours=1)


@dataclass(slots=True, kw_only=True)
class Delivered:
    """What one run did. `problem` is what stopped it early: the server refuses us, or cannot be reached. `empty`: nothing waits to go out,
    now or later."""

    sent: int = 0
    found_sent: int = 0
    deferred: int = 0
    failed: int = 0
    given_up: int = 0
    held: int = 0
    uncertain: int = 0
    problem: MailboxIngestError | None = None
    empty: bool = False
    folder_filled: bool | None = None  # whether the folder of sent mails gets copies; None: not asked yet
    message_ids: list[str] = field(default_factory=list)
