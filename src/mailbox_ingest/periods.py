"""Reporting periods: ISO weeks in the federation's time zone, and when each is due. No clock in here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_TEXT = re.compile(r"(\d{4})-W(\d{2})")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One ISO week; sorts in time. `str()` gives '2020-W34'."""

    year: int
    week: int

    def __post_init__(self) -> None:
        date.fromisocalendar(self.year, self.week, 1)  # raises ValueError for week 53 of a 52-week year

    @classmethod
    def of(cls, day: date) -> Period:
        """The ISO week that holds `day` (a local date)."""
        iso = day.isocalendar()
        return cls(iso.year, iso.week)

    @classmethod
    def at(cls, moment: datetime) -> Period:
        """The ISO week that holds an aware moment, in local time."""
        return cls.of(moment.astimezone(LOCAL_ZONE).date())

    @classmethod
    def parse(cls, text: str) -> Period:
        """From '2020-W34'; raises ValueError on anything else."""
        found = _TEXT.fullmatch(text)
        if not found:
            raise ValueError(f"{text!r} is not a period such as 2020-W34")
        return cls(int(found[1]), int(found[2]))

    @property
    def monday(self) -> date:
        return date.fromisocalendar(self.year, self.week, 1)

    @property
    def sunday(self) -> date:
        return date.fromisocalendar(self.year, self.week, 7)

    def shifted(self, weeks: int) -> Period:
        return Period.of(self.monday + timedelta(weeks=weeks))

    def __sub__(self, other: Period) -> int:
        """Weeks from `other` to this one."""
        return (self.monday - other.monday).days // 7

    def __str__(self) -> str:
        return f"{self.year}-W{self.week:02d}"


def local_day(moment: datetime) -> date:
    """The local calendar day of an aware moment."""
    return moment.astimezone(LOCAL_ZONE).date()


def due_moment(period: Period, *, due_weekday: int, due_time: time, override: datetime | None = None) -> datetime:
    """The last moment at which a report of `period` is on time (aware, local zone).

    `due_weekday` counts 1 = Monday … 7 = Sunday. An override is a moment of its own (letter 597: W34 is due on Thursday 20/8/2020).
    """
    if override is not None:
        return override
    day = date.fromisocalendar(period.year, period.week, due_weekday)
    return datetime.combine(day, due_time, tzinfo=LOCAL_ZONE)
