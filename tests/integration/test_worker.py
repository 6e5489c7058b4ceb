"""The worker: what it makes up for after an outage, that it goes on after failures, and that it stops cleanly."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import psutil
import pytest

from mailbox_ingest.app import App, open_app
from mailbox_ingest.config import Config, DigestConfig, ImapConfig, SmtpConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.demo.registry import write_units_csv
from mailbox_ingest.demo.story import story
from mailbox_ingest.errors import StoreUnavailable
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.store.outgoing.lookup import list_outbox
from mailbox_ingest.worker import ClockWatch, Worker, last_due
from servers.smtp import SmtpServer

DIGEST = DigestConfig(name="lanh-dao", form="bluezone", recipients=("lanhdao@congdoan-quangtri.example",))


def local(day: int, hour: int, minute: int = 0, month: int = 8) -> datetime:
    return datetime(2020, month, day, hour, minute, tzinfo=LOCAL_ZONE)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (local(21, 17, 30), local(21, 17, 30)),
        (local(21, 17, 29), local(14, 17, 30)),
        (local(23, 3), local(21, 17, 30)),
        (local(28, 18), local(28, 17, 30)),
    ],
)
def test_a_digest_was_last_due_on_friday_at_half_past_five(now: datetime, due: datetime) -> None:
    assert last_due(DIGEST, now) == due


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock(local(19, 9))


@pytest.fixture
def config(tmp_path: Path, smtp_server: SmtpServer) -> Config:
    smtp = SmtpConfig(
        host="127.0.0.1", port=smtp_server.port, security="plain", sender="baocao.ctcs@congdoan-quangtri.example", sender_name="LĐLĐ"
    )
    return Config(store_url=f"sqlite:///{tmp_path}/store.db", forms=(builtin_form("bluezone"),), smtp=smtp, digests=(DIGEST,))


@pytest.fixture
def app(config: Config, clock: Clock, tmp_path: Path) -> Iterator[App]:
    write_units_csv(tmp_path / "units.csv")
    with open_app(config, clock=clock) as opened:
        opened.import_units(tmp_path / "units.csv")
        yield opened


def digests(app: App) -> list[str]:
    with app.snapshots.begin() as session:
        return sorted(mail.key for mail in list_outbox(session) if mail.kind == "digest")


def test_a_first_start_sends_no_digest_of_the_time_before_it(app: App) -> None:
    Worker(app).catch_up()
    assert digests(app) == []


def test_a_digest_that_fell_due_while_no_worker_was_there_is_sent_once_at_the_next_start(app: App, clock: Clock) -> None:
    Worker(app).catch_up()
    clock.now = local(23, 8)  # Sunday: Friday went by without a worker
    Worker(app).catch_up()
    Worker(app).catch_up()
    assert digests(app) == ["digest:lanh-dao:2020-W34"]
    assert app.find_digest("lanh-dao", Period(2020, 34)) is not None


def test_an_outage_over_two_fridays_loses_neither_digest(app: App, clock: Clock) -> None:
    worker = Worker(app)
    worker.catch_up()
    clock.now = local(21, 17, 30)
    worker.digest(DIGEST)
    clock.now = local(7, 8, month=9)
    Worker(app).catch_up()
    assert digests(app) == [f"digest:lanh-dao:2020-W{week}" for week in (34, 35, 36)]


def test_a_digest_that_was_sent_on_time_is_not_sent_again(app: App, clock: Clock) -> None:
    worker = Worker(app)
    worker.catch_up()
    clock.now = local(21, 17, 30)
    worker.digest(DIGEST)
    clock.now = local(22, 9)
    Worker(app).catch_up()
    assert digests(app) == ["digest:lanh-dao:2020-W34"]


def test_a_digest_on_monday_is_about_the_week_before(app: App, clock: Clock) -> None:
    clock.now = local(24, 8)
    app.run_digest(replace(DIGEST, weekday=1), due_at=local(24, 7))
    assert digests(app) == ["digest:lanh-dao:2020-W34"]


def test_a_job_that_fails_leaves_one_log_line_and_the_next_job_runs(
    app: App, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> Iterator[str]:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(App, "read", fail)
    worker = Worker(app)
    with caplog.at_level(logging.INFO):
        worker.poll_and_read()
        worker.deliver()
    (line,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert (line.getMessage(), vars(line)["job"], vars(line)["reason"]) == ("job_failed", "read", "the disk is full")
    assert any(record.getMessage() == "delivery_done" for record in caplog.records)


@pytest.fixture
def config_file(tmp_path: Path, imap_config: ImapConfig, smtp_server: SmtpServer) -> Path:
    write_units_csv(tmp_path / "units.csv")
    (tmp_path / "password").write_text(imap_config.password.reveal(), encoding="utf-8")
    path = tmp_path / "config.toml"
    path.write_text(
        f"""store_url = "sqlite:///store.db"
