"""Which trouble an error means: by its class, never by its words. Pure."""

from __future__ import annotations

import errno
from datetime import timedelta

from mailbox_ingest.errors import (
    DownloadBudgetSpent,
    LoginRefused,
    MailboxIngestError,
    MailboxOverQuota,
    MailboxUnreachable,
    ReadingUnavailable,
    StoreBusy,
    StoreFull,
    StoreUnavailable,
    SubmissionDeferred,
    SubmissionUncertain,
    TokenRevoked,
)
from mailbox_ingest.model.alarms import AlarmKind, Trouble

DATABASE = "database"
SENDING = "sending"
MAILBOX, DIGEST = "mailbox:", "digest:"  # keys that name one of several
_MOST_DETAIL = 600
_MAILBOX: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], AlarmKind], ...] = (
    (LoginRefused, AlarmKind.MAILBOX_LOGIN_REFUSED),
    ((DownloadBudgetSpent, MailboxOverQuota), AlarmKind.DOWNLOAD_BUDGET_SPENT),
    (MailboxUnreachable, AlarmKind.MAILBOX_UNREACHABLE),
)
_BY_JOB = {"remind": AlarmKind.REMINDERS_FAILED, "backup": AlarmKind.BACKUP_FAILED}


def trouble_of(key: str, error: BaseException, *, patience: timedelta) -> Trouble:
    """`key` is what failed: 'mailbox:bao-cao', 'sending', 'digest:lanh-dao', or the name of a job. Database trouble has one key for all."""
    kind = _kind(key, error)
    of_database = kind in (AlarmKind.DISK_FULL, AlarmKind.DATABASE_BUSY, AlarmKind.DATABASE_UNAVAILABLE)
    text = " ".join(str(error).split())[:_MOST_DETAIL]
    if not isinstance(error, MailboxIngestError):
        text = f"{type(error).__name__}: {text}"
    return Trouble(key=DATABASE if of_database else key, kind=kind, detail=text or type(error).__name__, patience=patience)


def _kind(key: str, error: BaseException) -> AlarmKind:
    if key in _BY_JOB and not isinstance(error, StoreBusy | StoreUnavailable):
        return _BY_JOB[key]
    if isinstance(error, StoreFull) or (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)):
        return AlarmKind.DISK_FULL
    if isinstance(error, StoreBusy):
        return AlarmKind.DATABASE_BUSY
    if isinstance(error, StoreUnavailable):
        return AlarmKind.DATABASE_UNAVAILABLE
    if isinstance(error, TokenRevoked):
        return AlarmKind.TOKEN_REVOKED
    if not isinstance(error, MailboxIngestError):
        return AlarmKind.JOB_BROKEN
    if key.startswith(MAILBOX):
        return next((kind for classes, kind in _MAILBOX if isinstance(error, classes)), AlarmKind.MAILBOX_REFUSED)
    if key == SENDING:
        passing = isinstance(error, SubmissionDeferred | SubmissionUncertain)
        return AlarmKind.SENDING_UNREACHABLE if passing else AlarmKind.SENDING_REFUSED
    if isinstance(error, ReadingUnavailable):
        return AlarmKind.READING_IMPOSSIBLE
    return AlarmKind.DIGEST_FAILED if key.startswith(DIGEST) else AlarmKind.JOB_FAILED
