"""The figures of a digest as plain JSON values, for the archive: what was said stays said, whatever is corrected later."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mailbox_ingest.periods import Period
from mailbox_ingest.rollup.figures import Completeness, LikeForLike, RateFigure, UnitWeek, WeeklyDigest


def frozen_figures(digest: WeeklyDigest) -> dict[str, Any]:
    """JSON-able; rates in percent as strings with four decimals, moments in ISO 8601, None where a figure is unknown."""
    return {
        "form": digest.form.name,
        "period": str(digest.period),
        "as_of": digest.as_of.isoformat(),
        "due_at": digest.due_at.isoformat(),
        "completeness": _completeness(digest.completeness),
        "totals": dict(digest.totals),
        "rates": _rates(digest.rates),
        "like_for_like": _like(digest.like_for_like),
        "groups": [{"name": g.name, **_completeness(g.completeness), "rates": _rates(g.rates)} for g in digest.groups],
        "units": [_unit(u) for u in digest.units],
        "history": [
            {
                "period": str(p.period),
                "expected": p.expected,
                "reported": p.reported,
                "totals": dict(p.totals),
                "rates": _rates(p.rates),
                "like_for_like": _like(p.like_for_like),
            }
            for p in digest.history
        ],
        "held_elsewhere": digest.held_elsewhere,
        "carried_forward": {
            "units": digest.carried.units,
            "oldest_weeks": digest.carried.oldest_weeks,
            "unknown": digest.carried.unknown,
            "totals": dict(digest.carried.totals),
            "rates": _rates(digest.carried.rates),
        },
        "exempt": [{"unit": e.code, "name": e.name, "reason": e.reason} for e in digest.exempt],
        "restatements": [
            {
                "period": str(r.period),
                "totals_before": dict(r.totals_before),
                "moved": dict(r.moved),
                "units": [
                    {"unit": c.unit, "name": c.name, "before": _values(c.before), "now": _values(c.now), "by_human": c.by_human}
                    for c in r.changes
                ],
            }
            for r in digest.restatements
        ],
        "questions": [
            {"unit": q.unit.unit.code, "kind": q.kind.value, "weeks": q.weeks, "field": q.field, "before": q.before, "now": q.now}
            for q in digest.questions
        ],
    }


def told_totals(figures: Mapping[str, Any]) -> dict[Period, dict[str, int]]:
    """The totals by week that frozen figures gave, the week of the digest itself included."""
    return {Period.parse(point["period"]): dict(point["totals"]) for point in figures["history"]}


def _like(like: LikeForLike | None) -> dict[str, Any] | None:
    if like is None:
        return None
    return {
        "before": str(like.before),
        "units": like.units,
        "totals_now": dict(like.totals_now),
        "totals_before": dict(like.totals_before),
        "rates_now": _rates(like.rates_now),
        "rates_before": _rates(like.rates_before),
    }


def _values(values: Mapping[str, int] | None) -> dict[str, int] | None:
    return None if values is None else dict(values)


def _completeness(counted: Completeness) -> dict[str, int]:
    return {
        "expected": counted.expected,
        "on_time": counted.on_time,
        "late": counted.late,
        "missing": counted.missing,
        "held": counted.held,
        "unreachable": counted.unreachable,
    }


def _rates(rates: Mapping[str, RateFigure]) -> dict[str, dict[str, Any]]:
    return {
        name: {"numerator": figure.numerator, "denominator": figure.denominator, "percent": _percent(figure.percent)}
        for name, figure in rates.items()
    }


def _percent(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.4f}"


def _unit(unit: UnitWeek) -> dict[str, Any]:
    report = unit.report
    return {
        "unit": unit.unit.code,
        "group": unit.unit.group,
        "state": unit.state.value,
        "report": report.id if report else None,
        "values": dict(report.values) if report else None,
        "arrived_at": unit.first_arrived_at.isoformat() if unit.first_arrived_at else None,
        "sender": report.sender if report else None,
        "by_human": report.by_human if report else False,
        "carried_weeks": unit.carried_weeks,
        "previous": str(unit.previous.period) if unit.previous else None,
        "silent_since": str(unit.silent_since) if unit.silent_since else None,
        "held_messages": unit.held_messages,
    }
