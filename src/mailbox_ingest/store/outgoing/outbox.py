"""The outbox: queues mails once, hands out what is due within the budget, remembers what became of them.

queued --claim_due--> sending --mark_sent--> sent, or back to queued (deferred), failed, given_up, or held for a person (`desk.py`).
Commit after claiming, before the network.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update
from sqlalchemy.orm import Session

from mailbox_ingest.model import OutgoingKind, OutgoingMail
from mailbox_ingest.store.database.clocks import SKEW
from mailbox_ingest.store.database.codec import files_to_rows
from mailbox_ingest.store.database.inserts import insert_unless_known
from mailbox_ingest.store.outgoing.lookup import load_mails
from mailbox_ingest.store.outgoing.records import QueuedMail
from mailbox_ingest.store.registry.contacts import note_refusal
from mailbox_ingest.store.tables import MESSAGES, OPEN_MAIL, OUTGOING, OUTGOING_FILES, OUTGOING_RECIPIENTS

# A clerk waits for a receipt; the digest has a reserve of its own; reminders take what is left.
PRIORITIES = {
    OutgoingKind.RECEIPT: 10,
    OutgoingKind.REVIEW_DECISION: 10,
    OutgoingKind.DIGEST: 20,
    OutgoingKind.UPWARD: 20,
    OutgoingKind.REMINDER: 30,
}
RESERVED_FOR = frozenset({OutgoingKind.DIGEST, OutgoingKind.UPWARD})  # whose reserve `reserved_for_digest` is
ABANDONED_AFTER = timedelta(minutes=10)


def queue_mail(
    session: Session, mail: OutgoingMail, *, now: datetime, in_answer_to: int | None = None, held: str | None = None
) -> int | None:
    """Queues a mail; None when one with its key is already there, whatever its state. `in_answer_to` serves where the mail names none.

    With `held`, the reason, it waits for a person to release it.
    """
    content = mail.content
    row = {
        "mail_key": mail.key,
        "kind": mail.kind.value,
        "priority": PRIORITIES[mail.kind],
        "rfc_message_id": mail.message_id,
        "sender_email": mail.sender.email,
        "sender_name": mail.sender.name,
        "recipient_count": len(mail.to),
        "subject": content.subject,
        "text_body": content.text,
        "html_body": content.html,
        "auto_submitted": mail.auto_submitted,
        "in_reply_to": mail.in_reply_to,
        "reference_ids": list(mail.references),
        "in_answer_to": mail.in_answer_to if mail.in_answer_to is not None else in_answer_to,
        "state": "queued" if held is None else "held",
        "last_answer": held,
        "queued_at": now,
        "due_at": now,
        "attempts": 0,
    }
    written = insert_unless_known(session, OUTGOING, [row], unique=("mail_key",), returning="id")
    if not written:
        return None
    mail_id = int(written[0])
    if mail.to:
        recipients = [{"outgoing_id": mail_id, "position": n, "email": to.email, "name": to.name} for n, to in enumerate(mail.to)]
        session.connection().execute(insert(OUTGOING_RECIPIENTS), recipients)
    if content.attachments:
        session.connection().execute(insert(OUTGOING_FILES), files_to_rows(content.attachments, "outgoing_id", mail_id))
    return mail_id


def doubt_queued(session: Session, *, since: datetime) -> int:
    """Queued mails of a ledger put back from a copy may have gone out meanwhile, as after a run that died. Gives their number."""
    doubted = update(OUTGOING).where(OUTGOING.c.state == "queued").values(state="sending", sending_since=since).returning(OUTGOING.c.id)
    return len(session.execute(doubted).all())


def claim_due(
    session: Session,
    *,
    now: datetime,
    limit: int,
    budget_recipients: int,
    reserved_for_digest: int = 0,
    reserved_for_receipts: int = 0,
    without: Collection[OutgoingKind] = (),
    abandoned_after: timedelta = ABANDONED_AFTER,
) -> tuple[QueuedMail, ...]:
    """Takes due mails into 'sending': receipts and decisions first, then digests, then reminders, within `budget_recipients`.

    Only digests may use the last `reserved_for_digest` of the budget; reminders leave `reserved_for_receipts` more. Kinds in `without` stay
    queued. A mail that has been in 'sending' for `abandoned_after` was left by a crash: it comes with `was_sending`, and costs no budget
    (`recipients_sent_since` already counts it). The time must exceed what a claimed batch can take; `renew_sending` before each mail keeps
    a slow batch alive. What was queued or taken by a clock that has been set back since is due, or abandoned. Commit before touching the
    network.
    """
    since = OUTGOING.c.sending_since
    abandoned = and_(OUTGOING.c.state == "sending", or_(since <= now - abandoned_after, since > now + SKEW))
    reserves = {kind.value: _reserve(kind, reserved_for_digest, reserved_for_receipts) for kind in OutgoingKind}
    # What cannot fit is left out here: a hundred receipts beyond the budget must not hide the digest behind them.
    fits = or_(*(_fits(kind, budget_recipients - reserves[kind.value]) for kind in OutgoingKind if kind not in without))
    ahead = and_(OUTGOING.c.attempts == 0, OUTGOING.c.queued_at > now + SKEW)
    due = and_(OUTGOING.c.state == "queued", or_(OUTGOING.c.due_at <= now, ahead), fits)
    candidates = session.execute(
        select(OUTGOING.c.id, OUTGOING.c.kind, OUTGOING.c.state, OUTGOING.c.recipient_count)
        .where(OPEN_MAIL, or_(abandoned, due))
        .order_by(OUTGOING.c.state.desc(), OUTGOING.c.priority, OUTGOING.c.due_at, OUTGOING.c.id)  # 'sending' before 'queued'
        .limit(limit * 4)  # some may not fit into the budget
        .with_for_update(skip_locked=True)
    ).all()
    chosen: dict[int, bool] = {}
    left = budget_recipients
    for row in candidates:
        was_sending = row.state == "sending"
        if len(chosen) < limit and (was_sending or row.recipient_count <= left - reserves[row.kind]):
            chosen[row.id] = was_sending
            left -= 0 if was_sending else row.recipient_count
    if not chosen:
        return ()
    session.execute(
        update(OUTGOING).where(OUTGOING.c.id.in_(list(chosen))).values(state="sending", sending_since=now, attempts=OUTGOING.c.attempts + 1)
    )
    return load_mails(session, chosen)


def renew_sending(session: Session, mail_id: int, *, attempts: int, now: datetime) -> bool:
    """Just before sending: True while the mail is still in this claim's hands (`attempts` of the QueuedMail), and its time starts anew."""
    kept = session.execute(
        update(OUTGOING)
        .where(OUTGOING.c.id == mail_id, OUTGOING.c.state == "sending", OUTGOING.c.attempts == attempts)
        .values(sending_since=now)
        .returning(OUTGOING.c.id)
    )
    return kept.first() is not None


