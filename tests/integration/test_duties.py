"""Who owes a report: exemptions with a reason, units that open and close, and rosters that stay as they were."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.app import duties
from mailbox_ingest.cli import main
from mailbox_ingest.config import Config
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.errors import ConfigurationError, DecisionRefused
from mailbox_ingest.model import Unit
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.store.people.audit import list_acts
from mailbox_ingest.store.registry.exemptions import list_exemptions
from mailbox_ingest.store.registry.units import import_units, load_units
from mailbox_ingest.store.reports.rosters import freeze_roster, frozen_codes, owing_units, roster_of

W35, W36 = Period(2020, 35), Period(2020, 36)
NOW = datetime(2020, 8, 24, 9, 0, tzinfo=LOCAL_ZONE)
UNITS = tuple(Unit(code=code, name=f"Đơn vị {code}", group="huyện", emails=(f"{code}@x.example",)) for code in "abc")
CONFIG = Config(store_url="", forms=(builtin_form("bluezone"),))

Owing = Callable[..., list[str]]


@pytest.fixture
def owing(sessions: sessionmaker[Session]) -> Owing:
    with sessions.begin() as session:
        import_units(session, UNITS, now=NOW)

    def codes(period: Period = W35, due_on: date = date(2020, 8, 28)) -> list[str]:
        with sessions.begin() as session:
            return [unit.code for unit in owing_units(session, "bluezone", period, due_on=due_on)]

    return codes


def exempt(sessions: sessionmaker[Session], code: str, period: Period = W35, reason: str = "Đang cách ly y tế") -> None:
    duties.exempt(sessions, CONFIG, code, period, form=None, reason=reason, who="lan", now=NOW)


def test_an_exempt_unit_owes_nothing_that_week_and_the_next_week_again(sessions: sessionmaker[Session], owing: Owing) -> None:
    exempt(sessions, "b")

    assert owing() == ["a", "c"] and owing(W36, date(2020, 9, 4)) == ["a", "b", "c"]
    with sessions.begin() as session:
        assert [(e.unit, e.reason, e.who) for e in list_exemptions(session, "bluezone", W35)] == [("b", "Đang cách ly y tế", "lan")]
        assert [(act.who, act.action, act.note) for act in list_acts(session, subject="unit:b")] == [("lan", "exempt", "Đang cách ly y tế")]


def test_a_second_exemption_replaces_the_reason_and_lifting_it_brings_the_duty_back(sessions: sessionmaker[Session], owing: Owing) -> None:
    exempt(sessions, "b")
    exempt(sessions, "b", reason="Sáp nhập đơn vị")
    with sessions.begin() as session:
        assert [e.reason for e in list_exemptions(session, "bluezone")] == ["Sáp nhập đơn vị"]
    duties.lift(sessions, CONFIG, "b", W35, form=None, who="lan", now=NOW)

    assert owing() == ["a", "b", "c"]


def test_a_closed_week_takes_no_exemption_and_keeps_its_roster(sessions: sessionmaker[Session], owing: Owing) -> None:
    with sessions.begin() as session:
        freeze_roster(session, "bluezone", W35, load_units(session), now=NOW)
    with pytest.raises(DecisionRefused, match="2020-W35 is closed"):
        exempt(sessions, "b")
    with sessions.begin() as session:
        import_units(session, UNITS[:1], now=NOW)
        assert [u.code for u in roster_of(session, "bluezone", W35, due_on=date(2020, 8, 28))] == ["a", "b", "c"]
        assert frozen_codes(session, "bluezone", since=W35, until=W36) == {W35: frozenset("abc")}
        assert frozen_codes(session, "bluezone", since=W35, until=W36, groups=("ngành",)) == {}
    assert owing() == ["a"]


def test_a_unit_owes_from_the_day_it_opens_until_the_day_it_closes(sessions: sessionmaker[Session], owing: Owing) -> None:
    duties.set_term_of(sessions, "a", opened_on=date(2020, 8, 29), closed_on=None, who="lan", now=NOW)
    duties.set_term_of(sessions, "b", opened_on=None, closed_on=date(2020, 8, 28), who="lan", now=NOW)

    assert owing() == ["c"]
    assert owing(W36, date(2020, 9, 4)) == ["a", "c"]
    with sessions.begin() as session:
        import_units(session, UNITS, now=NOW)  # the registry file says nothing of these days
    assert owing() == ["c"]


def test_what_cannot_be_is_refused_in_words(sessions: sessionmaker[Session], owing: Owing) -> None:
    with pytest.raises(ConfigurationError, match="unit zz: expected the code"):
        exempt(sessions, "zz")
    with pytest.raises(ConfigurationError, match="--reason"):
        exempt(sessions, "a", reason=" ")
    with pytest.raises(ConfigurationError, match="not exempt"):
        duties.lift(sessions, CONFIG, "a", W35, form=None, who="lan", now=NOW)
    with pytest.raises(ConfigurationError, match="--closed"):
        duties.set_term_of(sessions, "a", opened_on=date(2020, 9, 1), closed_on=date(2020, 9, 1), who="lan", now=NOW)
    with pytest.raises(ConfigurationError, match="--form khac"):
        duties.form_named(CONFIG, "khac")


def test_the_command_line_exempts_lists_and_lifts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "units.csv").write_text("code,name,group,emails,aliases\na,LĐLĐ huyện A,huyện,a@x.example,\n", encoding="utf-8")

    def run(*command: str) -> tuple[int, list[Any]]:
        code = main([*command, "--database", f"sqlite:///{tmp_path}/store.db", "--json"])
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    run("units", "import", str(tmp_path / "units.csv"))
    assert run("units", "exempt", "a", "--period", "2020-W35", "--reason", "Bão lụt", "--who", "lan")[0] == 0
    assert run("units", "exempt")[1] == [{"period": "2020-W35", "unit": "a", "form": "bluezone", "reason": "Bão lụt", "who": "lan"}]
    assert run("units", "exempt", "a", "--period", "2020-W35", "--lift")[0] == 0
    assert run("units", "exempt")[1] == []
    assert run("units", "exempt", "a", "--period", "35", "--reason", "x")[0] == 2
    assert run("units", "term", "a", "--opened", "2020-08-24") == (0, [{"unit": "a", "opened_on": "2020-08-24", "closed_on": None}])
