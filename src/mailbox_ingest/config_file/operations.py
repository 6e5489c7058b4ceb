"""What the options of alarms, monitoring and backups must be together."""

from __future__ import annotations

from urllib.parse import urlsplit

from mailbox_ingest.config import AlarmsConfig, Config
from mailbox_ingest.config_file.build import Source
from mailbox_ingest.config_file.values import addresses, between, connection, is_loopback
from mailbox_ingest.errors import ConfigurationError


def check_operations(config: Config, source: Source) -> None:
    """Raises ConfigurationError at the first option that cannot work; never shows the webhook's address, which carries a token."""
    _check_alarms(config.alarms, source)
    if config.alarms.no_poll_minutes < 2 * config.schedule.poll_minutes:
        expected = f"at least twice schedule.poll_minutes ({config.schedule.poll_minutes}), or every look would come too late"
        raise source.wrong("alarms.no_poll_minutes", config.alarms.no_poll_minutes, expected)
    if config.monitoring is not None:
        between(config.monitoring.port, 1, 65_535, "monitoring.port", source)
        if not config.monitoring.allow_remote and not is_loopback(config.monitoring.host):
            expected = (
                "an address of this machine such as 127.0.0.1; for another one set allow_remote = true: anybody who reaches it can read it"
            )
            raise source.wrong("monitoring.host", config.monitoring.host, expected)
    if config.backup is not None:
        between(config.backup.keep, 1, 10_000, "backup.keep", source)


def _check_alarms(alarms: AlarmsConfig, source: Source) -> None:
    if alarms.webhook_url is not None:
        target = urlsplit(alarms.webhook_url.reveal())
        here = target.scheme == "http" and is_loopback(target.hostname or "")
        if not target.hostname or not (target.scheme == "https" or here):
            raise ConfigurationError(
                f"{source.name}: alarms.webhook_url: expected an address that begins with https:// (http:// on this machine only)"
            )
    between(alarms.webhook_timeout_seconds, 0.1, 120.0, "alarms.webhook_timeout_seconds", source)
    between(alarms.patience_minutes, 0, 1440, "alarms.patience_minutes", source)
    between(alarms.remind_hours, 0, 720, "alarms.remind_hours", source)
    between(alarms.quiet_minutes, 0, 1440, "alarms.quiet_minutes", source)
    between(alarms.no_poll_minutes, 1, 10_080, "alarms.no_poll_minutes", source)
    between(alarms.unread_messages_per_hour, 1, 10_000, "alarms.unread_messages_per_hour", source)
    mail = alarms.smtp
    if mail is None:
        return
    connection(mail.host, mail.port, mail.security, "alarms.smtp", source)
    addresses((mail.sender,), "alarms.smtp.sender", source)
    if not mail.recipients:
        raise source.wrong("alarms.smtp.recipients", [], "at least one address")
    addresses(mail.recipients, "alarms.smtp.recipients", source)
    if (mail.user is None) != (mail.password is None):
        raise source.wrong("alarms.smtp.user", mail.user, "user and password_env (or password_file) together, or neither")
    between(mail.timeout_seconds, 0.1, 600.0, "alarms.smtp.timeout_seconds", source)
