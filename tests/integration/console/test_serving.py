"""The desk as a process and beside the worker: users from the command line, a real port, a port that is taken."""

from __future__ import annotations

import contextlib
import io
import json
import os
import socket
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from integration.console.conftest import PASSWORD, Site, log_in
from mailbox_ingest.app.showing import Showcase
from mailbox_ingest.cli import main
from mailbox_ingest.console import ConsoleServer


def test_users_are_added_listed_and_disabled_from_the_command_line_and_the_password_comes_by_stdin(
    site: Site, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    users = ["console", "users"]
    assert main([*users, "add", "buoi", "--role", "xem", "--full-name", "Trần Thị Bưởi", "--database", sqlite_url]) == 0
    assert log_in(site.client(), "buoi", PASSWORD).status_code == 303

    monkeypatch.setenv("MAILBOX_INGEST_CONSOLE_PASSWORD", "mot mat khau khac")
    assert main([*users, "password", "buoi", "--database", sqlite_url]) == 0
    assert log_in(site.client(), "buoi", "mot mat khau khac").status_code == 303
    assert main([*users, "role", "buoi", "quan-tri", "--database", sqlite_url]) == 0
    assert main([*users, "disable", "buoi", "--database", sqlite_url]) == 0
    assert log_in(site.client(), "buoi", "mot mat khau khac").status_code == 401
    assert main([*users, "enable", "buoi", "--database", sqlite_url]) == 0
    assert log_in(site.client(), "buoi", "mot mat khau khac").status_code == 303

    capsys.readouterr()
    assert main([*users, "list", "--json", "--database", sqlite_url]) == 0
    (user,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (user["name"], user["full_name"], user["role"], user["active"]) == ("buoi", "Trần Thị Bưởi", "quan-tri", "yes")
    assert "hash" not in str(user)


def test_a_short_password_exits_with_2_and_an_unknown_user_with_1(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MAILBOX_INGEST_CONSOLE_PASSWORD", "ngan")
    assert main(["console", "users", "add", "buoi", "--database", sqlite_url]) == 2
    assert main(["console", "users", "disable", "khong-ai", "--database", sqlite_url]) == 1
    assert "khong-ai" in capsys.readouterr().err


def test_the_desk_answers_on_a_real_port_and_is_gone_afterwards(site: Site) -> None:
    with ConsoleServer(site.app, replace(site.settings, port=0, hosts=("127.0.0.1",))) as server:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/dang-nhap", timeout=60) as answer:
            assert answer.status == 200 and "Đăng nhập" in answer.read().decode()
        assert "uvicorn" not in str(answer.headers).lower()
        port = server.port
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_reading_process_is_ready_before_anybody_asks_for_a_document_and_ends_with_the_desk(site: Site) -> None:
    before = reading_processes()
    with ConsoleServer(site.app, replace(site.settings, port=0)):
        assert wait_until(lambda: reading_processes() - before)
    assert reading_processes() == before


def test_a_showcase_that_is_closed_before_it_is_warm_starts_nothing_afterwards(site: Site) -> None:
    before = reading_processes()
    showcase = Showcase(site.app.config, site.app.snapshots)
    showcase.close()
    showcase.warm()
    assert wait_until(lambda: not any(thread.name == "showcase" for thread in threading.enumerate()))
    assert reading_processes() == before


def reading_processes() -> set[int]:
    """Children of this process that hold readers."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"sandbox.child" in (path.parent / "cmdline").read_bytes():
                found.add(int(path.parent.name))
    return found


def wait_until(true: Callable[[], object], seconds: float = 30) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.02)
    return False


def test_a_port_that_is_taken_does_not_stop_the_worker(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with ConsoleServer(site.app, replace(site.settings, port=port)):
            done = "the worker's own work"
    assert done
    (record,) = [record for record in caplog.records if record.msg == "console_failed"]
    assert str(port) in record.reason


def test_a_desk_that_cannot_be_made_does_not_stop_the_worker(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise FileNotFoundError("templates/console")

    monkeypatch.setattr("mailbox_ingest.console.server.create_site", broken)
    with ConsoleServer(site.app, replace(site.settings, port=0)):
        done = "the worker's own work"
    assert done
    assert [record.reason for record in caplog.records if record.msg == "console_failed"] == ["templates/console"]


def test_a_console_on_the_open_network_without_tls_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.toml"
    file.write_text('store_url = "sqlite:///x.db"\nforms = ["bluezone"]\n[console]\nhost = "0.0.0.0"\n', encoding="utf-8")
    assert main(["console", "--config", str(file)]) == 2
    assert "console.host" in capsys.readouterr().err
