"""Alarms put together: the configured channels, the watch, and what it does every minute."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.alarms import Channel, Notice, Watch
from mailbox_ingest.alarms.classify import SENDING
from mailbox_ingest.alarms.look import look
from mailbox_ingest.alarms.mail import notice_mail
from mailbox_ingest.alarms.notices import TEST
from mailbox_ingest.config import AlarmMailConfig, AlarmsConfig, Config, Secret, SmtpConfig
from mailbox_ingest.delivery import Delivered
from mailbox_ingest.errors import MailboxIngestError, NoticeNotSent, StoreBusy, StoreUnavailable, SubmissionPaused
from mailbox_ingest.smtp import SmtpSubmitter
from mailbox_ingest.webhook import post_json

_LOOKING = "watch"  # the minute's look itself, as something that may fail


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChannel:
    address: Secret
    text_only: bool
    timeout_seconds: float
    name: str = "webhook"

    def send(self, notice: Notice) -> None:
        fields = {"text": notice.text} if self.text_only else notice.fields()
        post_json(self.address, fields, timeout_seconds=self.timeout_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailChannel:
    config: AlarmMailConfig
    name: str = "mail"

    def send(self, notice: Notice) -> None:
        config = self.config
        account = SmtpConfig(
            host=config.host,
            port=config.port,
            security=config.security,
            user=config.user,
            password=config.password,
            sender=config.sender,
            sender_name="mailbox-ingest",
            timeout_seconds=config.timeout_seconds,
        )
        data = notice_mail(notice, sender=config.sender, recipients=config.recipients)
        try:
            with SmtpSubmitter(account).connected() as connection:
                connection.send(config.sender, config.recipients, data)
        except MailboxIngestError as error:
            raise NoticeNotSent(str(error)) from error


def channels(config: AlarmsConfig) -> tuple[Channel, ...]:
    found: list[Channel] = []
    if config.webhook_url is not None:
        url, seconds = config.webhook_url, config.webhook_timeout_seconds
        found.append(WebhookChannel(address=url, text_only=config.webhook_text_only, timeout_seconds=seconds))
    if config.smtp is not None:
        found.append(MailChannel(config=config.smtp))
    return tuple(found)


def new_watch(config: Config, clock: Callable[[], datetime]) -> Watch:
    """A watch that does not know a database yet."""
    who = config.organisation.short_name
    return Watch(config=config.alarms, channels=channels(config.alarms), clock=clock, who=who, host=socket.gethostname())


def report_delivery(watch: Watch, result: Delivered) -> None:
    """A run that had nothing to send says nothing about the server, but where nothing waits any more (a person dropped it) nobody need act.

    Of a pause the outbox's gate tells.
    """
    if isinstance(result.problem, SubmissionPaused):
        return
    if result.problem is not None:
        watch.report(SENDING, result.problem)
    elif result.sent or result.failed or result.empty:
        watch.report(SENDING, None)


def every_minute(config: Config, watch: Watch, snapshots: sessionmaker[Session], *, now: datetime) -> int:
    """Looks for what no job reports, then tells what is due; gives the number of notices. Raises nothing for a database that is away."""
    try:
        with snapshots.begin() as session:
            found = look(session, config, watch, now=now)
    except (StoreBusy, StoreUnavailable) as error:
        watch.report(_LOOKING, error)
    else:
        for key, trouble in found:
            if trouble is None:
                watch.clear(key)
            else:
                watch.trouble(trouble)
        watch.report(_LOOKING, None)
    return watch.tell()


def try_channels(config: Config) -> tuple[tuple[str, str | None], ...]:
    """A test notice by every channel: its name, and why it did not take it (None: it did)."""
    notice = Notice(event=TEST, alarm=None, who=config.organisation.short_name, host=socket.gethostname(), at=datetime.now(UTC))
    found: list[tuple[str, str | None]] = []
    for channel in channels(config.alarms):
        try:
            channel.send(notice)
            found.append((channel.name, None))
        except NoticeNotSent as error:
            found.append((channel.name, str(error)))
    return tuple(found)
