"""What the store knows of a range of days becomes figures and a mail: on demand, for whoever asks. `upward.py` sends them up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import Config, DigestConfig, FormConfig
from mailbox_ingest.digest.build import unreachable_units
from mailbox_ingest.digest.mail import digest_of, sender_of
from mailbox_ingest.digest.show import write_letter
from mailbox_ingest.model import LetterContent, Mailbox, Outcome, OutgoingKind, Unit
from mailbox_ingest.periods import LOCAL_ZONE, Period, local_day
from mailbox_ingest.render.outgoing import announcement
from mailbox_ingest.render.span.letter import span_letter
from mailbox_ingest.rollup.figures import EarlierFigures
from mailbox_ingest.rollup.span import Span, SpanRollup, span_rollup
from mailbox_ingest.rollup.weekly import MAX_HISTORY_WEEKS, due_of
from mailbox_ingest.store.ledger.lookup import count_messages
from mailbox_ingest.store.outgoing.lookup import list_keys
from mailbox_ingest.store.outgoing.outbox import queue_mail
from mailbox_ingest.store.reports.history import figures_by_week
from mailbox_ingest.store.reports.rosters import roster_of
from mailbox_ingest.store.reports.standing import accepted_reports, held_reports


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRollup:
    """A mail of a range. `new` is False where one with these days was queued before."""

    key: str
    new: bool
    content: LetterContent


def build_span(
    session: Session, *, form: FormConfig, groups: tuple[str, ...], span: Span, as_of: datetime, bare: bool = False
) -> SpanRollup:
    """The figures of a range as known at `as_of` (aware). Reads only; `bare` leaves out what silent units gave before the range."""
    first = span.first_week
    held: Counter[str | None] = Counter()
    messages: set[int] = set()
    for week in span.weeks:
        placed = held_reports(session, form.name, week)
        held.update(unit for unit, _ in {(report.unit, report.message_id) for report in placed})
        messages |= {report.message_id for report in placed}
    since = datetime.combine(span.first, time(), tzinfo=LOCAL_ZONE)
    held[None] = max(count_messages(session, since=since).outcomes.get(Outcome.NEEDS_REVIEW, 0) - len(messages), 0)
    return span_rollup(
        form=form,
        span=span,
        as_of=as_of,
        roster=_roster(session, form, groups, span),
        reports=accepted_reports(session, form.name, as_of=as_of, since=first, until=span.last_week),
        before={} if bare else _before(session, form, first, as_of),
        held=held,
        unreachable=unreachable_units(session),
    )


def preview_span(
    snapshots: sessionmaker[Session], config: Config, name: str, span: Span, now: datetime, *, folder: Path
) -> tuple[Path, ...]:
    """Writes what `send_span` would send into `folder` and changes nothing else. Raises ConfigurationError for an unknown digest."""
    content = _letter(snapshots, config, digest_of(config, name), span, now)
    return write_letter(content, folder=folder, stem=f"{name}-{span.first}-{span.last}")


def send_span(
    sessions: sessionmaker[Session],
    config: Config,
    name: str,
    span: Span,
    now: datetime,
    *,
    again: bool = False,
    snapshots: sessionmaker[Session] | None = None,
) -> SentRollup:
    """Queues the mail of a range to the recipients of the digest `name`, once; with `again`, once more with the figures of now.

    Raises ConfigurationError for an unknown digest, or when no outgoing address is configured.
    """
    digest, sender = digest_of(config, name), sender_of(config)
    stem = f"rollup:{name}:{span}:"
    with (snapshots or sessions).begin() as session:
        known = list_keys(session, stem)
    content = _letter(snapshots or sessions, config, digest, span, now)
    key = f"{stem}{len(known) + 1 if again or not known else len(known)}"
    to = tuple(Mailbox(email=email) for email in digest.recipients)
    mail = announcement(key=key, kind=OutgoingKind.DIGEST, to=to, content=content, sender=sender)
    with sessions.begin() as session:
        new = bool(to) and queue_mail(session, mail, now=now) is not None
    return SentRollup(key=key, new=new, content=content)


def _letter(snapshots: sessionmaker[Session], config: Config, digest: DigestConfig, span: Span, now: datetime) -> LetterContent:
    with snapshots.begin() as session:
        figures = build_span(session, form=config.form(digest.form), groups=digest.groups, span=span, as_of=now)
    return span_letter(
        figures, organisation=config.organisation, templates_dir=Path(config.templates_dir) if config.templates_dir else None
    )


def _before(session: Session, form: FormConfig, first: Period, as_of: datetime) -> dict[str, EarlierFigures]:
    """What each unit gave last before the week `first`."""
    names = [field.name for field in form.fields]
    past = figures_by_week(session, form.name, names, as_of=as_of, since=first.shifted(-MAX_HISTORY_WEEKS), until=first.shifted(-1))
    return {
        unit: EarlierFigures(period=week, values={name: value for name, value in zip(names, values, strict=True) if value is not None})
        for week in sorted(past)
        for unit, values in past[week].items()
    }


def _roster(session: Session, form: FormConfig, groups: tuple[str, ...], span: Span) -> tuple[Unit, ...]:
    """Who owed a report in any week of the range; the last week says in which order, and under which name."""
    found: dict[str, Unit] = {}
    for week in reversed(span.weeks):
        for unit in roster_of(session, form.name, week, due_on=local_day(due_of(form, week))):
            found.setdefault(unit.code, unit)
    return tuple(unit for unit in found.values() if not groups or unit.group in groups)
