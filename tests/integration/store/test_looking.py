"""The desk's views: each unit's state this week, a unit through the weeks, the ledger by what people remember, the acts of people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.app.looking import Looking
from mailbox_ingest.app.week_grid import GridQuery, GridRow, GridState
from mailbox_ingest.config import Config
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.errors import DecisionRefused
from mailbox_ingest.model import IncomingMessage, JudgedReport, Mailbox, Outcome, ReportStatus, Unit, Verdict
from mailbox_ingest.periods import Period
from mailbox_ingest.store.database.engine import session_factory
from mailbox_ingest.store.ledger.claims import claim_messages
from mailbox_ingest.store.ledger.door import record_message
from mailbox_ingest.store.ledger.finish import finish_message
from mailbox_ingest.store.ledger.lookup import message_details
from mailbox_ingest.store.ledger.records import AttachmentRecord
from mailbox_ingest.store.ledger.search import MessageQuery
from mailbox_ingest.store.people.audit import record_act
from mailbox_ingest.store.registry.exemptions import exempt_unit
from mailbox_ingest.store.registry.records import Exemption
from mailbox_ingest.store.registry.units import import_units
from mailbox_ingest.store.reports.rosters import freeze_roster

W33, W34 = Period(2020, 33), Period(2020, 34)
NOW = datetime(2020, 8, 20, 3, 0, tzinfo=UTC)  # Thursday morning; W34 is due in the afternoon
NAMES = ("Cam Lộ", "Đông Hà", "Hướng Hóa", "Vĩnh Linh", "Gio Linh", "Đakrông")


@pytest.fixture
def units(sessions: sessionmaker[Session]) -> tuple[Unit, ...]:
    """Six units; the last one has no address."""
    made = tuple(
        Unit(code=f"u{n}", name=f"LĐLĐ {name}", group="huyện" if n % 2 else "thị xã", emails=(f"u{n}@x.example",) if n < 5 else ())
        for n, name in enumerate(NAMES)
    )
    with sessions.begin() as session:
        import_units(session, made, now=NOW)
    return made


@pytest.fixture
def receive(sessions: sessionmaker[Session], units: tuple[Unit, ...], arrival: Any) -> Callable[..., int]:
    """One mail of a unit's address, read and judged; gives its ledger id."""
    counter = iter(range(1, 1000))

    def make(
        unit: str,
        *reports: JudgedReport,
        outcome: Outcome = Outcome.ACCEPTED,
        at: datetime = NOW,
        subject: str = "Báo cáo tuần 34",
        files: tuple[str, ...] = (),
    ) -> int:
        with sessions.begin() as session:
            message = record_message(session, arrival(next(counter), arrived_at=at), now=at)
            claim_messages(session, now=at, lease=timedelta(minutes=5), limit=9)
            incoming = IncomingMessage(message_id=f"<m{message.id}@b>", sender=Mailbox(email=f"{unit}@x.example"), subject=subject)
            found = tuple(
                AttachmentRecord(path=name, name=name, content_type="x/y", size_bytes=1, sha256="0", outcome="read") for name in files
            )
            verdict = Verdict(outcome=outcome, reports=reports, sender_registered=True)
            finish_message(session, message.id, incoming=incoming, verdict=verdict, attachments=found, now=at)
        return message.id

    return make


@pytest.fixture
def looking(engine: Engine, store_url: str) -> Looking:
    config = Config(store_url=store_url, forms=(builtin_form("bluezone"),))
    return Looking(config=config, snapshots=session_factory(engine, read_only=True), now=NOW)


def by_unit(looking: Looking, **wanted: Any) -> dict[str, GridRow]:
    return {row.unit: row for row in looking.grid(W34, wanted=GridQuery(**wanted)).rows}


