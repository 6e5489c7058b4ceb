"""A full disk and a held lock leave the store as errors that tell which of the two it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.errors import StoreBusy, StoreFull
from mailbox_ingest.store.database import engine as store_engine
from mailbox_ingest.store.database.engine import open_engine, session_factory
from mailbox_ingest.store.ledger.door import record_message
from mailbox_ingest.store.ledger.lookup import count_messages
from mailbox_ingest.store.ledger.records import Arrival
from servers.postgres import PostgresServer


def test_a_database_without_room_says_so_and_keeps_what_it_has(
    sqlite_engine: Engine, sqlite_sessions: sessionmaker[Session], arrival: Callable[..., Arrival], now: datetime
) -> None:
    with sqlite_sessions.begin() as session:
        record_message(session, arrival(1), now=now)
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
        session.execute(text(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(StoreFull, match="no room left"), sqlite_sessions.begin() as session:
        for uid in range(2, 60):
            record_message(session, arrival(uid, raw=bytes(range(256)) * uid), now=now)
    with sqlite_sessions() as session:
        assert count_messages(session).received == 1


def test_a_held_lock_is_told_as_busy(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_engine, "BUSY_TIMEOUT_SECONDS", 0.05)
    other = sqlite3.connect(Path(sqlite_url.removeprefix("sqlite:///")))
    other.execute("BEGIN IMMEDIATE")
    engine = open_engine(sqlite_url)
    with pytest.raises(StoreBusy, match="busy"), session_factory(engine).begin() as session:
        session.execute(text("SELECT 1"))
    other.rollback()
    with session_factory(engine).begin() as session:
        assert session.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()
    other.close()


def test_a_row_that_is_too_large_for_an_index_is_no_outage(postgres_server: PostgresServer, postgres_store: str) -> None:
    engine = open_engine(postgres_server.url(postgres_store))
    with pytest.raises(OperationalError, match="index row"), session_factory(engine).begin() as session:
        # Random hexadecimal digits: what compresses well would fit.
        session.execute(text("CREATE TEMPORARY TABLE wide (name TEXT UNIQUE)"))
        session.execute(text("INSERT INTO wide SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 400)"))
    engine.dispose()
