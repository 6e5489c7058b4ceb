"""Reminders as the worker and the command line run them: after a look into the mailbox, never on what is not known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mailbox_ingest.app import App, open_app
from mailbox_ingest.cli import main
from mailbox_ingest.config import Config, ImapConfig, ReminderConfig, Secret, SmtpConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.demo.registry import UNITS, write_units_csv
from mailbox_ingest.periods import LOCAL_ZONE
from mailbox_ingest.store.outgoing.lookup import list_outbox
from mailbox_ingest.worker import Worker
from servers.smtp import SmtpServer

THURSDAY = datetime(2020, 8, 27, 9, 2, tzinfo=LOCAL_ZONE)
CONFIG_FILE = """store_url = "sqlite:///store.db"
units_file = "units.csv"
forms = ["bluezone"]
[smtp]
host = "127.0.0.1"
security = "plain"
sender = "baocao@qt.example"
sender_name = "LĐLĐ"
[[reminders]]
form = "bluezone"
"""


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock(THURSDAY - timedelta(days=1))


@pytest.fixture
def config(tmp_path: Path, smtp_server: SmtpServer) -> Config:
    smtp = SmtpConfig(host="127.0.0.1", port=smtp_server.port, security="plain", sender="baocao@qt.example", sender_name="LĐLĐ")
    reminder = ReminderConfig(form="bluezone")
    return Config(store_url=f"sqlite:///{tmp_path}/store.db", forms=(builtin_form("bluezone"),), smtp=smtp, reminders=(reminder,))


@pytest.fixture
def app(config: Config, clock: Clock, tmp_path: Path) -> Iterator[App]:
    write_units_csv(tmp_path / "units.csv")
    with open_app(config, clock=clock) as opened:
        opened.import_units(tmp_path / "units.csv")
        Worker(opened).catch_up()
        yield opened


def queued(app: App) -> int:
    with app.snapshots.begin() as session:
        return sum(entry.kind == "reminder" for entry in list_outbox(session))


def test_the_worker_reminds_after_reading_and_sends_with_the_form(app: App, clock: Clock, smtp_server: SmtpServer) -> None:
    worker = Worker(app)
    worker.poll_and_read()
    assert queued(app) == 0
    clock.now = THURSDAY
    worker.poll_and_read()
    worker.poll_and_read()
    assert queued(app) == len(UNITS)
    worker.deliver()
    assert len(smtp_server.mails) == len(UNITS)
    assert b"Auto-Submitted: auto-generated" in smtp_server.mails[0].data
    assert b"Mau-bao-cao-bluezone.docx" in smtp_server.mails[0].data


def test_nobody_is_reminded_while_a_mailbox_cannot_be_looked_into(config: Config, app: App, clock: Clock, smtp_server: SmtpServer) -> None:
    # Their reports may lie in there.
    closed = ImapConfig(
        name="chinh", host="127.0.0.1", port=1, security="plain", user="u", password=Secret(_text="p"), address="baocao@qt.example"
    )
    clock.now = THURSDAY
    Worker(replace(app, config=replace(config, mailboxes=(closed,)))).poll_and_read()
    assert queued(app) == 0
    Worker(app).poll_and_read()
    assert queued(app) == len(UNITS), "the next pass that can look makes up for it"


def test_the_command_shows_a_week_and_queues_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_units_csv(tmp_path / "units.csv")
    path = tmp_path / "config.toml"
    path.write_text(CONFIG_FILE, encoding="utf-8")
    assert main(["units", "import", "--config", str(path)]) == 0
    capsys.readouterr()
    assert main(["remind", "--dry-run", "--period", "2020-W35", "--json", "--config", str(path)]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == 3 * len(UNITS)
    assert {row["hours"] for row in rows} == {-32, 0, 64}
    assert main(["remind", "--dry-run", "--config", str(path)]) == 0
    assert "0 reminders would be queued" in capsys.readouterr().out, "2020 is long over"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [(["--period", "2020-W35"], "--dry-run"), (["--dry-run", "--period", "34"], "2020-W34")],
)
def test_wrong_use_is_told(arguments: list[str], complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG_FILE, encoding="utf-8")
    assert main(["remind", *arguments, "--config", str(path)]) == 2
    assert complaint in capsys.readouterr().err


def test_without_a_table_of_reminders_the_command_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG_FILE.partition("[[reminders]]")[0], encoding="utf-8")
    assert main(["remind", "--config", str(path)]) == 2
    assert "[[reminders]]" in capsys.readouterr().err
