"""Troubles on real servers and real databases: each becomes one alarm by a real webhook, the next success ends it, and the worker lives."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from sqlalchemy import event

from mailbox_ingest.alarms.look import LATEST
from mailbox_ingest.app import App, open_app
from mailbox_ingest.app.alarming import new_watch
from mailbox_ingest.app.checks import check_all
from mailbox_ingest.app.patience import open_patiently
from mailbox_ingest.config import AdmissionConfig, AlarmMailConfig, AlarmsConfig, Config, DigestConfig, ImapConfig, Secret, SmtpConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.errors import MailboxRefused
from mailbox_ingest.imap import ImapSource
from mailbox_ingest.imap.source import Cursor
from mailbox_ingest.model import LetterContent, Mailbox, OutgoingKind
from mailbox_ingest.model.alarms import AlarmKind
from mailbox_ingest.periods import LOCAL_ZONE
from mailbox_ingest.render.outgoing import announcement
from mailbox_ingest.store.database import engine as store_engine
from mailbox_ingest.store.ledger.door import record_message
from mailbox_ingest.store.ledger.records import Arrival
from mailbox_ingest.store.operations.alarms import alarm_history, open_alarms
from mailbox_ingest.store.outgoing.gates import close_gate, open_gate
from mailbox_ingest.store.outgoing.outbox import claim_due, mark_held, queue_mail
from mailbox_ingest.worker import Worker
from servers.postgres import PostgresServer
from servers.smtp import SmtpServer
from servers.webhook import Webhook

LETTER = b"From: camlo@gmail.example\r\nSubject: Bao cao %d\r\nMessage-ID: <%d@x>\r\n\r\n%b"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2020, 8, 19, 9, 0, tzinfo=LOCAL_ZONE)  # a Wednesday

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: int) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def config(sqlite_url: str, imap_config: ImapConfig, webhook: Webhook) -> Config:
    alarms = AlarmsConfig(webhook_url=Secret(_text=webhook.url))
    return Config(store_url=sqlite_url, forms=(builtin_form("bluezone"),), mailboxes=(imap_config,), alarms=alarms)


@contextmanager
def at_work(config: Config, clock: Clock) -> Iterator[Callable[..., None]]:
    """`passes(n, minutes)`: so many passes of the worker, so far apart, each with the minute's look of the watch behind it."""
    with open_app(config, clock=clock) as app:
        worker = Worker(app)

        def passes(number: int = 1, minutes: int = 5) -> None:
            for _ in range(number):
                clock.forward(minutes=minutes)
                worker.poll_and_read()
                worker.deliver()
                worker.watch()

        yield passes


def test_a_wrong_password_is_one_alarm_a_reminder_a_day_later_and_one_end(
    config: Config, imap_config: ImapConfig, clock: Clock, webhook: Webhook
) -> None:
    wrong = replace(config, mailboxes=(replace(imap_config, password=Secret(_text="sai mat khau")),))
    with at_work(wrong, clock) as passes:
        passes(4)
        assert len(webhook.received) == 1
        (notice,) = webhook.received
        assert (notice["event"], notice["key"], notice["count"]) == ("opened", "mailbox:chinh", 1)
        assert "login refused" in notice["detail"] and "sai mat khau" not in str(notice)
        passes(2, minutes=12 * 60)
        assert [event for event, _ in webhook.events] == ["opened", "reminder"]
    with at_work(config, clock) as passes:  # the operator has mended it and started again
        passes(3)
    assert [event for event, _ in webhook.events] == ["opened", "reminder", "cleared"]


def test_a_dead_network_is_an_alarm_after_a_quarter_of_an_hour(
    config: Config, imap_config: ImapConfig, clock: Clock, webhook: Webhook
) -> None:
    nowhere = replace(config, mailboxes=(replace(imap_config, port=1),))
    with at_work(nowhere, clock) as passes:
        passes(3)
        assert webhook.received == []
        passes(3)
        assert webhook.events == [("opened", "mailbox_unreachable")]
    with at_work(config, clock) as passes:
        passes(2)
    assert webhook.events == [("opened", "mailbox_unreachable"), ("cleared", "mailbox_unreachable")]


