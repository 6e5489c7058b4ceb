"""What looks odd in accepted figures and deserves a question: the same numbers week after week, sudden jumps. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mailbox_ingest.config import FormConfig
from mailbox_ingest.periods import Period
from mailbox_ingest.rollup.figures import Question, QuestionKind, UnitWeek
from mailbox_ingest.rollup.sums import Values

_Standing = Mapping[Period, Mapping[str, Values]]


def questions(form: FormConfig, period: Period, units: Iterable[UnitWeek], standing: _Standing) -> tuple[Question, ...]:
    """In the order of the roster; at most one of each kind a unit. `standing` are the figures by week and unit."""
    return tuple(question for unit in units for question in _about(form, period, unit, standing))


def _about(form: FormConfig, period: Period, unit: UnitWeek, standing: _Standing) -> Iterator[Question]:
    if unit.report is None:
        return
    weeks = _weeks_unchanged(period, unit.unit.code, standing)
    wanted = form.rules.same_numbers_weeks
    if wanted and weeks >= wanted and not _at_target(form, unit):
        yield Question(unit=unit, kind=QuestionKind.UNCHANGED, weeks=weeks)
    if unit.previous is None:
        return
    jumps = []
    for field in form.fields:
        now, before = unit.report.values.get(field.name), unit.previous.values.get(field.name)
        if now is not None and before is not None and _is_jump(form, now, before):
            jumps.append((field.name, before, now))
    if jumps:
        # The largest part of its own size says most.
        name, before, now = max(jumps, key=lambda jump: abs(jump[2] - jump[1]) / max(jump[1], 1))
        yield Question(unit=unit, kind=QuestionKind.JUMP, weeks=period - unit.previous.period, field=name, before=before, now=now)


def _weeks_unchanged(period: Period, code: str, standing: _Standing) -> int:
    """How many weeks running, this one included, the unit has given exactly these figures."""
    weeks, values = 1, standing[period][code]
    while standing.get(period.shifted(-weeks), {}).get(code) == values:
        weeks += 1
    return weeks


def _at_target(form: FormConfig, unit: UnitWeek) -> bool:
    """A unit that has reached every target has no reason to move."""
    aims = [(rate.target_percent, unit.rates.get(rate.name)) for rate in form.rates if rate.target_percent is not None]
    return bool(aims) and all(share is not None and share >= target for target, share in aims)


def _is_jump(form: FormConfig, now: int, before: int) -> bool:
    change = abs(now - before)
    return change > form.rules.large_change_floor and change > form.rules.large_change_ratio * before
