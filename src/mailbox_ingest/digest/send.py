"""The use case 'digest': what the store knows of a week becomes one mail, frozen as it was known when it was sent.

    store ── build ──▶ figures ── render ──▶ mail ── one transaction: frozen digest + outbox row ──▶ delivery

Safe to run twice: a digest has one name and one week, and the second run gives back the frozen one. Nothing is sent from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import Config, FormConfig
from mailbox_ingest.digest.mail import digest_of, mail_of, render_mail, sender_of
from mailbox_ingest.errors import ConflictError, DecisionRefused
from mailbox_ingest.model import Unit
from mailbox_ingest.periods import Period, local_day
from mailbox_ingest.rollup.freeze import frozen_figures
from mailbox_ingest.rollup.weekly import due_of
from mailbox_ingest.store.outgoing.digests import find_digest, last_digest, save_digest
from mailbox_ingest.store.outgoing.outbox import queue_mail
from mailbox_ingest.store.outgoing.records import FrozenDigest
from mailbox_ingest.store.reports.rosters import freeze_roster, owing_units


@dataclass(frozen=True, slots=True, kw_only=True)
class SentDigest:
    """A frozen digest. `new` is False where an earlier run had frozen it; `queued` where this run put it into the outbox."""

    digest: FrozenDigest
    new: bool
    queued: bool


def send_digest(
    sessions: sessionmaker[Session],
    config: Config,
    name: str,
    period: Period,
    now: datetime,
    *,
    snapshots: sessionmaker[Session] | None = None,
) -> SentDigest:
    """Freezes the digest `name` of `period` and queues its mail, once. `snapshots` give read-only sessions: no writer has to wait.

    Raises ConfigurationError for an unknown digest, or when no outgoing address is configured; DecisionRefused for a week that has not
    begun: frozen empty, it would never be sent at its time.
    """
    digest = digest_of(config, name)
    if period > Period.at(now):
        raise DecisionRefused(f"the digest of {period} cannot be frozen yet: the week has not begun")
    sender = sender_of(config)
    with (snapshots or sessions).begin() as session:
        frozen = find_digest(session, name, period)
    if frozen is not None:
        return SentDigest(digest=frozen, new=False, queued=False)
    form = config.form(digest.form)
    with sessions.begin() as session:
        _close_earlier(session, form, name, period, now)
        if now >= due_of(form, period):
            freeze_roster(session, form.name, period, _owing(session, form, period), now=now)
    figures, content = render_mail(snapshots or sessions, config, digest, period, now)
    frozen = FrozenDigest(name=name, form=form.name, period=period, as_of=now, figures=frozen_figures(figures), content=content)
    try:
        with sessions.begin() as session:
            number = save_digest(session, frozen, now=now)
            mail = mail_of(digest, period, content, sender) if digest.recipients else None
            queued = mail is not None and queue_mail(session, mail, now=now) is not None
            stored = find_digest(session, name, period)
    except ConflictError:
        # Another worker froze it while this one was drawing: what stands in the store is the digest.
        with (snapshots or sessions).begin() as session:
            stored, queued, number = find_digest(session, name, period), False, 0
    return SentDigest(digest=stored or frozen, new=number > 0, queued=queued)


def _owing(session: Session, form: FormConfig, period: Period) -> tuple[Unit, ...]:
    return owing_units(session, form.name, period, due_on=local_day(due_of(form, period)))


def _close_earlier(session: Session, form: FormConfig, name: str, period: Period, now: datetime) -> None:
    """Freezes the roster of the last digest's week where that digest went out before its deadline, which a holiday had put off."""
    last = last_digest(session, name, period)
    if last is not None and now >= due_of(form, last.period):
        freeze_roster(session, form.name, last.period, _owing(session, form, last.period), now=now)
