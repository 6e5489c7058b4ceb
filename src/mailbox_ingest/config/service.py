"""How the service runs: schedule, web desk, alarms, monitoring, backup."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from mailbox_ingest.config.mail import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleConfig:
    poll_minutes: int = 5
    deliver_minutes: int = 1
    misfire_grace_hours: int = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleConfig:
    """The web desk. `hosts` are the names browsers may ask for it by; `https` says that people reach it through TLS (a reverse proxy)."""

    host: str = "127.0.0.1"
    port: int = 8650
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    https: bool = False
    trusted_proxies: tuple[str, ...] = ()  # whose X-Forwarded-For is believed
    idle_minutes: int = 60
    session_hours: int = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmMailConfig:
    """Alarms by mail, through an account of its own: the outbox may be what is in trouble. `security` as in [smtp]."""

    host: str
    sender: str
    recipients: tuple[str, ...]
    user: str | None = None
    password: Secret | None = None
    port: int = 587
    security: str = "starttls"
    timeout_seconds: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmsConfig:
    """When the operator is told of a trouble, and by which channels besides the log."""

    webhook_url: Secret | None = None  # such addresses carry a token
    webhook_text_only: bool = False  # only {"text": …}, for services that refuse other fields
    webhook_timeout_seconds: float = 10.0
    patience_minutes: int = 15  # what often passes by itself (no connection, a busy database) is told after so long
    remind_hours: int = 24  # an alarm that stays open is told again; 0: never
    quiet_minutes: int = 60  # one that comes and goes is not told to have opened more often
    no_poll_minutes: int = 60  # so long without one successful look into a mailbox is an alarm
    expected_mail: bool = True  # on a day when reports are due, no mail at all until `expected_mail_by` is an alarm
    expected_mail_by: time = time(15, 0)
    unread_messages_per_hour: int = 5  # so many mails that could not be read after three attempts are an alarm
    smtp: AlarmMailConfig | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringConfig:
    """/healthz and /metrics, served by `run`. Other hosts than this machine only with `allow_remote`: there is no password."""

    port: int
    host: str = "127.0.0.1"
    allow_remote: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupConfig:
    """The daily copy of the database that `run` makes."""

    folder: str
    at: time = time(2, 30)
    keep: int = 14
