"""The SMTP adapter (smtplib): hands one finished mail to the server and says which sort of answer came. Composes nothing, retries nothing.

refused for good (5xx, account, certificate) -> SubmissionRefused
later (4xx), unreachable                     -> SubmissionDeferred
the provider's daily limit (5.4.5)           -> SubmissionPaused
line broke after DATA                        -> SubmissionUncertain
"""

from __future__ import annotations

import ipaddress
import re
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Protocol

from mailbox_ingest.config import SmtpConfig
from mailbox_ingest.errors import (
    ConfigurationError,
    LoginRefused,
    SubmissionDeferred,
    SubmissionPartly,
    SubmissionPaused,
    SubmissionRefused,
    SubmissionUncertain,
)

# Gmail's daily limit is a 5xx that time mends ("550 5.4.5 Daily user sending limit exceeded"); nothing else goes out before that, either.
_DAILY_LIMIT = re.compile(r"\b[45]\.4\.5\b|\bdaily (user |smtp relay )?sending (limit|quota)")
# A busy mail system of some servers is told with a 5xx that time mends, too.
_PASSING = ("rate limit", "too many")
_ACCOUNT_CODES = frozenset({530, 534, 535, 538})
_LINE_BREAK = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"(?m)^\.")


class SmtpConnection:
    """An open, authenticated connection: mails one after another. `broken` tells that the next mail needs another connection."""

    def __init__(self, client: smtplib.SMTP) -> None:
        self._client = client
        self.broken = False

    def send(self, sender: str, recipients: tuple[str, ...], data: bytes) -> str:
        """One mail to its recipients; gives the server's answer, with the recipients it refused if it took others.

        Raises SubmissionRefused, SubmissionDeferred (nothing went out; SubmissionPartly where others would be taken) or SubmissionUncertain
        (it may have gone out).
        """
        refused: dict[str, tuple[int, str]] = {}
        try:
            self._client.rset()  # whatever a failed mail before this one left behind
            self._expect(self._client.mail(sender, ["BODY=8BITMIME"] if self._client.has_extn("8bitmime") else []))
            for recipient in recipients:
                code, answer = self._client.rcpt(recipient)
                if code not in (250, 251):
                    refused[recipient] = (code, _text(answer))
            if len(refused) == len(recipients):
                code, answer_text = min(refused.values())
                raise _failure(code, "; ".join(sorted({f"{code} {text}" for code, text in refused.values()})) or answer_text)
            _refuse_to_leave_out(refused, taken=tuple(to for to in recipients if to not in refused))
            self._expect(self._client.docmd("DATA"), wanted=354)
        except (smtplib.SMTPServerDisconnected, smtplib.SMTPException, OSError) as error:
            self.broken = True
            raise SubmissionDeferred(f"the connection broke before the mail was sent: {_error_text(error)}") from error
        try:
            self._client.send(_on_the_wire(data))
            code, answer = self._client.getreply()
        except (smtplib.SMTPServerDisconnected, smtplib.SMTPException, OSError) as error:
            self.broken = True
            raise SubmissionUncertain(f"the connection broke after DATA: {_error_text(error)}") from error
        if code != 250:
            raise _failure(code, _text(answer))
        said = f"{code} {_text(answer)}"
        return said + "".join(f"; refused {to}: {code} {text}" for to, (code, text) in refused.items())

    def _expect(self, reply: tuple[int, bytes], *, wanted: int = 250) -> None:
        code, answer = reply
        if code != wanted:
            raise _failure(code, _text(answer))


class Tokens(Protocol):
    """Where access tokens come from, for an account that logs in with OAuth2."""

    def token(self, *, fresh: bool = False) -> str:
        """A token for the next login; `fresh` after the server refused the last one."""


