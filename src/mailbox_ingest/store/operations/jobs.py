"""Which job ran for which due moment. The unique key makes a job run once, whoever runs it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Row, and_, or_, select, update
from sqlalchemy.orm import Session

from mailbox_ingest.store.database.clocks import SKEW
from mailbox_ingest.store.database.inserts import insert_unless_known
from mailbox_ingest.store.operations.records import JobRun
from mailbox_ingest.store.tables import JOB_RUNS

DEAD_AFTER = timedelta(hours=1)


def claim_job_run(session: Session, job: str, due_at: datetime, *, now: datetime, dead_after: timedelta = DEAD_AFTER) -> bool:
    """True for the one who shall run the job. A run that failed, or has not finished after `dead_after`, can be claimed again.

    Where the job's effect is in the same database, claim, do and finish in one transaction: then it cannot happen twice or be lost.
    """
    row = {"job": job, "due_at": due_at, "state": "running", "attempts": 1, "started_at": now}
    if insert_unless_known(session, JOB_RUNS, [row], unique=("job", "due_at"), returning="id"):
        return True
    over = or_(JOB_RUNS.c.started_at <= now - dead_after, JOB_RUNS.c.started_at > now + SKEW)
    dead = and_(JOB_RUNS.c.state == "running", over)
    again = session.execute(
        update(JOB_RUNS)
        .where(JOB_RUNS.c.job == job, JOB_RUNS.c.due_at == due_at, or_(dead, JOB_RUNS.c.state == "failed"))
        .values(state="running", attempts=JOB_RUNS.c.attempts + 1, started_at=now, finished_at=None, failure=None)
        .returning(JOB_RUNS.c.id)
    )
    return again.first() is not None


def finish_job_run(session: Session, job: str, due_at: datetime, *, now: datetime, failure: str | None = None) -> None:
    """Closes a run; with `failure` (English, for the operator) it may be claimed again."""
    session.execute(
        update(JOB_RUNS)
        .where(JOB_RUNS.c.job == job, JOB_RUNS.c.due_at == due_at)
        .values(state="done" if failure is None else "failed", finished_at=now, failure=failure)
    )


def last_run(session: Session, job: str) -> JobRun | None:
    """The run with the latest due moment, in whatever state."""
    row = session.execute(select(JOB_RUNS).where(JOB_RUNS.c.job == job).order_by(JOB_RUNS.c.due_at.desc()).limit(1)).first()
    return None if row is None else _run(row)


def list_job_runs(session: Session, *, limit: int = 50) -> tuple[JobRun, ...]:
    """Latest due moment first."""
    rows = session.execute(select(JOB_RUNS).order_by(JOB_RUNS.c.due_at.desc(), JOB_RUNS.c.id.desc()).limit(limit))
    return tuple(_run(row) for row in rows)


def find_job_run(session: Session, job: str, due_at: datetime) -> JobRun | None:
    row = session.execute(select(JOB_RUNS).where(JOB_RUNS.c.job == job, JOB_RUNS.c.due_at == due_at)).first()
    return None if row is None else _run(row)


def _run(row: Row[tuple[object, ...]]) -> JobRun:
    found = row._mapping
    names = ("job", "due_at", "state", "attempts", "started_at", "finished_at", "failure")
    return JobRun(**{name: found[name] for name in names})
