"""Writes what a replay found, in one transaction: new readings beside the old ones, the report that stands at each place, and the acts.

Nothing is taken away but findings and the state of attached files, which the act keeps in words; sums of past weeks change from now on, and
the next digest says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from mailbox_ingest import __version__
from mailbox_ingest.errors import ConflictError
from mailbox_ingest.model import TAKEN, StoredReport
from mailbox_ingest.replay.compare import MessageChange, Side
from mailbox_ingest.replay.run import Plan, Reread
from mailbox_ingest.replay.standing import Place
from mailbox_ingest.store.ledger.replays import (
    REPLAY,
    copy_standing,
    hold_reports,
    ledger_mark,
    present_positions,
    set_aside,
    set_first_arrival,
    stood,
    withdraw,
    write_reading,
    write_report,
)
from mailbox_ingest.store.people.audit import record_act
from mailbox_ingest.store.people.decisions import lock_messages
from mailbox_ingest.store.registry.units import hold_units


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """`act_id` is the replay's own act; None where there was nothing to apply. `messages` by act are those that changed."""

    act_id: int | None
    messages: Mapping[int, int]


def apply(session: Session, found: Plan, *, who: str, now: datetime) -> Applied:
    """Raises ConflictError when a mail was read or a person acted since the plan was made: make it again."""
    due = [item for item in found.changed if not item.change.kept]
    if not due:
        return Applied(act_id=None, messages={})
    lock_messages(session, *(item.change.message_id for item in due))
    hold_units(session, {report.unit for item in due for report in item.verdict.reports if report.unit is not None})
    hold_reports(session)  # a mail that is judged while this is written would take a place, or lose it, unseen
    if ledger_mark(session) != found.mark:
        raise ConflictError("mail was read or a person decided since the replay began: run it again")
    current = {_place(item.report): item.report for item in stood(session) if item.stands}
    changed = {item.change.message_id for item in due}
    moved = {
        place: report for place, report in current.items() if report.message_id in changed or _other(report, found.standing.get(place))
    }
    for report in moved.values():
        withdraw(session, report.id, now=now)
    before = {place: report.id for place, report in moved.items()}
    acts = {item.change.message_id: _write(session, item, found, before, who=who, now=now) for item in due}
    for place, report in found.standing.items():
        if report.message_id in changed:
            continue
        if place in moved or place not in current:  # a report that stood before stands again
            first = report.first_arrived_at or report.arrived_at
            copy_standing(session, report.id, supersedes=before.get(place), first_arrived_at=first, now=now)
        elif current[place].first_arrived_at != report.first_arrived_at and report.first_arrived_at is not None:
            set_first_arrival(session, current[place].id, report.first_arrived_at)
    after = {"version": __version__, "messages": sorted(changed)}
    act_id = record_act(session, who=who, action=REPLAY, subject=f"replay:{__version__}", now=now, after=after, note=f"{len(due)} messages")
    return Applied(act_id=act_id, messages=acts)


def _other(one: StoredReport, other: StoredReport | None) -> bool:
    """Whether another report is to stand where `one` does."""
    return other is None or one.id != other.id


def _place(report: StoredReport) -> Place:
    return (report.form, report.unit, report.period)


def _write(session: Session, item: Reread, found: Plan, before: Mapping[Place, int], *, who: str, now: datetime) -> int:
    """The new reading of one mail; gives its act."""
    message, verdict, extraction = item.details.message, item.verdict, item.extraction
    present = present_positions(session, message.id)
    old_places = {(report.form, report.unit, report.period): report.id for report in item.details.reports if report.id in present}
    set_aside(session, message.id)
    ids: list[int] = []
    for position, report in enumerate(verdict.reports):
        place = (report.form, report.unit, report.period)
        standing = found.standing.get((report.form, report.unit, report.period)) if report.unit and report.period else None
        stands = standing is not None and standing.message_id == message.id
        first = standing.first_arrived_at if standing is not None and stands else None
        replaced = before.get((report.form, report.unit, report.period)) if report.unit and report.period and stands else None
        ids.append(
            write_report(
                session,
                report,
                message_id=message.id,
                position=position,
                arrived_at=extraction.arrived_at,
                first_arrived_at=first or extraction.arrived_at,
                sender=message.sender_email or "",
                registered=verdict.sender_registered,
                supersedes=(replaced or old_places.get(place)) if report.status in TAKEN else None,
                stands=stands,
                now=now,
            )
        )
    write_reading(session, message.id, verdict, tuple(ids), attachments=extraction.attachments, failures=extraction.failures)
    change = item.change
    return record_act(
        session,
        who=who,
        action=REPLAY,
        subject=f"message:{message.id}",
        message_id=message.id,
        now=now,
        before={"outcome": change.outcome_before, "reports": _sides(change, after=False), "findings": list(change.findings_gone)},
        after={"outcome": change.outcome_after, "reports": _sides(change, after=True), "findings": list(change.findings_new)},
        note=f"version {__version__}",
    )


def _sides(change: MessageChange, *, after: bool) -> list[dict[str, object]]:
    sides = [item.after if after else item.before for item in change.reports]
    return [_plain(side) for side in sides if side is not None]


def _plain(side: Side) -> dict[str, object]:
    period = None if side.period is None else str(side.period)
    return {"form": side.form, "unit": side.unit, "period": period, "status": side.status.value, "values": dict(side.values)}
