"""PostgreSQL: pg_dump and pg_restore, of a version that fits the server. What is replaced is kept aside until the copy is in.

Nobody opens the database while the schema for that is there: a restore that was killed is made again, never taken for an empty ledger.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, inspect, text
from sqlalchemy.exc import ProgrammingError

from mailbox_ingest.backup.settle import Restored, check_revision, doubt_open_mail
from mailbox_ingest.errors import BackupFailed, StoreBusy, StoreUnavailable
from mailbox_ingest.store.database.engine import open_engine
from mailbox_ingest.store.database.migrate import REPLACED, restore_was_interrupted

_DEBIAN = Path("/usr/lib/postgresql")
_LEAVING_SECONDS = 5.0  # a connection that was just closed is listed for a moment
_REVISION = re.compile(r"^COPY [^\n]*alembic_version[^\n]*\n([0-9A-Za-z]+)\n", re.MULTILINE)
_VERSION = re.compile(r"(\d+)(?:\.\d+)*")
_PLAIN = ("--no-owner", "--no-privileges")


def copy(url: URL, part: Path) -> None:
    with _opened(url) as connection:
        server = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    dump = _tool("pg_dump", at_least=server)
    _run([dump, "--format=custom", *_PLAIN, "--lock-wait-timeout=60s", f"--file={part}", f"--dbname={_address(url)}"], url)
    restore_tool = _tool("pg_restore", at_least=_major(dump))
    if _revision_in(restore_tool, part, url) is None:
        raise BackupFailed("the database has no tables of ours: nothing to copy")
    _run([restore_tool, "--file=/dev/null", str(part)], url)  # reads and unpacks everything


def put_back(url: URL, source: Path, *, force: bool) -> Restored:
    """In one transaction of pg_restore; the tables that were there before come back when it fails.

    After a restore that was killed, what it had put into their place goes, and they still wait aside.
    """
    tool = _tool("pg_restore", at_least=0)
    revision = _revision_in(tool, source, url)
    if revision is None:
        raise BackupFailed(f"{source} is no copy of a database of ours")
    with _opened(url) as connection:
        server = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
        _refuse_in_use(connection)
        interrupted = restore_was_interrupted(connection)
        if interrupted and not force:
            raise BackupFailed(f"an earlier restore of the database {url.database} was interrupted: --force makes it again")
        if _tables(connection) and not force:
            raise BackupFailed(f"the database {url.database} is not empty: --force replaces its tables by the copy's")
        if interrupted:
            _drop(connection, "public")
        else:
            connection.execute(text(f"CREATE SCHEMA {REPLACED}"))
            _move(connection, "public", REPLACED)
    try:
        tool = _tool("pg_restore", at_least=server)
        options = [*_PLAIN, "--single-transaction", "--exit-on-error"]
        _run([tool, *options, f"--dbname={_address(url)}", str(source)], url)
        store_url = url.render_as_string(hide_password=False)
        restored = Restored(revision=check_revision(store_url), doubted=doubt_open_mail(store_url))
    except BaseException:
        with _opened(url) as connection:
            _drop(connection, "public")
            _move(connection, REPLACED, "public")
            connection.execute(text(f"DROP SCHEMA {REPLACED}"))
        raise
    with _opened(url) as connection:
        connection.execute(text(f"DROP SCHEMA {REPLACED} CASCADE"))
    return restored


def _refuse_in_use(connection: Connection) -> None:
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    )
    end = time.monotonic() + _LEAVING_SECONDS
    while number := connection.execute(others).scalar_one():
        if time.monotonic() > end:
            raise BackupFailed(f"the database is in use by {number} other connections: stop the workers and everything else first")
        time.sleep(0.1)
        connection.execute(text("SELECT pg_stat_clear_snapshot()"))


@contextmanager
def _opened(url: URL) -> Iterator[Connection]:
    engine: Engine = open_engine(url.render_as_string(hide_password=False))
    try:
        with engine.begin() as connection:
            yield connection
    except (StoreBusy, StoreUnavailable) as error:
        raise BackupFailed(str(error)) from error
    except ProgrammingError as error:  # who may read and write need not be allowed to make a schema
        raise BackupFailed(f"PostgreSQL says no: {str(error.orig).strip()}") from error
    finally:
        engine.dispose()


def _tables(connection: Connection, schema: str = "public") -> list[str]:
    return inspect(connection).get_table_names(schema=schema)


def _move(connection: Connection, here: str, there: str) -> None:
    """Every table of one schema into another, with its indices and sequences."""
    for name in _tables(connection, here):
        connection.execute(text(f'ALTER TABLE {here}."{name}" SET SCHEMA {there}'))


def _drop(connection: Connection, schema: str) -> None:
    for name in _tables(connection, schema):
        connection.execute(text(f'DROP TABLE {schema}."{name}" CASCADE'))


def _revision_in(tool: str, archive: Path, url: URL) -> str | None:
    """The schema's version in a dump, without restoring it. Raises BackupFailed for a file that is no dump."""
    said = _run([tool, "--data-only", "--table=alembic_version", "--file=-", str(archive)], url)
    found = _REVISION.search(said)
    return None if found is None else found[1]


def _run(command: list[str], url: URL) -> str:
    """The password goes by the environment: other people on this machine can read command lines."""
    environment = {**os.environ, "LC_ALL": "C"}
    if url.password:
        environment["PGPASSWORD"] = str(url.password)
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False
        )
    except OSError as error:
        raise BackupFailed(f"{command[0]} cannot be started: {error}") from error
    if done.returncode != 0:
        said = " ".join(done.stderr.split())[:500]
        raise BackupFailed(f"{Path(command[0]).name} failed ({done.returncode}): {said}")
    return done.stdout


def _address(url: URL) -> str:
    """As libpq wants it, without the password."""
    return url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)


def _tool(name: str, *, at_least: int) -> str:
    """The program in the oldest version that fits. Raises BackupFailed with what to install."""
    places = [*_DEBIAN.glob(f"*/bin/{name}")]
    on_path = shutil.which(name)
    found = sorted({_major(str(place)): str(place) for place in (*([Path(on_path)] if on_path else []), *places)}.items())
    if at_least == 0 and found:
        return found[-1][1]
    for major, program in found:
        if major >= at_least:
            return program
    package = f"postgresql-client-{at_least}" if at_least else "postgresql-client"
    have = ", ".join(str(major) for major, _ in found) or "none"
    raise BackupFailed(f"{name} of version {at_least} or newer is needed (found: {have}): apt-get install {package}")


def _major(program: str) -> int:
    with suppress(OSError, subprocess.SubprocessError):
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=20).stdout
        if found := _VERSION.search(said):
            return int(found[1])
    return 0
