"""The use case 'digest': what the store knows of a week becomes one mail, frozen as it was known when it was sent.

    store ── build ──▶ figures ── render ──▶ mail ── one transaction: frozen digest + outbox row ──▶ delivery

Safe to run twice: a digest has one name and one week, and the second run gives back the frozen one. Nothing is sent from here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import Config, DigestConfig, FormConfig
from mailbox_ingest.errors import ConfigurationError, ConflictError
from mailbox_ingest.model import LetterContent, Mailbox, Outcome, OutgoingKind, OutgoingMail, Unit
from mailbox_ingest.periods import LOCAL_ZONE, Period, local_day
from mailbox_ingest.render.digest import digest_letter
from mailbox_ingest.render.digest_context import Health
from mailbox_ingest.render.outgoing import announcement
from mailbox_ingest.render.templates import Templates, shipped
from mailbox_ingest.rollup import weekly
from mailbox_ingest.rollup.figures import ExemptUnit, Restatement, WeeklyDigest
from mailbox_ingest.rollup.freeze import frozen_figures, told_totals
from mailbox_ingest.rollup.restate import restatements
from mailbox_ingest.rollup.weekly import MAX_HISTORY_WEEKS, due_of
from mailbox_ingest.store.digests import find_digest, last_digest, save_digest
from mailbox_ingest.store.exemptions import list_exemptions
from mailbox_ingest.store.messages import count_messages
from mailbox_ingest.store.outbox import queue_mail
from mailbox_ingest.store.polls import last_successful_poll
from mailbox_ingest.store.records import FrozenDigest
from mailbox_ingest.store.reports import accepted_reports, held_reports, restated_reports
from mailbox_ingest.store.rosters import freeze_roster, frozen_codes, owing_units, roster_of
from mailbox_ingest.store.units import load_units


@dataclass(frozen=True, slots=True, kw_only=True)
class SentDigest:
    """A frozen digest. `new` is False where an earlier run had frozen it; `queued` where this run put it into the outbox."""

    digest: FrozenDigest
    new: bool
    queued: bool


def build(session: Session, *, config: Config, digest: DigestConfig, period: Period, as_of: datetime) -> WeeklyDigest:
    """The figures of `period` as known at `as_of` (aware). Reads only."""
    form = config.form(digest.form)
    roster = _of_groups(_roster(session, form, period), digest)
    since = period.shifted(-MAX_HISTORY_WEEKS)
    rosters = frozen_codes(session, form.name, since=since, until=period.shifted(-1), groups=digest.groups)
    return weekly(
        form=form,
        period=period,
        as_of=as_of,
        roster=roster,
        reports=accepted_reports(session, form.name, as_of=as_of, since=since, until=period),
        held=_held(session, form, period),
        rosters=rosters,
        exempt=_exempt(session, form, period, digest, roster),
        restatements=_restated(session, form, digest.name, period=period, as_of=as_of, rosters=rosters),
    )


def _roster(session: Session, form: FormConfig, period: Period) -> tuple[Unit, ...]:
    return roster_of(session, form.name, period, due_on=local_day(due_of(form, period)))


def _exempt(session: Session, form: FormConfig, period: Period, digest: DigestConfig, roster: tuple[Unit, ...]) -> tuple[ExemptUnit, ...]:
    """The exempt units of this digest's scope, in the order of the registry; one that reported all the same is in the roster."""
    reasons = {exemption.unit: exemption.reason for exemption in list_exemptions(session, form.name, period)}
    if not reasons:
        return ()
    owing = {unit.code for unit in roster}
    units = _of_groups(load_units(session, active_only=False), digest)
    return tuple(
        ExemptUnit(code=unit.code, name=unit.name, group=unit.group, reason=reasons[unit.code])
        for unit in units
        if unit.code in reasons and unit.code not in owing
    )


def _restated(
    session: Session, form: FormConfig, name: str, *, period: Period, as_of: datetime, rosters: Mapping[Period, frozenset[str]]
) -> tuple[Restatement, ...]:
    """What changed for earlier weeks since the last digest of this name was made."""
    last = last_digest(session, name, period)
    if last is None:
        return ()
    said, now = restated_reports(session, form.name, said_at=last.as_of, as_of=as_of, before=period)
    return restatements(form, said=said, now=now, rosters=rosters, told=told_totals(last.figures))


