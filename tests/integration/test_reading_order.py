"""Whoever reads, dies or waits: the mails of a unit are judged in the order they came, and only the mail in hand answers for a death."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from bench.report_mails import units
from mailbox_ingest.config import AdmissionConfig, LimitsConfig, OrganisationConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.demo.mails import Sender, compose
from mailbox_ingest.model import Outcome
from mailbox_ingest.reading.pending import Reader
from mailbox_ingest.render.letters import letters
from mailbox_ingest.store.ledger.claims import MAX_DEATHS, claim_messages
from mailbox_ingest.store.ledger.door import record_message
from mailbox_ingest.store.ledger.lookup import find_message, message_details
from mailbox_ingest.store.ledger.records import Arrival
from mailbox_ingest.store.outgoing.lookup import find_mail, list_outbox
from mailbox_ingest.store.registry.units import import_units, retire_unit
from mailbox_ingest.store.reports.standing import accepted_reports

NOW = datetime.fromisoformat("2020-08-28T09:05:00+07:00")
LEASE = timedelta(minutes=20)
UNIT = units()[0]


class HerePool:
    """Runs the work in this process."""

    def submit(self, function: Callable[..., Any], /, *args: Any, seconds: float) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*args))
        return future


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


class Killed(BaseException):
    """As good as SIGKILL: no handler of the reader's sees it."""


class House:
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self.sessions, self.clock, self.uid = sessions, Clock(), 0
        with sessions.begin() as session:
            import_units(session, units()[:3], now=NOW)

    def reader(self) -> Reader:
        return Reader(
            sessions=self.sessions,
            pool=HerePool(),
            forms=(builtin_form("bluezone"),),
            organisation=OrganisationConfig(),
            admission=AdmissionConfig(),
            limits=LimitsConfig(),
            clock=self.clock,
        )

    def put(self, installed: int, at: datetime = NOW, unit: int = 0) -> int:
        """A report in the mail itself, that came at `at`."""
        self.uid += 1
        who = units()[unit]
        text = (
            f"{who.name} báo cáo kết quả cài đặt Bluezone:\n- Tổng số đoàn viên, người lao động: 100\n"
            "- Số đoàn viên, người lao động có điện thoại thông minh: 90\n"
            f"- Số đoàn viên, người lao động đã cài đặt Bluezone: {installed}\n"
        )
        raw = compose(sender=Sender(email=who.emails[0], name="Lan"), at=at, subject=f"Báo cáo Bluezone {self.uid}", text=text)
        arrival = Arrival(account="a", folder="INBOX", uidvalidity=1, uid=self.uid, raw=raw, arrived_at=at)
        with self.sessions.begin() as session:
            return record_message(session, arrival, now=self.clock()).id

    def taken_by_another(self, count: int) -> None:
        with self.sessions.begin() as session:
            assert len(claim_messages(session, now=self.clock(), lease=LEASE, limit=count)) == count

    def read(self) -> list[Outcome | None]:
        return [done.outcome for done in self.reader().read_pending()]

    def installed(self) -> list[int]:
        with self.sessions() as session:
            return [report.values["installed"] for report in accepted_reports(session, "bluezone")]

    def attempts(self, ledger_id: int) -> int:
        with self.sessions() as session:
            found = find_message(session, ledger_id)
        assert found is not None
        return found.attempts


@pytest.fixture
def house(sessions: sessionmaker[Session]) -> House:
    return House(sessions)


def test_a_correction_waits_until_the_report_that_a_dead_reader_had_in_hand_is_judged(house: House) -> None:
    first = house.put(50)
    house.taken_by_another(1)
    house.put(60, NOW + timedelta(minutes=5))
    house.put(70, unit=1)
    assert house.read() == [None, Outcome.ACCEPTED]
    assert house.installed() == [70]
    house.clock.now += LEASE
    assert house.read() == [Outcome.ACCEPTED, Outcome.ACCEPTED]
    assert house.installed() == [60, 70]
    with house.sessions() as session:
        details = message_details(session, first)
    assert details is not None
    assert str(details.reports[0].status) == "superseded"


