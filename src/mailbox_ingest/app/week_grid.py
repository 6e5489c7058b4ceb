"""A week at a glance: every unit that owes it, where it stands and what it gave; filtered, sorted, a page of it, with sums over all.

Reads only. The states are the digest's, and finer: what was sent back, and who cannot be reached, are shown apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from mailbox_ingest.calendars import due_of
from mailbox_ingest.config import FormConfig
from mailbox_ingest.model import Outcome, ReportStatus
from mailbox_ingest.periods import LOCAL_ZONE, Period, local_day
from mailbox_ingest.rollup.figures import Completeness, ExemptUnit, RateFigure
from mailbox_ingest.rollup.sums import rates_of, totals_of
from mailbox_ingest.store.contacts import dead_addresses
from mailbox_ingest.store.exemptions import list_exemptions
from mailbox_ingest.store.overview import WeekRow, is_frozen, units_with_addresses, waiting_by_unit, week_rows
from mailbox_ingest.store.units import unit_names
from mailbox_ingest.vietnamese.fold import fold


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
    units = [_row(row, due_at, held.get(row.code, ()), returned.get(row.code, ()), reachable) for row in rows]
    states = Counter(unit.state for unit in units)
    figures = [row.values for row in rows if row.report_id is not None]
    chosen = [unit for unit in units if _asked_for(unit, wanted)]
    key = _sort_key(wanted.sort, names)
    if key is not None:
        known = [unit for unit in chosen if key(unit) is not None]
        unknown = [unit for unit in chosen if key(unit) is None]  # last, whichever way the list goes
        chosen = sorted(known, key=key, reverse=wanted.descending) + unknown
    elif wanted.descending:
        chosen.reverse()
    first = (max(wanted.page, 1) - 1) * wanted.per_page
    return WeekGrid(
        form=form,
        period=period,
        due_at=due_at,
        frozen=is_frozen(session, form.name, period),
        rows=tuple(chosen[first : first + wanted.per_page]),
        found=len(chosen),
        pages=max(-(-len(chosen) // wanted.per_page), 1),
        states={state: states.get(state, 0) for state in GridState},
        completeness=_completeness(states),
        totals=totals_of(form, figures),
        rates=rates_of(form, figures),
        by_human=sum(1 for unit in units if unit.by_human),
        groups=tuple(dict.fromkeys(unit.group for unit in units)),
        exempt=_exempt(session, form, period, {row.code for row in rows}),
    )


def _row(row: WeekRow, due_at: datetime, held: tuple[int, ...], returned: tuple[int, ...], reachable: frozenset[str]) -> GridRow:
    if row.arrived_at is not None:
        state = GridState.ON_TIME if row.arrived_at <= due_at else GridState.LATE
    elif held:
        state = GridState.HELD
    elif returned:
        state = GridState.RETURNED
    else:
        state = GridState.MISSING if row.code in reachable else GridState.UNREACHABLE
    return GridRow(
        unit=row.code,
        name=row.name,
        group=row.group,
        state=state,
        values=row.values,
        report_id=row.report_id,
        message_id=row.message_id,
        arrived_at=row.arrived_at,
        sender=row.sender,
        by_human=row.by_human,
        waiting=held,
        returned=returned,
    )


def _reachable(session: Session) -> frozenset[str]:
    """Units with an address that takes our mail, as far as is known."""
    dead = frozenset(dead_addresses(session))
    return frozenset(unit for unit, emails in units_with_addresses(session).items() if not emails <= dead)


def _asked_for(unit: GridRow, wanted: GridQuery) -> bool:
    if wanted.states and unit.state not in wanted.states:
        return False
    if wanted.group and unit.group != wanted.group:
        return False
    words = fold(wanted.words)
    return not words or words in fold(unit.name) or words in fold(unit.unit)


def _sort_key(sort: str, names: Sequence[str]) -> Callable[[GridRow], Any] | None:
    if sort in names:
        column = list(names).index(sort)
        return lambda unit: unit.values[column]
    order = {state: n for n, state in enumerate(GridState)}
    keys: dict[str, Callable[[GridRow], Any]] = {
        "name": lambda unit: fold(unit.name),
        "state": lambda unit: order[unit.state],
        "arrived": lambda unit: unit.arrived_at,
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
