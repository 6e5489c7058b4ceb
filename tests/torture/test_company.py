"""Two workers at once, meant so on PostgreSQL or by mistake on one SQLite file: together they do what one does, each thing once."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text

from bench.torture.mails import TortureMail
from bench.torture.office import Office, opened, wait_for
from mailbox_ingest.store.database.engine import session_factory
from servers.dovecot import Dovecot
from torture.settling import put, settle

pytestmark = pytest.mark.timeout(600)
_users = count(1)


def test_two_workers_on_one_database_do_everything_once(
    dovecot: Dovecot, empty_store_url: str, tmp_path: Path, some_mails: list[TortureMail]
) -> None:
    with opened(dovecot, tmp_path / "office", empty_store_url, f"company-{next(_users)}") as office:
        put(office, some_mails[:6])
        workers = [office.worker(), office.worker()]
        wait_for(lambda: all(life.named("poll_done") for life in workers), "both to poll")
        put(office, some_mails[6:])
        settle(office)
        assert all(life.process.poll() is None for life in workers)
        assert all(life.stop() == 0 for life in workers)


def test_two_workers_that_start_after_a_missed_digest_send_it_once(dovecot: Dovecot, empty_store_url: str, tmp_path: Path) -> None:
    with opened(dovecot, tmp_path / "office", empty_store_url, f"company-{next(_users)}") as office:
        first = office.worker()
        wait_for(lambda: bool(first.named("poll_done")), "the first start")
        first.kill()
        first.process.wait()
        to_saturday(office)
        workers = [office.worker(), office.worker()]
        wait_for(lambda: all(life.named("poll_done") for life in workers), "both to start")
        settle(office)
        assert digests(office) == 1


def to_saturday(office: Office) -> None:
    office.leap(datetime.fromisoformat("2020-09-19T09:00:00+07:00") - office.now())


def digests(office: Office) -> int:
    with session_factory(office.engine, read_only=True).begin() as session:
        return session.scalar(text("SELECT count(*) FROM outgoing WHERE kind = 'digest'")) or 0
