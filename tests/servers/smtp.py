"""A scripted SMTP server (aiosmtpd) on loopback: takes mails, or refuses, defers, hangs up as a test says."""

from __future__ import annotations

import base64
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from mailbox_ingest.demo.ports import free_port

USER, PASSWORD = "hop-thu", "thu-nghiem"


@dataclass(slots=True)
class Received:
    sender: str
    recipients: tuple[str, ...]
    data: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.data, policy=default)  # type: ignore[return-value]


@dataclass(slots=True)
class SmtpServer:
    """`answers` are given to the next DATA commands in turn, '250 OK' when none is left. `hang_up`: take the mail, answer nothing."""

    port: int = 0
    mails: list[Received] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    refused_recipients: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False
    connections: int = 0
    accepts_token: Callable[[str], bool] = lambda token: False

    async def handle_EHLO(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802  (aiosmtpd's name)
        """As Gmail has it: a refusal is explained first, and the client answers the explanation with nothing."""
        said = base64.b64decode(args[1]).decode()
        found = re.fullmatch("user=([^\x01]+)\x01auth=Bearer ([^\x01]+)\x01\x01", said)
        if found is not None and found[1] == USER and self.accepts_token(found[2]):
            return AuthResult(success=True)
        answer = await server.challenge_auth(b'{"status":"400","schemes":"Bearer"}')
        assert answer == b"", "an empty answer is expected to the explanation"
        return AuthResult(success=False, handled=False, message="535 5.7.8 Username and Password not accepted.")

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802  (aiosmtpd's name)
        if address in self.refused_recipients:
            return self.refused_recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd's name)
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250") and isinstance(envelope.content, bytes):
            self.mails.append(Received(str(envelope.mail_from), tuple(envelope.rcpt_tos), envelope.content))
        if self.hang_up:
            server.transport.abort()
        return answer


@contextmanager
def running(*, with_login: bool = False, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None) -> Iterator[SmtpServer]:
    """`tls` from the first byte on, or `starttls` before anything else may be said."""
    script = SmtpServer()
    options: dict[str, object] = {"ssl_context": tls} if tls else {"tls_context": starttls, "require_starttls": True} if starttls else {}
    if with_login:
        check: Callable[..., AuthResult] = _check
        options |= {"authenticator": check, "auth_required": True, "auth_require_tls": tls is None and starttls is not None}
    controller = Controller(script, hostname="127.0.0.1", port=free_port(), ready_timeout=60, **options)
    controller.start()
    try:
        script.port = controller.port
        yield script
    finally:
        controller.stop()


def _check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword) -> AuthResult:
    return AuthResult(success=data.login == USER.encode() and data.password == PASSWORD.encode(), handled=False)
