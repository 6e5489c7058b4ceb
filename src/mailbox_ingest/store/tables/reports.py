"""Reports, their values with evidence, and findings. At most one accepted report of a form, unit and period is current."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from mailbox_ingest.model import TAKEN, ReportStatus, Severity
from mailbox_ingest.store.database.types import RowId
from mailbox_ingest.store.tables.base import Base, one_of

_TAKEN_LIST = ", ".join(f"'{status.value}'" for status in sorted(TAKEN))
CURRENT = text(f"status IN ({_TAKEN_LIST})")


class ReportRow(Base):
    __tablename__ = "reports"
    __table_args__ = (
        one_of("status", [status.value for status in ReportStatus]),
        one_of("accepted_status", sorted(status.value for status in TAKEN)),
        CheckConstraint(
            f"status NOT IN ({_TAKEN_LIST}, 'superseded') OR (unit IS NOT NULL AND period IS NOT NULL)", name="placed_when_taken"
        ),
        CheckConstraint(f"(status IN ({_TAKEN_LIST}, 'superseded')) = (accepted_at IS NOT NULL)", name="moment_when_taken"),
        CheckConstraint("(status = 'superseded') = (superseded_at IS NOT NULL)", name="moment_when_superseded"),
        Index("uq_reports_current", "form", "unit", "period", unique=True, postgresql_where=CURRENT, sqlite_where=CURRENT),
        Index(None, "form", "period", "unit"),
        Index(None, "unit"),
        Index(None, "message_id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    position: Mapped[int]
    form: Mapped[str]
    unit: Mapped[str | None] = mapped_column(ForeignKey("units.code"))
    period: Mapped[str | None]
    status: Mapped[str]
    accepted_status: Mapped[str | None]  # what it was accepted as; survives being superseded
    on_time: Mapped[bool | None]
    due_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime]
    first_arrived_at: Mapped[datetime]  # arrival of the first mail whose report of this form, unit and period became acceptable
    accepted_at: Mapped[datetime | None]
    superseded_at: Mapped[datetime | None]
    supersedes: Mapped[int | None] = mapped_column(ForeignKey("reports.id"))
    previous: Mapped[int | None] = mapped_column(ForeignKey("reports.id"))
    sender: Mapped[str]
    sender_registered: Mapped[bool]
    by_human: Mapped[bool]
    created_at: Mapped[datetime]


class ReportFieldRow(Base):
    """One field of a report: its value, None where it could not be read, and all evidence for it."""

    __tablename__ = "report_fields"

    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int | None] = mapped_column(BigInteger)
    evidence: Mapped[list[Any]]


class FindingRow(Base):
    """A remark on a message (report_id None) or on one of its reports."""

    __tablename__ = "findings"
    __table_args__ = (one_of("severity", [severity.value for severity in Severity]), Index(None, "message_id"), Index(None, "report_id"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id"))
    code: Mapped[str]
    severity: Mapped[str]
    message: Mapped[str]
    field: Mapped[str | None]
    evidence: Mapped[dict[str, Any] | None]
