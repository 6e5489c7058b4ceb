"""Debts become mails: one a person and moment, in the person's last thread, with the blank form. Composes only; queues nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from mailbox_ingest.config import FormConfig, OrganisationConfig, ReminderConfig
from mailbox_ingest.model import LetterContent, Mailbox, OutgoingAttachment, OutgoingKind, OutgoingMail
from mailbox_ingest.reminders.debts import Debt, Silence
from mailbox_ingest.reminders.plan import Moment
from mailbox_ingest.render.letters.reminder import escalation_letter, owed_line, reminder_letter, silent_line
from mailbox_ingest.render.outgoing import announcement, thread_mail
from mailbox_ingest.render.templates import Templates
from mailbox_ingest.store.ledger.records import StoredMessage

ESCALATION = "escalation"  # stands in the key where a reminder has its offset
_DEAD = "địa chỉ thư không liên lạc được"
_NO_ADDRESS = "chưa đăng ký địa chỉ thư"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every reminder of a form needs."""

    form: FormConfig
    reminder: ReminderConfig
    organisation: OrganisationConfig
    sender: Mailbox
    templates: Templates


def reminder_key(moment: Moment, address: str) -> str:
    """'reminder:bluezone:2020-W35:-32:a@b.example'; the address stands last because it may hold a colon."""
    return f"reminder:{moment.form}:{moment.period}:{moment.offset_hours}:{address}"


def reminder_mails(
    desk: Desk, moment: Moment, owed: Mapping[str, tuple[Debt, ...]], threads: Mapping[str, StoredMessage]
) -> Iterator[OutgoingMail]:
    """One mail for each address of `owed`. All of them are registered: nobody else gets a reminder, or the form."""
    for address, debts in owed.items():
        yield _reminder(desk, moment, address, debts, threads.get(address))


def escalation_mails(desk: Desk, moment: Moment, silent: Iterable[Silence], dead: Iterable[str]) -> Iterator[OutgoingMail]:
    """One mail for each superior, naming the units silent for long enough; none where there is no such unit."""
    gone = frozenset(dead)
    lines = tuple(
        silent_line(
            item.unit.name,
            item.unit.group,
            weeks=item.weeks,
            last=item.last,
            contact=_NO_ADDRESS if not item.unit.emails else _DEAD if gone.issuperset(item.unit.emails) else "",
        )
        for item in sorted(silent, key=lambda item: -item.weeks)
        if item.weeks >= desk.reminder.escalate_after_weeks
    )
    if not lines:
        return
    content = escalation_letter(
        form=desk.form,
        organisation=desk.organisation,
        period=moment.period,
        due_at=moment.due_at,
        weeks=desk.reminder.escalate_after_weeks,
        units=lines,
        templates=desk.templates,
    )
    for address in dict.fromkeys(email.lower() for email in desk.reminder.escalate_to):
        key = f"reminder:{moment.form}:{moment.period}:{ESCALATION}:{address}"
        yield announcement(key=key, kind=OutgoingKind.REMINDER, to=(Mailbox(email=address),), content=content, sender=desk.sender)


def _reminder(desk: Desk, moment: Moment, address: str, debts: tuple[Debt, ...], thread: StoredMessage | None) -> OutgoingMail:
    attachments: tuple[OutgoingAttachment, ...] = ()
    if desk.reminder.attach_blank_form:
        from mailbox_ingest.render.letters.blank_form import blank_form  # noqa: PLC0415 - python-docx is paid for by reminders only

        only = debts[0].unit if len(debts) == 1 else None
        attachments = (blank_form(desk.form, organisation=desk.organisation, unit=only),)
    content = reminder_letter(
        form=desk.form,
        organisation=desk.organisation,
        period=moment.period,
        due_at=moment.due_at,
        stage=moment.stage,
        units=[owed_line(debt.unit.name, debt.rejected_at) for debt in debts],
        subject="" if thread is None else thread.subject,
        attachments=attachments,
        templates=desk.templates,
    )
    return _addressed(desk, reminder_key(moment, address), address, content, thread)


def _addressed(desk: Desk, key: str, address: str, content: LetterContent, thread: StoredMessage | None) -> OutgoingMail:
    to = Mailbox(email=address)
    if thread is None or thread.message_id is None:
        return announcement(key=key, kind=OutgoingKind.REMINDER, to=(to,), content=content, sender=desk.sender)
    mail = thread_mail(
        key=key,
        kind=OutgoingKind.REMINDER,
        ledger_id=thread.id,
        to=to,
        answered_id=thread.message_id,
        references=thread.references or ((thread.in_reply_to,) if thread.in_reply_to else ()),
        content=content,
        sender=desk.sender,
    )
    # It stands in the thread and answers nothing: nobody asked, and the ledger's reply to that mail is its receipt.
    return replace(mail, auto_submitted="auto-generated", in_answer_to=None)
