"""The opened house: engine, sessions, clock and configuration in one value, and a method for each thing the house does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.alarms import Watch
from mailbox_ingest.alarms.classify import MAILBOX
from mailbox_ingest.alarms.watch import Stores
from mailbox_ingest.app import duties, views
from mailbox_ingest.app.accounts import Accounts
from mailbox_ingest.app.addresses import Addresses
from mailbox_ingest.app.alarming import every_minute, new_watch, report_delivery
from mailbox_ingest.app.build import outbox, reader, sandbox
from mailbox_ingest.app.digesting import run_digest_job
from mailbox_ingest.app.filing import Filing
from mailbox_ingest.app.health import health_of
from mailbox_ingest.app.looking import Looking, TrendPoint
from mailbox_ingest.app.outgoing import OutboxDesk
from mailbox_ingest.app.registering import Registrar
from mailbox_ingest.app.replaying import Replay
from mailbox_ingest.app.reviewing import Desk
from mailbox_ingest.app.taking import ingest_files, poll_mailbox
from mailbox_ingest.app.upward import SERVICE, Rollups
from mailbox_ingest.app.views import Ledgered
from mailbox_ingest.config import Config, DigestConfig
from mailbox_ingest.delivery import Delivered, compose, deliver
from mailbox_ingest.digest import SentDigest, consolidated, preview, send_digest
from mailbox_ingest.imap import IdleWatch
from mailbox_ingest.monitoring import Health
from mailbox_ingest.periods import Period
from mailbox_ingest.reading.pending import Reader
from mailbox_ingest.reminders import Reminded, preview_reminders, remind, withdraw_settled
from mailbox_ingest.store.database.engine import open_engine, session_factory
from mailbox_ingest.store.database.migrate import check_current, ensure_current, upgrade
from mailbox_ingest.store.ledger.lookup import count_messages, list_messages
from mailbox_ingest.store.operations.jobs import claim_job_run, find_job_run, finish_job_run, last_run
from mailbox_ingest.store.operations.records import Poll
from mailbox_ingest.store.outgoing.digests import find_digest, list_digests
from mailbox_ingest.store.outgoing.records import FrozenDigest
from mailbox_ingest.store.registry.exemptions import list_exemptions
from mailbox_ingest.store.registry.records import Exemption, StoredUnit, UnitChanges
from mailbox_ingest.store.registry.units import import_units, list_units, load_units
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
def open_app(config: Config, *, clock: Callable[[], datetime] = utc_now, watch: Watch | None = None) -> Iterator[App]:
    """The house, opened and closed in order; no child process and no connection is left behind. `watch`: one that was there before."""
    watch = watch or new_watch(config, clock)
    accounts = Accounts(config=config, clock=clock)
    with checked_engine(config) as engine, ExitStack() as opened:
        sessions, snapshots = session_factory(engine), session_factory(engine, read_only=True)
        watch.attach(Stores(sessions=sessions, snapshots=snapshots))
        yield App(
            config=config,
            engine=engine,
            sessions=sessions,
            snapshots=snapshots,
            clock=clock,
            accounts=accounts,
            filing=Filing(config=config, accounts=accounts, sessions=sessions, clock=clock),
            opened=opened,
            watch=watch,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """What commands, worker and console hold. `sessions` write, `snapshots` only read; `clock` gives aware moments."""

    config: Config
    engine: Engine
    sessions: sessionmaker[Session]
    snapshots: sessionmaker[Session]
    clock: Callable[[], datetime]
    accounts: Accounts
    filing: Filing
    opened: ExitStack  # what is opened when first needed and closed with the house
    watch: Watch
    _readers: list[Reader] = field(default_factory=list)
    _trends: dict[tuple[object, ...], tuple[TrendPoint, ...]] = field(default_factory=dict)

    # ------------------------------------------------------------ the way of the mails

    def poll(self, *, without: Collection[str] = (), stopping: Callable[[], bool] = lambda: False) -> Iterator[Poll]:
        """One pass over every mailbox but those `without`; one that fails does not keep the others from being polled."""
        for mailbox in self.config.mailboxes:
            if stopping():
                return
            if mailbox.name in without:
                continue
            found = poll_mailbox(mailbox, self.sessions, tokens=self.accounts.tokens(mailbox), clock=self.clock, stopping=stopping)
            self.watch.report(f"{MAILBOX}{mailbox.name}", found.problem)
            yield found

    def idle_watches(self, wake: Callable[[], None]) -> tuple[IdleWatch, ...]:
        """What wakes the poll up when mail comes, for the mailboxes with idle = true; nothing runs yet."""
        return tuple(IdleWatch(box, wake, tokens=self.accounts.tokens(box)) for box in self.config.mailboxes if box.idle)

    def read(self, *, stopping: Callable[[], bool] = lambda: False, again: bool = False) -> Iterator[str]:
        """Reads what is open; gives each message's outcome as it is stored, 'open' where it must be tried again.

        With `again` what fails is tried in this pass until it is read or quarantined; otherwise it waits for the next one.
        """
        for processed in self._reader().read_pending(stopping=stopping, again=again):
            yield "open" if processed.outcome is None else str(processed.outcome)

    def ingest(self, paths: Iterable[Path]) -> Iterator[Ledgered]:
        """Takes files in and reads them; one value a mail, in the order of the files."""
        return ingest_files(paths, partial(self.read, again=True), self.sessions, config=self.config, clock=self.clock)

    def deliver(self, *, stopping: Callable[[], bool] = lambda: False) -> Delivered:
        """Sends what is due. Raises ConfigurationError without an [smtp] table; what the server did stands in the result."""
        if self.config.reminders and self.config.smtp is not None:
            withdraw_settled(self.sessions, self.config, self.clock())  # a unit that has written meanwhile is left in peace
        result = deliver(outbox(self.config, self.sessions, self.clock, self.accounts), stop=stopping)
        report_delivery(self.watch, result)
        return result

    def _reader(self) -> Reader:
        """The one reader, with its child processes, which start when something is read for the first time."""
        if not self._readers:
            pool = self.opened.enter_context(sandbox(self.config))
            self._readers.append(reader(self.config, self.sessions, pool, self.clock))
        return self._readers[0]

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

    def exempt_unit(self, code: str, period: Period, *, form: str | None, reason: str, who: str) -> None:
        """Raises DecisionRefused where the week is closed, ConfigurationError for a unit or form that is not there."""
        duties.exempt(self.sessions, self.config, code, period, form=form, reason=reason, who=who, now=self.clock())

    def lift_exemption(self, code: str, period: Period, *, form: str | None, who: str) -> None:
        """The unit owes the week again. Raises as `exempt_unit`."""
        duties.lift(self.sessions, self.config, code, period, form=form, who=who, now=self.clock())

    def exemptions(self, *, form: str | None = None) -> tuple[Exemption, ...]:
        with self.snapshots.begin() as session:
            return list_exemptions(session, duties.form_named(self.config, form).name)

    def set_term(self, code: str, *, opened_on: date | None, closed_on: date | None, who: str) -> None:
        """From when and until when a unit owes reports. Raises ConfigurationError."""
        duties.set_term_of(self.sessions, code, opened_on=opened_on, closed_on=closed_on, who=who, now=self.clock())

    # ------------------------------------------------------------ digests

    def run_digest(self, digest: DigestConfig, *, due_at: datetime) -> SentDigest | None:
        """The scheduled run for one due moment; None when it was done before."""
        return run_digest_job(self.config, digest, self.sessions, self.snapshots, due_at=due_at, clock=self.clock)

    def last_digest_run(self, digest: DigestConfig) -> datetime | None:
        """When the digest that ran last was due; None before the first."""
        with self.snapshots.begin() as session:
            run = last_run(session, f"digest:{digest.name}")
        return None if run is None else run.due_at

    def send_digest(self, name: str, period: Period) -> SentDigest:
        """Freezes and queues a digest now, whatever the schedule says; a second call gives the frozen one."""
        return send_digest(self.sessions, self.config, name, period, self.clock(), snapshots=self.snapshots)

    def preview_digest(self, name: str, period: Period, *, folder: Path) -> tuple[Path, ...]:
        """Writes what would be sent; the .eml only where an address to send from is configured."""
        now = self.clock()
        writer = None if self.config.smtp is None else partial(compose, now=now)
        return preview(self.snapshots, self.config, name, period, now, folder=folder, compose=writer)

    def consolidated_report(self, name: str, period: Period) -> bytes:
        """The official report of a digest's week as a .docx file."""
        return consolidated(self.snapshots, self.config, name, period, self.clock())

    def rollups(self, who: str = SERVICE) -> Rollups:
        """Ranges of days on demand, and the reports to the body above us."""
        return Rollups(config=self.config, sessions=self.sessions, snapshots=self.snapshots, who=who, now=self.clock())

    def digests(self, *, name: str | None = None) -> tuple[FrozenDigest, ...]:
        with self.snapshots.begin() as session:
            return list_digests(session, name=name)

    def find_digest(self, name: str, period: Period) -> FrozenDigest | None:
        with self.snapshots.begin() as session:
            return find_digest(session, name, period)

    # ------------------------------------------------------------ reminders

    def remind(self, *, since: datetime | None = None) -> tuple[Reminded, ...]:
        """Queues the reminders that are due, each once. Call it after a poll that succeeded: who has written is only known then."""
        return remind(self.sessions, self.config, self.clock(), since=since, snapshots=self.snapshots)

    def preview_reminders(self, *, period: Period | None = None) -> tuple[Reminded, ...]:
        """What would be queued now, or for one week; changes nothing."""
        return preview_reminders(self.snapshots, self.config, self.clock(), period=period)

    # ------------------------------------------------------------ people

    def desk(self, who: str) -> Desk:
        """Where `who` decides on held messages."""
        return Desk(config=self.config, sessions=self.sessions, snapshots=self.snapshots, who=who, now=self.clock())

    def outbox_desk(self, who: str) -> OutboxDesk:
        """Where `who` looks at mails that wait to go out, lets them go or takes them out."""
        return OutboxDesk(sessions=self.sessions, who=who, now=self.clock())

    def addresses(self, who: str = "") -> Addresses:
        """Which addresses take our mail, and where `who` decides on those proposed for registration."""
        return Addresses(sessions=self.sessions, who=who, now=self.clock())

    def registrar(self, who: str) -> Registrar:
        """Where `who` changes the registry by hand."""
        return Registrar(sessions=self.sessions, who=who, now=self.clock())

    def replay(self, who: str) -> Replay:
        """Where `who` has the stored mails read again with today's code."""
        return Replay(config=self.config, sessions=self.sessions, snapshots=self.snapshots, who=who, now=self.clock())

    # ------------------------------------------------------------ looking

    def looking(self) -> Looking:
        """The views of the desk: the week, a unit, the ledger, the acts of people."""
        return Looking(config=self.config, snapshots=self.snapshots, now=self.clock(), trends=self._trends)

    def health(self, *, history: int = 0) -> Health:
        """Open alarms, the latest `history` of those that are over, queues and mailboxes, as one value."""
        return health_of(self.config, self.watch, self.snapshots, now=self.clock(), history=history)

    def tell_alarms(self) -> int:
        """Looks for what no job reports and sends the notices that are due; gives their number."""
        return every_minute(self.config, self.watch, self.snapshots, now=self.clock())

    def status(self, *, messages: int) -> views.Status:
        with self.snapshots.begin() as session:
            return views.status(session, self.config, now=self.clock(), messages=messages)

    def explain(self, key: str) -> Ledgered | None:
        with self.snapshots.begin() as session:
            return views.explain(session, self.config, key)

    def messages_in_order(self) -> tuple[Ledgered, ...]:
        """The whole ledger, oldest first: for the demo and for tests, not for a province's."""
        with self.snapshots.begin() as session:
            rows = list_messages(session, limit=100_000)
            found = (views.ledgered(session, self.config, row.id) for row in reversed(rows))
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
