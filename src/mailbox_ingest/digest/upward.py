"""The report to the body above us: drafted from the figures of its days, held until a person lets it go, sent once.

draft ─▶ held ─release─▶ queued ─▶ sent          `draft` again: the held one is given up, a new one with the figures of now takes its place

One transaction each. The key 'upward:<name>:<number>' is unique, so that two workers make one draft; nothing is drafted after a release.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import Config, UpwardConfig
from mailbox_ingest.digest.mail import sender_of
from mailbox_ingest.digest.show import write_letter
from mailbox_ingest.digest.span import build_span
from mailbox_ingest.errors import ConfigurationError, DecisionRefused
from mailbox_ingest.model import LetterContent, Mailbox, OutgoingKind
from mailbox_ingest.render.outgoing import announcement
from mailbox_ingest.render.span.letter import Addressed, span_letter
from mailbox_ingest.rollup.span import Span, SpanRollup, span_figures
from mailbox_ingest.store.outgoing.desk import drop_mail, find_entry, release_mail
from mailbox_ingest.store.outgoing.lookup import list_keys
from mailbox_ingest.store.outgoing.outbox import queue_mail
from mailbox_ingest.store.outgoing.records import OutboxEntry
from mailbox_ingest.store.people.audit import list_acts, record_act

WAITING = "waits for a person to release it"
GONE = frozenset({"queued", "sending", "sent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class UpwardReport:
    """Where a report stands. `mail` is its newest draft, None before the first; `changed`: the figures are no longer those of the draft."""

    name: str
    form: str
    due: datetime
    draft_at: datetime
    release: str
    mail: OutboxEntry | None
    changed: bool = False

    @property
    def state(self) -> str:
        return "not drafted" if self.mail is None else self.mail.state


def upward_reports(session: Session, config: Config, *, now: datetime) -> tuple[UpwardReport, ...]:
    """Every configured report with its newest draft; for one that is held, whether its figures still stand. Reads only."""
    found = []
    for item in config.upward:
        mail = _newest(session, item.name)
        changed = mail is not None and mail.state == "held" and _told(session, mail) != span_figures(_figures(session, config, item, now))
        found.append(
            UpwardReport(
                name=item.name, form=item.form, due=item.due, draft_at=item.draft_at, release=item.release, mail=mail, changed=changed
            )
        )
    return tuple(found)


def preview_upward(snapshots: sessionmaker[Session], config: Config, name: str, now: datetime, *, folder: Path) -> tuple[Path, ...]:
    """Writes the mail with its files, with the figures of now, into `folder`. Raises ConfigurationError for an unknown name."""
    content, _ = _render(snapshots, config, _item(config, name), now)
    return write_letter(content, folder=folder, stem=name)


def draft_upward(
    sessions: sessionmaker[Session],
    config: Config,
    name: str,
    now: datetime,
    *,
    who: str,
    again: bool = False,
    snapshots: sessionmaker[Session] | None = None,
) -> tuple[OutboxEntry, bool]:
    """The draft, and whether it is new. One that is there stays, unless `again`: then a new one takes the place of the held one.

    Raises DecisionRefused with `again` when the report was released already, ConfigurationError for an unknown name or without [smtp].
    """
    item, sender = _item(config, name), sender_of(config)
    with (snapshots or sessions).begin() as session:
        standing = _newest(session, name)
    if standing is not None and not again:
        return standing, False
    _refuse_released(standing)
    content, figures = _render(snapshots or sessions, config, item, now)
    to = tuple(Mailbox(email=email) for email in item.recipients)
    with sessions.begin() as session:
        newest = _newest(session, name)
        if (newest and newest.id) != (standing and standing.id):
            assert newest is not None
            return newest, False  # somebody else drafted it meanwhile
        _refuse_released(newest)
        if newest is not None and newest.state in ("held", "failed"):
            drop_mail(session, str(newest.id), who=who, now=now, note="replaced by a newer draft")
        key = f"upward:{name}:{len(list_keys(session, _stem(name))) + 1}"
        mail = announcement(key=key, kind=OutgoingKind.UPWARD, to=to, content=content, sender=sender)
        number = queue_mail(session, mail, now=now, held=_why_held(item, figures))
        if number is not None:
            record_act(session, who=who, action="upward_drafted", subject=f"mail:{number}", now=now, after=span_figures(figures))
        entry = find_entry(session, key)
    assert entry is not None
    return entry, number is not None


def release_upward(
    sessions: sessionmaker[Session], config: Config, name: str, now: datetime, *, who: str, as_drafted: bool = False, note: str = ""
) -> OutboxEntry:
    """Lets the held draft go out. Raises DecisionRefused where there is none, and where its figures have changed, unless `as_drafted`."""
    item = _item(config, name)
    with sessions.begin() as session:
        newest = _newest(session, name)
        if newest is None or newest.state != "held":
            state = "was not drafted yet" if newest is None else f"is {newest.state}"
            raise DecisionRefused(f"upward {name}: it {state}: nothing waits for a release")
        told, now_told = _told(session, newest), span_figures(_figures(session, config, item, now))
        if told != now_told and not as_drafted:
            raise DecisionRefused(
                f"upward {name}: the figures changed since the draft of {newest.queued_at.isoformat()} ({_difference(told, now_told)}): "
                "run 'upward draft --again' to bring it up to date, or release it with --as-drafted"
            )
        return release_mail(session, str(newest.id), who=who, now=now, note=note, upward=True)


def drafts_due(session: Session, config: Config, *, now: datetime, since: datetime) -> tuple[str, ...]:
    """The reports whose draft is to be made now. One that would go out by itself is not made up for from before `since`."""
    return tuple(
        item.name
        for item in config.upward
        if item.draft_at <= now and (item.release == "human" or item.draft_at >= since) and _newest(session, item.name) is None
    )


def _item(config: Config, name: str) -> UpwardConfig:
    for item in config.upward:
        if item.name == name:
            return item
    known = ", ".join(item.name for item in config.upward) or "none: add an [[upward]] table"
    raise ConfigurationError(f"upward {name}: expected one of the configured reports ({known})")


def _why_held(item: UpwardConfig, figures: SpanRollup) -> str | None:
    """An empty report never goes up by itself."""
    if figures.completeness.reported == 0:
        return f"nobody has reported: {WAITING}"
    return None if item.release == "automatic" else WAITING


def _stem(name: str) -> str:
    return f"upward:{name}:"


def _newest(session: Session, name: str) -> OutboxEntry | None:
    keys = list_keys(session, _stem(name))
    return find_entry(session, keys[-1]) if keys else None


def _refuse_released(entry: OutboxEntry | None) -> None:
    if entry is None:
        return
    if entry.state in GONE:
        raise DecisionRefused(f"mail {entry.id} ({entry.key}) is {entry.state}: a report goes up once")
    if entry.state == "held" and entry.attempts:
        raise DecisionRefused(f"mail {entry.id} ({entry.key}) may have gone out ({entry.last_answer}): release it, or drop it first")


def _figures(session: Session, config: Config, item: UpwardConfig, now: datetime, *, bare: bool = True) -> SpanRollup:
    span = Span(first=item.since, last=item.until)
    return build_span(session, form=config.form(item.form), groups=item.groups, span=span, as_of=now, bare=bare)


def _render(snapshots: sessionmaker[Session], config: Config, item: UpwardConfig, now: datetime) -> tuple[LetterContent, SpanRollup]:
    with snapshots.begin() as session:
        figures = _figures(session, config, item, now, bare=False)
    content = span_letter(
        figures,
        organisation=config.organisation,
        addressed=Addressed(to=item.to, basis=item.basis, about=item.about),
        templates_dir=Path(config.templates_dir) if config.templates_dir else None,
        template=item.template,
    )
    return content, figures


def _told(session: Session, mail: OutboxEntry) -> dict[str, Any] | None:
    """The figures of a draft, as they were written down when it was made."""
    acts = [act for act in list_acts(session, subject=f"mail:{mail.id}") if act.action == "upward_drafted"]
    return dict(acts[0].after) if acts and acts[0].after is not None else None


def _difference(told: dict[str, Any] | None, now: dict[str, Any]) -> str:
    """'reported 28 -> 29, installed 3102 -> 3144'."""
    if told is None:
        return "nothing is known of the figures in it"
    before, after = ({"reported": item["reported"], "expected": item["expected"], **item["totals"]} for item in (told, now))
    moved = [f"{name} {before.get(name)} -> {value}" for name, value in after.items() if before.get(name) != value]
    return ", ".join(moved) or "other units or other weeks, the same sums"
