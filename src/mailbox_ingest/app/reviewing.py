"""A person's decisions with everything they need: the forms, the registry, and the letter that tells the sender."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest import review
from mailbox_ingest.app.build import sender_of, templates
from mailbox_ingest.config import Config, FormConfig
from mailbox_ingest.model import Mailbox, OutgoingKind, OutgoingMail, Unit
from mailbox_ingest.periods import Period
from mailbox_ingest.render import letters, outgoing
from mailbox_ingest.review import Decided, Decision, HeldMessage, Reviewer
from mailbox_ingest.store.records import MessageDetails
from mailbox_ingest.store.units import load_units


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Decides for one person, `who`, as of `now`. Every decision is one transaction; an error means nothing was decided."""

    config: Config
    sessions: sessionmaker[Session]
    who: str
    now: datetime

    def held(self, *, limit: int = 200) -> tuple[MessageDetails, ...]:
        with self.sessions() as session:
            return review.list_held(session, limit=limit)

    def show(self, key: str) -> HeldMessage:
        """Raises DecisionRefused for an unknown key."""
        with self.sessions() as session:
            return review.show_held(session, key, forms=self._forms)

    def accept(self, key: str, *, report: int | None = None, replace_newer: bool = False, reason: str = "") -> Decided:
        with self.sessions.begin() as session:
            by = self._reviewer(session)
            return review.accept(session, key, by=by, report=report, replace_newer=replace_newer, reason=reason)

    def correct(
        self,
        key: str,
        *,
        report: int | None = None,
        form: str | None = None,
        unit: str | None = None,
        period: Period | None = None,
        values: Mapping[str, int] | None = None,
        replace_newer: bool = False,
        reason: str = "",
    ) -> Decided:
        with self.sessions.begin() as session:
            return review.correct(
                session,
                key,
                by=self._reviewer(session),
                report=report,
                form=form,
                unit=unit,
                period=period,
                values=values,
                replace_newer=replace_newer,
                reason=reason,
            )

    def reject(self, key: str, *, reason: str, report: int | None = None) -> Decided:
        with self.sessions.begin() as session:
            return review.reject(session, key, by=self._reviewer(session), reason=reason, report=report)

    @property
    def _forms(self) -> dict[str, FormConfig]:
        return {form.name: form for form in self.config.forms}

    def _reviewer(self, session: Session) -> Reviewer:
        units = {unit.code: unit for unit in load_units(session, active_only=False)}
        letter = partial(_letter, config=self.config, forms=self._forms, units=units)
        return Reviewer(who=self.who, now=self.now, forms=self._forms, letter=letter)


def _letter(decision: Decision, *, config: Config, forms: Mapping[str, FormConfig], units: Mapping[str, Unit]) -> OutgoingMail | None:
    """The mail in the thread of the held one; None where there is nobody to write to."""
    message = decision.message
    if message.sender_email is None:
        return None
    content = letters.decision(
        subject=message.subject,
        sender=message.sender_email,
        arrived_at=decision.arrived_at,
        reports=decision.reports,
        accepted=decision.accepted,
        reason=decision.reason,
        forms=forms,
        units=units,
        organisation=config.organisation,
        sender_registered=message.sender_registered,
        templates=templates(config),
    )
    return outgoing.thread_mail(
        key=decision.key,
        kind=OutgoingKind.REVIEW_DECISION,
        ledger_id=message.id,
        to=Mailbox(email=message.sender_email, name=message.sender_name),
        answered_id=message.message_id,
        references=message.references or ((message.in_reply_to,) if message.in_reply_to else ()),
        content=content,
        sender=sender_of(config) or Mailbox(email=next((box.address for box in config.mailboxes), "mailbox-ingest@localhost")),
    )
