"""Alarms in both databases: one open row a key, whoever raises it; history; who may tell it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.model.alarms import Alarm, AlarmKind, Trouble
from mailbox_ingest.store.operations.alarms import (
    alarm_history,
    alarms_to_tell,
    claim_notice,
    clear_alarm,
    mark_notified,
    open_alarms,
    raise_alarm,
    record_alarm,
)

NOW = datetime(2020, 8, 28, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=20)
REFUSED = Trouble(key="mailbox:a", kind=AlarmKind.MAILBOX_REFUSED, detail="no")
OUTAGE = Trouble(key="mailbox:a", kind=AlarmKind.MAILBOX_UNREACHABLE, detail="timeout", patience=timedelta(minutes=15))


def test_a_trouble_met_often_is_one_alarm_and_one_line_of_history(sessions: sessionmaker[Session]) -> None:
    for minute in range(3):
        with sessions.begin() as session:
            raise_alarm(session, REFUSED, now=NOW + timedelta(minutes=minute))
    with sessions.begin() as session:
        (alarm,) = open_alarms(session)
        assert (alarm.count, alarm.opened_at, alarm.last_seen_at) == (3, NOW, NOW + timedelta(minutes=2))
        assert clear_alarm(session, "mailbox:a", now=LATER) is not None
        assert clear_alarm(session, "mailbox:a", now=LATER) is None
    with sessions.begin() as session:
        assert open_alarms(session) == ()
        raise_alarm(session, REFUSED, now=LATER)
        assert [a.cleared_at for a in alarm_history(session)] == [LATER]
        assert len(open_alarms(session)) == 1


def test_an_outage_that_passes_leaves_nothing(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        raise_alarm(session, OUTAGE, now=NOW)
        assert open_alarms(session) == () and alarms_to_tell(session) == ()
        assert clear_alarm(session, "mailbox:a", now=LATER) is None
        assert alarm_history(session) == ()
        raise_alarm(session, OUTAGE, now=LATER)
        raise_alarm(session, OUTAGE, now=LATER + timedelta(minutes=15))
        assert [a.count for a in open_alarms(session)] == [2]


def test_many_workers_that_meet_one_trouble_make_one_alarm(sessions: sessionmaker[Session]) -> None:
    def meet(_number: int) -> None:
        with sessions.begin() as session:
            raise_alarm(session, REFUSED, now=NOW)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(meet, range(12)))
    with sessions.begin() as session:
        assert [alarm.count for alarm in open_alarms(session)] == [12]


def test_one_worker_tells_it_and_its_end_is_told_only_where_its_beginning_was(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        raise_alarm(session, REFUSED, now=NOW)
    with sessions.begin() as session:
        ((alarm, before),) = alarms_to_tell(session)
        assert before is None
        assert [claim_notice(session, alarm, now=NOW), claim_notice(session, alarm, now=NOW)] == [True, False]
        mark_notified(session, alarm, notified="opened", now=NOW)
        clear_alarm(session, "mailbox:a", now=LATER)
        ((ended, _),) = alarms_to_tell(session)
        assert (ended.id, ended.cleared_at) == (alarm.id, LATER)
        mark_notified(session, ended, notified="cleared", now=LATER)
        assert alarms_to_tell(session) == ()
        raise_alarm(session, REFUSED, now=LATER)
        assert [before for _, before in alarms_to_tell(session)] == [LATER]
        clear_alarm(session, "mailbox:a", now=LATER)
        assert alarms_to_tell(session) == ()


def test_what_memory_knew_is_written_down_and_counts_on_what_was_open(sessions: sessionmaker[Session]) -> None:
    remembered = replace(Alarm.of(REFUSED, NOW), count=4, notified="opened", notified_at=NOW)
    with sessions.begin() as session:
        record_alarm(session, remembered)
        record_alarm(session, replace(remembered, notified="", notified_at=None))
        (alarm,) = open_alarms(session)
        assert (alarm.count, alarm.notified) == (8, "opened")
        record_alarm(session, remembered.cleared(LATER))
        assert len(open_alarms(session)) == 1 and len(alarm_history(session)) == 1