def mark_sent(session: Session, mail_id: int, *, now: datetime, answer: str | None = None) -> None:
    _settle(session, mail_id, state="sent", sent_at=now, sending_since=None, last_answer=answer)


def mark_deferred(session: Session, mail_id: int, *, retry_at: datetime, reason: str) -> None:
    """The server asked to try later, or could not be reached: nothing went out."""
    _settle(session, mail_id, state="queued", due_at=retry_at, sending_since=None, last_answer=reason)


def mark_failed(session: Session, mail_id: int, *, now: datetime, reason: str) -> None:
    """The server refused the mail for good. `now` is when; the row stays for the operator."""
    _settle(session, mail_id, state="failed", due_at=now, sending_since=None, last_answer=reason)
    note_refusal(session, mail_id, reason, at=now)


def mark_given_up(session: Session, mail_id: int, *, now: datetime, reason: str) -> None:
    """The server has asked to try later for too long."""
    _settle(session, mail_id, state="given_up", due_at=now, sending_since=None, last_answer=reason)
    note_refusal(session, mail_id, reason, at=now)


def mark_held(session: Session, mail_id: int, *, now: datetime, reason: str) -> None:
    """Only a person can say whether the mail goes out."""
    _settle(session, mail_id, state="held", due_at=now, sending_since=None, last_answer=reason)


def recipients_sent_since(session: Session, moment: datetime) -> int:
    """Recipients of mails sent after `moment`, those in 'sending' included: they may have gone."""
    gone = or_(and_(OUTGOING.c.state == "sent", OUTGOING.c.sent_at > moment), OUTGOING.c.state == "sending")
    return int(session.scalar(select(func.coalesce(func.sum(OUTGOING.c.recipient_count), 0)).where(gone)) or 0)


def latest_sent(session: Session, *, limit: int) -> tuple[str, ...]:
    """The Message-IDs of the mails that went out last."""
    query = select(OUTGOING.c.rfc_message_id).where(OUTGOING.c.state == "sent").order_by(OUTGOING.c.id.desc()).limit(limit)
    return tuple(session.scalars(query))


def has_open_mail(session: Session) -> bool:
    """Whether any mail waits to go out, now or later. One that is held for a person does not."""
    return session.execute(select(OUTGOING.c.id).where(OPEN_MAIL).limit(1)).first() is not None


def answered_between(session: Session, email: str, since: datetime, until: datetime) -> int:
    """Mails of one address that arrived in (since, until] and got a receipt: the cap against loops.

    By arrival, not by queueing: a mailbox read after an outage is no loop.
    """
    answered = and_(OUTGOING.c.in_answer_to == MESSAGES.c.id, OUTGOING.c.kind == OutgoingKind.RECEIPT.value)
    arrived = and_(MESSAGES.c.arrived_at > since, MESSAGES.c.arrived_at <= until)
    counted = select(func.count()).select_from(MESSAGES).join(OUTGOING, answered).where(MESSAGES.c.sender_email == email, arrived)
    return session.scalar(counted) or 0


def _reserve(kind: OutgoingKind, for_digest: int, for_receipts: int) -> int:
    """How much of the budget mails of a kind must leave to others."""
    if kind in RESERVED_FOR:
        return 0
    return for_digest + (for_receipts if kind is OutgoingKind.REMINDER else 0)


def _fits(kind: OutgoingKind, usable: int) -> ColumnElement[bool]:
    return and_(OUTGOING.c.kind == kind.value, OUTGOING.c.recipient_count <= usable)


def _settle(session: Session, mail_id: int, **values: Any) -> None:
    session.execute(update(OUTGOING).where(OUTGOING.c.id == mail_id, OUTGOING.c.state == "sending").values(**values))
