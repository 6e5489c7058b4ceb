"""/healthz and /metrics over real HTTP: what they say when all is well, when something is wrong, and before the database is open."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mailbox_ingest.app import App, open_app
from mailbox_ingest.app.alarming import new_watch
from mailbox_ingest.app.health import Examiner
from mailbox_ingest.cli import main
from mailbox_ingest.config import Config, ImapConfig, MonitoringConfig, Secret
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.demo.ports import free_port
from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.monitoring.metrics import Metrics
from mailbox_ingest.monitoring.server import serving
from mailbox_ingest.periods import LOCAL_ZONE
from mailbox_ingest.worker import Worker

NOW = datetime(2020, 8, 19, 9, 0, tzinfo=LOCAL_ZONE)


class Asked:
    """A service with its two pages."""

    def __init__(self, app: App, examiner: Examiner, metrics: Metrics, port: int) -> None:
        self.app, self.examiner, self.metrics, self.port = app, examiner, metrics, port
        self.worker = Worker(app, timed=metrics.job)

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def health(self) -> tuple[int, dict[str, Any]]:
        status, text = self.get("/healthz")
        return status, json.loads(text)

    def figures(self) -> dict[str, float]:
        """'polls_total{mailbox="chinh",result="succeeded"}' -> 1.0"""
        found = {}
        for family in text_string_to_metric_families(self.get("/metrics")[1]):
            for sample in family.samples:
                labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
                found[sample.name.removeprefix("mailbox_ingest_") + (f"{{{labels}}}" if labels else "")] = sample.value
        return found


@pytest.fixture
def asked(sqlite_url: str, imap_config: ImapConfig) -> Iterator[Asked]:
    config = Config(store_url=sqlite_url, forms=(builtin_form("bluezone"),), mailboxes=(imap_config,))
    moment = [NOW]
    watch = new_watch(config, lambda: moment[0])
    examiner = Examiner(config, watch)
    metrics = Metrics(examiner)
    with serving("127.0.0.1", 0, examiner, metrics) as port, open_app(config, clock=watch.clock, watch=watch) as app:
        examiner.snapshots = app.snapshots
        service = Asked(app, examiner, metrics, port)
        service.moment = moment  # type: ignore[attr-defined]
        yield service


def test_a_service_that_works_says_200_with_ages_queues_and_schema(asked: Asked, post: Callable[..., None]) -> None:
    post(b"From: camlo@gmail.example\r\nSubject: Bao cao\r\nMessage-ID: <1@x>\r\n\r\nxin chao")
    asked.worker.poll_and_read()
    asked.moment[0] += timedelta(minutes=7)  # type: ignore[attr-defined]
    status, found = asked.health()
    assert (status, found["status"], found["problems"], found["alarms"]) == (200, "ok", [], [])
    assert found["mailboxes"]["chinh"]["age_seconds"] == 420.0
    assert found["queues"]["unread"] == 0 and found["schema"]
    figures = asked.figures()
    assert figures['polls_total{mailbox="chinh",result="succeeded"}'] == 1
    assert figures['last_successful_poll_age_seconds{mailbox="chinh"}'] == 420
    assert figures['fetched_bytes_total{mailbox="chinh"}'] > 50
    assert figures["healthy"] == 1 and figures["messages_unread"] == 0
    assert sum(value for name, value in figures.items() if name.startswith("messages{")) == 1
    assert figures['job_seconds_count{job="poll"}'] == figures['job_seconds_count{job="read"}'] == 1


def test_an_open_alarm_that_halts_the_work_is_a_503(asked: Asked, imap_config: ImapConfig) -> None:
    wrong = replace(asked.app.config, mailboxes=(replace(imap_config, password=Secret(_text="sai")),))
    with open_app(wrong, clock=asked.app.clock, watch=asked.app.watch) as app:
        Worker(app).poll_and_read()
    status, found = asked.health()
    assert (status, [alarm["kind"] for alarm in found["alarms"]]) == (503, ["mailbox_login_refused"])
    assert "login refused" in found["problems"][0] and "login refused" in found["mailboxes"]["chinh"]["failure"]
    figures = asked.figures()
    assert figures["healthy"] == 0 and figures['alarms_open{kind="mailbox_login_refused"}'] == 1


def test_a_mailbox_nobody_has_looked_into_for_an_hour_is_a_503(asked: Asked) -> None:
    assert asked.health()[0] == 200  # just started
    asked.moment[0] += timedelta(minutes=61)  # type: ignore[attr-defined]
    status, found = asked.health()
    assert status == 503 and "no successful look" in found["problems"][0]


def test_before_the_database_is_open_and_while_it_is_away_it_is_a_503_and_not_a_hang(asked: Asked) -> None:
    snapshots, asked.examiner.snapshots = asked.examiner.snapshots, None
    assert asked.health() == (503, asked.health()[1]) and "not open yet" in asked.health()[1]["problems"][0]
    assert "messages_unread" not in asked.figures() and asked.figures()["healthy"] == 0
    asked.examiner.snapshots = snapshots
    path = Path(str(asked.app.engine.url.database))
    asked.app.engine.dispose()
    path.rename(path.with_suffix(".away"))
    path.mkdir()
    status, found = asked.health()
    assert (status, found["schema"]) == (503, None) and found["problems"][0].startswith("database:")


def test_nothing_else_is_served(asked: Asked) -> None:
    assert asked.get("/")[0] == 404
    assert asked.get("/metrics/../etc/passwd")[0] == 404
    taken = serving("127.0.0.1", asked.port, asked.examiner, asked.metrics)
    with pytest.raises(ConfigurationError, match="expected a free address"), taken:
        pass


def test_the_console_gets_open_alarms_history_and_health_from_one_call(asked: Asked, imap_config: ImapConfig) -> None:
    away = replace(asked.app.config, mailboxes=(replace(imap_config, password=Secret(_text="sai")),))
    with open_app(away, clock=asked.app.clock, watch=asked.app.watch) as app:
        Worker(app).poll_and_read()
    assert [alarm.kind.value for alarm in asked.app.health(history=5).alarms] == ["mailbox_login_refused"]
    asked.worker.poll_and_read()
    health = asked.app.health(history=5)
    assert health.ok and health.alarms == () and [alarm.kind.value for alarm in health.history] == ["mailbox_login_refused"]


def test_another_address_than_this_machines_own_must_be_allowed_in_words(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"

    def status(extra: str) -> int:
        path.write_text(f'store_url = "sqlite:///s.db"\nforms = ["bluezone"]\n[monitoring]\nport = 9597\n{extra}', encoding="utf-8")
        return main(["status", "--config", str(path)])

    assert status("") == 0
    assert status('host = "0.0.0.0"\n') == 2
    assert status('host = "0.0.0.0"\nallow_remote = true\n') == 0
    assert MonitoringConfig(port=1).host == "127.0.0.1"


def test_alarms_are_listed_and_a_channel_that_does_not_work_is_found_by_a_test(
    tmp_path: Path, imap_config: ImapConfig, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("HOOK", "http://127.0.0.1:1/geheim")
    monkeypatch.setenv("WRONG", "sai")
    path.write_text(
        f"""store_url = "sqlite:///s.db"
