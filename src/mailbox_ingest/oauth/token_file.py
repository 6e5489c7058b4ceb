"""One account's refresh token in a file of its own, mode 0600. A file that others on this machine may read is refused."""

from __future__ import annotations

import json
import os
import re
import stat
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mailbox_ingest.config import GoogleConfig
from mailbox_ingest.errors import ConfigurationError, TokenRevoked

_NOT_IN_NAMES = re.compile(r"[^a-z0-9@._+-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorisation:
    """What the account's owner gave. `ends_at`: when it ends, where Google said so (consent screens in 'Testing')."""

    account: str
    refresh_token: str = field(repr=False)
    obtained_at: datetime
    ends_at: datetime | None = None


def token_path(google: GoogleConfig, account: str) -> Path:
    return Path(google.tokens_dir) / (_NOT_IN_NAMES.sub("_", account.lower()).lstrip(".") + ".json")


def load_authorisation(google: GoogleConfig, account: str) -> Authorisation:
    """Raises TokenRevoked where nobody gave one yet, ConfigurationError for a file that is damaged or readable by others."""
    path = token_path(google, account)
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read()
    except FileNotFoundError as error:
        raise TokenRevoked(
            f"{account} has not authorised this program yet: run `mailbox-ingest auth google --account {account}`"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: expected a token file that this user can read ({type(error).__name__})") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(f"{path}: others on this machine may read the refresh token: expected mode 0600 (chmod 600 {path})")
    try:
        found = json.loads(text)
        ends_at = found.get("ends_at")
        return Authorisation(
            account=str(found["account"]),
            refresh_token=str(found["refresh_token"]),
            obtained_at=datetime.fromisoformat(found["obtained_at"]),
            ends_at=None if ends_at is None else datetime.fromisoformat(ends_at),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{path}: expected a token file as `mailbox-ingest auth google` writes it: run that again") from error


def save_authorisation(google: GoogleConfig, given: Authorisation) -> Path:
    """Written whole or not at all, never readable by others, not even for a moment. Raises ConfigurationError."""
    path = token_path(google, given.account)
    text = json.dumps(
        {
            "account": given.account,
            "refresh_token": given.refresh_token,
            "obtained_at": given.obtained_at.isoformat(),
            "ends_at": None if given.ends_at is None else given.ends_at.isoformat(),
        },
        indent=1,
    )
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        raise ConfigurationError(f"google.tokens_dir = {google.tokens_dir!r}: expected a folder that can be written ({error})") from error
    return path
