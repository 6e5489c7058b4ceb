"""Access tokens of one account, made from its refresh token and kept until shortly before they end. Never written to disk.

token() ── still good? ── yes ─▶ the one in hand            refused by Google for good ─▶ TokenRevoked: a person must act
                       └─ no ──▶ Google's token endpoint    unreachable, or 5xx        ─▶ TokenUnavailable: the next run tries again
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials
from requests import Session

from mailbox_ingest.config import GoogleConfig
from mailbox_ingest.errors import LoginRefused, TokenRevoked, TokenUnavailable
from mailbox_ingest.oauth.client_file import SCOPE, load_client
from mailbox_ingest.oauth.token_file import Authorisation, load_authorisation, save_authorisation

log = logging.getLogger(__name__)

_MARGIN = timedelta(minutes=5)  # a session that begins now must not end with the token
_DEAD = ("invalid_grant", "unauthorized_client", "access_denied", "admin_policy_enforced", "invalid_rapt")


class AccessTokens:
    """The access tokens of one account, for every connection of this process; several threads may ask."""

    def __init__(self, google: GoogleConfig, account: str, *, clock: Callable[[], datetime]) -> None:
        self.google = google
        self.account = account
        self._clock = clock
        self._lock = threading.Lock()
        self._token: str | None = None
        self._good_until = datetime.min.replace(tzinfo=UTC)

    def token(self, *, fresh: bool = False) -> str:
        """A token for the next login; `fresh` after a server refused the last one, although it should still have been good.

        Raises TokenRevoked, LoginRefused or ConfigurationError (a person must act), TokenUnavailable (nobody).
        """
        with self._lock:
            if fresh or self._token is None or self._clock() >= self._good_until:
                self._token = None
                self._token, ends_at = self._refreshed(load_authorisation(self.google, self.account))
                self._good_until = ends_at - _MARGIN
            return self._token

    def _refreshed(self, given: Authorisation) -> tuple[str, datetime]:
        client = load_client(self.google)
        credentials = Credentials(  # type: ignore[no-untyped-call]  # google-auth types only part of itself
            None,
            refresh_token=given.refresh_token,
            token_uri=client.token_uri,
            client_id=client.client_id,
            client_secret=client.client_secret,
            scopes=[SCOPE],
        )
        try:
            with Session() as session:
                credentials.refresh(partial(Request(session), timeout=self.google.timeout_seconds))  # type: ignore[no-untyped-call]
        except RefreshError as error:
            raise self._refusal(error) from error
        except (TransportError, GoogleAuthError) as error:
            raise TokenUnavailable(f"{client.token_uri}: {_text(error)}") from error
        if credentials.refresh_token and credentials.refresh_token != given.refresh_token:
            save_authorisation(self.google, replace(given, refresh_token=credentials.refresh_token))
        log.info("access_token_refreshed", extra={"account": self.account})
        ends_at = credentials.expiry.replace(tzinfo=UTC) if credentials.expiry else self._clock() + timedelta(hours=1)
        return str(credentials.token), ends_at

    def _refusal(self, error: RefreshError) -> Exception:
        said: Any = error.args[1] if len(error.args) > 1 else None
        code = str(said.get("error", "")) if isinstance(said, dict) else ""
        if code in _DEAD:
            return TokenRevoked(
                f"Google no longer takes the authorisation of {self.account} ({_text(error)}): run `mailbox-ingest auth google "
                f"--account {self.account}`. It ends with a changed password, after 6 months unused, by hand in the account's settings, "
                "and 7 days after it was given while the consent screen is in 'Testing'"
            )
        if code in ("invalid_client", "invalid_request", "invalid_scope", "unsupported_grant_type"):
            return LoginRefused(f"Google does not know the OAuth client of google.client_file ({_text(error)}): download it again")
        return TokenUnavailable(f"Google gave no access token for {self.account}: {_text(error)}")


def _text(error: Exception) -> str:
    return " ".join(str(error.args[0] if error.args else error).split())[:300] or type(error).__name__