def test_the_week_shows_where_every_unit_stands_with_its_figures_and_their_mail(looking: Looking, receive: Any, report: Any) -> None:
    taken = receive("u0", report(unit="u0"))
    receive("u1", report({"members": 10, "smartphone_users": 8, "installed": 2}, unit="u1"), at=NOW + timedelta(days=2))
    held = receive("u2", report(unit="u2", status=ReportStatus.NEEDS_REVIEW), outcome=Outcome.NEEDS_REVIEW)
    returned = receive("u3", outcome=Outcome.REJECTED)  # an unreadable file: no report, the address tells whose it was
    grid = looking.grid(W34)
    states = {row.unit: row.state for row in grid.rows}
    assert states == {
        "u0": GridState.ON_TIME,
        "u1": GridState.LATE,
        "u2": GridState.HELD,
        "u3": GridState.RETURNED,
        "u4": GridState.MISSING,
        "u5": GridState.UNREACHABLE,
    }
    assert grid.states == dict.fromkeys(GridState, 1)
    assert (grid.rows[0].values, grid.rows[0].message_id, grid.rows[0].by_human) == ((100, 80, 60), taken, False)
    assert (grid.rows[2].waiting, grid.rows[3].returned, grid.rows[2].values) == ((held,), (returned,), (None, None, None))
    counted = grid.completeness
    assert (counted.expected, counted.on_time, counted.late, counted.missing, counted.held, counted.unreachable) == (6, 1, 1, 4, 1, 1)
    assert grid.totals == {"members": 110, "smartphone_users": 88, "installed": 62}
    assert (grid.found, grid.pages, grid.frozen, grid.groups) == (6, 1, False, ("thị xã", "huyện"))


def test_the_week_is_filtered_sorted_and_paged_without_changing_its_sums(looking: Looking, receive: Any, report: Any) -> None:
    for unit, members in (("u0", 300), ("u1", 100), ("u3", 200)):
        receive(unit, report({"members": members, "smartphone_users": 80, "installed": 60}, unit=unit))
    assert list(by_unit(looking, sort="members")) == ["u1", "u3", "u0", "u2", "u4", "u5"]  # what is unknown comes last
    assert list(by_unit(looking, sort="members", descending=True)) == ["u0", "u3", "u1", "u2", "u4", "u5"]
    assert list(by_unit(looking, words="dong ha")) == ["u1"]
    assert list(by_unit(looking, group="huyện", states=frozenset((GridState.MISSING, GridState.UNREACHABLE)))) == ["u5"]
    second = looking.grid(W34, wanted=GridQuery(per_page=2, page=2))
    assert ([row.unit for row in second.rows], second.found, second.pages) == (["u2", "u3"], 6, 3)
    assert second.totals["members"] == 600


def test_a_frozen_week_keeps_its_roster_and_an_exempt_unit_is_shown_apart(
    looking: Looking, receive: Any, sessions: sessionmaker[Session], units: tuple[Unit, ...]
) -> None:
    with sessions.begin() as session:
        exempt_unit(session, Exemption(form="bluezone", unit="u4", period=W34, reason="Giải thể", who="Lan", recorded_at=NOW))
        freeze_roster(session, "bluezone", W33, units[:2], now=NOW)
    assert "u4" not in by_unit(looking)
    assert [(item.code, item.reason) for item in looking.grid(W34).exempt] == [("u4", "Giải thể")]
    closed = looking.grid(W33)
    assert ([row.unit for row in closed.rows], closed.frozen) == (["u0", "u1"], True)


def test_the_trend_is_summed_again_when_a_figure_changes(looking: Looking, receive: Any, report: Any) -> None:
    receive("u0", report(unit="u0", period=W33))
    assert [(str(p.period), p.reported, p.totals["members"]) for p in looking.trend(W34)] == [("2020-W33", 1, 100)]
    receive("u0", report(unit="u0"))
    receive("u1", report(unit="u1"))
    assert [(str(p.period), p.reported, p.totals["members"]) for p in looking.trend(W34)] == [("2020-W33", 1, 100), ("2020-W34", 2, 200)]


def test_a_unit_is_shown_week_by_week_with_what_was_corrected(
    looking: Looking, receive: Any, report: Any, sessions: sessionmaker[Session]
) -> None:
    receive("u0", report(unit="u0", period=W33))
    first = receive("u0", report(unit="u0"))
    with sessions.begin() as session:
        old = report_of(session, first)
        record_act(session, who="Lan", action="term", subject="unit:u0", now=NOW)
    second = receive("u0", report({"members": 110, "smartphone_users": 80, "installed": 60}, unit="u0", supersedes=old))
    page = looking.unit("u0", weeks=3)
    assert [(str(week.period), week.state) for week in page.weeks] == [
        ("2020-W34", "on_time"),
        ("2020-W33", "late"),
        ("2020-W32", "missing"),
    ]
    assert [(item.message_id, item.values["members"], item.status) for item in page.weeks[0].reports] == [
        (second, 110, ReportStatus.ACCEPTED),
        (first, 100, ReportStatus.SUPERSEDED),
    ]
    assert page.weeks[0].standing == page.weeks[0].reports[0]
    assert [act.action for act in page.acts] == ["term"]
    with pytest.raises(DecisionRefused, match="there is no unit 'nowhere'"):
        looking.unit("nowhere")


