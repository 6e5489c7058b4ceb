"""When an alarm is told: once when it opens, again after a while, once when it ends; one that comes and goes, not each time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbox_ingest.config import AlarmsConfig
from mailbox_ingest.model.alarms import Alarm

OPENED, REMINDER, CLEARED, TEST = "opened", "reminder", "cleared", "test"
_TRY_AGAIN = timedelta(minutes=5)  # after no channel took a notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often one alarm may be told."""

    remind: timedelta | None
    quiet: timedelta

    @classmethod
    def of(cls, config: AlarmsConfig) -> Pace:
        return cls(remind=timedelta(hours=config.remind_hours) or None, quiet=timedelta(minutes=config.quiet_minutes))


def notice_due(alarm: Alarm, *, now: datetime, pace: Pace, told_before: datetime | None) -> str | None:
    """'opened', 'reminder', 'cleared' or None. `told_before`: when an earlier alarm of the same key was last told."""
    if alarm.opened_at is None or _within(alarm.tried_at, now, _TRY_AGAIN):
        return None
    if alarm.cleared_at is not None:
        return CLEARED if alarm.notified == OPENED else None
    if alarm.notified != OPENED:
        return None if _within(told_before, now, pace.quiet) else OPENED
    return REMINDER if pace.remind is not None and not _within(alarm.notified_at, now, pace.remind) else None


def _within(moment: datetime | None, now: datetime, span: timedelta) -> bool:
    """Whether `moment` lies less than `span` back. One that lies ahead (the clock was set back) does not count."""
    return moment is not None and timedelta(0) <= now - moment < span
