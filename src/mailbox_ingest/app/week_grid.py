"""A week at a glance: every unit that owes it, where it stands and what it gave; filtered, sorted, a page of it, with sums over all.

Reads only. The states are the digest's, and finer: what was sent back, and who cannot be reached, are shown apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from mailbox_ingest.calendars import due_of
from mailbox_ingest.config import FormConfig
from mailbox_ingest.model import Outcome, ReportStatus
from mailbox_ingest.periods import LOCAL_ZONE, Period, local_day
from mailbox_ingest.rollup.figures import Completeness, ExemptUnit, RateFigure
from mailbox_ingest.rollup.sums import rates_of, totals_of
from mailbox_ingest.store.registry.contacts import dead_addresses
from mailbox_ingest.store.registry.exemptions import list_exemptions
from mailbox_ingest.store.registry.units import unit_names
from mailbox_ingest.store.reports.overview import WeekRow, is_frozen, units_with_addresses, waiting_by_unit, week_rows
from mailbox_ingest.vietnamese.fold import fold

_Mails = Mapping[str, tuple[int, ...]]


class GridState(StrEnum):
    """Where a unit stands. The first that holds counts: a report that stands, then what waits here, then what went back."""

    ON_TIME = "on_time"  # đúng hạn
    LATE = "late"  # muộn
    HELD = "held"  # cần xem
    RETURNED = "returned"  # bị trả lại
    UNREACHABLE = "unreachable"  # không liên lạc được
    MISSING = "missing"  # chưa báo cáo


@dataclass(frozen=True, slots=True, kw_only=True)
class GridQuery:
    """`words` stand in the unit's name or code, without regard to accents. `sort` is 'registry', 'name', 'state', 'arrived' or a field."""

    states: frozenset[GridState] = frozenset()
    group: str = ""
    words: str = ""
    sort: str = "registry"
    descending: bool = False
    page: int = 1
    per_page: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class GridRow:
    """One unit. `values` are in the order of the form's fields. `waiting` are the held messages of the unit for this week, `returned` those
    that were sent back; the report that stands, where there is one, is `report_id` of `message_id`."""

    unit: str
    name: str
    group: str
    state: GridState
    values: tuple[int | None, ...]
    report_id: int | None
    message_id: int | None
    arrived_at: datetime | None
    sender: str | None
    by_human: bool
    waiting: tuple[int, ...]
    returned: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekGrid:
    """`rows` are one page of the `found` ones; states, sums and rates are over all units of the week, whatever was asked for.

    `frozen`: who owes this week is settled, its digest has been sent.
    """

    form: FormConfig
    period: Period
    due_at: datetime
    frozen: bool
    rows: tuple[GridRow, ...]
    found: int
    pages: int
    states: Mapping[GridState, int]
    completeness: Completeness
    totals: Mapping[str, int]
    rates: Mapping[str, RateFigure]
    by_human: int
    groups: tuple[str, ...]
    exempt: tuple[ExemptUnit, ...]


_folded = lru_cache(maxsize=20_000)(fold)  # the same names come with every view