def report_of(session: Session, message_id: int) -> int:
    details = message_details(session, message_id)
    assert details is not None
    return details.reports[0].id


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"words": "bao cao"}, [3, 2, 1]),
        ({"words": "TUẦN 33"}, [1]),
        ({"words": "bieu mau"}, [2]),  # the name of a file
        ({"words": "ieu mau"}, []),  # words are found from their beginning
        ({"words": "bao%"}, []),
        ({"sender": "U1@"}, [2]),
        ({"unit": "u2"}, [3]),
        ({"unit": "u0"}, [3, 1]),  # its address, and a report that another address sent for it
        ({"outcome": Outcome.REJECTED}, [2]),
        ({"period": W33}, [1]),
        ({"words": "bao cao", "outcome": Outcome.ACCEPTED, "unit": "u0"}, [3, 1]),
        ({"since": NOW + timedelta(hours=1)}, [3]),
        ({}, [3, 2, 1]),
    ],
)
def test_the_ledger_is_searched_by_what_people_remember(
    looking: Looking, receive: Any, report: Any, query: dict[str, Any], found: list[int]
) -> None:
    first = receive("u0", report(unit="u0", period=W33), subject="Báo cáo tuần 33")
    receive("u1", outcome=Outcome.REJECTED, subject="Gửi báo cáo", files=("Biểu mẫu số 1.xlsx",))
    receive("u2", report(unit="u0"), subject="BÁO CÁO tuần 34", at=NOW + timedelta(hours=2))
    page = looking.messages(MessageQuery(**query))
    assert [item.message.id - first + 1 for item in page.items] == found
    assert looking.count_messages(MessageQuery(**query)) == len(found)


def test_a_long_list_goes_on_where_the_page_ended(looking: Looking, receive: Any, report: Any) -> None:
    numbers = [receive("u0", subject=f"Thư {n}", outcome=Outcome.IGNORED, files=("a.docx",)) for n in range(5)]
    first = looking.messages(MessageQuery(), limit=3)
    assert [item.message.id for item in first.items] == numbers[:1:-1]
    assert first.items[0].files == ("a.docx",)
    second = looking.messages(MessageQuery(), before_id=first.older, limit=3)
    assert ([item.message.id for item in second.items], second.older) == (numbers[1::-1], None)


def test_what_may_belong_together_is_of_the_same_sender_or_unit_and_week_and_still_counts(
    looking: Looking, receive: Any, report: Any
) -> None:
    one = receive("u0", report(unit="u0", status=ReportStatus.NEEDS_REVIEW), outcome=Outcome.NEEDS_REVIEW)
    same_sender = receive("u0", outcome=Outcome.NEEDS_REVIEW)
    same_place = receive("u1", report(unit="u0"))
    receive("u2", report(unit="u2"))
    receive("u0", outcome=Outcome.IGNORED)
    receive("u0", outcome=Outcome.NEEDS_REVIEW, at=NOW + timedelta(days=60))
    found = looking.related(one)
    assert [item.message.id for item in found.items] == [same_place, same_sender]
    assert found.items[0].reports[0].unit == "u0"


def test_the_acts_of_people_are_found_by_who_what_and_when(looking: Looking, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        for n, (who, action) in enumerate((("Lan", "accept"), ("Minh", "reject"), ("Lan", "reject"))):
            record_act(session, who=who, action=action, subject=f"message:{n}", now=NOW + timedelta(hours=n))
    subjects = [act.subject for act in looking.acts(who="Lan")]
    assert subjects == ["message:2", "message:0"]
    assert [act.subject for act in looking.acts(who="Lan", action="accept")] == ["message:0"]
    assert [act.subject for act in looking.acts(since=NOW + timedelta(hours=1), until=NOW + timedelta(hours=2))] == ["message:1"]
    newest = looking.acts(limit=1)
    assert [act.subject for act in looking.acts(before_id=newest[0].id)] == ["message:1", "message:0"]
