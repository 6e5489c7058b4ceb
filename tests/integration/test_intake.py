"""Intake end to end: a real mailbox or real files into a real store."""

from __future__ import annotations

import mailbox
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from imapclient import IMAPClient
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import ImapConfig
from mailbox_ingest.errors import ConfigurationError, MailboxUnreachable
from mailbox_ingest.imap import ImapSource
from mailbox_ingest.intake import MailSource, take_all, take_in
from mailbox_ingest.intake.files import FileSource
from mailbox_ingest.store.ledger.claims import claim_messages, load_raw
from mailbox_ingest.store.ledger.records import Arrival, ClaimedMessage

NOW = datetime(2020, 8, 20, 3, 0, tzinfo=UTC)


def mail(number: int) -> bytes:
    return f"From: a@b.example\r\nMessage-ID: <{number}@b.example>\r\nSubject: {number}\r\n\r\nthu {number}\r\n".encode()


def clock() -> datetime:
    return NOW


@pytest.fixture
def waiting(sqlite_sessions: sessionmaker[Session]) -> Callable[[], list[ClaimedMessage]]:
    """What the ledger now hands to the readers."""

    def claim() -> list[ClaimedMessage]:
        with sqlite_sessions.begin() as session:
            return list(claim_messages(session, now=NOW, lease=timedelta(minutes=5), limit=1000))

    return claim


def states(source: MailSource, sessions: sessionmaker[Session]) -> list[str]:
    return [taken.state for taken in take_in(source, sessions, clock=clock)]


def test_new_mail_of_the_mailbox_is_in_the_ledger_and_the_second_poll_finds_nothing(
    imap_config: ImapConfig, post: Callable[..., None], sqlite_sessions: sessionmaker[Session], waiting: Callable[[], list[ClaimedMessage]]
) -> None:
    arrived = datetime(2020, 8, 19, 8, 0, tzinfo=UTC)
    for number in (1, 2):
        post(mail(number), time=arrived)
    first = take_all(ImapSource(imap_config), sqlite_sessions, clock=clock)
    second = take_all(ImapSource(imap_config), sqlite_sessions, clock=clock)
    assert (first.new, first.bytes_fetched) == (2, len(mail(1)) + len(mail(2)))
    assert (second.new, second.known, second.bytes_fetched) == (0, 0, 0)
    assert [(message.raw, message.arrived_at) for message in waiting()] == [(mail(1), arrived), (mail(2), arrived)]


def test_mail_that_came_after_the_last_poll_is_fetched_alone(
    imap_config: ImapConfig, post: Callable[..., None], sqlite_sessions: sessionmaker[Session]
) -> None:
    post(mail(1))
    take_all(ImapSource(imap_config), sqlite_sessions, clock=clock)
    post(mail(2))
    assert take_all(ImapSource(imap_config), sqlite_sessions, clock=clock).bytes_fetched == len(mail(2))


def test_the_same_mail_in_junk_and_inbox_is_read_once(
    imap_config: ImapConfig, post: Callable[..., None], sqlite_sessions: sessionmaker[Session], waiting: Callable[[], list[ClaimedMessage]]
) -> None:
    post(mail(1))
    post(mail(1), "Thư rác")
    assert states(ImapSource(imap_config), sqlite_sessions) == ["new", "duplicate"]
    assert len(waiting()) == 1


def test_a_mailbox_made_anew_starts_from_its_first_mail(
    imap_config: ImapConfig, imap_client: IMAPClient, post: Callable[..., None], sqlite_sessions: sessionmaker[Session]
) -> None:
    """UIDVALIDITY changes: UIDs begin again, and a cursor without it would skip the new mail (paperless #8944)."""
    imap_client.create_folder("Bao cao")
    config = replace(imap_config, folders=("Bao cao",))
    for number in (1, 2, 3):
        post(mail(number), "Bao cao")
    take_all(ImapSource(config), sqlite_sessions, clock=clock)
    imap_client.delete_folder("Bao cao")
    imap_client.create_folder("Bao cao")
    post(mail(4), "Bao cao")
    assert states(ImapSource(config), sqlite_sessions) == ["new"]


class BreakingSource:
    account = "chinh"

    def arrivals(self, cursor: Callable[[str, int], int]) -> Iterator[tuple[Arrival, ...]]:
        for uid in (1, 2, 3):
            if uid > cursor("INBOX", 7):
                yield (Arrival(account="chinh", folder="INBOX", uidvalidity=7, uid=uid, raw=mail(uid)),)
        raise MailboxUnreachable("the line broke")