class SmtpSubmitter:
    """Opens connections to the submission server."""

    def __init__(self, config: SmtpConfig, *, tokens: Tokens | None = None) -> None:
        self.config = config
        self._tokens = tokens

    @contextmanager
    def connected(self) -> Iterator[SmtpConnection]:
        """Raises SubmissionDeferred where the server cannot be reached, SubmissionRefused where it does not want us at all."""
        client = self._open()
        try:
            yield SmtpConnection(client)
        finally:
            with suppress(smtplib.SMTPException, OSError):
                client.quit()
            client.close()

    def check(self) -> None:
        """Connects, greets and logs in. For `doctor`. Raises like `connected`."""
        with self.connected():
            pass

    def _open(self) -> smtplib.SMTP:
        config = self.config
        where = f"SMTP server {config.host}:{config.port}"
        client: smtplib.SMTP | None = None
        try:
            if config.security == "tls":
                context = ssl.create_default_context()
                client = smtplib.SMTP_SSL(config.host, config.port, timeout=config.timeout_seconds, context=context)
            else:
                client = smtplib.SMTP(config.host, config.port, timeout=config.timeout_seconds)
            if config.security == "plain" and not _is_loopback(client):
                client.close()
                raise ConfigurationError("smtp: security = 'plain' is for loopback only, expected 'tls' or 'starttls'")
            client.ehlo_or_helo_if_needed()
            if config.security == "starttls":
                client.starttls(context=ssl.create_default_context())
                client.ehlo()
            self._log_in(client)
        except (ssl.SSLCertVerificationError, smtplib.SMTPNotSupportedError) as error:
            _close(client)
            raise SubmissionRefused(f"{where}: {_error_text(error)}: check host, port and security") from error
        except smtplib.SMTPResponseException as error:
            _close(client)
            raise _account_failure(where, error.smtp_code, _text(error.smtp_error)) from error
        except (smtplib.SMTPException, OSError) as error:
            _close(client)
            raise SubmissionDeferred(f"{where}: {_error_text(error)}") from error
        except (SubmissionRefused, SubmissionDeferred):  # the authorisation: already in our words
            _close(client)
            raise
        return client

    def _log_in(self, client: smtplib.SMTP) -> None:
        """A token that the server refuses is made anew once: it may have been revoked before its time."""
        config = self.config
        if config.auth != "oauth2":
            if config.user is not None and config.password is not None:
                client.login(config.user, config.password.reveal())
            return
        if config.user is None or self._tokens is None:
            raise ConfigurationError("smtp: auth = 'oauth2' needs smtp.user and a [google] table")
        try:
            _xoauth2(client, config.user, _given(self._tokens))
        except smtplib.SMTPAuthenticationError as error:
            if error.smtp_code < 500:
                raise
            _xoauth2(client, config.user, _given(self._tokens, fresh=True))


def _given(tokens: Tokens, *, fresh: bool = False) -> str:
    """A token; a file of tokens that cannot be used is a refusal here, so that no mail is left half sent for it."""
    try:
        return tokens.token(fresh=fresh)
    except ConfigurationError as error:
        raise SubmissionRefused(str(error)) from error


def _xoauth2(client: smtplib.SMTP, user: str, token: str) -> None:
    """Once the token, then an empty answer to the server's explanation, as Google describes it."""
    if "XOAUTH2" not in client.esmtp_features.get("auth", "").upper().split():
        raise smtplib.SMTPNotSupportedError("the server does not offer XOAUTH2 on this connection")
    client.auth("XOAUTH2", lambda challenge=None: f"user={user}\x01auth=Bearer {token}\x01\x01" if challenge is None else "")


def _on_the_wire(data: bytes) -> bytes:
    """CRLF line ends, leading dots doubled, the final dot (RFC 5321 4.5.2)."""
    data = _LINE_BREAK.sub(b"\r\n", data)
    if not data.endswith(b"\r\n"):
        data += b"\r\n"
    return _LEADING_DOT.sub(b"..", data) + b".\r\n"


def _refuse_to_leave_out(refused: Mapping[str, tuple[int, str]], *, taken: tuple[str, ...]) -> None:
    """A recipient refused for good is left out of the mail; one who is put off would silently never get it."""
    later = [failure for code, text in refused.values() if isinstance(failure := _failure(code, text), SubmissionDeferred)]
    for failure in later:
        if isinstance(failure, SubmissionPaused):
            raise failure
    if later:
        raise SubmissionPartly("; ".join(f"refused {to}: {code} {text}" for to, (code, text) in refused.items()), taken)


def _failure(code: int, text: str) -> SubmissionDeferred | SubmissionRefused:
    if _DAILY_LIMIT.search(text.lower()):
        return SubmissionPaused(f"{code} {text}")
    # A lapsed login says nothing against the mail: it waits, and the next connection tells the operator.
    if code < 500 or code in _ACCOUNT_CODES or any(word in text.lower() for word in _PASSING):
        return SubmissionDeferred(f"{code} {text}")
    return SubmissionRefused(f"{code} {text}")


def _account_failure(where: str, code: int, text: str) -> SubmissionDeferred | SubmissionRefused:
    if _DAILY_LIMIT.search(text.lower()):
        return SubmissionPaused(f"{where}: {code} {text}")
    if 400 <= code < 500 or code == -1 or any(word in text.lower() for word in _PASSING):
        return SubmissionDeferred(f"{where}: {code} {text}")
    if code in _ACCOUNT_CODES:
        return LoginRefused(f"{where}: {code} {text}: check user and password (Gmail: an app password, or `mailbox-ingest auth google`)")
    return SubmissionRefused(f"{where}: {code} {text}")


def _is_loopback(client: smtplib.SMTP) -> bool:
    """Where the connection really leads; what the host is called was checked with the configuration."""
    return client.sock is not None and ipaddress.ip_address(client.sock.getpeername()[0].partition("%")[0]).is_loopback


def _close(client: smtplib.SMTP | None) -> None:
    if client is not None:
        client.close()


def _text(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:300]


def _error_text(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
