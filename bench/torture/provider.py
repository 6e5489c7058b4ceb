"""The mail provider of a torture run: takes mails over SMTP, files each in the folder of sent mails before it answers, and remembers.

It survives the worker. `on(stage)` is called in the middle of a delivery, on the server's own thread: 'connected', 'rcpt', 'data' (the
whole mail is here), 'filed' (its copy lies in Sent), 'answered' (250 is on its way).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from imapclient import IMAPClient  # type: ignore[import-untyped]  # ships no types

from mailbox_ingest.demo.ports import free_port
from tests.servers.dovecot import Dovecot

SENT = "Thư đã gửi"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A mail that the server took."""

    message_id: str
    in_reply_to: str | None
    recipients: tuple[str, ...]
    subject: str


@dataclass(slots=True)
class Provider:
    """`files` puts a copy into Sent. `mails` are those taken, `open_lines` the connections that are open."""

    files: Callable[[bytes], None]
    on: Callable[[str], None] = lambda _stage: None
    port: int = 0
    open_lines: int = 0
    mails: list[Accepted] = field(default_factory=list)

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]) -> list[str]:  # noqa: N802  (aiosmtpd's name)
        session.host_name = hostname
        self.on("connected")
        return responses

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802  (aiosmtpd's name)
        envelope.rcpt_tos.append(address)
        self.on("rcpt")
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd's name)
        self.on("data")
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        self.files(raw)
        message: EmailMessage = message_from_bytes(raw, policy=default)  # type: ignore[assignment]
        self.mails.append(
            Accepted(
                message_id=str(message["Message-ID"]),
                in_reply_to=None if message["In-Reply-To"] is None else str(message["In-Reply-To"]).strip(),
                recipients=tuple(envelope.rcpt_tos),
                subject=str(message["Subject"]),
            )
        )
        self.on("filed")
        server.loop.call_later(0.001, self.on, "answered")
        return "250 OK"

    def copies(self) -> Counter[str]:
        """How often each Message-ID was taken."""
        return Counter(mail.message_id for mail in self.mails)

    def wait_until_idle(self, *, seconds: float = 120) -> None:
        """Returns when no line is open any more: what a dead worker had sent is taken or lost."""
        end = time.monotonic() + seconds
        while self.open_lines:
            if time.monotonic() > end:
                raise TimeoutError("a line of the SMTP server stays open")
            time.sleep(0.01)


class _Server(SMTP):
    """Counts the lines that are open."""

    def connection_made(self, transport: Any) -> None:
        self.event_handler.open_lines += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.event_handler.open_lines -= 1
        super().connection_lost(error)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)


@contextmanager
def running(dovecot: Dovecot, user: str) -> Iterator[Provider]:
    """A server whose only account is `user`'s mailbox on `dovecot`."""
    client = IMAPClient(dovecot.host, port=dovecot.port, ssl=False, timeout=120)
    client.login(user, dovecot.password)

    def files(raw: bytes) -> None:
        client.append(SENT, raw)

    port = free_port()
    provider = Provider(files=files)
    controller = _Controller(provider, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    provider.port = port
    try:
        yield provider
    finally:
        controller.stop()
        client.logout()
