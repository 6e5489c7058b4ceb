"""Several workers at once, on both databases: unique keys and leases hold, and whoever loses hears it as a result, not as a crash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.errors import ConflictError
from mailbox_ingest.model import IncomingMessage, JudgedReport, Outcome, OutgoingMail, Verdict
from mailbox_ingest.store.ledger.claims import claim_messages
from mailbox_ingest.store.ledger.door import record_message
from mailbox_ingest.store.ledger.finish import finish_message
from mailbox_ingest.store.ledger.records import Arrival
from mailbox_ingest.store.operations.jobs import claim_job_run
from mailbox_ingest.store.outgoing.outbox import claim_due, queue_mail
from mailbox_ingest.store.reports.standing import accepted_reports

WORKERS = 4
LEASE = timedelta(minutes=5)


def test_claimers_never_get_the_same_message(sessions: sessionmaker[Session], arrival: Callable[..., Arrival], now: datetime) -> None:
    with sessions.begin() as session:
        ids = [record_message(session, arrival(n), now=now).id for n in range(1, 41)]

    def claim_all(_worker: int) -> list[int]:
        mine: list[int] = []
        while True:
            with sessions.begin() as session:
                claimed = claim_messages(session, now=now, lease=LEASE, limit=3)
            if not claimed:
                return mine
            mine += [message.id for message in claimed]

    got = _together(claim_all)
    assert sorted(number for mine in got for number in mine) == ids


def test_one_mail_recorded_by_all_at_once_is_new_once(
    sessions: sessionmaker[Session], arrival: Callable[..., Arrival], now: datetime
) -> None:
    def record(_worker: int) -> str:
        with sessions.begin() as session:
            return record_message(session, arrival(1), now=now).state

    assert Counter(_together(record)) == {"new": 1, "known": WORKERS - 1}


def test_one_mail_in_several_folders_at_once_is_new_once(
    sessions: sessionmaker[Session], arrival: Callable[..., Arrival], now: datetime
) -> None:
    def record(worker: int) -> str:
        with sessions.begin() as session:
            return record_message(session, arrival(1, folder=f"folder {worker}", gm_msgid=7), now=now).state

    assert Counter(_together(record)) == {"new": 1, "duplicate": WORKERS - 1}


@pytest.mark.usefixtures("registry")
def test_a_message_read_twice_is_finished_once(
    sessions: sessionmaker[Session],
    arrival: Callable[..., Arrival],
    report: Callable[..., JudgedReport],
    mail: Callable[..., OutgoingMail],
    now: datetime,
) -> None:
    with sessions.begin() as session:
        message_id = record_message(session, arrival(1), now=now).id

    def finish(_worker: int) -> str:
        verdict = Verdict(outcome=Outcome.ACCEPTED, reports=(report(),))
        try:
            with sessions.begin() as session:
                finish_message(
                    session, message_id, incoming=IncomingMessage(message_id=None, sender=None), verdict=verdict, outgoing=mail(), now=now
                )
        except ConflictError:
            return "lost"
        return "won"

    assert Counter(_together(finish)) == {"won": 1, "lost": WORKERS - 1}
    with sessions.begin() as session:
        assert len(accepted_reports(session, "bluezone")) == 1


@pytest.mark.usefixtures("registry")
def test_two_messages_for_one_place_leave_one_current_report(
    sessions: sessionmaker[Session],
    arrival: Callable[..., Arrival],
    report: Callable[..., JudgedReport],
    now: datetime,
) -> None:
    with sessions.begin() as session:
        ids = [record_message(session, arrival(n), now=now).id for n in range(1, WORKERS + 1)]

    def finish(worker: int) -> str:
        verdict = Verdict(outcome=Outcome.ACCEPTED, reports=(report(),))
        try:
            with sessions.begin() as session:
                finish_message(session, ids[worker], incoming=IncomingMessage(message_id=None, sender=None), verdict=verdict, now=now)
        except ConflictError:
            return "judge again"
        return "won"

    assert Counter(_together(finish)) == {"won": 1, "judge again": WORKERS - 1}
    with sessions.begin() as session:
        assert len(accepted_reports(session, "bluezone")) == 1
        assert len(claim_messages(session, now=now, lease=LEASE, limit=10)) == WORKERS - 1


def test_a_mail_is_queued_once_and_sent_by_one(sessions: sessionmaker[Session], mail: Callable[..., OutgoingMail], now: datetime) -> None:
    def queue(worker: int) -> bool:
        with sessions.begin() as session:  # each writer draws a Message-ID of its own, as the letters do; the key is what they share
            return queue_mail(session, mail(message_id=f"<worker-{worker}@us>"), now=now) is not None

    def claim(_worker: int) -> int:
        with sessions.begin() as session:
            return len(claim_due(session, now=now, limit=5, budget_recipients=100))

    assert Counter(_together(queue)) == {True: 1, False: WORKERS - 1}
    assert sum(_together(claim)) == 1


def test_a_job_is_run_by_one(sessions: sessionmaker[Session], now: datetime) -> None:
    def claim(_worker: int) -> bool:
        with sessions.begin() as session:
            return claim_job_run(session, "digest", now, now=now)

    assert Counter(_together(claim)) == {True: 1, False: WORKERS - 1}


def test_a_report_superseded_while_it_is_being_read_keeps_its_values(
    engine: Engine, sessions: sessionmaker[Session], finished: Callable[..., Any], report: Callable[..., JudgedReport]
) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("a writing session on SQLite is alone")
    _, (first,) = finished(report({"members": 1}))
    corrections = [report({"members": 2}, supersedes=first)]

    def correct_in_between(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM reports" in statement and corrections:
            finished(corrections.pop())

    with sessions.begin() as session:
        event.listen(engine, "after_cursor_execute", correct_in_between)
        (seen,) = accepted_reports(session, "bluezone")
    assert not corrections
    assert seen.values == {"members": 1}


def _together(work: Callable[[int], Any]) -> list[Any]:
    """Runs `work` in all workers from the same moment on."""
    start = Barrier(WORKERS)

    def run(worker: int) -> Any:
        start.wait(timeout=60)
        return work(worker)

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(run, range(WORKERS)))
