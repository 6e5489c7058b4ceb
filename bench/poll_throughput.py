"""`make bench`: 1,000 report mails on a local Dovecot through `mailbox-ingest poll`, beside what nobody can do without.

(a) raw download of the same mails; (b) bare loops in one process that decode MIME and open each document, with lean readers (b1) and with
the libraries most scripts use (b2, see `bare_loop`); (c) the real command in a process of its own, its start included: fetched, read in
child processes, judged, stored with evidence, replies queued; (d) the same command once more, with nothing new: what start and login
cost. All in one run on one machine, so that the ratios hold; on a busy machine those of processor time hold best.
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
from mailbox_ingest.store.database.engine import open_engine
from mailbox_ingest.units_files import write_units
from tests.servers import dovecot

USER = "bench"
_COMMAND = (sys.executable, "-c", "import sys; from mailbox_ingest.cli import main; sys.exit(main())")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    first_half_bytes: int = 0
    second_half_bytes: int = 0


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
        kinds: dict[str, dict[str, bare_loop.Kind]] = {}
        lean = _here(lambda: kinds.update(lean=bare_loop.open_all(raws, bare_loop.LEAN)))
        known = _here(lambda: kinds.update(known=bare_loop.open_all(raws, bare_loop.WELL_KNOWN)))
        assert len(raws) == count
        raws.clear()
        _prepare(server, folder)
        whole, said = _poll(server, folder)
        complete = _check(folder, count, said)
        again, _ = _poll(server, folder)
    rows = {"(a) raw download": download, "(b1) bare loop, lean": lean, "(b2) bare loop, well-known": known}
    _print(count, {**rows, "(c) mailbox-ingest poll": whole, "(d) poll, nothing new": again}, lean, known)
    print(f"(c) peak MB in the first half {whole.first_half_bytes / 1e6:.0f}, in the second half {whole.second_half_bytes / 1e6:.0f}")
    print("ms CPU a part in (b), decoding and opening:")
    for kind, item in kinds["lean"].items():
        other = kinds["known"][kind]
        print(f"  {kind:5}{item.cpu_seconds / item.parts * 1000:8.2f} lean{other.cpu_seconds / other.parts * 1000:8.2f} well-known")
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


def _prepare(server: dovecot.Dovecot, folder: Path) -> None:
    """Configuration and registry of an empty house."""
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
    subprocess.run([*_COMMAND, "units", "import", *_config(folder)], env=environment, check=True, stdout=subprocess.DEVNULL)


def _config(folder: Path) -> tuple[str, str]:
    return "--config", str(folder / "config.toml")


def _poll(server: dovecot.Dovecot, folder: Path) -> tuple[Measured, dict[str, Any]]:
    """The real command in a process of its own; memory is sampled over its whole tree."""
    environment = {**os.environ, "BENCH_PASSWORD": server.password}
    start = time.perf_counter()
    process = subprocess.Popen([*_COMMAND, "poll", "--json", *_config(folder)], env=environment, stdout=subprocess.PIPE)
    tree = _Tree(process.pid)
    said, _ = process.communicate()
    wall = time.perf_counter() - start
    tree.stop()
    half = len(tree.samples) // 2
    measured = Measured(
        wall_seconds=wall,
        cpu_seconds=sum(tree.cpu_seconds.values()),
        peak_bytes=max(tree.samples, default=0),
        first_half_bytes=max(tree.samples[:half], default=0),
        second_half_bytes=max(tree.samples[half:], default=0),
    )
    return measured, json.loads(said)


class _Tree:
    """What a process tree costs, sampled: memory as proportional shares (PSS), because forked children share most of their pages; processor
    time by process, because children that nobody waits for are missing from what the kernel adds up."""

    def __init__(self, pid: int) -> None:
        self.samples: list[int] = []  # bytes of the whole tree
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
            self.samples.append(total)


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


def _print(count: int, measured: dict[str, Measured], lean: Measured, known: Measured) -> None:
    heads = "".join(f"{name:>{width}}" for name, width in (("x b1 wall", 11), ("x b1 CPU", 10), ("x b2 wall", 11), ("x b2 CPU", 10)))
    print(f"{'':28}{'wall s':>8}{'mails/s':>9}{'ms CPU/mail':>13}{'peak MB':>9}{heads}")
    for name, item in measured.items():
        ratios = "".join(
            f"{item.wall_seconds / bare.wall_seconds:11.2f}{item.cpu_seconds / bare.cpu_seconds:10.2f}" for bare in (lean, known)
        )
        print(
            f"{name:28}{item.wall_seconds:8.2f}{count / item.wall_seconds:9.0f}{item.cpu_seconds / count * 1000:13.1f}"
            f"{item.peak_bytes / 1e6:9.0f}{ratios}"
        )


if __name__ == "__main__":
    sys.exit(main())
