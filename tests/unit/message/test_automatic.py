"""Machines are named with their evidence; people never are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mailbox_ingest.model import IncomingMessage

Make = Callable[..., IncomingMessage]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Auto-Submitted: auto-replied", "auto-submitted"),
        ("Auto-Submitted: auto-generated (thông báo); x=1", "auto-submitted"),
        ("Auto-Submitted: no", None),
        ("Auto-Submitted: no (người viết)", None),
        ("X-Auto-Response-Suppress: All", None),
        ("X-Autoreply: yes", "out-of-office"),
        ("X-Autorespond: yes", "out-of-office"),
        ("X-Autoreply: no", None),
        ("Precedence: bulk", "bulk"),
        ("Precedence: junk", "bulk"),
        ("Precedence: list", "list"),
        ("Precedence: normal", None),
        ("List-Id: Bản tin <ban-tin.b.example>", "list"),
        ("List-Unsubscribe: <mailto:x@b.example>", "list"),
        ("Return-Path: <>", "bounce"),
        ("Return-Path: < >", "bounce"),
        ("Return-Path: <lan@b.example>", None),
        ("From: MAILER-DAEMON@b.example", "bounce"),
        ("From: postmaster@b.example", "bounce"),
        ("From: no-reply@accounts.google.com", "no-reply"),
        ("From: noreply@b.example", "no-reply"),
        ("From: thongbao.no-reply@b.example", "no-reply"),
        ("From: notreplyer@b.example", None),
        ("From: nguyennoreplyan@b.example", None),
        ("Subject: Trả lời tự động: Báo cáo", "out-of-office"),
        ("Subject: Tự động trả lời: Báo cáo", "out-of-office"),
        ("Subject: Automatic reply: BC", "out-of-office"),
        ("Subject: Out of office: BC", "out-of-office"),
        ("Subject: Re: Trả lời tự động: Báo cáo", None),
        ("Subject: Đã đọc: Nhắc báo cáo", "receipt"),
        ("Subject: Read: Nhac bao cao", "receipt"),
        ("Subject: Đã đọc công văn 597, gửi báo cáo", None),
        ("Content-Type: text/calendar; method=REQUEST", "calendar"),
        ("X-Mailbox-Ingest: receipt", "own"),
    ],
)
def test_the_evidence_decides(mail: Make, header: str, expected: str | None) -> None:
    assert mail("chao", header).automatic == expected


def test_reports_of_mail_systems(multipart: Make) -> None:
    part = ("Content-Type: text/plain", "x")
    assert multipart(part, subtype="report; report-type=delivery-status").automatic == "bounce"
    assert multipart(part, subtype="report; report-type=disposition-notification").automatic == "receipt"


def test_our_own_mail_is_told_by_address_or_by_the_mailbox_it_came_to(mail: Make) -> None:
    ours = "From: Ban CTCS <CTCS@b.example>"
    assert mail("", ours, own_addresses=frozenset({"ctcs@b.example"})).automatic == "own"
    assert mail("", ours, "Delivered-To: ctcs@b.example").automatic == "own"


def test_a_person_who_writes_to_herself_and_puts_us_in_bcc_is_a_person(mail: Make) -> None:
    assert mail("", "To: lan@b.example", "Delivered-To: ctcs@b.example", "Delivered-To: lan@b.example").automatic is None


def test_an_invitation_with_a_document_is_a_persons_mail(multipart: Make) -> None:
    calendar = ("Content-Type: text/calendar; method=REQUEST", "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n")
    document = ("Content-Type: application/pdf; name=bc.pdf", "PDF")
    assert multipart(calendar).automatic == "calendar"
    assert multipart(calendar, document).automatic is None
    assert multipart(document, headers=("Subject: Read: BC",)).automatic is None
