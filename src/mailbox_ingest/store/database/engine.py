"""Opens the database: SQLite (one machine) or PostgreSQL. Durability, locking and how driver errors leave the store are decided here.

Writers on SQLite begin with BEGIN IMMEDIATE: a transaction that reads first and writes later would otherwise fail, without waiting, when
somebody wrote in between. Readers (`session_factory(engine, read_only=True)`) never wait for a writer.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.errors import ConfigurationError, StoreBusy, StoreFull, StoreUnavailable
from mailbox_ingest.store.database.types import dump_json

BUSY_TIMEOUT_SECONDS = 30.0
CONNECT_TIMEOUT_SECONDS = 15  # a database host that is off does not answer at all
_RETRY_STATES = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock not available
_DISK_FULL = "53100"
_LIMITS = "54"  # class of PostgreSQL's answers to a row that can never be stored: the row's fault, not an outage
_LEAST_ROOM_BYTES = 256_000  # less is full for SQLite, whose log grows by pages and whose shared memory needs some of its own
_SUPPORTED = "sqlite:///<file> or postgresql+psycopg://user@host/database"


def open_engine(url: str) -> Engine:
    """An engine for `url`; connects lazily.

    Raises ConfigurationError for a URL that is not one of the two kinds. From then on failures of the database leave as StoreUnavailable
    or StoreFull (the operator must act) or StoreBusy (locked, deadlock: the next run tries again).
    """
    target = _checked(url)
    postgres = target.get_backend_name() == "postgresql"
    patience = {"connect_timeout": CONNECT_TIMEOUT_SECONDS} if postgres and "connect_timeout" not in target.query else {}
    engine = create_engine(target, json_serializer=dump_json, pool_pre_ping=postgres, connect_args=patience)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "handle_error", _translate)
    return engine


def session_factory(engine: Engine, *, read_only: bool = False) -> sessionmaker[Session]:
    """Sessions whose transaction the caller owns (`with sessions.begin() as session:`). Writing through a read-only one fails."""
    if read_only and engine.dialect.name == "postgresql":
        # One snapshot for the whole transaction, as SQLite gives: figures of a digest agree with each other.
        engine = engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
    elif read_only:
        engine = engine.execution_options(store_read_only=True)
    return sessionmaker(engine, expire_on_commit=False, autoflush=False)


def _checked(url: str) -> URL:
    try:
        target = make_url(url)
        driver = target.get_driver_name() if target.drivername in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg") else None
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigurationError(f"store URL: {_SUPPORTED} expected") from error
    if driver is None:
        raise ConfigurationError(f"store URL: driver {target.drivername!r} is not supported, expected {_SUPPORTED}")
    if (
        target.get_backend_name() == "sqlite"
        and target.database not in (None, "", ":memory:")
        and not Path(str(target.database)).parent.is_dir()
    ):
        raise StoreUnavailable(f"the folder of the database file {target.database} does not exist: create it, or correct the store URL")
    return target


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver's own transaction control would begin too late and commit before DDL
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {round(BUSY_TIMEOUT_SECONDS * 1000)}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # docs/decisions/0021: a committed ledger row survives a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("store_read_only", False)
    connection.exec_driver_sql("PRAGMA query_only = ON" if reading else "PRAGMA query_only = OFF")
    connection.exec_driver_sql("BEGIN DEFERRED" if reading else "BEGIN IMMEDIATE")


def _translate(context: ExceptionContext) -> None:
    error: Any = context.original_exception
    if context.is_pre_ping:
        return  # the pool is about to replace a dead connection
    raised = context.sqlalchemy_exception
    if not isinstance(raised, OperationalError | InterfaceError) and type(raised) is not DatabaseError:  # plain: not a database, corrupt
        return  # constraint violations and bugs keep their own type
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    name, state = getattr(error, "sqlite_errorname", "") or "", getattr(error, "sqlstate", "") or ""
    if state in _RETRY_STATES or name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        raise StoreBusy(f"the database is busy: {text}") from error
    if name == "SQLITE_ERROR" or state.startswith(_LIMITS):
        return  # wrong SQL is a bug, and a row that is too large says nothing about the database
    if name == "SQLITE_FULL" or state == _DISK_FULL or (name.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN")) and _no_room(context)):
        raise StoreFull(f"the database has no room left: {text}") from error
    raise StoreUnavailable(f"the database cannot be used: {text}") from error


def _no_room(context: ExceptionContext) -> bool:
    """Whether SQLite's disk is full: it says so only when writing a page, not when its log or its shared memory cannot grow."""
    file = None if context.engine is None else context.engine.url.database
    if not file or file == ":memory:":
        return False
    try:
        return shutil.disk_usage(Path(file).parent).free < _LEAST_ROOM_BYTES
    except OSError:
        return False
