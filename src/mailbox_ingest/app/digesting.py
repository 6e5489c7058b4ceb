"""Which week a digest is about, and running it once for each time it is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.calendars import digest_period
from mailbox_ingest.config import Config, DigestConfig
from mailbox_ingest.digest import SentDigest, send_digest
from mailbox_ingest.errors import ConfigurationError, MailboxIngestError
from mailbox_ingest.periods import Period
from mailbox_ingest.store.operations.jobs import claim_job_run, finish_job_run


def digest_named(config: Config, name: str | None) -> DigestConfig:
    """The digest of that name, or the only one there is. Raises ConfigurationError."""
    if name is None and len(config.digests) == 1:
        return config.digests[0]
    found = next((item for item in config.digests if item.name == name), None)
    if found is None:
        known = ", ".join(item.name for item in config.digests) or "none: add a [[digests]] table"
        raise ConfigurationError(f"digest {name or '(no name given)'}: expected one of the configured digests ({known})")
    return found


def week_of(config: Config, digest: DigestConfig, moment: datetime) -> Period:
    """The latest week whose reports were due at `moment`: a digest on Monday is about the week before."""
    return digest_period(config.form(digest.form).calendar, moment)


def run_digest_job(
    config: Config,
    digest: DigestConfig,
    sessions: sessionmaker[Session],
    snapshots: sessionmaker[Session],
    *,
    due_at: datetime,
    clock: Callable[[], datetime],
) -> SentDigest | None:
    """Freezes and queues the digest that was due at `due_at`; None when that was done, or is being done, by somebody else.

    A run that fails is marked so and can be run again. Raises what failed.
    """
    job = f"digest:{digest.name}"
    with sessions.begin() as session:
        if not claim_job_run(session, job, due_at, now=clock()):
            return None
    try:
        sent = send_digest(sessions, config, digest.name, week_of(config, digest, due_at), clock(), snapshots=snapshots)
    except MailboxIngestError as error:
        with sessions.begin() as session:
            finish_job_run(session, job, due_at, now=clock(), failure=str(error))
        raise
    with sessions.begin() as session:
        finish_job_run(session, job, due_at, now=clock())
    return sent
