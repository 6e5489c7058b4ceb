"""Reminders that wait in the outbox: taken back when the unit has written or the moment is over, put off on a day off. Sends nothing."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import Config
from mailbox_ingest.periods import Period
from mailbox_ingest.reminders.debts import Debt, by_address, debts, roster
from mailbox_ingest.reminders.mails import ESCALATION, Desk, reminder_mails
from mailbox_ingest.reminders.plan import Moment, is_day_off, moments, next_working_morning
from mailbox_ingest.reminders.run import desk_of
from mailbox_ingest.store.outgoing.lookup import find_mail
from mailbox_ingest.store.outgoing.outbox import queue_mail
from mailbox_ingest.store.outgoing.reminders import WaitingReminder, last_threads, postpone_mail, waiting_reminders, withdraw_mail

LOG = logging.getLogger(__name__)


def withdraw_settled(sessions: sessionmaker[Session], config: Config, now: datetime) -> int:
    """Takes back queued reminders that are pointless: the unit has written meanwhile, or the moment is over. Gives how many.

    A mail for several units of which some still owe is written anew. On a day off what waits is put off to the next working morning.
    """
    with sessions.begin() as session:
        waiting = waiting_reminders(session)
        if not waiting:
            return 0
        look = _Look(session, {reminder.form: desk_of(config, reminder) for reminder in config.reminders}, now)
        withdrawn = sum(look.withdraw(item) for item in waiting)
    if withdrawn:
        LOG.info("reminders_withdrawn", extra={"mails": withdrawn})
    return withdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """Who owes a period now, and which addresses write for several units of its roster."""

    owed: Mapping[str, tuple[Debt, ...]]
    of_several: frozenset[str]


@dataclass(slots=True)
class _Look:
    session: Session
    desks: Mapping[str, Desk]
    now: datetime
    _standings: dict[tuple[str, Period], _Standing] = field(default_factory=dict)

    def withdraw(self, item: WaitingReminder) -> bool:
        """True where the mail is taken back for good."""
        found = self._moment(item)
        if found is None or self.now >= found[1].until:
            return withdraw_mail(self.session, item.id)
        desk, moment = found
        if ESCALATION not in item.key.split(":", 4):
            standing = self._standing(desk, moment.period)
            owed = standing.owed.get(item.recipient, ())
            if not owed:
                return withdraw_mail(self.session, item.id)
            if item.recipient in standing.of_several:
                self._write_anew(desk, moment, item, owed)
        if is_day_off(desk.form, desk.reminder, self.now):
            postpone_mail(self.session, item.id, until=next_working_morning(desk.form, self.now))
        return False

    def _write_anew(self, desk: Desk, moment: Moment, item: WaitingReminder, owed: tuple[Debt, ...]) -> None:
        """Where one of a person's units has reported and another has not."""
        queued = find_mail(self.session, item.key)
        threads = last_threads(self.session, {item.recipient})
        mail = next(reminder_mails(desk, moment, {item.recipient: owed}, threads))
        if queued is not None and queued.content.text != mail.content.text and withdraw_mail(self.session, item.id):
            queue_mail(self.session, mail, now=self.now)

    def _standing(self, desk: Desk, period: Period) -> _Standing:
        place = (desk.form.name, period)
        if place not in self._standings:
            counts = Counter(email for unit in roster(self.session, desk.form, period) for email in set(unit.emails))
            several = frozenset(email for email, count in counts.items() if count > 1)
            self._standings[place] = _Standing(owed=by_address(debts(self.session, desk.form, period)), of_several=several)
        return self._standings[place]

    def _moment(self, item: WaitingReminder) -> tuple[Desk, Moment] | None:
        """The moment that a queued reminder was written for; None where it is configured no more."""
        _, form, week, offset, _ = item.key.split(":", 4)
        desk = self.desks.get(form)
        if desk is None:
            return None
        planned = moments(desk.form, desk.reminder, Period.parse(week))
        matching = (moment for moment in planned if (moment.last if offset == ESCALATION else str(moment.offset_hours) == offset))
        moment = next(matching, None)
        return None if moment is None else (desk, moment)
