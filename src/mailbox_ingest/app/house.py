"""The opened house: engine, sessions, clock and configuration in one value, and a method for each thing the house does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.app import views
from mailbox_ingest.config import Config
from mailbox_ingest.store.engine import open_engine, session_factory
from mailbox_ingest.store.jobs import claim_job_run, find_job_run, finish_job_run
from mailbox_ingest.store.messages import count_messages, list_messages
from mailbox_ingest.store.migrate import check_current, ensure_current, upgrade
from mailbox_ingest.store.records import StoredUnit, UnitChanges
from mailbox_ingest.store.units import import_units, list_units, load_units
from mailbox_ingest.units_files import read_units, write_units

_SERVICE = "service"
_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)  # the only due moment of the job 'service': its row says when the house first opened


def utc_now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def checked_engine(config: Config, *, upgrade_schema: bool | None = None) -> Iterator[Engine]:
    """The database at this version's schema.

    `upgrade_schema`: None fills an empty database and refuses an old one, True brings an old one up, False changes nothing.
    Raises StoreUnavailable.
    """
    engine = open_engine(config.store_url)
    try:
        {None: ensure_current, True: upgrade, False: check_current}[upgrade_schema](engine)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def open_app(config: Config, *, clock: Callable[[], datetime] = utc_now) -> Iterator[App]:
    """The house, opened and closed in order; no child process and no connection is left behind."""
    with checked_engine(config) as engine:
        app = App(
            config=config, engine=engine, sessions=session_factory(engine), snapshots=session_factory(engine, read_only=True), clock=clock
        )
        yield app


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """What commands, worker and console hold. `sessions` write, `snapshots` only read; `clock` gives aware moments."""

    config: Config
    engine: Engine
    sessions: sessionmaker[Session]
    snapshots: sessionmaker[Session]
    clock: Callable[[], datetime]

    # ------------------------------------------------------------ the registry

    def import_units(self, path: Path) -> UnitChanges:
        """Makes the registry what the file says. Raises ConfigurationError with every problem of the file."""
        units = read_units(path)
        with self.sessions.begin() as session:
            return import_units(session, units, now=self.clock())

    def export_units(self, path: Path) -> int:
        with self.snapshots.begin() as session:
            units = load_units(session)
        write_units(path, units)
        return len(units)

    def list_units(self) -> tuple[StoredUnit, ...]:
        with self.snapshots.begin() as session:
            return list_units(session)

    # ------------------------------------------------------------ looking

    def status(self, *, messages: int) -> views.Status:
        with self.snapshots.begin() as session:
            return views.status(session, self.config, messages=messages)

    def explain(self, key: str) -> views.Ledgered | None:
        with self.snapshots.begin() as session:
            return views.explain(session, key)

    def messages_in_order(self) -> tuple[views.Ledgered, ...]:
        """The whole ledger, oldest first: for the demo and for tests, not for a province's."""
        with self.snapshots.begin() as session:
            rows = list_messages(session, limit=100_000)
            found = (views.ledgered(session, row.id) for row in reversed(rows))
            return tuple(item for item in found if item is not None)

    def count_received(self) -> int:
        """Messages that wait to be read."""
        with self.snapshots.begin() as session:
            counts = count_messages(session)
        return counts.received + counts.reading

    def in_service_since(self, now: datetime) -> datetime:
        """When the worker first started on this database; `now` on the first call ever."""
        with self.sessions.begin() as session:
            if claim_job_run(session, _SERVICE, _BEGINNING, now=now):
                finish_job_run(session, _SERVICE, _BEGINNING, now=now)
            run = find_job_run(session, _SERVICE, _BEGINNING)
        return now if run is None else run.started_at