def test_a_network_that_was_away_for_a_moment_is_nobodys_business(
    config: Config, imap_config: ImapConfig, clock: Clock, webhook: Webhook
) -> None:
    for _ in range(3):
        with at_work(replace(config, mailboxes=(replace(imap_config, port=1),)), clock) as passes:
            passes(2)
        with at_work(config, clock) as passes:
            passes(1)
    assert webhook.received == []


def test_a_locked_database_is_one_alarm_told_from_memory_and_written_down_when_it_is_free(
    config: Config, clock: Clock, webhook: Webhook, post: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_engine, "BUSY_TIMEOUT_SECONDS", 0.02)
    with at_work(config, clock) as passes:
        passes(1)
        other = sqlite3.connect(config.store_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        post(LETTER % (1, 1, b"xin chao"))
        passes(6)
        assert webhook.events == [("opened", "database_busy")]
        other.execute("ROLLBACK")
        other.close()
        passes(2)
        assert webhook.events == [("opened", "database_busy"), ("cleared", "database_busy")]
    assert_history(config, ["database_busy"])
    assert unread(config) == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes; where it may not be mounted, an ordinary folder (the database then gets a limit of its own)."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = os.getuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", folder], check=False).returncode == 0
    yield folder
    if mounted:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_is_one_alarm_loses_no_mail_and_costs_none_an_attempt(
    config: Config, clock: Clock, webhook: Webhook, post: Callable[..., None], small_disk: Path
) -> None:
    database = small_disk / "store.db"
    shutil.copy(config.store_url.removeprefix("sqlite:///"), database)
    config = replace(config, store_url=f"sqlite:///{database}")
    with open_app(config, clock=clock) as app:
        worker, limit = Worker(app), Limit(app)

        def passes(number: int) -> None:
            for _ in range(number):
                clock.forward(minutes=5)
                worker.poll_and_read()
                worker.watch()

        passes(1)
        for number in range(3):
            post(large_letter(number))
        ballast = fill(small_disk) if small_disk.is_mount() else limit.set()
        passes(4)
        assert webhook.events == [("opened", "disk_full")]
        ballast()
        passes(2)
        assert webhook.events == [("opened", "disk_full"), ("cleared", "disk_full")]
        assert [item.details.message.quarantined for item in app.messages_in_order()] == [False] * 3
        assert app.count_received() == 0
    assert_history(config, ["disk_full"])


def large_letter(number: int) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["Subject"], message["Message-ID"] = "camlo@gmail.example", f"Bao cao {number}", f"<large-{number}@x>"
    message.set_content("xin chao")
    message.add_attachment(os.urandom(300_000), maintype="application", subtype="octet-stream", filename="du-lieu.bin")
    return message.as_bytes()


class Limit:
    """What SQLite may use, where no disk can be mounted."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.pages = 0
        event.listen(app.engine, "checkout", self._apply)

    def set(self) -> Callable[[], None]:
        with self.app.engine.connect() as connection:
            self.pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        return self.lift

    def lift(self) -> None:
        self.pages = 2**30

    def _apply(self, connection: sqlite3.Connection, *_: object) -> None:
        if self.pages:
            connection.execute(f"PRAGMA max_page_count = {self.pages}")


def fill(folder: Path) -> Callable[[], None]:
    """Takes all the room that is left; gives the function that gives it back."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    return ballast.unlink


