"""The rules of a form over the values of one report -> findings, each with what follows from it: hold, reject, warn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from mailbox_ingest.config import FormConfig
from mailbox_ingest.judgement import findings as say
from mailbox_ingest.model import FieldReading, Finding, StatedPercentage, StatedRemainder, StoredReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`holds`: a person must look. `rejects`: the sender must act, and nothing about the reading is in doubt."""

    finding: Finding
    holds: bool = False
    rejects: bool = False


def check_fields(form: FormConfig, fields: Mapping[str, FieldReading], *, scanned: bool) -> list[Check]:
    """Missing, not a number, negative, uncertain. What was read from an image is never rejected by us alone: we may have misread it."""
    checks: list[Check] = []
    for field in form.fields:
        read = fields.get(field.name)
        if read is None and field.optional:
            continue
        if read is None:
            # Other fields were found and this one never named: perhaps it stands there in words we do not know.
            checks.append(Check(finding=say.missing_value(field, None), holds=True))
            continue
        sure = read.certain and not scanned
        if read.problem == "missing_value":
            checks.append(Check(finding=say.missing_value(field, read.evidence), holds=not sure, rejects=sure))
        elif read.problem == "not_a_number":
            checks.append(Check(finding=say.not_a_number(field, read.evidence), holds=not sure, rejects=sure))
        elif read.problem == "negative_value":
            checks.append(Check(finding=say.negative_value(field, read.evidence), holds=not sure, rejects=sure))
        elif read.problem == "witnesses_disagree":
            checks.append(Check(finding=say.witnesses_disagree(field, (), read.evidence), holds=True))
        elif not read.certain or read.value is None or read.evidence.confidence < form.rules.min_confidence:
            checks.append(Check(finding=say.doubtful(field, read.evidence), holds=True))
        elif read.value > form.rules.max_value:
            checks.append(Check(finding=say.too_high(field, read.value, read.evidence), holds=True))
    return checks


def check_parts(form: FormConfig, fields: Mapping[str, FieldReading], *, scanned: bool) -> list[Check]:
    """A part is never larger than its whole."""
    checks: list[Check] = []
    for field in form.fields:
        if field.part_of is None:
            continue
        part, whole = fields.get(field.name), fields.get(field.part_of)
        if part is None or whole is None or part.value is None or whole.value is None or part.value <= whole.value:
            continue
        sure = part.certain and whole.certain and not scanned
        finding = say.part_exceeds_whole(field, form.field(field.part_of), part.value, whole.value, part.evidence)
        checks.append(Check(finding=finding, holds=not sure, rejects=sure))
    return checks


def check_percentages(form: FormConfig, values: Mapping[str, int], stated: Sequence[StatedPercentage]) -> list[Check]:
    """A stated percentage is a witness: where the numbers give another, one of them is wrong, and nobody here knows which."""
    checks: list[Check] = []
    seen: set[str] = set()
    for percentage in stated:
        if percentage.field not in values or percentage.field in seen:
            continue
        wholes = [percentage.of] if percentage.of else ancestors(form, percentage.field)
        shares = [s for w in wholes if w in values and (s := share(values[percentage.field], values[w])) is not None]
        if not shares:
            continue
        tolerance = max(form.rules.percentage_tolerance_points, Decimal(1).scaleb(-percentage.decimals))
        if any(abs(s - percentage.percent) <= tolerance for s in shares):
            continue
        seen.add(percentage.field)
        finding = say.percentage_mismatch(
            form.field(percentage.field), _percent(percentage.percent), _percent(shares[0]), percentage.evidence
        )
        checks.append(Check(finding=finding, holds=True))
    return checks


def check_remainders(form: FormConfig, values: Mapping[str, int], stated: Sequence[StatedRemainder]) -> list[Check]:
    """What is said to be left ('chưa cài: 864') must be the difference of two values, or no more than it where only some is named."""
    checks: list[Check] = []
    for remainder in stated:
        if remainder.field not in values:
            continue
        left = [values[w] - values[remainder.field] for w in ancestors(form, remainder.field) if w in values]
        if not left or (remainder.count in left if remainder.exact else remainder.count <= max(left)):
            continue
        finding = say.remainder_mismatch(form.field(remainder.field), remainder.count, left[0], remainder.evidence)
        checks.append(Check(finding=finding, holds=True))
    return checks


def check_change(form: FormConfig, values: Mapping[str, int], previous: StoredReport | None) -> list[Check]:
    """Against the unit's previous report: a relative band with an absolute floor. These figures are slow stocks; parts may grow faster."""
    if previous is None:
        return []
    checks: list[Check] = []
    rules = form.rules
    for field in form.fields:
        value, before = values.get(field.name), previous.values.get(field.name)
        if value is None or before is None or abs(value - before) <= rules.large_change_floor:
            continue
        ratio = Decimal(abs(value - before)) / max(before, 1)
        growing_part = field.part_of is not None and value > before
        band = rules.large_change_ratio * 2 if growing_part else rules.large_change_ratio
        if ratio <= band:
            continue
        limit = 1 / (1 - rules.hold_large_change_ratio)  # as a factor, up or down
        factor = Decimal(max(value, before)) / max(min(value, before), 1)
        checks.append(Check(finding=say.large_change(field, value, previous), holds=factor > limit))
    return checks


def ancestors(form: FormConfig, name: str) -> list[str]:
    """The fields that `name` is a part of, nearest first."""
    found: list[str] = []
    part_of = form.field(name).part_of
    while part_of is not None and part_of not in found:
        found.append(part_of)
        part_of = form.field(part_of).part_of
    return found


def share(part: int, whole: int) -> Decimal | None:
    """Percent of the whole, one decimal; None where the whole is 0."""
    if whole == 0:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _percent(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.1'), ROUND_HALF_UP):f}%".replace(".", ",")
