"""What the options must be together: ranges, names that refer to each other, where an unencrypted connection is allowed."""

from __future__ import annotations

import ipaddress
import re
from datetime import timedelta
from decimal import Decimal

from mailbox_ingest.calendars import HOLIDAY_RULES, public_holidays
from mailbox_ingest.config import (
    Config,
    ConsoleConfig,
    DigestConfig,
    FormConfig,
    ImapConfig,
    LimitsConfig,
    OutboxConfig,
    ReminderConfig,
    ScheduleConfig,
    SmtpConfig,
    UpwardConfig,
)
from mailbox_ingest.config_file.build import Source
from mailbox_ingest.config_file.logins import check_logins
from mailbox_ingest.config_file.values import addresses as _addresses
from mailbox_ingest.config_file.values import between as _between
from mailbox_ingest.config_file.values import connection as _connection
from mailbox_ingest.config_file.values import is_loopback
from mailbox_ingest.config_file.values import one_of as _one_of
from mailbox_ingest.config_file.values import unique as _unique
from mailbox_ingest.periods import Period

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


def check_config(config: Config, source: Source) -> None:
    """Raises ConfigurationError at the first option that cannot work."""
    if not config.forms:
        raise source.wrong("forms", [], 'at least one form, for example ["bluezone"]')
    _unique((form.name for form in config.forms), "forms", source)
    _unique((box.name for box in config.mailboxes), "mailboxes", source)
    _unique((digest.name for digest in config.digests), "digests", source)
    for index, box in enumerate(config.mailboxes):
        _check_mailbox(box, f"mailboxes[{index}]", source)
    check_logins(config, source)
    if config.smtp is not None:
        _check_smtp(config.smtp, source)
    _check_outbox(config.outbox, source)
    for index, digest in enumerate(config.digests):
        _check_digest(digest, config, f"digests[{index}]", source)
    _unique((item.name for item in config.upward), "upward", source)
    for index, upward in enumerate(config.upward):
        _check_upward(upward, config, f"upward[{index}]", source)
    _unique((item.form for item in config.reminders), "reminders", source)
    for index, item in enumerate(config.reminders):
        _check_reminder(item, config, f"reminders[{index}]", source)
    if config.reminders and config.smtp is not None:
        _leave_room_for_reminders(config.smtp, source)
    _check_schedule(config.schedule, source)
    _one_of(config.admission.unknown_senders, ("accept", "hold"), "admission.unknown_senders", source)
    _one_of(config.admission.unproven_senders, ("accept", "hold"), "admission.unproven_senders", source)
    _between(config.admission.max_replies_per_address_24h, 0, 1000, "admission.max_replies_per_address_24h", source)
    _between(config.admission.max_replies_per_thread_24h, 0, 1000, "admission.max_replies_per_thread_24h", source)
    _between(config.admission.max_error_replies_24h, 0, 1000, "admission.max_error_replies_24h", source)
    _addresses(config.admission.own_addresses, "admission.own_addresses", source)
    _check_limits(config.limits, source)
    if config.console is not None:
        _check_console(config.console, source)


def check_form(form: FormConfig, where: str, source: Source) -> None:
    """A form's own sense: names refer to fields that exist, dates and thresholds can be used."""
    names = [item.name for item in form.fields]
    if not names:
        raise source.wrong(f"{where}.fields", [], "at least one field")
    for name in (form.name, *names, *(rate.name for rate in form.rates)):
        if not _NAME.fullmatch(name):
            raise source.wrong(f"{where}.name", name, "lower-case letters, digits, '-' and '_'")
    _unique(names, f"{where}.fields", source)
    _unique((rate.name for rate in form.rates), f"{where}.rates", source)
    for index, item in enumerate(form.fields):
        if not item.labels or not all(item.labels):
            raise source.wrong(f"{where}.fields[{index}].labels", list(item.labels), "at least one list of phrases, none of them empty")
        if item.part_of is not None:
            _one_of(item.part_of, [name for name in names if name != item.name], f"{where}.fields[{index}].part_of", source)
    _refuse_circles(form, where, source)
    for index, rate in enumerate(form.rates):
        _one_of(rate.numerator, names, f"{where}.rates[{index}].numerator", source)
        _one_of(rate.denominator, names, f"{where}.rates[{index}].denominator", source)
    if form.headline_rate is not None:
        _one_of(form.headline_rate, [rate.name for rate in form.rates], f"{where}.headline_rate", source)
    _check_calendar(form, f"{where}.calendar", source)
    rules = form.rules
    for name in ("large_change_ratio", "hold_large_change_ratio"):
        _between(getattr(rules, name), Decimal(0), Decimal(100), f"{where}.rules.{name}", source)
    if rules.hold_large_change_ratio < rules.large_change_ratio:
        raise source.wrong(f"{where}.rules.hold_large_change_ratio", str(rules.hold_large_change_ratio), "not less than large_change_ratio")
    _between(rules.large_change_floor, 0, 10**9, f"{where}.rules.large_change_floor", source)
    _between(rules.percentage_tolerance_points, Decimal(0), Decimal(100), f"{where}.rules.percentage_tolerance_points", source)
    _between(rules.min_confidence, 0.5, 1.0, f"{where}.rules.min_confidence", source)
    _between(rules.max_value, 1, 10**12, f"{where}.rules.max_value", source)
    _between(rules.same_numbers_weeks, 0, 104, f"{where}.rules.same_numbers_weeks", source)