def test_what_came_before_the_line_broke_is_kept(
    sqlite_sessions: sessionmaker[Session], waiting: Callable[[], list[ClaimedMessage]]
) -> None:
    with pytest.raises(MailboxUnreachable):
        take_all(BreakingSource(), sqlite_sessions, clock=clock)
    assert [message.uid for message in waiting()] == [1, 2, 3]


def test_every_mail_is_committed_before_it_is_told(sqlite_sessions: sessionmaker[Session]) -> None:
    taken = take_in(BreakingSource(), sqlite_sessions, clock=clock)
    first = next(taken)
    with sqlite_sessions() as other:
        assert load_raw(other, first.id) == mail(1)
    taken.close()


def test_a_folder_is_taken_in_name_order_and_known_the_second_time(tmp_path: Path, sqlite_sessions: sessionmaker[Session]) -> None:
    for number, name in enumerate(("010-c.eml", "002-b.eml", "001-a.eml")):
        (tmp_path / name).write_bytes(mail(number))
    (tmp_path / "units.csv").write_text("code,name\n")
    first = list(take_in(FileSource((tmp_path,)), sqlite_sessions, clock=clock))
    assert [(Path(taken.folder).name, taken.state) for taken in first] == [
        ("001-a.eml", "new"),
        ("002-b.eml", "new"),
        ("010-c.eml", "new"),
    ]
    assert states(FileSource((tmp_path,)), sqlite_sessions) == ["known"] * 3


def test_a_file_added_between_the_others_later_is_new(tmp_path: Path, sqlite_sessions: sessionmaker[Session]) -> None:
    (tmp_path / "1.eml").write_bytes(mail(1))
    (tmp_path / "3.eml").write_bytes(mail(3))
    take_all(FileSource((tmp_path,)), sqlite_sessions, clock=clock)
    (tmp_path / "2.eml").write_bytes(mail(2))
    assert states(FileSource((tmp_path,)), sqlite_sessions) == ["known", "new", "known"]


def test_a_file_that_was_overwritten_is_a_new_mail(tmp_path: Path, sqlite_sessions: sessionmaker[Session]) -> None:
    (tmp_path / "1.eml").write_bytes(mail(1))
    take_all(FileSource((tmp_path / "1.eml",)), sqlite_sessions, clock=clock)
    (tmp_path / "1.eml").write_bytes(mail(2))
    assert states(FileSource((tmp_path / "1.eml",)), sqlite_sessions) == ["new"]


def test_an_mbox_gives_its_mails(
    tmp_path: Path, sqlite_sessions: sessionmaker[Session], waiting: Callable[[], list[ClaimedMessage]]
) -> None:
    box = mailbox.mbox(tmp_path / "thu.mbox")
    for number in (1, 2):
        box.add(mail(number))
    box.close()
    source = FileSource((tmp_path / "thu.mbox",))
    assert states(source, sqlite_sessions) == ["new", "new"]
    assert states(source, sqlite_sessions) == ["known", "known"]
    assert [message.raw.split(b"\n")[2].strip() for message in waiting()] == [b"Subject: 1", b"Subject: 2"]


def test_a_maildir_gives_new_and_seen_mail_and_flags_change_nothing(tmp_path: Path, sqlite_sessions: sessionmaker[Session]) -> None:
    for part in ("new", "cur", "tmp"):
        (tmp_path / part).mkdir()
    (tmp_path / "new" / "1598.a.host").write_bytes(mail(1))
    (tmp_path / "cur" / "1597.b.host:2,S").write_bytes(mail(2))
    assert [Path(taken.folder).name for taken in take_in(FileSource((tmp_path,)), sqlite_sessions, clock=clock)] == [
        "1597.b.host",
        "1598.a.host",
    ]
    (tmp_path / "new" / "1598.a.host").rename(tmp_path / "cur" / "1598.a.host:2,RS")
    assert states(FileSource((tmp_path,)), sqlite_sessions) == ["known", "known"]


def test_a_path_that_is_not_there_is_told_with_what_was_expected(tmp_path: Path, sqlite_sessions: sessionmaker[Session]) -> None:
    with pytest.raises(ConfigurationError, match=r"khong-co.*expected"):
        take_all(FileSource((tmp_path / "khong-co",)), sqlite_sessions, clock=clock)