forms = ["bluezone"]
[alarms]
webhook_url_env = "HOOK"
[[mailboxes]]
name = "bao-cao"
host = "127.0.0.1"
port = {imap_config.port}
security = "plain"
user = "u"
address = "u@example.org"
password_env = "WRONG"
""",
        encoding="utf-8",
    )
    assert main(["alarms", "test", "--config", str(path), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["channel"], found["ok"]) == ("webhook", False) and "Connection refused" in found["reason"]
    assert main(["poll", "--config", str(path)]) == 1
    capsys.readouterr()
    assert main(["alarms", "list", "--config", str(path), "--json"]) == 0
    (alarm,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (alarm["kind"], alarm["key"], alarm["cleared"]) == ("mailbox_login_refused", "mailbox:bao-cao", None)
    monkeypatch.setenv("HOOK", "http://elsewhere.example/geheim")
    assert main(["alarms", "test", "--config", str(path)]) == 2
    complaint = capsys.readouterr().err
    assert "https://" in complaint and "geheim" not in complaint


def test_run_serves_both_pages_while_it_works_and_stops_when_it_is_told(
    tmp_path: Path, imap_config: ImapConfig, imap_client: object
) -> None:
    port = free_port()
    (tmp_path / "password").write_text(imap_config.password.reveal())
    (tmp_path / "config.toml").write_text(
        f"""store_url = "sqlite:///data/s.db"
forms = ["bluezone"]
[monitoring]
port = {port}
[backup]
folder = "copies"
[[mailboxes]]
name = "bao-cao"
host = "127.0.0.1"
port = {imap_config.port}
security = "plain"
user = "{imap_config.user}"
address = "u@example.org"
password_file = "password"
""",
        encoding="utf-8",
    )
    program = [sys.executable, "-c", "import sys; from mailbox_ingest.cli import main; sys.exit(main())"]
    worker = subprocess.Popen([*program, "run", "--config", str(tmp_path / "config.toml")], stderr=subprocess.DEVNULL)
    try:
        # Its database's folder is missing: it says so and waits, and does not die.
        until(lambda: says(port, 503, "does not exist"))
        (tmp_path / "data").mkdir()
        until(lambda: works(port))
        until(lambda: len(list((tmp_path / "copies").glob("*.db.gz"))) == 1)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(120) == 0
    finally:
        worker.kill()
        worker.wait()


def says(port: int, status: int, problem: str) -> bool:
    answered, found = ask(port)
    return answered == status and problem in str(found.get("problems"))


def works(port: int) -> bool:
    """All is well, and the mailbox was looked into."""
    status, found = ask(port)
    return status == 200 and bool(found["mailboxes"]["bao-cao"]["last_successful_poll"])


def ask(port: int) -> tuple[int, dict[str, Any]]:
    """Status and JSON of /healthz; (0, {}) where nobody answers yet."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())
    except OSError:
        return 0, {}


def until(condition: Callable[[], bool], *, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)