def _check_calendar(form: FormConfig, where: str, source: Source) -> None:
    calendar = form.calendar
    _between(calendar.due_weekday, 1, 7, f"{where}.due_weekday", source)
    _between(calendar.late_days_after_week_end, 0, 6, f"{where}.late_days_after_week_end", source)
    for text in calendar.due_overrides:
        _period(text, f'{where}.due_overrides."{text}"', source)
    if calendar.first_period is not None:
        _period(calendar.first_period, f"{where}.first_period", source)
    _one_of(calendar.holiday_rule, HOLIDAY_RULES, f"{where}.holiday_rule", source)
    if calendar.holidays:
        try:
            public_holidays(calendar.holidays, 2020)
        except ValueError as error:
            raise source.wrong(f"{where}.holidays", calendar.holidays, "a country code such as VN, or an empty text for none") from error


def _refuse_circles(form: FormConfig, where: str, source: Source) -> None:
    for index, item in enumerate(form.fields):
        seen, whole = {item.name}, item.part_of
        while whole is not None:
            if whole in seen:
                raise source.wrong(f"{where}.fields[{index}].part_of", item.part_of, "a field that is not, in the end, part of this one")
            seen.add(whole)
            whole = form.field(whole).part_of


def _check_mailbox(box: ImapConfig, where: str, source: Source) -> None:
    _connection(box.host, box.port, box.security, where, source)
    _addresses((box.address,), f"{where}.address", source)
    if not box.folders:
        raise source.wrong(f"{where}.folders", [], 'at least one folder, for example ["INBOX"]')
    _between(box.connect_timeout_seconds, 0.1, 600.0, f"{where}.connect_timeout_seconds", source)
    _between(box.read_timeout_seconds, 0.1, 3600.0, f"{where}.read_timeout_seconds", source)
    _between(box.batch_messages, 1, 10_000, f"{where}.batch_messages", source)
    _between(box.max_message_bytes, 1_000, 1_000_000_000, f"{where}.max_message_bytes", source)
    _between(box.download_budget_bytes_24h, box.max_message_bytes, 10**13, f"{where}.download_budget_bytes_24h", source)
    _one_of(box.filing, ("labels", "keywords", "off"), f"{where}.filing", source)


def _check_smtp(smtp: SmtpConfig, source: Source) -> None:
    _connection(smtp.host, smtp.port, smtp.security, "smtp", source)
    _addresses((smtp.sender,), "smtp.sender", source)
    _between(smtp.timeout_seconds, 0.1, 600.0, "smtp.timeout_seconds", source)
    _between(smtp.budget_24h_recipients, 1, 1_000_000, "smtp.budget_24h_recipients", source)
    _between(smtp.reserved_for_digest, 0, smtp.budget_24h_recipients, "smtp.reserved_for_digest", source)
    _between(smtp.reserved_for_receipts, 0, 1_000_000, "smtp.reserved_for_receipts", source)


def _check_outbox(outbox: OutboxConfig, source: Source) -> None:
    if outbox.breaker_replies is not None:
        _between(outbox.breaker_replies, 1, 100_000, "outbox.breaker_replies", source)
    _between(outbox.breaker_same_reply, 1, 1000, "outbox.breaker_same_reply", source)
    _between(outbox.breaker_minutes, 1, 1440, "outbox.breaker_minutes", source)
    _between(outbox.pause_minutes, 1, 1440, "outbox.pause_minutes", source)
    _one_of(outbox.when_uncertain, ("hold", "resend"), "outbox.when_uncertain", source)


def _check_digest(digest: DigestConfig, config: Config, where: str, source: Source) -> None:
    _one_of(digest.form, [form.name for form in config.forms], f"{where}.form", source)
    if not digest.recipients:
        raise source.wrong(f"{where}.recipients", [], "at least one address")
    _addresses(digest.recipients, f"{where}.recipients", source)
    _between(digest.weekday, 1, 7, f"{where}.weekday", source)