def test_a_postgres_that_is_stopped_is_one_alarm_told_from_memory_and_written_down_when_it_is_back(
    config: Config, clock: Clock, webhook: Webhook, postgres_server: PostgresServer, post: Callable[..., None]
) -> None:
    name = postgres_server.create_database()
    config = replace(config, store_url=postgres_server.url(name))
    with at_work(config, clock) as passes:
        passes(1)
        post(LETTER % (1, 1, b"xin chao"))
        postgres_server.stop()
        try:
            passes(6)
        finally:
            postgres_server.start()
        assert webhook.events == [("opened", "database_unavailable")]
        passes(2)
        assert webhook.events == [("opened", "database_unavailable"), ("cleared", "database_unavailable")]
    assert_history(config, ["database_unavailable"])
    assert unread(config) == 0
    postgres_server.drop_database(name)


def test_a_worker_that_starts_without_its_database_waits_for_it_and_says_so(
    config: Config, clock: Clock, webhook: Webhook, postgres_server: PostgresServer
) -> None:
    name = postgres_server.create_database()
    config = replace(config, store_url=postgres_server.url(name))
    watch = new_watch(config, clock)
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        clock.forward(minutes=6)
        if len(waits) == 4:
            postgres_server.start()

    postgres_server.stop()
    with open_patiently(config, watch, wait=wait) as app:
        assert waits == [1.0, 2.0, 4.0, 8.0]
        assert webhook.events == [("opened", "database_unavailable")]
        app.tell_alarms()
        assert webhook.events == [("opened", "database_unavailable"), ("cleared", "database_unavailable")]
    postgres_server.drop_database(name)


def test_an_smtp_server_that_is_away_is_one_alarm_and_the_next_mail_sent_ends_it(
    config: Config, clock: Clock, webhook: Webhook, smtp_config: SmtpConfig, smtp_server: SmtpServer
) -> None:
    config = replace(config, mailboxes=(), smtp=smtp_config)
    with at_work(replace(config, smtp=replace(smtp_config, port=1)), clock) as passes:
        queue_a_mail(config, clock)
        passes(1)
        assert webhook.received == []
        passes(8)
        assert webhook.events == [("opened", "sending_unreachable")]
    with at_work(config, clock) as passes:
        passes(1)  # the mail waits for its next attempt: that says nothing about the server
        clock.forward(hours=4)
        passes(2)
    assert len(smtp_server.mails) == 1
    assert webhook.events == [("opened", "sending_unreachable"), ("cleared", "sending_unreachable")]


def test_the_alarm_about_the_smtp_server_ends_when_a_person_drops_the_only_mail_that_waits(
    config: Config, clock: Clock, webhook: Webhook, smtp_config: SmtpConfig
) -> None:
    config = replace(config, mailboxes=(), smtp=replace(smtp_config, port=1))
    with at_work(config, clock) as passes:
        queue_a_mail(config, clock)
        passes(8)
        assert webhook.events == [("opened", "sending_unreachable")]
    with open_app(config, clock=clock) as app:
        app.outbox_desk("Lan").drop("reminder:1", reason="đã gọi điện")
    with at_work(config, clock) as passes:
        passes(2)
    assert webhook.events == [("opened", "sending_unreachable"), ("cleared", "sending_unreachable")]


def test_a_mail_that_waits_for_a_person_is_an_alarm_until_somebody_decides(config: Config, clock: Clock, webhook: Webhook) -> None:
    config = replace(config, mailboxes=())
    queue_a_mail(config, clock)
    with open_app(config, clock=clock) as app:
        with app.sessions.begin() as session:
            (mail,) = claim_due(session, now=clock.now, limit=5, budget_recipients=5)
            mark_held(session, mail.id, now=clock.now, reason="uncertain whether it went out: the line broke")
        app.tell_alarms()
        assert webhook.events == [("opened", "mails_held")] and "the line broke" in webhook.received[0]["detail"]
        assert app.health().ok
        app.outbox_desk("Lan").drop("reminder:1", reason="đã gọi điện")
        app.tell_alarms()
    assert webhook.events[1:] == [("cleared", "mails_held")]


