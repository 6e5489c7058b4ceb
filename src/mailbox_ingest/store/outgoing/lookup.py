"""Reads the outbox back: a mail by its key, states, counts, lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, Select, func, select
from sqlalchemy.orm import Session

from mailbox_ingest.model import LetterContent, Mailbox, OutgoingKind, OutgoingMail
from mailbox_ingest.store.database.codec import file_from_row
from mailbox_ingest.store.outgoing.records import OutboxEntry, QueuedMail
from mailbox_ingest.store.tables import OUTGOING, OUTGOING_FILES, OUTGOING_RECIPIENTS


def is_our_mail(session: Session, message_id: str) -> bool:
    """Whether a mail of ours has this Message-ID (with angle brackets)."""
    return session.execute(select(OUTGOING.c.id).where(OUTGOING.c.rfc_message_id == message_id)).first() is not None


def find_mail(session: Session, key: str) -> OutgoingMail | None:
    """The mail with this key, whatever its state."""
    mail_id = session.scalar(select(OUTGOING.c.id).where(OUTGOING.c.mail_key == key))
    return None if mail_id is None else load_mails(session, {mail_id: False})[0].mail


def find_entry(session: Session, key: str) -> OutboxEntry | None:
    """The state of the mail with this key."""
    row = session.execute(select(OUTGOING).where(OUTGOING.c.mail_key == key)).mappings().first()
    return None if row is None else _entry(row, _recipients(session, [row["id"]]).get(row["id"], []))


def list_keys(session: Session, start: str) -> tuple[str, ...]:
    """The keys that begin with `start`, oldest first."""
    query = select(OUTGOING.c.mail_key).where(OUTGOING.c.mail_key.startswith(start, autoescape=True)).order_by(OUTGOING.c.id)
    return tuple(session.scalars(query))


def count_outbox(session: Session) -> dict[str, int]:
    """Mails by state."""
    rows = session.execute(select(OUTGOING.c.state, func.count()).group_by(OUTGOING.c.state))
    return {row[0]: int(row[1]) for row in rows}


def list_outbox(
    session: Session, *, state: str | None = None, kind: str | None = None, in_answer_to: int | None = None, limit: int = 200
) -> tuple[OutboxEntry, ...]:
    """Newest first."""
    query = select(OUTGOING).order_by(OUTGOING.c.id.desc()).limit(limit)
    if kind is not None:
        query = query.where(OUTGOING.c.kind == kind)
    if state is not None:
        query = query.where(OUTGOING.c.state == state)
    if in_answer_to is not None:
        query = query.where(OUTGOING.c.in_answer_to == in_answer_to)
    return find_entries(session, query)


def find_entries(session: Session, query: Select[Any]) -> tuple[OutboxEntry, ...]:
    """The rows that a query over OUTGOING gives, in its order."""
    rows = session.execute(query).mappings().all()
    recipients = _recipients(session, [row["id"] for row in rows])
    return tuple(_entry(row, recipients.get(row["id"], [])) for row in rows)


def load_mails(session: Session, chosen: dict[int, bool]) -> tuple[QueuedMail, ...]:
    rows = {row["id"]: row for row in session.execute(select(OUTGOING).where(OUTGOING.c.id.in_(list(chosen)))).mappings()}
    recipients = _recipients(session, list(chosen))
    files: dict[int, list[RowMapping]] = {}
    wanted = select(OUTGOING_FILES).where(OUTGOING_FILES.c.outgoing_id.in_(list(chosen)))
    for file in session.execute(wanted.order_by(OUTGOING_FILES.c.outgoing_id, OUTGOING_FILES.c.position)).mappings():
        files.setdefault(file["outgoing_id"], []).append(file)
    return tuple(
        QueuedMail(
            id=mail_id,
            mail=_mail(rows[mail_id], recipients.get(mail_id, []), files.get(mail_id, [])),
            attempts=rows[mail_id]["attempts"],
            was_sending=was_sending,
        )
        for mail_id, was_sending in chosen.items()
    )


def _recipients(session: Session, mail_ids: Sequence[int]) -> dict[int, list[Mailbox]]:
    found: dict[int, list[Mailbox]] = {}
    query = select(OUTGOING_RECIPIENTS).where(OUTGOING_RECIPIENTS.c.outgoing_id.in_(mail_ids))
    for row in session.execute(query.order_by(OUTGOING_RECIPIENTS.c.outgoing_id, OUTGOING_RECIPIENTS.c.position)).mappings():
        found.setdefault(row["outgoing_id"], []).append(Mailbox(email=row["email"], name=row["name"]))
    return found


def _mail(row: RowMapping, recipients: Sequence[Mailbox], files: Sequence[RowMapping]) -> OutgoingMail:
    return OutgoingMail(
        key=row["mail_key"],
        kind=OutgoingKind(row["kind"]),
        message_id=row["rfc_message_id"],
        sender=Mailbox(email=row["sender_email"], name=row["sender_name"]),
        to=tuple(recipients),
        content=LetterContent(
            subject=row["subject"],
            text=row["text_body"],
            html=row["html_body"],
            attachments=tuple(file_from_row(dict(file)) for file in files),
        ),
        auto_submitted=row["auto_submitted"],
        in_reply_to=row["in_reply_to"],
        references=tuple(row["reference_ids"]),
        in_answer_to=row["in_answer_to"],
    )


def _entry(row: RowMapping, recipients: Sequence[Mailbox]) -> OutboxEntry:
    same = ("id", "kind", "state", "subject", "queued_at", "due_at", "attempts", "sent_at", "last_answer", "in_answer_to")
    return OutboxEntry(
        key=row["mail_key"],
        message_id=row["rfc_message_id"],
        recipients=tuple(to.email for to in recipients),
        **{name: row[name] for name in same},
    )
