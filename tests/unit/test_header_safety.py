"""Whatever a subject, a name or a file name holds: no header and no recipient comes of it, and every server takes the mail."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailbox_ingest.delivery import compose
from mailbox_ingest.delivery.compose import recipients
from mailbox_ingest.errors import SubmissionRefused
from mailbox_ingest.message import parse
from mailbox_ingest.model import LetterContent, Mailbox, OutgoingAttachment, OutgoingKind, OutgoingMail

NOW = datetime(2020, 8, 21, 3, 0, tzinfo=UTC)
TO, OURS = "camlo@b.example", "baocao@qt.example"
HEADERS = {
    "message-id", "in-reply-to", "references", "from", "to", "subject", "date", "auto-submitted", "x-auto-response-suppress",
    "x-mailbox-ingest", "mime-version", "content-type", "content-transfer-encoding",
}  # fmt: skip
PART_HEADERS = {"content-type", "content-transfer-encoding", "content-disposition", "content-id", "mime-version"}
PIECES = (
    "\r\n", "\n", "\r", "\0", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\t", " ", "\\",
    '"', "<", ">", "(", ")", ",", ";", ":", "@",
    "Bcc: x@evil.example", "\r\nBcc: x@evil.example\r\n", "\n\n<html>", "\r\n.\r\n", "\r\n--", "=?utf-8?q?=0D=0ABcc:=20x@evil.example?=",
    "=?utf-8?b?DQpCY2M6IHhAZXZpbC5leGFtcGxl?=", "=?utf-8?q?x@evil.example=2C?=", "=?", "?=", "=?iso-2022-jp?b?GyRC?=", "x@evil.example,",
    '" <x@evil.example>, "', "<x@evil.example>", "\u202e", "\u2066", "\u200f", "\ufeff", "\ud800", "Đ" * 300, "a" * 1200,
    "báo cáo", "tuần 34",
)  # fmt: skip
hostile = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=8).map("".join)


def mail(subject: str, name: str, file: str, reference: str, ours: str) -> OutgoingMail:
    picture = OutgoingAttachment(name=file, content_type=f"image/png{name}", data=b"\x89PNG", content_id=f"bar@x{file}")
    sheet = OutgoingAttachment(name=file, content_type="application/vnd.ms-excel", data=b"PK")
    return OutgoingMail(
        key="receipt:1",
        kind=OutgoingKind.RECEIPT,
        message_id="<1.3f@qt.example>",
        sender=Mailbox(email=OURS, name=ours),
        to=(Mailbox(email=TO, name=name),),
        content=LetterContent(subject=f"Re: {subject}", text="x", html="<p>x</p>", attachments=(picture, sheet)),
        auto_submitted="auto-replied",
        in_reply_to=f"<{reference}@b.example>",
        references=(reference, f"<{reference}>", "<1@b.example>"),
    )


@settings(max_examples=250, deadline=None)
@given(subject=hostile, name=hostile, file=hostile, reference=hostile, ours=hostile)
@example(subject="=?utf-8?q?=0D=0ABcc:=20x@evil.example?=", name="=?utf-8?q?x@evil.example=2C_?=", file="", reference="", ours="")
@example(subject="a" * 5000, name="b" * 5000, file="c" * 5000, reference="d" * 5000, ours="e" * 5000)
@example(subject="Đ" * 5000, name="Đ, " * 900, file="Đ\r\n" * 900, reference="Đ" * 900, ours='Đ"' * 900)
def test_nothing_from_outside_adds_a_header_or_a_recipient(subject: str, name: str, file: str, reference: str, ours: str) -> None:
    whole = mail(subject, name, file, reference, ours)
    data = compose(whole, now=NOW)

    assert b"\0" not in data and not re.search(rb"\r(?!\n)|(?<!\r)\n", data)
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    # By the bytes, as the simplest of servers would read them ...
    head = data.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    names = [line.partition(b":")[0].decode().lower() for line in re.sub(rb"\r\n[ \t]+", b" ", head).split(b"\r\n")]
    assert sorted(names) == sorted(set(names)) and set(names) <= HEADERS
    # ... and as mail programs do.
    message: EmailMessage = message_from_bytes(data, policy=default)  # type: ignore[assignment]
    assert [address.addr_spec for address in message["To"].addresses] == [TO]
    assert [address.addr_spec for address in message["From"].addresses] == [OURS]
    assert [email for _, email in getaddresses([raw_header(head, "to")])] == [TO]
    assert len(str(message["Subject"]).splitlines()) == 1
    assert recipients(whole) == (TO,)
    assert [part.get_content_type() for part in message.walk() if not part.is_multipart()][:2] == ["text/plain", "text/html"]
    assert len([part for part in message.walk() if not part.is_multipart()]) == 4
    for part in message.walk():
        assert part is message or {key.lower() for key in part.keys()} <= PART_HEADERS  # noqa: SIM118 -- a message is no dict
    assert parse(data).automatic == "own"


@pytest.mark.parametrize(
    "subject",
    ["Re: Báo cáo tuần 34", "Re: bao cao", "Re: =?utf-8?q?nguyen_van?= x", "Re: " + "dài " * 300, "Re: " + "Đ" * 999, "", "Re: 😀 ,;<>"],
)
def test_a_subject_is_read_as_it_was_written(subject: str) -> None:
    data = compose(mail(subject.removeprefix("Re: "), subject, "x", "x", "x"), now=NOW)
    assert parse(data).subject == (subject or "Re:").strip()
    # The standard library's newer parser puts spaces between the encoded words of a name; the older one reads as mail programs do.
    to = str(make_header(decode_header(raw_header(data.partition(b"\r\n\r\n")[0], "to"))))
    assert " ".join(to.split()) == f"{subject[:200].strip()} <{TO}>".strip() or (not subject and to == TO)


@settings(max_examples=100, deadline=None)
@given(address=hostile)
def test_an_address_is_one_address_or_refused(address: str) -> None:
    whole = mail("x", "x", "x", "x", "x")
    try:
        data = compose(OutgoingMail(**{**fields(whole), "to": (Mailbox(email=address), Mailbox(email=f"{address}@b.example"))}), now=NOW)
    except SubmissionRefused:
        return
    message = message_from_bytes(data, policy=default)
    assert [found.addr_spec for found in message["To"].addresses] == [address, f"{address}@b.example"]


def fields(whole: OutgoingMail) -> dict[str, object]:
    return {name: getattr(whole, name) for name in whole.__dataclass_fields__}


def raw_header(head: bytes, name: str) -> str:
    unfolded = re.sub(rb"\r\n[ \t]+", b" ", head).decode("ascii")
    return next(line.partition(":")[2].strip() for line in unfolded.split("\r\n") if line.lower().startswith(f"{name}:"))
