"""What is judged and stored: reports and the verdict on a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailbox_ingest.model.readings import Evidence, Finding
from mailbox_ingest.model.words import TAKEN, Outcome, ReportStatus, Severity
from mailbox_ingest.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReport:
    """A report as the store knows it."""

    id: int
    form: str
    unit: str
    period: Period
    values: Mapping[str, int]
    status: ReportStatus
    message_id: int
    arrived_at: datetime
    sender: str
    sender_registered: bool
    by_human: bool = False
    first_arrived_at: datetime | None = None  # arrival of the first report accepted at this place: timeliness survives a correction


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedReport:
    """What is to be stored of one reading. `values` holds only what was read; `unit` and `period` are None where they could not be told.

    With the status SUPERSEDED it was overtaken: a later mail of the unit was judged first, and `yields_to` stands in its place.
    """

    form: str
    unit: str | None
    period: Period | None
    values: Mapping[str, int]
    status: ReportStatus
    findings: tuple[Finding, ...] = ()
    evidence: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)
    on_time: bool | None = None
    due_at: datetime | None = None
    supersedes: int | None = None  # StoredReport.id
    yields_to: int | None = None  # StoredReport.id
    previous: StoredReport | None = None  # the unit's last accepted report of an earlier period

    @property
    def accepted_as(self) -> ReportStatus | None:
        """The status under which it is in the totals, or would be had no later mail overtaken it; None where it never was good for them."""
        if self.status is not ReportStatus.SUPERSEDED:
            return self.status if self.status in TAKEN else None
        warned = any(finding.severity is not Severity.INFO for finding in self.findings)
        return ReportStatus.ACCEPTED_WITH_WARNINGS if warned else ReportStatus.ACCEPTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judgement of one message, ready to be stored and answered."""

    outcome: Outcome
    reports: tuple[JudgedReport, ...] = ()
    findings: tuple[Finding, ...] = ()
    may_reply: bool = True
    sender_registered: bool = False
    reason: str = ""  # English, for the log and the operator: why this outcome
