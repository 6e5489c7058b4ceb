"""A real PostgreSQL of Debian's package: one server a test session on a free loopback port. Nothing outlives it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg

from mailbox_ingest.demo.ports import free_port

_START_SECONDS = 90


def find_binaries() -> Path | None:
    """The folder with initdb and postgres: of Debian's newest package, else of PATH."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if packaged:
        return packaged[-1].parent
    found = shutil.which("initdb")
    return Path(found).parent if found else None


@dataclass
class PostgresServer:
    """A running server. A test may `stop` it, and must `start` it again."""

    port: int
    command: list[str] = field(default_factory=list)
    home: Path = Path()
    _names: Iterator[int] = field(default_factory=lambda: count(1))
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Comes back when it answers."""
        log = self.home / "server.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(self.command, stdout=output, stderr=output, cwd=self.home)
        _wait(self._process, self.port, log)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """By default in order, hanging up on everybody; SIGQUIT: at once."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=90)
            self._process = None

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://tester@127.0.0.1:{self.port}/{database}"

    def create_database(self, template: str = "template0") -> str:
        """Gives the new database's name. `template`: one that nobody is connected to."""
        name = f"db_{next(self._names)}"
        self._admin(f'CREATE DATABASE "{name}" TEMPLATE "{template}" ENCODING \'UTF8\'')
        return name

    def drop_database(self, name: str) -> None:
        self._admin(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def empty(self, name: str, tables: list[str]) -> None:
        """Takes all rows out of `tables` (dependants first) and starts their numbering again; hangs up on whoever is still connected."""
        self._admin(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        with psycopg.connect(host="127.0.0.1", port=self.port, user="tester", dbname=name) as connection:
            for table in tables:
                connection.execute(f'DELETE FROM "{table}"'.encode())
            connection.execute("SELECT setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences")

    def _admin(self, statement: str) -> None:
        with psycopg.connect(host="127.0.0.1", port=self.port, user="tester", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def running_postgres(binaries: Path) -> Iterator[PostgresServer]:
    """Starts a server in a folder of its own. Root cannot run PostgreSQL: the package's own user does then."""
    home = Path(tempfile.mkdtemp(prefix="mailbox-ingest-postgres-"))
    as_user = _unprivileged(home)
    data = home / "data"
    try:
        initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run([*as_user, *initdb], check=True, capture_output=True, timeout=170, cwd=home)
        port = free_port()
        options = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            "fsync": "off",  # the folder is thrown away
            "full_page_writes": "off",
            "shared_buffers": "32MB",
            "max_connections": "60",
            "autovacuum": "off",
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        # The server dies with this process, even when that is killed.
        command = ["setpriv", "--pdeathsig", "INT", *as_user[1:], str(binaries / "postgres"), "-D", str(data), *settings]
        server = PostgresServer(port=port, command=command, home=home)
        try:
            server.start()
            yield server
        finally:
            server.stop(signal.SIGQUIT)  # at once: the folder is thrown away
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _unprivileged(home: Path) -> list[str]:
    """The words that start a command as an ordinary user; empty options where we are one."""
    if os.getuid() != 0:
        return ["setpriv"]
    user = pwd.getpwnam("postgres")
    os.chown(home, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="tester", dbname="postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not answer in {_START_SECONDS} s:\n{log.read_text(errors='replace')}")
