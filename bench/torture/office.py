"""One office under torture: a mailbox on Dovecot, a provider, a database, configuration, a clock, and the worker's lives in it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import psutil
from imapclient import IMAPClient  # type: ignore[import-untyped]  # ships no types
from sqlalchemy import Engine

from bench.report_mails import units
from bench.torture import line as tcp_line
from bench.torture import provider as mail_provider
from bench.torture.line import Proxy
from bench.torture.mails import TortureMail
from bench.torture.provider import Provider
from mailbox_ingest.store.database.engine import open_engine, session_factory
from mailbox_ingest.store.database.migrate import upgrade
from mailbox_ingest.store.registry.units import import_units
from tests.servers.dovecot import Dovecot

ADDRESS = "baocao.ctcs@congdoan-quangtri.example"
BEGIN = datetime(2020, 9, 14, 1, 0, tzinfo=UTC)  # a Monday, 8:00 in Quảng Trị, after the last mail's arrival
_one_upgrade = threading.Lock()  # Alembic keeps its state in its modules; campaigns run side by side
_CONFIG = """store_url = "{url}"
forms = ["bluezone"]
[[mailboxes]]
name = "bao-cao"
host = "127.0.0.1"
port = {imap_port}
security = "plain"
user = "{user}"
password_file = "password"
address = "{address}"
[smtp]
host = "127.0.0.1"
port = {smtp_port}
security = "plain"
sender = "{address}"
sender_name = "LĐLĐ"
budget_24h_recipients = 100000
[outbox]
breaker_replies = 10000
breaker_same_reply = 1000
[[digests]]
name = "lanh-dao"
form = "bluezone"
recipients = ["lanhdao@congdoan-quangtri.example"]
[schedule]
poll_minutes = 2
deliver_minutes = 1
[limits]
workers = 2
{more}"""


@dataclass(slots=True)
class Life:
    """One process of the worker. `events` are its log lines so far; `hears` is called with each, on a thread of its own."""

    process: subprocess.Popen[str]
    hears: Callable[[dict[str, Any]], None] = lambda _line: None
    events: list[dict[str, Any]] = field(default_factory=list)
    noise: list[str] = field(default_factory=list)  # lines that are no events: a bug's traceback

    def listen(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        log: IO[str] = self.process.stderr  # type: ignore[assignment]  # a pipe, see `Office.worker`
        for text in log:
            try:
                line = json.loads(text)
            except ValueError:
                self.noise.append(text)
                continue
            self.events.append(line)
            self.hears(line)

    def named(self, *names: str) -> list[dict[str, Any]]:
        return [line for line in self.events if line["event"] in names]

    def kill(self) -> None:
        """SIGKILL; nothing of the worker's own runs after it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)

    def stop(self, *, seconds: float = 60) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)


@dataclass(slots=True)
class Office:
    folder: Path
    url: str
    engine: Engine
    client: IMAPClient
    provider: Provider
    imap: Proxy
    smtp: Proxy
    ahead: timedelta = timedelta(0)  # by how much the worker's clock is ahead of ours
    appended: list[TortureMail] = field(default_factory=list)
    lives: list[Life] = field(default_factory=list)

    def append(self, mail: TortureMail) -> None:
        self.client.append(mail.folder, mail.raw, msg_time=mail.at)
        self.appended.append(mail)

    def leap(self, step: timedelta) -> None:
        """Moves the worker's clock, under a running worker as well."""
        self.ahead += step
        new = self.folder / "clock.new"
        new.write_text(str(self.ahead.total_seconds()), encoding="ascii")
        new.rename(self.folder / "clock")

    def leap_over_leases(self) -> bool:
        """So far that every lease, every mail in 'sending' and every put-off mail of an outage has had its time. Only while no worker is in
        the middle of a job: on a slow machine it would lose what it has in hand again and again. False: one is."""
        with (self.folder / "clock.busy").open("rb") as busy:
            try:
                fcntl.flock(busy, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            self.leap(timedelta(minutes=31))
            return True

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def worker(self, hears: Callable[[dict[str, Any]], None] = lambda _line: None) -> Life:
        """Starts the worker."""
        command = [sys.executable, "-m", "bench.torture.worker", str(self.folder / "config.toml"), str(self.folder / "clock")]
        root = Path(__file__).resolve().parents[2]
        environment = {**os.environ, "TMPDIR": str(self.folder / "tmp"), "PYTHONPATH": f"{root / 'src'}:{root}"}
        process = subprocess.Popen(
            command, cwd=root, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        life = Life(process=process, hears=hears)
        self.lives.append(life)
        life.listen()
        return life

    def processes(self) -> list[psutil.Process]:
        """Every process of this office that is still there, the worker's reading processes included."""
        found = []
        mark = str(self.folder / "tmp")
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.status() != psutil.STATUS_ZOMBIE and process.environ().get("TMPDIR") == mark:
                    found.append(process)
        return found


@contextmanager
def opened(dovecot: Dovecot, folder: Path, url: str, user: str, *, more: str = "", units_registered: int | None = None) -> Iterator[Office]:
    """An office with an empty mailbox and database; every process of it is gone at the end. `more` is appended to its configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tmp").mkdir()
    (folder / "password").write_text(dovecot.password, encoding="utf-8")
    with ExitStack() as stack:
        provider = stack.enter_context(mail_provider.running(dovecot, user))
        imap = stack.enter_context(tcp_line.running(dovecot.port))
        smtp = stack.enter_context(tcp_line.running(provider.port))
        config = _CONFIG.format(url=url, imap_port=imap.port, user=user, address=ADDRESS, smtp_port=smtp.port, more=more)
        (folder / "config.toml").write_text(config, encoding="utf-8")
        engine = open_engine(url)
        stack.callback(engine.dispose)
        with _one_upgrade:
            upgrade(engine)
        with session_factory(engine).begin() as session:
            import_units(session, units()[:units_registered], now=BEGIN)
        client = IMAPClient(dovecot.host, port=dovecot.port, ssl=False, timeout=120)
        stack.callback(client.shutdown)
        client.login(user, dovecot.password)
        office = Office(folder=folder, url=url, engine=engine, client=client, provider=provider, imap=imap, smtp=smtp)
        (folder / "clock.busy").touch()
        office.leap(BEGIN - datetime.now(UTC))
        try:
            yield office
        finally:
            for life in office.lives:
                life.kill()
                life.process.wait()
            for process in office.processes():
                with contextlib.suppress(psutil.Error):
                    process.kill()


def wait_for(condition: Callable[[], bool], what: str, *, seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:.0f} s in vain for: {what}")
        time.sleep(0.05)
