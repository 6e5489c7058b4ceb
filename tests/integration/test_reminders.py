"""Reminders over a real store: who is reminded when, in which words and thread, what stops one. W35 is due Friday 28/8/2020, 17:00."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

import docx
import pytest
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import Config, ReminderConfig, SmtpConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.model import (
    AuthResult,
    IncomingMessage,
    JudgedReport,
    LetterContent,
    Mailbox,
    Outcome,
    OutgoingKind,
    OutgoingMail,
    ReportStatus,
    SenderAuthentication,
    Unit,
    Verdict,
)
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.reminders import preview_reminders, remind, withdraw_settled
from mailbox_ingest.store.ledger.door import record_message
from mailbox_ingest.store.ledger.finish import finish_message
from mailbox_ingest.store.ledger.records import Arrival
from mailbox_ingest.store.outgoing.lookup import find_mail, list_outbox
from mailbox_ingest.store.outgoing.outbox import claim_due, mark_failed, queue_mail
from mailbox_ingest.store.registry.contacts import note_writer
from mailbox_ingest.store.registry.units import import_units

W35 = Period(2020, 35)
BEFORE = datetime(2020, 8, 27, 9, tzinfo=LOCAL_ZONE)  # Thursday, 32 hours ahead
DUE = datetime(2020, 8, 28, 17, tzinfo=LOCAL_ZONE)
AFTER = datetime(2020, 8, 31, 9, tzinfo=LOCAL_ZONE)  # Monday, 64 hours later
UNITS = (
    Unit(code="a", name="LĐLĐ huyện Vĩnh Linh", group="huyện", emails=("a@x.example", "a2@x.example")),
    Unit(code="b", name="LĐLĐ huyện Cam Lộ", group="huyện", emails=("b@x.example",)),
    Unit(code="c", name="Công đoàn ngành Y tế", group="ngành", emails=("cd@x.example",)),
    Unit(code="d", name="Công đoàn ngành Giáo dục", group="ngành", emails=("cd@x.example",)),
    Unit(code="e", name="Công đoàn Viên chức tỉnh", group="ngành"),
)
CONFIG = Config(
    store_url="",
    forms=(builtin_form("bluezone"),),
    smtp=SmtpConfig(host="localhost", sender="baocao@qt.example", sender_name="Tiếp nhận báo cáo"),
    reminders=(ReminderConfig(form="bluezone", escalate_after_weeks=2, escalate_to=("thuongtruc@qt.example",)),),
)

Receive = Callable[..., int]
Settle = Callable[..., None]


@pytest.fixture
def receive(sessions: sessionmaker[Session]) -> Receive:
    """Puts an unread mail of an address into the ledger; gives its number."""
    with sessions.begin() as session:
        import_units(session, UNITS, now=BEFORE - timedelta(days=20))
    uids = iter(range(1, 1000))

    def store(sender: str, *, at: datetime) -> int:
        uid = next(uids)
        raw = f"Message-ID: <m{uid}@x.example>\r\nFrom: {sender}\r\nSubject: Bao cao\r\n\r\n{uid}".encode()
        with sessions.begin() as session:
            arrival = Arrival(account="tinh", folder="INBOX", uidvalidity=1, uid=uid, raw=raw, arrived_at=at)
            return record_message(session, arrival, now=at).id

    return store


@pytest.fixture
def settle(sessions: sessionmaker[Session], receive: Receive) -> Settle:
    """Puts a mail into the ledger that has been read, with its report where `unit` is given."""

    def store(
        sender: str,
        *,
        unit: str | None = None,
        period: Period | None = W35,
        status: ReportStatus = ReportStatus.ACCEPTED,
        outcome: Outcome | None = None,
        at: datetime = BEFORE - timedelta(hours=20),
        subject: str = "Báo cáo",
        automatic: str | None = None,
        authentication: AuthResult = AuthResult.PASS,
    ) -> None:
        number = receive(sender, at=at)
        reports = ()
        if unit is not None:
            values: Mapping[str, int] = {"members": 100, "smartphone_users": 90, "installed": 80}
            reports = (JudgedReport(form="bluezone", unit=unit, period=period, values=values, status=status),)
        found = outcome or {ReportStatus.REJECTED: Outcome.REJECTED, ReportStatus.NEEDS_REVIEW: Outcome.NEEDS_REVIEW}.get(
            status, Outcome.ACCEPTED
        )
        incoming = IncomingMessage(
            message_id=f"<m{number}@x.example>",
            sender=Mailbox(email=sender),
            subject=subject,
            automatic=automatic,
            references=("<root@x.example>",),
            authentication=SenderAuthentication(result=authentication),
        )
        with sessions.begin() as session:
            finish_message(
                session, number, incoming=incoming, verdict=Verdict(outcome=found, reports=reports, sender_registered=True), now=at
            )
            if automatic is None and authentication is AuthResult.PASS:
                note_writer(session, sender, at=at, message_id=number, registered=True)

    return store


def run(sessions: sessionmaker[Session], now: datetime, config: Config = CONFIG) -> dict[str, OutgoingMail]:
    """What this run queued, by address."""
    return {mail.to[0].email: mail for done in remind(sessions, config, now) for mail in done.mails}


def waiting(sessions: sessionmaker[Session]) -> list[str]:
    with sessions.begin() as session:
        return sorted(entry.recipients[0] for entry in list_outbox(session, state="queued"))


def test_each_person_who_owes_gets_one_mail_for_all_units_they_write_for(receive: Receive, sessions: sessionmaker[Session]) -> None:
    mails = run(sessions, BEFORE)
    assert sorted(mails) == ["a2@x.example", "a@x.example", "b@x.example", "cd@x.example"]
    both = mails["cd@x.example"]
    assert both.key == "reminder:bluezone:2020-W35:-32:cd@x.example"
    assert both.kind is OutgoingKind.REMINDER and both.auto_submitted == "auto-generated"
    assert "- Công đoàn ngành Y tế\n- Công đoàn ngành Giáo dục\n" in both.content.text
    assert both.content.subject == "Nhắc hạn: Báo cáo cài đặt ứng dụng Bluezone, tuần 35 (24/8–30/8/2020)"
    assert "hạn gửi Báo cáo cài đặt ứng dụng Bluezone, tuần 35 (24/8–30/8/2020) là 17:00 thứ Sáu, 28/8/2020" in both.content.text


def test_nobody_is_reminded_twice_of_the_same_moment_and_again_at_the_next(receive: Receive, sessions: sessionmaker[Session]) -> None:
    assert len(run(sessions, BEFORE)) == 4
    assert run(sessions, BEFORE + timedelta(minutes=5)) == {}
    assert len(run(sessions, DUE)) == 4
    assert run(sessions, AFTER - timedelta(minutes=1)) == {}
    assert "vẫn chưa nhận được báo cáo" in run(sessions, AFTER)["b@x.example"].content.text
    with sessions.begin() as session:
        keys = [entry.key for entry in list_outbox(session)]
    assert len(keys) == len(set(keys))


def test_two_workers_at_the_same_moment_remind_each_person_once(receive: Receive, sessions: sessionmaker[Session]) -> None:
    start = Barrier(2)

    def work(_: int) -> int:
        start.wait()
        return len(run(sessions, BEFORE))

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(work, range(2))) == [0, 4]
    assert len(waiting(sessions)) == 4


def test_a_mail_stops_the_reminder_even_before_it_is_read(receive: Receive, sessions: sessionmaker[Session]) -> None:
    receive("B@x.example", at=BEFORE - timedelta(minutes=1))
    assert "b@x.example" not in run(sessions, BEFORE)


@pytest.mark.parametrize(
    ("status", "unit", "reminded"),
    [
        (ReportStatus.ACCEPTED, "b", False),
        (ReportStatus.ACCEPTED_WITH_WARNINGS, "b", False),
        (ReportStatus.NEEDS_REVIEW, "b", False),
        (ReportStatus.NEEDS_REVIEW, None, False),
        (ReportStatus.REJECTED, "b", True),
        (ReportStatus.REJECTED, None, True),
    ],
)
def test_only_units_with_nothing_acceptable_and_nothing_under_review_are_reminded(
    status: ReportStatus, unit: str | None, reminded: bool, settle: Settle, sessions: sessionmaker[Session]
) -> None:
    outcome = Outcome.NEEDS_REVIEW if status is ReportStatus.NEEDS_REVIEW else None
    settle("b@x.example", unit=unit, status=status, outcome=outcome if unit else outcome or Outcome.REJECTED)
    assert ("b@x.example" in run(sessions, BEFORE)) is reminded


def test_a_report_of_another_week_or_an_automatic_answer_stops_nothing(settle: Settle, sessions: sessionmaker[Session]) -> None:
    settle("b@x.example", unit="b", period=Period(2020, 34))
    settle("a@x.example", outcome=Outcome.IGNORED, automatic="auto-submitted")
    assert {"a@x.example", "b@x.example"} <= set(run(sessions, BEFORE))


def test_a_held_mail_from_before_the_last_deadline_stops_nothing(settle: Settle, sessions: sessionmaker[Session]) -> None:
    settle("b@x.example", outcome=Outcome.NEEDS_REVIEW, at=BEFORE - timedelta(days=8))
    assert "b@x.example" in run(sessions, BEFORE)


def test_one_of_two_units_reported_leaves_the_other_in_the_mail(settle: Settle, sessions: sessionmaker[Session]) -> None:
    settle("cd@x.example", unit="c")
    mail = run(sessions, BEFORE)["cd@x.example"]
    assert "Công đoàn ngành Giáo dục" in mail.content.text and "Y tế" not in mail.content.text


def test_the_reminder_stands_in_the_last_thread_and_says_what_became_of_it(settle: Settle, sessions: sessionmaker[Session]) -> None:
    settle("b@x.example", unit="b", period=Period(2020, 34), subject="RE: Báo cáo tuần 34", at=BEFORE - timedelta(days=7))
    settle("b@x.example", unit="b", status=ReportStatus.REJECTED, subject="Báo cáo Bluezone tuần 35")
    settle("b@x.example", outcome=Outcome.IGNORED, automatic="auto-submitted", subject="Vắng mặt")
    settle("b@x.example", outcome=Outcome.REJECTED, authentication=AuthResult.FAIL, subject="Giả mạo", at=BEFORE - timedelta(days=30))
    mail = run(sessions, BEFORE)["b@x.example"]
    assert mail.content.subject == "Re: Báo cáo Bluezone tuần 35"
    assert mail.in_reply_to == "<m2@x.example>"
    assert mail.references == ("<root@x.example>", "<m2@x.example>")
    assert "Thư đến lúc 13:00 thứ Tư, 26/8/2020 chưa ghi nhận được số liệu" in mail.content.text
    with sessions.begin() as session:
        assert list_outbox(session, in_answer_to=2) == (), "the reply to a mail is its receipt, not a reminder"


def test_the_blank_form_is_the_annex_of_letter_597_with_the_units_name(receive: Receive, sessions: sessionmaker[Session]) -> None:
    mails = run(sessions, BEFORE)
    (form,) = mails["b@x.example"].content.attachments
    paper = docx.Document(io.BytesIO(form.data))
    assert form.name == "Mau-bao-cao-bluezone.docx"
    assert "LIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG TRỊ\nLĐLĐ HUYỆN CAM LỘ" in paper.tables[0].cell(0, 0).text
    assert [[cell.text for cell in row.cells] for row in paper.tables[1].rows] == [
        ["TT", "NỘI DUNG", "ĐVT (người)"],
        ["1", "Tổng số đoàn viên, người lao động (trong các đơn vị có tổ chức công đoàn)", ""],
        ["2", "Trong đó: + Số đoàn viên, người lao động có điện thoại thông minh", ""],
        ["", "+ Số đoàn viên, người lao động có điện thoại thông minh đã cài đặt Bluezone", ""],
    ]
    (shared,) = mails["cd@x.example"].content.attachments
    assert "CÔNG ĐOÀN" not in docx.Document(io.BytesIO(shared.data)).tables[0].cell(0, 0).text


def test_a_waiting_reminder_is_withdrawn_when_the_unit_has_written(receive: Receive, sessions: sessionmaker[Session]) -> None:
    run(sessions, BEFORE)
    receive("b@x.example", at=BEFORE + timedelta(minutes=3))
    assert withdraw_settled(sessions, CONFIG, BEFORE + timedelta(minutes=4)) == 1
    assert waiting(sessions) == ["a2@x.example", "a@x.example", "cd@x.example"]
    assert run(sessions, BEFORE + timedelta(minutes=5)) == {}, "a moment runs once"


def test_a_waiting_reminder_for_two_units_is_written_anew_when_one_has_reported(settle: Settle, sessions: sessionmaker[Session]) -> None:
    run(sessions, BEFORE)
    settle("cd@x.example", unit="d", at=BEFORE + timedelta(minutes=3))
    assert withdraw_settled(sessions, CONFIG, BEFORE + timedelta(minutes=4)) == 0
    with sessions.begin() as session:
        mail = find_mail(session, "reminder:bluezone:2020-W35:-32:cd@x.example")
    assert mail is not None
    assert "Công đoàn ngành Y tế" in mail.content.text and "Giáo dục" not in mail.content.text


def test_a_reminder_before_the_deadline_is_not_sent_after_it(receive: Receive, sessions: sessionmaker[Session]) -> None:
    run(sessions, BEFORE)
    assert withdraw_settled(sessions, CONFIG, DUE) == 4
    assert waiting(sessions) == []


def test_what_still_waits_on_a_saturday_is_put_off_to_monday_morning(receive: Receive, sessions: sessionmaker[Session]) -> None:
    run(sessions, DUE)
    assert withdraw_settled(sessions, CONFIG, DUE + timedelta(hours=12)) == 0
    with sessions.begin() as session:
        assert claim_due(session, now=DUE + timedelta(hours=13), limit=10, budget_recipients=100) == ()


def test_an_outage_over_a_moment_is_made_up_for_within_the_grace_and_dropped_after_it(
    receive: Receive, sessions: sessionmaker[Session]
) -> None:
    assert len(run(sessions, BEFORE + timedelta(hours=23))) == 4
    config = replace(CONFIG, reminders=(replace(CONFIG.reminders[0], offsets_hours=(64,), grace_hours=4),))
    assert run(sessions, AFTER + timedelta(hours=4), config) == {}


def test_a_first_start_reminds_of_nothing_from_before_it(receive: Receive, sessions: sessionmaker[Session]) -> None:
    assert remind(sessions, CONFIG, BEFORE + timedelta(hours=1), since=BEFORE + timedelta(minutes=30)) == ()


def test_a_dead_address_is_left_alone_and_told_to_the_operator_until_it_writes_again(
    receive: Receive, settle: Settle, sessions: sessionmaker[Session]
) -> None:
    refuse(sessions, "b@x.example", "550 5.1.1 The email account that you tried to reach does not exist")
    refuse(sessions, "a2@x.example", "550 5.7.1 message refused by policy")
    (done,) = remind(sessions, CONFIG, BEFORE)
    assert sorted(mail.to[0].email for mail in done.mails) == ["a2@x.example", "a@x.example", "cd@x.example"]
    assert [item.unit for item in done.unreachable] == ["b", "e"]
    assert "5.1.1" in done.unreachable[0].reason
    settle("b@x.example", unit="b", period=Period(2020, 34), at=BEFORE + timedelta(hours=1))
    assert "b@x.example" in run(sessions, DUE)


def refuse(sessions: sessionmaker[Session], email: str, answer: str) -> None:
    at = BEFORE - timedelta(days=3)
    mail = OutgoingMail(
        key=f"receipt:{email}",
        kind=OutgoingKind.RECEIPT,
        message_id=f"<r.{email}>",
        sender=Mailbox(email="baocao@qt.example"),
        to=(Mailbox(email=email),),
        content=LetterContent(subject="s", text="t"),
        auto_submitted="auto-replied",
    )
    with sessions.begin() as session:
        number = queue_mail(session, mail, now=at)
        assert number is not None
        claim_due(session, now=at, limit=1, budget_recipients=10)
        mark_failed(session, number, now=at, reason=answer)


def test_units_long_silent_are_named_to_their_superior_with_the_last_reminder(settle: Settle, sessions: sessionmaker[Session]) -> None:
    settle("b@x.example", unit="b", period=Period(2020, 34))
    assert "thuongtruc@qt.example" not in run(sessions, DUE)
    mail = run(sessions, AFTER)["thuongtruc@qt.example"]
    assert mail.key == "reminder:bluezone:2020-W35:escalation:thuongtruc@qt.example"
    text = mail.content.text
    assert "4 đơn vị chưa gửi được báo cáo từ 2 tuần liên tiếp trở lên" in text
    assert "- LĐLĐ huyện Vĩnh Linh (huyện): 2 tuần liên tiếp, chưa báo cáo tuần nào." in text
    assert "- Công đoàn Viên chức tỉnh (ngành): 2 tuần liên tiếp, chưa báo cáo tuần nào; chưa đăng ký địa chỉ thư." in text
    assert "Cam Lộ" not in text, "one week of silence is not long"


def test_looking_ahead_queues_nothing(receive: Receive, sessions: sessionmaker[Session]) -> None:
    assert len(preview_reminders(sessions, CONFIG, BEFORE)[0].mails) == 4
    shown = preview_reminders(sessions, CONFIG, BEFORE - timedelta(days=1), period=W35)
    assert [item.moment.offset_hours for item in shown] == [-32, 0, 64]
    assert waiting(sessions) == []
    assert len(run(sessions, BEFORE)) == 4


def test_without_an_address_to_send_from_nothing_can_be_reminded(receive: Receive, sessions: sessionmaker[Session]) -> None:
    with pytest.raises(ConfigurationError, match="smtp"):
        remind(sessions, replace(CONFIG, smtp=None), BEFORE)
