"""What the mailbox adapter promises on every server: a real Dovecot, a second implementation (pymap), and one like Gmail."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import Secret
from mailbox_ingest.errors import DownloadBudgetSpent, LoginRefused, MailboxUnreachable
from mailbox_ingest.imap import ImapSentLookup, ImapSource
from mailbox_ingest.intake import take_in
from mailbox_ingest.store.ledger.gmail import known_gmail_ids
from mailbox_ingest.store.ledger.lookup import list_messages
from mailbox_ingest.store.ledger.records import Arrival
from servers import proxy
from servers.mailboxes import Box

NOW = datetime(2020, 8, 20, 3, 0, tzinfo=UTC)


def mail(number: int, size: int = 10) -> bytes:
    head = f"From: a@b.example\r\nDate: Thu, 20 Aug 2020 10:00:00 +0700\r\nMessage-ID: <{number}@b.example>\r\nSubject: {number}\r\n\r\n"
    return head.encode() + b"x" * size + b"\r\n"


def fetched(box: Box, last: int = 0, **changes: object) -> list[Arrival]:
    source = ImapSource(replace(box.config, **changes), tokens=box.tokens)
    return [arrival for chunk in source.arrivals(lambda folder, uidvalidity: last) for arrival in chunk]


def taken(box: Box, sessions: sessionmaker[Session], **changes: object) -> list[str]:
    """One pass into a real ledger, as a poll does it."""

    def known(ids: object) -> frozenset[int]:
        with sessions() as session:
            return known_gmail_ids(session, box.config.name, ids)

    source = ImapSource(replace(box.config, **changes), tokens=box.tokens, known_ids=known)
    return [item.state for item in take_in(source, sessions, clock=lambda: NOW)]


def test_a_mail_comes_with_its_bytes_its_place_and_the_time_the_server_took_it(box: Box) -> None:
    moment = datetime(2020, 8, 20, 9, 42, 12, tzinfo=UTC)
    before = len(fetched(box))
    box.post(mail(1), time=moment)
    arrival = fetched(box)[before]
    assert arrival.raw == mail(1)
    assert (arrival.account, arrival.folder) == ("chinh", "INBOX")
    assert arrival.arrived_at == moment
    assert arrival.uidvalidity > 0 and not arrival.truncated


def test_only_mail_above_the_cursor_comes(box: Box) -> None:
    for number in range(1, 4):
        box.post(mail(number))
    uids = [arrival.uid for arrival in fetched(box)]
    assert [arrival.uid for arrival in fetched(box, last=uids[-2])] == uids[-1:]
    assert fetched(box, last=uids[-1]) == []


def test_more_new_mail_than_a_batch_comes_in_order(box: Box) -> None:
    for number in range(1, 13):
        box.post(mail(number))
    found = fetched(box, batch_messages=5)
    assert [arrival.raw for arrival in found][-12:] == [mail(number) for number in range(1, 13)]
    assert [arrival.uid for arrival in found] == sorted(arrival.uid for arrival in found)


def test_of_a_mail_above_the_limit_only_the_headers_come_with_its_size(box: Box) -> None:
    box.post(mail(1, size=50_000))
    box.post(mail(2))
    large, small = fetched(box, max_message_bytes=10_000)[-2:]
    assert (large.truncated, large.size_bytes) == (True, len(mail(1, size=50_000)))
    assert large.raw.startswith(b"From: a@b.example") and len(large.raw) < 300
    assert small.raw == mail(2)


def test_fetching_marks_nothing_as_seen(box: Box) -> None:
    box.post(mail(1))
    (uid,) = [arrival.uid for arrival in fetched(box) if arrival.raw == mail(1)]
    box.person.select_folder("INBOX", readonly=True)
    assert b"\\Seen" not in box.person.fetch([uid], ["FLAGS"])[uid][b"FLAGS"]


def test_a_second_poll_finds_nothing_and_a_later_mail_alone(box: Box, sqlite_sessions: sessionmaker[Session]) -> None:
    box.post(mail(1))
    assert "new" in taken(box, sqlite_sessions)
    assert taken(box, sqlite_sessions) == []
    box.post(mail(2))
    assert taken(box, sqlite_sessions) == ["new"]


def test_a_mail_that_was_expunged_before_it_was_fetched_does_not_stop_the_others(box: Box, sqlite_sessions: sessionmaker[Session]) -> None:
    box.post(mail(1))
    first = taken(box, sqlite_sessions)
    for number in (2, 3, 4):
        box.post(mail(number))
    uids = [arrival.uid for arrival in fetched(box)][-3:]
    box.take_away(uids[1])
    assert (first[-1], taken(box, sqlite_sessions)) == ("new", ["new", "new"])


def test_a_folder_that_is_listed_anew_is_ingested_once(box: Box, sqlite_sessions: sessionmaker[Session]) -> None:
    box.person.create_folder("Bao cao")
    mails = [mail(number) for number in (1, 2, 3)]
    for raw in mails:
        box.post(raw, "Bao cao")
    assert taken(box, sqlite_sessions, folders=("Bao cao",)) == ["new"] * 3
    box.list_anew("Bao cao", mails)
    box.post(mail(4), "Bao cao")
    assert taken(box, sqlite_sessions, folders=("Bao cao",)) == ["duplicate"] * 3 + ["new"]


def test_junk_is_found_whatever_it_is_called(box: Box) -> None:
    if box.junk is None:
        assert all(arrival.folder == "INBOX" for arrival in fetched(box))  # and its absence stops nothing
        return
    box.post(mail(1), box.junk)
    assert [(arrival.folder, arrival.raw) for arrival in fetched(box)] == [(box.junk, mail(1))]


def test_a_line_that_breaks_in_the_middle_of_a_mail_loses_and_doubles_nothing(
    box: Box, sqlite_sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailbox_ingest.imap.source.CHUNK_BYTES", 30_000)
    before = taken(box, sqlite_sessions)
    mails = [mail(number, size=20_000) for number in range(1, 7)]
    for raw in mails:
        box.post(raw)
    states: list[str] = []
    with proxy.running("127.0.0.1", box.config.port) as line:
        for allow in range(8_000, 200_000, 26_000):  # a cut in every mail, and none in the end
            line.allow = allow
            try:
                states += taken(box, sqlite_sessions, port=line.port)
                break
            except MailboxUnreachable:
                continue
    assert line.cuts >= 2
    with sqlite_sessions() as session:
        stored = list_messages(session, limit=100)
    assert sorted(row.subject for row in stored if row.size_bytes > 20_000) == [str(number) for number in range(1, 7)]
    assert len(stored) == len(before) + 6
    assert all(row.duplicate_of is None for row in stored)


def test_a_wrong_password_is_told_from_a_line_that_breaks(box: Box) -> None:
    with pytest.raises(LoginRefused, match="login refused") as caught:
        fetched(box, password=Secret(_text="sai-mat-khau"))
    assert "sai-mat-khau" not in str(caught.value)
    with proxy.running("127.0.0.1", box.config.port) as line:
        line.allow = 1
        with pytest.raises(MailboxUnreachable):
            fetched(box, port=line.port)


def test_the_day_s_budget_stops_the_download_before_the_mail_that_exceeds_it(box: Box, sqlite_sessions: sessionmaker[Session]) -> None:
    taken(box, sqlite_sessions)
    for number in (1, 2, 3):
        box.post(mail(number, size=20_000))

    def spent(allowance: int) -> int:
        source = ImapSource(box.config, allowance_bytes=allowance)
        with pytest.raises(DownloadBudgetSpent, match="download_budget_bytes_24h"):
            list(take_in(source, sqlite_sessions, clock=lambda: NOW))
        return source.bytes_fetched

    assert 40_000 < spent(45_000) <= 45_000
    with sqlite_sessions() as session:
        assert [row.subject for row in list_messages(session, limit=2)] == ["2", "1"]
    assert spent(0) == 0
    assert taken(box, sqlite_sessions) == ["new"]


def test_sent_mail_is_found_by_its_message_id(box: Box) -> None:
    if box.kind == "pymap":
        box.person.create_folder("Da gui")
    folder = {"dovecot": "Thư đã gửi", "gmail": "[Gmail]/Thư đã gửi", "pymap": "Da gui"}[box.kind]
    box.post(mail(7), folder)
    lookup = ImapSentLookup(box.config, "Da gui" if box.kind == "pymap" else "\\Sent", tokens=box.tokens)
    assert lookup.was_sent("<7@b.example>")
    assert not lookup.was_sent("<8@b.example>")
