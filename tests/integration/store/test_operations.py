"""Units, rosters, jobs, polls, digests and acts, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import InternalError
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.errors import ConflictError, StoreUnavailable
from mailbox_ingest.model import LetterContent, OutgoingAttachment, Unit
from mailbox_ingest.periods import Period
from mailbox_ingest.store.database.engine import session_factory
from mailbox_ingest.store.operations.jobs import claim_job_run, find_job_run, finish_job_run, last_run
from mailbox_ingest.store.operations.polls import bytes_fetched_since, last_poll, last_successful_poll, record_poll
from mailbox_ingest.store.operations.records import Poll
from mailbox_ingest.store.outgoing.digests import find_digest, list_digests, save_digest
from mailbox_ingest.store.outgoing.records import FrozenDigest
from mailbox_ingest.store.people.audit import list_acts, record_act
from mailbox_ingest.store.registry.units import import_units, list_units, load_units
from mailbox_ingest.store.reports.rosters import find_roster, freeze_roster

W34 = Period(2020, 34)
HOUR = timedelta(hours=1)


def test_units_come_back_in_the_order_of_their_file(sessions: sessionmaker[Session], registry: tuple[Unit, ...], now: datetime) -> None:
    with sessions.begin() as session:
        assert load_units(session) == registry
        changes = import_units(session, tuple(reversed(registry)), now=now)
        assert changes.unchanged == tuple(unit.code for unit in reversed(registry))
        assert load_units(session) == tuple(reversed(registry))


def test_importing_a_registry_says_what_changed_and_never_deletes(
    sessions: sessionmaker[Session], registry: tuple[Unit, ...], now: datetime
) -> None:
    first, second = registry
    moved = replace(second, emails=("new@b.example", "camlo@b.example"), aliases=("TP Đông Hà",))  # one address, two units
    new = Unit(code="cdn-y-te", name="Công đoàn ngành Y tế", group="ngành")
    with sessions.begin() as session:
        changes = import_units(session, (first, moved, new), now=now)
        assert (changes.added, changes.changed, changes.unchanged, changes.retired) == (
            ("cdn-y-te",),
            ("ldld-dong-ha",),
            ("ldld-cam-lo",),
            (),
        )
        changes = import_units(session, (moved, new), now=now)
        assert changes.retired == ("ldld-cam-lo",)
        assert load_units(session) == (moved, new)
        assert load_units(session, active_only=False) == (moved, new, first)
        assert [item.active for item in list_units(session)] == [True, True, False]
        assert import_units(session, (first, moved, new), now=now).changed == ("ldld-cam-lo",)


def test_a_roster_is_frozen_once(sessions: sessionmaker[Session], registry: tuple[Unit, ...], now: datetime) -> None:
    with sessions.begin() as session:
        assert find_roster(session, "bluezone", W34) is None
        frozen = freeze_roster(session, "bluezone", W34, registry, now=now)
        assert [(unit.code, unit.name, unit.group) for unit in frozen] == [(unit.code, unit.name, unit.group) for unit in registry]
        import_units(session, registry[:1], now=now)
        assert freeze_roster(session, "bluezone", W34, registry[:1], now=now) == frozen
        assert find_roster(session, "bluezone", W34.shifted(1)) is None


def test_a_job_runs_once_for_its_due_moment(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        assert claim_job_run(session, "digest", now, now=now)
        assert not claim_job_run(session, "digest", now, now=now)
        assert claim_job_run(session, "digest", now + HOUR, now=now)
        assert claim_job_run(session, "poll", now, now=now)
        finish_job_run(session, "digest", now, now=now)
        assert not claim_job_run(session, "digest", now, now=now + 9 * HOUR)


def test_a_job_that_failed_or_died_can_be_run_again(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        claim_job_run(session, "digest", now, now=now)
        finish_job_run(session, "digest", now, now=now, failure="SMTP refused")
        run = find_job_run(session, "digest", now)
        assert run is not None
        assert (run.state, run.failure) == ("failed", "SMTP refused")
        assert claim_job_run(session, "digest", now, now=now)  # and dies
        assert not claim_job_run(session, "digest", now, now=now + HOUR / 2)
        assert claim_job_run(session, "digest", now, now=now + HOUR)
        finish_job_run(session, "digest", now, now=now + HOUR)
        latest = last_run(session, "digest")
        assert latest is not None
        assert (latest.state, latest.attempts, latest.due_at) == ("done", 3, now)
        assert last_run(session, "other") is None


def test_the_last_successful_poll_is_not_the_last_one(sessions: sessionmaker[Session], now: datetime) -> None:
    good = Poll(account="main", started_at=now, finished_at=now, messages_new=3, bytes_fetched=1000)
    bad = replace(good, finished_at=now + HOUR, messages_new=0, bytes_fetched=24, failure="no answer")
    with sessions.begin() as session:
        assert last_successful_poll(session) is None
        record_poll(session, good)
        record_poll(session, bad)
        assert last_successful_poll(session) == last_successful_poll(session, "main") == good
        assert last_poll(session) == bad
        assert last_successful_poll(session, "second") is None
        assert bytes_fetched_since(session, "main", now - HOUR) == 1024
        assert bytes_fetched_since(session, "main", now) == 24


def test_a_digest_is_frozen_with_every_byte(sessions: sessionmaker[Session], now: datetime) -> None:
    file = OutgoingAttachment(name="tuần 34.xlsx", content_type="application/x", data=bytes(range(256)))
    content = LetterContent(subject="Tuần 34", text="chữ", html="<p>", attachments=(file,))
    digest = FrozenDigest(name="leadership", form="bluezone", period=W34, as_of=now, figures={"rate": "88.5", "đơn vị": 3}, content=content)
    with sessions.begin() as session:
        number = save_digest(session, digest, now=now + HOUR)
        found = find_digest(session, "leadership", W34)
        assert found == replace(digest, created_at=now + HOUR, id=number)
        assert [item.id for item in list_digests(session, name="leadership")] == [number]
        with pytest.raises(ConflictError, match="already frozen"):
            save_digest(session, digest, now=now)
        assert find_digest(session, "leadership", W34.shifted(1)) is None


def test_acts_are_kept_in_order(sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions.begin() as session:
        record_act(session, who="Lan", action="import", subject="units", now=now)
        record_act(session, who="Lan", action="retire", subject="unit:x", now=now, before={"tên": "cũ"}, after=None, note="giải thể")
        latest, _ = list_acts(session)
        assert (latest.who, latest.action, latest.before, latest.after, latest.note) == ("Lan", "retire", {"tên": "cũ"}, None, "giải thể")
        assert [act.action for act in list_acts(session, subject="units")] == ["import"]


def test_a_read_only_session_sees_one_snapshot_and_cannot_write(engine: Engine, sessions: sessionmaker[Session], now: datetime) -> None:
    reading = session_factory(engine, read_only=True)
    with reading.begin() as reader:
        assert list_acts(reader) == ()
        with sessions.begin() as writer:  # a reader never stands in a writer's way
            record_act(writer, who="Lan", action="x", subject="y", now=now)
        assert list_acts(reader) == ()
    with reading.begin() as reader:
        assert len(list_acts(reader)) == 1
    with pytest.raises((StoreUnavailable, InternalError), match=r"read-?only"), reading.begin() as reader:
        record_act(reader, who="Lan", action="x", subject="y", now=now)