def queue_a_mail(config: Config, clock: Clock) -> None:
    content = LetterContent(subject="Nhắc báo cáo", text="Kính gửi đơn vị.")
    to, sender = Mailbox(email="camlo@gmail.example"), Mailbox(email="bancongtac@baocao.example")
    mail = announcement(key="reminder:1", kind=OutgoingKind.REMINDER, to=(to,), content=content, sender=sender)
    with open_app(config, clock=clock) as app, app.sessions.begin() as session:
        queue_mail(session, mail, now=clock.now)


def test_a_due_day_without_any_mail_is_an_alarm_and_the_next_mail_ends_it(config: Config, clock: Clock, webhook: Webhook) -> None:
    config = replace(config, mailboxes=(replace(config.mailboxes[0], port=1),))  # looked into or not: mail is put into the ledger by hand
    with open_app(config, clock=clock) as app:

        def arrive(uid: int) -> None:
            letter = Arrival(account="chinh", folder="INBOX", uidvalidity=1, uid=uid, raw=LETTER % (uid, uid, b"x"), arrived_at=clock.now)
            with app.sessions.begin() as session:
                record_message(session, letter, now=clock.now)

        app.watch.started_at = datetime(2030, 1, 1, tzinfo=LOCAL_ZONE)  # no alarm for the mailbox itself
        arrive(1)
        for day, hour in ((19, 23), (20, 14)):  # Thursday 20/8/2020 is the day that letter 597 asked for
            clock.now = datetime(2020, 8, day, hour, tzinfo=LOCAL_ZONE)
            app.tell_alarms()
        assert webhook.received == []
        clock.now = datetime(2020, 8, 20, 15, 0, tzinfo=LOCAL_ZONE)
        app.tell_alarms()
        assert webhook.events == [("opened", "no_mail")]
        clock.now = datetime(2020, 8, 22, 9, tzinfo=LOCAL_ZONE)
        app.tell_alarms()
        arrive(2)
        clock.forward(minutes=1)
        app.tell_alarms()
        assert [event for event, _ in webhook.events] == ["opened", "reminder", "cleared"]
        arrive(3)
        clock.now = datetime(2020, 8, 28, 16, tzinfo=LOCAL_ZONE)  # Friday
        arrive(4)
        app.tell_alarms()
        assert len(webhook.received) == 3


UNNAMED = b"Authentication-Results: spf=pass (sender IP is 10.0.0.1) smtp.mailfrom=gmail.example\r\n"
PROVEN = b"Authentication-Results: mx.google.com; dmarc=pass header.from=gmail.example\r\n"


def senders(config: Config, clock: Clock) -> tuple[str, str]:
    """What doctor says of them."""
    (check,) = [check for check in check_all(config, now=clock.now) if check.name == "senders of chinh"]
    return check.state, check.advice


def test_a_provider_whose_word_is_not_understood_is_an_alarm_and_doctor_says_what_to_set(
    config: Config, clock: Clock, webhook: Webhook, post: Callable[..., None]
) -> None:
    with at_work(config, clock) as passes:
        for number in range(LATEST):
            post(UNNAMED + LETTER % (number, number, b"xin chao"))
        passes(2)
        assert webhook.events == [("opened", "senders_unproven")]
        assert "unreadable Authentication-Results" in webhook.received[0]["detail"]
        assert senders(config, clock)[0] == "warning" and "authserv_id" in senders(config, clock)[1]
        assert senders(replace(config, admission=AdmissionConfig(unproven_senders="accept")), clock)[0] == "ok"
        post(PROVEN + LETTER % (99, 99, b"xin chao"))
        passes(2)
        assert webhook.events[1:] == [("cleared", "senders_unproven")]
        assert senders(config, clock) == ("ok", "")


