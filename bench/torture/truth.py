"""What an office came to: one value that can be compared with that of an undisturbed office, and what must hold of it whatever happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, text

from bench.torture.mails import TortureMail
from bench.torture.office import Office
from mailbox_ingest.store.database.engine import session_factory
from mailbox_ingest.store.tables import MESSAGES, OUTGOING, REPORT_FIELDS, REPORTS

Report = tuple[str, str, str, str, tuple[tuple[str, int | None], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """`outcomes` by Message-ID and outcome; `reports` with the Message-ID they came in, unit, week, status and values; `replies` are the
    Message-IDs that were answered, with the reply's subject, as the provider saw it."""

    outcomes: Counter[tuple[str, str | None]]
    reports: Counter[Report]
    replies: Counter[tuple[str, str]]


def truth_of(office: Office) -> Truth:
    with session_factory(office.engine, read_only=True).begin() as session:
        messages = session.execute(select(MESSAGES.c.rfc_message_id, MESSAGES.c.outcome)).all()
        fields: dict[int, list[tuple[str, int | None]]] = {}
        for row in session.execute(select(REPORT_FIELDS.c.report_id, REPORT_FIELDS.c.field, REPORT_FIELDS.c.value)):
            fields.setdefault(row.report_id, []).append((row.field, row.value))
        chosen = select(REPORTS.c.id, REPORTS.c.unit, REPORTS.c.period, REPORTS.c.status, MESSAGES.c.rfc_message_id)
        reports = session.execute(chosen.join(MESSAGES, MESSAGES.c.id == REPORTS.c.message_id)).all()
    return Truth(
        outcomes=Counter((row.rfc_message_id, row.outcome) for row in messages),
        reports=Counter((row.rfc_message_id, row.unit, row.period, row.status, tuple(sorted(fields.get(row.id, ())))) for row in reports),
        replies=Counter((mail.in_reply_to, mail.subject) for mail in office.provider.mails if mail.in_reply_to is not None),
    )


def breaches(office: Office, undisturbed: Truth | None) -> Iterator[str]:
    """Every promise that does not hold, in words. Without `undisturbed`, only what the mails' makers expect counts."""
    found = truth_of(office)
    yield from _ledger(office)
    yield from _outbox(office)
    yield from _expected(office.appended, found)
    if undisturbed is not None:
        for name in ("outcomes", "reports", "replies"):
            yield from _differences(name, getattr(undisturbed, name), getattr(found, name))
    for life in office.lives:
        yield from (f"a bug's words in the log: {line.strip()}" for line in life.noise[:3])
        yield from (f"a mail failed: {line.get('reason')}" for line in life.named("message_failed", "mail_failed"))


def open_work(office: Office) -> str:
    """What is left to do, '' when nothing is."""
    with session_factory(office.engine, read_only=True).begin() as session:
        rows = session.execute(text("SELECT count(*), sum(CASE WHEN state <> 'done' THEN 1 ELSE 0 END) FROM messages")).one()
        unsent = session.scalar(text("SELECT count(*) FROM outgoing WHERE state IN ('queued', 'sending')"))
    missing = len(office.appended) - rows[0]
    return "" if not (missing or rows[1] or unsent) else f"{missing} mails not fetched, {rows[1]} not read, {unsent} not sent"


def digests_due(start: datetime, end: datetime) -> int:
    """How many Fridays at 17:30 in Quảng Trị (10:30 UTC) lie between."""
    first = start.replace(hour=10, minute=30, second=0, microsecond=0)
    moments = (first + timedelta(days=day) for day in range((end - start).days + 2))
    return sum(1 for moment in moments if moment.isoweekday() == 5 and start <= moment <= end)


def _ledger(office: Office) -> Iterator[str]:
    with session_factory(office.engine, read_only=True).begin() as session:
        rows = session.execute(select(MESSAGES.c.folder, MESSAGES.c.uid, MESSAGES.c.state, MESSAGES.c.quarantined)).all()
    if len(rows) != len(office.appended):
        yield f"{len(office.appended)} mails were put into the mailbox, the ledger has {len(rows)} rows"
    if len({(row.folder, row.uid) for row in rows}) != len(rows):
        yield "a mail has several rows"
    for state, number in Counter(row.state for row in rows if row.state != "done").items():
        yield f"{number} mails are {state}, not done"
    quarantined = sum(row.quarantined for row in rows)
    if quarantined:
        yield f"{quarantined} mails were quarantined"


def _outbox(office: Office) -> Iterator[str]:
    with session_factory(office.engine, read_only=True).begin() as session:
        rows = session.execute(select(OUTGOING.c.rfc_message_id, OUTGOING.c.state, OUTGOING.c.in_answer_to)).all()
    copies = office.provider.copies()
    for row in rows:
        if row.state != "sent":
            yield f"mail {row.rfc_message_id} is {row.state}, not sent"
        if copies[row.rfc_message_id] != 1:
            yield f"the server got {copies[row.rfc_message_id]} copies of {row.rfc_message_id} ({row.state})"
    for stranger in set(copies) - {row.rfc_message_id for row in rows}:
        yield f"the server got {stranger}, which no outbox knows"
    for message, number in Counter(row.in_answer_to for row in rows if row.in_answer_to is not None).items():
        if number != 1:
            yield f"message {message} got {number} replies"


def _expected(mails: list[TortureMail], found: Truth) -> Iterator[str]:
    """What the makers of the mails know, so that an undisturbed office is not simply believed."""
    outcomes: dict[str, list[str | None]] = {}
    for (message_id, outcome), number in found.outcomes.items():
        outcomes.setdefault(message_id, []).extend([outcome] * number)
    answered = Counter(message_id for message_id, _ in found.replies.elements())
    wanted: dict[str, list[TortureMail]] = {}
    for mail in mails:
        wanted.setdefault(mail.message_id, []).append(mail)
    for message_id, group in wanted.items():
        allowed = [mail.outcomes for mail in group]
        got = outcomes.get(message_id, [])
        if len(got) != len(allowed) or not all(any(outcome in right for right in allowed) for outcome in got):
            yield f"{group[0].kind} {message_id}: expected {[sorted(right) for right in allowed]}, got {got}"
        replies = sum(mail.answered for mail in group)
        if answered[message_id] != replies:
            yield f"{group[0].kind} {message_id}: expected {replies} replies, the server got {answered[message_id]}"


def _differences(name: str, wanted: Counter[object], got: Counter[object]) -> Iterator[str]:
    for item in wanted - got:
        yield f"{name}: missing {item}"
    for item in got - wanted:
        yield f"{name}: too much {item}"
