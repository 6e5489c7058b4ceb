"""The health of the house in one call, for /healthz, /metrics and the console; and serving it where the configuration says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.alarms import Watch
from mailbox_ingest.config import Config
from mailbox_ingest.errors import StoreBusy, StoreUnavailable
from mailbox_ingest.monitoring import Health, database_away, examine

if TYPE_CHECKING:
    from mailbox_ingest.monitoring.metrics import Metrics


def health_of(config: Config, watch: Watch, snapshots: sessionmaker[Session], *, now: datetime, history: int = 0) -> Health:
    """Open alarms, the latest `history` of those that are over, queues, mailboxes. Raises nothing for a database that is away."""
    try:
        with snapshots.begin() as session:
            return examine(session, config, now=now, started_at=watch.started_at, remembered=watch.remembered(), history=history)
    except (StoreBusy, StoreUnavailable) as error:
        return database_away(str(error), now=now, remembered=watch.remembered())


class Examiner:
    """Gives the health to a server that starts before the database is open."""

    def __init__(self, config: Config, watch: Watch) -> None:
        self.config, self.watch = config, watch
        self.snapshots: sessionmaker[Session] | None = None
        self.away = "not open yet"  # why there is no database

    def say(self, away: str) -> None:
        """Why the database is not open."""
        self.away = away

    def __call__(self) -> Health:
        now = self.watch.clock()
        if self.snapshots is None:
            return database_away(self.away, now=now, remembered=self.watch.remembered())
        return health_of(self.config, self.watch, self.snapshots, now=now)


@contextmanager
def monitored(examiner: Examiner) -> Iterator[Metrics]:
    """The figures, served while the block runs where [monitoring] says so. Raises ConfigurationError."""
    from mailbox_ingest.monitoring.metrics import Metrics  # noqa: PLC0415 - paid for by the worker only
    from mailbox_ingest.monitoring.server import serving  # noqa: PLC0415

    metrics, config = Metrics(examiner), examiner.config.monitoring
    if config is None:
        yield metrics
        return
    with serving(config.host, config.port, examiner, metrics):
        yield metrics
