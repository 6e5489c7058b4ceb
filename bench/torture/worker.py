"""`mailbox-ingest run` in a hurry: its minutes take less than half a second, and its clock is one that the harness may move.

    python -m bench.torture.worker CONFIG CLOCK

The file CLOCK holds by how many seconds the worker's clock is ahead of the machine's; it is read again each time somebody asks. While a
job runs, CLOCK.busy is locked (shared), so that the harness can let time pass between jobs. Beyond the three, this is the program itself,
from its command line to its last thread.
"""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import wraps
from pathlib import Path
from typing import Any

from apscheduler.executors import base as base_executor
from apscheduler.schedulers import base as base_scheduler
from apscheduler.triggers import cron, interval

from mailbox_ingest import worker
from mailbox_ingest.app import house
from mailbox_ingest.cli import main as command_line

SECONDS_A_MINUTE = 0.4


class Hurried(interval.IntervalTrigger):  # type: ignore[misc]  # apscheduler ships no types
    """As the worker names it, in minutes."""

    def __init__(self, *, minutes: float) -> None:
        super().__init__(seconds=minutes * SECONDS_A_MINUTE)


def moved_clock(file: Path) -> Callable[[], datetime]:
    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(file.read_text(encoding="ascii")))

    return now


def move(clock: Callable[[], datetime]) -> None:
    """Whoever asks for the time gets this clock's: the house, the worker, the scheduler."""

    class Moved(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # a plain datetime is what they want
            return clock().astimezone(tz)

    for module in (house, worker, base_scheduler, base_executor, interval, cron):
        vars(module)["datetime"] = Moved


def tell_when_busy(file: Path) -> None:
    """Each job of the worker holds `file` while it runs; a kill lets go of it."""

    def busy(job: Callable[..., None]) -> Callable[..., None]:
        @wraps(job)
        def run(*given: Any, **named: Any) -> None:
            with file.open("rb") as held:
                fcntl.flock(held, fcntl.LOCK_SH)
                job(*given, **named)

        return run

    for name in ("poll_and_read", "deliver", "catch_up", "digest", "backup"):
        setattr(worker.Worker, name, busy(getattr(worker.Worker, name)))


def main(config_file: str, clock_file: str) -> int:
    move(moved_clock(Path(clock_file)))
    tell_when_busy(Path(f"{clock_file}.busy"))
    vars(worker)["IntervalTrigger"] = Hurried
    return command_line(["run", "--config", config_file, "--log-json"])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
