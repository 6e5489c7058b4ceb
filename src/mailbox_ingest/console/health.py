"""Sức khỏe: mailboxes, the day's budgets, jobs and the outbox, as the store knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from mailbox_ingest.console.answers import Answer, Page
from mailbox_ingest.console.visit import Visit
from mailbox_ingest.store.jobs import list_job_runs
from mailbox_ingest.store.messages import count_messages
from mailbox_ingest.store.outbox import count_outbox, list_outbox, recipients_sent_since
from mailbox_ingest.store.polls import bytes_fetched_since, last_poll, last_successful_poll, list_polls
from mailbox_ingest.store.records import Poll

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
            "stuck": [entry for state in ("failed", "queued") for entry in list_outbox(session, state=state, limit=20)],
            "sent_24h": recipients_sent_since(session, now - _DAY),
            "smtp": config.smtp,
        }
    return Page(template="health.html", values=values)
