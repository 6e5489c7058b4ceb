"""How the service fares, in numbers: what `status`, /healthz, /metrics and the watch look at. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailbox_ingest.model import OutgoingKind
from mailbox_ingest.store.tables import MESSAGES, OUTGOING, POLLS

_LOOKED_THROUGH = 1000


def last_message_at(session: Session) -> datetime | None:
    """When the newest row of the ledger was recorded."""
    found: datetime | None = session.scalar(select(MESSAGES.c.recorded_at).order_by(MESSAGES.c.id.desc()).limit(1))
    return found


def quarantined_since(session: Session, moment: datetime) -> int:
    """Messages given up since then, because every attempt to read them failed."""
    given_up = (MESSAGES.c.outcome == "needs_review", MESSAGES.c.quarantined, MESSAGES.c.finished_at > moment)
    return session.scalar(select(func.count()).select_from(MESSAGES).where(*given_up)) or 0


def held_mails(session: Session) -> tuple[int, str]:
    """How many mails wait for a person because nobody knows whether they went out, and why the latest does. Not the reports to the body
    above us: those are held until they are released."""
    query = select(OUTGOING.c.last_answer).where(OUTGOING.c.state == "held", OUTGOING.c.kind != OutgoingKind.UPWARD.value)
    reasons = [reason or "" for reason in session.scalars(query.order_by(OUTGOING.c.id))]
    return len(reasons), reasons[-1] if reasons else ""


def latest_authentication(session: Session, account: str, *, limit: int) -> tuple[tuple[str, str], ...]:
    """What was found about the senders of a mailbox's latest mails by people, as far as they were read: (result, detail), newest first.

    Only the ledger's latest mails are looked through: this is asked every minute.
    """
    lately = MESSAGES.c.id > (select(func.max(MESSAGES.c.id)).scalar_subquery() - _LOOKED_THROUGH)
    of_people = (MESSAGES.c.authentication.is_not(None), MESSAGES.c.sender_email.is_not(None), MESSAGES.c.automatic.is_(None))
    query = select(MESSAGES.c.authentication, MESSAGES.c.authentication_detail).where(lately, MESSAGES.c.account == account, *of_people)
    return tuple((row[0], row[1] or "") for row in session.execute(query.order_by(MESSAGES.c.id.desc()).limit(limit)))


def count_polls(session: Session) -> Mapping[tuple[str, bool], tuple[int, int]]:
    """(account, succeeded) -> (passes, bytes fetched), ever."""
    columns = (POLLS.c.account, POLLS.c.succeeded, func.count(), func.coalesce(func.sum(POLLS.c.bytes_fetched), 0))
    rows = session.execute(select(*columns).group_by(POLLS.c.account, POLLS.c.succeeded))
    return {(account, bool(succeeded)): (int(count), int(size)) for account, succeeded, count, size in rows}
