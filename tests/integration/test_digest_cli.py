"""`digest` on the command line: two audiences of one form, looked at, sent, listed and shown."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import docx
import pytest

from mailbox_ingest.cli import main
from mailbox_ingest.demo.registry import write_units_csv
from mailbox_ingest.demo.story import story

CONFIG = """
store_url = "sqlite:///store.db"
forms = ["bluezone"]

[smtp]
host = "127.0.0.1"
security = "plain"
sender = "baocao@x.example"
sender_name = "Tiếp nhận báo cáo"

[[digests]]
name = "lanh-dao"
form = "bluezone"
recipients = ["pct@x.example"]

[[digests]]
name = "nganh"
form = "bluezone"
recipients = ["nganh@x.example"]
groups = ["Công đoàn ngành"]
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a configuration and week 34's reports of the story in the store."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    write_units_csv(folder / "units.csv")
    mails = folder / "mails"
    mails.mkdir()
    for number, scene in enumerate(story()[:8], start=1):
        (mails / f"{number:02}.eml").write_bytes(scene.raw)
    assert main(["ingest", "--config", str(folder / "config.toml"), "--units", str(folder / "units.csv"), str(mails)]) == 0
    return folder


def run(office: Path, *command: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[Any]]:
    capsys.readouterr()
    code = main(["digest", *command, "--config", str(office / "config.toml"), "--json"])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_audience_sees_its_own_units_and_no_other(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = {}
    for name in ("lanh-dao", "nganh"):
        assert run(office, "send", "--name", name, "--period", "2020-W34", capsys=capsys)[1][0]["queued"]
        figures[name] = run(office, "show", "--name", name, "--period", "2020-W34", capsys=capsys)[1][0]["figures"]
    whole, part = figures["lanh-dao"], figures["nganh"]
    mine = [unit for unit in whole["units"] if unit["group"] == "Công đoàn ngành"]

    assert part["units"] == mine and 0 < len(mine) < len(whole["units"])
    assert part["completeness"]["expected"] == len(mine)
    assert part["totals"]["installed"] == sum((unit["values"] or {}).get("installed", 0) for unit in mine)
    assert [group["name"] for group in part["groups"]] == ["Công đoàn ngành"]
    assert part["history"][-1]["expected"] == len(mine)


def test_what_was_sent_is_listed_by_name_and_sent_once(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(office, "send", "--name", "nganh", "--period", "2020-W34", capsys=capsys)
    again = run(office, "send", "--name", "nganh", "--period", "2020-W34", capsys=capsys)[1][0]

    assert (again["new"], again["queued"]) == (False, False)
    assert [item["period"] for item in run(office, "list", "--name", "nganh", capsys=capsys)[1]] == ["2020-W34"]


def test_a_preview_is_written_and_can_be_opened(
    office: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: bool(opened.append(url)) or True)
    code, printed = run(office, "preview", "--name", "lanh-dao", "--period", "2020-W35", "--out", str(tmp_path), "--open", capsys=capsys)

    assert code == 0 and all(Path(file).is_file() for file in printed[0]["files"])
    assert opened == [(tmp_path / "lanh-dao-2020-W35.html").as_uri()]


def test_the_official_report_is_written_on_demand(office: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bao-cao.docx"
    code, _ = run(office, "consolidated", "--name", "nganh", "--period", "2020-W34", "--out", str(file), capsys=capsys)
    text = "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(file.read_bytes())).paragraphs)

    assert code == 0 and "tổng hợp kết quả tuần 34 (17/8–23/8/2020)" in text
    assert run(office, "consolidated", "--name", "nganh", "--out", str(tmp_path / "no" / "x.docx"), capsys=capsys)[0] == 2
