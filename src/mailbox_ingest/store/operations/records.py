"""Runs of jobs and passes over mailboxes: frozen values without behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """`state`: 'running', 'done', 'failed'."""

    job: str
    due_at: datetime
    state: str
    attempts: int
    started_at: datetime
    finished_at: datetime | None
    failure: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One pass over one mailbox. `failure` is None when it succeeded; `problem` is the error itself, right after the pass only."""

    account: str
    started_at: datetime
    finished_at: datetime
    messages_new: int = 0
    bytes_fetched: int = 0
    failure: str | None = None
    problem: Exception | None = field(default=None, compare=False)
