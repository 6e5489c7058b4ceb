"""Google's token endpoint as far as the program meets it, over HTTPS on loopback: codes and refresh tokens in, access tokens out."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from mailbox_ingest.config import GoogleConfig
from servers.tls import Authority

CLIENT_ID, CLIENT_SECRET = "chuong-trinh.apps.example", "bi-mat-cua-chuong-trinh"


@dataclass(slots=True)
class Google:
    """What the endpoint knows. `good` are the access tokens that mail servers take; `fault` is given once instead of an answer."""

    port: int = 0
    codes: set[str] = field(default_factory=lambda: {"ma-dung"})
    refresh_tokens: set[str] = field(default_factory=set)
    good: set[str] = field(default_factory=set)
    lifetime_seconds: int = 3600
    refresh_lifetime_seconds: int | None = None
    requests: list[dict[str, str]] = field(default_factory=list)
    fault: tuple[int, dict[str, str]] | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def token_uri(self) -> str:
        return f"https://127.0.0.1:{self.port}/token"

    def answer(self, asked: dict[str, str]) -> tuple[int, dict[str, object]]:
        self.requests.append(asked)
        if self.fault is not None:
            status, body = self.fault
            return status, dict(body)
        if (asked.get("client_id"), asked.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client", "error_description": "The OAuth client was not found."}
        access = f"ya29.{next(self._numbers)}"
        answer: dict[str, object] = {
            "access_token": access,
            "expires_in": self.lifetime_seconds,
            "token_type": "Bearer",
            "scope": "https://mail.google.com/",
        }
        if asked.get("grant_type") == "authorization_code" and asked.get("code") in self.codes:
            self.codes.discard(asked["code"])
            answer["refresh_token"] = f"1//{next(self._numbers)}"
            self.refresh_tokens.add(str(answer["refresh_token"]))
            if self.refresh_lifetime_seconds is not None:
                answer["refresh_token_expires_in"] = self.refresh_lifetime_seconds
        elif asked.get("grant_type") != "refresh_token" or asked.get("refresh_token") not in self.refresh_tokens:
            return 400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
        self.good.add(access)
        return 200, answer


@contextmanager
def running(context: ssl.SSLContext) -> Iterator[Google]:
    google = Google()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            status, body = google.answer({key: values[0] for key, values in form.items()})
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    google.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield google
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture
def google(trusted: Authority) -> Iterator[Google]:
    with running(trusted.server()) as server:
        yield server


@pytest.fixture
def google_config(google: Google, tmp_path: Path) -> GoogleConfig:
    """A client file as Google's console gives it, for that endpoint; nobody has given an authorisation yet."""
    client = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "auth_uri": f"https://127.0.0.1:{google.port}/auth",
        "token_uri": google.token_uri,
        "redirect_uris": ["http://localhost"],
    }
    path = tmp_path / "google-client.json"
    path.write_text(json.dumps({"installed": client}), encoding="utf-8")
    return GoogleConfig(client_file=str(path), tokens_dir=str(tmp_path / "google-tokens"), timeout_seconds=30)


def authorise(google: Google, config: GoogleConfig, account: str, *, obtained_at: str = "2020-08-01T00:00:00+00:00") -> Path:
    """A token file as `auth google` leaves it."""
    refresh_token = f"1//da-cap-cho-{account}"
    google.refresh_tokens.add(refresh_token)
    folder = Path(config.tokens_dir)
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{account}.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps({"account": account, "refresh_token": refresh_token, "obtained_at": obtained_at, "ends_at": None}))
    return path
