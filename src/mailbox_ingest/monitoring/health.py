"""How the service stands at one moment, and whether it does its work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from mailbox_ingest.config import Config
from mailbox_ingest.model import Outcome
from mailbox_ingest.model.alarms import Alarm
from mailbox_ingest.store.database.migrate import current_revision, needed_revision
from mailbox_ingest.store.ledger.lookup import count_messages
from mailbox_ingest.store.operations.alarms import alarm_history, open_alarms
from mailbox_ingest.store.operations.health import count_polls
from mailbox_ingest.store.operations.polls import bytes_fetched_since, last_poll, last_successful_poll
from mailbox_ingest.store.outgoing.lookup import count_outbox
from mailbox_ingest.store.outgoing.outbox import recipients_sent_since

_DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxHealth:
    """One mailbox. `failure` is why the latest look failed, None where it succeeded or there was none."""

    last_successful_poll: datetime | None
    age_seconds: float | None
    failure: str | None
    polls_succeeded: int
    polls_failed: int
    bytes_fetched: int
    bytes_fetched_24h: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """`problems` says why `ok` is false. `history`: alarms that are over, newest first. Counts are empty while the database is away."""

    at: datetime
    ok: bool
    problems: tuple[str, ...]
    schema: str | None
    mailboxes: Mapping[str, MailboxHealth] = field(default_factory=dict)
    alarms: tuple[Alarm, ...] = ()
    history: tuple[Alarm, ...] = ()
    messages: Mapping[str, int] = field(default_factory=dict)
    unread: int = 0
    held: int = 0
    outbox: Mapping[str, int] = field(default_factory=dict)
    recipients_24h: int = 0
    recipients_budget_24h: int | None = None


def examine(
    session: Session, config: Config, *, now: datetime, started_at: datetime, remembered: Sequence[Alarm] = (), history: int = 0
) -> Health:
    """`started_at`: a mailbox not looked into since is no problem before its time is over. Raises what the store raises."""
    schema, needed = current_revision(session.connection()), needed_revision()
    counts = count_messages(session)
    outcomes = {str(outcome): count for outcome, count in counts.outcomes.items()}
    alarms = (*open_alarms(session), *remembered)
    polls = count_polls(session)
    mailboxes: dict[str, MailboxHealth] = {}
    problems = [f"alarm {alarm.kind} ({alarm.key}): {alarm.detail}" for alarm in alarms if alarm.kind.halts]
    if schema != needed:
        problems.insert(0, f"database: schema {schema}, this version needs {needed}")
    for box in config.mailboxes:
        good, latest = last_successful_poll(session, box.name), last_poll(session, box.name)
        succeeded, failed = polls.get((box.name, True), (0, 0)), polls.get((box.name, False), (0, 0))
        mailboxes[box.name] = MailboxHealth(
            last_successful_poll=None if good is None else good.finished_at,
            age_seconds=None if good is None else (now - good.finished_at).total_seconds(),
            failure=None if latest is None else latest.failure,
            polls_succeeded=succeeded[0],
            polls_failed=failed[0],
            bytes_fetched=succeeded[1] + failed[1],
            bytes_fetched_24h=bytes_fetched_since(session, box.name, now - _DAY),
        )
        since = started_at if good is None else max(started_at, good.finished_at)
        if now - since > timedelta(minutes=config.alarms.no_poll_minutes):
            problems.append(f"mailbox {box.name}: no successful look for more than {config.alarms.no_poll_minutes} minutes")
    return Health(
        at=now,
        ok=not problems,
        problems=tuple(problems),
        schema=schema,
        mailboxes=mailboxes,
        alarms=alarms,
        history=alarm_history(session, limit=history) if history else (),
        messages=outcomes,
        unread=counts.received + counts.reading,
        held=outcomes.get(str(Outcome.NEEDS_REVIEW), 0),
        outbox=count_outbox(session),
        recipients_24h=recipients_sent_since(session, now - _DAY),
        recipients_budget_24h=None if config.smtp is None else config.smtp.budget_24h_recipients,
    )


def database_away(reason: str, *, now: datetime, remembered: Sequence[Alarm] = ()) -> Health:
    """What can be said without the database."""
    return Health(at=now, ok=False, problems=(f"database: {reason}",), schema=None, alarms=tuple(remembered))
