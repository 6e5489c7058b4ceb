"""Mail servers for tests: `dovecot` (one a session), `imap_config`, `post` (one mailbox a test), `smtp_server`, `webhook`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from imapclient import IMAPClient

from mailbox_ingest.config import ImapConfig, Secret, SmtpConfig
from servers import dovecot as dovecot_process
from servers import smtp as smtp_process
from servers import webhook as webhook_process

_users = count(1)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[dovecot_process.Dovecot]:
    if dovecot_process.executable() is None:
        pytest.skip("Dovecot is not installed (apt package dovecot-imapd)")
    with dovecot_process.running() as server:
        yield server


@pytest.fixture
def imap_config(dovecot: dovecot_process.Dovecot) -> ImapConfig:
    """A fresh, empty mailbox on the real server."""
    return ImapConfig(
        name="chinh",
        host=dovecot.host,
        port=dovecot.port,
        security="plain",
        user=f"hop-thu-{next(_users)}",
        password=Secret(_text=dovecot.password),
        address="bancongtac@baocao.example",
        connect_timeout_seconds=30,
        read_timeout_seconds=60,
    )


@pytest.fixture
def imap_client(imap_config: ImapConfig) -> Iterator[IMAPClient]:
    """A person's own connection to the same mailbox."""
    client = IMAPClient(imap_config.host, port=imap_config.port, ssl=False, timeout=60)
    client.login(imap_config.user, imap_config.password.reveal())
    yield client
    client.logout()


@pytest.fixture
def post(imap_client: IMAPClient) -> Callable[..., None]:
    """`post(raw)` puts a mail into INBOX; `post(raw, folder, time)` elsewhere."""

    def append(raw: bytes, folder: str = "INBOX", time: object = None) -> None:
        imap_client.append(folder, raw, msg_time=time)

    return append


@pytest.fixture
def smtp_server() -> Iterator[smtp_process.SmtpServer]:
    with smtp_process.running() as server:
        yield server


@pytest.fixture
def smtp_config(smtp_server: smtp_process.SmtpServer) -> SmtpConfig:
    return SmtpConfig(
        host="127.0.0.1",
        port=smtp_server.port,
        security="plain",
        sender="bancongtac@baocao.example",
        sender_name="Ban Công tác cơ sở",
        timeout_seconds=60,
    )


@pytest.fixture
def webhook() -> Iterator[webhook_process.Webhook]:
    with webhook_process.running() as server:
        yield server