def test_a_provider_that_checks_nobody_is_told_by_doctor(config: Config, clock: Clock, webhook: Webhook, post: Callable[..., None]) -> None:
    with at_work(config, clock) as passes:
        for number in range(LATEST):
            post(LETTER % (number, number, b"xin chao"))
        passes(2)
    state, advice = senders(config, clock)
    assert state == "warning" and "in a unit's name" in advice
    assert webhook.received == []


def test_a_mailbox_nobody_looks_into_is_an_alarm_unless_another_says_why(
    config: Config, imap_config: ImapConfig, clock: Clock, webhook: Webhook
) -> None:
    with open_app(config, clock=clock) as app:
        app.tell_alarms()
        clock.forward(minutes=61)
        app.tell_alarms()
        assert webhook.events == [("opened", "mailbox_silent")]
        list(app.poll())
        app.tell_alarms()
        assert webhook.events[1:] == [("cleared", "mailbox_silent")]
    with at_work(replace(config, mailboxes=(replace(imap_config, password=Secret(_text="sai")),)), clock) as passes:
        passes(20)
    assert [kind for _, kind in webhook.events[2:]] == ["mailbox_login_refused"]


def test_what_is_no_longer_configured_is_in_no_trouble_and_the_service_is_well_again(
    config: Config, clock: Clock, webhook: Webhook
) -> None:
    gone = MailboxRefused("no such mailbox any more")
    with open_app(config, clock=clock) as app:
        for key in ("mailbox:cu", "digest:cu", "sending", "remind", "backup", "read"):
            app.watch.report(key, gone)
        clock.forward(minutes=1)
        app.tell_alarms()
        with app.snapshots.begin() as session:
            assert [alarm.key for alarm in open_alarms(session)] == ["read"]
        app.watch.report("read", None)
        assert app.health().ok


def test_a_digest_that_fails_is_an_alarm_and_the_one_that_succeeds_ends_it(
    config: Config, clock: Clock, webhook: Webhook, smtp_config: SmtpConfig, tmp_path: Path
) -> None:
    broken = tmp_path / "letters" / "digest-weekly"
    broken.mkdir(parents=True)
    (broken / "subject.txt").write_text("{{ no_such_name }}", encoding="utf-8")
    digest = DigestConfig(name="lanh-dao", form="bluezone", recipients=("lanhdao@example.org",))
    config = replace(config, mailboxes=(), smtp=smtp_config, digests=(digest,))
    with open_app(replace(config, templates_dir=str(tmp_path / "letters")), clock=clock) as app:
        worker = Worker(app)
        worker.catch_up()
        clock.now = datetime(2020, 8, 21, 17, 31, tzinfo=LOCAL_ZONE)
        for _ in range(3):
            worker.digest(digest)
            worker.watch()
        assert webhook.events == [("opened", "digest_failed")]
    with open_app(config, clock=clock) as app:
        Worker(app).digest(digest)
        app.tell_alarms()
    assert webhook.events == [("opened", "digest_failed"), ("cleared", "digest_failed")]


