"""How a person authorises the program: Google's installed-app flow, with a browser on this machine or with one anywhere.

address ─▶ the person's browser ─▶ Google ─▶ http://127.0.0.1:PORT/?code=… ─▶ refresh token ─▶ 0600 file
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from google.auth.exceptions import GoogleAuthError
from google_auth_oauthlib.flow import InstalledAppFlow  # type: ignore[import-untyped]  # ships no types
from oauthlib.oauth2.rfc6749.errors import OAuth2Error  # type: ignore[import-untyped]  # ships no types
from requests.exceptions import RequestException

from mailbox_ingest.config import GoogleConfig
from mailbox_ingest.errors import ConfigurationError, LoginRefused, TokenUnavailable
from mailbox_ingest.oauth.client_file import SCOPE, load_client
from mailbox_ingest.oauth.token_file import Authorisation, save_authorisation

_HOST = "127.0.0.1"
_THANKS = "Đã cấp quyền. Có thể đóng trang này. / The authorisation was given; you may close this page."


class Consent:
    """One attempt to be authorised for one account."""

    def __init__(self, google: GoogleConfig, account: str, *, clock: Callable[[], datetime]) -> None:
        self._google = google
        self._account = account
        self._clock = clock
        self._flow = InstalledAppFlow.from_client_config(
            load_client(google).as_google_has_it(), scopes=[SCOPE], autogenerate_code_verifier=True
        )

    def by_loopback(self, show: Callable[[str], None], *, port: int = 0, seconds: float = 600.0) -> Path:
        """Shows the address to visit and waits for the browser to come back to this machine; gives the token file.

        Raises LoginRefused where the person or Google says no or nobody comes, ConfigurationError, TokenUnavailable.
        """
        answered: list[str] = []

        def page(environ: dict[str, Any], start_response: Any) -> list[bytes]:
            if environ.get("QUERY_STRING"):  # browsers also ask for /favicon.ico
                answered.append(f"/?{environ['QUERY_STRING']}")
            start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
            return [_THANKS.encode()]

        try:
            server = make_server(_HOST, port, page, server_class=WSGIServer, handler_class=_Quiet)
        except OSError as error:
            raise ConfigurationError(f"--port {port}: expected a free port on {_HOST} ({error})") from error
        with server:
            self._flow.redirect_uri = f"http://{_HOST}:{server.server_port}/"
            show(self._address())
            server.timeout = 1.0
            give_up_at = time.monotonic() + seconds
            while not answered:
                if time.monotonic() >= give_up_at:
                    raise LoginRefused(f"nobody came back from Google within {seconds:.0f} s: run `mailbox-ingest auth google` again")
                server.handle_request()
        return self._finished(answered[0])

    def by_hand(self, show: Callable[[str], None], answer: Callable[[], str]) -> Path:
        """For a machine without a browser: the person opens the address elsewhere and gives back the one that the browser ended at."""
        self._flow.redirect_uri = f"http://{_HOST}:{_unused_port()}/"
        show(self._address())
        return self._finished(answer().strip())

    def _address(self) -> str:
        # 'consent' makes Google give a refresh token again to somebody who has given one before.
        address, _ = self._flow.authorization_url(access_type="offline", prompt="consent", login_hint=self._account)
        return str(address)

    def _finished(self, came_back_to: str) -> Path:
        query = came_back_to.partition("?")[2]
        try:
            # The library wants https, as if the loopback were the wide network.
            token = self._flow.fetch_token(
                authorization_response=f"https://{_HOST}/?{query}", timeout=self._google.timeout_seconds, include_client_id=True
            )
        except (OAuth2Error, Warning) as error:  # the library raises a warning where Google grants another scope
            raise LoginRefused(f"no authorisation for {self._account}: {_text(error)}: run `mailbox-ingest auth google` again") from error
        except (RequestException, GoogleAuthError, OSError) as error:
            raise TokenUnavailable(f"Google's token endpoint: {_text(error)}") from error
        refresh_token = token.get("refresh_token")
        if not refresh_token:
            raise LoginRefused("Google gave no refresh token: take the program's access away in the account's settings and run this again")
        now = self._clock()
        seconds = token.get("refresh_token_expires_in")
        given = Authorisation(
            account=self._account,
            refresh_token=str(refresh_token),
            obtained_at=now,
            ends_at=now + timedelta(seconds=int(seconds)) if seconds else None,
        )
        return save_authorisation(self._google, given)


class _Quiet(WSGIRequestHandler):
    timeout = 10.0  # a browser that connects ahead and says nothing must not hold up the one that speaks

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the query holds a secret."""


def _unused_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


def _text(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
