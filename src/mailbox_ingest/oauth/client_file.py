"""The OAuth client as Google's console gives it: a JSON file that also names the endpoints. Refuses anything but a 'Desktop app' client."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mailbox_ingest.config import GoogleConfig
from mailbox_ingest.errors import ConfigurationError

SCOPE = "https://mail.google.com/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    client_id: str
    client_secret: str = field(repr=False)
    auth_uri: str
    token_uri: str

    def as_google_has_it(self) -> dict[str, Any]:
        facts = {name: getattr(self, name) for name in ("client_id", "client_secret", "auth_uri", "token_uri")}
        return {"installed": {**facts, "redirect_uris": ["http://localhost"]}}


def load_client(google: GoogleConfig) -> Client:
    """Raises ConfigurationError."""
    where = f"google.client_file = {google.client_file!r}"
    try:
        found = json.loads(Path(google.client_file).read_text(encoding="utf-8"))["installed"]
        client = Client(
            client_id=str(found["client_id"]),
            client_secret=str(found["client_secret"]),
            auth_uri=str(found["auth_uri"]),
            token_uri=str(found["token_uri"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"{where}: expected the JSON file of an OAuth client of type 'Desktop app', from Google's console ({type(error).__name__})"
        ) from error
    if not (client.auth_uri.startswith("https://") and client.token_uri.startswith("https://")):
        raise ConfigurationError(f"{where}: auth_uri and token_uri: expected https:// addresses")
    return client