def test_a_mail_waits_for_an_earlier_one_while_workers_die_over_it_but_not_for_ever(house: House) -> None:
    house.put(50)
    later = house.put(60, NOW + timedelta(minutes=5))

    def dies_over_the_first() -> None:
        with house.sessions.begin() as session:
            claim_messages(session, now=house.clock(), lease=LEASE, limit=1, without={later})

    for _ in range(8):
        dies_over_the_first()
        assert house.read() == [None]
        house.clock.now += LEASE
    dies_over_the_first()
    assert house.read() == [Outcome.ACCEPTED]
    house.clock.now += LEASE
    assert house.read() == [Outcome.ACCEPTED], "read after what came later, as good as read before it"
    assert house.installed() == [60]


def test_a_report_that_its_correction_overtook_is_history_and_makes_the_correction_timely(house: House) -> None:
    deadline = datetime.fromisoformat("2020-08-28T17:00:00+07:00")
    house.clock.now = deadline + timedelta(hours=5)
    house.put(60, deadline + timedelta(hours=2))
    assert house.read() == [Outcome.ACCEPTED_WITH_WARNINGS]
    first = house.put(50, deadline - timedelta(hours=2))
    assert house.read() == [Outcome.ACCEPTED]
    assert house.installed() == [60]
    with house.sessions() as session:
        details = message_details(session, first)
        standing = accepted_reports(session, "bluezone")[0]
        answer = list_outbox(session, in_answer_to=first)[0]
        letter = find_mail(session, answer.key)
    assert details is not None and letter is not None
    assert [str(report.status) for report in details.reports] == ["superseded"]
    assert standing.first_arrived_at == deadline - timedelta(hours=2)
    assert "số liệu gửi sau đang được sử dụng" in letter.content.text
    assert "Đã cài đặt" in letter.content.text or "đã cài đặt" in letter.content.text


def test_a_mail_does_not_wait_for_an_earlier_one_that_cannot_be_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.put(50)
    house.put(60, NOW + timedelta(minutes=5))
    genuine = letters.reply

    def choosy(**given: Any) -> Any:
        if given["incoming"].subject.endswith("1"):
            raise RuntimeError("poison")
        return genuine(**given)

    monkeypatch.setattr(letters, "reply", choosy)
    assert house.read() == [None, Outcome.ACCEPTED]


def test_the_mail_that_kills_its_reader_goes_to_a_human_and_takes_no_other_with_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [house.put(50 + unit, unit=unit) for unit in range(3)]
    genuine = letters.reply

    def deadly(**given: Any) -> Any:
        if given["incoming"].subject.endswith("2"):
            raise Killed
        return genuine(**given)

    monkeypatch.setattr(letters, "reply", deadly)
    monkeypatch.setattr("mailbox_ingest.reading.pending.release_messages", lambda *_args, **_named: None)  # the dead give nothing back
    deaths = 0
    read_by_then: list[list[int]] = []
    for _ in range(MAX_DEATHS + 3):
        try:
            house.read()
        except Killed:
            deaths += 1
        house.clock.now += LEASE
        read_by_then.append(house.installed())
    assert deaths == 1 + MAX_DEATHS, "once in company, then alone"
    assert read_by_then[2] == [50, 52], "the others are read before it kills alone for the second time"
    assert [house.attempts(number) for number in ids] == [1, MAX_DEATHS, 1]
    with house.sessions() as session:
        held = find_message(session, ids[1])
    assert held is not None
    assert (held.outcome, held.quarantined) == (Outcome.NEEDS_REVIEW, True)


def test_a_clock_that_jumps_ahead_hands_out_no_mail_twice(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for unit in range(3):
        house.put(50, unit=unit)
    genuine = letters.reply

    def jumping(**given: Any) -> Any:
        house.clock.now += timedelta(days=1)
        return genuine(**given)

    monkeypatch.setattr(letters, "reply", jumping)
    assert house.read() == [Outcome.ACCEPTED] * 3


def test_a_unit_retired_while_many_mails_are_read_counts_no_more(house: House) -> None:
    for installed in range(30, 50):
        house.put(installed)
    last = house.put(60, unit=1)
    passing = house.reader().read_pending()
    next(passing)
    code = units()[1].code
    with house.sessions.begin() as session:
        retire_unit(session, code, now=NOW + timedelta(minutes=1))
    for _ in passing:
        pass
    assert house.installed() == [49]
    with house.sessions() as session:
        details = message_details(session, last)
    assert details is not None and not details.message.sender_registered
