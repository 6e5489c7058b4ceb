"""What the command line and the console show of the store: frozen values, read in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from mailbox_ingest.app.addresses import Unreached, unreached
from mailbox_ingest.config import Config
from mailbox_ingest.digest import UpwardReport, upward_reports
from mailbox_ingest.model.alarms import Alarm
from mailbox_ingest.periods import Period
from mailbox_ingest.store.ledger.lookup import count_messages, find_message, list_messages, message_details
from mailbox_ingest.store.ledger.records import LedgerCounts, MessageDetails, ReportDetails, StoredMessage
from mailbox_ingest.store.operations.alarms import open_alarms
from mailbox_ingest.store.operations.polls import DOWNLOAD_WINDOW, bytes_fetched_since, last_poll, last_successful_poll
from mailbox_ingest.store.operations.records import Poll
from mailbox_ingest.store.outgoing.digests import list_digests
from mailbox_ingest.store.outgoing.gates import closed_gates
from mailbox_ingest.store.outgoing.lookup import count_outbox, list_outbox
from mailbox_ingest.store.outgoing.records import ClosedGate, OutboxEntry
from mailbox_ingest.store.registry.proposals import list_proposals


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledgered:
    """One message of the ledger with everything known of it. `file` is the base name of the file it came from, '' for IMAP.
    `reply` is the mail queued in answer to it, whatever its state; None where nothing was."""

    file: str
    details: MessageDetails
    reply: OutboxEntry | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How the house stands. `outbox` counts mails by state, `closed` is what stops it; `digests` gives the last period sent.

    `downloaded_bytes_24h` is what each mailbox cost, of its budget. `unreached` are addresses that our mail does not reach; `proposals`
    counts those that wait to be registered or declined.
    """

    counts: LedgerCounts
    outbox: Mapping[str, int]
    closed: tuple[ClosedGate, ...]
    polls: Mapping[str, Poll | None]
    successful_polls: Mapping[str, Poll | None]
    alarms: tuple[Alarm, ...]
    downloaded_bytes_24h: Mapping[str, int]
    digests: Mapping[str, Period | None]
    upward: tuple[UpwardReport, ...]
    messages: tuple[StoredMessage, ...]
    unreached: tuple[Unreached, ...]
    proposals: int


def ledgered(session: Session, config: Config, ledger_id: int, *, file: str = "") -> Ledgered | None:
    """A message by its number, its values in the order of the form; None where the ledger has no such number."""
    details = message_details(session, ledger_id)
    if details is None:
        return None
    reports = tuple(_in_form_order(report, config) for report in details.reports)
    answers = list_outbox(session, in_answer_to=ledger_id, limit=1)
    return Ledgered(file=file, details=replace(details, reports=reports), reply=answers[0] if answers else None)


def explain(session: Session, config: Config, key: str) -> Ledgered | None:
    """A message by its number or Message-ID."""
    message = find_message(session, key)
    return None if message is None else ledgered(session, config, message.id)


def _in_form_order(report: ReportDetails, config: Config) -> ReportDetails:
    """Fields as the form has them, then any it does not know (any more)."""
    form = next((item for item in config.forms if item.name == report.form), None)
    names = dict.fromkeys((*(item.name for item in form.fields), *report.evidence, *report.values) if form else report.values)
    return replace(
        report,
        values={name: report.values[name] for name in names if name in report.values},
        evidence={name: report.evidence[name] for name in names if name in report.evidence} if form else report.evidence,
    )


def status(session: Session, config: Config, *, now: datetime, messages: int) -> Status:
    digests: dict[str, Period | None] = {}
    for item in config.digests:
        frozen = list_digests(session, name=item.name, limit=1)
        digests[item.name] = frozen[0].period if frozen else None
    return Status(
        counts=count_messages(session),
        outbox=count_outbox(session),
        closed=closed_gates(session, now=now),
        polls={box.name: last_poll(session, box.name) for box in config.mailboxes},
        successful_polls={box.name: last_successful_poll(session, box.name) for box in config.mailboxes},
        alarms=open_alarms(session),
        downloaded_bytes_24h={box.name: bytes_fetched_since(session, box.name, now - DOWNLOAD_WINDOW) for box in config.mailboxes},
        digests=digests,
        upward=upward_reports(session, config, now=now),
        messages=list_messages(session, limit=messages) if messages > 0 else (),
        unreached=unreached(session, config),
        proposals=len(list_proposals(session, state="proposed")),
    )
