"""The worker's clock: names the jobs, runs each one at a time, makes up for what was missed, and stops with the message in hand finished.

    every poll_minutes     poll -> read -> file -> remind     every deliver_minutes     deliver     weekday and time of a digest     digest
    every minute           watch: alarms are told        daily                     backup

Rules live elsewhere; a job that fails leaves one log line, or a traceback where it is a bug, the watch hears of it, and the next one runs.
When the machine's clock is set, every job is asked again.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from mailbox_ingest.app import App
from mailbox_ingest.app.backoff import Patience
from mailbox_ingest.app.copies import run_backup_job
from mailbox_ingest.config import DigestConfig
from mailbox_ingest.errors import MailboxIngestError, TransientError
from mailbox_ingest.periods import LOCAL_ZONE

LOG = logging.getLogger(__name__)
_MOST_MISSED_WEEKS = 12  # after a longer outage nobody wants the digests of a season at once
_JUMP = timedelta(minutes=1)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")  # CronTrigger counts Monday as 0, our configuration as 1


class ClockWatch:
    """Tells when the clock was set, by comparing how far it and the machine's uptime went."""

    def __init__(self, clock: Callable[[], datetime], uptime: Callable[[], float]) -> None:
        self._clock, self._uptime = clock, uptime
        self._booted_at = self._boot()

    def jumped(self) -> timedelta | None:
        """By how much the clock was set since the last call; None where it runs as it should."""
        before, self._booted_at = self._booted_at, self._boot()
        jump = self._booted_at - before
        return jump if abs(jump) >= _JUMP else None

    def _boot(self) -> datetime:
        return self._clock() - timedelta(seconds=self._uptime())


def last_due(digest: DigestConfig, now: datetime) -> datetime:
    """The latest moment, not after `now`, at which this digest was due."""
    local = now.astimezone(LOCAL_ZONE)
    day = local.date() - timedelta(days=(local.isoweekday() - digest.weekday) % 7)
    due = datetime.combine(day, digest.at, tzinfo=LOCAL_ZONE)
    return due if due <= local else due - timedelta(days=7)


