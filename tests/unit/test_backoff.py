"""Patience with a mailbox that fails."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mailbox_ingest.app.backoff import Patience

NOW = datetime(2020, 8, 20, 9, 0, tzinfo=UTC)


def waits(failures: int, chance: float) -> float:
    """Minutes until the mailbox may be tried again after so many failures in a row."""
    patience = Patience(usual=timedelta(minutes=5), chance=lambda: chance)
    for _ in range(failures):
        patience.failed("hop", NOW)
    minutes = 0.0
    while not patience.may_try("hop", NOW + timedelta(minutes=minutes)):
        minutes += 0.5
    return minutes


def test_the_wait_doubles_up_to_an_hour() -> None:
    assert [waits(failures, chance=1.0) for failures in range(7)] == [0, 5, 10, 20, 40, 60, 60]


def test_chance_keeps_mailboxes_out_of_step_and_the_next_poll_after_a_first_failure() -> None:
    assert (waits(1, chance=0.0), waits(3, chance=0.0), waits(99, chance=0.0)) == (2.5, 10, 30)


def test_a_success_forgives_everything_and_other_mailboxes_are_not_meant() -> None:
    patience = Patience(usual=timedelta(minutes=5), chance=lambda: 1.0)
    for _ in range(4):
        patience.failed("hop", NOW)
    assert not patience.may_try("hop", NOW) and patience.may_try("hop-khac", NOW)
    patience.succeeded("hop")
    patience.failed("hop", NOW)
    assert patience.may_try("hop", NOW + timedelta(minutes=5))
