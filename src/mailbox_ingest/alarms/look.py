"""Looking for what no job reports: a mailbox nobody looks into, a due day without mail, mails that cannot be read."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from mailbox_ingest.alarms.classify import DIGEST, MAILBOX
from mailbox_ingest.alarms.classify import SENDING as SENDS
from mailbox_ingest.alarms.watch import Watch
from mailbox_ingest.calendars import due_of
from mailbox_ingest.config import Config
from mailbox_ingest.model import AuthResult
from mailbox_ingest.model.alarms import AlarmKind, Trouble
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.store.operations.alarms import open_alarms
from mailbox_ingest.store.operations.health import held_mails, last_message_at, latest_authentication, quarantined_since
from mailbox_ingest.store.operations.polls import last_successful_poll
from mailbox_ingest.store.outgoing.gates import REPLIES, SENDING, closed_gates

NO_MAIL, UNREAD, SILENT, GATE, PROOF, HELD = "mail", "unread", "silence:", "gate:", "proof:", "held"
LATEST = 8  # mails without an exception: one office without SPF and DKIM is no reason
_UNREAD_SPAN = timedelta(hours=1)


def look(session: Session, config: Config, watch: Watch, *, now: datetime) -> list[tuple[str, Trouble | None]]:
    """What is found: (key, trouble), or (key, None) for what is well. Raises what the store raises."""
    found = [*_gone(session, config, watch), *_silence(session, config, watch, now), *_expected_mail(session, config, now)]
    return [*found, *_unread(session, config, now), *_unproven(session, config), *_held(session), *_gates(session, now)]


def _gone(session: Session, config: Config, watch: Watch) -> list[tuple[str, Trouble | None]]:
    """Alarms of what the configuration does not name any more: nothing will ever do well under their keys."""
    mailboxes, digests = {box.name for box in config.mailboxes}, {item.name for item in config.digests}
    named = {f"{prefix}{name}" for prefix in (MAILBOX, SILENT, PROOF) for name in mailboxes} | {f"{DIGEST}{name}" for name in digests}
    there = {
        SENDS: config.smtp is not None,
        "deliver": config.smtp is not None,
        "remind": bool(config.reminders),
        "upward": bool(config.upward),
        "backup": config.backup is not None,
    }
    keys = {alarm.key for alarm in (*open_alarms(session), *watch.remembered())}
    return [(key, None) for key in sorted(keys) if not there.get(key, key in named or not key.startswith((MAILBOX, SILENT, PROOF, DIGEST)))]


def _silence(session: Session, config: Config, watch: Watch, now: datetime) -> list[tuple[str, Trouble | None]]:
    """Mailboxes without a successful look for too long. Not those whose alarm says already why."""
    explained = {alarm.key for alarm in (*open_alarms(session), *watch.remembered())}
    limit = timedelta(minutes=config.alarms.no_poll_minutes)
    found: list[tuple[str, Trouble | None]] = []
    for mailbox in config.mailboxes:
        poll = last_successful_poll(session, mailbox.name)
        since = watch.started_at if poll is None else max(watch.started_at, poll.finished_at)
        key = f"{SILENT}{mailbox.name}"
        if now - since <= limit:
            if poll is not None and now - poll.finished_at <= limit:
                found.append((key, None))
        elif f"{MAILBOX}{mailbox.name}" not in explained:
            last = "never" if poll is None else poll.finished_at.isoformat(timespec="minutes")
            detail = f"no successful look into the mailbox {mailbox.name} for {config.alarms.no_poll_minutes} minutes; the last one: {last}"
            found.append((key, Trouble(key=key, kind=AlarmKind.MAILBOX_SILENT, detail=detail)))
    return found


def _expected_mail(session: Session, config: Config, now: datetime) -> list[tuple[str, Trouble | None]]:
    """On a day when a form's reports are due some mail must have come. The alarm ends with the next mail, on whatever day."""
    local = now.astimezone(LOCAL_ZONE)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    newest = last_message_at(session)
    waiting = next((alarm for alarm in open_alarms(session) if alarm.key == NO_MAIL), None)
    if waiting is not None:
        return [(NO_MAIL, None)] if newest is not None and newest > waiting.first_seen_at else []
    alarms = config.alarms
    due = [form.name for form in config.forms if _due_today(config, form.name, local)]
    if not (alarms.expected_mail and config.mailboxes and due and local.time() >= alarms.expected_mail_by):
        return []
    if newest is None or newest >= midnight:  # an empty ledger is a service that has just been set up
        return []
    detail = f"reports of {', '.join(due)} are due today, and no mail at all has come since {newest.isoformat(timespec='minutes')}"
    return [(NO_MAIL, Trouble(key=NO_MAIL, kind=AlarmKind.NO_MAIL, detail=detail))]


def _due_today(config: Config, form: str, local: datetime) -> bool:
    """Deadlines move by holidays and by hand, at most into a neighbouring week."""
    calendar, here = config.form(form).calendar, Period.at(local)
    first = None if calendar.first_period is None else Period.parse(calendar.first_period)
    weeks = [week for week in (here.shifted(-1), here, here.shifted(1)) if first is None or week >= first]
    return any(due_of(calendar, week).astimezone(LOCAL_ZONE).date() == local.date() for week in weeks)


def _unread(session: Session, config: Config, now: datetime) -> list[tuple[str, Trouble | None]]:
    count = quarantined_since(session, now - _UNREAD_SPAN)
    if count >= config.alarms.unread_messages_per_hour:
        detail = f"{count} messages within an hour could not be read after three attempts each: they wait for a person"
        return [(UNREAD, Trouble(key=UNREAD, kind=AlarmKind.MESSAGES_UNREAD, detail=detail))]
    return [] if count else [(UNREAD, None)]


def _unproven(session: Session, config: Config) -> list[tuple[str, Trouble | None]]:
    """Mailboxes whose latest mails were all held because nothing proves their senders: the provider's word is not understood."""
    found: list[tuple[str, Trouble | None]] = []
    for mailbox in config.mailboxes:
        key, latest = f"{PROOF}{mailbox.name}", latest_authentication(session, mailbox.name, limit=LATEST)
        unproven = [detail for result, detail in latest if result == AuthResult.UNPROVEN.value]
        if config.admission.unproven_senders != "hold" or len(unproven) < len(latest):
            found.append((key, None))
        elif len(latest) == LATEST:
            detail = f"the latest {LATEST} mails of {mailbox.name} were held, nothing proves their senders; the last one: {unproven[0]}"
            found.append((key, Trouble(key=key, kind=AlarmKind.SENDERS_UNPROVEN, detail=detail)))
    return found


def _held(session: Session) -> list[tuple[str, Trouble | None]]:
    number, why = held_mails(session)
    detail = f"{number} mails of the outbox wait for a person; the latest: {why}"
    return [(HELD, Trouble(key=HELD, kind=AlarmKind.MAILS_HELD, detail=detail) if number else None)]


def _gates(session: Session, now: datetime) -> list[tuple[str, Trouble | None]]:
    """What stops the outbox, whoever closed it."""
    closed = {gate.gate: gate for gate in closed_gates(session, now=now)}
    found: list[tuple[str, Trouble | None]] = []
    for name, kind in ((SENDING, AlarmKind.SENDING_PAUSED), (REPLIES, AlarmKind.REPLIES_STOPPED)):
        key, gate = f"{GATE}{name}", closed.get(name)
        until = "" if gate is None or gate.until is None else f" (until {gate.until.isoformat(timespec='minutes')})"
        found.append((key, None if gate is None else Trouble(key=key, kind=kind, detail=f"{gate.reason}{until}")))
    return found
