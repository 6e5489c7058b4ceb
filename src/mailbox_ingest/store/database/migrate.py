"""Brings a database to this version's schema, or says why it cannot be used. The scripts are in the top-level `migrations/`."""

from __future__ import annotations

from functools import lru_cache

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, inspect, text

from mailbox_ingest.errors import StoreUnavailable
from mailbox_ingest.resources import resource_dir

REPLACED = "mailbox_ingest_replaced"  # the schema where a restore on PostgreSQL keeps what it replaces; gone when it is done
_UPGRADE_LOCK = 597_2020  # one upgrade at a time on a shared PostgreSQL


def upgrade(engine: Engine) -> None:
    """Creates or upgrades the schema in one transaction; nothing to do on a current one.

    Raises StoreUnavailable when the database belongs to something else or to a newer version.
    """
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _UPGRADE_LOCK})
        scripts = _scripts()
        _refuse_half_restored(connection)
        _refuse_foreign(connection, scripts)
        if _revision(connection) != scripts.get_current_head():
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def check_current(engine: Engine) -> None:
    """Raises StoreUnavailable, with what to do, unless the schema is exactly this version's."""
    with engine.connect() as connection:
        scripts = _scripts()
        _refuse_half_restored(connection)
        _refuse_foreign(connection, scripts)
        revision, head = _revision(connection), scripts.get_current_head()
    if revision is None:
        raise StoreUnavailable("the database is empty: run 'mailbox-ingest db upgrade' to create its tables")
    if revision != head:
        raise StoreUnavailable(
            f"the database has schema {revision}, this version needs {head}: make a copy of it, then run 'mailbox-ingest db upgrade'"
        )


def ensure_current(engine: Engine) -> None:
    """Creates the schema of an empty database; otherwise as `check_current`: an existing ledger is only ever changed on purpose."""
    with engine.connect() as connection:
        empty = not inspect(connection).get_table_names()
    if empty:
        upgrade(engine)
    else:
        check_current(engine)


def restore_was_interrupted(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql" and REPLACED in inspect(connection).get_schema_names()


def known_revision(engine: Engine) -> str:
    """The schema of a database of ours, this version's or an older one. Raises StoreUnavailable for any other."""
    with engine.connect() as connection:
        _refuse_foreign(connection, _scripts())
        revision = _revision(connection)
    if revision is None:
        raise StoreUnavailable("it has no tables of ours")
    return revision


def current_revision(connection: Connection) -> str | None:
    """The schema that the database has; None for an empty one."""
    return _revision(connection)


@lru_cache(maxsize=1)
def needed_revision() -> str:
    """The schema of this version."""
    return _scripts().get_current_head() or ""


def _config() -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(resource_dir("migrations")).replace("%", "%%"))
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_half_restored(connection: Connection) -> None:
    """Its tables may be missing, which looks like a new database, or be a copy whose open mails nobody has doubted yet."""
    if restore_was_interrupted(connection):
        raise StoreUnavailable("a restore of this database was interrupted: run 'mailbox-ingest restore COPY --force' again")


def _refuse_foreign(connection: Connection, scripts: ScriptDirectory) -> None:
    revision = _revision(connection)
    if revision is None:
        if inspect(connection).get_table_names():
            raise StoreUnavailable("the database holds tables that are not ours: give mailbox-ingest a database of its own")
        return
    try:
        scripts.get_revision(revision)
    except CommandError as error:
        raise StoreUnavailable(
            f"the database has schema {revision}, made by a newer mailbox-ingest: install that version, "
            "or restore the copy made before its upgrade"
        ) from error
