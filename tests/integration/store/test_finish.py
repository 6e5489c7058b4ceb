"""Finishing a message: everything that was read comes back as it was, and corrections supersede without losing anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.errors import ConflictError
from mailbox_ingest.model import (
    AuthResult,
    Box,
    DocumentFailure,
    Evidence,
    Finding,
    IncomingMessage,
    JudgedReport,
    Mailbox,
    Outcome,
    OutgoingMail,
    ReportStatus,
    SenderAuthentication,
    Severity,
    Unit,
    Verdict,
)
from mailbox_ingest.periods import Period
from mailbox_ingest.store.ledger.claims import claim_messages
from mailbox_ingest.store.ledger.door import record_message
from mailbox_ingest.store.ledger.finish import finish_message
from mailbox_ingest.store.ledger.lookup import message_details
from mailbox_ingest.store.ledger.records import Arrival, AttachmentRecord
from mailbox_ingest.store.outgoing.lookup import list_outbox
from mailbox_ingest.store.reports.standing import accepted_reports, held_reports, previous_report, report_history, reports_of_period
from mailbox_ingest.store.tables import ATTACHMENTS, FINDINGS, MESSAGES, OUTGOING, REPORT_FIELDS, REPORTS

MakeReport = Callable[..., JudgedReport]
Finished = Callable[..., tuple[int, tuple[int, ...]]]
W33, W34 = Period(2020, 33), Period(2020, 34)


@pytest.mark.usefixtures("registry")
def test_everything_read_in_a_message_comes_back_as_it_was(
    sessions: sessionmaker[Session], arrival: Callable[..., Arrival], report: MakeReport, mail: Callable[..., OutgoingMail], now: datetime
) -> None:
    seen = Evidence(
        document="bc.zip/BC tuần 34.docx",
        place="bảng 1, dòng 2",
        raw="4.215 người\\u0000",
        method="table",
        confidence=0.93,
        box=Box(page=1, left=2, top=3, width=4, height=5),
        reader="docx 1",
    )
    late = Finding(code="late", severity=Severity.WARNING, message="Báo cáo nộp muộn", field="members", evidence=seen)
    judged = report(
        {"members": 4215, "installed": 0},
        evidence={"members": (seen, seen), "smartphone_users": (seen,)},  # the third was seen, but not read
        findings=(late,),
        on_time=False,
        due_at=now,
    )
    incoming = IncomingMessage(
        message_id="<r@b>",
        sender=Mailbox(email="camlo@b.example", name="Cam Lộ"),
        subject="Báo cáo\ud800 tuần 34\x00",
        sent_at=now,
        received_at=now + timedelta(seconds=5),
        in_reply_to="<q@b>",
        references=("<p@b>", "<q@b>"),
        authentication=SenderAuthentication(result=AuthResult.PASS, detail="dmarc=pass"),
    )
    general = Finding(code="unknown_sender", severity=Severity.INFO, message="Địa chỉ chưa đăng ký")
    record = AttachmentRecord(path="bc.zip", name=None, content_type="application/zip", size_bytes=9, sha256="ab", outcome="read")
    failure = DocumentFailure(path="khóa.xlsx", code="encrypted", detail="password")
    with sessions.begin() as session:
        message_id = record_message(session, arrival(1), now=now).id
        verdict = Verdict(outcome=Outcome.ACCEPTED_WITH_WARNINGS, reports=(judged,), findings=(general,), reason="late", may_reply=True)
        (report_id,) = finish_message(
            session,
            message_id,
            incoming=incoming,
            verdict=verdict,
            failures=(failure,),
            attachments=(record,),
            outgoing=mail(),
            now=now,
        )
    with sessions.begin() as session:
        found = message_details(session, message_id)
        assert found is not None
        message = found.message
        assert (message.outcome, message.reason, message.state) == (Outcome.ACCEPTED_WITH_WARNINGS, "late", "done")
        assert (message.sender_email, message.sender_name, message.subject) == ("camlo@b.example", "Cam Lộ", "Báo cáo? tuần 34")
        assert (message.references, message.authentication, message.arrived_at) == (incoming.references, "pass", incoming.received_at)
        (stored,) = found.reports
        assert (stored.id, stored.values, stored.evidence) == (report_id, judged.values, {**judged.evidence, "installed": ()})
        assert (stored.findings, stored.on_time, stored.due_at) == ((late,), False, now)
        assert (found.findings, found.attachments, found.failures) == ((general,), (record,), (failure,))
        assert [(entry.key, entry.in_answer_to) for entry in list_outbox(session, in_answer_to=message_id)] == [("receipt:1", message_id)]


@pytest.mark.usefixtures("registry")
def test_a_finish_that_fails_at_its_last_step_leaves_nothing(
    sessions: sessionmaker[Session], arrival: Callable[..., Arrival], report: MakeReport, mail: Callable[..., OutgoingMail], now: datetime
) -> None:
    with sessions.begin() as session:
        message_id = record_message(session, arrival(1), now=now).id
    finding = Finding(code="late", severity=Severity.INFO, message="x")
    verdict = Verdict(outcome=Outcome.ACCEPTED, reports=(report(), report(unit="no-such-unit")), findings=(finding,))
    record = AttachmentRecord(path="a", name="a", content_type="x/y", size_bytes=1, sha256="", outcome="read")
    with pytest.raises(IntegrityError), sessions.begin() as session:
        incoming = IncomingMessage(message_id=None, sender=None)
        finish_message(session, message_id, incoming=incoming, verdict=verdict, attachments=(record,), outgoing=mail(), now=now)
    with sessions.begin() as session:
        for table in (REPORTS, REPORT_FIELDS, FINDINGS, ATTACHMENTS, OUTGOING):
            assert session.scalar(select(func.count()).select_from(table)) == 0, table.name
        assert session.scalar(select(MESSAGES.c.state)) == "received"
        assert len(claim_messages(session, now=now, lease=timedelta(minutes=1), limit=1)) == 1


def test_a_finished_message_cannot_be_finished_again(finished: Finished, sessions: sessionmaker[Session], now: datetime) -> None:
    message_id, _ = finished()
    with pytest.raises(ConflictError, match="already finished"), sessions.begin() as session:
        incoming = IncomingMessage(message_id=None, sender=None)
        finish_message(session, message_id, incoming=incoming, verdict=Verdict(outcome=Outcome.IGNORED), now=now)


def test_a_correction_supersedes_and_both_stay(
    finished: Finished, sessions: sessionmaker[Session], report: MakeReport, now: datetime
) -> None:
    later = now + timedelta(days=1)
    _, (first,) = finished(report({"members": 1}))
    _, (second,) = finished(report({"members": 2}, supersedes=first), now=later, arrived_at=later)
    with sessions.begin() as session:
        (current,) = accepted_reports(session, "bluezone")
        assert (current.id, current.values, current.arrived_at) == (second, {"members": 2}, later)
        assert current.first_arrived_at == now  # the first mail was on time, so the unit was
        history = report_history(session, "bluezone", "ldld-cam-lo", W34)
        assert [(item.id, item.status) for item in history] == [(first, ReportStatus.SUPERSEDED), (second, ReportStatus.ACCEPTED)]


def test_a_past_moment_shows_what_was_accepted_then(
    finished: Finished, sessions: sessionmaker[Session], report: MakeReport, now: datetime
) -> None:
    later = now + timedelta(days=1)
    _, (first,) = finished(report({"members": 1}, status=ReportStatus.ACCEPTED_WITH_WARNINGS))
    finished(report({"members": 2}, supersedes=first), now=later)
    with sessions.begin() as session:
        (then,) = accepted_reports(session, "bluezone", as_of=later - timedelta(seconds=1))
        assert (then.id, then.values, then.status) == (first, {"members": 1}, ReportStatus.ACCEPTED_WITH_WARNINGS)
        assert accepted_reports(session, "bluezone", as_of=now - timedelta(seconds=1)) == ()
        assert [item.values for item in reports_of_period(session, "bluezone", W34, as_of=later)] == [{"members": 2}]


def test_a_second_report_of_one_place_needs_to_say_what_it_supersedes(finished: Finished, report: MakeReport) -> None:
    _, (first,) = finished(report())
    with pytest.raises(ConflictError, match="accepted meanwhile"):
        finished(report())
    finished(report(supersedes=first))
    with pytest.raises(ConflictError, match="no longer the current one"):
        finished(report(supersedes=first))


def test_a_report_yields_only_to_the_one_that_stands(finished: Finished, report: MakeReport) -> None:
    _, (first,) = finished(report())
    _, (second,) = finished(report(supersedes=first))
    with pytest.raises(ConflictError, match="no longer the current one"):
        finished(report(status=ReportStatus.SUPERSEDED, yields_to=first))
    finished(report(status=ReportStatus.SUPERSEDED, yields_to=second))


def test_a_report_never_supersedes_one_of_another_place(finished: Finished, report: MakeReport) -> None:
    _, (first,) = finished(report())
    for elsewhere in ({"unit": "ldld-dong-ha"}, {"period": W33}):
        with pytest.raises(ConflictError, match="no longer the current one"):
            finished(report(supersedes=first, **elsewhere))


@pytest.mark.parametrize("status", [ReportStatus.NEEDS_REVIEW, ReportStatus.REJECTED, ReportStatus.DUPLICATE])
def test_reports_that_are_not_taken_do_not_count_and_do_not_stand_in_the_way(
    finished: Finished, sessions: sessionmaker[Session], report: MakeReport, status: ReportStatus
) -> None:
    finished(report(status=status), report(status=status), outcome=Outcome.NEEDS_REVIEW)
    with sessions.begin() as session:
        assert accepted_reports(session, "bluezone") == ()
    finished(report())
    with sessions.begin() as session:
        assert len(accepted_reports(session, "bluezone")) == 1
        assert len(held_reports(session, "bluezone", W34)) == (2 if status is ReportStatus.NEEDS_REVIEW else 0)


@pytest.mark.parametrize("missing", ["unit", "period"])
def test_nothing_is_accepted_without_a_place(finished: Finished, report: MakeReport, missing: str) -> None:
    with pytest.raises(IntegrityError):
        finished(report(**{missing: None}))
    finished(report(status=ReportStatus.NEEDS_REVIEW, **{missing: None}), outcome=Outcome.NEEDS_REVIEW)


def test_a_number_no_count_can_have_is_kept_as_evidence_only(
    finished: Finished, sessions: sessionmaker[Session], report: MakeReport
) -> None:
    huge = {"members": 10**30}
    message_id, _ = finished(report(huge, status=ReportStatus.NEEDS_REVIEW), outcome=Outcome.NEEDS_REVIEW)
    with sessions.begin() as session:
        found = message_details(session, message_id)
        assert found is not None
        assert found.reports[0].values == {}
        assert "members" in found.reports[0].evidence
    with pytest.raises(ValueError, match="64 bits"):
        finished(report(huge))


def test_reports_come_by_unit_and_period_and_can_be_narrowed(
    finished: Finished, sessions: sessionmaker[Session], report: MakeReport
) -> None:
    finished(report(unit="ldld-dong-ha"), report({"members": 7}, period=W33), report())
    with sessions.begin() as session:
        places = [(item.unit, str(item.period)) for item in accepted_reports(session, "bluezone")]
        assert places == [("ldld-cam-lo", "2020-W33"), ("ldld-cam-lo", "2020-W34"), ("ldld-dong-ha", "2020-W34")]
        assert [item.unit for item in accepted_reports(session, "bluezone", ["ldld-dong-ha"])] == ["ldld-dong-ha"]
        assert [item.period for item in accepted_reports(session, "bluezone", until=W33)] == [W33]
        assert len(accepted_reports(session, "bluezone", since=W34)) == 2
        assert accepted_reports(session, "bluezone", []) == ()
        assert accepted_reports(session, "other-form") == ()
        before = previous_report(session, "bluezone", "ldld-cam-lo", W34)
        assert before is not None
        assert before.values == {"members": 7}
        assert previous_report(session, "bluezone", "ldld-dong-ha", W34) is None


def test_a_report_remembers_what_it_was_compared_with(
    finished: Finished, sessions: sessionmaker[Session], report: MakeReport, registry: tuple[Unit, ...]
) -> None:
    finished(report({"members": 7}, period=W33))
    with sessions.begin() as session:
        before = previous_report(session, "bluezone", registry[0].code, W34)
    message_id, _ = finished(replace(report(), previous=before))
    with sessions.begin() as session:
        found: Any = message_details(session, message_id)
        assert found.reports[0].previous == before
