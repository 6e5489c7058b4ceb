"""The IMAP adapter against a real Dovecot."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from imapclient import IMAPClient

from mailbox_ingest.config import ImapConfig, Secret
from mailbox_ingest.errors import MailboxRefused, MailboxUnreachable
from mailbox_ingest.imap import ImapSentLookup, ImapSource
from mailbox_ingest.store.ledger.records import Arrival


def mail(number: int, size: int = 10) -> bytes:
    return f"From: a@b.example\r\nMessage-ID: <{number}@b.example>\r\nSubject: {number}\r\n\r\n".encode() + b"x" * size + b"\r\n"


def fetched(config: ImapConfig, last: int = 0) -> list[Arrival]:
    return [arrival for chunk in ImapSource(config).arrivals(lambda folder, uidvalidity: last) for arrival in chunk]


def test_mail_comes_with_its_bytes_its_place_and_the_time_the_server_took_it(imap_config: ImapConfig, post: Callable[..., None]) -> None:
    moment = datetime(2020, 8, 20, 9, 42, 12, tzinfo=UTC)
    post(mail(1), time=moment)
    (arrival,) = fetched(imap_config)
    assert arrival.raw == mail(1)
    assert (arrival.account, arrival.folder, arrival.uid) == ("chinh", "INBOX", 1)
    assert arrival.uidvalidity > 0
    assert arrival.arrived_at == moment
    assert not arrival.truncated


def test_junk_is_found_by_its_special_use_whatever_it_is_called(imap_config: ImapConfig, post: Callable[..., None]) -> None:
    post(mail(1), "Thư rác")
    assert [(arrival.folder, arrival.raw) for arrival in fetched(imap_config)] == [("Thư rác", mail(1))]
    assert ImapSource(imap_config).check() == ("INBOX", "Thư rác")


def test_only_uids_above_the_cursor_come_although_the_server_always_names_the_last(
    imap_config: ImapConfig, post: Callable[..., None]
) -> None:
    for number in range(1, 4):
        post(mail(number))
    config = replace(imap_config, folders=("INBOX",))
    assert [arrival.uid for arrival in fetched(config, last=1)] == [2, 3]
    assert fetched(config, last=3) == []
    assert fetched(config, last=99) == []


def test_fetching_does_not_mark_mail_as_seen(imap_config: ImapConfig, imap_client: IMAPClient, post: Callable[..., None]) -> None:
    post(mail(1))
    fetched(imap_config)
    imap_client.select_folder("INBOX", readonly=True)
    assert imap_client.search(["UNSEEN"]) == [1]


def test_of_a_mail_that_is_too_large_only_the_headers_are_fetched(imap_config: ImapConfig, post: Callable[..., None]) -> None:
    post(mail(1, size=50_000))
    post(mail(2))
    large, small = fetched(replace(imap_config, max_message_bytes=10_000))
    assert large.truncated
    assert large.raw.startswith(b"From: a@b.example")
    assert len(large.raw) < 200
    assert large.size_bytes == len(mail(1, size=50_000))
    assert small.raw == mail(2)


def test_many_mails_come_in_order_and_in_small_chunks(imap_config: ImapConfig, imap_client: IMAPClient) -> None:
    for number in range(1, 131):
        imap_client.append("INBOX", mail(number))
    chunks = list(ImapSource(replace(imap_config, batch_messages=60)).arrivals(lambda folder, uidvalidity: 0))
    assert [arrival.uid for chunk in chunks for arrival in chunk] == list(range(1, 131))
    assert max(len(chunk) for chunk in chunks) <= 50


def test_a_wrong_password_is_for_the_operator(imap_config: ImapConfig) -> None:
    with pytest.raises(MailboxRefused, match="login refused"):
        fetched(replace(imap_config, password=Secret(_text="sai-mat-khau")))


def test_a_folder_that_is_not_there_is_for_the_operator(imap_config: ImapConfig) -> None:
    with pytest.raises(MailboxRefused):
        fetched(replace(imap_config, folders=("Bao cao",)))


def test_a_missing_junk_folder_does_not_stop_the_inbox(imap_config: ImapConfig, post: Callable[..., None]) -> None:
    post(mail(1))
    assert len(fetched(replace(imap_config, folders=("\\Flagged", "INBOX")))) == 1


def test_a_server_that_is_not_there_is_tried_again(imap_config: ImapConfig) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = replace(imap_config, port=probe.getsockname()[1])
        with pytest.raises(MailboxUnreachable):
            fetched(closed)


def test_a_server_that_says_nothing_does_not_hang_the_worker(imap_config: ImapConfig) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        threading.Thread(target=lambda: silent.accept()[0].recv(1), daemon=True).start()
        quiet = replace(imap_config, port=silent.getsockname()[1], connect_timeout_seconds=0.3, read_timeout_seconds=0.3)
        with pytest.raises(MailboxUnreachable):
            fetched(quiet)


def test_the_password_stays_out_of_errors(imap_config: ImapConfig) -> None:
    with pytest.raises(MailboxRefused) as caught:
        fetched(replace(imap_config, password=Secret(_text="sai-mat-khau")))
    assert "sai-mat-khau" not in str(caught.value)


def test_sent_mail_is_found_by_its_message_id(imap_config: ImapConfig, post: Callable[..., None]) -> None:
    post(mail(7), "Thư đã gửi")
    lookup = ImapSentLookup(imap_config)
    assert lookup.was_sent("<7@b.example>")
    assert not lookup.was_sent("<8@b.example>")
