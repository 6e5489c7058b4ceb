"""When reminders of a period are due: offsets from the deadline, moved off weekends and holidays. Values in, values out; no clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mailbox_ingest.calendars import due_of, is_working_day
from mailbox_ingest.config import FormConfig, ReminderConfig
from mailbox_ingest.periods import LOCAL_ZONE, Period

_MAX_SHIFT_DAYS = 31  # no run of holidays is longer
_LOOK_BACK_WEEKS = 5  # the longest offset and the longest run of holidays together
_LOOK_AHEAD_WEEKS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One reminder of one period: due at `at`, no longer worth sending from `until` on (both aware). `last` of its period: it escalates."""

    form: str
    period: Period
    offset_hours: int
    at: datetime
    until: datetime
    due_at: datetime
    last: bool

    @property
    def stage(self) -> str:
        """'before', 'at' or 'after' the deadline."""
        return "before" if self.offset_hours < 0 else "after" if self.offset_hours else "at"


def moments(form: FormConfig, reminder: ReminderConfig, period: Period) -> tuple[Moment, ...]:
    """The reminders of one period in order. One that falls on the heels of another, both moved to the same day, yields to the later."""
    due_at = due_of(form.calendar, period)
    planned = sorted((_moved(form, reminder, due_at, hours), hours) for hours in reminder.offsets_hours)
    found: list[Moment] = []
    for index, (at, hours) in enumerate(planned):
        following = planned[index + 1][0] if index + 1 < len(planned) else None
        if following is not None and following.date() == at.date() and hours and planned[index + 1][1]:
            continue  # two reminders on one day are one too many; the one at the deadline is always sent
        until = at + timedelta(hours=reminder.grace_hours)
        if hours < 0:
            until = min(until, due_at)
        if following is not None:
            until = min(until, following)
        if at < until:
            last = index == len(planned) - 1
            found.append(Moment(form=form.name, period=period, offset_hours=hours, at=at, until=until, due_at=due_at, last=last))
    return tuple(found)


def current(form: FormConfig, reminder: ReminderConfig, now: datetime, *, since: datetime | None = None) -> Iterator[Moment]:
    """The reminders whose time has come at `now` and is not over. Those due before `since` were never asked for."""
    first = form.calendar.first_period
    this_week = Period.at(now)
    for weeks in range(-_LOOK_BACK_WEEKS, _LOOK_AHEAD_WEEKS + 1):
        period = this_week.shifted(weeks)
        if first is not None and period < Period.parse(first):
            continue
        for moment in moments(form, reminder, period):
            if moment.at <= now < moment.until and (since is None or moment.at >= since):
                yield moment


def is_day_off(form: FormConfig, reminder: ReminderConfig, now: datetime) -> bool:
    """Whether no reminder is sent on the day of `now`."""
    return reminder.working_days_only and not is_working_day(form.calendar, now.astimezone(LOCAL_ZONE).date())


def next_working_morning(form: FormConfig, now: datetime, *, hour: int = 8) -> datetime:
    """Eight o'clock of the working day after `now`."""
    day = _working_day(form, now.astimezone(LOCAL_ZONE).date() + timedelta(days=1), 1)
    return datetime(day.year, day.month, day.day, hour, tzinfo=LOCAL_ZONE)


def _moved(form: FormConfig, reminder: ReminderConfig, due_at: datetime, hours: int) -> datetime:
    """The moment of an offset; on a day off, the same hour of the working day before (ahead of the deadline) or after."""
    at = due_at.astimezone(LOCAL_ZONE) + timedelta(hours=hours)
    if not reminder.working_days_only:
        return at
    day = _working_day(form, at.date(), -1 if hours < 0 else 1)
    return datetime.combine(day, at.time(), tzinfo=LOCAL_ZONE)


def _working_day(form: FormConfig, start: date, step: int) -> date:
    """The first working day from `start` on; `start` itself where there is none for a month."""
    for days in range(_MAX_SHIFT_DAYS):
        day = start + timedelta(days=days * step)
        if is_working_day(form.calendar, day):
            return day
    return start