def test_a_bug_in_a_job_is_an_alarm_and_reaches_the_log(
    config: Config, clock: Clock, webhook: Webhook, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> Iterator[str]:
        raise KeyError("lost")

    with open_app(config, clock=clock) as app:
        worker = Worker(app)
        with monkeypatch.context() as patched:
            patched.setattr(App, "read", broken)
            for _ in range(2):
                worker.poll_and_read()
                worker.watch()
        assert webhook.events == [("opened", "job_broken")]
        assert "KeyError: 'lost'" in [vars(record).get("reason") for record in caplog.records if record.exc_info]
        worker.poll_and_read()
        worker.watch()
    assert webhook.events[1:] == [("cleared", "job_broken")]


def test_a_mailbox_whose_answers_nobody_foresaw_keeps_neither_the_others_nor_the_reading(
    config: Config, clock: Clock, webhook: Webhook, post: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def answers(source: ImapSource, cursor: Cursor) -> Iterator[tuple[Arrival, ...]]:
        if source.account == "la":
            raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
        return understood(source, cursor)

    understood = ImapSource.arrivals
    monkeypatch.setattr(ImapSource, "arrivals", answers)
    post(LETTER % (1, 1, b"xin chao"))
    (box,) = config.mailboxes
    with at_work(replace(config, mailboxes=(replace(box, name="la"), box)), clock) as passes:
        passes(1)
        monkeypatch.setattr(ImapSource, "arrivals", understood)
        assert webhook.events == [("opened", "job_broken")] and webhook.received[0]["key"] == "mailbox:la"
        assert unread(config) == 0
        passes(2)
    assert webhook.events[1:] == [("cleared", "job_broken")]


def test_a_bug_when_the_worker_starts_does_not_end_it(
    config: Config, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("lost")

    monkeypatch.setattr(App, "last_digest_run", broken)
    digest = DigestConfig(name="lanh-dao", form="bluezone", recipients=("lanhdao@example.org",))
    with open_app(replace(config, digests=(digest,)), clock=clock) as app:
        Worker(app).catch_up()
    assert "job_broken" in caplog.text


def test_a_notice_that_the_webhook_does_not_take_goes_by_mail_and_one_nobody_takes_is_tried_again(
    config: Config, clock: Clock, webhook: Webhook, smtp_server: SmtpServer
) -> None:
    webhook.status = 500
    mail = AlarmMailConfig(
        host="127.0.0.1", port=smtp_server.port, security="plain", sender="canh-bao@example.org", recipients=("quantri@example.org",)
    )
    box = replace(config.mailboxes[0], password=Secret(_text="sai"))
    config = replace(config, mailboxes=(box,), alarms=replace(config.alarms, smtp=mail))
    smtp_server.answers = ["451 later"]
    with at_work(config, clock) as passes:
        passes(1)
        assert smtp_server.mails == []
        passes(3)
    (sent,) = smtp_server.mails
    assert sent.recipients == ("quantri@example.org",)
    assert sent.message["Auto-Submitted"] == "auto-generated"
    assert sent.message["Subject"].startswith("[CẢNH BÁO] Hộp thư từ chối đăng nhập (chinh)")
    assert "login refused" in sent.message.get_content()


def test_a_webhook_that_sends_us_elsewhere_is_not_followed_and_its_address_is_never_shown(
    config: Config, clock: Clock, webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    webhook.status, webhook.location = 307, "http://127.0.0.1:1/elsewhere"
    with at_work(replace(config, mailboxes=(replace(config.mailboxes[0], port=1),)), clock) as passes:
        passes(6)
    (line,) = {vars(record)["reason"] for record in caplog.records if record.getMessage() == "alarm_not_told"}
    assert "307" in line
    assert "geheim" not in caplog.text


def assert_history(config: Config, kinds: list[str]) -> None:
    with open_app(config) as app, app.snapshots.begin() as session:
        assert open_alarms(session) == ()
        assert [alarm.kind for alarm in alarm_history(session)] == [AlarmKind(kind) for kind in kinds]


def unread(config: Config) -> int:
    with open_app(config) as app:
        return app.count_received()


@pytest.mark.parametrize(("gate", "kind"), [("sending", "sending_paused"), ("replies", "replies_stopped")])
def test_an_outbox_that_is_stopped_is_an_alarm_until_it_is_opened(
    config: Config, clock: Clock, webhook: Webhook, gate: str, kind: str
) -> None:
    with open_app(replace(config, mailboxes=()), clock=clock) as app:
        with app.sessions.begin() as session:
            close_gate(session, gate, now=clock.now, until=None, reason="Daily user sending limit exceeded")
        app.tell_alarms()
        assert webhook.events == [("opened", kind)] and "Daily user" in webhook.received[0]["detail"]
        with app.sessions.begin() as session:
            open_gate(session, gate, now=clock.now)
        app.tell_alarms()
    assert webhook.events == [("opened", kind), ("cleared", kind)]
