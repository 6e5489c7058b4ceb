"""Bản tin: digests as they were sent, as they would be sent, and sending one now. A frozen digest is shown byte for byte."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from mailbox_ingest.config import DigestConfig
from mailbox_ingest.console.answers import Answer, Download, Framed, Go, Page
from mailbox_ingest.console.visit import NotThere, Visit
from mailbox_ingest.console.week import period_asked
from mailbox_ingest.digest.mail import render_mail
from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.model import LetterContent, OutgoingAttachment
from mailbox_ingest.periods import Period
from mailbox_ingest.store.outgoing.digests import digest_headers
from mailbox_ingest.store.outgoing.lookup import find_entry

_PICTURES = ("image/png", "image/jpeg")


def overview(visit: Visit) -> Answer:
    """Every configured digest with its recipients, those sent, and the one of this week."""
    looking = visit.app.looking()
    configured = visit.app.config.digests
    with visit.app.snapshots.begin() as session:
        sent = {item.name: digest_headers(session, item.name) for item in configured}
    values = {
        "digests": configured,
        "sent": sent,
        "current": {item.name: looking.current_period(form=item.form) for item in configured},
    }
    return Page(template="digests.html", values=values)


def show(visit: Visit) -> Answer:
    digest, period = _asked(visit)
    frozen = visit.app.find_digest(digest.name, period)
    with visit.app.snapshots.begin() as session:
        entry = find_entry(session, f"digest:{digest.name}:{period}")
    values = {
        "digest": digest,
        "period": period,
        "frozen": frozen,
        "entry": entry,
        "files": [] if frozen is None else [(n, file) for n, file in enumerate(frozen.content.attachments) if not file.content_id],
        "may_send": visit.app.config.smtp is not None,
        "problems": (),
    }
    return Page(template="digest.html", values=values)


def framed(visit: Visit) -> Answer:
    """The mail itself, for a frame without scripts: pictures come inside it."""
    digest, period = _asked(visit)
    frozen = visit.app.find_digest(digest.name, period)
    if frozen is not None:
        return Framed(html=_with_pictures(frozen.content))
    return Framed(html=_with_pictures(render_mail(visit.app.snapshots, visit.app.config, digest, period, visit.app.clock())[1]))


def file(visit: Visit) -> Answer:
    digest, period = _asked(visit)
    frozen = visit.app.find_digest(digest.name, period)
    files: Sequence[OutgoingAttachment] = () if frozen is None else frozen.content.attachments
    number = visit.number("number")
    if number >= len(files):
        raise NotThere
    return Download(data=files[number].data, name=files[number].name)


def send(visit: Visit) -> Answer:
    """Freezes and queues it now, whatever the schedule says; a second time changes nothing."""
    digest, period = _asked(visit)
    if period > Period.at(visit.app.clock()):
        raise NotThere  # the page offers next week's only to look at
    if visit.given("da-xem") != "1":
        return Go(to=f"/ban-tin/{digest.name}/{period}", note="look_first")
    try:
        visit.app.send_digest(digest.name, period)
    except ConfigurationError:
        return Go(to=f"/ban-tin/{digest.name}/{period}", note="no_smtp")
    return Go(to=f"/ban-tin/{digest.name}/{period}", note="digest_sent")


def _asked(visit: Visit) -> tuple[DigestConfig, Period]:
    digest = next((item for item in visit.app.config.digests if item.name == visit.path.get("name")), None)
    period = period_asked(visit.path.get("period", ""))
    if digest is None or period is None or period > Period.at(visit.app.clock()).shifted(1):
        raise NotThere
    return digest, period


def _with_pictures(content: LetterContent) -> str:
    page = content.html or ""
    for item in content.attachments:
        if item.content_id and item.content_type in _PICTURES:
            data = base64.b64encode(item.data).decode()
            page = page.replace(f"cid:{item.content_id}", f"data:{item.content_type};base64,{data}")
    return page
