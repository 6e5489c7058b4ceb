"""IMAP and SMTP over real TLS: who cannot prove to be the server gets no password."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mailbox_ingest.config import GoogleConfig, ImapConfig, Secret, SmtpConfig
from mailbox_ingest.errors import LoginRefused, MailboxRefused, SubmissionDeferred, SubmissionRefused, TokenRevoked
from mailbox_ingest.imap import ImapSource
from mailbox_ingest.oauth import AccessTokens, token_path
from mailbox_ingest.smtp import SmtpSubmitter
from servers import dovecot as dovecot_process
from servers import smtp as smtp_process
from servers.google import Google, authorise
from servers.smtp import PASSWORD, USER, SmtpServer
from servers.tls import Authority

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # where TLS is there from the first byte on


@pytest.fixture(scope="module")
def dovecot_tls(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dovecot_process.Dovecot]:
    certificate = authority.certificate(tmp_path_factory.mktemp("dovecot-tls") / "server.pem")
    with dovecot_process.running(certificate) as server:
        yield server


@pytest.fixture
def box(dovecot_tls: dovecot_process.Dovecot) -> ImapConfig:
    return ImapConfig(
        name="chinh",
        host="127.0.0.1",
        port=dovecot_tls.tls_port,
        user="hop-thu-tls",
        password=Secret(_text=dovecot_tls.password),
        address="bancongtac@baocao.example",
        connect_timeout_seconds=30,
        read_timeout_seconds=60,
    )


def starttls(box: ImapConfig, server: dovecot_process.Dovecot) -> ImapConfig:
    return replace(box, security="starttls", port=server.port)


@pytest.mark.usefixtures("trusted")
def test_imap_over_tls_and_after_starttls(box: ImapConfig, dovecot_tls: dovecot_process.Dovecot) -> None:
    assert ImapSource(box).check() == ("INBOX", "Thư rác")
    assert ImapSource(starttls(box, dovecot_tls)).check() == ("INBOX", "Thư rác")


def test_an_imap_server_that_nobody_vouches_for_gets_no_password(box: ImapConfig, dovecot_tls: dovecot_process.Dovecot) -> None:
    stranger = replace(box, user="ai-do-khac")
    for config in (stranger, starttls(stranger, dovecot_tls)):
        with pytest.raises(MailboxRefused, match="check host and security") as caught:
            ImapSource(config).check()
        assert not isinstance(caught.value, LoginRefused)
    assert "user=<ai-do-khac>" not in dovecot_tls.log


@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_name_is_refused(authority: Authority, box: ImapConfig, smtp_config: SmtpConfig) -> None:
    from servers import gmail

    other = authority.server("mail.khac.example")
    with gmail.running(gmail.Gmail(), other) as server, pytest.raises(MailboxRefused, match="check host and security"):
        ImapSource(replace(box, port=server.port)).check()
    with smtp_process.running(tls=other) as server, pytest.raises(SubmissionRefused, match="check host, port and security"):
        SmtpSubmitter(replace(smtp_config, port=server.port, security="tls")).check()


@pytest.fixture(params=["tls", "starttls"])
def smtp(request: pytest.FixtureRequest, authority: Authority, smtp_config: SmtpConfig) -> Iterator[tuple[SmtpServer, SmtpConfig]]:
    opened: AbstractContextManager[SmtpServer] = smtp_process.running(with_login=True, **{request.param: authority.server()})
    with opened as server:
        config = replace(smtp_config, port=server.port, security=request.param, user=USER, password=Secret(_text=PASSWORD))
        yield server, config


@pytest.mark.usefixtures("trusted")
def test_smtp_over_tls_and_after_starttls(smtp: tuple[SmtpServer, SmtpConfig]) -> None:
    server, config = smtp
    with SmtpSubmitter(config).connected() as connection:
        assert connection.send("tu@baocao.example", ("den@b.example",), b"Subject: thu\r\n\r\nmot\r\n").startswith("250")
    assert len(server.mails) == 1


def test_an_smtp_server_that_nobody_vouches_for_gets_no_password(smtp: tuple[SmtpServer, SmtpConfig]) -> None:
    with pytest.raises(SubmissionRefused, match="check host, port and security") as caught:
        SmtpSubmitter(smtp[1]).check()
    assert not isinstance(caught.value, LoginRefused)


def test_a_token_ended_before_its_time_is_made_anew_and_a_revoked_one_stops_sending_with_one_clear_error(
    smtp: tuple[SmtpServer, SmtpConfig], google: Google, google_config: GoogleConfig
) -> None:
    server, password = smtp
    server.accepts_token = lambda token: token in google.good
    authorise(google, google_config, USER)
    config = replace(password, auth="oauth2", password=None)
    submitter = SmtpSubmitter(config, tokens=AccessTokens(google_config, USER, clock=lambda: datetime.now(UTC)))
    submitter.check()
    google.good.clear()
    submitter.check()
    assert len(google.requests) == 2
    token_path(google_config, USER).chmod(0o644)
    with pytest.raises(SubmissionRefused, match="chmod 600"):
        SmtpSubmitter(config, tokens=AccessTokens(google_config, USER, clock=lambda: datetime.now(UTC))).check()
    token_path(google_config, USER).chmod(0o600)
    google.good.clear()
    google.refresh_tokens.clear()
    with pytest.raises(SubmissionRefused) as caught:
        submitter.check()
    assert isinstance(caught.value, TokenRevoked)


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_is_told_from_a_token_server_that_is_away(
    smtp: tuple[SmtpServer, SmtpConfig], google: Google, google_config: GoogleConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # google-auth waits between its own attempts
    with pytest.raises(LoginRefused):
        SmtpSubmitter(replace(smtp[1], password=Secret(_text="sai-mat-khau"))).check()
    authorise(google, google_config, USER)
    google.fault = (503, {"error": "internal_failure"})
    tokens = AccessTokens(google_config, USER, clock=lambda: datetime.now(UTC))
    with pytest.raises(SubmissionDeferred):
        SmtpSubmitter(replace(smtp[1], auth="oauth2", password=None), tokens=tokens).check()
