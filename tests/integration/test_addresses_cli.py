"""Addresses on the command line: proposals are listed, approved and declined; addresses that take no mail are shown and brought back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mailbox_ingest.cli import main
from mailbox_ingest.store.database.engine import open_engine, session_factory
from mailbox_ingest.store.outgoing.lookup import list_outbox
from mails.bounces import BOUNCES
from mails.making import CLERK, OUR_ID, OURS, form_mail

STRANGER = "chimxanh95@gmail.example"
Run = Callable[..., tuple[int, list[Any]]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    (tmp_path / "units.csv").write_text(
        f"code,name,group,emails,aliases\nldld-cam-lo,LĐLĐ huyện Cam Lộ,huyện,{CLERK},\nldld-huong-hoa,LĐLĐ huyện Hướng Hóa,huyện,,\n",
        encoding="utf-8",
    )
    (tmp_path / "config.toml").write_text(
        f'store_url = "sqlite:///store.db"\nunits_file = "units.csv"\nforms = ["bluezone"]\n[admission]\nown_addresses = ["{OURS}"]\n',
        encoding="utf-8",
    )

    def command(*arguments: str) -> tuple[int, list[Any]]:
        capsys.readouterr()
        code = main([*arguments, "--config", str(tmp_path / "config.toml"), "--json"])
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert command("units", "import")[0] == 0
    return command


@pytest.fixture
def take(run: Run, tmp_path: Path) -> Callable[[bytes], Any]:
    """Ingests one mail; gives what is printed of it."""

    def one(raw: bytes) -> Any:
        path = tmp_path / "mail.eml"
        path.write_bytes(raw)
        code, (printed,) = run("ingest", str(path))
        assert code == 0
        return printed

    return one


def test_a_proposed_address_is_approved_and_counts_as_registered_from_then_on(run: Run, take: Callable[[bytes], Any]) -> None:
    assert take(form_mail("a", STRANGER, "LĐLĐ HUYỆN CAM LỘ"))["outcome"] == "accepted_with_warnings"
    assert run("status")[1][0]["proposals"] == 1
    (proposal,) = run("units", "proposals")[1]
    assert (proposal["address"], proposal["unit"], proposal["seen"], proposal["state"]) == (STRANGER, "ldld-cam-lo", 1, "proposed")

    code, (done,) = run("units", "approve-address", STRANGER.upper(), "--who", "lan")
    assert (code, done["state"], done["decided_by"]) == (0, "approved", "lan")
    assert run("units", "proposals") == (0, [])
    assert [item["state"] for item in run("units", "proposals", "--all")[1]] == ["approved"]
    assert run("units", "list")[1][0]["emails"] == [CLERK, STRANGER]
    assert run("units", "approve-address", STRANGER)[0] == 1, "decided once"


def test_a_declined_address_stays_outside(run: Run, take: Callable[[bytes], Any]) -> None:
    take(form_mail("a", STRANGER, "LĐLĐ HUYỆN CAM LỘ"))
    code, (done,) = run("units", "decline-address", STRANGER, "--who", "lan")
    assert (code, done["state"]) == (0, "declined")
    assert run("units", "list")[1][0]["emails"] == [CLERK]
    assert run("units", "approve-address", "la@x.example", "--unit", "ldld-cam-lo")[0] == 1, "nobody proposed it"


def test_a_dead_address_is_shown_until_somebody_says_that_it_lives(run: Run, take: Callable[[bytes], Any], tmp_path: Path) -> None:
    take(form_mail("a", CLERK, "LĐLĐ HUYỆN CAM LỘ"))
    assert [unit["contact"] for unit in run("units", "list")[1]] == [["reachable"], []]
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    with session_factory(engine)() as session:
        (receipt,) = list_outbox(session)
    engine.dispose()
    bounce = next(bounce.mail.raw for bounce in BOUNCES if bounce.mail.name == "postfix-user-unknown")
    take(bounce.replace(OUR_ID.encode(), receipt.message_id.encode()).replace(b"27 Aug", b"29 Aug"))

    assert run("units", "list")[1][0]["contact"] == ["dead"]
    homeless, dead = run("status")[1][0]["unreached"]
    assert (homeless["whose"], homeless["state"]) == ("ldld-huong-hoa", "no_address")
    assert (dead["whose"], dead["address"], dead["state"], dead["status"]) == ("ldld-cam-lo", CLERK, "dead", "5.1.1")
    assert "User unknown" in dead["diagnostic"]

    assert run("units", "revive-address", CLERK, "--who", "lan")[1] == [{"address": CLERK, "before": "dead", "state": "reachable"}]
    assert [item["state"] for item in run("status")[1][0]["unreached"]] == ["no_address"]
    assert run("units", "revive-address", "la@x.example")[0] == 1


def test_status_and_explain_tell_people_the_same(
    run: Run, take: Callable[[bytes], Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take(form_mail("a", STRANGER, "LĐLĐ HUYỆN CAM LỘ"))
    config = ["--config", str(tmp_path / "config.toml")]
    assert main(["status", *config]) == 0
    said = capsys.readouterr().out
    assert "Addresses that wait to be registered: 1" in said
    assert "ldld-huong-hoa" in said and "no_address" in said
    take(next(bounce.mail.raw for bounce in BOUNCES if bounce.mail.name == "qmail"))
    assert main(["explain", "2", *config]) == 0
    assert "written by a machine: bounce" in capsys.readouterr().out
