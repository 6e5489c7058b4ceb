"""Finds messages of the ledger by sender, unit, words, outcome and time, newest first, page by page; with what each was about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select, union
from sqlalchemy.orm import Session

from mailbox_ingest.model import Outcome, ReportStatus
from mailbox_ingest.periods import Period
from mailbox_ingest.store.ledger.lookup import stored_messages
from mailbox_ingest.store.ledger.records import StoredMessage
from mailbox_ingest.store.tables import ATTACHMENTS, MESSAGE_WORDS, MESSAGES, REPORTS, UNIT_ADDRESSES
from mailbox_ingest.vietnamese.fold import fold

MAX_WORDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageQuery:
    """Everything given must hold. `sender` is a part of the address; `unit` a code: a report of it, or a sender registered for it; `words`
    stand in subject, sender or names of attached files, without regard to accents and case. `since` and `until` bound the arrival."""

    sender: str = ""
    unit: str = ""
    words: str = ""
    outcome: Outcome | None = None
    state: str | None = None
    period: Period | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundReport:
    id: int
    form: str
    unit: str | None
    period: Period | None
    status: ReportStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundMessage:
    message: StoredMessage
    reports: tuple[FoundReport, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundMessages:
    """One page. `older` is the `before_id` of the next page, None on the last."""

    items: tuple[FoundMessage, ...]
    older: int | None


def search_messages(session: Session, wanted: MessageQuery, *, before_id: int | None = None, limit: int = 50) -> FoundMessages:
    """Newest first by ledger number; `before_id` continues a list."""
    query = _where(select(MESSAGES), wanted)
    if before_id is not None:
        query = query.where(MESSAGES.c.id < before_id)
    found = stored_messages(session, query.order_by(MESSAGES.c.id.desc()).limit(limit + 1))
    return _page(session, found[:limit], older=found[limit - 1].id if len(found) > limit else None)


def count_found(session: Session, wanted: MessageQuery) -> int:
    """How many messages the whole list has."""
    return session.scalar(_where(select(func.count()).select_from(MESSAGES), wanted)) or 0


def related_messages(session: Session, message_id: int, *, limit: int = 10, within: timedelta = timedelta(days=21)) -> FoundMessages:
    """What may belong together with this message: held or accepted, near in time, of its sender or thread, or about its unit and week."""
    known = session.execute(select(MESSAGES).where(MESSAGES.c.id == message_id)).first()
    if known is None:
        return FoundMessages(items=(), older=None)
    near = known.arrived_at or known.recorded_at
    places = session.execute(select(REPORTS.c.form, REPORTS.c.unit, REPORTS.c.period).where(REPORTS.c.message_id == message_id)).all()
    ways = [
        select(REPORTS.c.message_id).where(REPORTS.c.form == form, REPORTS.c.unit == unit, REPORTS.c.period == period)
        for form, unit, period in places
        if unit and period
    ]
    same = (
        (MESSAGES.c.sender_email, known.sender_email),
        (MESSAGES.c.rfc_message_id, known.in_reply_to),
        (MESSAGES.c.in_reply_to, known.rfc_message_id),
    )
    ways += [select(MESSAGES.c.id).where(column == value) for column, value in same if value]
    if not ways:
        return FoundMessages(items=(), older=None)
    usable = MESSAGES.c.outcome.in_([item.value for item in (Outcome.NEEDS_REVIEW, Outcome.ACCEPTED, Outcome.ACCEPTED_WITH_WARNINGS)])
    # A union, because each way has an index, and one OR over all of them has none.
    query = select(MESSAGES).where(MESSAGES.c.id.in_(union(*ways)), usable, MESSAGES.c.id != message_id)
    query = query.where(MESSAGES.c.arrived_at >= near - within, MESSAGES.c.arrived_at <= near + within)
    return _page(session, stored_messages(session, query.order_by(MESSAGES.c.id.desc()).limit(limit)), older=None)


def _page(session: Session, page: Sequence[StoredMessage], *, older: int | None) -> FoundMessages:
    ids = [message.id for message in page]
    reports, files = _reports(session, ids), _files(session, ids)
    items = tuple(FoundMessage(message=m, reports=tuple(reports.get(m.id, ())), files=tuple(files.get(m.id, ()))) for m in page)
    return FoundMessages(items=items, older=older)


def _where(query: Select[Any], wanted: MessageQuery) -> Select[Any]:
    narrowed = query
    if wanted.sender:
        narrowed = narrowed.where(MESSAGES.c.sender_email.contains(wanted.sender.strip().lower(), autoescape=True))
    if wanted.outcome is not None:
        narrowed = narrowed.where(MESSAGES.c.outcome == wanted.outcome.value)
    if wanted.state is not None:
        narrowed = narrowed.where(MESSAGES.c.state == wanted.state)
    if wanted.since is not None:
        narrowed = narrowed.where(MESSAGES.c.arrived_at >= wanted.since)
    if wanted.until is not None:
        narrowed = narrowed.where(MESSAGES.c.arrived_at < wanted.until)
    if wanted.unit:
        of_unit = select(REPORTS.c.message_id).where(REPORTS.c.unit == wanted.unit)
        addresses = select(UNIT_ADDRESSES.c.email).where(UNIT_ADDRESSES.c.unit == wanted.unit)
        narrowed = narrowed.where(or_(MESSAGES.c.id.in_(of_unit), MESSAGES.c.sender_email.in_(addresses)))
    if wanted.period is not None:
        narrowed = narrowed.where(MESSAGES.c.id.in_(select(REPORTS.c.message_id).where(REPORTS.c.period == str(wanted.period))))
    words = fold(wanted.words).split()[:MAX_WORDS]
    if words:
        narrowed = narrowed.join(MESSAGE_WORDS, MESSAGE_WORDS.c.message_id == MESSAGES.c.id)
        for word in words:
            narrowed = narrowed.where(MESSAGE_WORDS.c.words.contains(f" {word}", autoescape=True))  # from the beginning of a word
    return narrowed


def _reports(session: Session, ids: list[int]) -> Mapping[int, list[FoundReport]]:
    found: dict[int, list[FoundReport]] = {}
    columns = (REPORTS.c.id, REPORTS.c.message_id, REPORTS.c.form, REPORTS.c.unit, REPORTS.c.period, REPORTS.c.status)
    query = select(*columns).where(REPORTS.c.message_id.in_(ids)).order_by(REPORTS.c.message_id, REPORTS.c.position)
    for row in session.execute(query):
        period = None if row.period is None else Period.parse(row.period)
        item = FoundReport(id=row.id, form=row.form, unit=row.unit, period=period, status=ReportStatus(row.status))
        found.setdefault(row.message_id, []).append(item)
    return found


def _files(session: Session, ids: list[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    columns = (ATTACHMENTS.c.message_id, ATTACHMENTS.c.name, ATTACHMENTS.c.path)
    query = select(*columns).where(ATTACHMENTS.c.message_id.in_(ids)).order_by(ATTACHMENTS.c.message_id, ATTACHMENTS.c.position)
    for row in session.execute(query):
        found.setdefault(row.message_id, []).append(row.name or row.path)
    return found
