"""What the store knows of a week becomes the figures of a digest, and how the service fares. Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, time

from sqlalchemy.orm import Session

from mailbox_ingest.bulk import keeping_everything
from mailbox_ingest.config import Config, DigestConfig, FormConfig
from mailbox_ingest.model import ContactState, Outcome, Unit
from mailbox_ingest.periods import LOCAL_ZONE, Period, local_day
from mailbox_ingest.render.digest.context import Health
from mailbox_ingest.rollup import weekly
from mailbox_ingest.rollup.figures import ExemptUnit, Restatement, Unreachable, WeeklyDigest
from mailbox_ingest.rollup.freeze import told_totals
from mailbox_ingest.rollup.restate import restatements
from mailbox_ingest.rollup.weekly import MAX_HISTORY_WEEKS, due_of
from mailbox_ingest.store.ledger.lookup import count_messages
from mailbox_ingest.store.operations.polls import last_successful_poll
from mailbox_ingest.store.outgoing.digests import last_digest
from mailbox_ingest.store.registry.contacts import contact_states
from mailbox_ingest.store.registry.exemptions import list_exemptions
from mailbox_ingest.store.registry.units import load_units
from mailbox_ingest.store.reports.history import figures_by_week
from mailbox_ingest.store.reports.rosters import frozen_codes, roster_of
from mailbox_ingest.store.reports.standing import accepted_reports, held_reports, restated_reports


@keeping_everything()
def build(session: Session, *, config: Config, digest: DigestConfig, period: Period, as_of: datetime) -> WeeklyDigest:
    """The figures of `period` as known at `as_of` (aware). Reads only."""
    form = config.form(digest.form)
    roster = _of_groups(_roster(session, form, period), digest)
    since, before = period.shifted(-MAX_HISTORY_WEEKS), period.shifted(-1)
    names = [field.name for field in form.fields]
    rosters = frozen_codes(session, form.name, since=since, until=before, groups=digest.groups)
    return weekly(
        form=form,
        period=period,
        as_of=as_of,
        roster=roster,
        reports=accepted_reports(session, form.name, as_of=as_of, since=period, until=period),
        unreachable=unreachable_units(session),
        past=figures_by_week(session, form.name, names, as_of=as_of, since=since, until=before),
        held=_held(session, form, period),
        rosters=rosters,
        exempt=_exempt(session, form, period, digest, roster),
        restatements=_restated(session, form, digest.name, period=period, as_of=as_of, rosters=rosters),
    )


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
    if not said and not now:
        return ()
    names = {unit.code: unit.name for unit in load_units(session, active_only=False)}
    return restatements(form, said=said, now=now, rosters=rosters, told=told_totals(last.figures), names=names)


def unreachable_units(session: Session) -> dict[str, Unreachable]:
    """Units that our mail does not reach: without an address, or with none that takes mail now."""
    contacts = contact_states(session)
    shut = {address: item.state for address, item in contacts.items() if item.state in (ContactState.DEAD, ContactState.MAILBOX_FULL)}
    found: dict[str, Unreachable] = {}
    for unit in load_units(session, active_only=False):
        states = {shut.get(email) for email in unit.emails}
        if not unit.emails:
            found[unit.code] = Unreachable.NO_ADDRESS
        elif None not in states:
            found[unit.code] = Unreachable.MAILBOX_FULL if ContactState.MAILBOX_FULL in states else Unreachable.DEAD_ADDRESS
    return found


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
