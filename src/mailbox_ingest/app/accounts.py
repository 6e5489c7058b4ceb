"""The accounts that log in with OAuth2: one source of access tokens each, shared by every connection of the process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from mailbox_ingest.config import Config, GoogleConfig, ImapConfig, SmtpConfig
from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.oauth import AccessTokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    config: Config
    clock: Callable[[], datetime]
    _tokens: dict[str, AccessTokens] = field(default_factory=dict, repr=False)

    def tokens(self, login: ImapConfig | SmtpConfig) -> AccessTokens | None:
        """None for an account that has a password."""
        if login.auth != "oauth2" or login.user is None:
            return None
        return self.tokens_of(login.user)

    def tokens_of(self, account: str) -> AccessTokens:
        return self._tokens.setdefault(account.lower(), AccessTokens(self.google, account.lower(), clock=self.clock))

    @property
    def google(self) -> GoogleConfig:
        """Raises ConfigurationError without a [google] table."""
        if self.config.google is None:
            raise ConfigurationError("google: expected a [google] table with client_file in the configuration")
        return self.config.google

    @property
    def names(self) -> tuple[str, ...]:
        """Every account with auth = 'oauth2', each once."""
        logins = (*self.config.mailboxes, *((self.config.smtp,) if self.config.smtp else ()))
        return tuple(dict.fromkeys(login.user.lower() for login in logins if login.auth == "oauth2" and login.user))