def health(session: Session, *, config: Config, period: Period) -> Health:
    """How the service fares: the mailbox that was longest without a look counts."""
    polls = [last_successful_poll(session, mailbox.name) for mailbox in config.mailboxes]
    finished = [poll.finished_at for poll in polls if poll is not None]
    seen = count_messages(session, since=_start(period))
    return Health(
        last_poll_at=min(finished) if finished and len(finished) == len(polls) else None,
        mails_seen=seen.received + seen.reading + sum(seen.outcomes.values()),
        watched=bool(config.mailboxes),
    )


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

    Raises ConfigurationError for an unknown digest, or when no outgoing address is configured.
    """
    digest = _configured(config, name)
    sender = _sender(config)
    with (snapshots or sessions).begin() as session:
        frozen = find_digest(session, name, period)
    if frozen is not None:
        return SentDigest(digest=frozen, new=False, queued=False)
    form = config.form(digest.form)
    with sessions.begin() as session:
        _close_earlier(session, form, name, period, now)
        if now >= due_of(form, period):
            freeze_roster(session, form.name, period, _owing(session, form, period), now=now)
    figures, content = _render(snapshots or sessions, config, digest, period, now)
    frozen = FrozenDigest(name=name, form=form.name, period=period, as_of=now, figures=frozen_figures(figures), content=content)
    try:
        with sessions.begin() as session:
            number = save_digest(session, frozen, now=now)
            mail = _mail(digest, period, content, sender) if digest.recipients else None
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


def preview(
    snapshots: sessionmaker[Session],
    config: Config,
    name: str,
    period: Period,
    now: datetime,
    *,
    folder: Path,
    compose: Callable[[OutgoingMail], bytes] | None = None,
) -> tuple[Path, ...]:
    """Writes what would be sent into `folder` (made if missing) and changes nothing else: .txt, .html, pictures, workbook, and with
    `compose` (OutgoingMail -> RFC 5322 bytes) the .eml. A frozen digest is shown as it was sent.

    Raises ConfigurationError for an unknown digest.
    """
    digest = _configured(config, name)
    with snapshots.begin() as session:
        frozen = find_digest(session, name, period)
    content = frozen.content if frozen is not None else _render(snapshots, config, digest, period, now)[1]
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{name}-{period}"
    page = content.html or ""
    files: dict[str, bytes] = {}
    for file in content.attachments:
        own_name = f"{stem}-{file.name}" if file.content_id else file.name
        files[own_name] = file.data
        if file.content_id:
            page = page.replace(f"cid:{file.content_id}", own_name)  # so that a browser shows the page from the folder
    files[f"{stem}.html"] = page.encode()
    files[f"{stem}.txt"] = f"{content.subject}\n\n{content.text}".encode()
    if compose is not None:
        files[f"{stem}.eml"] = compose(_mail(digest, period, content, _sender(config)))
    for file_name, data in files.items():
        (folder / file_name).write_bytes(data)
    return tuple(folder / file_name for file_name in sorted(files))


def _render(
    snapshots: sessionmaker[Session], config: Config, digest: DigestConfig, period: Period, now: datetime
) -> tuple[WeeklyDigest, LetterContent]:
    with snapshots.begin() as session:
        figures = build(session, config=config, digest=digest, period=period, as_of=now)
        condition = health(session, config=config, period=period)
    templates = Templates(Path(config.templates_dir)) if config.templates_dir else shipped()
    return figures, digest_letter(figures, organisation=config.organisation, health=condition, templates=templates)


def _held(session: Session, form: FormConfig, period: Period) -> dict[str | None, int]:
    """Messages that wait for a person: by unit where unit and week are known, the others of this week's mail under None."""
    placed = held_reports(session, form.name, period)
    held: Counter[str | None] = Counter(unit for unit, _ in {(report.unit, report.message_id) for report in placed})
    waiting = count_messages(session, since=_start(period)).outcomes.get(Outcome.NEEDS_REVIEW, 0)
    others = waiting - len({report.message_id for report in placed})
    return {**held, None: others} if others > 0 else dict(held)


def _of_groups(units: tuple[Unit, ...], digest: DigestConfig) -> tuple[Unit, ...]:
    return tuple(unit for unit in units if not digest.groups or unit.group in digest.groups)


def _start(period: Period) -> datetime:
    return datetime.combine(period.monday, time(), tzinfo=LOCAL_ZONE)


def _mail(digest: DigestConfig, period: Period, content: LetterContent, sender: Mailbox) -> OutgoingMail:
    recipients = tuple(Mailbox(email=email) for email in digest.recipients)
    return announcement(key=f"digest:{digest.name}:{period}", kind=OutgoingKind.DIGEST, to=recipients, content=content, sender=sender)


def _configured(config: Config, name: str) -> DigestConfig:
    for item in config.digests:
        if item.name == name:
            return item
    known = ", ".join(item.name for item in config.digests) or "none"
    raise ConfigurationError(f"digests: there is no digest {name!r}; configured: {known}")


def _sender(config: Config) -> Mailbox:
    if config.smtp is None:
        raise ConfigurationError("smtp: a digest needs an address to come from; configure [smtp] with sender and sender_name")
    return Mailbox(email=config.smtp.sender, name=config.smtp.sender_name)
