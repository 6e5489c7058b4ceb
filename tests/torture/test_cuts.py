"""Cuts under a running worker: the line to the mailbox, to the provider, to the database; afterwards nothing is lost or doubled."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from bench.torture.mails import TortureMail, stream
from bench.torture.office import Office, opened, wait_for
from servers.dovecot import Dovecot
from servers.postgres import find_binaries, running_postgres
from torture.settling import put, settle

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("passed_bytes", [9_000, 60_000], ids=["in a mail", "some mails later"])
def test_a_line_to_the_mailbox_that_breaks_in_the_middle_of_a_mail_costs_no_mail(
    office: Office, some_mails: list[TortureMail], passed_bytes: int
) -> None:
    put(office, some_mails)
    office.imap.cut_after(passed_bytes)
    life = office.worker()
    wait_for(lambda: bool(life.named("poll_failed")), "the cut to be noticed")
    settle(office)
    assert office.imap.cuts == 1


@pytest.mark.parametrize("stage", ["data", "filed"], ids=["before it is taken", "before the 250"])
def test_a_line_to_the_provider_that_breaks_after_data_sends_every_reply_once(
    office: Office, some_mails: list[TortureMail], stage: str
) -> None:
    put(office, some_mails)
    cut: list[str] = []

    def once(seen: str) -> None:
        if seen == stage and not cut:
            cut.append(seen)
            office.smtp.cut()

    office.provider.on = once
    life = office.worker()
    wait_for(lambda: bool(life.named("mail_uncertain")), "an uncertain mail")
    settle(office)
    assert any(line["answer"] == "found in the folder of sent mails" for line in life.named("mail_sent"))


def test_a_line_to_the_provider_that_breaks_after_the_250_sends_every_reply_once(office: Office, some_mails: list[TortureMail]) -> None:
    put(office, some_mails)
    office.provider.on = lambda stage: office.smtp.cut() if stage == "answered" else None
    life = office.worker()
    wait_for(lambda: office.smtp.cuts > 2, "three cuts")
    office.provider.on = lambda _stage: None
    settle(office)
    assert not life.noise


def test_a_database_that_stops_and_starts_again_under_the_worker_loses_nothing(
    dovecot: Dovecot, tmp_path: Path, some_mails: list[TortureMail]
) -> None:
    binaries = find_binaries()
    assert binaries is not None
    with (
        running_postgres(binaries) as server,
        opened(dovecot, tmp_path / "office", server.url(server.create_database()), "outage") as office,
    ):
        life = office.worker()
        for part, sign in enumerate(("message_read", "mail_sent", "poll_done")):
            before = len(life.named(sign))
            put(office, some_mails[part * 4 : part * 4 + 4])
            wait_for(lambda: len(life.named(sign)) > before, sign)  # noqa: B023 - waited for before the next round
            server.stop()
            troubles = len(life.named("job_failed"))
            wait_for(lambda: len(life.named("job_failed")) > troubles + 1, "the outage to be noticed")  # noqa: B023 - as above
            assert life.process.poll() is None, "the worker lives on"
            server.start()
        settle(office)


def test_a_full_disk_stops_the_work_and_room_lets_it_go_on(dovecot: Dovecot, small_disk: Path, tmp_path: Path) -> None:
    with opened(dovecot, tmp_path / "office", f"sqlite:///{small_disk}/store.db", "full-disk") as office:
        ballast = small_disk / "ballast"
        ballast.write_bytes(bytes(shutil.disk_usage(small_disk).free - 300_000))
        put(office, list(islice(stream(seed=8), 30)))
        life = office.worker()
        wait_for(lambda: any("no room" in str(line.get("reason")) for line in life.events), "the full disk to be noticed")
        assert life.process.poll() is None, "the worker lives on"
        ballast.unlink()
        settle(office)
        assert life.process.poll() is None


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of sixteen megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "none", str(place)], check=False, capture_output=True, text=True)
    if made.returncode != 0:
        pytest.skip(f"this machine lets nobody mount a small disk: {made.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)
