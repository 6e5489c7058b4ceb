"""When a form's reports are due: week days, one-off deadlines, public holidays. Home of the holidays library; no clock, no store."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

from mailbox_ingest.config import CalendarConfig
from mailbox_ingest.periods import LOCAL_ZONE, Period, due_moment

HOLIDAY_RULES = ("before", "after", "keep")
_MAX_SHIFT_DAYS = 31  # no run of holidays is longer; a country where every day is one is a mistake of the configuration
_SATURDAY = 6


@lru_cache(maxsize=64)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """The public holidays of one year, by ISO 3166 code ('VN': with Tết, and days off in lieu where the government announced them).

    Raises ValueError for a country the library does not know.
    """
    import holidays  # noqa: PLC0415  # an eighth of a second, which most commands never need

    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except (NotImplementedError, KeyError) as error:
        raise ValueError(f"{country!r} is no country whose holidays are known") from error


def is_holiday(calendar: CalendarConfig, day: date) -> bool:
    """Whether `day` is a public holiday, or one of the form's own days off."""
    if day in calendar.extra_holidays:
        return True
    return bool(calendar.holidays) and day in public_holidays(calendar.holidays, day.year)


def is_working_day(calendar: CalendarConfig, day: date) -> bool:
    """Monday to Friday without holidays."""
    return day.isoweekday() < _SATURDAY and not is_holiday(calendar, day)


def regular_due(calendar: CalendarConfig, period: Period) -> datetime:
    """The ordinary deadline, whatever was moved: it orders the weeks."""
    return due_moment(period, due_weekday=calendar.due_weekday, due_time=calendar.due_time)


def due_of(calendar: CalendarConfig, period: Period) -> datetime:
    """The last moment at which a report of `period` is on time (aware, local zone).

    A one-off deadline stands as it is. A holiday moves the ordinary one to the working day before or after it; 'before' never leaves the
    week itself, because a report cannot be due before its week begins: then the first working day after counts.
    """
    override = calendar.due_overrides.get(str(period))
    regular = regular_due(calendar, period)
    if override is not None or calendar.holiday_rule == "keep" or not is_holiday(calendar, regular.date()):
        return regular if override is None else override
    day = None
    if calendar.holiday_rule == "before":
        day = _working_day(calendar, regular.date(), -1, last=period.monday)
    day = day or _working_day(calendar, regular.date(), 1, last=regular.date() + timedelta(days=_MAX_SHIFT_DAYS))
    return regular if day is None else datetime.combine(day, calendar.due_time, tzinfo=LOCAL_ZONE)


def digest_period(calendar: CalendarConfig, moment: datetime) -> Period:
    """The week a digest of `moment` is about: the latest whose deadline, the ordinary or the moved one, has come.

    A deadline that a holiday puts off does not put off the digest: there is one for every week.
    """
    period = Period.at(moment).shifted(1)
    while min(regular_due(calendar, period), due_of(calendar, period)) > moment:
        period = period.shifted(-1)
    return period


def _working_day(calendar: CalendarConfig, start: date, step: int, *, last: date) -> date | None:
    day = start
    while day != last:
        day += timedelta(days=step)
        if is_working_day(calendar, day):
            return day
    return None
