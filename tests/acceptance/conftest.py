"""An installation as an operator has it: configuration file, registry, a mailbox on a real Dovecot, SMTP server, command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mailbox_ingest.cli import main
from mailbox_ingest.config import ImapConfig
from mailbox_ingest.demo.registry import write_units_csv
from servers.smtp import SmtpServer


@dataclass(frozen=True, slots=True)
class Installation:
    folder: Path
    smtp: SmtpServer
    capture: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> tuple[int, list[Any]]:
        """A command with --json: its exit code and the objects it printed."""
        self.capture.readouterr()
        code = main([*arguments, "--config", str(self.folder / "config.toml"), "--json"])
        return code, [json.loads(line) for line in self.capture.readouterr().out.splitlines()]


@pytest.fixture
def installation(tmp_path: Path, imap_config: ImapConfig, smtp_server: SmtpServer, capsys: pytest.CaptureFixture[str]) -> Installation:
    (tmp_path / "imap-password").write_text(imap_config.password.reveal(), encoding="utf-8")
    (tmp_path / "imap-password").chmod(0o600)
    write_units_csv(tmp_path / "units.csv")
    (tmp_path / "config.toml").write_text(
        f"""
store_url = "sqlite:///store.db"
units_file = "units.csv"
forms = ["bluezone"]

[[mailboxes]]
name = "bao-cao"
host = "{imap_config.host}"
port = {imap_config.port}
security = "plain"
user = "{imap_config.user}"
password_file = "imap-password"
address = "baocao.ctcs@congdoan-quangtri.example"

[smtp]
host = "127.0.0.1"
port = {smtp_server.port}
security = "plain"
sender = "baocao.ctcs@congdoan-quangtri.example"
sender_name = "LĐLĐ tỉnh Quảng Trị"

[[digests]]
name = "lanh-dao"
form = "bluezone"
recipients = ["lanhdao@congdoan-quangtri.example"]
""",
        encoding="utf-8",
    )
    found = Installation(tmp_path, smtp_server, capsys)
    assert found.run("units", "import")[0] == 0
    return found


@pytest.fixture
def ask(installation: Installation) -> Callable[..., list[Any]]:
    """A command that must succeed: what it printed."""

    def run(*arguments: str) -> list[Any]:
        code, printed = installation.run(*arguments)
        assert code == 0, printed
        return printed

    return run
