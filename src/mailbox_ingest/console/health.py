"""Sức khỏe: alarms, mailboxes, the day's budgets, jobs, and the outbox with what administrators may do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from mailbox_ingest.console.answers import Answer, Go, Page
from mailbox_ingest.console.refusals import told
from mailbox_ingest.console.visit import NotThere, Visit
from mailbox_ingest.errors import DecisionRefused
from mailbox_ingest.store.ledger.lookup import count_messages
from mailbox_ingest.store.operations.jobs import list_job_runs
from mailbox_ingest.store.operations.polls import bytes_fetched_since, last_poll, last_successful_poll, list_polls
from mailbox_ingest.store.operations.records import Poll
from mailbox_ingest.store.outgoing.lookup import count_outbox, list_outbox
from mailbox_ingest.store.outgoing.outbox import recipients_sent_since

_DAY = timedelta(hours=24)
_SILENT_POLLS = 6  # so many intervals without a success, and the page says so


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxHealth:
    name: str
    address: str
    last: Poll | None
    last_success: Poll | None
    bytes_24h: int
    silent: bool


def show(visit: Visit) -> Answer:
    return _page(visit)


def tend_outbox(visit: Visit) -> Answer:
    """A mail let go or taken out; everything that is stopped let go on."""
    desk, verb, number = visit.app.outbox_desk(visit.visitor.name), visit.given("viec"), visit.given("thu", 18)
    reason = visit.given("ly-do", 500)
    try:
        match verb:
            case "resume":
                desk.resume(reason=reason)
            case "release" | "drop" if not (number.isascii() and number.isdecimal()):
                raise NotThere
            case "release":
                desk.release(number, reason=reason)
            case "drop":
                desk.drop(number, reason=reason or "bỏ từ bàn làm việc")
            case _:
                raise NotThere
    except DecisionRefused as refused:
        return _page(visit, problems=(told(refused, visit),))
    return Go(to="/suc-khoe", note=f"outbox_{verb}")


def _page(visit: Visit, *, problems: tuple[str, ...] = ()) -> Answer:
    health = visit.app.health(history=10)
    gates = visit.app.outbox_desk(visit.visitor.name).gates()
    config, now = visit.app.config, visit.app.clock()
    patience = timedelta(minutes=config.schedule.poll_minutes * _SILENT_POLLS)
    with visit.app.snapshots.begin() as session:
        mailboxes = []
        for box in config.mailboxes:
            success = last_successful_poll(session, box.name)
            mailboxes.append(
                MailboxHealth(
                    name=box.name,
                    address=box.address,
                    last=last_poll(session, box.name),
                    last_success=success,
                    bytes_24h=bytes_fetched_since(session, box.name, now - _DAY),
                    silent=success is None or now - success.finished_at > patience,
                )
            )
        values = {
            "mailboxes": mailboxes,
            "failures": list_polls(session, failed=True, limit=10),
            "jobs": list_job_runs(session, limit=30),
            "ledger": count_messages(session),
            "outbox": count_outbox(session),
            "stuck": [entry for state in ("held", "failed", "queued") for entry in list_outbox(session, state=state, limit=20)],
            "alarms": health.alarms,
            "history": health.history,
            "gates": gates,
            "problems": problems,
            "sent_24h": recipients_sent_since(session, now - _DAY),
            "smtp": config.smtp,
        }
    return Page(template="health.html", values=values, status=422 if problems else 200)
