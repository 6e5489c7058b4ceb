"""The queue of the desk: held messages by the deadline of what they are about, with the reason in a few words. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from mailbox_ingest.calendars import due_of
from mailbox_ingest.periods import Period
from mailbox_ingest.render.letters.reasons import short_reasons
from mailbox_ingest.review.look import find_details
from mailbox_ingest.review.nouns import Forms
from mailbox_ingest.review.rules import arrival
from mailbox_ingest.store.people.queue import WaitingMessage, waiting_messages
from mailbox_ingest.store.registry.units import unit_names


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntry:
    """A held message. `deadline` is that of its first held report, or of the week it arrived in where none is known. `units` are names and
    `reasons` short Vietnamese phrases. `asked_at`: its sender was asked; `answers` are the messages that came back since."""

    id: int
    deadline: datetime
    arrived_at: datetime
    sender_email: str | None
    sender_name: str | None
    subject: str
    units: tuple[str, ...]
    periods: tuple[Period, ...]
    reasons: tuple[str, ...]
    reports: tuple[int, ...]
    asked_at: datetime | None
    answers: tuple[int, ...]

    @property
    def waits_for_sender(self) -> bool:
        return self.asked_at is not None and not self.answers


def waiting(session: Session, *, forms: Forms) -> tuple[QueueEntry, ...]:
    """Oldest deadline first; those whose sender was asked and has not answered come last."""
    items = waiting_messages(session)
    named = unit_names(session, {report.unit for item in items for report in item.reports if report.unit})
    return tuple(sorted((_entry(item, forms, {code: name for code, (name, _) in named.items()}) for item in items), key=_order))


def next_after(session: Session, key: int | str, *, forms: Forms) -> QueueEntry | None:
    """The message to decide on after this one, which may be decided already; after the last the first again, None when nothing waits."""
    details = find_details(session, key)
    message = details.message
    dues = [report.due_at for report in details.reports if report.due_at is not None]
    deadline = min(dues, default=_due_when(arrival(message), forms))
    queue = waiting(session, forms=forms)
    here = next((_order(entry) for entry in queue if entry.id == message.id), (False, deadline, arrival(message), message.id))
    others = [entry for entry in queue if entry.id != message.id]
    return next((entry for entry in others if _order(entry) > here), others[0] if others else None)


def _order(entry: QueueEntry) -> tuple[bool, datetime, datetime, int]:
    return (entry.waits_for_sender, entry.deadline, entry.arrived_at, entry.id)


def _entry(item: WaitingMessage, forms: Forms, units: Mapping[str, str]) -> QueueEntry:
    dues = [report.due_at for report in item.reports if report.due_at is not None]
    form = forms.get(item.reports[0].form) if item.reports else next(iter(forms.values()))
    return QueueEntry(
        id=item.id,
        deadline=min(dues, default=_due_when(item.arrived_at, forms)),
        arrived_at=item.arrived_at,
        sender_email=item.sender_email,
        sender_name=item.sender_name,
        subject=item.subject,
        units=tuple(dict.fromkeys(units[report.unit] for report in item.reports if report.unit and report.unit in units)),
        periods=tuple(dict.fromkeys(report.period for report in item.reports if report.period is not None)),
        reasons=short_reasons(item.codes, form, quarantined=item.quarantined),
        reports=tuple(report.id for report in item.reports),
        asked_at=item.asked_at,
        answers=tuple(item.answers),
    )


def _due_when(moment: datetime, forms: Forms) -> datetime:
    """The deadline of the week a moment lies in, by the first form's calendar."""
    return due_of(next(iter(forms.values())).calendar, Period.at(moment))
