"""Config -> the objects the use cases ask for: sources, submitter, reader, templates. Nothing here connects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.app.accounts import Accounts
from mailbox_ingest.config import Config
from mailbox_ingest.delivery import Breaker, Outbox
from mailbox_ingest.documents.sandbox.pool import DEFAULT_PRELOAD, Sandbox
from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.imap import ImapSentLookup
from mailbox_ingest.model import Mailbox
from mailbox_ingest.reading.pending import Reader
from mailbox_ingest.render.templates import Templates, shipped
from mailbox_ingest.smtp import SmtpSubmitter


def own_addresses(config: Config) -> frozenset[str]:
    """Addresses whose mail is ours."""
    ours = {box.address for box in config.mailboxes} | set(config.admission.own_addresses)
    return frozenset(ours | ({config.smtp.sender.lower()} if config.smtp else set()))


def sender_of(config: Config) -> Mailbox | None:
    """Who our mails are from; None without outgoing mail: then a reply comes from the address the mail was sent to."""
    return None if config.smtp is None else Mailbox(email=config.smtp.sender.lower(), name=config.smtp.sender_name)


def templates(config: Config) -> Templates:
    return shipped() if config.templates_dir is None else Templates(Path(config.templates_dir))


def sandbox(config: Config) -> Sandbox:
    """The child processes that read; the reading code is loaded once, before they are forked."""
    preload = (*DEFAULT_PRELOAD, "mailbox_ingest.reading.extract")
    return Sandbox(config.limits.workers, config.limits.memory_bytes, preload=preload)


def reader(config: Config, sessions: sessionmaker[Session], pool: Sandbox, clock: Callable[[], datetime]) -> Reader:
    return Reader(
        sessions=sessions,
        pool=pool,
        forms=config.forms,
        organisation=config.organisation,
        admission=config.admission,
        limits=config.limits,
        clock=clock,
        sender=sender_of(config),
        own_addresses=own_addresses(config),
        authserv_ids={box.name: box.authserv_id for box in config.mailboxes},
        templates=templates(config),
    )


def outbox(config: Config, sessions: sessionmaker[Session], clock: Callable[[], datetime], accounts: Accounts) -> Outbox:
    """Raises ConfigurationError without an [smtp] table."""
    smtp = config.smtp
    if smtp is None:
        raise ConfigurationError("sending mail: expected an [smtp] table in the configuration")
    # The folder of sent mails is asked through the mailbox of the sender's own account.
    account = next((box for box in config.mailboxes if box.address == smtp.sender.lower()), None)
    lookup = (
        None if account is None or smtp.sent_folder is None else ImapSentLookup(account, smtp.sent_folder, tokens=accounts.tokens(account))
    )
    return Outbox(
        sessions=sessions,
        submitter=SmtpSubmitter(smtp, tokens=accounts.tokens(smtp)),
        clock=clock,
        budget_24h_recipients=smtp.budget_24h_recipients,
        reserved_for_digest=smtp.reserved_for_digest,
        reserved_for_receipts=smtp.reserved_for_receipts,
        lookup=lookup,
        resend_uncertain=config.outbox.when_uncertain == "resend",
        breaker=Breaker(
            replies=config.outbox.breaker_replies,
            same_reply=config.outbox.breaker_same_reply,
            window=timedelta(minutes=config.outbox.breaker_minutes),
        ),
        pause=timedelta(minutes=config.outbox.pause_minutes),
    )