class Worker:
    """Runs until `stop()` or a signal. One worker a process; several on one PostgreSQL do not get in each other's way."""

    def __init__(self, app: App, *, timed: Callable[[str], AbstractContextManager[None]] = lambda _job: nullcontext()) -> None:
        self.app = app
        self._timed = timed  # times one run of a job
        self.stopping = threading.Event()
        self._signalled = False
        self._patience = Patience(usual=timedelta(minutes=app.config.schedule.poll_minutes))
        self._failed: set[str] = set()  # mailboxes that could not be polled this time
        self._wake = threading.Event()  # mail came: poll before the clock says so
        self._polling = threading.Lock()
        self._idle = app.idle_watches(self._wake.set)
        self._polled = False  # whether every mailbox could be looked into: only then is it known who has not written

    def run_until_signal(self) -> None:
        """Runs in the main thread; SIGTERM and SIGINT end it in order."""
        before = {number: signal.signal(number, self._on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            self.run()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def run(self) -> None:
        """Starts the clock; comes back when it has stopped and no job is running any more."""
        LOG.info("worker_started", extra={"mailboxes": len(self.app.config.mailboxes), "digests": len(self.app.config.digests)})
        self.catch_up()
        scheduler = self._scheduler()
        scheduler.start()
        watch = ClockWatch(self.app.clock, _uptime)
        try:
            while not self.stopping.wait(0.2):
                if self._signalled:
                    break
                self._listen(scheduler)
                jump = watch.jumped()
                if jump is not None:
                    LOG.error("clock_jumped", extra={"seconds": round(jump.total_seconds())})
                    self._ask_again(scheduler)
        finally:
            self.stopping.set()
            for idle in self._idle:
                idle.stop()
            scheduler.shutdown(wait=True)
            LOG.info("worker_stopped")

    def stop(self) -> None:
        self.stopping.set()

    def poll_and_read(self) -> None:
        """One pass: fetch what is new, read it message by message until told to stop, then remind who has not written."""
        with self._polling:
            self._poll_and_read()

    def _poll_and_read(self) -> None:
        self._polled = False
        self._guarded("poll", self._poll)
        self._guarded("read", self._read)
        self._guarded("file", self._file)
        if self._polled and self.app.config.reminders and not self.stopping.is_set():
            self._guarded("remind", lambda: self.app.remind(since=self.app.in_service_since(self.app.clock())))

    def deliver(self) -> None:
        if self.app.config.smtp is not None:
            self._guarded("deliver", lambda: self.app.deliver(stopping=self.stopping.is_set))

    def catch_up(self) -> None:
        """Sends the digests whose time came while no worker was there, or could not do it, and drafts the reports that are due."""
        self._guarded("catch_up", self._catch_up)
        if self.app.config.upward:
            self._guarded("upward", lambda: self.app.rollups().draft_due(since=self.app.in_service_since(self.app.clock())))

    def digest(self, digest: DigestConfig) -> None:
        """Sends the digest that was due last; nothing happens when another worker has, or it was sent before."""
        self._run_digest(digest, last_due(digest, self.app.clock()))

    def watch(self) -> None:
        """Tells the alarms that are due."""
        self.app.tell_alarms()

    def backup(self) -> None:
        """Makes the copy that is due, where the configuration asks for copies."""
        self._guarded("backup", lambda: run_backup_job(self.app.config, self.app.sessions, clock=self.app.clock))

    def _listen(self, scheduler: BackgroundScheduler) -> None:
        """Brings the next poll forward when mail came, and sees that what listens lives."""
        for idle in self._idle:
            idle.watch_over()
        if self._wake.is_set() and not self._polling.locked():
            self._wake.clear()
            scheduler.modify_job("poll", next_run_time=datetime.now(LOCAL_ZONE))

    def _poll(self) -> None:
        left_alone = {box.name for box in self.app.config.mailboxes if not self._patience.may_try(box.name, self.app.clock())}
        self._failed = set(left_alone)
        for poll in self.app.poll(without=left_alone, stopping=self.stopping.is_set):
            if poll.failure is None:
                self._patience.succeeded(poll.account)
            else:
                self._patience.failed(poll.account, poll.finished_at)
                self._failed.add(poll.account)
        self._polled = not self._failed

    def _file(self) -> None:
        self.app.filing.file(without=self._failed, stopping=self.stopping.is_set)

    def _read(self) -> None:
        for _ in self.app.read(stopping=self.stopping.is_set):
            pass

    def _catch_up(self) -> None:
        """Every digest since the last one that ran, oldest first. Not those from before the first start: nobody had been asked for them."""
        now = self.app.clock()
        since = self.app.in_service_since(now)
        for digest in self.app.config.digests:
            latest, last = last_due(digest, now), self.app.last_digest_run(digest)
            missed = 0 if last is None else min((latest - last).days // 7, _MOST_MISSED_WEEKS)
            for weeks in range(missed, -1, -1):
                due = latest - timedelta(weeks=weeks)
                if due >= since:
                    self._run_digest(digest, due)

    def _run_digest(self, digest: DigestConfig, due: datetime) -> None:
        self._guarded(f"digest:{digest.name}", lambda: self.app.run_digest(digest, due_at=due))

    def _guarded(self, job: str, work: Callable[[], object]) -> None:
        """Expected failures become one log line, bugs are logged whole; the watch hears of both, and what comes after goes on: a mailbox
        whose answers nobody understands must not keep the mails from being read."""
        try:
            with self._timed(job):
                work()
        except TransientError as error:
            LOG.warning("job_postponed", extra={"job": job, "reason": str(error)})
            self.app.watch.report(job, error)
        except MailboxIngestError as error:
            LOG.error("job_failed", extra={"job": job, "reason": str(error)})
            self.app.watch.report(job, error)
        except Exception as bug:  # a fault in one job is an alarm; the other jobs go on
            LOG.exception("job_broken", extra={"job": job, "reason": f"{type(bug).__name__}: {bug}"})
            self.app.watch.report(job, bug)
        else:
            self.app.watch.report(job, None)

    def _scheduler(self) -> BackgroundScheduler:
        schedule = self.app.config.schedule
        scheduler = BackgroundScheduler(
            timezone=LOCAL_ZONE,
            # APScheduler's own grace of one second would silently drop a weekly job that starts late.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": schedule.misfire_grace_hours * 3600},
        )
        at_once = datetime.now(LOCAL_ZONE)
        scheduler.add_job(self.poll_and_read, IntervalTrigger(minutes=schedule.poll_minutes), id="poll", next_run_time=at_once)
        scheduler.add_job(self.deliver, IntervalTrigger(minutes=schedule.deliver_minutes), id="deliver", next_run_time=at_once)
        # What failed, or was left by a worker that died, is taken up again without waiting for the next start.
        scheduler.add_job(self.catch_up, IntervalTrigger(minutes=15), id="catch_up")
        scheduler.add_job(self.watch, IntervalTrigger(minutes=1), id="watch", next_run_time=at_once)
        if self.app.config.backup is not None:  # asked often, so that a missed or failed copy is made up for; made once a day
            scheduler.add_job(self.backup, IntervalTrigger(minutes=10), id="backup", next_run_time=at_once)
        for item in self.app.config.digests:
            cron = CronTrigger(day_of_week=_WEEKDAYS[item.weekday - 1], hour=item.at.hour, minute=item.at.minute, timezone=LOCAL_ZONE)
            scheduler.add_job(self.digest, cron, args=(item,), id=f"digest:{item.name}")
        return scheduler

    def _ask_again(self, scheduler: BackgroundScheduler) -> None:
        """A clock that was set back would leave every job waiting for a moment that has been; one set ahead has passed some by."""
        self._patience.forget_moments()
        at_once = datetime.now(LOCAL_ZONE)
        for job in scheduler.get_jobs():
            if isinstance(job.trigger, IntervalTrigger):
                job.modify(next_run_time=at_once)
            else:
                job.reschedule(job.trigger)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        # Only a plain flag: an event or a log line could wait for a lock that the interrupted code holds.
        self._signalled = True


def _uptime() -> float:
    """Seconds since the machine started, those in which it slept included, whatever its clock says."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
