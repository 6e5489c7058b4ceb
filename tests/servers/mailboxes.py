"""`box`: a fresh mailbox on each kind of server that the mailbox adapter must get on with: Dovecot, pymap, and one like Gmail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

import pytest
from imapclient import IMAPClient

from mailbox_ingest.config import ImapConfig, Secret
from mailbox_ingest.demo import servers as demo_servers
from mailbox_ingest.imap import Tokens
from servers import gmail as gmail_server
from servers.dovecot import Dovecot

_users = count(1)


@dataclass(slots=True, kw_only=True)
class Box:
    """One mailbox. What a person does to it goes through IMAP, as a person's own mail program would."""

    kind: str
    config: ImapConfig
    tokens: Tokens | None = None
    junk: str | None = None  # the name of its junk folder, where it has one
    gmail: gmail_server.Gmail | None = None
    _person: list[IMAPClient] = field(default_factory=list)

    @property
    def person(self) -> IMAPClient:
        if not self._person:
            client = IMAPClient(self.config.host, port=self.config.port, ssl=False, timeout=60)
            if self.config.auth == "oauth2":
                assert self.tokens is not None
                client.oauth2_login(self.config.user, self.tokens.token())
            else:
                assert self.config.password is not None
                client.login(self.config.user, self.config.password.reveal())
            self._person.append(client)
        return self._person[0]

    def post(self, raw: bytes, folder: str = "INBOX", time: datetime | None = None) -> None:
        if self.gmail is not None:
            self.gmail.deliver(raw, folder, time)
        else:
            self.person.append(folder, raw, msg_time=time)

    def take_away(self, uid: int, folder: str = "INBOX") -> None:
        if self.gmail is not None:
            self.gmail.remove(self.gmail.folders[folder].mails[uid], folder)
            return
        self.person.select_folder(folder)
        self.person.delete_messages([uid], silent=True)
        self.person.expunge()
        self.person.unselect_folder() if self.person.has_capability("UNSELECT") else self.person.close_folder()

    def list_anew(self, folder: str, mails: list[bytes]) -> None:
        """UIDVALIDITY changes; the same mails are there."""
        if self.gmail is not None:
            self.gmail.change_uidvalidity(folder)
            return
        self.person.delete_folder(folder)
        self.person.create_folder(folder)
        for raw in mails:
            self.post(raw, folder)

    def close(self) -> None:
        for client in self._person:
            with suppress(IMAPClient.Error, OSError):
                client.logout()


def _config(port: int, user: str, password: str) -> ImapConfig:
    return ImapConfig(
        name="chinh",
        host="127.0.0.1",
        port=port,
        security="plain",
        user=user,
        password=Secret(_text=password),
        address="bancongtac@baocao.example",
        connect_timeout_seconds=30,
        read_timeout_seconds=60,
    )


@contextmanager
def _dovecot(request: pytest.FixtureRequest) -> Iterator[Box]:
    server: Dovecot = request.getfixturevalue("dovecot")
    yield Box(kind="dovecot", config=_config(server.port, f"hop-chung-{next(_users)}", server.password), junk="Thư rác")


@contextmanager
def _pymap(request: pytest.FixtureRequest) -> Iterator[Box]:
    with demo_servers.imap_server() as port:
        yield Box(kind="pymap", config=_config(port, demo_servers.USER, demo_servers.PASSWORD))


@contextmanager
def _gmail(request: pytest.FixtureRequest) -> Iterator[Box]:
    with gmail_server.running(gmail_server.Gmail()) as server:
        yield Box(kind="gmail", config=_config(server.port, server.user, gmail_server.PASSWORD), junk=gmail_server.JUNK, gmail=server)


_KINDS: dict[str, Callable[[pytest.FixtureRequest], object]] = {"dovecot": _dovecot, "pymap": _pymap, "gmail": _gmail}


@pytest.fixture(params=_KINDS)
def box(request: pytest.FixtureRequest) -> Iterator[Box]:
    with _KINDS[request.param](request) as opened:
        yield opened
        opened.close()