def week_grid(session: Session, form: FormConfig, period: Period, wanted: GridQuery) -> WeekGrid:
    """A few statements, however many units there are."""
    due_at = due_of(form.calendar, period)
    names = [field.name for field in form.fields]
    rows = week_rows(session, form.name, names, period, due_on=local_day(due_at))
    start = datetime.combine(period.monday, time(), tzinfo=LOCAL_ZONE)
    asked: dict[str, Any] = {"since": start, "until": start + timedelta(days=7)}
    held = waiting_by_unit(session, form.name, period, status=ReportStatus.NEEDS_REVIEW, outcome=Outcome.NEEDS_REVIEW, **asked)
    returned = waiting_by_unit(session, form.name, period, status=ReportStatus.REJECTED, outcome=Outcome.REJECTED, **asked)
    reachable = _reachable(session)
    placed = [_Placed(row, _state(row, due_at, held, returned, reachable)) for row in rows]
    states = Counter(unit.state for unit in placed)
    figures = [row.values for row in rows if row.report_id is not None]
    words = fold(wanted.words)
    chosen = _sorted([unit for unit in placed if _asked_for(unit, wanted, words)], wanted, names)
    first = (max(wanted.page, 1) - 1) * wanted.per_page
    return WeekGrid(
        form=form,
        period=period,
        due_at=due_at,
        frozen=is_frozen(session, form.name, period),
        rows=tuple(_shown(unit, held, returned) for unit in chosen[first : first + wanted.per_page]),
        found=len(chosen),
        pages=max(-(-len(chosen) // wanted.per_page), 1),
        states={state: states.get(state, 0) for state in GridState},
        completeness=_completeness(states),
        totals=totals_of(form, figures),
        rates=rates_of(form, figures),
        by_human=sum(1 for row in rows if row.by_human),
        groups=tuple(dict.fromkeys(row.group for row in rows)),
        exempt=_exempt(session, form, period, {row.code for row in rows}),
    )


class _Placed(NamedTuple):
    row: WeekRow
    state: GridState


def _state(row: WeekRow, due_at: datetime, held: _Mails, returned: _Mails, reachable: frozenset[str]) -> GridState:
    if row.arrived_at is not None:
        return GridState.ON_TIME if row.arrived_at <= due_at else GridState.LATE
    if row.code in held:
        return GridState.HELD
    if row.code in returned:
        return GridState.RETURNED
    return GridState.MISSING if row.code in reachable else GridState.UNREACHABLE


def _shown(unit: _Placed, held: _Mails, returned: _Mails) -> GridRow:
    row = unit.row
    return GridRow(
        unit=row.code,
        name=row.name,
        group=row.group,
        state=unit.state,
        values=row.values,
        report_id=row.report_id,
        message_id=row.message_id,
        arrived_at=row.arrived_at,
        sender=row.sender,
        by_human=bool(row.by_human),
        waiting=held.get(row.code, ()),
        returned=returned.get(row.code, ()),
    )


def _reachable(session: Session) -> frozenset[str]:
    """Units with an address that takes our mail, as far as is known."""
    dead = frozenset(dead_addresses(session))
    return frozenset(unit for unit, emails in units_with_addresses(session).items() if not emails <= dead)


def _asked_for(unit: _Placed, wanted: GridQuery, words: str) -> bool:
    if wanted.states and unit.state not in wanted.states:
        return False
    if wanted.group and unit.row.group != wanted.group:
        return False
    return not words or words in _folded(unit.row.name) or words in _folded(unit.row.code)


def _sorted(units: list[_Placed], wanted: GridQuery, names: Sequence[str]) -> list[_Placed]:
    key = _sort_key(wanted.sort, names)
    if key is None:
        return units[::-1] if wanted.descending else units
    known = [unit for unit in units if key(unit) is not None]
    unknown = [unit for unit in units if key(unit) is None]  # last, whichever way the list goes
    return sorted(known, key=key, reverse=wanted.descending) + unknown


def _sort_key(sort: str, names: Sequence[str]) -> Callable[[_Placed], Any] | None:
    if sort in names:
        column = list(names).index(sort)
        return lambda unit: unit.row.values[column]
    order = {state: n for n, state in enumerate(GridState)}
    keys: dict[str, Callable[[_Placed], Any]] = {
        "name": lambda unit: _folded(unit.row.name),
        "state": lambda unit: order[unit.state],
        "arrived": lambda unit: unit.row.arrived_at,
    }
    return keys.get(sort)


def _completeness(states: Mapping[GridState, int]) -> Completeness:
    on_time, late = states.get(GridState.ON_TIME, 0), states.get(GridState.LATE, 0)
    expected = sum(states.values())
    return Completeness(
        expected=expected,
        on_time=on_time,
        late=late,
        missing=expected - on_time - late,
        held=states.get(GridState.HELD, 0),
        unreachable=states.get(GridState.UNREACHABLE, 0),
    )


def _exempt(session: Session, form: FormConfig, period: Period, owing: set[str]) -> tuple[ExemptUnit, ...]:
    """Exempt units that have not reported all the same."""
    reasons = {item.unit: item.reason for item in list_exemptions(session, form.name, period) if item.unit not in owing}
    if not reasons:
        return ()
    blank = ExemptUnit(code="", name="", group="", reason="")
    found = unit_names(session, reasons)
    return tuple(replace(blank, code=code, name=found[code][0], group=found[code][1], reason=reason) for code, reason in reasons.items())
