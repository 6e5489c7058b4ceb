"""Which week a report is for. The rule, in order:

1. a week or range written in the report ('tuần 34', 'từ ngày 15/8 đến 21/8/2020');
2. else the ISO week of the letter's date (or of 'tính đến ngày …'), else of arrival;
3. dated and sent within a few days after a week's due day, by a unit that has nothing accepted for that week: that week, late;
4. dated in an earlier week that is already reported, with new numbers and no word of correction: the week of arrival, `stale_date`;
5. figures taken ('tính đến ngày …') no later than the week before was due, in a letter of this week: a person decides.

What the file's name or the subject says of weeks is a witness: where it contradicts the rule, a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from mailbox_ingest.calendars import due_of, regular_due
from mailbox_ingest.config import CalendarConfig
from mailbox_ingest.judgement import findings as say
from mailbox_ingest.judgement.case import Case, Claim
from mailbox_ingest.model import Finding, PeriodHint
from mailbox_ingest.periods import Period, local_day

_MAX_WEEKS_BACK = 9  # an older week in a new mail is more likely a typing error than a report
_MONTH_WEEK_DAYS = 8  # weeks of a month are counted in more than one way
_MAX_DAYS_AHEAD = 4  # a letter dated later in the same week (Friday's date on Wednesday's mail)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodDecision:
    """`period` is None, or `certain` False, where a person must decide. `own_hint`: the report itself speaks of time."""

    period: Period | None
    certain: bool = True
    findings: tuple[Finding, ...] = ()
    own_hint: bool = True


def decide_period(case: Case, claim: Claim, unit: str | None, values: Mapping[str, int]) -> PeriodDecision:
    """The week of one claim. `values` are compared with what is accepted already."""
    arrival = Period.at(case.arrived_at)
    hints = claim.reading.period_hints
    correction = case.correction or claim.reading.correction
    explicit = sorted({p for h in hints if h.kind in ("week", "range") and (p := _period_of(h)) is not None})
    unread = any(h.kind == "week" and h.period is None for h in hints)
    if len(explicit) > 1 or unread:
        return PeriodDecision(period=None, certain=False, findings=(say.period_unclear(),))
    if explicit:
        return _explicit(case, explicit[0], arrival, unit, values, correction=correction)
    day = _day(hints)
    decision = _by_day(case, day, arrival, unit, values, correction=correction)
    decision = _with_names(decision, claim.weeks_named | case.message_weeks)
    named = [*claim.days_named, *case.message_days]
    taken = [h.day for h in hints if h.kind == "as_of" and h.day is not None]
    if any(_taken_earlier(case, days, decision.period) for days in (taken, named)):
        return replace(decision, certain=False, findings=(*decision.findings, say.period_unclear()))
    elsewhere = [h for h in hints if h.kind == "month_week" and h.day and decision.period and not _near(decision.period, h.day)]
    return replace(decision, certain=False, findings=(*decision.findings, say.period_unclear())) if elsewhere else decision


def _taken_earlier(case: Case, days: Sequence[date], period: Period | None) -> bool:
    """Whether the figures were taken no later than the week before was due: today's letter with last week's figures."""
    days = [day for day in days if period is not None and day <= period.sunday]
    return period is not None and bool(days) and min(days) <= local_day(regular_due(case.form.calendar, period.shifted(-1)))


def _near(period: Period, day: date) -> bool:
    """Whether a week of a month ('tuần 2 tháng 9', `day` in its middle) may be this ISO week."""
    return abs((period.monday + timedelta(days=3) - day).days) <= _MONTH_WEEK_DAYS


def _explicit(
    case: Case, period: Period, arrival: Period, unit: str | None, values: Mapping[str, int], *, correction: bool
) -> PeriodDecision:
    if period > arrival:
        return PeriodDecision(period=period, certain=False, findings=(say.early(period),))
    if arrival - period > _MAX_WEEKS_BACK or _before_first(case.form.calendar, period):
        return PeriodDecision(period=period, certain=False, findings=(say.stale_date(period, None),))
    accepted = case.accepted(unit, period) if unit else None
    if accepted is not None and period < arrival and not correction and dict(accepted.values) != dict(values):
        # 'tuần 34' stands on it, week 34 is reported, and nothing says that this corrects it: last week's file with the new numbers?
        return PeriodDecision(period=period, certain=False, findings=(say.stale_date(period, None),))
    return PeriodDecision(period=period)


def _by_day(
    case: Case, day: date | None, arrival: Period, unit: str | None, values: Mapping[str, int], *, correction: bool
) -> PeriodDecision:
    calendar = case.form.calendar
    arrived = local_day(case.arrived_at)
    written = Period.of(day) if day is not None else arrival
    if day is not None and (day - arrived).days > _MAX_DAYS_AHEAD:
        return PeriodDecision(period=written, certain=False, findings=(say.stale_date(written, None),))
    if written > arrival:
        return PeriodDecision(period=written, certain=False, findings=(say.early(written),))
    if written == arrival:
        before = arrival.shifted(-1)
        # A deadline that a holiday puts off puts off the days of grace with it; one that is earlier takes none away.
        due_day = local_day(max(regular_due(calendar, before), due_of(calendar, before)))
        grace = due_day + timedelta(days=calendar.late_days_after_week_end)
        recent = (day or arrived) <= grace and arrived <= grace
        if recent and unit is not None and case.accepted(unit, before) is None and not _before_first(calendar, before):
            return PeriodDecision(period=before, own_hint=day is not None)
        return PeriodDecision(period=arrival, own_hint=day is not None)
    if arrival - written > _MAX_WEEKS_BACK or _before_first(calendar, written):
        return PeriodDecision(period=written, certain=False, findings=(say.stale_date(written, None),))
    accepted = case.accepted(unit, written) if unit else None
    if accepted is None or correction or dict(accepted.values) == dict(values):
        return PeriodDecision(period=written)
    current = case.accepted(unit, arrival) if unit else None
    certain = current is None
    return PeriodDecision(period=arrival, certain=certain, findings=(say.stale_date(written, arrival if certain else None),))


def _with_names(decision: PeriodDecision, named: frozenset[Period]) -> PeriodDecision:
    if not named or decision.period in named or decision.period is None:
        return decision
    return PeriodDecision(
        period=decision.period, certain=False, findings=(*decision.findings, say.period_unclear()), own_hint=decision.own_hint
    )


def _day(hints: tuple[PeriodHint, ...]) -> date | None:
    """The letter's own date, else the day its figures were taken."""
    for kind in ("letter_date", "as_of"):
        days = [h.day for h in hints if h.kind == kind and h.day is not None]
        if days:
            return days[0] if kind == "letter_date" else max(days)
    return None


def _period_of(hint: PeriodHint) -> Period | None:
    if hint.period is not None:
        return hint.period
    return Period.of(hint.day) if hint.day is not None else None


def _before_first(calendar: CalendarConfig, period: Period) -> bool:
    return calendar.first_period is not None and period < Period.parse(calendar.first_period)
