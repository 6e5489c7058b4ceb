"""The IMAP adapter (imapclient): short sessions that list, fetch once, log out. Never writes; refuses plain text off loopback.

Gmail's limits decide the shape: every body is fetched once, ever; sizes come first; a session never waits for the reading of mails.
"""

from __future__ import annotations

import ipaddress
import logging
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from imapclient import IMAPClient, SocketTimeout  # type: ignore[import-untyped]  # ships no types
from imapclient.exceptions import (  # type: ignore[import-untyped]
    CapabilityError,
    IMAPClientAbortError,
    IMAPClientError,
    LoginError,
    ProtocolError,
)

from mailbox_ingest.config import ImapConfig
from mailbox_ingest.errors import ConfigurationError, MailboxRefused, MailboxUnreachable
from mailbox_ingest.store.records import Arrival

log = logging.getLogger(__name__)

CHUNK_BYTES = 8_000_000
CHUNK_MESSAGES = 50
_BODY, _HEADER = b"BODY[]", b"BODY[HEADER]"
# Answers that waiting mends although they come as NO or BYE (RFC 5530, Gmail).
_PASSING = ("OVERQUOTA", "UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "TOO MANY", "BANDWIDTH", "TRY AGAIN", "TEMPORAR", "THROTTL")

# The highest UID already in the ledger: (folder, uidvalidity) -> uid, 0 for none.
Cursor = Callable[[str, int], int]


class ImapSource:
    """One mailbox as a source of new mails."""

    def __init__(self, config: ImapConfig) -> None:
        self.config = config
        self.account = config.name

    def arrivals(self, cursor: Cursor) -> Iterator[tuple[Arrival, ...]]:
        """New mails of all configured folders in chunks, in order of UID within a folder.

        The connection is closed when the iterator ends or is closed. Raises MailboxRefused or MailboxUnreachable; what was yielded until
        then is good.
        """
        with _session(self.config) as client:
            gmail = client.has_capability("X-GM-EXT-1")
            for name in self.config.folders:
                folder = _folder(client, name)
                if folder is None:
                    log.warning("folder_missing", extra={"account": self.account, "folder": name})
                    continue
                uidvalidity = int(client.select_folder(folder, readonly=True)[b"UIDVALIDITY"])
                last = cursor(folder, uidvalidity)
                # 'n:*' always names at least the last mail, even below n (RFC 3501 6.4.8).
                uids = sorted(uid for uid in client.search(["UID", f"{last + 1}:*"]) if uid > last)
                for batch in _batches(uids, self.config.batch_messages):
                    yield from self._fetch(client, folder, uidvalidity, batch, gmail=gmail)

    def check(self) -> tuple[str, ...]:
        """Connects, logs in and resolves the folders; gives their names. For `doctor`. Raises like `arrivals`."""
        with _session(self.config) as client:
            return tuple(folder for name in self.config.folders if (folder := _folder(client, name)) is not None)

    def _fetch(self, client: IMAPClient, folder: str, uidvalidity: int, uids: list[int], *, gmail: bool) -> Iterator[tuple[Arrival, ...]]:
        sizes = {uid: int(data.get(b"RFC822.SIZE", 0)) for uid, data in client.fetch(uids, ["RFC822.SIZE"]).items()}
        facts = ["INTERNALDATE", "FLAGS", *(["X-GM-MSGID", "X-GM-THRID"] if gmail else [])]
        for chunk in _chunks([uid for uid in uids if uid in sizes], sizes, self.config.max_message_bytes):
            found = _fetch_chunk(client, chunk, facts, sizes, self.config.max_message_bytes)
            yield tuple(
                _arrival(self.account, folder, uidvalidity, uid, found[uid], size_bytes=sizes[uid]) for uid in chunk if uid in found
            )


class ImapSentLookup:
    """Looks into the folder of sent mails: did a mail with this Message-ID go out?"""

    def __init__(self, config: ImapConfig, folder: str = "\\Sent") -> None:
        self.config = config
        self.folder = folder

    def was_sent(self, message_id: str) -> bool:
        """Raises MailboxRefused (also where there is no such folder) or MailboxUnreachable."""
        with _session(self.config) as client:
            folder = _folder(client, self.folder)
            if folder is None:
                raise MailboxRefused(f"the mailbox {self.config.name} has no folder {self.folder}: set smtp.sent_folder")
            client.select_folder(folder, readonly=True)
            return bool(client.search(["HEADER", "Message-ID", message_id]))


@contextmanager
def _session(config: ImapConfig) -> Iterator[IMAPClient]:
    """A logged-in session; every failure of library and socket inside leaves as one of ours."""
    with _translated(config):
        client = _connect(config)
        try:
            client.login(config.user, config.password.reveal())
            yield client
        finally:
            with suppress(IMAPClientError, OSError):
                client.logout()
            with suppress(OSError):
                client.shutdown()


def _connect(config: ImapConfig) -> IMAPClient:
    client = IMAPClient(
        config.host,
        port=config.port,
        ssl=config.security == "tls",
        ssl_context=ssl.create_default_context() if config.security == "tls" else None,
        timeout=SocketTimeout(connect=config.connect_timeout_seconds, read=config.read_timeout_seconds),
    )
    if config.security == "plain" and not _is_loopback(client.socket().getpeername()[0]):
        client.shutdown()  # the name was checked with the configuration; this is the address it really has
        raise ConfigurationError(f"mailbox {config.name}: security = 'plain' is for loopback only, expected 'tls' or 'starttls'")
    client.normalise_times = False  # INTERNALDATE with its zone, not as naive local time
    if config.security == "starttls":
        client.starttls(ssl.create_default_context())
    return client


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


@contextmanager
def _translated(config: ImapConfig) -> Iterator[None]:
    """The wall around imapclient and its sockets."""
    where = f"mailbox {config.name} ({config.host}:{config.port})"
    try:
        yield
    except (ssl.SSLCertVerificationError, CapabilityError) as error:
        raise MailboxRefused(f"{where}: {_text(error)}: check host and security") from error
    except (IMAPClientAbortError, ProtocolError, OSError) as error:
        raise MailboxUnreachable(f"{where}: {_text(error)}") from error
    except LoginError as error:
        if _passing(error):
            raise MailboxUnreachable(f"{where}: {_text(error)}") from error
        raise MailboxRefused(f"{where}: login refused ({_text(error)}): check user and password (Gmail: an app password)") from error
    except IMAPClientError as error:
        if _passing(error):
            raise MailboxUnreachable(f"{where}: {_text(error)}") from error
        raise MailboxRefused(f"{where}: {_text(error)}") from error


def _passing(error: Exception) -> bool:
    return any(word in str(error).upper() for word in _PASSING)


def _text(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def _folder(client: IMAPClient, name: str) -> str | None:
    """The name of a folder; '\\Junk' and the like by special use (RFC 6154), because Gmail localises names. None where there is none."""
    if name.startswith("\\"):
        found = client.find_special_folder(name.encode("ascii"))
        return None if found is None else str(found)
    return name


def _batches(uids: list[int], size: int) -> Iterator[list[int]]:
    rest = iter(uids)
    while batch := list(islice(rest, size)):
        yield batch


def _chunks(uids: list[int], sizes: Mapping[int, int], max_bytes: int) -> Iterator[list[int]]:
    """Consecutive UIDs that together stay small: what is in memory, and in one transaction, at a time."""
    chunk: list[int] = []
    total = 0
    for uid in uids:
        size = sizes[uid] if sizes[uid] <= max_bytes else 0
        if chunk and (total + size > CHUNK_BYTES or len(chunk) >= CHUNK_MESSAGES):
            yield chunk
            chunk, total = [], 0
        chunk.append(uid)
        total += size
    if chunk:
        yield chunk


def _fetch_chunk(
    client: IMAPClient, uids: list[int], facts: list[str], sizes: Mapping[int, int], max_bytes: int
) -> dict[int, Mapping[bytes, Any]]:
    """Whole mails, but only the headers of those that are too large or that the server cannot give: one bad mail stops nothing."""
    whole = [uid for uid in uids if sizes[uid] <= max_bytes]
    found: dict[int, Mapping[bytes, Any]] = {}
    heads = [uid for uid in uids if sizes[uid] > max_bytes]
    if whole:
        try:
            found.update(client.fetch(whole, ["BODY.PEEK[]", *facts]))
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            if _passing(error):
                raise
            for uid in whole:
                try:
                    found.update(client.fetch([uid], ["BODY.PEEK[]", *facts]))
                except IMAPClientAbortError:
                    raise
                except IMAPClientError:
                    heads.append(uid)
    for uid in heads:
        try:
            found.update(client.fetch([uid], ["BODY.PEEK[HEADER]", *facts]))
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            if _passing(error):
                raise
            found[uid] = {}  # a row without bytes: a person sees it, and the mails behind it come in
    return found


def _arrival(account: str, folder: str, uidvalidity: int, uid: int, data: Mapping[bytes, Any], *, size_bytes: int) -> Arrival:
    raw = data.get(_BODY)
    truncated = raw is None
    moment = data.get(b"INTERNALDATE")
    return Arrival(
        account=account,
        folder=folder,
        uidvalidity=uidvalidity,
        uid=uid,
        raw=bytes(data.get(_HEADER) or b"") if raw is None else bytes(raw),
        arrived_at=moment.astimezone(UTC) if isinstance(moment, datetime) and moment.tzinfo else None,
        gm_msgid=_number(data.get(b"X-GM-MSGID")),
        gm_thrid=_number(data.get(b"X-GM-THRID")),
        flags=tuple(flag.decode("ascii", "replace") for flag in data.get(b"FLAGS", ())),
        truncated=truncated,
        size_bytes=size_bytes if truncated else None,
    )


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
