"""What is judged: the readings of one message with what is known around them. No clock: arrival is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from mailbox_ingest.config import FormConfig
from mailbox_ingest.model import AuthResult, DocumentFailure, NamedBody, Reading, StoredReport, Unit, UnitClues
from mailbox_ingest.periods import Period

BODY_PATH = "thân thư"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One reading with whose it may be and the weeks and days that its file's name tells."""

    reading: Reading
    clues: UnitClues
    weeks_named: frozenset[Period] = frozenset()
    days_named: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One message before the judgement.

    `known` are the current accepted reports of every unit that may be concerned (all periods). `sender_units` are the codes the sender's
    address is registered for. `message_units` are units named in full by subject and body. `unread_scans` are pages that speak of the form
    without giving a value. `about_form` says whether the mail's own words concern the form at all.
    """

    form: FormConfig
    claims: tuple[Claim, ...]
    failures: tuple[DocumentFailure, ...]
    units: Mapping[str, Unit]
    known: tuple[StoredReport, ...]
    arrived_at: datetime
    sender: str
    sender_units: tuple[str, ...]
    authentication: AuthResult
    automatic: str | None = None
    correction: bool = False
    message_units: frozenset[str] = frozenset()
    message_days: tuple[date, ...] = ()  # days that the subject gives the report
    message_bodies: tuple[NamedBody, ...] = ()  # bodies told by their kind that subject or body give the figures to
    message_weeks: frozenset[Period] = frozenset()
    unread_scans: tuple[str, ...] = ()
    unknown_senders: str = "accept"
    unproven_senders: str = "hold"
    doubts: tuple[str, ...] = ()  # words in subject, body or file names by which the sender doubts the figures
    truncated: bool = False  # parts of the mail were cut off: something in it was not read
    about_form: bool = True

    @property
    def registered(self) -> bool:
        return bool(self.sender_units)

    @property
    def unproven(self) -> bool:
        """Whether nothing proves that the sender is who the From address says, and that counts."""
        return self.authentication is AuthResult.UNPROVEN and self.unproven_senders == "hold"

    def accepted(self, unit: str, period: Period) -> StoredReport | None:
        """The current accepted report of a unit for a period."""
        return next((r for r in self.known if r.unit == unit and r.period == period), None)

    def previous(self, unit: str, period: Period) -> StoredReport | None:
        """The unit's last accepted report of an earlier period."""
        earlier = [r for r in self.known if r.unit == unit and r.period < period]
        return max(earlier, key=lambda r: r.period, default=None)
