"""The SMTP adapter against a real SMTP server: which answer means what."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from mailbox_ingest.config import Secret, SmtpConfig
from mailbox_ingest.errors import SubmissionDeferred, SubmissionPartly, SubmissionPaused, SubmissionRefused, SubmissionUncertain
from mailbox_ingest.smtp import SmtpSubmitter
from servers import smtp as smtp_process
from servers.smtp import SmtpServer

MAIL = b"Subject: thu\r\n\r\nmot\r\n.hai\r\n"


def send(config: SmtpConfig, *recipients: str) -> str:
    with SmtpSubmitter(config).connected() as connection:
        return connection.send("tu@baocao.example", recipients or ("den@b.example",), MAIL)


def test_a_mail_arrives_byte_for_byte_with_its_envelope(smtp_server: SmtpServer, smtp_config: SmtpConfig) -> None:
    assert send(smtp_config, "den@b.example", "hai@b.example").startswith("250")
    (received,) = smtp_server.mails
    assert received.data == MAIL
    assert (received.sender, received.recipients) == ("tu@baocao.example", ("den@b.example", "hai@b.example"))


def test_many_mails_go_over_one_connection_even_after_a_refusal(smtp_server: SmtpServer, smtp_config: SmtpConfig) -> None:
    smtp_server.answers = ["554 no", "250 OK"]
    with SmtpSubmitter(smtp_config).connected() as connection:
        with pytest.raises(SubmissionRefused):
            connection.send("tu@baocao.example", ("den@b.example",), MAIL)
        connection.send("tu@baocao.example", ("den@b.example",), MAIL)
    assert (len(smtp_server.mails), smtp_server.connections) == (1, 1)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("550 5.7.1 refused", SubmissionRefused),
        ("451 4.3.0 later", SubmissionDeferred),
        ("550 5.4.5 Daily user sending limit exceeded", SubmissionDeferred),
        ("530 5.7.0 authentication required", SubmissionDeferred),
    ],
)
def test_an_answer_to_the_mail_is_told_apart(
    smtp_server: SmtpServer, smtp_config: SmtpConfig, answer: str, expected: type[Exception]
) -> None:
    smtp_server.answers = [answer]
    with pytest.raises(expected, match=answer[:3]):
        send(smtp_config)


def test_a_line_that_breaks_after_the_mail_was_given_leaves_it_uncertain(smtp_server: SmtpServer, smtp_config: SmtpConfig) -> None:
    smtp_server.hang_up = True
    with pytest.raises(SubmissionUncertain):
        send(smtp_config)
    assert len(smtp_server.mails) == 1


def test_a_refused_recipient_among_others_is_told_and_the_mail_goes_out(smtp_server: SmtpServer, smtp_config: SmtpConfig) -> None:
    smtp_server.refused_recipients = {"sai@b.example": "550 no such user"}
    assert "refused sai@b.example: 550 no such user" in send(smtp_config, "den@b.example", "sai@b.example")
    assert smtp_server.mails[0].recipients == ("den@b.example",)


def test_a_recipient_who_is_put_off_is_not_left_out_silently(smtp_server: SmtpServer, smtp_config: SmtpConfig) -> None:
    smtp_server.refused_recipients = {"sau@b.example": "450 mailbox busy", "sai@b.example": "550 no such user"}
    with pytest.raises(SubmissionPartly) as raised:
        send(smtp_config, "den@b.example", "sau@b.example", "sai@b.example")
    assert raised.value.taken == ("den@b.example",)
    assert smtp_server.mails == []
    smtp_server.refused_recipients = {"sau@b.example": "550 5.4.5 Daily user sending limit exceeded"}
    with pytest.raises(SubmissionPaused):
        send(smtp_config, "den@b.example", "sau@b.example")


@pytest.mark.parametrize(("answer", "expected"), [("550 no such user", SubmissionRefused), ("450 mailbox busy", SubmissionDeferred)])
def test_when_all_recipients_are_refused_nothing_goes_out(
    smtp_server: SmtpServer, smtp_config: SmtpConfig, answer: str, expected: type[Exception]
) -> None:
    smtp_server.refused_recipients = {"den@b.example": answer}
    with pytest.raises(expected):
        send(smtp_config)
    assert smtp_server.mails == []


def test_a_server_that_is_not_there_is_tried_later(smtp_config: SmtpConfig) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        with pytest.raises(SubmissionDeferred):
            send(replace(smtp_config, port=probe.getsockname()[1]))


def test_a_server_without_starttls_gets_no_password(smtp_config: SmtpConfig, smtp_server: SmtpServer) -> None:
    with pytest.raises(SubmissionRefused, match="security"):
        send(replace(smtp_config, security="starttls"))
    assert smtp_server.mails == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # on loopback, in a test
def test_login_with_the_right_password_and_with_a_wrong_one(smtp_config: SmtpConfig) -> None:
    with smtp_process.running(with_login=True) as server:
        config = replace(smtp_config, port=server.port, user=smtp_process.USER, password=Secret(_text=smtp_process.PASSWORD))
        send(config)
        assert len(server.mails) == 1
        with pytest.raises(SubmissionRefused, match="password") as caught:
            send(replace(config, password=Secret(_text="sai-mat-khau")))
        assert "sai-mat-khau" not in str(caught.value)
