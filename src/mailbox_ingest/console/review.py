"""Cần xem: the queue, one mail beside its documents, and what a clerk decides. Each decision is one call of the house's `Desk`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mailbox_ingest.app.reviewing import Desk
from mailbox_ingest.app.showing import documents_of
from mailbox_ingest.console import mails
from mailbox_ingest.console.answers import Answer, Go, Page
from mailbox_ingest.console.refusals import told
from mailbox_ingest.console.sheet import Sheet, retyped, sheets_of, typed_in, unit_text
from mailbox_ingest.console.visit import NotThere, Visit
from mailbox_ingest.console.words import ACTIONS, OUTCOMES, ready_reasons, stamp
from mailbox_ingest.errors import ConflictError, DecisionRefused, Overtaken
from mailbox_ingest.model import Outcome, Unit
from mailbox_ingest.render.wording import one_line, short_week
from mailbox_ingest.review import HeldMessage
from mailbox_ingest.store.ledger.records import StoredMessage

_MOST_SUGGESTED = 300
_LETTER_FIRST = ("reject", "ask_again")  # the sender's answer is shown before it goes
_DONE = "/can-xem"


def queue(visit: Visit) -> Answer:
    """Oldest deadline first."""
    return Page(template="queue.html", values={"entries": _desk(visit).queue(), "now": visit.app.clock()})


def show(visit: Visit) -> Answer:
    held = _held(visit)
    if held.details.message.outcome is not Outcome.NEEDS_REVIEW:
        return Go(to=f"/thu/{held.details.message.id}")
    return _page(visit, held)


def preview(visit: Visit) -> Answer:
    """The letter that an act would send; nothing is done."""
    return _decide(visit, letter_first=True)


def decide(visit: Visit) -> Answer:
    """Accept (with what was changed), reject, ignore, ask again, merge. What goes to a sender as our own words is shown first."""
    return _decide(visit, letter_first=visit.given("viec") in _LETTER_FIRST and visit.given("buoc") != "gui")


def _decide(visit: Visit, *, letter_first: bool) -> Answer:
    held = _held(visit)
    seen = visit.given("phien-ban", 100) or held.version
    if held.details.message.outcome is not Outcome.NEEDS_REVIEW or seen != held.version:
        last = held.acts[0] if held.acts else None
        return _overtaken(visit, held, last.who if last else None, last.at if last else None, last.action if last else None)
    sheet = next((item for item in _sheets(visit, held) if str(item.report or "") == visit.given("bao-cao")), None)
    if sheet is None or (sheet.report is None and visit.given("mau", 100) != sheet.form.name):  # never into another form than was shown
        return _page(visit, held, problems=("Báo cáo này không thuộc thư này, hoặc không còn nữa. Hãy xem lại.",))
    verb = visit.given("viec")
    units = visit.registry.units().active
    action, options, problems = _asked(visit, held, sheet, units, verb)
    if problems:
        return _page(visit, held, problems=problems, typed=True)
    desk = _desk(visit)
    key = held.details.message.id
    options["expected_version"] = seen
    try:
        if letter_first:
            letter = desk.preview_letter(action, key, **options)
            return Page(template="letter.html", values=_confirmation(visit, held, action, letter))
        desk.act(action, key, **options)
        following = desk.next_after(key)
    except Overtaken as overtaken:
        return _overtaken(visit, _held(visit), overtaken.who, overtaken.at, overtaken.action)
    except (DecisionRefused, ConflictError) as refused:
        return _page(visit, held, problems=(told(refused, visit),), typed=True, refusal=refused.code)
    return Go(to=_DONE if following is None or following.waits_for_sender else f"{_DONE}/{following.id}", note=action)


def _asked(
    visit: Visit, held: HeldMessage, sheet: Sheet, units: tuple[Unit, ...], verb: str
) -> tuple[str, dict[str, Any], tuple[str, ...]]:
    """The act with its options, or why it cannot be."""
    reason = visit.given("ly-do")
    report: dict[str, Any] = {} if sheet.report is None else {"report": sheet.report}
    match verb:
        case "accept":
            typed = typed_in(sheet, visit.form, units, now=visit.app.clock())
            if typed.problems:
                return verb, {}, typed.problems
            options = report | {"replace_newer": visit.given("thay-moi-hon") == "1"}
            changed = {name: value for name, value in typed.values.items() if _read(sheet).get(name) != value}
            moved = typed.unit != sheet.unit_read or typed.period != sheet.period_read
            if not changed and not moved:
                return "accept", options, ()
            options |= {"unit": typed.unit, "period": typed.period}
            if not changed:
                return "reassign", options, ()
            return "correct", options | {"values": changed, "form": sheet.form.name}, ()
        case "reject":
            return verb, report | {"reason": reason}, () if reason else ("Cần ghi lý do trả lại để người gửi biết phải sửa gì.",)
        case "ask_again":
            return verb, {"question": reason}, () if reason else ("Cần ghi câu hỏi gửi cho người gửi.",)
        case "ignore":
            return verb, {"reason": reason}, ()
        case "merge":
            into = visit.given("gop-so", 20) or visit.given("gop-vao", 20)
            if not (into.isascii() and into.isdecimal()):
                return verb, {}, ("Chưa chọn thư để gộp vào.",)
            typed = typed_in(sheet, visit.form, units, now=visit.app.clock())
            if typed.unclear:  # else the figure that was read would be taken, and not the one that was meant
                return verb, {}, typed.unclear
            options = report | {"into": int(into), "reason": reason, "replace_newer": visit.given("thay-moi-hon") == "1"}
            options |= {name: value for name, value in (("unit", typed.unit), ("period", typed.period)) if value is not None}
            whole = visit.given("lay-so") == "1"  # where both mails give a figure, the one in the box counts
            changed = {name: value for name, value in typed.values.items() if whole or _read(sheet).get(name) != value}
            if sheet.report is None:
                options["form"] = sheet.form.name
            return verb, options | ({"values": changed} if changed else {}), ()
    raise NotThere


def _read(sheet: Sheet) -> Mapping[str, int]:
    return {row.name: row.read for row in sheet.rows if row.read is not None}


def _confirmation(visit: Visit, held: HeldMessage, action: str, letter: Any) -> Mapping[str, Any]:
    kept = {name: value for name, value in visit.form.items() if name not in ("csrf", "buoc")}
    return {"held": held, "action": action, "letter": letter, "kept": kept, "message": held.details.message}


def _overtaken(visit: Visit, held: HeldMessage, who: str | None, at: datetime | None, action: str | None) -> Answer:
    """Somebody was faster: what stands now, and that nothing typed here was written."""
    if who and at and action:
        did = ACTIONS.get(action, action)
        said = f"{who} vừa xử lý thư này lúc {stamp(at)} ({did}). Việc bạn vừa làm chưa được ghi."
    else:
        said = "Thư này vừa thay đổi (được đọc lại, hoặc đã có báo cáo khác). Việc bạn vừa làm chưa được ghi; hãy xem lại."
    if held.details.message.outcome is Outcome.NEEDS_REVIEW:
        return _page(visit, held, problems=(said,), typed=True, status=409)
    return mails.page_of(visit, held.details.message.id, problems=(said,), status=409)


def _page(
    visit: Visit,
    held: HeldMessage,
    *,
    problems: tuple[str, ...] = (),
    typed: bool = False,
    refusal: str = "",
    status: int | None = None,
) -> Answer:
    """`refusal` is the code of the last one: what it says can be done is offered."""
    every = visit.registry.units().active
    desk = _desk(visit)
    entries = desk.queue()
    message = held.details.message
    sheets = _sheets(visit, held)
    if typed:
        wanted = visit.given("bao-cao")
        sheets = tuple(retyped(item, visit.form) if str(item.report or "") == wanted else item for item in sheets)
    here = next((number for number, entry in enumerate(entries) if entry.id == message.id), None)
    values = {
        "held": held,
        "message": message,
        "entry": None if here is None else entries[here],
        "before": None if not here else entries[here - 1].id,
        "after": None if here is None or here + 1 >= len(entries) else entries[here + 1].id,
        "place": None if here is None else here + 1,
        "total": len(entries),
        "sheets": sheets,
        "documents": documents_of(held.details),
        "units": [unit_text(unit) for unit in every] if len(every) <= _MOST_SUGGESTED else [],
        "suggest": len(every) > _MOST_SUGGESTED,
        "others": _others(visit, held),
        "ready": ready_reasons({item.code for item in (*held.details.findings, *(f for sheet in sheets for f in sheet.findings))}),
        "problems": problems,
        "refusal": refusal,
        "forms": visit.app.config.forms,
        "chosen": {name: visit.given(f"gop-{name}", 20) if typed else "" for name in ("vao", "so")},
        "reason": visit.form.get("ly-do", "")[:2000] if typed else "",
    }
    return Page(template="review.html", values=values, status=status or (422 if problems else 200))


def _others(visit: Visit, held: HeldMessage) -> tuple[tuple[int, str], ...]:
    """Mails this one may belong to: those near it, and those whose report stands at the same place."""
    message, units = held.details.message, visit.registry.units().by_code
    found: dict[int, str] = {}
    for item in visit.app.looking().related(message.id).items:
        other = item.message
        about = {(report.unit, report.period) for report in item.reports if report.unit and report.period}
        places = [f"{units[unit].name if unit in units else unit}, {short_week(period)}" for unit, period in sorted(about, key=str)]
        state = OUTCOMES[str(other.outcome)][0]
        told_of = one_line(other.subject or "(không có tiêu đề)", 80)
        found[other.id] = f"số {other.id} ({state}): {'; '.join([told_of, *places])} – đến {stamp(other.arrived_at)}"
    for report in held.held:
        current = report.current
        if current is not None and current.message_id != message.id and current.message_id not in found:
            found[current.message_id] = f"số {current.message_id}: báo cáo đang có của tuần này – {stamp(current.arrived_at)}"
    return tuple(found.items())


def _sheets(visit: Visit, held: HeldMessage) -> tuple[Sheet, ...]:
    message = held.details.message
    arrived_at = message.arrived_at or message.received_at or message.sent_at or message.recorded_at
    wanted = visit.given("mau", 100) or visit.asked("mau", 100)
    units = visit.registry.units()
    return sheets_of(held, visit.app.config.forms, units.by_code, arrived_at, wanted=wanted, sender=_unit_of_sender(message, units.active))


def _unit_of_sender(message: StoredMessage, units: tuple[Unit, ...]) -> Unit | None:
    """The one unit that the sender writes for, where nothing says that somebody else wrote in its name."""
    if message.authentication == "fail" or not message.sender_email:
        return None
    found = [unit for unit in units if message.sender_email.lower() in {email.lower() for email in unit.emails}]
    return found[0] if len(found) == 1 else None


def _held(visit: Visit) -> HeldMessage:
    try:
        return _desk(visit).show(visit.number("id"))
    except DecisionRefused as unknown:
        raise NotThere from unknown


def _desk(visit: Visit) -> Desk:
    return visit.app.desk(visit.visitor.name)
