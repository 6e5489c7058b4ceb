"""Outcomes shown in the mailbox: labels at Gmail, keywords elsewhere; done again when a person decides; never in the way of anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from imapclient import IMAPClient
from sqlalchemy import update

from mailbox_ingest.app import App, open_app
from mailbox_ingest.config import Config, ImapConfig, Secret
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.errors import MailboxUnreachable
from mailbox_ingest.filing import SHOWN_FOR, file_outcomes
from mailbox_ingest.imap import ImapSource
from mailbox_ingest.model import Outcome
from mailbox_ingest.store.ledger.filing import unfiled
from mailbox_ingest.store.ledger.lookup import list_messages
from mailbox_ingest.store.tables import MESSAGES
from mailbox_ingest.worker import Worker
from servers import gmail as gmail_server
from servers.gmail import JUNK, Gmail

BOX = "bao-cao"


def mail(number: int) -> bytes:
    return f"From: a@b.example\r\nMessage-ID: <{number}@b.example>\r\nSubject: {number}\r\n\r\nthu {number}\r\n".encode()


@pytest.fixture
def gmail() -> Iterator[Gmail]:
    with gmail_server.running(Gmail()) as server:
        yield server


def house(folder: Path, box: ImapConfig) -> Config:
    return Config(store_url=f"sqlite:///{folder}/store.db", forms=(builtin_form("bluezone"),), mailboxes=(box,))


@pytest.fixture
def app(gmail: Gmail, tmp_path: Path) -> Iterator[App]:
    box = ImapConfig(
        name=BOX,
        host="127.0.0.1",
        port=gmail.port,
        security="plain",
        user=gmail.user,
        password=Secret(_text=gmail_server.PASSWORD),
        address=gmail.user,
        connect_timeout_seconds=30,
        read_timeout_seconds=60,
    )
    with open_app(house(tmp_path, box)) as opened:
        yield opened


def decide(app: App, outcomes: dict[str, Outcome]) -> None:
    """What reading or a person decided, by subject."""
    with app.sessions.begin() as session:
        for subject, outcome in outcomes.items():
            session.execute(
                update(MESSAGES)
                .where(MESSAGES.c.subject == subject, MESSAGES.c.duplicate_of.is_(None))
                .values(state="done", lease_until=None, outcome=outcome.value)
            )


def waiting(app: App) -> list[int]:
    with app.snapshots.begin() as session:
        return [order.id for order in unfiled(session, BOX)]


def test_each_outcome_becomes_a_label_that_people_see_beside_their_own(gmail: Gmail, app: App) -> None:
    gmail.folders["Của tôi"] = gmail_server.Folder(uidvalidity=99)
    mails = {str(number): gmail.deliver(mail(number)) for number in range(1, 7)}
    gmail.folders["Của tôi"].add(mails["1"])
    list(app.poll())
    outcomes = dict(zip(mails, Outcome, strict=True))
    decide(app, outcomes)
    assert app.filing.file() == {}
    shown = {outcomes[subject]: gmail.labels(item) for subject, item in mails.items()}
    assert shown == {
        Outcome.ACCEPTED: {"Báo cáo/Đã nhận", "Của tôi"},
        Outcome.ACCEPTED_WITH_WARNINGS: {"Báo cáo/Đã nhận"},
        Outcome.REJECTED: {"Báo cáo/Bị trả lại"},
        Outcome.NEEDS_REVIEW: {"Báo cáo/Cần xem"},
        Outcome.DUPLICATE: {"Báo cáo/Đã nhận"},
        Outcome.IGNORED: {"Báo cáo/Bỏ qua"},
    }
    assert waiting(app) == []
    assert not any("\\Seen" in str(item.flags) for item in mails.values())


def test_a_decision_of_a_person_changes_the_label(gmail: Gmail, app: App) -> None:
    held = gmail.deliver(mail(1))
    list(app.poll())
    decide(app, {"1": Outcome.NEEDS_REVIEW})
    app.filing.file()
    decide(app, {"1": Outcome.ACCEPTED})
    app.filing.file()
    assert gmail.labels(held) == {"Báo cáo/Đã nhận"}


def test_filing_that_died_before_it_was_written_down_is_done_again_and_changes_nothing(gmail: Gmail, app: App) -> None:
    item = gmail.deliver(mail(1))
    list(app.poll())
    decide(app, {"1": Outcome.REJECTED})
    app.filing.file()
    with app.sessions.begin() as session:
        session.execute(update(MESSAGES).values(filed_as=None))
    app.filing.file()
    assert (gmail.labels(item), waiting(app)) == ({"Báo cáo/Bị trả lại"}, [])


def test_a_mail_that_a_person_archived_or_fetched_out_of_junk_is_found_by_its_id(gmail: Gmail, app: App) -> None:
    archived, rescued, deleted = gmail.deliver(mail(1)), gmail.deliver(mail(2), JUNK), gmail.deliver(mail(3))
    list(app.poll())
    decide(app, {"1": Outcome.ACCEPTED, "2": Outcome.ACCEPTED, "3": Outcome.ACCEPTED})
    gmail.remove(archived, "INBOX")
    gmail.move(rescued, JUNK, "INBOX")
    for folder in ("INBOX", gmail_server.ALL):
        gmail.remove(deleted, folder)
    list(app.poll())
    app.filing.file()
    assert gmail.labels(archived) == gmail.labels(rescued) == {"Báo cáo/Đã nhận"}
    assert waiting(app) == []


def test_the_copy_of_a_mail_shows_what_became_of_the_mail(gmail: Gmail, app: App) -> None:
    first, copy = gmail.deliver(mail(1)), gmail.deliver(mail(1), JUNK)
    list(app.poll())
    assert waiting(app) == []  # nothing is shown before the original was read
    decide(app, {"1": Outcome.REJECTED})
    app.filing.file()
    assert gmail.labels(first) == gmail.labels(copy) == {"Báo cáo/Bị trả lại"}


def test_a_worker_shows_outcomes_and_a_mailbox_that_refuses_keeps_it_from_nothing(
    gmail: Gmail, app: App, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> object:
        raise MailboxUnreachable("the line broke")

    item = gmail.deliver(mail(1))
    with monkeypatch.context() as broken:
        broken.setattr("mailbox_ingest.imap.outcomes.ImapShelf.file", fail)
        Worker(app).poll_and_read()
    with app.snapshots.begin() as session:
        assert [row.state for row in list_messages(session)] == ["done"]
    assert "filing_failed" in caplog.text
    Worker(app).poll_and_read()
    assert len(gmail.labels(item)) == 1


def test_batches_go_on_until_everything_is_shown(gmail: Gmail, app: App) -> None:
    mails = [gmail.deliver(mail(number)) for number in range(7)]
    list(app.poll())
    decide(app, {str(number): Outcome.ACCEPTED for number in range(7)})
    (box,) = app.config.mailboxes
    assert file_outcomes(BOX, app.filing._shelf(box), app.sessions, now=app.clock(), batch=3) == 7
    assert all(gmail.labels(item) for item in mails)


def test_old_mail_that_was_never_shown_is_left_alone_and_what_was_shown_follows_its_outcome(gmail: Gmail, app: App) -> None:
    never, shown, fresh = (gmail.deliver(mail(number)) for number in (1, 2, 3))
    list(app.poll())
    decide(app, {"2": Outcome.NEEDS_REVIEW})
    app.filing.file()
    with app.sessions.begin() as session:
        session.execute(update(MESSAGES).where(MESSAGES.c.subject != "3").values(recorded_at=app.clock() - SHOWN_FOR))
    decide(app, dict.fromkeys(("1", "2", "3"), Outcome.ACCEPTED))
    app.filing.file()
    assert [gmail.labels(item) for item in (never, shown, fresh)] == [set(), {"Báo cáo/Đã nhận"}, {"Báo cáo/Đã nhận"}]


def test_where_there_are_no_labels_nothing_is_written_and_nothing_asked_again(
    imap_config: ImapConfig, post: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(mail(1))
    with open_app(house(tmp_path, replace(imap_config, name=BOX))) as app:
        list(app.poll())
        decide(app, {"1": Outcome.ACCEPTED})
        assert app.filing.file() == {}
        with monkeypatch.context() as nobody_connects:
            nobody_connects.setattr("mailbox_ingest.imap.outcomes.session", None)
            assert app.filing.file() == {}
        (arrival,) = [item for chunk in ImapSource(app.config.mailboxes[0]).arrivals(lambda *_: 0) for item in chunk]
        assert set(arrival.flags) <= {"\\Recent"}


def test_keywords_are_shown_by_any_server_that_keeps_them(
    imap_config: ImapConfig, imap_client: IMAPClient, post: Callable[..., None], tmp_path: Path
) -> None:
    for number in (1, 2):
        post(mail(number), time=datetime(2020, 8, 20, tzinfo=UTC))
    with open_app(house(tmp_path, replace(imap_config, name=BOX, filing="keywords"))) as app:
        list(app.poll())
        decide(app, {"1": Outcome.NEEDS_REVIEW, "2": Outcome.IGNORED})
        app.filing.file()
        decide(app, {"1": Outcome.ACCEPTED})
        app.filing.file()
    imap_client.select_folder("INBOX")
    flags = {uid: set(found) - {b"\\Recent"} for uid, found in imap_client.get_flags([1, 2]).items()}
    assert flags == {1: {b"BaoCao-DaNhan"}, 2: {b"BaoCao-BoQua"}}
