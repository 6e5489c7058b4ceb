"""Tuần này: the grid of units and figures of a week, with completeness, sums and the trend. Every figure leads to its mail."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import urlencode

from mailbox_ingest.app.looking import TrendPoint
from mailbox_ingest.app.week_grid import GridQuery, GridState
from mailbox_ingest.config import FormConfig
from mailbox_ingest.console.answers import Answer, Page
from mailbox_ingest.console.chart import Chart, line_chart
from mailbox_ingest.console.visit import NotThere, Visit
from mailbox_ingest.periods import Period
from mailbox_ingest.render import wording

_WEEKS = 12


def show(visit: Visit) -> Answer:
    looking = visit.app.looking()
    form = form_asked(visit)
    now = looking.current_period(form=form.name)
    period = period_asked(visit.asked("ky", 10)) or now
    state = next((item for item in GridState if item.value == visit.asked("tt", 20)), None)
    wanted = GridQuery(
        states=frozenset() if state is None else frozenset((state,)),
        group=visit.asked("nhom"),
        words=visit.asked("q"),
        sort=visit.asked("xep", 60) or "registry",
        descending=visit.asked("giam", 1) == "1",
        page=page_asked(visit),
    )
    grid = looking.grid(period, form=form.name, wanted=wanted)
    empty = not grid.completeness.reported and not grid.states[GridState.HELD] and not grid.states[GridState.RETURNED]
    here = {
        "ky": str(period),
        "mau": form.name if len(visit.app.config.forms) > 1 else "",
        "tt": state or "",
        "nhom": wanted.group,
        "q": wanted.words,
    }
    here |= {"xep": "" if wanted.sort == "registry" else wanted.sort, "giam": "1" if wanted.descending else ""}

    def link(**changes: str) -> str:
        return f"/tuan?{urlencode({name: value for name, value in (here | changes).items() if value})}"

    values = {
        "grid": grid,
        "form": form,
        "forms": visit.app.config.forms,
        "period": period,
        "current": now,
        "chosen": state,
        "wanted": wanted,
        "link": link,
        "states": tuple(GridState),
        "empty": empty,
        "latest": looking.last_reported(period, form=form.name) if empty else None,
        "chart": _trend(form, looking.trend(period, form=form.name, weeks=_WEEKS)),
    }
    return Page(template="week.html", values=values)


def form_asked(visit: Visit) -> FormConfig:
    """The form of the query, the first one without. Raises NotThere."""
    name = visit.asked("mau", 60)
    found = next((form for form in visit.app.config.forms if name in ("", form.name)), None)
    if found is None:
        raise NotThere
    return found


def period_asked(text: str) -> Period | None:
    """None where none is asked for. Raises NotThere for what is no week."""
    if not text:
        return None
    try:
        return Period.parse(text)
    except ValueError as error:
        raise NotThere from error


def page_asked(visit: Visit) -> int:
    text = visit.asked("trang", 6)
    return max(int(text), 1) if text.isascii() and text.isdecimal() else 1


def _trend(form: FormConfig, points: tuple[TrendPoint, ...]) -> Chart | None:
    """The headline rate by week; where the form has none, how many reported."""
    rate = next((item for item in form.rates if item.name == form.headline_rate), form.rates[0] if form.rates else None)
    if rate is None:
        figures: list[tuple[str, float | None]] = [(wording.short_week(item.period), float(item.reported)) for item in points]
        return line_chart(figures, title="Số đơn vị đã báo cáo", shown=lambda value: wording.count(round(value)))
    shares = [wording.ratio_percent(item.totals.get(rate.numerator, 0), item.totals.get(rate.denominator, 0)) for item in points]
    target = rate.target_percent
    return line_chart(
        [(wording.short_week(item.period), None if share is None else float(share)) for item, share in zip(points, shares, strict=True)],
        title=rate.title,
        shown=lambda value: wording.percent(Decimal(str(round(value, 1)))),
        target=None if target is None else float(target),
        target_label="" if target is None else f"mục tiêu {wording.percent(target)}",
    )
