"""How the accounts log in: a password or OAuth2, each with what it needs and without what it does not."""

from __future__ import annotations

from mailbox_ingest.config import Config, GoogleConfig, Secret
from mailbox_ingest.config_file.build import Source
from mailbox_ingest.errors import ConfigurationError

_WAYS = ("password", "oauth2")


def check_logins(config: Config, source: Source) -> None:
    """Raises ConfigurationError at the first account that could not log in."""
    for index, box in enumerate(config.mailboxes):
        where = f"mailboxes[{index}]"
        _check_way(box.auth, box.password, config.google, where, source)
        if box.auth == "password" and box.password is None:
            raise ConfigurationError(
                f"{source.name}: {where}.password_env or {where}.password_file is missing: "
                'expected the name of an environment variable or of a file that holds the secret, or auth = "oauth2"'
            )
    if config.smtp is not None:
        smtp = config.smtp
        _check_way(smtp.auth, smtp.password, config.google, "smtp", source)
        if smtp.auth == "oauth2" and smtp.user is None:
            raise source.wrong("smtp.auth", smtp.auth, "smtp.user with it: the account that gives the authorisation")
        if smtp.auth == "password" and (smtp.user is None) != (smtp.password is None):
            raise source.wrong("smtp.user", smtp.user, "user and password_env (or password_file) together, or neither")
    if config.google is not None and not 0.1 <= config.google.timeout_seconds <= 600:
        raise source.wrong("google.timeout_seconds", config.google.timeout_seconds, "a number from 0.1 to 600.0")


def _check_way(auth: str, password: Secret | None, google: GoogleConfig | None, where: str, source: Source) -> None:
    if auth not in _WAYS:
        raise source.wrong(f"{where}.auth", auth, f"one of {', '.join(_WAYS)}")
    if auth == "oauth2" and google is None:
        raise source.wrong(f"{where}.auth", auth, "a [google] table with client_file beside it")
    if auth == "oauth2" and password is not None:
        raise source.wrong(f"{where}.auth", auth, "no password_env and no password_file beside it")
