"""What a person sees of a held message, what was decided, and the port through which the sender hears of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailbox_ingest.config import FormConfig
from mailbox_ingest.model import JudgedReport, Outcome, OutgoingMail, StoredReport
from mailbox_ingest.store.ledger.records import MessageDetails, ReportDetails, StoredMessage
from mailbox_ingest.store.people.records import Act

Forms = Mapping[str, FormConfig]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldReport:
    """A held report with what a person compares it with. `current` stands at its place, `previous` is the unit's period before.

    `obstacles` (English) say why it cannot be accepted as it is; empty: it can.
    """

    details: ReportDetails
    current: StoredReport | None
    previous: StoredReport | None
    obstacles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMessage:
    """A message with its held reports, and what was decided on it before."""

    details: MessageDetails
    held: tuple[HeldReport, ...]
    acts: tuple[Act, ...]
    version: str  # changes with every act, every reading, and with what stands at the places of the held reports


class Answer(StrEnum):
    """What the sender hears."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    QUESTION = "question"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the letter to the sender is about. `key` is the reply's key; `reason` (or the question) is Vietnamese, for the sender."""

    key: str
    message: StoredMessage
    arrived_at: datetime
    answer: Answer
    reports: tuple[JudgedReport, ...]
    reason: str
    who: str

    @property
    def accepted(self) -> bool:
        return self.answer is Answer.ACCEPTED


Letter = Callable[[Decision], OutgoingMail | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """The person who decides, as of `now`, with the forms whose rules hold and the `letter` that tells the sender."""

    who: str
    now: datetime
    forms: Forms
    letter: Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """`reply_id` is the outbox row, None where the sender gets no mail. `merged_into` is the message that now bears the report."""

    message_id: int
    act_id: int
    outcome: Outcome
    report_ids: tuple[int, ...]
    reply_id: int | None
    merged_into: int | None = None
