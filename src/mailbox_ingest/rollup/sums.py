"""Sums, rates, like-for-like comparisons and what is carried forward. Each says over which units it is taken; nothing is guessed.

A week's figures are a mapping from unit to values in the order of the form's fields, None where the unit did not give one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from mailbox_ingest.config import FormConfig
from mailbox_ingest.periods import Period
from mailbox_ingest.rollup.figures import Carried, LikeForLike, RateFigure, UnitWeek

Values = tuple[int | None, ...]


def values_of(form: FormConfig, given: Mapping[str, int]) -> Values:
    """A report's figures in the order of the form's fields."""
    return tuple(given.get(field.name) for field in form.fields)


def totals_of(form: FormConfig, figures: Collection[Values]) -> dict[str, int]:
    """Sums of what was reported; a figure that a report does not give adds nothing."""
    return {field.name: _sum(column) for field, column in zip(form.fields, _columns(form, figures), strict=True)}


def rates_of(form: FormConfig, figures: Collection[Values]) -> dict[str, RateFigure]:
    """Rates over the reports that give both figures: one alone would bend the rate."""
    columns = dict(zip((field.name for field in form.fields), _columns(form, figures), strict=True))
    found = {}
    for rate in form.rates:
        parts, wholes = _given(columns[rate.numerator], columns[rate.denominator])
        found[rate.name] = RateFigure(rate=rate, numerator=_sum(parts), denominator=_sum(wholes))
    return found


def like_for_like(form: FormConfig, before: Period, now: Mapping[str, Values], then: Mapping[str, Values]) -> LikeForLike | None:
    """`now` against `then` (figures by unit) over the units that are in both; None where there is none.

    A figure counts where the unit gave it in both weeks, a rate where it gave both its figures in both weeks.
    """
    both = [code for code in now if code in then]
    if not both:
        return None
    names = [field.name for field in form.fields]
    new = dict(zip(names, _columns(form, [now[code] for code in both]), strict=True))
    old = dict(zip(names, _columns(form, [then[code] for code in both]), strict=True))
    totals = {name: [_sum(column) for column in _given(new[name], old[name])] for name in names}
    rates = {}
    for rate in form.rates:
        sums = [_sum(c) for c in _given(new[rate.numerator], new[rate.denominator], old[rate.numerator], old[rate.denominator])]
        rates[rate.name] = [RateFigure(rate=rate, numerator=sums[at], denominator=sums[at + 1]) for at in (0, 2)]
    return LikeForLike(
        before=before,
        units=len(both),
        totals_now={name: pair[0] for name, pair in totals.items()},
        totals_before={name: pair[1] for name, pair in totals.items()},
        rates_now={name: pair[0] for name, pair in rates.items()},
        rates_before={name: pair[1] for name, pair in rates.items()},
    )


def carried_forward(form: FormConfig, period: Period, units: Iterable[UnitWeek]) -> Carried:
    """This week's reports, and for each unit without one its own last figures of an earlier week."""
    figures, ages, unknown = [], [], 0
    for unit in units:
        if unit.report is not None:
            figures.append(values_of(form, unit.report.values))
        elif unit.previous is not None:
            figures.append(values_of(form, unit.previous.values))
            ages.append(period - unit.previous.period)
        else:
            unknown += 1
    return Carried(
        totals=totals_of(form, figures), rates=rates_of(form, figures), units=len(ages), oldest_weeks=max(ages, default=0), unknown=unknown
    )


def _columns(form: FormConfig, figures: Collection[Values]) -> Sequence[Sequence[int | None]]:
    return list(zip(*figures, strict=True)) if figures else [() for _ in form.fields]


def _given(*columns: Sequence[int | None]) -> Sequence[Sequence[int | None]]:
    """The columns without the units that leave out one of them."""
    if not any(None in column for column in columns):
        return columns
    kept = [row for row in zip(*columns, strict=True) if None not in row]
    return list(zip(*kept, strict=True)) if kept else [() for _ in columns]


def _sum(column: Sequence[int | None]) -> int:
    return sum(filter(None, column))  # neither None nor 0 adds anything, and a loop of our own takes five times as long