def _check_upward(upward: UpwardConfig, config: Config, where: str, source: Source) -> None:
    if not _NAME.fullmatch(upward.name):
        raise source.wrong(f"{where}.name", upward.name, "lower-case letters, digits, '-' and '_'")
    _one_of(upward.form, [form.name for form in config.forms], f"{where}.form", source)
    if not upward.recipients:
        raise source.wrong(f"{where}.recipients", [], "at least one address")
    _addresses(upward.recipients, f"{where}.recipients", source)
    if not upward.to.strip():
        raise source.wrong(f"{where}.to", upward.to, "whom the report addresses")
    if not upward.since <= upward.until <= upward.since + timedelta(days=364):
        raise source.wrong(f"{where}.until", upward.until.isoformat(), "a day not before `since`, and within a year after it")
    for name in ("due", "draft_at"):
        if getattr(upward, name).tzinfo is None:
            raise source.wrong(
                f"{where}.{name}", getattr(upward, name).isoformat(), "a moment with its zone such as 2020-08-28T08:00:00+07:00"
            )
    if upward.draft_at > upward.due:
        raise source.wrong(f"{where}.draft_at", upward.draft_at.isoformat(), "a moment not after `due`")
    _one_of(upward.release, ("human", "automatic"), f"{where}.release", source)


def _check_reminder(reminder: ReminderConfig, config: Config, where: str, source: Source) -> None:
    _one_of(reminder.form, [form.name for form in config.forms], f"{where}.form", source)
    if not reminder.offsets_hours:
        raise source.wrong(f"{where}.offsets_hours", [], "at least one number of hours, for example [-32, 0, 64]")
    for hours in reminder.offsets_hours:
        _between(hours, -168, 336, f"{where}.offsets_hours", source)
    _unique((str(hours) for hours in reminder.offsets_hours), f"{where}.offsets_hours", source)
    _between(reminder.grace_hours, 1, 168, f"{where}.grace_hours", source)
    _between(reminder.escalate_after_weeks, 0, 52, f"{where}.escalate_after_weeks", source)
    _addresses(reminder.escalate_to, f"{where}.escalate_to", source)
    if reminder.escalate_after_weeks and not reminder.escalate_to:
        raise source.wrong(f"{where}.escalate_to", [], "at least one address, or escalate_after_weeks = 0")
    if reminder.escalate_after_weeks and max(reminder.offsets_hours) < 0:
        raise source.wrong(f"{where}.offsets_hours", list(reminder.offsets_hours), "one at or after the deadline: escalation goes with it")


def _leave_room_for_reminders(smtp: SmtpConfig, source: Source) -> None:
    room = smtp.budget_24h_recipients - smtp.reserved_for_digest - smtp.reserved_for_receipts
    if room < 1:
        expected = f"less than budget_24h_recipients less reserved_for_digest, or no reminder is ever sent (there is room for {room})"
        raise source.wrong("smtp.reserved_for_receipts", smtp.reserved_for_receipts, expected)


def _check_schedule(schedule: ScheduleConfig, source: Source) -> None:
    _between(schedule.poll_minutes, 1, 1440, "schedule.poll_minutes", source)
    _between(schedule.deliver_minutes, 1, 1440, "schedule.deliver_minutes", source)
    _between(schedule.misfire_grace_hours, 1, 168, "schedule.misfire_grace_hours", source)


def _check_limits(limits: LimitsConfig, source: Source) -> None:
    _between(limits.workers, 1, 256, "limits.workers", source)
    _between(limits.memory_bytes, 200_000_000, 10**13, "limits.memory_bytes", source)
    for name in LimitsConfig.__dataclass_fields__:
        if getattr(limits, name) <= 0:
            raise source.wrong(f"limits.{name}", getattr(limits, name), "a number above zero")


def _check_console(console: ConsoleConfig, source: Source) -> None:
    if not is_loopback(console.host) and not console.https:
        raise source.wrong(
            "console.host",
            console.host,
            "127.0.0.1: passwords must not cross a network in the clear; put a proxy with TLS before it, https = true",
        )
    _between(console.port, 1, 65_535, "console.port", source)
    if not console.hosts or "*" in console.hosts:
        raise source.wrong("console.hosts", list(console.hosts), 'the names people open it by, for example ["baocao.example.org"]')
    for address in console.trusted_proxies:
        if not _is_address(address):
            raise source.wrong("console.trusted_proxies", address, "the IP address of the reverse proxy, for example 127.0.0.1")
    _between(console.idle_minutes, 1, 1440, "console.idle_minutes", source)
    _between(console.session_hours, 1, 168, "console.session_hours", source)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _period(text: str, where: str, source: Source) -> None:
    try:
        Period.parse(text)
    except ValueError as error:
        raise source.wrong(where, text, "a week such as 2020-W34") from error
