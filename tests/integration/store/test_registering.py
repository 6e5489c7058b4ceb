"""The registry by hand: added, renamed, retired and merged units, their past kept, every change an act."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.app.registering import Registrar
from mailbox_ingest.errors import ConfigurationError, DecisionRefused
from mailbox_ingest.model import IncomingMessage, JudgedReport, Outcome, ReportStatus, Unit, Verdict
from mailbox_ingest.periods import Period
from mailbox_ingest.store.ledger.door import record_message
from mailbox_ingest.store.ledger.finish import finish_message
from mailbox_ingest.store.ledger.records import Arrival
from mailbox_ingest.store.people.audit import list_acts
from mailbox_ingest.store.registry.proposals import approve_address, list_proposals, propose_address
from mailbox_ingest.store.registry.units import find_unit, hold_units, load_units
from mailbox_ingest.store.reports.rosters import find_roster, freeze_roster
from mailbox_ingest.store.reports.standing import accepted_reports, report_history

W33, W34 = Period(2020, 33), Period(2020, 34)
NOW = datetime(2020, 8, 20, 5, 0, tzinfo=UTC)
GOOD = {"members": 100, "smartphone_users": 80, "installed": 60}
CAM_LO, DONG_HA = "ldld-cam-lo", "ldld-dong-ha"


@pytest.fixture
def registrar(sessions: sessionmaker[Session], registry: tuple[Unit, ...]) -> Registrar:
    return Registrar(sessions=sessions, who="Lan", now=NOW)


@pytest.fixture
def unit(sessions: sessionmaker[Session]) -> Callable[[str], Any]:
    def find(code: str) -> Any:
        with sessions.begin() as session:
            return find_unit(session, code)

    return find


def acts(registrar: Registrar, code: str) -> list[str]:
    with registrar.sessions.begin() as session:
        return [f"{act.who} {act.action}" for act in list_acts(session, subject=f"unit:{code}")]


def places(registrar: Registrar) -> dict[tuple[str, str], int]:
    with registrar.sessions.begin() as session:
        return {(item.unit, str(item.period)): item.values["members"] for item in accepted_reports(session, "bluezone")}


def test_a_unit_is_added_at_the_end_with_its_addresses(registrar: Registrar, unit: Any) -> None:
    registrar.add("cd-y-te", "Công đoàn ngành Y tế", group="ngành", emails=("YTe@B.example",), aliases=("CĐ Y tế",))
    found = unit("cd-y-te")
    assert (found.active, found.unit.emails, found.unit.aliases) == (True, ("yte@b.example",), ("CĐ Y tế",))
    with registrar.sessions.begin() as session:
        assert [item.code for item in load_units(session)][-1] == "cd-y-te"
    assert acts(registrar, "cd-y-te") == ["Lan add_unit"]


@pytest.mark.parametrize(
    ("code", "name", "emails", "complaint"),
    [
        ("có dấu", "Tên", (), "code: "),
        ("a", "", (), "name: "),
        ("a", "Tên", ("không phải thư",), "emails: "),
        ("", "", (), "code: .*name: "),
    ],
)
def test_what_is_typed_is_held_to_the_rules_of_the_file(
    registrar: Registrar, code: str, name: str, emails: tuple[str, ...], complaint: str
) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        registrar.add(code, name, emails=emails)


def test_a_code_is_given_once_and_for_ever(registrar: Registrar) -> None:
    with pytest.raises(DecisionRefused, match="is in the registry"):
        registrar.add(CAM_LO, "Tên khác")
    registrar.retire(CAM_LO)
    with pytest.raises(DecisionRefused, match="that of a retired unit"):
        registrar.add(CAM_LO, "Tên khác")


def test_a_new_name_leaves_the_old_one_among_the_aliases(registrar: Registrar, unit: Any) -> None:
    registrar.edit(DONG_HA, name="LĐLĐ phường Đông Hà")
    found = unit(DONG_HA).unit
    assert (found.name, found.aliases) == ("LĐLĐ phường Đông Hà", ("Đông Hà", "LĐLĐ thành phố Đông Hà"))
    assert found.emails == ("dongha@b.example",)
    registrar.edit(DONG_HA, emails=("moi@b.example",), aliases=())
    assert (unit(DONG_HA).unit.emails, unit(DONG_HA).unit.aliases) == (("moi@b.example",), ())
    with pytest.raises(DecisionRefused, match="is so already"):
        registrar.edit(DONG_HA, emails=("moi@b.example",))
    with pytest.raises(DecisionRefused, match="no active unit 'nowhere'"):
        registrar.edit("nowhere", name="Tên")
    assert acts(registrar, DONG_HA) == ["Lan edit_unit", "Lan edit_unit"]


def test_a_retired_unit_keeps_its_past_and_can_be_brought_back(registrar: Registrar, unit: Any, finished: Any, report: Any) -> None:
    finished(report(GOOD))
    registrar.retire(CAM_LO, reason="Giải thể")
    assert unit(CAM_LO).active is False
    assert places(registrar) == {(CAM_LO, "2020-W34"): 100}
    with pytest.raises(DecisionRefused, match="no active unit"):
        registrar.edit(CAM_LO, group="thị xã")
    registrar.edit(CAM_LO, restore=True)
    assert unit(CAM_LO).active is True
    assert acts(registrar, CAM_LO) == ["Lan edit_unit", "Lan retire_unit"]


def test_reports_addresses_and_names_of_a_merged_unit_go_to_the_other(
    registrar: Registrar, unit: Any, finished: Any, report: Any, registry: tuple[Unit, ...]
) -> None:
    _, (first,) = finished(report(GOOD, period=W33))
    finished(report({**GOOD, "members": 110}))
    held, _ = finished(report(GOOD, period=Period(2020, 32), status=ReportStatus.NEEDS_REVIEW))
    with registrar.sessions.begin() as session:
        freeze_roster(session, "bluezone", W33, registry[:1], now=NOW)  # the other unit owed nothing then
    moved = registrar.merge(CAM_LO, DONG_HA, reason="Sáp nhập")
    assert places(registrar) == {(DONG_HA, "2020-W33"): 100, (DONG_HA, "2020-W34"): 110}
    assert (len(moved.reports), moved.places) == (3, (("bluezone", "2020-W33"), ("bluezone", "2020-W34")))
    one, other = unit(CAM_LO), unit(DONG_HA)
    assert (one.active, one.unit.emails) == (False, ())
    assert other.unit.emails == ("dongha@b.example", "camlo@b.example")
    assert other.unit.aliases == ("Đông Hà", "LĐLĐ huyện Cam Lộ")
    with registrar.sessions.begin() as session:
        assert [item.code for item in find_roster(session, "bluezone", W33) or ()] == [DONG_HA]
        assert [item.id for item in report_history(session, "bluezone", DONG_HA, W33)] == [first]
        (act,) = list_acts(session, subject=f"unit:{CAM_LO}")
    assert (act.action, act.note, (act.after or {})["into"]) == ("merge_units", "Sáp nhập", DONG_HA)
    assert acts(registrar, DONG_HA) == ["Lan merged_from"]
    assert held


def test_addresses_proposed_for_a_merged_unit_wait_for_the_other(registrar: Registrar, finished: Any, report: Any) -> None:
    number, _ = finished(report(GOOD))
    with registrar.sessions.begin() as session:
        for address, unit in (("moi@b.example", CAM_LO), ("cu@b.example", CAM_LO), ("hai@b.example", CAM_LO), ("hai@b.example", DONG_HA)):
            propose_address(session, address, unit, message_id=number, at=NOW)
        approve_address(session, "cu@b.example", who="Lan", now=NOW)
    registrar.merge(CAM_LO, DONG_HA)
    with registrar.sessions.begin() as session:
        found = {(item.address, item.unit): item.state for item in list_proposals(session)}
        assert found == {
            ("moi@b.example", DONG_HA): "proposed",
            ("cu@b.example", DONG_HA): "approved",
            ("hai@b.example", DONG_HA): "proposed",
        }
        assert approve_address(session, "moi@b.example", who="Lan", now=NOW).unit == DONG_HA


def test_a_closed_week_that_both_reported_stays_as_it_was_said(
    registrar: Registrar, finished: Any, report: Any, registry: tuple[Unit, ...]
) -> None:
    finished(report(GOOD, period=W33))
    finished(report({**GOOD, "members": 200}, unit=DONG_HA, period=W33))
    with registrar.sessions.begin() as session:
        freeze_roster(session, "bluezone", W33, registry, now=NOW)
    moved = registrar.merge(CAM_LO, DONG_HA)
    assert moved.stayed == (("bluezone", "2020-W33"),)
    assert places(registrar) == {(CAM_LO, "2020-W33"): 100, (DONG_HA, "2020-W33"): 200}
    with registrar.sessions.begin() as session:
        assert [item.code for item in find_roster(session, "bluezone", W33) or ()] == [CAM_LO, DONG_HA]


def test_two_units_that_both_reported_for_an_open_week_are_not_merged(registrar: Registrar, unit: Any, finished: Any, report: Any) -> None:
    finished(report(GOOD))
    finished(report(GOOD, unit=DONG_HA), arrived_at=NOW + timedelta(minutes=1))
    with pytest.raises(DecisionRefused, match="both units have reported for 2020-W34, which is not closed"):
        registrar.merge(CAM_LO, DONG_HA)
    assert unit(CAM_LO).active is True
    with pytest.raises(DecisionRefused, match="with itself"):
        registrar.merge(CAM_LO, CAM_LO)


def test_a_report_that_is_being_written_while_its_unit_is_merged_goes_over_with_the_others(
    registrar: Registrar, engine: Engine, arrival: Callable[..., Arrival], report: Callable[..., JudgedReport]
) -> None:
    merging = Thread(target=registrar.merge, args=(CAM_LO, DONG_HA))
    with registrar.sessions.begin() as session:
        number = record_message(session, arrival(1), now=NOW).id
    with registrar.sessions.begin() as session:
        assert hold_units(session, (CAM_LO, "ldld-khong-co")) == {CAM_LO}
        merging.start()
        wait_until_it_waits(engine)
        incoming = IncomingMessage(message_id=None, sender=None)
        verdict = Verdict(outcome=Outcome.ACCEPTED, reports=(report(GOOD),))
        finish_message(session, number, incoming=incoming, verdict=verdict, now=NOW)
    merging.join()
    assert places(registrar) == {(DONG_HA, "2020-W34"): 100}
    with registrar.sessions.begin() as session:
        assert hold_units(session, (CAM_LO, DONG_HA)) == {DONG_HA}


def wait_until_it_waits(engine: Engine) -> None:
    """For a lock of ours. On SQLite a writing transaction keeps every other one waiting."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    end = time.monotonic() + 60
    while engine.dialect.name == "postgresql":
        with engine.connect() as other:
            if other.execute(waiting).scalar_one():
                return
        assert time.monotonic() < end, "nobody waits"
