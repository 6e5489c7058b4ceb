"""Extraction + what the store knows -> Verdict. The only place where readings meet the registry and the accepted reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy.orm import Session

from mailbox_ingest import forms
from mailbox_ingest.config import AdmissionConfig, FormConfig
from mailbox_ingest.judgement import BODY_PATH, Case, Claim, judge
from mailbox_ingest.model import Outcome, Reading, StoredReport, Verdict
from mailbox_ingest.periods import local_day
from mailbox_ingest.reading.registry import Registry
from mailbox_ingest.reading.task import Extraction
from mailbox_ingest.store.reports.standing import accepted_reports

# The reports of a form that stand for some units, ordered by unit and period.
Known = Callable[[str, Sequence[str]], tuple[StoredReport, ...]]

# The most urgent outcome of several forms in one mail is the mail's.
_URGENCY = (
    Outcome.NEEDS_REVIEW,
    Outcome.REJECTED,
    Outcome.ACCEPTED_WITH_WARNINGS,
    Outcome.ACCEPTED,
    Outcome.DUPLICATE,
    Outcome.IGNORED,
)


def decide(
    session: Session, extraction: Extraction, registry: Registry, configured: Sequence[FormConfig], admission: AdmissionConfig
) -> Verdict:
    """The verdict on one mail, from what the store holds in this transaction."""
    return decide_against(partial(accepted_reports, session), extraction, registry, configured, admission)


def decide_against(
    known: Known, extraction: Extraction, registry: Registry, configured: Sequence[FormConfig], admission: AdmissionConfig
) -> Verdict:
    """The verdict on one mail where these reports are known."""
    named = dict.fromkeys(reading.form for reading in extraction.readings)
    chosen = [form for form in configured if form.name in named] or list(configured[:1])
    return _combined([judge(_case(known, extraction, registry, form, admission)) for form in chosen])


def _case(known_reports: Known, extraction: Extraction, registry: Registry, form: FormConfig, admission: AdmissionConfig) -> Case:
    incoming = extraction.incoming
    year = local_day(extraction.arrived_at).year
    sender = incoming.sender.email if incoming.sender else ""
    sender_units = registry.registered_for(sender)
    claims = tuple(_claim(reading, registry, year) for reading in extraction.readings if reading.form == form.name)
    # A reply's subject is the subject of what it answers; it says nothing of this mail.
    own_subject = "" if incoming.in_reply_to or incoming.subject.lower().startswith("re:") else incoming.subject
    message_units = forms.units_named((own_subject, incoming.own_text), registry.matcher)
    concerned = set(sender_units) | set(message_units)
    for claim in claims:
        clues = claim.clues
        concerned |= {u for u in (clues.issuer, clues.row) if u} | clues.named | clues.hinted
    known: tuple[StoredReport, ...] = known_reports(form.name, sorted(concerned)) if concerned else ()
    words = f"{incoming.subject}\n{incoming.own_text}"
    return Case(
        form=form,
        claims=claims,
        failures=extraction.failures,
        units=registry.units,
        known=known,
        arrived_at=extraction.arrived_at,
        sender=sender,
        sender_units=sender_units,
        authentication=incoming.authentication.result,
        automatic=incoming.automatic,
        correction=forms.says_correction(words, form),
        message_units=message_units,
        message_days=forms.days_named(own_subject, year=year),
        message_bodies=forms.bodies_named(own_subject, incoming.own_text, registry.matcher),
        message_weeks=forms.weeks_named(own_subject, year=year) | forms.weeks_named(incoming.own_text, year=year),
        unread_scans=extraction.unread_scans,
        unknown_senders=admission.unknown_senders,
        unproven_senders=admission.unproven_senders,
        doubts=_doubts(extraction, form, own_subject=own_subject, words=words, documents=[c.reading.document for c in claims]),
        truncated="mime-limits" in incoming.defects,
        about_form=forms.is_about(words, form) or bool(extraction.failures),
    )


def _doubts(extraction: Extraction, form: FormConfig, *, own_subject: str, words: str, documents: Sequence[str]) -> tuple[str, ...]:
    """What subject, body, signature (a remark may stand beside a telephone number) and file names say against the figures."""
    names = [a.name.replace("_", " ") for a in extraction.incoming.attachments if a.name]
    day = local_day(extraction.arrived_at)
    found = [forms.other_month_in(text, day) for text in (own_subject, *names)]
    found += [text for text in (own_subject, *documents) if forms.names_other_form(text, form)]
    found += [forms.doubt_in(text, form) for text in (words, extraction.incoming.signature, *names, *documents)]
    found.append(forms.part_doubted_in(extraction.incoming.own_text, form, year=day.year))
    return tuple(text for text in found if text is not None)


def _claim(reading: Reading, registry: Registry, year: int) -> Claim:
    name = "" if reading.document.startswith(BODY_PATH) else reading.document.rpartition("/")[2]
    return Claim(
        reading=reading,
        clues=forms.identify(reading, registry.matcher, hints=(name,) if name else ()),
        weeks_named=forms.weeks_named(name.replace("_", " "), year=year),
        days_named=forms.days_named(name.replace("_", " "), year=year),
    )


def _combined(verdicts: Sequence[Verdict]) -> Verdict:
    """One verdict a mail: mails with several forms are rare, and each form was judged on its own."""
    first = min(verdicts, key=lambda v: _URGENCY.index(v.outcome))
    if len(verdicts) == 1:
        return first
    findings = tuple(dict.fromkeys(f for v in verdicts for f in v.findings))
    return replace(
        first,
        reports=tuple(r for v in verdicts for r in v.reports),
        findings=findings,
        reason=", ".join(v.reason for v in verdicts if v.reason),
    )
