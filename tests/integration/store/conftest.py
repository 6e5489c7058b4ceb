"""Makers of what the store takes, with defaults, so that a test shows only what it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.model import (
    Evidence,
    Finding,
    IncomingMessage,
    JudgedReport,
    LetterContent,
    Mailbox,
    Outcome,
    OutgoingKind,
    OutgoingMail,
    ReportStatus,
    Severity,
    Unit,
    Verdict,
)
from mailbox_ingest.periods import Period
from mailbox_ingest.store.ledger.claims import claim_messages
from mailbox_ingest.store.ledger.door import record_message
from mailbox_ingest.store.ledger.finish import finish_message
from mailbox_ingest.store.ledger.records import Arrival
from mailbox_ingest.store.registry.units import import_units

NOW = datetime(2020, 8, 20, 3, 0, tzinfo=UTC)
W34 = Period(2020, 34)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def arrival() -> Callable[..., Arrival]:
    """`arrival(7)` is a mail of its own at UID 7; any part can be given."""

    def make(uid: int = 1, **parts: Any) -> Arrival:
        raw = parts.pop("raw", f"From: a@b.example\r\nMessage-ID: <{uid}@b>\r\nSubject: =?utf-8?q?B=C3=A1o?=\r\n\r\nthu {uid}".encode())
        place = {"account": "main", "folder": "INBOX", "uidvalidity": 1, "uid": uid, "raw": raw}
        return Arrival(**{**place, **parts})

    return make


@pytest.fixture
def report() -> Callable[..., JudgedReport]:
    def make(values: Mapping[str, int] | None = None, **parts: Any) -> JudgedReport:
        numbers = values or {"members": 100, "smartphone_users": 80, "installed": 60}
        seen = Evidence(document="báo cáo.docx", place="bảng 1", raw="100 người", method="table")
        whole = {"form": "bluezone", "unit": "ldld-cam-lo", "period": W34, "values": numbers, "status": ReportStatus.ACCEPTED}
        return JudgedReport(**{**whole, "evidence": dict.fromkeys(numbers, (seen,)), **parts})

    return make


@pytest.fixture
def mail() -> Callable[..., OutgoingMail]:
    def make(key: str = "receipt:1", kind: OutgoingKind = OutgoingKind.RECEIPT, recipients: int = 1, **parts: Any) -> OutgoingMail:
        whole: dict[str, Any] = {
            "key": key,
            "kind": kind,
            "message_id": f"<{key}@us.example>",
            "sender": Mailbox(email="us@us.example", name="LĐLĐ tỉnh"),
            "to": tuple(Mailbox(email=f"to{n}@b.example") for n in range(recipients)),
            "content": LetterContent(subject="Re: Báo cáo", text="Đã nhận.", html="<p>Đã nhận.</p>"),
            "auto_submitted": "auto-replied",
        }
        return OutgoingMail(**{**whole, **parts})

    return make


@pytest.fixture
def registry(sessions: sessionmaker[Session]) -> tuple[Unit, ...]:
    """Two units in the store."""
    units = (
        Unit(code="ldld-cam-lo", name="LĐLĐ huyện Cam Lộ", group="huyện", emails=("camlo@b.example",)),
        Unit(code="ldld-dong-ha", name="LĐLĐ thành phố Đông Hà", group="thành phố", emails=("dongha@b.example",), aliases=("Đông Hà",)),
    )
    with sessions.begin() as session:
        import_units(session, units, now=NOW)
    return units


@pytest.fixture
def finished(
    sessions: sessionmaker[Session], registry: tuple[Unit, ...], arrival: Callable[..., Arrival]
) -> Callable[..., tuple[int, tuple[int, ...]]]:
    """Records, claims and finishes one mail with these reports; gives its ledger id and the report ids."""
    counter = iter(range(1, 1000))

    def make(
        *reports: JudgedReport, outcome: Outcome = Outcome.ACCEPTED, arrived_at: datetime = NOW, now: datetime = NOW, **verdict: Any
    ) -> tuple[int, tuple[int, ...]]:
        with sessions.begin() as session:
            message = record_message(session, arrival(next(counter), arrived_at=arrived_at), now=now)
            claim_messages(session, now=now, lease=timedelta(minutes=5), limit=100)
            incoming = IncomingMessage(message_id=f"<m{message.id}@b>", sender=Mailbox(email="camlo@b.example"), subject="Báo cáo tuần 34")
            whole = Verdict(outcome=outcome, reports=tuple(reports), sender_registered=True, **verdict)
            return message.id, finish_message(session, message.id, incoming=incoming, verdict=whole, now=now)

    return make


@pytest.fixture
def hold(finished: Callable[..., tuple[int, tuple[int, ...]]], report: Callable[..., JudgedReport]) -> Callable[..., tuple[int, int]]:
    """A held message with one report; gives ledger id and report id."""

    def make(values: dict[str, int] | None = None, *, arrived_at: datetime | None = None, **parts: Any) -> tuple[int, int]:
        when = {} if arrived_at is None else {"arrived_at": arrived_at}
        doubt = Finding(code="low_confidence", severity=Severity.WARNING, message="Không rõ", field="members")
        held = report(values, **{"status": ReportStatus.NEEDS_REVIEW, "findings": (doubt,), **parts})
        message_id, (report_id,) = finished(held, outcome=Outcome.NEEDS_REVIEW, **when)
        return message_id, report_id

    return make
