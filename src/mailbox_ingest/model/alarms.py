"""A trouble that somebody must see to, and the alarm it becomes: how it opens, goes on and ends. No clock, no store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class AlarmKind(StrEnum):
    """What is wrong. Every kind has its words in `alarms/words.py` and its line in `docs/operating.md`."""

    MAILBOX_LOGIN_REFUSED = "mailbox_login_refused"
    TOKEN_REVOKED = "token_revoked"
    MAILBOX_REFUSED = "mailbox_refused"
    MAILBOX_UNREACHABLE = "mailbox_unreachable"
    MAILBOX_SILENT = "mailbox_silent"
    DOWNLOAD_BUDGET_SPENT = "download_budget_spent"
    NO_MAIL = "no_mail"
    DISK_FULL = "disk_full"
    DATABASE_BUSY = "database_busy"
    DATABASE_UNAVAILABLE = "database_unavailable"
    SENDING_REFUSED = "sending_refused"
    SENDING_UNREACHABLE = "sending_unreachable"
    SENDING_PAUSED = "sending_paused"
    REPLIES_STOPPED = "replies_stopped"
    READING_IMPOSSIBLE = "reading_impossible"
    MAILS_HELD = "mails_held"
    MESSAGES_UNREAD = "messages_unread"
    SENDERS_UNPROVEN = "senders_unproven"
    DIGEST_FAILED = "digest_failed"
    REMINDERS_FAILED = "reminders_failed"
    BACKUP_FAILED = "backup_failed"
    JOB_FAILED = "job_failed"
    JOB_BROKEN = "job_broken"

    @property
    def passes(self) -> bool:
        """Whether it often ends by itself: then it is an alarm only after some time."""
        return self in _PASSING

    @property
    def halts(self) -> bool:
        """Whether the service does not do its work meanwhile: /healthz says 503."""
        return self not in _WORK_GOES_ON


_PASSING = frozenset(
    (AlarmKind.MAILBOX_UNREACHABLE, AlarmKind.DATABASE_BUSY, AlarmKind.DATABASE_UNAVAILABLE, AlarmKind.SENDING_UNREACHABLE)
)
_WORK_GOES_ON = frozenset(
    (AlarmKind.NO_MAIL, AlarmKind.MAILS_HELD, AlarmKind.MESSAGES_UNREAD, AlarmKind.SENDERS_UNPROVEN, AlarmKind.BACKUP_FAILED)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What was met just now. `key` names what is in trouble ('mailbox:bao-cao', 'database'): one open alarm a key."""

    key: str
    kind: AlarmKind
    detail: str  # English, for the operator; no secrets
    patience: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A trouble over time. `opened_at` is None while it may still pass by itself; `notified`: '', 'opened' or 'cleared', when last told."""

    key: str
    kind: AlarmKind
    detail: str
    first_seen_at: datetime
    last_seen_at: datetime
    opened_at: datetime | None = None
    count: int = 1
    notified: str = ""
    notified_at: datetime | None = None
    tried_at: datetime | None = None  # when somebody last set about telling it
    cleared_at: datetime | None = None
    id: int | None = None  # None outside the store

    @classmethod
    def of(cls, trouble: Trouble, now: datetime) -> Alarm:
        """The alarm that a first sighting makes."""
        opened = None if trouble.kind.passes and trouble.patience > timedelta(0) else now
        return cls(key=trouble.key, kind=trouble.kind, detail=trouble.detail, first_seen_at=now, last_seen_at=now, opened_at=opened)

    def again(self, trouble: Trouble, now: datetime) -> Alarm:
        """The same thing in trouble once more. What lasts outranks what may pass, and is told anew; the reverse only counts."""
        seen = replace(self, count=self.count + 1, last_seen_at=now, first_seen_at=min(self.first_seen_at, now))
        if trouble.kind != self.kind and trouble.kind.passes and not self.kind.passes:
            return seen
        if trouble.kind != self.kind and self.kind.passes and not trouble.kind.passes:
            seen = replace(seen, notified="", tried_at=None)
        seen = replace(seen, kind=trouble.kind, detail=trouble.detail)
        ripe = not trouble.kind.passes or now - seen.first_seen_at >= trouble.patience
        return replace(seen, opened_at=now) if seen.opened_at is None and ripe else seen

    def cleared(self, now: datetime) -> Alarm:
        return replace(self, cleared_at=now, tried_at=None)

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.cleared_at is None
