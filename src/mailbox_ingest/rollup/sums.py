"""Sums, rates, like-for-like comparisons and what is carried forward. Each says over which units it is taken; nothing is guessed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from mailbox_ingest.config import FormConfig
from mailbox_ingest.model import StoredReport
from mailbox_ingest.periods import Period
from mailbox_ingest.rollup.figures import Carried, LikeForLike, RateFigure, UnitWeek


def totals_of(form: FormConfig, reports: Collection[StoredReport]) -> dict[str, int]:
    """Sums of what was reported; a figure that a report does not give adds nothing."""
    return {field.name: sum(report.values.get(field.name, 0) for report in reports) for field in form.fields}


def rates_of(form: FormConfig, reports: Iterable[StoredReport]) -> dict[str, RateFigure]:
    """Rates over the reports that give both figures: one alone would bend the rate."""
    names = [(rate.numerator, rate.denominator) for rate in form.rates]
    sums = [[0, 0] for _ in names]
    for report in reports:
        values = report.values
        for total, (numerator, denominator) in zip(sums, names, strict=True):
            part, whole = values.get(numerator), values.get(denominator)
            if part is not None and whole is not None:
                total[0] += part
                total[1] += whole
    return {
        rate.name: RateFigure(rate=rate, numerator=part, denominator=whole) for rate, (part, whole) in zip(form.rates, sums, strict=True)
    }


def like_for_like(
    form: FormConfig, before: Period, now: Mapping[str, StoredReport], then: Mapping[str, StoredReport]
) -> LikeForLike | None:
    """`now` against `then` (reports by unit) over the units that are in both; None where there is none.

    A figure counts where the unit gave it in both weeks, a rate where it gave both its figures in both weeks.
    """
    pairs = [(report.values, then[code].values) for code, report in now.items() if code in then]
    if not pairs:
        return None
    totals_now: dict[str, int] = {}
    totals_before: dict[str, int] = {}
    for field in form.fields:
        given = [
            (new, old)
            for values, earlier in pairs
            if (new := values.get(field.name)) is not None and (old := earlier.get(field.name)) is not None
        ]
        totals_now[field.name] = sum(new for new, _ in given)
        totals_before[field.name] = sum(old for _, old in given)
    rates_now: dict[str, RateFigure] = {}
    rates_before: dict[str, RateFigure] = {}
    for rate in form.rates:
        names = (rate.numerator, rate.denominator)
        both = [
            (values, earlier)
            for values, earlier in pairs
            if names[0] in values and names[1] in values and names[0] in earlier and names[1] in earlier
        ]
        for into, side in ((rates_now, 0), (rates_before, 1)):
            into[rate.name] = RateFigure(
                rate=rate, numerator=sum(pair[side][names[0]] for pair in both), denominator=sum(pair[side][names[1]] for pair in both)
            )
    return LikeForLike(
        before=before,
        units=len(pairs),
        totals_now=totals_now,
        totals_before=totals_before,
        rates_now=rates_now,
        rates_before=rates_before,
    )


def carried_forward(form: FormConfig, period: Period, units: Iterable[UnitWeek]) -> Carried:
    """This week's reports, and for each unit without one its own last report of an earlier week."""
    reports, ages, unknown = [], [], 0
    for unit in units:
        if unit.report is not None:
            reports.append(unit.report)
        elif unit.previous is not None:
            reports.append(unit.previous)
            ages.append(period - unit.previous.period)
        else:
            unknown += 1
    return Carried(
        totals=totals_of(form, reports), rates=rates_of(form, reports), units=len(ages), oldest_weeks=max(ages, default=0), unknown=unknown
    )
