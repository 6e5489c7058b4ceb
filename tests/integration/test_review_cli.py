"""`review`, `units`, `audit` and `replay` as typed: exit codes, JSON, letters shown before they go."""

from __future__ import annotations

import json
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from mailbox_ingest.cli import main

Run = Callable[..., tuple[int, list[Any]]]
UNITS = "code,name,group,emails,aliases\nldld-cam-lo,LĐLĐ huyện Cam Lộ,huyện,camlo@gmail.example,\nldld-dong-ha,LĐLĐ thành phố Đông Hà,,,\n"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command on a store with two units and one held mail: exit code and the JSON objects it printed."""
    url = f"sqlite:///{tmp_path / 'store.db'}"

    def call(*arguments: str) -> tuple[int, list[Any]]:
        capsys.readouterr()
        code = main([*arguments, "--database", url, "--json"])
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    message = EmailMessage(policy=SMTP)
    message["Authentication-Results"] = "mx.google.com; dkim=pass header.i=@gmail.example; dmarc=pass header.from=gmail.example"
    message["From"], message["Subject"], message["Message-ID"] = "camlo@gmail.example", "Báo cáo Bluezone", "<mot@gmail.example>"
    message["Date"] = "Fri, 28 Aug 2020 09:00:00 +0700"
    message.set_content("Báo cáo Bluezone tuần 35: tổng số đoàn viên 100 người.")
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "1.eml").write_bytes(message.as_bytes())
    code, printed = call("ingest", "--units", str(tmp_path / "units.csv"), str(tmp_path / "mails"))
    assert (code, [item["outcome"] for item in printed]) == (0, ["needs_review"])
    return call


def test_a_held_mail_is_seen_asked_about_and_decided_from_the_command_line(run: Run) -> None:
    code, (held,) = run("review", "list")
    assert (code, held["from"], held["reason"] != []) == (0, "camlo@gmail.example", True)
    number = str(held["number"])
    _, (shown,) = run("review", "show", number)
    code, (preview,) = run("review", "ask-again", number, "--question", "Bao nhiêu người đã cài?", "--dry-run")
    assert code == 0
    assert "Bao nhiêu người đã cài?" in preview["letter"]["text"]
    assert run("review", "show", number)[1] == [shown]  # nothing was decided
    code, (asked,) = run(
        "review", "ask-again", number, "--question", "Bao nhiêu người đã cài?", "--who", "Lan", "--expect", shown["version"]
    )
    assert (code, asked["outcome"], asked["reply_id"] is not None) == (0, "needs_review", True)
    assert run("review", "ignore", number, "--expect", shown["version"])[0] == 1  # it changed since it was shown
    place = ("--unit", "ldld-cam-lo", "--period", "2020-W35")
    values = ("--set", "members=100", "--set", "smartphone_users=80", "--set", "installed=60")
    code, (decided,) = run("review", "correct", number, *place, *values, "--who", "Lan")
    assert (code, decided["outcome"]) == (0, "accepted")
    assert run("review", "list") == (0, [])
    code, acts = run("audit", "--who", "Lan")
    assert (code, [act["action"] for act in acts]) == (0, ["correct", "ask_again"])
    assert [act["action"] for act in run("audit", "--message", number, "--limit", "1")[1]] == ["correct"]
    code, (summary,) = run("replay")
    assert (code, summary["summary"]["decided_by_people"], summary["summary"]["changed"]) == (0, 1, 0)
    assert run("replay", "--apply")[1][0]["summary"]["applied"] == 0


def test_reassigning_ignoring_and_merging_name_what_they_cannot_do(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    (held,) = run("review", "list")[1]
    number = str(held["number"])
    assert run("review", "reassign", number)[0] == 1
    assert run("review", "merge", number, number)[0] == 1
    assert run("review", "correct", number, "--set", "members=viele")[0] == 2
    assert run("review", "reassign", number, "--period", "tuần 35")[0] == 2
    code, (ignored,) = run("review", "ignore", number, "--reason", "Thư mời")
    assert (code, ignored["outcome"], ignored["reply_id"]) == (0, "ignored", None)


def test_units_are_added_changed_merged_and_retired_from_the_command_line(run: Run) -> None:
    assert run("units", "add", "cd-y-te", "--name", "Công đoàn ngành Y tế", "--email", "yte@b.example")[0] == 0
    assert run("units", "add", "cd-y-te", "--name", "Khác")[0] == 1
    assert run("units", "add", "có dấu", "--name", "Khác")[0] == 2
    code, (renamed,) = run("units", "rename", "cd-y-te", "--name", "CĐ Y tế tỉnh")
    assert (code, renamed["aliases"]) == (0, ["Công đoàn ngành Y tế"])
    code, (moved,) = run("units", "merge", "cd-y-te", "ldld-dong-ha", "--reason", "Sáp nhập", "--who", "Lan")
    assert (code, moved["addresses"]) == (0, ["yte@b.example"])
    assert run("units", "retire", "ldld-dong-ha")[0] == 0
    states = {item["code"]: item["state"] for item in run("units", "list")[1]}
    assert states == {"ldld-cam-lo": "active", "ldld-dong-ha": "retired", "cd-y-te": "retired"}
    assert [act["action"] for act in run("audit", "--unit", "ldld-dong-ha")[1]] == ["retire_unit", "merged_from"]
