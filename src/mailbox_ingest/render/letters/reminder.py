"""Letters that remind: to a person who owes reports, and to the superior of units long silent. Words and layout only; who owes is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailbox_ingest.config import FormConfig, OrganisationConfig
from mailbox_ingest.model import LetterContent, OutgoingAttachment
from mailbox_ingest.periods import Period
from mailbox_ingest.render import wording
from mailbox_ingest.render.templates import Templates, shipped


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedLine:
    """A unit that owes. `returned`: when the mail came that was sent back for mending ('' where none did)."""

    name: str
    returned: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentLine:
    """A unit long silent, in words."""

    name: str
    group: str
    weeks: str
    last: str
    contact: str = ""  # what is known to be wrong with its address


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderContext:
    """All that the templates of a reminder may name. `stage` is 'before', 'at' or 'after' the deadline; `subject` '' for a new thread."""

    subject: str
    organisation: OrganisationConfig
    greeting: str
    stage: str
    form_title: str
    legal_basis: str
    week: str
    due: str
    units: tuple[OwedLine, ...]
    asked: tuple[str, ...]
    has_form: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationContext:
    """All that the templates of an escalation may name. `weeks` is the number from which units are named."""

    organisation: OrganisationConfig
    form_title: str
    legal_basis: str
    week: str
    due: str
    weeks: int
    units: tuple[SilentLine, ...]


def owed_line(name: str, rejected_at: datetime | None) -> OwedLine:
    return OwedLine(name=name, returned="" if rejected_at is None else wording.moment(rejected_at))


def silent_line(name: str, group: str, *, weeks: int, last: Period | None, contact: str = "") -> SilentLine:
    """`last` is the last week the unit reported, None for never; `contact` is Vietnamese."""
    since = "chưa báo cáo tuần nào" if last is None else f"báo cáo gần nhất: tuần {last.week}/{last.year}"
    return SilentLine(name=name, group=group, weeks=f"{weeks} tuần liên tiếp", last=since, contact=contact)


def reminder_letter(
    *,
    form: FormConfig,
    organisation: OrganisationConfig,
    period: Period,
    due_at: datetime,
    stage: str,
    units: Sequence[OwedLine],
    subject: str = "",
    attachments: tuple[OutgoingAttachment, ...] = (),
    templates: Templates | None = None,
) -> LetterContent:
    """One mail for everything a person owes in `period`. `subject` is that of the thread it continues."""
    context = ReminderContext(
        subject=wording.subject_core(subject),
        organisation=organisation,
        greeting=units[0].name if len(units) == 1 else "Quý đơn vị",
        stage=stage,
        form_title=form.title,
        legal_basis=form.legal_basis,
        week=wording.week(period),
        due=wording.moment(due_at),
        units=tuple(units),
        asked=tuple(item.title for item in form.fields if not item.optional),
        has_form=bool(attachments),
    )
    return (templates or shipped()).letter("reminder", context, attachments)


def escalation_letter(
    *,
    form: FormConfig,
    organisation: OrganisationConfig,
    period: Period,
    due_at: datetime,
    weeks: int,
    units: Sequence[SilentLine],
    templates: Templates | None = None,
) -> LetterContent:
    """To the superior of units that have been silent for `weeks` weeks or more."""
    context = EscalationContext(
        organisation=organisation,
        form_title=form.title,
        legal_basis=form.legal_basis,
        week=wording.week(period),
        due=wording.moment(due_at),
        weeks=weeks,
        units=tuple(units),
    )
    return (templates or shipped()).letter("reminder-escalation", context)
