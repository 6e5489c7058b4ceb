"""The words of the house: outcomes, severities, states."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What became of one message."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_WARNINGS = "accepted_with_warnings"
    REJECTED = "rejected"  # the sender must act
    NEEDS_REVIEW = "needs_review"  # a human here must act
    DUPLICATE = "duplicate"
    IGNORED = "ignored"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class ReportStatus(StrEnum):
    """The state of one (form, unit, period) in one message."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_WARNINGS = "accepted_with_warnings"
    REJECTED = "rejected"
    NEEDS_REVIEW = "needs_review"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"  # was good for acceptance; a later mail took its place


TAKEN = frozenset({ReportStatus.ACCEPTED, ReportStatus.ACCEPTED_WITH_WARNINGS})
