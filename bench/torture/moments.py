"""When the worker is killed: at random, but spread evenly over what it does. A moment is something seen from outside, and a wait."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.torture.office import Life, Office

PHASES = ("start", "poll", "read", "deliver")
_LATEST_SECONDS = 8.0  # the awaited thing may not come in this life: then it is killed wherever it is
_SMTP_STAGES = ("connected", "rcpt", "data", "filed", "answered")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Kill `wait_seconds` after the `count`-th sign of `what`: log lines of the worker, bytes of the IMAP server, stages of a delivery.

    Signs of its first `warm_seconds` do not count: a worker that always dies young would never be killed in the middle of much work.
    """

    phase: str
    what: str
    count: int
    wait_seconds: float
    warm_seconds: float = 0


def draw(rng: random.Random, number: int) -> Moment:
    phase = PHASES[number % len(PHASES)]
    if phase == "start":
        return Moment(phase=phase, what="worker_started", count=1, wait_seconds=rng.uniform(0, 1.5))
    warm = rng.choice((0, rng.uniform(0, 5)))
    if phase == "poll":
        wait = rng.choice((0, rng.uniform(0, 0.05)))
        return Moment(phase=phase, what="bytes", count=rng.randrange(1, 9_000), wait_seconds=wait, warm_seconds=warm)
    if phase == "read":
        what, wait = rng.choice((("poll_done", 1.2), ("message_read", 0.05), ("message_read", 0.3), ("message_read", 0.3)))
        return Moment(phase=phase, what=what, count=1 if what == "poll_done" else rng.randrange(1, 12), wait_seconds=rng.uniform(0, wait))
    stage = rng.choice(_SMTP_STAGES)
    return Moment(
        phase=phase, what=stage, count=rng.randrange(1, 4), wait_seconds=rng.choice((0, 0, rng.uniform(0, 0.03))), warm_seconds=warm
    )


def live_and_die(office: Office, moment: Moment) -> bool:
    """One life of the worker, killed at `moment`; False when the moment did not come and it was killed later, or had ended by itself."""
    came = threading.Event()
    signs = _Signs(moment, came)
    if moment.wait_seconds == 0:
        # On the thread that saw it: in the middle of a delivery, or of a literal.
        signs.at_once = lambda: lives[0].kill()  # noqa: PLW0108 - it does not live yet
    lives: list[Life] = []
    office.provider.on = signs.sees
    office.imap.let_pass()
    try:
        ready = threading.Event()
        life = office.worker(lambda line: (ready.wait(), signs.hears(line)))
        lives.append(life)
        ready.set()
        time.sleep(moment.warm_seconds)
        signs.counting = True
        if moment.phase == "poll":
            office.imap.at(moment.count, lambda: signs.sees("bytes", whole=True))
        seen = came.wait(_LATEST_SECONDS)
        if seen and moment.wait_seconds:
            time.sleep(moment.wait_seconds)
        life.kill()
        ended = life.process.wait(30)
    finally:
        office.provider.on = lambda _stage: None
        office.imap.let_pass()
    if ended != -9:
        raise RuntimeError(f"the worker ended by itself with {ended}: {life.noise[-5:]} {life.events[-3:]}")
    return seen


class _Signs:
    """Counts what the moment waits for."""

    def __init__(self, moment: Moment, came: threading.Event) -> None:
        self.moment, self.came = moment, came
        self.at_once: Callable[[], None] = lambda: None
        self.seen = 0
        self.counting = moment.warm_seconds == 0

    def hears(self, line: dict[str, Any]) -> None:
        self.sees(line["event"])

    def sees(self, what: str, *, whole: bool = False) -> None:
        if not self.counting or what != self.moment.what or self.came.is_set():
            return
        self.seen += 1
        if whole or self.seen >= self.moment.count:
            self.at_once()
            self.came.set()
