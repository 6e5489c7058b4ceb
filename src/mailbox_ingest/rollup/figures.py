"""The figures of a weekly digest: frozen values that add up by construction. Nothing here is worded or rounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from mailbox_ingest.config import FormConfig, RateConfig
from mailbox_ingest.model import StoredReport, Unit
from mailbox_ingest.periods import Period


class UnitState(StrEnum):
    """Where a unit stands this week. HELD has sent something that a person still looks at: it counts as missing, and is shown apart."""

    ON_TIME = "on_time"
    LATE = "late"
    MISSING = "missing"
    HELD = "held"


class Unreachable(StrEnum):
    """Why our mail does not reach a unit."""

    NO_ADDRESS = "no_address"
    DEAD_ADDRESS = "dead_address"
    MAILBOX_FULL = "mailbox_full"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateFigure:
    """A rate over the units that gave both figures."""

    rate: RateConfig
    numerator: int
    denominator: int

    @property
    def percent(self) -> Decimal | None:
        """0–100, unrounded; None where there is no denominator."""
        return Decimal(self.numerator) * 100 / Decimal(self.denominator) if self.denominator else None

    @property
    def short_of_target(self) -> int | None:
        """How many are missing from the numerator to reach the target; 0 once it is reached, None without a target or denominator."""
        if self.rate.target_percent is None or not self.denominator:
            return None
        wanted = -((-self.rate.target_percent * self.denominator) // 100)  # rounded up: the target is reached or it is not
        return max(int(wanted) - self.numerator, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """expected = on_time + late + missing; `held` and `unreachable` are parts of `missing`, and never both."""

    expected: int
    on_time: int
    late: int
    missing: int
    held: int
    unreachable: int = 0

    @property
    def reported(self) -> int:
        return self.on_time + self.late

    @property
    def percent(self) -> Decimal | None:
        """Reporting rate 0–100; None for an empty roster."""
        return Decimal(self.reported) * 100 / Decimal(self.expected) if self.expected else None


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierFigures:
    """What a unit gave for its last week before this one."""

    period: Period
    values: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitWeek:
    """One unit this week. `report` is None when missing or held; `previous` is its last report of an earlier week.

    `first_arrived_at` is the arrival that decides on time; `silent_since` the first week without a report up to now (None: it has reported,
    or it never did).
    """

    unit: Unit
    period: Period
    state: UnitState
    report: StoredReport | None
    previous: EarlierFigures | None
    first_arrived_at: datetime | None
    silent_since: Period | None
    held_messages: int
    rates: Mapping[str, Decimal | None]
    unreachable: Unreachable | None = None  # why no address of it takes our mail

    @property
    def reachable(self) -> bool:
        return self.unreachable is None

    @property
    def carried_weeks(self) -> int | None:
        """How old the figure is that stands in for a missing report, in weeks; None where none is needed or none is known."""
        return self.period - self.previous.period if self.report is None and self.previous is not None else None

    def value(self, field: str) -> int | None:
        return self.report.values.get(field) if self.report else None

    def change(self, field: str) -> int | None:
        """Against the unit's own last report; None where one of the two figures is unknown."""
        now, before = self.value(field), self.previous.values.get(field) if self.previous else None
        return None if now is None or before is None else now - before


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupWeek:
    """One group of units, in the order of the registry."""

    name: str
    completeness: Completeness
    rates: Mapping[str, RateFigure]


@dataclass(frozen=True, slots=True, kw_only=True)
class LikeForLike:
    """A week against the week before, over the `units` that reported in both. Nothing is filled in for the others."""

    before: Period
    units: int
    totals_now: Mapping[str, int]
    totals_before: Mapping[str, int]
    rates_now: Mapping[str, RateFigure]
    rates_before: Mapping[str, RateFigure]

    def points(self, rate: str) -> Decimal | None:
        """The change of a rate in percentage points."""
        now, before = self.rates_now[rate].percent, self.rates_before[rate].percent
        return None if now is None or before is None else now - before


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekPoint:
    """One week of the history, over the units that owed reports in it (where no roster was frozen: those of today).

    `like_for_like` compares it with the week before.
    """

    period: Period
    expected: int
    reported: int
    totals: Mapping[str, int]
    rates: Mapping[str, RateFigure]
    like_for_like: LikeForLike | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """Sums with `units` missing units carried forward from their last report, the oldest of which is `oldest_weeks` old.

    `unknown` units never reported: they are in no sum.
    """

    totals: Mapping[str, int]
    rates: Mapping[str, RateFigure]
    units: int
    oldest_weeks: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExemptUnit:
    """A unit that does not owe this week's report, and why."""

    code: str
    name: str
    group: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restated:
    """One unit's figures of an earlier week. `before` is None for a report that came after the last digest, `now` for one withdrawn."""

    unit: str
    name: str
    before: Mapping[str, int] | None
    now: Mapping[str, int] | None
    by_human: bool = False

    def moved(self, field: str) -> int:
        return (self.now or {}).get(field, 0) - (self.before or {}).get(field, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restatement:
    """What changed for an earlier week since the last digest. `totals_before` are the sums as that digest gave them."""

    period: Period
    changes: tuple[Restated, ...]
    totals_before: Mapping[str, int]
    moved: Mapping[str, int]

    @property
    def late_reports(self) -> int:
        """Units that had no figures for that week when the last digest was made."""
        return sum(1 for change in self.changes if change.before is None)


class QuestionKind(StrEnum):
    UNCHANGED = "unchanged"  # the same figures `weeks` weeks running
    JUMP = "jump"  # `field` moved from `before` to `now` within `weeks` weeks


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something to ask a unit about. The figures stand as they are: a question is no doubt of ours."""

    unit: UnitWeek
    kind: QuestionKind
    weeks: int
    field: str | None = None
    before: int | None = None
    now: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyDigest:
    """Everything a digest says about a form in one week, as known at `as_of`.

    `units` keep the roster's order. `history` runs without gaps up to this week, oldest first. `held_elsewhere` counts messages that wait
    for a person and name no unit of the roster.
    """

    form: FormConfig
    period: Period
    as_of: datetime
    due_at: datetime
    units: tuple[UnitWeek, ...]
    groups: tuple[GroupWeek, ...]
    completeness: Completeness
    totals: Mapping[str, int]
    rates: Mapping[str, RateFigure]
    like_for_like: LikeForLike | None
    history: tuple[WeekPoint, ...]
    held_elsewhere: int
    carried: Carried
    exempt: tuple[ExemptUnit, ...] = ()
    restatements: tuple[Restatement, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def headline(self) -> RateFigure | None:
        """The rate that stands first: the form's choice, else its first rate."""
        name = self.form.headline_rate or (self.form.rates[0].name if self.form.rates else None)
        return self.rates.get(name) if name else None

    @property
    def typed_by_people(self) -> int:
        """How many of this week's reports a person entered or confirmed here."""
        return sum(1 for unit in self.units if unit.report is not None and unit.report.by_human)

    def in_state(self, state: UnitState) -> tuple[UnitWeek, ...]:
        return tuple(u for u in self.units if u.state is state)
