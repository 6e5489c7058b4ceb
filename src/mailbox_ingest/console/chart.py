"""A line over the weeks as numbers for an SVG: where each point, label and grid line stands. Draws nothing itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 14, 22, 26
_MOST_LABELS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    x: float
    y: float
    shown: str
    label: str
    told: bool  # whether figure and label are written, not only pointed at


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`lines` are the points of unbroken stretches: a week without a figure leaves a gap."""

    title: str
    width: int
    height: int
    lines: tuple[str, ...]
    dots: tuple[Dot, ...]
    grid: tuple[tuple[float, str], ...]
    target: float | None = None
    target_label: str = ""


def line_chart(
    points: Sequence[tuple[str, float | None]],
    *,
    title: str,
    shown: Callable[[float], str],
    target: float | None = None,
    target_label: str = "",
) -> Chart | None:
    """`points` are (week, figure) in order; None where fewer than two figures are known."""
    known = [value for _, value in points if value is not None]
    if len(known) < 2:
        return None
    top = max([*known, *([target] if target is not None else [])])
    low = min(known)
    ticks = _ticks(0.0 if low < top * 0.4 else low, top, least=1.0 if all(value.is_integer() for value in map(float, known)) else 0.0)
    bottom = ticks[0]
    span = max(top, ticks[-1]) - bottom
    across = (WIDTH - _LEFT - _RIGHT) / max(len(points) - 1, 1)

    def height_of(value: float) -> float:
        return round(_TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - (value - bottom) / span), 1)

    step = max(1, -(-len(points) // _MOST_LABELS))
    dots: list[Dot] = []
    stretches: list[list[str]] = [[]]
    for index, (label, value) in enumerate(points):
        if value is None:
            stretches.append([])
            continue
        x, y = round(_LEFT + index * across, 1), height_of(value)
        stretches[-1].append(f"{x},{y}")
        dots.append(Dot(x=x, y=y, shown=shown(value), label=label, told=(len(points) - 1 - index) % step == 0))
    return Chart(
        title=title,
        width=WIDTH,
        height=HEIGHT,
        lines=tuple(" ".join(stretch) for stretch in stretches if len(stretch) > 1),
        dots=tuple(dots),
        grid=tuple((height_of(tick), shown(tick)) for tick in ticks),
        target=None if target is None else height_of(target),
        target_label=target_label,
    )


def _ticks(low: float, top: float, *, least: float) -> tuple[float, ...]:
    """Round figures from at or below `low` to near `top`, two to five of them, no closer than `least`: there is no half person."""
    room = (top - low) or abs(top) or 1.0
    magnitude = 10.0 ** math.floor(math.log10(room / 3))
    step = max(next(times * magnitude for times in (1, 2, 5, 10) if times * magnitude >= room / 3), least)
    first = math.floor(low / step)
    return tuple(round(step * number, 6) for number in range(first, max(math.floor(top / step), first + 1) + 1))
