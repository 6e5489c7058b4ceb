"""The whole house at a Gmail-like mailbox: mails too large to be fetched, mails that cannot be had, and a worker that is woken up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mailbox_ingest.app import App, open_app
from mailbox_ingest.config import Config, ImapConfig, ScheduleConfig, Secret
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.model import Outcome
from mailbox_ingest.store.ledger.lookup import list_messages
from mailbox_ingest.store.outgoing.lookup import list_outbox
from mailbox_ingest.worker import Worker
from servers import gmail as gmail_server
from servers.gmail import Gmail

UNITS = "code,name,group,emails,aliases\nldld-cam-lo,LĐLĐ huyện Cam Lộ,huyện,camlo@gmail.example,\n"
PROVEN = (
    "mx.google.com; dkim=pass header.i=@gmail.example; spf=pass smtp.mailfrom=camlo@gmail.example; dmarc=pass header.from=gmail.example"
)


def mail(number: int, *, size: int = 10) -> bytes:
    head = (
        f"Authentication-Results: {PROVEN}\r\nFrom: camlo@gmail.example\r\nTo: bancongtac@baocao.example\r\n"
        f"Subject: Bao cao Bluezone {number}\r\nDate: Fri, 28 Aug 2020 09:00:00 +0700\r\nMessage-ID: <{number}@gmail.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    return head.encode() + b"x" * size + b"\r\n"


@pytest.fixture
def gmail() -> Iterator[Gmail]:
    with gmail_server.running(Gmail()) as server:
        yield server


@pytest.fixture
def config(gmail: Gmail, tmp_path: Path) -> Config:
    box = ImapConfig(
        name="bao-cao",
        host="127.0.0.1",
        port=gmail.port,
        security="plain",
        user=gmail.user,
        password=Secret(_text=gmail_server.PASSWORD),
        address="bancongtac@baocao.example",
        connect_timeout_seconds=30,
        read_timeout_seconds=60,
        max_message_bytes=20_000,
        folders=("INBOX", "\\Junk"),
    )
    return Config(store_url=f"sqlite:///{tmp_path}/store.db", forms=(builtin_form("bluezone"),), mailboxes=(box,))


@pytest.fixture
def app(config: Config, tmp_path: Path) -> Iterator[App]:
    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    with open_app(config) as opened:
        opened.import_units(tmp_path / "units.csv")
        yield opened


def test_the_sender_of_a_mail_above_the_limit_is_told_that_it_was_too_large_and_it_was_never_fetched(gmail: Gmail, app: App) -> None:
    gmail.deliver(mail(1, size=50_000))
    (poll,) = app.poll()
    assert (gmail.bodies_given, poll.bytes_fetched < 20_000) == (0, True)
    list(app.read())
    (item,) = app.messages_in_order()
    assert (item.details.message.truncated, item.details.message.size_bytes) == (True, len(mail(1, size=50_000)))
    assert [failure.code for failure in item.details.failures] == ["too_large"]
    assert item.details.message.outcome is Outcome.REJECTED
    with app.snapshots.begin() as session:
        (reply,) = list_outbox(session)
    assert reply.recipients == ("camlo@gmail.example",)
    assert "quá lớn" in letter(app, 1)
    assert app.filing.file() == {}
    assert gmail.labels(next(iter(gmail.folders["INBOX"].mails.values()))) == {"Báo cáo/Bị trả lại"}


def letter(app: App, ledger_id: int) -> str:
    from sqlalchemy import text

    with app.snapshots.begin() as session:
        return str(session.execute(text("SELECT text_body FROM outgoing WHERE in_answer_to = :id"), {"id": ledger_id}).scalar_one())


def test_mails_of_which_the_server_gives_nothing_wait_for_a_person_each_on_its_own(gmail: Gmail, app: App) -> None:
    lost = [gmail.deliver(mail(number)) for number in (1, 2)]
    gmail.deliver(mail(3))
    gmail.unreadable = gmail.headless = {item.msgid for item in lost}
    list(app.poll())
    list(app.read())
    found = [(item.details.message.outcome, item.reply is None) for item in app.messages_in_order()]
    assert found[:2] == [(Outcome.NEEDS_REVIEW, True)] * 2
    assert len(found) == 3
    gmail.unreadable = gmail.headless = set()
    gmail.move(lost[0], "INBOX", gmail_server.JUNK)
    gmail.move(lost[1], "INBOX", gmail_server.TRASH)
    (poll,) = app.poll()
    assert poll.messages_new == 1
    assert app.messages_in_order()[-1].details.message.subject == "Bao cao Bluezone 1"  # what can be had later is a new mail


def test_mail_wakes_a_worker_up_that_polls_once_an_hour(gmail: Gmail, config: Config) -> None:
    (box,) = config.mailboxes
    patient = replace(config, mailboxes=(replace(box, idle=True),), schedule=ScheduleConfig(poll_minutes=60))
    with open_app(patient) as app:
        worker = Worker(app)
        thread = threading.Thread(target=worker.run, daemon=True)
        thread.start()
        try:
            wait_for(lambda: "IDLE" in gmail.commands)
            gmail.deliver(mail(1))
            wait_for(lambda: arrived(app) == 1)
        finally:
            worker.stop()
            thread.join(60)
        assert not thread.is_alive()


def arrived(app: App) -> int:
    with app.snapshots.begin() as session:
        return len(list_messages(session))


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
