"""A digest as a mail: its figures rendered, from whom and to whom it goes. Stores nothing and sends nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import Config, DigestConfig
from mailbox_ingest.digest.build import build, health
from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.model import LetterContent, Mailbox, OutgoingKind, OutgoingMail
from mailbox_ingest.periods import Period
from mailbox_ingest.render.digest.letter import digest_letter
from mailbox_ingest.render.outgoing import announcement
from mailbox_ingest.rollup.figures import WeeklyDigest


def render_mail(
    snapshots: sessionmaker[Session], config: Config, digest: DigestConfig, period: Period, now: datetime
) -> tuple[WeeklyDigest, LetterContent]:
    with snapshots.begin() as session:
        figures = build(session, config=config, digest=digest, period=period, as_of=now)
        condition = health(session, config=config, period=period)
    letter = digest_letter(
        figures,
        organisation=config.organisation,
        health=condition,
        templates_dir=Path(config.templates_dir) if config.templates_dir else None,
        template=digest.template,
    )
    return figures, letter


def mail_of(digest: DigestConfig, period: Period, content: LetterContent, sender: Mailbox) -> OutgoingMail:
    recipients = tuple(Mailbox(email=email) for email in digest.recipients)
    return announcement(key=f"digest:{digest.name}:{period}", kind=OutgoingKind.DIGEST, to=recipients, content=content, sender=sender)


def digest_of(config: Config, name: str) -> DigestConfig:
    for item in config.digests:
        if item.name == name:
            return item
    known = ", ".join(item.name for item in config.digests) or "none"
    raise ConfigurationError(f"digests: there is no digest {name!r}; configured: {known}")


def sender_of(config: Config) -> Mailbox:
    if config.smtp is None:
        raise ConfigurationError("smtp: a digest needs an address to come from; configure [smtp] with sender and sender_name")
    return Mailbox(email=config.smtp.sender, name=config.smtp.sender_name)
