"""Thư: one mail of the ledger with what was read and decided, its documents as pages and text, and downloads. Shows, never runs."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from mailbox_ingest.app.showing import Showcase, documents_of, numbered_evidence
from mailbox_ingest.console.answers import Answer, Download, Page, Picture
from mailbox_ingest.console.sheet import unit_named
from mailbox_ingest.console.visit import NotThere, Visit
from mailbox_ingest.console.week import period_asked
from mailbox_ingest.console.words import PROBLEMS
from mailbox_ingest.model import Box, Outcome, Severity
from mailbox_ingest.render.letters.reasons import short_reasons
from mailbox_ingest.store.ledger.claims import load_raw
from mailbox_ingest.store.ledger.lookup import find_message, message_details
from mailbox_ingest.store.ledger.records import MessageDetails
from mailbox_ingest.store.ledger.search import FoundMessages, MessageQuery
from mailbox_ingest.store.outgoing.lookup import list_outbox
from mailbox_ingest.store.people.audit import list_acts


def ledger(visit: Visit) -> Answer:
    """The ledger, newest first, by what people remember of a mail."""
    outcome = next((item for item in Outcome if item.value == visit.asked("kq", 30)), None)
    period, before = period_asked(visit.asked("ky", 10)), visit.asked("truoc", 18)
    units = visit.registry.units().by_code
    typed = visit.asked("don-vi", 300)
    unit = unit_named(typed, units.values()) if typed else None
    wanted = MessageQuery(sender=visit.asked("tu"), unit=unit or "", words=visit.asked("q"), outcome=outcome, period=period)
    looking = visit.app.looking()
    before_id = int(before) if before.isascii() and before.isdecimal() else None
    found = looking.messages(wanted, before_id=before_id) if unit or not typed else FoundMessages(items=(), older=None)
    here = {"q": wanted.words, "tu": wanted.sender, "don-vi": typed, "kq": outcome or "", "ky": visit.asked("ky", 10)}

    def link(**changes: str) -> str:
        return f"/thu?{urlencode({name: value for name, value in (here | changes).items() if value})}"

    values = {
        "found": found,
        "wanted": wanted,
        "typed": typed,
        "outcome": outcome,
        "outcomes": tuple(Outcome),
        "period": period,
        "names": {code: item.name for code, item in units.items()},
        "first": before_id is None,
        "link": link,
    }
    return Page(template="mails.html", values=values)


def show(visit: Visit) -> Answer:
    return page_of(visit, visit.number("id"))


def page_of(visit: Visit, message_id: int, *, problems: tuple[str, ...] = (), status: int = 200) -> Answer:
    details = details_of(visit, message_id)
    units = visit.registry.units().by_code  # before the session below: one request, one connection
    forms = {form.name: form for form in visit.app.config.forms}
    codes = [(item.code, item.field) for item in details.findings]
    codes += [(item.code, item.field) for report in details.reports for item in report.findings if item.severity is not Severity.INFO]
    form = forms.get(details.reports[0].form) if details.reports else None
    with visit.app.snapshots.begin() as session:
        values = {
            "details": details,
            "message": details.message,
            "documents": documents_of(details),
            "acts": list_acts(session, message_id=message_id),
            "replies": list_outbox(session, in_answer_to=message_id),
            "units": units,
            "forms": forms,
            "reasons": short_reasons(codes, form, quarantined=details.message.quarantined),
            "problems": problems,
        }
    return Page(template="mail.html", values=values, status=status)


def raw(visit: Visit) -> Answer:
    """The mail as it came, to keep."""
    number = visit.number("id")
    with visit.app.snapshots.begin() as session:
        data = load_raw(session, number)
    if data is None:
        raise NotThere
    return Download(data=data, name=f"thu-{number}.eml")


class Documents:
    """The documents of mails; holds the showcase that renders them."""

    def __init__(self, showcase: Showcase) -> None:
        self._showcase = showcase

    def show(self, visit: Visit) -> Answer:
        """One document, as a page of its own or (manh=1) as the part of one."""
        details, number, path = _document(visit)
        drawn = visit.asked("ve") == "1"
        shown = self._showcase.show(details, path, drawn=drawn)
        values = {
            "shown": shown,
            "problem": PROBLEMS.get(shown.problem, ""),
            "number": number,
            "message": details.message,
            "drawn": drawn,
            "boxes": {} if drawn else _boxes(details, path, shown.boxes),
            "file": path in {item.path for item in details.attachments},
        }
        return Page(template="_document.html" if visit.asked("manh") == "1" else "document.html", values=values)

    def page(self, visit: Visit) -> Answer:
        """The picture of one page."""
        details, _, path = _document(visit)
        shown = self._showcase.show(details, path, drawn=visit.asked("ve") == "1")
        wanted = visit.number("page")
        data = next((page.data for page in shown.pages if page.number == wanted), None)
        if data is None:
            raise NotThere
        return Picture(data=data, content_type="image/jpeg")

    def prepare(self, visit: Visit) -> Answer:
        """Makes the first document of the mail that comes next, so that it is there at once."""
        details = details_of(visit, visit.number("id"))
        paths = documents_of(details)
        if paths:
            self._showcase.show(details, paths[0])
        return Page(template="_nothing.html")

    def file(self, visit: Visit) -> Answer:
        details, _, path = _document(visit)
        data = self._showcase.file(details.message.id, path)
        if data is None:
            raise NotThere
        name = next((item.name for item in details.attachments if item.path == path and item.name), path.rpartition("/")[2])
        return Download(data=data, name=name)


def details_of(visit: Visit, message_id: int) -> MessageDetails:
    """Raises NotThere for a number the ledger does not have."""
    with visit.app.snapshots.begin() as session:
        if find_message(session, message_id) is None:
            raise NotThere
        details = message_details(session, message_id)
    if details is None:
        raise NotThere
    return details


def _document(visit: Visit) -> tuple[MessageDetails, int, str]:
    """By its place in the list of the mail's documents: no path ever comes from an address."""
    details = details_of(visit, visit.number("id"))
    number = visit.number("number")
    paths = documents_of(details)
    if not 0 <= number < len(paths):
        raise NotThere
    return details, number, paths[number]


def _boxes(details: MessageDetails, path: str, typed: Iterable[tuple[int, Box]]) -> dict[int, list[tuple[int, Box]]]:
    """Boxes to outline, by page, with the number of their evidence: those that scans were read with, and those of typed pages."""
    found: dict[int, list[tuple[int, Box]]] = {}
    for number, box in typed:
        found.setdefault(box.page, []).append((number, box))
    for number, piece in numbered_evidence(details):
        if piece.document == path and piece.box is not None:
            found.setdefault(piece.box.page, []).append((number, piece.box))
    return found
