"""The clock was a day ahead and has been set back: what it wrote in the meantime keeps nobody waiting, and nothing spins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.model import OutgoingMail
from mailbox_ingest.store.operations.jobs import claim_job_run
from mailbox_ingest.store.outgoing.gates import SENDING, close_gate, closed_gates
from mailbox_ingest.store.outgoing.outbox import claim_due, mark_deferred, queue_mail

MakeMail = Callable[..., OutgoingMail]
DAY = timedelta(days=1)
MINUTES = timedelta(minutes=10)  # machines that share a database may differ by so much


def _claim(sessions: sessionmaker[Session], now: datetime) -> list[tuple[str, bool]]:
    with sessions.begin() as session:
        return [(item.mail.key, item.was_sending) for item in claim_due(session, now=now, limit=10, budget_recipients=100)]


def test_a_mail_queued_by_a_clock_ahead_is_due_and_put_off_like_any_other(
    sessions: sessionmaker[Session], mail: MakeMail, now: datetime
) -> None:
    with sessions.begin() as session:
        number = queue_mail(session, mail("reply"), now=now + DAY)
        queue_mail(session, mail("of another machine"), now=now + MINUTES)
    assert number is not None
    assert _claim(sessions, now) == [("reply", False)]
    with sessions.begin() as session:
        mark_deferred(session, number, retry_at=now + MINUTES / 2, reason="try later")
    assert _claim(sessions, now) == []
    assert _claim(sessions, now + MINUTES / 2) == [("reply", False)]


def test_a_mail_taken_by_a_clock_ahead_was_left_by_a_crash(sessions: sessionmaker[Session], mail: MakeMail, now: datetime) -> None:
    with sessions.begin() as session:
        queue_mail(session, mail("reply"), now=now)
    assert _claim(sessions, now + DAY) == [("reply", False)]
    assert _claim(sessions, now) == [("reply", True)]
    assert _claim(sessions, now - MINUTES) == []


def test_a_job_begun_by_a_clock_ahead_can_be_run_again(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        assert claim_job_run(session, "digest", now, now=now + DAY)
        assert claim_job_run(session, "digest", now, now=now)
        assert not claim_job_run(session, "digest", now, now=now - MINUTES)


def test_a_pause_that_a_clock_ahead_began_is_over(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        close_gate(session, SENDING, now=now + DAY, until=now + 2 * DAY, reason="Daily user sending limit exceeded")
        assert [gate.gate for gate in closed_gates(session, now=now + DAY)] == [SENDING]
        assert closed_gates(session, now=now) == ()
