"""Damages documents and whole mails for minutes and expects one answer for each: documents or failures, in time, and nothing left behind.

    python -m bench.fuzz.run --minutes 10 [--seed 1] [--folder DIR] [--kind pdf …] [--keep DIR]

A round's input follows from the seed, the round and the kind, so a problem repeats. `--folder` adds the files of a folder to the samples.
Problems: another exception, a child that died, a time limit that was needed, an answer that is none.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import psutil

from bench.fuzz.mutations import mutated
from bench.fuzz.samples import mail, samples
from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.documents.attachments import read_attachment
from mailbox_ingest.documents.sandbox.pool import DEFAULT_PRELOAD, Sandbox
from mailbox_ingest.documents.sniff import Kind, sniff
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Attachment
from mailbox_ingest.reading.extract import Task, extract

LIMITS = LimitsConfig(workers=2, document_seconds=20.0, ocr_seconds=40.0)
SECONDS = LIMITS.document_seconds + LIMITS.ocr_seconds
NOW = datetime(2020, 8, 20, 2, 0, tzinfo=UTC)
WHOLE_MAIL = "mail"  # a sound mail around a damaged attachment
BROKEN_MAIL = "broken mail"  # the mail's own bytes damaged
_AHEAD = 6
# What may rightly give neither document nor failure: decoration and signatures, messages and archives that were damaged into a text.
_SILENT = frozenset({Kind.IGNORABLE, Kind.IMAGE, Kind.EML, Kind.MSG, Kind.TNEF, Kind.MHT, Kind.TEXT, Kind.ZIP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    kind: str
    round: int
    what: str
    data: bytes


@dataclass(slots=True)
class Campaign:
    """What was tried and what came of it."""

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    slowest: dict[str, float] = field(default_factory=dict)  # seconds from handing over to the answer, a short queue included
    memory_bytes: list[int] = field(default_factory=list)  # of the parent, as time goes on


def damaged(kind: str, number: int, seed: int, sound: dict[str, bytes]) -> bytes:
    """The input of one round."""
    chance = random.Random(f"{seed} {number} {kind}")
    if kind == BROKEN_MAIL:
        return mutated(sound["eml"], chance, tuple(sound.values()))
    if kind == WHOLE_MAIL:
        inside = [name for name in sound if not name.startswith("image") and name != "eml"]
        chosen = chance.sample(inside, k=2)
        return mail(*((f"{name}.{name}", "application/octet-stream", mutated(sound[name], chance)) for name in chosen))
    return mutated(sound[kind], chance, tuple(sound.values()) if chance.random() < 0.3 else ())


def submitted(pool: Sandbox, kind: str, data: bytes) -> Future[Any]:
    if kind in (WHOLE_MAIL, BROKEN_MAIL):
        task = Task(
            raw=data,
            forms=(builtin_form("bluezone"),),
            limits=LIMITS,
            authserv_id="mx.google.com",
            own_addresses=frozenset(),
            arrived_at=NOW,
            recorded_at=NOW,
        )
        return pool.submit(extract, task, seconds=SECONDS)
    attachment = Attachment(path=f"a.{kind}", name=f"a.{kind}", content_type="application/octet-stream", data=data)
    return pool.submit(partial(read_attachment, limits=LIMITS), attachment, seconds=SECONDS)


def judged(kind: str, data: bytes, future: Future[Any]) -> tuple[str, str]:
    """(what was answered, what is wrong with it or '')."""
    try:
        answer = future.result(timeout=SECONDS + 30)
    except DocumentError as death:
        memory = "memory" in death.detail
        return ("too large", "") if memory else ("death", death.detail)
    except Exception as bug:  # noqa: BLE001 - the point of this bench is to meet them
        return "exception", f"{type(bug).__name__}: {bug}\n{''.join(getattr(bug, '__notes__', ()))[-1500:]}"
    if kind in (WHOLE_MAIL, BROKEN_MAIL):
        return ("mail", "") if len(answer.attachments) == len(answer.incoming.attachments) else ("mail", "attachments without a record")
    documents, failures = answer
    if documents or failures:
        return ("documents" if documents else "failures"), ""
    return "silence", "" if sniff(data, f"a.{kind}") in _SILENT else "neither documents nor failures"


def campaign(pool: Sandbox, rounds: Iterator[tuple[str, int]], *, seed: int, sound: dict[str, bytes], stop: Callable[[], bool]) -> Campaign:
    """Runs rounds, a few ahead, until there are no more or `stop()`."""
    found = Campaign()
    waiting: deque[tuple[str, int, bytes, float, list[float], Future[Any]]] = deque()
    me = psutil.Process()
    done = 0
    more = True
    while more or waiting:
        while more and len(waiting) < _AHEAD:
            item = None if stop() else next(rounds, None)
            if item is None:
                more = False
                break
            kind, number = item
            data = damaged(kind, number, seed, sound)
            future = submitted(pool, kind, data)
            ended: list[float] = []
            future.add_done_callback(lambda _, ended=ended: ended.append(time.perf_counter()))  # type: ignore[misc]
            waiting.append((kind, number, data, time.perf_counter(), ended, future))
        if not waiting:
            break
        kind, number, data, started, ended, future = waiting.popleft()
        answer, wrong = judged(kind, data, future)
        found.answers[kind, answer] += 1
        found.slowest[kind] = max(found.slowest.get(kind, 0.0), ended[0] - started)
        if wrong:
            found.problems.append(Problem(kind=kind, round=number, what=wrong, data=data))
        done += 1
        if done % 10 == 0:
            found.memory_bytes.append(me.memory_info().rss)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="further files to damage")
    parser.add_argument("--kind", action="append", default=[], help="only these kinds")
    parser.add_argument("--keep", type=Path, help="where inputs that gave a problem are written")
    options = parser.parse_args(arguments)
    sound = dict(samples())
    if options.folder is not None:
        sound |= {path.name: path.read_bytes() for path in sorted(options.folder.iterdir()) if 0 < path.stat().st_size < 3_000_000}
    kinds = options.kind or [*sound, WHOLE_MAIL, BROKEN_MAIL]
    end = time.monotonic() + 60 * options.minutes
    rounds = ((kind, number) for number in count() for kind in kinds)
    with Sandbox(LIMITS.workers, LIMITS.memory_bytes, preload=(*DEFAULT_PRELOAD, "mailbox_ingest.reading.extract")) as pool:
        found = campaign(pool, rounds, seed=options.seed, sound=sound, stop=lambda: time.monotonic() > end)
    return _told(found, kinds, options.keep)


def _told(found: Campaign, kinds: Sequence[str], keep: Path | None) -> int:
    answers = ("documents", "failures", "silence", "mail", "too large", "death", "exception")
    print(f"{'kind':12}" + "".join(f"{answer:>11}" for answer in answers) + "   slowest s")
    for kind in kinds:
        print(
            f"{kind[:12]:12}" + "".join(f"{found.answers[kind, answer]:11}" for answer in answers) + f"{found.slowest.get(kind, 0):12.1f}"
        )
    left = psutil.Process().children(recursive=True)
    memory = [value / 1e6 for value in found.memory_bytes]
    print(f"{found.answers.total()} inputs, {len(found.problems)} problems, {len(left)} processes left")
    if memory:
        print(f"parent memory {memory[0]:.0f} MB after 10 inputs, {memory[-1]:.0f} MB at the end")
    for problem in found.problems[:20]:
        print(f"--- {problem.kind}, round {problem.round}: {problem.what}")
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        for problem in found.problems:
            (keep / f"{problem.kind.replace(' ', '-')}-{problem.round}").write_bytes(problem.data)
    return 1 if found.problems or left else 0


if __name__ == "__main__":
    sys.exit(main())
