"""The outbox into a real SMTP server: composed as asked, sent once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import ImapConfig, SmtpConfig
from mailbox_ingest.delivery import Delivered, Outbox, back_off, compose, deliver
from mailbox_ingest.errors import MailboxUnreachable, SubmissionDeferred, SubmissionRefused
from mailbox_ingest.imap import ImapSentLookup
from mailbox_ingest.message import parse
from mailbox_ingest.model import LetterContent, Mailbox, OutgoingAttachment, OutgoingKind, OutgoingMail
from mailbox_ingest.smtp import SmtpSubmitter
from mailbox_ingest.store.outgoing.lookup import list_outbox
from mailbox_ingest.store.outgoing.outbox import claim_due, queue_mail
from servers.smtp import SmtpServer

START = datetime(2020, 8, 21, 3, 0, tzinfo=UTC)
OURS = Mailbox(email="bancongtac@baocao.example", name="Ban Công tác cơ sở")


def outgoing(key: str = "receipt:1", **parts: Any) -> OutgoingMail:
    whole: dict[str, Any] = {
        "key": key,
        "kind": OutgoingKind.RECEIPT,
        "message_id": f"<{key.replace(':', '-')}.3f9a@baocao.example>",
        "sender": OURS,
        "to": (Mailbox(email="camlo@b.example", name="LĐLĐ huyện Cam Lộ"),),
        "content": LetterContent(subject="Re: Báo cáo tuần 34 về cài đặt Bluezone", text="Đã nhận báo cáo.\n"),
        "auto_submitted": "auto-replied",
        "in_reply_to": "<1@b.example>",
        "references": ("<0@b.example>", "<1@b.example>"),
    }
    return OutgoingMail(**{**whole, **parts})


def composed(mail: OutgoingMail) -> EmailMessage:
    return message_from_bytes(compose(mail, now=START), policy=default)  # type: ignore[return-value]


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox(sqlite_sessions: sessionmaker[Session], smtp_config: SmtpConfig, clock: Clock) -> Outbox:
    return Outbox(sessions=sqlite_sessions, submitter=SmtpSubmitter(smtp_config), clock=clock, budget_24h_recipients=100)


@pytest.fixture
def queue(sqlite_sessions: sessionmaker[Session], clock: Clock) -> Callable[[OutgoingMail], None]:
    def put(mail: OutgoingMail) -> None:
        with sqlite_sessions.begin() as session:
            queue_mail(session, mail, now=clock())

    return put


@pytest.fixture
def die_while_sending(sqlite_sessions: sessionmaker[Session], clock: Clock) -> Callable[[], None]:
    """A run that claims everything and ends before it can say what became of it; time passes."""

    def claim() -> None:
        with sqlite_sessions.begin() as session:
            assert claim_due(session, now=clock(), limit=10, budget_recipients=100)
        clock.now += timedelta(hours=1)

    return claim


def state(outbox: Outbox) -> list[str]:
    with outbox.sessions() as session:
        return [entry.state for entry in list_outbox(session)]


# ---------------------------------------------------------------- the message


def test_the_reply_says_what_rfc_3834_asks_and_stands_in_its_thread() -> None:
    message = composed(outgoing())
    assert message["From"] == "Ban Công tác cơ sở <bancongtac@baocao.example>"
    assert message["To"] == "LĐLĐ huyện Cam Lộ <camlo@b.example>"
    assert message["Subject"] == "Re: Báo cáo tuần 34 về cài đặt Bluezone"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Message-ID"] == "<receipt-1.3f9a@baocao.example>"
    assert message["In-Reply-To"] == "<1@b.example>"
    assert message["References"].split() == ["<0@b.example>", "<1@b.example>"]
    assert message["Date"] == "Fri, 21 Aug 2020 10:00:00 +0700"
    assert message.get_content().strip() == "Đã nhận báo cáo."


def test_long_message_ids_are_not_broken() -> None:
    """The standard library folds them into encoded words; then no client finds the thread."""
    long_ids = tuple(f"<{'x' * 150}{n}@mail.gmail.com>" for n in range(3))
    data = compose(outgoing(in_reply_to=long_ids[2], references=long_ids), now=START)
    assert all(data.count(item.encode()) for item in long_ids)
    assert parse(data).references == long_ids


def test_html_pictures_and_files_have_their_places() -> None:
    picture = OutgoingAttachment(name="biểu đồ.png", content_type="image/png", data=b"\x89PNG", content_id="bieu-do")
    workbook = OutgoingAttachment(name="Tổng hợp tuần 34.xlsx", content_type="application/vnd.ms-excel", data=b"PK")
    letter = LetterContent(subject="Tổng hợp", text="chữ", html='<p>chữ <img src="cid:bieu-do"></p>', attachments=(picture, workbook))
    message = composed(outgoing(content=letter))
    assert message.get_content_type() == "multipart/mixed"
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/vnd.ms-excel",
    ]
    read = parse(compose(outgoing(content=letter), now=START))
    assert [(item.name, item.content_id, item.data, item.referenced_by_html) for item in read.attachments] == [
        ("biểu đồ.png", "bieu-do", b"\x89PNG", True),
        ("Tổng hợp tuần 34.xlsx", None, b"PK", False),
    ]


@pytest.mark.parametrize("evil", ["BC\r\nBcc: ke-gian@b.example", "BC\nBcc: ke-gian@b.example", "BC\u2028Bcc: ke-gian@b.example"])
def test_no_outside_text_becomes_a_header(evil: str) -> None:
    letter = LetterContent(
        subject=f"Re: {evil}", text="x", attachments=(OutgoingAttachment(name=evil, content_type=f"text/plain{evil}", data=b"x"),)
    )
    message = composed(outgoing(content=letter, to=(Mailbox(email="camlo@b.example", name=evil),), references=(f"<1@b{evil}>",)))
    assert message["Bcc"] is None
    assert message["Subject"] == "Re: BC Bcc: ke-gian@b.example"
    assert [len(message.get_all(name, [])) for name in ("Subject", "To", "From")] == [1, 1, 1]


@pytest.mark.parametrize("address", ["camlo@b.example\r\nBcc: x@y.example", "camlo b@c.example", "camlo", "a@b.example, c@d.example"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(SubmissionRefused):
        compose(outgoing(to=(Mailbox(email=address),)), now=START)


def test_lines_fit_rfc_5322_and_text_survives_whatever_it_holds() -> None:
    text = "Đ" * 3000 + "\n.\nFrom đây\n"
    data = compose(outgoing(content=LetterContent(subject="Ư" * 300, text=text, html=f"<p>{text}</p>")), now=START)
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert data.isascii()
    body = message_from_bytes(data, policy=default).get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == text


def test_our_own_mail_is_known_when_it_comes_back() -> None:
    assert parse(compose(outgoing(), now=START)).automatic == "own"


# ---------------------------------------------------------------- sending


def test_what_is_due_is_sent_once(outbox: Outbox, queue: Callable[[OutgoingMail], None], smtp_server: SmtpServer) -> None:
    queue(outgoing("receipt:1"))
    queue(outgoing("receipt:2"))
    assert deliver(outbox).sent == 2
    assert deliver(outbox).sent == 0
    assert len(smtp_server.mails) == 2
    assert state(outbox) == ["sent", "sent"]


def test_the_budget_holds_back_what_does_not_fit(
    outbox: Outbox, queue: Callable[[OutgoingMail], None], smtp_server: SmtpServer, clock: Clock
) -> None:
    for number in range(5):
        queue(outgoing(f"receipt:{number}"))
    small = replace(outbox, budget_24h_recipients=3)
    assert deliver(small).sent == 3
    clock.now += timedelta(hours=1)
    assert deliver(small).sent == 0
    clock.now += timedelta(hours=24)
    assert deliver(small).sent == 2


def test_later_means_later_and_longer_each_time(
    outbox: Outbox, queue: Callable[[OutgoingMail], None], smtp_server: SmtpServer, clock: Clock
) -> None:
    queue(outgoing())
    smtp_server.answers = ["451 later"]
    assert deliver(outbox).deferred == 1
    assert deliver(outbox) == Delivered()
    clock.now += back_off(1)
    assert deliver(outbox).sent == 1
    assert [back_off(n) for n in (1, 2, 3, 40)] == [timedelta(minutes=m) for m in (2, 4, 8, 240)]


def test_a_refused_mail_fails_alone(outbox: Outbox, queue: Callable[[OutgoingMail], None], smtp_server: SmtpServer) -> None:
    for number in range(3):
        queue(outgoing(f"receipt:{number}"))
    smtp_server.answers = ["250 OK", "554 refused", "250 OK"]
    result = deliver(outbox)
    assert (result.sent, result.failed) == (2, 1)
    assert sorted(state(outbox)) == ["failed", "sent", "sent"]


def test_one_of_the_leaders_who_is_put_off_keeps_the_digest_back_for_half_an_hour_only(
    outbox: Outbox, queue: Callable[[OutgoingMail], None], smtp_server: SmtpServer, clock: Clock
) -> None:
    queue(outgoing(to=(Mailbox(email="pct@b.example"), Mailbox(email="ctcs@b.example"))))
    smtp_server.refused_recipients = {"ctcs@b.example": "452 4.2.2 mailbox full"}
    for attempt in range(1, 5):
        assert deliver(outbox).deferred == 1
        clock.now += back_off(attempt)
    assert deliver(outbox).sent == 1
    assert clock.now - START == timedelta(minutes=30)
    (mail,) = smtp_server.mails
    assert mail.recipients == ("pct@b.example",)
    with outbox.sessions() as session:
        (entry,) = list_outbox(session)
    assert entry.state == "sent" and "refused ctcs@b.example: 452 4.2.2 mailbox full" in (entry.last_answer or "")


def test_when_the_server_does_not_want_us_no_mail_is_blamed(outbox: Outbox, queue: Callable[[OutgoingMail], None]) -> None:
    class NoEntry:
        def connected(self) -> Any:
            raise SubmissionRefused("535 bad password")

    queue(outgoing("receipt:1"))
    queue(outgoing("receipt:2"))
    result = deliver(replace(outbox, submitter=NoEntry()))
    assert isinstance(result.problem, SubmissionRefused)
    assert state(outbox) == ["queued", "queued"]


def test_an_outage_is_waited_for(outbox: Outbox, queue: Callable[[OutgoingMail], None], clock: Clock) -> None:
    class Down:
        def connected(self) -> Any:
            raise SubmissionDeferred("no route")

    queue(outgoing())
    assert isinstance(deliver(replace(outbox, submitter=Down())).problem, SubmissionDeferred)
    assert deliver(outbox).sent == 0
    clock.now += timedelta(minutes=5)
    assert deliver(outbox).sent == 1


def test_a_mail_that_cannot_be_composed_fails_and_the_next_goes_out(outbox: Outbox, queue: Callable[[OutgoingMail], None]) -> None:
    queue(outgoing("receipt:1", to=(Mailbox(email="khong-phai-dia-chi"),)))
    queue(outgoing("receipt:2"))
    result = deliver(outbox)
    assert (result.sent, result.failed) == (1, 1)


def test_a_run_that_is_told_to_stop_gives_the_rest_back(outbox: Outbox, queue: Callable[[OutgoingMail], None]) -> None:
    for number in range(3):
        queue(outgoing(f"receipt:{number}"))
    asked = iter([False, False, True, True, True])
    assert deliver(outbox, stop=lambda: next(asked)).sent == 1
    assert sorted(state(outbox)) == ["queued", "queued", "sent"]


# ---------------------------------------------------------------- after a crash


def test_a_reply_is_not_sent_twice_when_the_worker_dies_after_send(  # noqa: PLR0917 -- fixtures
    outbox: Outbox,
    queue: Callable[[OutgoingMail], None],
    die_while_sending: Callable[[], None],
    imap_config: ImapConfig,
    post: Callable[..., None],
    smtp_server: SmtpServer,
) -> None:
    queue(outgoing())
    die_while_sending()
    post(compose(outgoing(), now=START), "Thư đã gửi")
    result = deliver(replace(outbox, lookup=ImapSentLookup(imap_config)))
    assert (result.sent, result.found_sent) == (0, 1)
    assert smtp_server.mails == []
    assert state(outbox) == ["sent"]


def test_a_reply_that_never_left_is_sent_after_the_crash(
    outbox: Outbox, queue: Callable[[OutgoingMail], None], die_while_sending: Callable[[], None], imap_config: ImapConfig
) -> None:
    queue(outgoing())
    die_while_sending()
    assert deliver(replace(outbox, lookup=ImapSentLookup(imap_config))).sent == 1


def test_a_line_that_broke_after_the_mail_was_given_is_looked_up_before_sending_again(  # noqa: PLR0917 -- fixtures
    outbox: Outbox,
    queue: Callable[[OutgoingMail], None],
    imap_config: ImapConfig,
    post: Callable[..., None],
    smtp_server: SmtpServer,
    clock: Clock,
) -> None:
    queue(outgoing())
    smtp_server.hang_up = True
    careful = replace(outbox, lookup=ImapSentLookup(imap_config))
    assert deliver(careful).uncertain == 1
    smtp_server.hang_up = False
    assert deliver(careful) == Delivered()
    post(smtp_server.mails[0].data, "Thư đã gửi")
    clock.now += timedelta(hours=1)
    assert deliver(careful).found_sent == 1
    assert len(smtp_server.mails) == 1


def test_while_the_sent_folder_cannot_be_asked_nothing_is_sent(
    outbox: Outbox, queue: Callable[[OutgoingMail], None], die_while_sending: Callable[[], None], smtp_server: SmtpServer
) -> None:
    class Unreachable:
        def was_sent(self, message_id: str) -> bool:
            raise MailboxUnreachable("no route")

    queue(outgoing())
    die_while_sending()
    assert deliver(replace(outbox, lookup=Unreachable())).uncertain == 1
    assert smtp_server.mails == []
    assert state(outbox) == ["sending"]


@pytest.mark.parametrize(("resend", "expected"), [(False, "held"), (True, "sent")])
def test_without_a_sent_folder_the_configuration_decides(
    outbox: Outbox, queue: Callable[[OutgoingMail], None], die_while_sending: Callable[[], None], *, resend: bool, expected: str
) -> None:
    queue(outgoing())
    die_while_sending()
    deliver(replace(outbox, resend_uncertain=resend))
    assert state(outbox) == [expected]


def test_a_mail_that_no_code_of_ours_foresaw_waits_for_a_person_and_the_others_go_out(
    outbox: Outbox, queue: Callable[[OutgoingMail], None], smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(mail: OutgoingMail, *, now: datetime) -> bytes:
        if mail.key == "receipt:0":
            raise UnicodeEncodeError("ascii", "ấ", 0, 1, "ordinal not in range")
        return compose(mail, now=now)

    for number in range(3):
        queue(outgoing(key=f"receipt:{number}", message_id=f"<{number}@baocao.example>"))
    monkeypatch.setattr("mailbox_ingest.delivery.compose", broken)
    result = deliver(outbox)
    assert (result.sent, result.held) == (2, 1)
    assert sorted(state(outbox)) == ["held", "sent", "sent"]
    assert len(smtp_server.mails) == 2
    with outbox.sessions() as session:
        assert "UnicodeEncodeError" in str(next(entry.last_answer for entry in list_outbox(session, state="held")))


@pytest.mark.parametrize(("filed", "resend", "becomes"), [(True, False, "sent"), (False, False, "held"), (False, True, "sent")])
def test_a_folder_of_sent_mails_that_gets_no_copies_proves_nothing(
    outbox: Outbox,
    queue: Callable[[OutgoingMail], None],
    die_while_sending: Callable[[], None],
    imap_config: ImapConfig,
    post: Callable[..., None],
    *,
    filed: bool,
    resend: bool,
    becomes: str,
) -> None:
    careful = replace(outbox, lookup=ImapSentLookup(imap_config), resend_uncertain=resend)
    queue(outgoing("receipt:1", message_id="<1@baocao.example>"))
    assert deliver(careful).sent == 1
    if filed:
        post(b"Message-ID: <1@baocao.example>\r\n\r\nbyte", "Thư đã gửi")
    queue(outgoing("receipt:2", message_id="<2@baocao.example>"))
    die_while_sending()
    deliver(careful)
    assert state(careful)[0] == becomes
