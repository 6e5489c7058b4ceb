"""The command line's promises: exit codes, one JSON object a line, no traceback for what can be expected."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mailbox_ingest.cli import main
from mailbox_ingest.demo.registry import write_units_csv
from mailbox_ingest.demo.story import story


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db"


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    """Five mails of the story: Word, PDF, Excel, a body, and an automatic reply."""
    folder = tmp_path / "mails"
    folder.mkdir()
    scenes = story()
    chosen = [*scenes[:4], next(scene for scene in scenes if scene.answered is False)]
    for number, scene in enumerate(chosen, start=1):
        (folder / f"{number:02}.eml").write_bytes(scene.raw)
    write_units_csv(tmp_path / "units.csv")
    return folder


def printed(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_ingest_prints_one_object_a_mail_in_name_order_and_the_same_again(
    letters: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["ingest", "--json", "--units", str(letters.parent / "units.csv"), "--database", database, str(letters)]
    assert main(command) == 0
    first = printed(capsys)

    assert [item["file"] for item in first] == ["01.eml", "02.eml", "03.eml", "04.eml", "05.eml"]
    assert [item["outcome"] for item in first] == ["accepted"] * 4 + ["ignored"]
    assert set(first[0]) == {"file", "message_id", "outcome", "reports", "findings", "reply"}
    assert first[0]["reports"] == [
        {
            "form": "bluezone",
            "unit": "ldld-vinh-linh",
            "period": "2020-W34",
            "values": {"members": 4215, "smartphone_users": 3540, "installed": 2194},
            "status": "accepted",
            "findings": [],
        }
    ]
    assert first[0]["reply"] == {"to": ["ldld.vinh.linh@congdoan.example"], "subject": "Re: LĐLĐ huyện Vĩnh Linh báo cáo cài đặt Bluezone"}
    assert first[4]["reply"] is None

    assert main(command) == 0
    assert printed(capsys) == first  # known files: nothing is read or stored twice


def test_explain_shows_where_each_value_was_read(letters: Path, database: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["ingest", "--units", str(letters.parent / "units.csv"), "--database", database, str(letters / "01.eml")])
    capsys.readouterr()
    assert main(["explain", "1", "--database", database]) == 0
    text = capsys.readouterr().out
    assert "members = 4215" in text and "'4.215'" in text and "bảng 2" in text


def test_units_go_in_and_out_unchanged(tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]) -> None:
    write_units_csv(tmp_path / "units.csv")
    assert main(["units", "import", str(tmp_path / "units.csv"), "--database", database, "--json"]) == 0
    assert len(printed(capsys)[0]["added"]) == 32
    assert main(["units", "export", str(tmp_path / "again.xlsx"), "--database", database]) == 0
    capsys.readouterr()
    assert main(["units", "import", str(tmp_path / "again.xlsx"), "--database", database, "--json"]) == 0
    again = printed(capsys)[0]
    assert (len(again["unchanged"]), again["changed"], again["retired"]) == (32, [], [])


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["status", "--config", "no-such.toml"], "no-such.toml"),
        (["status", "--database", "mysql://x"], "postgresql+psycopg"),
        (["poll", "--database", "sqlite:///{tmp}/s.db"], "[[mailboxes]]"),
        (["run", "--database", "sqlite:///{tmp}/s.db"], "[[mailboxes]]"),
        (["deliver", "--database", "sqlite:///{tmp}/s.db"], "[smtp]"),
        (["digest", "send", "--database", "sqlite:///{tmp}/s.db"], "[[digests]]"),
        (["ingest", "{tmp}/nothing", "--database", "sqlite:///{tmp}/s.db"], "nothing"),
        (["units", "import", "--database", "sqlite:///{tmp}/s.db"], "units_file"),
        (["explain", "99", "--database", "sqlite:///{tmp}/s.db"], "99"),
        (["review", "correct", "1", "--set", "installed=viele", "--database", "sqlite:///{tmp}/s.db"], "installed=viele"),
    ],
)
def test_wrong_usage_exits_with_2_and_one_line_that_says_what_was_expected(
    command: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([part.format(tmp=tmp_path) for part in command]) == 2
    complaint = capsys.readouterr().err
    assert expected in complaint
    assert "Traceback" not in complaint and len(complaint.splitlines()) == 1


def test_what_fails_for_other_reasons_exits_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "check", "--database", f"sqlite:///{tmp_path}/empty.db"]) == 1
    assert "db upgrade" in capsys.readouterr().err
    assert main(["review", "accept", "7", "--database", f"sqlite:///{tmp_path}/empty.db"]) == 1


def test_an_unknown_command_or_option_exits_with_2() -> None:
    for command in (["fly"], ["status", "--colour"], []):
        with pytest.raises(SystemExit) as caught:
            main(command)
        assert caught.value.code == 2


def test_an_outside_subject_cannot_repaint_the_terminal(tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "evil.eml").write_bytes(b"From: a@b.example\r\nSubject: =?utf-8?q?=1B=5B2Jx?=\r\n\r\nhello\r\n")
    main(["ingest", str(tmp_path / "evil.eml"), "--database", database])
    main(["status", "--database", database])
    assert "\x1b[2J" not in capsys.readouterr().out
