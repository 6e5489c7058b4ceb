"""Letters to senders: the reply to a mail, and the word that follows a person's decision. Turns a verdict into subject, text and HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from mailbox_ingest.config import FormConfig, OrganisationConfig
from mailbox_ingest.model import (
    AuthResult,
    DocumentFailure,
    IncomingMessage,
    JudgedReport,
    LetterContent,
    Outcome,
    Severity,
    Unit,
    Verdict,
)
from mailbox_ingest.render import wording
from mailbox_ingest.render.letters.context import LetterContext, failure_remarks, message_remarks, next_due, report_part
from mailbox_ingest.render.templates import Templates, shipped

_FOLDERS = {
    Outcome.ACCEPTED: "reply-accepted",
    Outcome.ACCEPTED_WITH_WARNINGS: "reply-accepted",
    Outcome.REJECTED: "reply-rejected",
    Outcome.NEEDS_REVIEW: "reply-received",
    Outcome.DUPLICATE: "reply-duplicate",
}
_NO_SUBJECT = "(thư không có tiêu đề)"


def reply(
    *,
    incoming: IncomingMessage,
    verdict: Verdict,
    failures: tuple[DocumentFailure, ...],
    forms: Mapping[str, FormConfig],
    units: Mapping[str, Unit],
    organisation: OrganisationConfig,
    arrived_at: datetime,
    templates: Templates | None = None,
) -> LetterContent:
    """The answer to one mail, to be sent to its From address only.

    `arrived_at` is aware. Raises ValueError for an ignored mail: nobody answers those.
    """
    folder = _FOLDERS.get(verdict.outcome)
    if folder is None:
        raise ValueError(f"a mail with outcome {verdict.outcome} gets no reply")
    trusted = verdict.sender_registered and incoming.authentication.result is not AuthResult.FAIL
    trusted = trusted and not any(f.code == "unauthenticated" for f in verdict.findings)
    sender = incoming.sender.email if incoming.sender else None
    reports = tuple(
        report_part(r, form=forms[r.form], units=units, arrived_at=arrived_at, sender=sender, trusted=trusted) for r in verdict.reports
    )
    states = {part.state for part in reports}
    if states == {"overtaken"}:
        folder = "reply-overtaken"
    accepted = folder == "reply-accepted"
    if len(states) > 1 and states & {"accepted", "overtaken"}:
        folder, accepted = "reply-mixed", False
    form = _main_form(verdict.reports, forms)
    context = _context(form, subject=incoming.subject, organisation=organisation, arrived_at=arrived_at)
    context = replace(
        context,
        greeting=_greeting(verdict.reports, units, sender if trusted else None),
        reports=reports,
        failures=failure_remarks(failures, verdict.findings, accepted=accepted),
        next_due=next_due(form, verdict.reports),
    )
    if folder != "reply-received":
        errors, questions, notes = (
            message_remarks(verdict.findings, form=form, severity=severity, trusted=trusted)
            for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO)
        )
        context = replace(context, errors=errors, questions=questions, notes=notes)
    return (templates or shipped()).letter(folder, context)


def decision(
    *,
    subject: str,
    sender: str,
    arrived_at: datetime,
    reports: tuple[JudgedReport, ...],
    accepted: bool,
    reason: str,
    forms: Mapping[str, FormConfig],
    units: Mapping[str, Unit],
    organisation: OrganisationConfig,
    sender_registered: bool,
    templates: Templates | None = None,
) -> LetterContent:
    """What a person here decided on a held mail. `subject`, `sender` (address) and `arrived_at` are the held mail's.

    `reports` are as decided (taken when `accepted`); `reason` is the person's own Vietnamese text for the sender and may be empty only
    when accepted. Raises ValueError for a rejection without a reason.
    """
    if not accepted and not reason.strip():
        raise ValueError("a rejection needs a reason: the sender must know what to mend")
    form = _main_form(reports, forms)
    context = _context(form, subject=subject, organisation=organisation, arrived_at=arrived_at)
    context = replace(
        context,
        greeting=_greeting(reports, units, sender.lower() if sender_registered else None),
        reason=wording.sentence(reason),
    )
    if accepted:
        parts = tuple(
            report_part(r, form=forms[r.form], units=units, arrived_at=arrived_at, sender=sender.lower(), trusted=sender_registered)
            for r in reports
        )
        context = replace(context, reports=parts, next_due=next_due(form, reports))
    return (templates or shipped()).letter("decision-accepted" if accepted else "decision-rejected", context)


def question(
    *,
    subject: str,
    sender: str,
    arrived_at: datetime,
    text: str,
    forms: Mapping[str, FormConfig],
    units: Mapping[str, Unit],
    organisation: OrganisationConfig,
    sender_registered: bool,
    templates: Templates | None = None,
) -> LetterContent:
    """A person here asks about a held mail; `text` is the question in Vietnamese. The other arguments are `decision`'s.

    Raises ValueError without a question.
    """
    if not text.strip():
        raise ValueError("asking needs a question")
    form = _main_form((), forms)
    context = _context(form, subject=subject, organisation=organisation, arrived_at=arrived_at)
    context = replace(context, greeting=_greeting((), units, sender.lower() if sender_registered else None), reason=wording.sentence(text))
    return (templates or shipped()).letter("question", context)


def _context(form: FormConfig, *, subject: str, organisation: OrganisationConfig, arrived_at: datetime) -> LetterContext:
    """What every letter says of the mail it answers, and of the form."""
    return LetterContext(
        subject=wording.subject_core(subject) or _NO_SUBJECT,
        organisation=organisation,
        greeting="",
        arrived=wording.moment(arrived_at),
        form_title=form.title,
        legal_basis=form.legal_basis,
        asked=tuple(item.title for item in form.fields if not item.optional),
        correction_word=next(iter(form.correction_words), "đính chính"),
    )


def _main_form(reports: tuple[JudgedReport, ...], forms: Mapping[str, FormConfig]) -> FormConfig:
    """The form the letter speaks of: that of the first report, else the first one configured."""
    return forms[reports[0].form] if reports else next(iter(forms.values()))


def _greeting(reports: tuple[JudgedReport, ...], units: Mapping[str, Unit], sender: str | None) -> str:
    """The unit's name where the sender is known to write for it; a display name is never repeated."""
    own = {u.name for u in units.values() if sender is not None and sender in u.emails}
    named = {units[r.unit].name for r in reports if r.unit is not None and r.unit in units} & own
    choice = named or own
    return next(iter(choice)) if len(choice) == 1 else "Quý đơn vị"
