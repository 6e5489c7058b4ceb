"""The demo holds the house to its story: every outcome as written, and never a number that the story does not have."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailbox_ingest.cli import main
from mailbox_ingest.demo.play import Played, play
from mailbox_ingest.demo.show import write_mails
from mailbox_ingest.demo.story import FIELDS
from mailbox_ingest.model import TAKEN


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def played(folder: Path) -> Played:
    return play(folder)


def test_every_mail_of_three_weeks_ends_as_the_story_says(played: Played) -> None:
    assert len(played.scenes) >= 40
    wrong = [
        (scene.shows, str(item.details.message.outcome))
        for scene, item in played.scenes
        if item.details.message.outcome not in scene.outcomes
    ]
    assert wrong == []


def test_what_is_stored_is_what_the_clerk_wrote(played: Played) -> None:
    for scene, item in played.scenes:
        taken = [report for report in item.details.reports if report.status in TAKEN]
        if scene.figures is not None and taken:
            (report,) = taken
            assert (report.unit, report.period) == (scene.unit, scene.period), scene.shows
            assert tuple(report.values[name] for name in FIELDS) == scene.figures, scene.shows
        else:
            assert taken == [], scene.shows


def test_people_are_answered_and_machines_are_not(played: Played) -> None:
    for scene, item in played.scenes:
        if scene.answered is not None:
            assert (item.reply is not None) is scene.answered, scene.shows


def test_three_digests_and_one_reply_a_mail_go_out_as_files(played: Played, folder: Path) -> None:
    replies, digests = write_mails(played, folder)
    answered = sum(item.reply is not None for _, item in played.scenes)
    assert (len(replies), len(digests)) == (answered, 3)
    for page in digests:
        html = page.read_text(encoding="utf-8")
        assert "cid:" not in html  # pictures are files beside the page
        assert {".eml", ".html", ".txt"} <= {path.suffix for path in page.parent.glob(f"{page.stem}*")}
    assert list((folder / "digests").glob("*.png")) and list((folder / "digests").glob("*.xlsx"))


def test_the_demo_does_not_empty_a_folder_it_did_not_make(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mine.txt").write_text("x", encoding="utf-8")
    assert main(["demo", "--out", str(tmp_path / "letters")]) == 2
    assert (tmp_path / "letters" / "mine.txt").exists()
    assert "--out" in capsys.readouterr().err
