"""The clock jumps a day, ahead and back, under the running worker: no lease hangs, no digest or reminder is doubled or dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bench.torture.mails import TortureMail
from bench.torture.office import Office, opened, wait_for
from mailbox_ingest.store.database.engine import session_factory
from servers.dovecot import Dovecot
from torture.settling import put, settle

pytestmark = pytest.mark.timeout(600)
DAY = timedelta(days=1)
_REMINDERS = """[[reminders]]
form = "bluezone"
offsets_hours = [-32, 0]
"""


@pytest.fixture
def small_office(dovecot: Dovecot, tmp_path: Path) -> Iterator[Office]:
    url = f"sqlite:///{tmp_path}/store.db"
    with opened(dovecot, tmp_path / "office", url, f"clock-{tmp_path.name}", more=_REMINDERS, units_registered=3) as found:
        yield found


def scheduled(office: Office) -> Counter[str]:
    """Digests and reminders by key."""
    with session_factory(office.engine, read_only=True).begin() as session:
        return Counter(session.scalars(text("SELECT mail_key FROM outgoing WHERE kind IN ('digest', 'reminder')")))


def test_a_clock_set_back_a_day_leaves_no_job_and_no_lease_waiting_for_tomorrow(office: Office, some_mails: list[TortureMail]) -> None:
    office.leap(DAY)
    put(office, some_mails[:6])
    life = office.worker()
    wait_for(lambda: bool(life.named("message_read")), "the first mail")
    life.kill()  # what it had in hand is leased until tomorrow, as the clock will see it
    life.process.wait()
    life = office.worker()
    wait_for(lambda: bool(life.named("poll_done")), "a poll")
    office.leap(-DAY)
    wait_for(lambda: bool(life.named("clock_jumped")), "the jump to be noticed")
    put(office, some_mails[6:])
    settle(office)


def test_a_clock_that_jumps_ahead_and_back_over_deadline_and_digest_sends_each_reminder_and_digest_once(small_office: Office) -> None:
    office = small_office
    at(office, "2020-09-17T08:30:00+07:00")  # Thursday; a reminder is due at nine, another on Friday at 17:00, the digest at 17:30
    life = office.worker()
    wait_for(lambda: bool(life.named("poll_done")), "the first poll")
    for step in (timedelta(hours=1), DAY, -DAY, DAY, timedelta(hours=9), -DAY, 2 * DAY, -DAY, DAY):
        jumps, polls = len(life.named("clock_jumped")), len(life.named("poll_done"))
        office.leap(step)
        wait_for(lambda: len(life.named("clock_jumped")) > jumps, "the jump to be noticed")  # noqa: B023 - waited for before the next round
        wait_for(lambda: len(life.named("poll_done")) > polls + 1, "the worker to go on")  # noqa: B023 - as above
    settle(office)
    found = scheduled(office)
    assert max(found.values()) == 1
    assert [key for key in found if key.startswith("digest:")] == ["digest:lanh-dao:2020-W38"]
    assert Counter(key.split(":")[3] for key in found if key.startswith("reminder:")) == {"-32": 3, "0": 3}


def at(office: Office, moment: str) -> None:
    office.leap(datetime.fromisoformat(moment) - office.now())
