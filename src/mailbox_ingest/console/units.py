"""Đơn vị: the registry, one unit through the weeks, and what may be changed about it. Suggests names while a clerk types."""

from __future__ import annotations

from urllib.parse import urlencode

from mailbox_ingest.app.unit_page import UnitPage
from mailbox_ingest.console.answers import Answer, Go, Page
from mailbox_ingest.console.chart import Chart, line_chart
from mailbox_ingest.console.refusals import told
from mailbox_ingest.console.sheet import unit_text
from mailbox_ingest.console.visit import NotThere, Visit
from mailbox_ingest.console.week import form_asked, page_asked, period_asked
from mailbox_ingest.errors import ConfigurationError, DecisionRefused
from mailbox_ingest.render import wording
from mailbox_ingest.store.registry.contacts import contact_states
from mailbox_ingest.store.registry.records import StoredUnit
from mailbox_ingest.vietnamese.fold import fold

_PER_PAGE = 100
_MOST_SUGGESTED = 20


def registry(visit: Visit) -> Answer:
    units = visit.registry.units().stored
    words, group = visit.asked("q"), visit.asked("nhom")
    found = [unit for unit in units if _asked_for(unit, fold(words), words.lower(), group)]
    page, pages = page_asked(visit), max(-(-len(found) // _PER_PAGE), 1)

    def link(**changes: str) -> str:
        given = {"q": words, "nhom": group} | changes
        return f"/don-vi?{urlencode({name: value for name, value in given.items() if value})}"

    values = {
        "units": found[(page - 1) * _PER_PAGE : page * _PER_PAGE],
        "found": len(found),
        "page": page,
        "pages": pages,
        "groups": sorted({unit.unit.group for unit in units}),
        "proposals": visit.app.addresses(visit.visitor.name).proposals(state="proposed"),
        "names": {unit.unit.code: unit.unit.name for unit in units},
        "words": words,
        "group": group,
        "link": link,
    }
    return Page(template="units.html", values=values)


def suggest(visit: Visit) -> Answer:
    """Names that hold what was typed, for the box of a unit."""
    words = fold(visit.asked("q", 100))
    found = [unit for unit in visit.registry.units().active if words and words in fold(unit_text(unit))]
    return Page(template="_units.html", values={"units": [unit_text(unit) for unit in found[:_MOST_SUGGESTED]]})


def show(visit: Visit) -> Answer:
    return _page(visit)


def exempt(visit: Visit) -> Answer:
    """A week the unit need not report, with the reason for the leadership."""
    code, who, form = visit.path["code"], visit.visitor.name, form_asked(visit).name
    try:
        period = period_asked(visit.given("tuan", 10))
        if period is None:
            return _page(visit, problems=("Chưa chọn tuần.",))
        if visit.given("viec") == "lift":
            visit.app.lift_exemption(code, period, form=form, who=who)
            return Go(to=f"/don-vi/{code}", note="lift_exemption")
        if not visit.given("ly-do"):
            return _page(visit, problems=("Cần ghi lý do miễn báo cáo: lý do có trong bản tin gửi lãnh đạo.",))
        visit.app.exempt_unit(code, period, form=form, reason=visit.given("ly-do", 500), who=who)
    except (DecisionRefused, ConfigurationError) as refused:
        return _page(visit, problems=(told(refused, visit),))
    return Go(to=f"/don-vi/{code}", note="exempt")


def decide_address(visit: Visit) -> Answer:
    """One click: a proposed address is registered or not, or an address that was dead takes mail again."""
    code, address = visit.path["code"], visit.given("dia-chi", 320)
    addresses = visit.app.addresses(visit.visitor.name)
    try:
        match visit.given("viec"):
            case "approve":
                addresses.approve(address, unit=code)
            case "decline":
                addresses.decline(address, unit=code)
            case "revive":
                addresses.revive(address)
            case _:
                raise NotThere
    except DecisionRefused as refused:
        return _page(visit, problems=(told(refused, visit),))
    return Go(to="/don-vi" if visit.given("ve") == "danh-sach" else f"/don-vi/{code}", note=f"address_{visit.given('viec')}")


def _page(visit: Visit, *, problems: tuple[str, ...] = ()) -> Answer:
    form = form_asked(visit)
    try:
        page = visit.app.looking().unit(visit.path["code"], form=form.name)
    except DecisionRefused as unknown:
        raise NotThere from unknown
    addresses = visit.app.addresses(visit.visitor.name)
    with visit.app.snapshots.begin() as session:
        contacts = contact_states(session, page.unit.unit.emails)
    first = form.calendar.first_period
    values = {
        "page": page,
        "weeks": [line for line in page.weeks if line.reports or not first or str(line.period) >= first],
        "form": form,
        "chart": _chart(page),
        "problems": problems,
        "contacts": contacts,
        "proposals": [item for item in addresses.proposals(state="proposed") if item.unit == page.unit.unit.code],
    }
    return Page(template="unit.html", values=values, status=422 if problems else 200)


def _chart(page: UnitPage) -> Chart | None:
    """The last field of the form: the one that the others lead to (installed, of those with a telephone, of the members)."""
    field = page.form.fields[-1]
    weeks = list(reversed(page.weeks))
    first = next((index for index, line in enumerate(weeks) if line.standing is not None), len(weeks))
    points: list[tuple[str, float | None]] = []
    for line in weeks[first:]:
        value = line.standing.values.get(field.name) if line.standing is not None else None
        points.append((wording.short_week(line.period), None if value is None else float(value)))
    return line_chart(points, title=field.title, shown=lambda value: wording.count(round(value)))


def _asked_for(unit: StoredUnit, folded: str, plain: str, group: str) -> bool:
    if group and unit.unit.group != group:
        return False
    named = (unit.unit.name, unit.unit.code, *unit.unit.aliases)
    return not plain or any(folded and folded in fold(name) for name in named) or any(plain in email for email in unit.unit.emails)
