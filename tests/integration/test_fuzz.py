"""A short form of `make fuzz`: damaged files of every kind, alone and in whole mails, get one answer each and leave nothing behind."""

from __future__ import annotations

import os
import random

import psutil
import pytest

from bench.fuzz.mutations import mutated
from bench.fuzz.run import BROKEN_MAIL, LIMITS, WHOLE_MAIL, Campaign, campaign
from bench.fuzz.samples import samples
from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.attachments import read_attachment
from mailbox_ingest.documents.sandbox.pool import DEFAULT_PRELOAD, Sandbox
from mailbox_ingest.model import Attachment

SLOW = ("image-tiff", "image-gif", "image-bmp", "image-webp", "image-jpeg")  # one way through the same reader is enough here
ROUNDS = 3


@pytest.fixture(scope="module")
def sound() -> dict[str, bytes]:
    return {kind: data for kind, data in samples(("doc", "xls")).items() if kind not in SLOW}


@pytest.fixture(scope="module")
def tried(sound: dict[str, bytes]) -> tuple[Campaign, list[int]]:
    """One campaign with a fixed seed, and the processes that its sandbox had started."""
    kinds = [*sound, WHOLE_MAIL, BROKEN_MAIL]
    rounds = iter([(kind, number) for number in range(ROUNDS) for kind in kinds])
    with Sandbox(2, LIMITS.memory_bytes, preload=DEFAULT_PRELOAD) as pool:
        started = {pool.submit(which, seconds=60).result() for which in (os.getpid, os.getppid)}
        found = campaign(pool, rounds, seed=597, sound=sound, stop=lambda: False)
    return found, sorted(started)


@pytest.mark.parametrize("kind", sorted(set(samples(())) - set(SLOW)))
def test_every_sample_is_sound_before_it_is_damaged(kind: str) -> None:
    sample = Attachment(path=kind, name=f"a.{kind}", content_type="", data=samples(())[kind])
    read, failures = read_attachment(sample, limits=LimitsConfig())
    assert read and not failures


def test_damage_is_damage_and_repeats(sound: dict[str, bytes]) -> None:
    changed = [mutated(data, random.Random(number)) != data for data in sound.values() for number in range(10)]
    assert sum(changed) > 0.9 * len(changed)
    assert mutated(sound["docx"], random.Random(7)) == mutated(sound["docx"], random.Random(7))


def test_every_damaged_input_gets_one_answer(tried: tuple[Campaign, list[int]], sound: dict[str, bytes]) -> None:
    found, _ = tried
    assert [(problem.kind, problem.round, problem.what) for problem in found.problems] == []
    assert found.answers.total() == ROUNDS * (len(sound) + 2)


def test_no_process_is_left_behind(tried: tuple[Campaign, list[int]]) -> None:
    _, alive = psutil.wait_procs([psutil.Process(pid) for pid in tried[1] if psutil.pid_exists(pid)], timeout=60)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


def test_the_memory_of_the_parent_stays_flat(tried: tuple[Campaign, list[int]]) -> None:
    memory = tried[0].memory_bytes
    assert memory[-1] - memory[0] < 60_000_000
