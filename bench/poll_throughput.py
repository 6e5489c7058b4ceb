"""`make bench`: 1,000 report mails on a local Dovecot through `mailbox-ingest poll`, beside what nobody can do without.

(a) raw download of the same mails; (b) a bare loop in one process that decodes MIME and opens each document; (c) the real command: fetched,
read in child processes, judged, stored with evidence, replies queued. All three in one run on one machine, so that the ratios hold.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from imapclient import IMAPClient  # type: ignore[import-untyped]  # ships no types
from sqlalchemy import text

from bench import bare_loop
from bench.report_mails import mails, units
from mailbox_ingest.store.engine import open_engine
from mailbox_ingest.units_files import write_units
from tests.servers import dovecot

USER = "bench"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--mails", type=int, default=1000)
    count: int = arguments.parse_args().mails
    with dovecot.running() as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = _fill(server, count)
        print(f"{count} mails, {size / 1e6:.1f} MB; {os.cpu_count()} cores")
        raws: list[bytes] = []
        download = _here(lambda: raws.extend(bare_loop.download(server.host, server.port, USER, server.password)))
        bare = _here(lambda: bare_loop.open_all(raws))
        assert len(raws) == count
        raws.clear()
        whole, said = _poll(server, folder)
        complete = _check(folder, count, said)
    _print(count, {"(a) raw download": download, "(b) bare loop, one process": bare, "(c) mailbox-ingest poll": whole})
    return 0 if complete else 1


def _fill(server: dovecot.Dovecot, count: int) -> int:
    total = 0
    with IMAPClient(server.host, port=server.port, ssl=False, timeout=30) as client:
        client.login(USER, server.password)
        for mail in mails(count):
            client.append("INBOX", mail.raw, msg_time=mail.at)
            total += len(mail.raw)
    return total


def _here(work: Callable[[], object]) -> Measured:
    """Work in this process: wall and CPU time; the peak is the process's own."""
    before, start = time.process_time(), time.perf_counter()
    work()
    wall, cpu = time.perf_counter() - start, time.process_time() - before
    return Measured(wall_seconds=wall, cpu_seconds=cpu, peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def _poll(server: dovecot.Dovecot, folder: Path) -> tuple[Measured, dict[str, Any]]:
    """The real command in a process of its own; memory is sampled over its whole tree."""
    write_units(folder / "units.csv", units())
    (folder / "config.toml").write_text(
        f"""store_url = "sqlite:///store.db"
units_file = "units.csv"
forms = ["bluezone"]
[limits]
workers = {max(2, os.cpu_count() or 1)}
[[mailboxes]]
name = "bench"
host = "{server.host}"
port = {server.port}
security = "plain"
user = "{USER}"
password_env = "BENCH_PASSWORD"
address = "baocao.ctcs@congdoan-quangtri.example"
""",
        encoding="utf-8",
    )
    environment = {**os.environ, "BENCH_PASSWORD": server.password}
    command = [sys.executable, "-c", "import sys; from mailbox_ingest.cli import main; sys.exit(main())"]
    config = ["--config", str(folder / "config.toml")]
    subprocess.run([*command, "units", "import", *config], env=environment, check=True, stdout=subprocess.DEVNULL)
    start = time.perf_counter()
    process = subprocess.Popen([*command, "poll", "--json", *config], env=environment, stdout=subprocess.PIPE)
    tree = _Tree(process.pid)
    said, _ = process.communicate()
    wall = time.perf_counter() - start
    tree.stop()
    return Measured(wall_seconds=wall, cpu_seconds=sum(tree.cpu_seconds.values()), peak_bytes=tree.highest_bytes), json.loads(said)


class _Tree:
    """What a process tree costs, sampled: memory as proportional shares (PSS), because forked children share most of their pages; processor
    time by process, because children that nobody waits for are missing from what the kernel adds up."""

    def __init__(self, pid: int) -> None:
        self.highest_bytes = 0
        self.cpu_seconds: dict[int, float] = {}
        self._root = psutil.Process(pid)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.25):
            total = 0
            try:
                for process in (self._root, *self._root.children(recursive=True)):
                    used = process.cpu_times()
                    self.cpu_seconds[process.pid] = used.user + used.system
                    total += process.memory_full_info().pss
            except psutil.Error:
                continue  # one of them ended while we looked
            self.highest_bytes = max(self.highest_bytes, total)


def _check(folder: Path, count: int, said: dict[str, Any]) -> bool:
    """A fast run that lost something is no result."""
    engine = open_engine(f"sqlite:///{folder / 'store.db'}")
    with engine.connect() as connection:
        reports = connection.execute(text("SELECT count(*) FROM reports WHERE status IN ('accepted', 'accepted_with_warnings')")).scalar()
        replies = connection.execute(text("SELECT count(*) FROM outgoing WHERE kind = 'receipt'")).scalar()
    engine.dispose()
    print(f"{reports} reports stored as accepted, {replies} replies queued; outcomes {said['outcomes']}")
    if (reports, replies) != (count, count):
        print(f"EXPECTED {count} OF EACH: the figures below are not worth much")
    return (reports, replies) == (count, count)


def _print(count: int, measured: dict[str, Measured]) -> None:
    bare = measured["(b) bare loop, one process"]
    print(f"{'':28}{'wall s':>9}{'mails/s':>9}{'CPU s':>9}{'ms CPU/mail':>13}{'peak MB':>9}{'x (b) wall':>12}{'x (b) CPU':>11}")
    for name, item in measured.items():
        print(
            f"{name:28}{item.wall_seconds:9.2f}{count / item.wall_seconds:9.0f}{item.cpu_seconds:9.2f}"
            f"{item.cpu_seconds / count * 1000:13.1f}{item.peak_bytes / 1e6:9.0f}"
            f"{item.wall_seconds / bare.wall_seconds:12.2f}{item.cpu_seconds / bare.cpu_seconds:11.2f}"
        )


if __name__ == "__main__":
    sys.exit(main())
