"""The daily copy of the database: once for each day it is due, whoever makes it, and made up for after an outage."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.backup import Copy, back_up
from mailbox_ingest.config import BackupConfig, Config
from mailbox_ingest.errors import BackupFailed, MailboxIngestError
from mailbox_ingest.periods import LOCAL_ZONE
from mailbox_ingest.store.operations.jobs import claim_job_run, finish_job_run

LOG = logging.getLogger(__name__)
_JOB = "backup"


def last_due_copy(backup: BackupConfig, now: datetime) -> datetime:
    """The latest moment, not after `now`, at which a copy was due."""
    local = now.astimezone(LOCAL_ZONE)
    due = datetime.combine(local.date(), backup.at, tzinfo=LOCAL_ZONE)
    return due if due <= local else due - timedelta(days=1)


def run_backup_job(config: Config, sessions: sessionmaker[Session], *, clock: Callable[[], datetime]) -> Copy | None:
    """Makes the copy that was due last; None when it was made, or is being made. A run that fails is tried again. Raises BackupFailed."""
    backup, now = config.backup, clock()
    if backup is None:
        return None
    due = last_due_copy(backup, now)
    with sessions.begin() as session:
        if not claim_job_run(session, _JOB, due, now=now):
            return None
    failure: str | None = "a fault of the program: see the log"
    try:
        made = copy_now(config, Path(backup.folder), now=now, keep=backup.keep)
        failure = None
    except MailboxIngestError as error:
        failure = str(error)
        raise
    finally:
        with sessions.begin() as session:
            finish_job_run(session, _JOB, due, now=clock(), failure=failure)
    LOG.info("backup_done", extra={"path": made.path, "size_bytes": made.size_bytes, "forgotten": len(made.forgotten)})
    return made


def copy_now(config: Config, target: Path, *, now: datetime, keep: int | None = None) -> Copy:
    """A copy at once. The folder that the configuration names is made where it is missing. Raises BackupFailed."""
    if config.backup is not None and target == Path(config.backup.folder):
        try:
            target.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise BackupFailed(f"the folder of [backup] cannot be made: {error}") from error
    return back_up(config.store_url, target, now=now, keep=keep)
