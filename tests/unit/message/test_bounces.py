"""What bounces say: recipient, action, status, whose mail; and what a refusal says of the address."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox_ingest.message import parse
from mailbox_ingest.message.refusals import enhanced_status, refused_state
from mailbox_ingest.model import ContactState, IncomingMessage
from mails.bounces import BOUNCES, Bounce
from mails.making import CLERK, OUR_ID, OURS

Make = Callable[..., IncomingMessage]
DEAD, FULL = ContactState.DEAD, ContactState.MAILBOX_FULL


@pytest.mark.parametrize("bounce", BOUNCES, ids=lambda bounce: bounce.mail.name)
def test_a_bounce_of_any_system_gives_recipient_action_status_and_our_message_id(bounce: Bounce) -> None:
    reports = parse(bounce.mail.raw, own_addresses=frozenset((OURS,))).delivery_reports
    assert len(reports) == 1
    (report,) = reports
    assert CLERK in report.recipients or report.recipients == ()
    assert (report.action, report.status) == (bounce.action, bounce.status)
    if bounce.mail.name != "exim-warning":  # names the queue's number of the mail only
        assert OUR_ID in report.original_ids
    if bounce.action == "failed":
        assert (refused_state(report.status, report.diagnostic) or ContactState.UNKNOWN) is bounce.state


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("550 5.1.1 The email account that you tried to reach does not exist", DEAD),
        ("550 5.1.8 Sender address rejected: domain not found", None),
        ("550 5.1.7 malformed address", None),
        ("550 5.2.1 mailbox disabled", DEAD),
        ("550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages", None),
        ("552 5.2.2 mailbox full", FULL),
        ("452 4.2.2 over quota", FULL),
        ("452 4.3.1 Insufficient system storage", FULL),
        ("450 4.2.1 try later", None),
        ("550 5.7.1 message refused by policy", None),
        ("550 5.7.1 user unknown", None),
        ("550 5.4.1 Recipient address rejected: Access denied", DEAD),
        ("550 5.4.1 no answer from host", None),
        ("550 5.4.4 host not found", DEAD),
        ("550 No such user here", DEAD),
        ("550 mailbox unavailable", DEAD),
        ("550 Sender verify failed: no such user", None),
        ("554 Message blocked: your server at 5.1.1.9 is on a blocklist", None),
        ("554 Transaction failed", None),
        ("", None),
    ],
)
def test_what_a_refusal_says_of_the_address(answer: str, state: ContactState | None) -> None:
    assert refused_state(None, answer) is state


@pytest.mark.parametrize("text", ["host 5.1.1.9 said no", "version 4.1.12.3", "15.1.1 litres", "2.1.5 ok"])
def test_a_piece_of_an_address_is_no_status(text: str) -> None:
    assert enhanced_status(text) is None


def test_a_report_for_several_recipients_says_something_of_each(multipart: Make) -> None:
    fields = (
        "Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; a@x.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        "Final-Recipient: rfc822; b@x.example\r\nAction: delayed\r\nStatus: 4.2.0\r\n\r\n"
        "Final-Recipient: rfc822; c@x.example\r\nAction: nonsense\r\nStatus: 5.1.1\r\n"
    )
    reports = multipart(("Content-Type: message/delivery-status", fields), subtype="report; report-type=delivery-status").delivery_reports
    assert [(r.recipients, r.action, r.status) for r in reports] == [
        (("a@x.example",), "failed", "5.1.1"),
        (("b@x.example",), "delayed", "4.2.0"),
    ]


def test_an_encoded_delivery_status_is_read(multipart: Make) -> None:
    fields = "UmVwb3J0aW5nLU1UQTogZG5zOyB4CgpGaW5hbC1SZWNpcGllbnQ6IHJmYzgyMjsgYUB4LmV4YW1wbGUKQWN0aW9uOiBmYWlsZWQKU3RhdHVzOiA1LjEuMQo="
    head = "Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64"
    (report,) = multipart((head, fields), subtype="report; report-type=delivery-status").delivery_reports
    assert (report.recipients, report.status) == (("a@x.example",), "5.1.1")


def test_several_recipients_in_plain_text_each_get_the_answer_behind_them(mail: Make) -> None:
    text = (
        "I wasn't able to deliver your message.\n\n<a@x.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
        "<b@x.example>:\nmailbox is full (#5.2.2)\n\n--- Below this line is a copy of the message.\n\n"
        "Message-ID: <m@ours.example>\nTo: c@x.example\n"
    )
    reports = mail(text, "From: MAILER-DAEMON@q.example", "Return-Path: <>").delivery_reports
    assert [(r.recipients[0], r.status) for r in reports] == [("a@x.example", "5.1.1"), ("b@x.example", "5.2.2")]
    assert all(r.original_ids == ("<m@ours.example>",) for r in reports)


def test_a_persons_mail_reports_nothing_even_with_a_bounce_inside(multipart: Make) -> None:
    inner = (
        "From: MAILER-DAEMON@x.example\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; a@x.example\r\nAction: failed\r\nStatus: 5.1.1"
    )
    found = multipart(("Content-Type: text/plain", "Thư bị trả lại"), ("Content-Type: message/rfc822", inner))
    assert (found.automatic, found.delivery_reports) == (None, ())


@given(st.binary(max_size=400))
def test_damaged_reports_never_raise(noise: bytes) -> None:
    head = b"From: MAILER-DAEMON@x.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
    body = b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nAction: failed\r\nFinal-Recipient: rfc822;" + noise
    for report in parse(head + body + b"\r\n--b--\r\n").delivery_reports:
        assert all("@" in address for address in report.recipients)
