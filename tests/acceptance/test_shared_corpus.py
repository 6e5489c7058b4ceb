"""The mails that came with the work, in file-name order into an empty store, held against the truth beside them.

They lie beside the checkout (`../shared/corpus`), not in it; where they are absent, the generated reports of `bench/reading_quality`
and the demo stand in for them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mailbox_ingest.cli import main

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
DIGITAL = {"digital", "sheet", "pdf", "legacy", "body", "container", "multi", "period", "correction", "prose"}

pytestmark = pytest.mark.skipif(not (CORPUS / "score.py").is_file(), reason="no ../shared/corpus beside this checkout")


@pytest.mark.timeout(1800)
def test_no_number_is_silently_wrong_and_what_a_clerk_can_read_goes_straight_through(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dev = CORPUS / "dev"
    url = f"sqlite:///{tmp_path / 'store.db'}"
    assert main(["ingest", "--json", "--units", str(dev / "units.csv"), "--database", url, str(dev)]) == 0
    out = tmp_path / "out.jsonl"
    out.write_text(capsys.readouterr().out, encoding="utf-8")

    score = [sys.executable, str(CORPUS / "score.py"), str(dev / "truth.jsonl"), str(out)]
    report = subprocess.run([*score, "--min-straight", "0.95"], capture_output=True, text=True, check=False)
    assert report.returncode == 0, report.stdout

    truths = {t["file"]: t for t in map(json.loads, (dev / "truth.jsonl").read_text(encoding="utf-8").splitlines())}
    told = {o["file"]: o for o in map(json.loads, out.read_text(encoding="utf-8").splitlines())}
    assert told.keys() == truths.keys()  # one line for every mail
    missed = [f for f, t in truths.items() if t["tier"] in DIGITAL and told[f]["outcome"] not in t["outcome"]]
    assert missed == []

    capsys.readouterr()
    assert main(["replay", "--json", "--database", url]) == 0  # read once more with the same code
    (told_again,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert told_again["summary"]["read"] > 100
    assert {name: told_again["summary"][name] for name in ("changed", "kept", "failed", "without_registry")} == dict.fromkeys(
        ("changed", "kept", "failed", "without_registry"), 0
    )
