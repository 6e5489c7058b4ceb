"""A form: fields with their labels, rates, rules, and the calendar by which it is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldConfig:
    """One number of a form.

    A text is the field's label when every phrase of one alternative in `labels` occurs in it (accents, case and punctuation do not
    matter; a phrase list is an 'and') and none of `excludes` does. `part_of` names the field that can never be smaller (installed
    is part of smartphone_users is part of members).
    """

    name: str
    title: str  # as written in replies and digests
    labels: tuple[tuple[str, ...], ...]
    excludes: tuple[str, ...] = ()
    unit: str = "người"
    part_of: str | None = None
    short_title: str = ""
    part_code: str = "part_exceeds_whole"  # the finding's code when it exceeds `part_of`
    form_label: str = ""  # as printed on the blank form; the title where empty
    optional: bool = False  # a report that never names it is complete without it; named and blank it is missing


@dataclass(frozen=True, slots=True, kw_only=True)
class RateConfig:
    """A rate shown in digests: numerator field / denominator field, with a target in percent or None."""

    name: str
    title: str
    numerator: str
    denominator: str
    target_percent: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesConfig:
    """Thresholds of the checks. A change is large when it exceeds both the relative band and the absolute floor."""

    large_change_ratio: Decimal = Decimal("0.30")
    large_change_floor: int = 30
    percentage_tolerance_points: Decimal = Decimal("0.6")
    min_confidence: float = 0.85
    hold_large_change_ratio: Decimal = Decimal("0.60")  # beyond this band a human looks first
    max_value: int = 5_000_000
    same_numbers_weeks: int = 3  # so many weeks with exactly the same figures make the digest ask; 0: never


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarConfig:
    """When reports are due. `due_overrides` maps a period such as '2020-W34' to an aware moment.

    `holidays` is the country whose public holidays count ('VN'; '' for none); `holiday_rule` says where a deadline on one goes: the working
    day 'before' or 'after', or 'keep'.
    """

    due_weekday: int = 5  # 1 = Monday … 7 = Sunday
    due_time: time = time(17, 0)
    due_overrides: Mapping[str, datetime] = field(default_factory=dict)
    late_days_after_week_end: int = 4
    first_period: str | None = None
    holidays: str = ""
    holiday_rule: str = "before"
    extra_holidays: tuple[date, ...] = ()  # days off of our own, or announced for one year only


@dataclass(frozen=True, slots=True, kw_only=True)
class FormConfig:
    """A named set of fields with labels, rules and calendar. Nothing in the code knows a form's fields."""

    name: str
    title: str
    fields: tuple[FieldConfig, ...]
    rates: tuple[RateConfig, ...] = ()
    rules: RulesConfig = RulesConfig()
    calendar: CalendarConfig = CalendarConfig()
    legal_basis: str = ""  # 'Công văn số 597/LĐLĐ-CTCS ngày 14/8/2020'
    keywords: tuple[str, ...] = ()  # words that show that a mail is about this form ('bluezone')
    other_keywords: tuple[str, ...] = ()  # what other reports are about ('NCOVI'): their titles and labels are not this form's
    label_words: tuple[str, ...] = ()  # further words that may stand in a label without changing what it names
    hold_words: tuple[str, ...] = ()  # words by which a sender doubts or takes back figures: a person looks first
    correction_words: tuple[str, ...] = ("thay thế", "đính chính", "bổ sung", "điều chỉnh")
    headline_rate: str | None = None
    signer: str = "THỦ TRƯỞNG ĐƠN VỊ"  # who signs the blank form

    def field(self, name: str) -> FieldConfig:
        """Raises KeyError for a name the form does not have."""
        for item in self.fields:
            if item.name == name:
                return item
        raise KeyError(name)
