"""PNG charts of a digest: the rate over the weeks, and a bar a unit. On a light card of their own, so that dark mode cannot hide them.

Drawn twice as dense as they are shown on a 390-pixel phone; DejaVu Sans comes with matplotlib and has every Vietnamese letter.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

_CARD = "#fdfdfb"
_INK = "#1c2733"
_FAINT = "#5b6874"
_GRID = "#d8dfe5"
_LINE = "#0b5c8f"
_TARGET = "#b32424"
_REACHED, _BELOW = "#2f7d4f", "#c9820e"
_WIDTH_INCHES = 3.9
_DOTS_PER_INCH = 200
_STYLE: Any = {"font.family": ["DejaVu Sans"]}  # whatever a matplotlibrc of the machine says


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """One week; `percent` is None for a week without a figure and leaves a gap in the line."""

    label: str
    percent: Decimal | None
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One unit. `percent` is None when it has no figure; `shown` then says why."""

    label: str
    group: str
    percent: Decimal | None
    shown: str


@rc_context(_STYLE)
def trend(points: Sequence[TrendPoint], *, title: str, target: Decimal | None, target_label: str) -> bytes:
    """The rate week by week with its target as a line; PNG."""
    figure, axes = _card(2.5)
    xs = list(range(len(points)))
    ys = [float("nan") if p.percent is None else float(p.percent) for p in points]
    axes.plot(xs, ys, color=_LINE, linewidth=2, marker="o", markersize=5)
    # Every label of a long history would overlap: the last week is always told, the others at even steps back from it.
    step = max(1, -(-len(points) // 7))
    told = [x for x in xs if (len(points) - 1 - x) % step == 0]
    known = [float(p.percent) for p in points if p.percent is not None]
    top = max([*known, float(target) if target is not None else 0.0, 1.0])
    low = min(known, default=0.0)
    bottom = 0.0 if low < 40 else 10 * ((low - 12) // 10)
    for x in told:
        if points[x].percent is not None:
            # A figure just below the target stands under its point, where the line does not strike it through.
            under = target is not None and 0 <= float(target) - ys[x] < (top - bottom) * 0.16
            axes.annotate(
                points[x].shown,
                (x, ys[x]),
                xytext=(0, -8 if under else 7),
                textcoords="offset points",
                ha="center",
                va="top" if under else "bottom",
                fontsize=8.5,
                color=_INK,
                fontweight="bold",
            )
    if target is not None:
        axes.axhline(float(target), color=_TARGET, linewidth=1.4, linestyle=(0, (5, 3)))
        axes.annotate(
            target_label, (1, float(target)), xycoords=("axes fraction", "data"), xytext=(0, 3), textcoords="offset points",
            ha="right", va="bottom", fontsize=8.5, color=_TARGET,
        )  # fmt: skip
    axes.set_ylim(bottom, top + (top - bottom) * 0.16)
    axes.set_xlim(-0.5, len(points) - 0.5)
    axes.set_xticks(told, [points[x].label.replace(" ", "\n", 1) for x in told])
    axes.yaxis.set_major_formatter(lambda value, _position: f"{value:g}%")
    axes.tick_params(labelsize=8.5, colors=_FAINT, length=0)
    axes.grid(axis="y", color=_GRID, linewidth=0.8)
    _headline(figure, title)
    return _png(figure)


@rc_context(_STYLE)
def bars(items: Sequence[Bar], *, title: str, target: Decimal | None, target_label: str) -> bytes:
    """A bar a unit, in the given order, coloured by whether the target is reached; one without a figure is marked with the reason; PNG."""
    groups = list(dict.fromkeys(item.group for item in items))
    rows = len(items) + len(groups)
    figure, axes = _card(0.75 + 0.31 * rows)
    limit = max([100.0, *(float(item.percent) for item in items if item.percent is not None)])
    y = 0.0
    for group in groups:
        axes.text(0, y + 0.15, group[:1].upper() + group[1:], fontsize=9, fontweight="bold", color=_INK, va="center")
        y += 1
        for item in (i for i in items if i.group == group):
            axes.text(0, y - 0.24, textwrap.shorten(item.label, 40, placeholder="…"), fontsize=8.5, color=_INK, va="center")
            axes.barh(y + 0.18, limit, height=0.2, color="#f7dcdc" if item.percent is None else "#e6eaee")
            if item.percent is None:
                axes.text(limit, y - 0.24, item.shown, fontsize=8.5, color=_TARGET, va="center", ha="right", fontweight="bold")
            else:
                axes.barh(y + 0.18, float(item.percent), height=0.2, color=_colour(item.percent, target))
                axes.text(limit, y - 0.24, item.shown, fontsize=8.5, color=_INK, va="center", ha="right", fontweight="bold")
            y += 1
    if target is not None and float(target) < limit:
        axes.axvline(float(target), color=_TARGET, linewidth=1.2, linestyle=(0, (5, 3)))
    axes.set_xlim(0, limit)
    axes.set_ylim(y - 0.4, -0.6)
    axes.set_axis_off()
    _headline(figure, title, f"{target_label} (xanh: đạt; cam: chưa đạt)" if target is not None else "")
    return _png(figure)


def _colour(percent: Decimal, target: Decimal | None) -> str:
    if target is None:
        return _LINE
    return _REACHED if percent >= target else _BELOW


def _card(height_inches: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(_WIDTH_INCHES, height_inches), dpi=_DOTS_PER_INCH, facecolor=_CARD, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(facecolor=_CARD)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_GRID)
    return figure, axes


def _headline(figure: Figure, title: str, note: str = "") -> None:
    lines = [*textwrap.wrap(title, 48), *([note] if note else [])]
    figure.suptitle("\n".join(lines), x=0.02, ha="left", fontsize=9, color=_INK)


def _png(figure: Figure) -> bytes:
    out = io.BytesIO()
    # No 'Software' text: the same figures give the same bytes.
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()
