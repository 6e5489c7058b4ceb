"""Runs the reminders whose time has come, and shows them without sending. A moment runs once, whoever runs it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import Config, ReminderConfig
from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.model import Mailbox, OutgoingMail
from mailbox_ingest.periods import Period
from mailbox_ingest.reminders.debts import by_address, debts, silences
from mailbox_ingest.reminders.mails import Desk, escalation_mails, reminder_mails
from mailbox_ingest.reminders.plan import Moment, current, is_day_off, moments
from mailbox_ingest.render.templates import Templates, shipped
from mailbox_ingest.store.operations.jobs import claim_job_run, find_job_run, finish_job_run
from mailbox_ingest.store.outgoing.outbox import queue_mail
from mailbox_ingest.store.outgoing.reminders import last_threads
from mailbox_ingest.store.registry.contacts import dead_addresses

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """A unit that owes and cannot be reminded: the operator must find another way. `reason` is English."""

    unit: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """One moment that was run. `mails` are those queued (or that would be)."""

    moment: Moment
    mails: tuple[OutgoingMail, ...]
    unreachable: tuple[Unreachable, ...]


def remind(
    sessions: sessionmaker[Session],
    config: Config,
    now: datetime,
    *,
    since: datetime | None = None,
    snapshots: sessionmaker[Session] | None = None,
) -> tuple[Reminded, ...]:
    """Queues the reminders that are due at `now`, each moment once. Nothing is sent from here.

    Moments before `since` (the start of service) are left out. `snapshots` give read-only sessions: no writer waits while letters are
    written. Raises ConfigurationError when no outgoing address is configured.
    """
    done: list[Reminded] = []
    for desk, moment in _due(config, now, since):
        job = f"reminder:{moment.form}:{moment.period}:{moment.offset_hours}"
        with (snapshots or sessions).begin() as session:
            run = find_job_run(session, job, moment.at)
            if run is not None and run.state == "done":
                continue
            round_ = _round(session, desk, moment, since)
        # What was written in between is found before delivery, by `withdraw_settled`.
        with sessions.begin() as session:
            if not claim_job_run(session, job, moment.at, now=now):
                continue
            queued = tuple(mail for mail in round_.mails if queue_mail(session, mail, now=now) is not None)
            finish_job_run(session, job, moment.at, now=now)
        found = replace(round_, mails=queued)
        _log(found)
        done.append(found)
    return tuple(done)


def preview_reminders(
    snapshots: sessionmaker[Session], config: Config, now: datetime, *, since: datetime | None = None, period: Period | None = None
) -> tuple[Reminded, ...]:
    """What `remind` would queue at `now` if it had not run yet; with `period`, every reminder of that week as debts stand now."""
    if period is None:
        chosen = list(_due(config, now, since))
    else:
        desks = (desk_of(config, reminder) for reminder in config.reminders)
        chosen = [(desk, moment) for desk in desks for moment in moments(desk.form, desk.reminder, period)]
    with snapshots.begin() as session:
        return tuple(_round(session, desk, moment, since) for desk, moment in chosen)


def _due(config: Config, now: datetime, since: datetime | None) -> list[tuple[Desk, Moment]]:
    found: list[tuple[Desk, Moment]] = []
    for reminder in config.reminders:
        desk = desk_of(config, reminder)
        if not is_day_off(desk.form, reminder, now):
            found += [(desk, moment) for moment in current(desk.form, reminder, now, since=since)]
    return found


def _round(session: Session, desk: Desk, moment: Moment, since: datetime | None) -> Reminded:
    """The mails of one moment, as debts stand now."""
    owed = debts(session, desk.form, moment.period)
    dead = dead_addresses(session)
    reachable = {email: items for email, items in by_address(owed).items() if email not in dead}
    mails = list(reminder_mails(desk, moment, reachable, last_threads(session, reachable)))
    if moment.last and desk.reminder.escalate_after_weeks:
        silent = silences(session, desk.form, moment.period, (debt.unit for debt in owed), since=since)
        mails += escalation_mails(desk, moment, silent, dead)
    lost = [debt.unit for debt in owed if not any(email in reachable for email in debt.unit.emails)]
    unreachable = tuple(
        Unreachable(unit=unit.code, reason="; ".join(f"{email}: {dead[email]}" for email in unit.emails) or "no address is registered")
        for unit in lost
    )
    return Reminded(moment=moment, mails=tuple(mails), unreachable=unreachable)


def desk_of(config: Config, reminder: ReminderConfig) -> Desk:
    """Raises ConfigurationError when no outgoing address is configured."""
    if config.smtp is None:
        raise ConfigurationError("smtp: reminders need an address to come from; configure [smtp] with sender and sender_name")
    return Desk(
        form=config.form(reminder.form),
        reminder=reminder,
        organisation=config.organisation,
        sender=Mailbox(email=config.smtp.sender.lower(), name=config.smtp.sender_name),
        templates=Templates(Path(config.templates_dir)) if config.templates_dir else shipped(),
    )


def _log(done: Reminded) -> None:
    moment = done.moment
    extra = {"form": moment.form, "period": str(moment.period), "offset_hours": moment.offset_hours, "mails": len(done.mails)}
    LOG.info("reminders_queued", extra=extra)
    for item in done.unreachable:
        LOG.warning("reminder_unreachable", extra={"unit": item.unit, "reason": item.reason})
