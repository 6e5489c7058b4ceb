"""A logged-in IMAP session, and the wall around imapclient: its failures and those of its sockets leave as errors of ours."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from imapclient import IMAPClient, SocketTimeout  # type: ignore[import-untyped]  # ships no types
from imapclient.exceptions import (  # type: ignore[import-untyped]
    CapabilityError,
    IMAPClientAbortError,
    IMAPClientError,
    LoginError,
    ProtocolError,
)

from mailbox_ingest import __version__
from mailbox_ingest.config import ImapConfig
from mailbox_ingest.errors import ConfigurationError, LoginRefused, MailboxOverQuota, MailboxRefused, MailboxUnreachable

# Answers that waiting mends although they come as NO or BYE (RFC 5530, Gmail).
_PASSING = ("UNAVAILABLE", "INUSE", "SERVERBUG", "TRY AGAIN", "TEMPORAR")
_SUSPENDED = ("OVERQUOTA", "BANDWIDTH", "THROTTL", "TOO MANY", "LIMIT")


class Tokens(Protocol):
    """Where access tokens come from, for accounts that log in with OAuth2."""

    def token(self, *, fresh: bool = False) -> str:
        """A token for the next login; `fresh` after the server refused the last one."""


@contextmanager
def session(config: ImapConfig, tokens: Tokens | None) -> Iterator[IMAPClient]:
    """Connects, logs in, says who we are; logs out at the end. Raises MailboxRefused, MailboxUnreachable and their kinds."""
    with translated(config):
        client = _connect(config)
        try:
            _log_in(client, config, tokens)
            if client.has_capability("ID"):
                with suppress(IMAPClientError):  # a courtesy (RFC 2971): Gmail's logs then tell our sessions from a person's
                    client.id_({"name": "mailbox-ingest", "version": __version__})
            yield client
        finally:
            with suppress(IMAPClientError, OSError):
                client.logout()
            with suppress(OSError):
                client.shutdown()


@contextmanager
def translated(config: ImapConfig) -> Iterator[None]:
    """The wall. What is ours already passes."""
    where = f"mailbox {config.name} ({config.host}:{config.port})"
    try:
        yield
    except (ssl.SSLCertVerificationError, CapabilityError) as error:
        raise MailboxRefused(f"{where}: {_text(error)}: check host and security") from error
    except LoginError as error:
        if isinstance(error.__context__, IMAPClientAbortError | OSError):  # the line broke while logging in
            raise MailboxUnreachable(f"{where}: {_text(error)}") from error
        raise _passing_kind(where, error) or LoginRefused(f"{where}: login refused ({_text(error)}): {_login_advice(config)}") from error
    except (IMAPClientAbortError, ProtocolError, OSError) as error:
        raise _passing_kind(where, error) or MailboxUnreachable(f"{where}: {_text(error)}") from error
    except IMAPClientError as error:
        raise _passing_kind(where, error) or MailboxRefused(f"{where}: {_text(error)}") from error


def is_passing(error: Exception) -> bool:
    """Whether waiting mends what the server said no to."""
    return _passing_kind("", error) is not None


def folder_named(client: IMAPClient, name: str) -> str | None:
    """The name of a folder; '\\Junk' and the like by special use (RFC 6154), because Gmail localises names. None where there is none."""
    if name.startswith("\\"):
        found = client.find_special_folder(name.encode("ascii"))
        return None if found is None else str(found)
    return name


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


def _log_in(client: IMAPClient, config: ImapConfig, tokens: Tokens | None) -> None:
    """Raises LoginError. A token that the server refuses is made anew once: it may have been revoked before its time."""
    if config.auth != "oauth2":
        assert config.password is not None, "checked with the configuration"
        client.login(config.user, config.password.reveal())
        return
    if tokens is None:
        raise ConfigurationError(f"mailbox {config.name}: auth = 'oauth2' needs a [google] table")
    try:
        _xoauth2(client, config.user, tokens.token())
    except LoginError as error:
        if is_passing(error) or isinstance(error.__context__, IMAPClientAbortError | OSError):
            raise
        _xoauth2(client, config.user, tokens.token(fresh=True))


def _xoauth2(client: IMAPClient, user: str, token: str) -> None:
    """Once the token, then an empty answer to the server's explanation, as Google describes it."""
    answers = iter([f"user={user}\x01auth=Bearer {token}\x01\x01".encode()])
    client.sasl_login("XOAUTH2", lambda _challenge: next(answers, b""))


def _login_advice(config: ImapConfig) -> str:
    if config.auth == "oauth2":
        return f"is the authorisation of {config.user} for that very account? (`mailbox-ingest auth google --account {config.user}`)"
    return "check user and password (Gmail: an app password)"


def _passing_kind(where: str, error: Exception) -> MailboxUnreachable | None:
    said = str(error).upper()
    if isinstance(error, OSError):
        return None
    if any(word in said for word in _SUSPENDED):
        return MailboxOverQuota(f"{where}: {_text(error)}: the server suspends the account for a time")
    if any(word in said for word in _PASSING):
        return MailboxUnreachable(f"{where}: {_text(error)}")
    return None


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def _text(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
