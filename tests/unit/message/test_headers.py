"""Header fields as people meant them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from mailbox_ingest.message.headers import decode_words, mailboxes, moment
from mailbox_ingest.model import IncomingMessage, Mailbox

Make = Callable[..., IncomingMessage]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("=?UTF-8?B?QsOhbyBjw6Fv?=", "Báo cáo"),
        ("=?UTF-8?B?QsOhbyA=?= =?UTF-8?B?Y8Ohbw==?=", "Báo cáo"),
        ("=?utf-8?q?B=C3=A1o_c=C3=A1o?= tuan 34", "Báo cáo tuan 34"),
        ("Re: =?UTF-8?B?QsOhbw==?=", "Re: Báo"),
        ("=?UTF-8?B?YuG7?= =?UTF-8?B?h25o?=", "bệnh"),  # broken inside the letter ệ
        ("=?windows-1258?B?Q+FwIFRoafIgVGhhbmggSGnqzG4=?=", "Cáp Thị Thanh Hiền"),
        ("=?utf-8?Q?B=C3=A1o c=C3=A1o?=", "Báo cáo"),  # spaces are not allowed inside, and common
        ("=?UTF-8?B?QsOhbw?=", "Báo"),  # without padding
        ("=?utf-8*vi?B?QsOhbw==?=", "Báo"),  # with a language (RFC 2231 5)
        ("khong ma hoa", "khong ma hoa"),
        ("=?x?B?QQ==?", "=?x?B?QQ==?"),
    ],
)
def test_encoded_words_are_read(raw: str, expected: str) -> None:
    assert decode_words(raw) == expected


def test_a_folded_subject_broken_inside_a_letter_is_one_line(mail: Make) -> None:
    assert mail("", "Subject: Re: =?UTF-8?B?YuG7?=\r\n =?UTF-8?B?h25oIHZp4buHbg==?=").subject == "Re: bệnh viện"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1258"])
def test_raw_eight_bit_headers_are_read(mail: Make, encoding: str) -> None:
    name = "Công đoàn Thăng Long"  # letters that cp1258 has precomposed
    read = mail("", f'From: "{name}" <lan@b.example>'.encode(encoding), f"Subject: {name}".encode(encoding))
    assert (read.sender, read.subject) == (Mailbox(email="lan@b.example", name=name), name)


def test_a_name_with_markup_is_only_a_name(mail: Make) -> None:
    sender = mail("", r'From: "<script>alert(1)</script>\" x" <Lan@B.example>').sender
    assert sender == Mailbox(email="lan@b.example", name='<script>alert(1)</script>" x')


def test_a_comma_inside_an_encoded_name_does_not_make_two_addresses() -> None:
    assert mailboxes(["=?utf-8?q?Lan=2C_Nguy=E1=BB=85n?= <lan@b.example>"]) == (Mailbox(email="lan@b.example", name="Lan, Nguyễn"),)


def test_an_address_that_was_encoded_with_its_name_is_found() -> None:
    assert mailboxes(["=?utf-8?B?TGFuIDxsYW5AYi5leGFtcGxlPg==?="]) == (Mailbox(email="lan@b.example", name="Lan"),)


@pytest.mark.parametrize("value", ["", "Lan", "<>", "undisclosed-recipients:;", "(" * 5000, '"' * 999, "@", "lan@"])
def test_what_holds_no_address_gives_none(value: str) -> None:
    assert mailboxes([value]) == ()


def test_ids_and_threads(mail: Make) -> None:
    read = mail("", "Message-ID: <1@b>", "In-Reply-To: <0@b> (thu cua ban)", "References: <x@b>\r\n\t<0@b>")
    assert (read.message_id, read.in_reply_to, read.references) == ("<1@b>", "<0@b>", ("<x@b>", "<0@b>"))
    assert mail("", "Message-ID: 1@b").message_id == "<1@b>"
    assert mail("", "X: y").message_id is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Thu, 20 Aug 2020 16:42:00 +0700", datetime(2020, 8, 20, 9, 42, tzinfo=UTC)),
        ("20 Aug 2020 16:42:00 -0000", datetime(2020, 8, 20, 16, 42, tzinfo=UTC)),
        ("Thu, 01 Jan 1970 00:00:00 +0000", None),
        ("Thu, 20 Aug 9999 16:42:00 +0700", None),
        ("Thu, 20 Aug 2020 25:61:00 +0700", None),
        ("hom qua", None),
        ("", None),
    ],
)
def test_moments_are_aware_and_absurd_ones_are_none(value: str, expected: datetime | None) -> None:
    assert moment(value) == expected


def test_arrival_is_what_the_last_server_wrote_not_what_the_sender_says(mail: Make) -> None:
    read = mail(
        "",
        "Received: by 2002:a05:6512:: with SMTP id 1; Thu, 20 Aug 2020 02:42:12 -0700 (PDT)",
        "Received: from pc by mail.b.example; Thu, 20 Aug 2020 02:00:00 -0700",
        "Date: Mon, 17 Aug 2020 08:00:00 +0700",
    )
    assert read.received_at == datetime(2020, 8, 20, 9, 42, 12, tzinfo=UTC)
    assert read.sent_at == datetime(2020, 8, 17, 1, 0, tzinfo=UTC)


def test_a_received_field_without_semicolon_is_read_too(mail: Make) -> None:
    value = "Received: by filter0001 with SMTP id f1 2020-08-20 09:42:12.123456789 +0000 UTC m=+1.5"
    assert mail("", value).received_at == datetime(2020, 8, 20, 9, 42, 12, tzinfo=UTC)
