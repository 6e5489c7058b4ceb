"""A person's decisions with everything they need: the forms, the registry, and the letter that tells the sender."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest import review
from mailbox_ingest.app.build import sender_of, templates
from mailbox_ingest.config import Config, FormConfig
from mailbox_ingest.model import Mailbox, OutgoingKind, OutgoingMail, Unit
from mailbox_ingest.render import outgoing
from mailbox_ingest.render.letters import letters
from mailbox_ingest.review import Answer, Decided, Decision, HeldMessage, QueueEntry, Reviewer
from mailbox_ingest.store.ledger.records import MessageDetails
from mailbox_ingest.store.registry.units import load_units

_Act = Callable[..., Decided]
ACTS: Mapping[str, _Act] = {
    "accept": review.accept,
    "correct": review.correct,
    "reassign": review.reassign,
    "reject": review.reject,
    "ignore": review.ignore,
    "ask_again": review.ask_again,
    "merge": review.merge,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Decides for one person, `who`, as of `now`. Every decision is one transaction; an error means nothing was decided.

    Every act takes `expected_version`, the version of the message as it was shown (`show`): where it changed since, Overtaken is raised.
    """

    config: Config
    sessions: sessionmaker[Session]
    snapshots: sessionmaker[Session]
    who: str
    now: datetime

    # ------------------------------------------------------------ looking

    def queue(self) -> tuple[QueueEntry, ...]:
        """What waits, oldest deadline first; those whose sender was asked and has not answered come last."""
        with self.snapshots.begin() as session:
            return review.waiting(session, forms=self._forms)

    def next_after(self, key: int | str) -> QueueEntry | None:
        """The message to decide on after this one, None when nothing else waits. Raises DecisionRefused for an unknown key."""
        with self.snapshots.begin() as session:
            return review.next_after(session, key, forms=self._forms)

    def held(self, *, limit: int = 200) -> tuple[MessageDetails, ...]:
        with self.snapshots.begin() as session:
            return review.list_held(session, limit=limit)

    def show(self, key: int | str) -> HeldMessage:
        """Raises DecisionRefused for an unknown key."""
        with self.snapshots.begin() as session:
            return review.show_held(session, key, forms=self._forms)

    def preview_letter(self, action: str, key: int | str, **options: Any) -> OutgoingMail | None:
        """The letter to the sender as `action` with these options would queue it; None where nobody would be written to.

        The act is done in a transaction that is rolled back: it raises what the act would raise, and nothing is written.
        """
        written: list[OutgoingMail] = []
        with self.sessions() as session:
            by = self._reviewer(session)
            try:
                ACTS[action](session, key, by=replace(by, letter=partial(_kept, by.letter, written)), **options)
            finally:
                session.rollback()
        return written[0] if written else None

    # ------------------------------------------------------------ deciding

    def act(self, action: str, key: int | str, **options: Any) -> Decided:
        """The act of that name with its own options (see `ACTS`), in one transaction: where it raises, nothing was decided."""
        with self.sessions.begin() as session:
            return ACTS[action](session, key, by=self._reviewer(session), **options)

    @property
    def _forms(self) -> dict[str, FormConfig]:
        return {form.name: form for form in self.config.forms}

    def _reviewer(self, session: Session) -> Reviewer:
        units = {unit.code: unit for unit in load_units(session, active_only=False)}
        letter = partial(_letter, config=self.config, forms=self._forms, units=units)
        return Reviewer(who=self.who, now=self.now, forms=self._forms, letter=letter)


def _kept(letter: review.Letter, written: list[OutgoingMail], decision: Decision) -> OutgoingMail | None:
    mail = letter(decision)
    written += [] if mail is None else [mail]
    return mail


def _letter(decision: Decision, *, config: Config, forms: Mapping[str, FormConfig], units: Mapping[str, Unit]) -> OutgoingMail | None:
    """The mail in the thread of the held one; None where there is nobody to write to."""
    message = decision.message
    if message.sender_email is None:
        return None
    common: dict[str, Any] = {
        "subject": message.subject,
        "sender": message.sender_email,
        "arrived_at": decision.arrived_at,
        "forms": forms,
        "units": units,
        "organisation": config.organisation,
        "sender_registered": message.sender_registered,
        "templates": templates(config),
    }
    if decision.answer is Answer.QUESTION:
        content = letters.question(text=decision.reason, **common)
    else:
        content = letters.decision(reports=decision.reports, accepted=decision.accepted, reason=decision.reason, **common)
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