units_file = "units.csv"
forms = ["bluezone"]
[[mailboxes]]
name = "bao-cao"
host = "{imap_config.host}"
port = {imap_config.port}
security = "plain"
user = "{imap_config.user}"
password_file = "password"
address = "baocao.ctcs@congdoan-quangtri.example"
[smtp]
host = "127.0.0.1"
port = {smtp_server.port}
security = "plain"
sender = "baocao.ctcs@congdoan-quangtri.example"
sender_name = "LĐLĐ"
""",
        encoding="utf-8",
    )
    return path


def test_sigterm_ends_the_worker_in_order_and_leaves_no_process_behind(
    config_file: Path, post: Callable[..., None], tmp_path: Path
) -> None:
    program = [sys.executable, "-c", "import sys; from mailbox_ingest.cli import main; sys.exit(main())"]
    subprocess.run([*program, "units", "import", "--config", str(config_file)], check=True, capture_output=True)
    for scene in story()[:6]:
        post(scene.raw, time=scene.at)
    log = (tmp_path / "log").open("w+", encoding="utf-8")
    worker = subprocess.Popen([*program, "run", "--config", str(config_file)], stderr=log, stdout=subprocess.DEVNULL)
    children: set[psutil.Process] = set()
    try:
        wait_for(lambda: "message_read" in (tmp_path / "log").read_text(encoding="utf-8"))
        children = set(psutil.Process(worker.pid).children(recursive=True))
        os.kill(worker.pid, signal.SIGTERM)
        assert worker.wait(120) == 0
    finally:
        worker.kill()
        log.close()
    assert children, "reading was expected to happen in child processes"
    _, alive = psutil.wait_procs(children, timeout=60)
    assert not alive
    lines = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert any("worker_stopped" in line for line in lines)

    # What was claimed and not read is given back at once: the next run reads every mail, each exactly once.
    done = subprocess.run([*program, "poll", "--json", "--config", str(config_file)], check=True, capture_output=True, text=True)
    read_before = sum("message_read" in line for line in lines)
    assert f'"read": {6 - read_before}' in done.stdout


def wait_for(condition: Callable[[], bool], *, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_only_digests_after_the_first_start_are_made_up_for(app: App, clock: Clock) -> None:
    first = app.in_service_since(clock.now)
    assert app.in_service_since(clock.now + timedelta(days=3)) == first


def test_the_watch_tells_when_the_clock_was_set_and_nothing_while_it_runs(clock: Clock) -> None:
    uptime = 1000.0
    watch = ClockWatch(clock, lambda: uptime)
    clock.now, uptime = clock.now + timedelta(hours=9), uptime + 9 * 3600
    assert watch.jumped() is None
    clock.now -= timedelta(days=1)
    assert watch.jumped() == -timedelta(days=1)
    assert watch.jumped() is None
    clock.now += timedelta(seconds=59)  # as a time server corrects it
    assert watch.jumped() is None
