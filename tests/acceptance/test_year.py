"""Sixty weeks of the worker under a fake clock: 32 units, outages, corrections, holidays, the turn of the year; rules checked each week.

Real: store, reading, judgement, replies, reminders, digests, outbox. Not real: the clock, the network, and what only costs time (child
processes that read, charts and files of the digests, the bytes of the mails sent).
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from mailbox_ingest import delivery
from mailbox_ingest.app import App, house, open_app
from mailbox_ingest.calendars import due_of, is_working_day
from mailbox_ingest.config import Config, DigestConfig, ReminderConfig, SmtpConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.delivery import Outbox
from mailbox_ingest.demo.registry import UNITS, DemoUnit
from mailbox_ingest.errors import SubmissionDeferred, SubmissionRefused
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.render.digest import charts, consolidated
from mailbox_ingest.render.workbook import workbook
from mailbox_ingest.store.ledger.door import record_message
from mailbox_ingest.store.ledger.records import Arrival
from mailbox_ingest.store.outgoing.lookup import list_outbox
from mailbox_ingest.store.outgoing.records import OutboxEntry
from mailbox_ingest.store.registry.units import import_units
from mailbox_ingest.store.reports.standing import accepted_reports
from mailbox_ingest.worker import Worker

FIRST, WEEKS = Period(2020, 34), 60
BUDGET, RESERVED = 70, 4
SUPERIOR, LEADERS = "thuongtruc@qt.example", ("pct@qt.example", "ctcs@qt.example")
DEAD, MUTE, NO_ADDRESS = "cd-hai-quan", "cdcs-thuy-dien", "cd-kho-bac"  # refuses our mail; never writes; was never asked for an address
TWO_UNITS = ("cd-buu-dien", "cd-vien-thong")  # one person writes for both
TICKS = (
    ("9:05",),  # Monday: the reminder after the deadline
    ("12:00",),
    ("12:00",),
    ("9:05", "17:05"),  # Thursday: the one before it
    ("12:00", "17:05", "17:35"),  # Friday: deadline and digest
    ("12:00",),
    (),
)


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=LOCAL_ZONE)


WORKER_DOWN = (
    (local(2020, 9, 17, 8), local(2020, 9, 19, 12)),  # over a reminder, a deadline and a digest
    (local(2020, 11, 5, 8), local(2020, 11, 16, 8)),  # over two Fridays
    (local(2021, 6, 3, 9), local(2021, 6, 3, 15)),  # over one reminder, within its grace
)
SERVER_DOWN = ((local(2020, 10, 8, 8), local(2020, 10, 9, 12)), (local(2021, 4, 1, 8), local(2021, 4, 1, 13)))


@dataclass(slots=True)
class Sent:
    at: datetime
    to: tuple[str, ...]
    key: str

    @property
    def kind(self) -> str:
        return self.key.partition(":")[0]


@dataclass(slots=True)
class Server:
    """The submission server: it writes down what it gets, and knows no mailbox of one unit."""

    clock: Callable[[], datetime]
    dead: frozenset[str]
    sent: list[Sent] = field(default_factory=list)
    refused: int = 0
    broken: bool = False

    @contextmanager
    def connected(self) -> Iterator[Server]:
        if any(start <= self.clock() < end for start, end in SERVER_DOWN):
            raise SubmissionDeferred("no route to host")
        yield self

    def send(self, sender: str, recipients: tuple[str, ...], data: bytes) -> str:
        if self.dead.issuperset(recipients):
            self.refused += 1
            raise SubmissionRefused("550 5.1.1 The email account that you tried to reach does not exist")
        self.sent.append(Sent(at=self.clock(), to=recipients, key=data.decode()))
        return "250 ok"


class Inline:
    """Reads in this process: what a child costs is measured elsewhere."""

    def submit(self, function: Callable[..., Any], *args: Any, seconds: float) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*args))
        return future


@dataclass(slots=True)
class Year:
    """The office, its units and the time."""

    app: App
    server: Server
    units: tuple[DemoUnit, ...]
    now: datetime
    uid: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(597))
    waiting: list[tuple[datetime, str, str, str]] = field(default_factory=list)  # (arrival, sender, subject, text) of mails on their way
    good: dict[tuple[str, Period], datetime] = field(default_factory=dict)  # when the first acceptable mail of a unit for a week arrives
    wrong: set[tuple[str, Period]] = field(default_factory=set)
    corrections: Counter[Period] = field(default_factory=Counter)

    def plan(self, period: Period) -> None:
        """What the units will send for a week: most on time, some late, some wrong, some nothing; now and then a correction."""
        due = due_of(self.app.config.forms[0].calendar, period)
        for item in self.units:
            code = item.unit.code
            if code in (MUTE, DEAD, NO_ADDRESS):
                continue
            fate = self.chance.random()
            figures = self._figures(item, period)
            if fate < 0.74:
                at = due - timedelta(hours=self.chance.uniform(0.1, 60))
                self.good[code, period] = self._post(item, at, period, figures)
            elif fate < 0.84:
                self.good[code, period] = self._post(item, due + timedelta(hours=self.chance.uniform(15, 66)), period, figures)
            elif fate < 0.90:
                self.wrong.add((code, period))
                self._post(item, due - timedelta(hours=self.chance.uniform(5, 40)), period, (figures[0], figures[1], figures[1] + 7))
            if fate < 0.74 and self.chance.random() < 0.04:
                self.corrections[period] += 1
                self._post(item, due + timedelta(days=4), period, (figures[0] + 1, *figures[1:]), "đính chính ")
        self.waiting.sort()

    def _figures(self, item: DemoUnit, period: Period) -> tuple[int, int, int]:
        phones = item.members * 8 // 10
        share = min(50 + (period - FIRST), 97)
        return item.members + (period - FIRST) % 3, phones, phones * share // 100

    def _post(self, item: DemoUnit, at: datetime, period: Period, figures: tuple[int, int, int], word: str = "") -> datetime:
        members, phones, installed = figures
        text = (
            f"{item.unit.name} báo cáo {word}tuần {period.week} năm {period.year} như sau:\n"
            f"Tổng số đoàn viên, người lao động: {members}\n"
            f"Số đoàn viên, người lao động có điện thoại thông minh: {phones}\n"
            f"Số đoàn viên, người lao động đã cài đặt Bluezone: {installed}\n"
        )
        self.waiting.append((at, item.unit.emails[0], f"Báo cáo {word}Bluezone {item.unit.name}", text))
        return at

    def arrive(self) -> None:
        """The mailbox hands over what came in up to now."""
        with self.app.sessions.begin() as session:
            while self.waiting and self.waiting[0][0] <= self.now:
                at, sender, subject, text = self.waiting.pop(0)
                self.uid += 1
                raw = (
                    f"Message-ID: <{self.uid}@don-vi.example>\r\nFrom: {sender}\r\nTo: baocao@qt.example\r\nSubject: {subject}\r\n"
                    f"Date: {at:%a, %d %b %Y %H:%M:%S %z}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}"
                ).encode()
                arrival = Arrival(account="tinh", folder="INBOX", uidvalidity=1, uid=self.uid, raw=raw, arrived_at=at)
                record_message(session, arrival, now=self.now)

    def tick(self, worker: Worker, now: datetime) -> None:
        self.now = now
        if any(start <= now < end for start, end in WORKER_DOWN):
            return
        self.arrive()
        worker.poll_and_read()
        worker.catch_up()
        worker.deliver()


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def changed(item: DemoUnit) -> DemoUnit:
    """One unit without an address, and one person for two units."""
    code = item.unit.code
    emails = () if code == NO_ADDRESS else ("hai.don.vi@congdoan.example",) if code in TWO_UNITS else item.unit.emails
    return replace(item, unit=replace(item.unit, emails=emails))


@pytest.fixture
def year(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Year]:
    config = Config(
        store_url=f"sqlite:///{tmp_path}/store.db",
        forms=(builtin_form("bluezone"),),
        smtp=SmtpConfig(
            host="localhost", sender="baocao@qt.example", sender_name="LĐLĐ", budget_24h_recipients=BUDGET, reserved_for_digest=RESERVED
        ),
        digests=(DigestConfig(name="lanh-dao", form="bluezone", recipients=LEADERS),),
        reminders=(ReminderConfig(form="bluezone", attach_blank_form=False, escalate_after_weeks=3, escalate_to=(SUPERIOR,)),),
    )
    units = tuple(changed(item) for item in UNITS)
    holder: list[Year] = []
    server = Server(clock=lambda: holder[0].now, dead=frozenset(next(u.unit.emails for u in units if u.unit.code == DEAD)))

    def outbox(_: Config, sessions: Any, clock: Callable[[], datetime], *__: object) -> Outbox:
        return Outbox(sessions=sessions, submitter=server, clock=clock, budget_24h_recipients=BUDGET, reserved_for_digest=RESERVED)

    @contextmanager
    def inline(_: Config) -> Iterator[Inline]:
        yield Inline()

    monkeypatch.setattr(house, "outbox", outbox)
    monkeypatch.setattr(house, "sandbox", inline)
    monkeypatch.setattr(delivery, "compose", lambda mail, **_: mail.key.encode())
    # The files of sixty digests would take minutes; they have tests of their own.
    monkeypatch.setattr(workbook, "digest_workbook", lambda *_, **__: b"")
    monkeypatch.setattr(consolidated, "consolidated_report", lambda *_, **__: b"")
    monkeypatch.setattr(charts, "trend", lambda *_, **__: PIXEL)
    monkeypatch.setattr(charts, "bars", lambda *_, **__: PIXEL)
    start = local(2020, 8, 17, 7)
    with open_app(config, clock=lambda: holder[0].now if holder else start) as app:
        event.listen(app.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        app.engine.dispose()  # no connection of before: sixty weeks need no disk that survives a power cut
        holder.append(Year(app=app, server=server, units=units, now=start))
        with app.sessions.begin() as session:
            import_units(session, [item.unit for item in units], now=holder[0].now)
        yield holder[0]


@pytest.mark.timeout(3600)  # under a minute on a machine of its own; a busy one needed eleven
def test_a_year_keeps_every_rule(year: Year) -> None:
    worker = Worker(year.app)
    worker.catch_up()
    for week in range(WEEKS):
        period = FIRST.shifted(week)
        year.plan(period)
        for day, ticks in enumerate(TICKS):
            for tick in ticks:
                year.tick(
                    worker, datetime.combine(period.monday + timedelta(days=day), time.fromisoformat(f"{tick:0>5}"), tzinfo=LOCAL_ZONE)
                )
        check_figures(year, period)
    with year.app.snapshots.begin() as session:
        outbox = list_outbox(session, limit=100_000)
    check_digests(year)
    check_outbox(year, outbox)
    check_reminders(year, [Reminder.of(entry) for entry in outbox if entry.kind == "reminder" and entry.state == "sent"])


def check_figures(year: Year, period: Period) -> None:
    """The week's digest, counted again from the reports as they stood."""
    frozen = year.app.find_digest("lanh-dao", period)
    if frozen is None:
        assert any(start < moment_of_digest(period) < end for start, end in WORKER_DOWN), f"{period}: no digest, and no outage"
        return
    figures: Mapping[str, Any] = frozen.figures
    complete = figures["completeness"]
    with year.app.snapshots.begin() as session:
        reports = accepted_reports(session, "bluezone", as_of=frozen.as_of, since=period, until=period)
    due = due_of(year.app.config.forms[0].calendar, period)
    on_time = sum((report.first_arrived_at or report.arrived_at) <= due for report in reports)
    assert (complete["expected"], complete["on_time"], complete["late"]) == (len(year.units), on_time, len(reports) - on_time)
    assert complete["expected"] == complete["on_time"] + complete["late"] + complete["missing"]
    assert figures["totals"]["members"] == sum(report.values["members"] for report in reports)
    for rate in rates_in(figures):
        assert 0 <= rate <= 100, f"{period}: {rate} %"


def rates_in(figures: object, *, within: bool = False) -> Iterator[Decimal]:
    """Every percentage that stands in the figures, wherever."""
    if isinstance(figures, Mapping):
        for name, value in figures.items():
            yield from rates_in(value, within=within or name.startswith("rates") or name == "percent")
    elif isinstance(figures, list):
        for value in figures:
            yield from rates_in(value, within=within)
    elif within and isinstance(figures, str) and re.fullmatch(r"-?\d+\.\d+", figures):
        yield Decimal(figures)


def check_digests(year: Year) -> None:
    """Each week has one digest, mailed once; the corrections of the year are told in later ones."""
    expected = [FIRST.shifted(week) for week in range(WEEKS)]
    digests = year.app.digests()
    assert sorted(item.period for item in digests) == expected
    assert Period(2020, 53) in expected and Period(2021, 1) in expected
    mailed = Counter(item.key for item in year.server.sent if item.kind == "digest")
    assert mailed == Counter(f"digest:lanh-dao:{period}" for period in expected)
    for item in year.server.sent:
        if item.kind == "digest":
            late = item.at - moment_of_digest(Period.parse(item.key.rpartition(":")[2]))
            assert timedelta(0) <= late < timedelta(days=11), item
    restated = [(digest.period, told["period"]) for digest in digests for told in digest.figures["restatements"]]
    assert len(restated) >= 10, "a year of corrections leaves its mark"
    assert all(Period.parse(earlier) < period for period, earlier in restated)


def check_outbox(year: Year, outbox: Sequence[OutboxEntry]) -> None:
    """Nothing twice, never more than the budget in 24 hours, every mail of a unit answered once."""
    sent = year.server.sent
    assert max(Counter(item.key for item in sent).values()) == 1
    first = 0
    for last, item in enumerate(sent):
        while sent[first].at <= item.at - timedelta(hours=24):
            first += 1
        assert sum(len(other.to) for other in sent[first : last + 1]) <= BUDGET, item.at
    assert sum(item.kind == "receipt" for item in sent) == year.uid
    assert {entry.state for entry in outbox} <= {"sent", "failed", "queued"}
    assert sum(entry.state == "failed" for entry in outbox) == 1 == year.server.refused, "a dead address is tried once and left alone"
    for moment in {item.at for item in sent}:
        kinds = [item.kind for item in sent if item.at == moment]
        assert kinds == sorted(kinds, key=("receipt", "digest", "reminder").index), "receipts first, reminders last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    period: Period
    offset: str
    address: str
    sent_at: datetime

    @classmethod
    def of(cls, entry: OutboxEntry) -> Reminder:
        _, _, period, offset, address = entry.key.split(":", 4)
        assert entry.sent_at is not None
        return cls(period=Period.parse(period), offset=offset, address=address, sent_at=entry.sent_at.astimezone(LOCAL_ZONE))


def check_reminders(year: Year, reminders: Sequence[Reminder]) -> None:
    calendar = year.app.config.forms[0].calendar
    units = {item.unit.code: item.unit for item in year.units}
    by_address: dict[str, list[str]] = {}
    for unit in units.values():
        for email in unit.emails:
            by_address.setdefault(email, []).append(unit.code)
    for item in reminders:
        assert is_working_day(calendar, item.sent_at.date()), item
        if item.offset == "escalation":
            assert item.address == SUPERIOR
            continue
        due = due_of(calendar, item.period)
        assert (item.sent_at < due) is (int(item.offset) < 0), item
        # Somebody whose every unit had an acceptable mail in the ledger is never written to.
        silent = [code for code in by_address[item.address] if year.good.get((code, item.period), item.sent_at) >= item.sent_at]
        assert silent, f"{item} although the report was there"
    assert Counter(r.address for r in reminders)[units[DEAD].emails[0]] == 0
    got = {(r.period, r.offset, r.address) for r in reminders}
    for week in range(WEEKS - 1):
        check_nobody_forgotten(year, FIRST.shifted(week), got, by_address)
    made_up = [r for r in reminders if (r.period, r.offset) == (Period(2021, 22), "-32")]
    assert made_up and all(r.sent_at == local(2021, 6, 3, 17, 5) for r in made_up), "an outage over the moment is made up for the same day"
    told = {r.period for r in reminders if r.offset == "escalation"}
    assert min(told) == FIRST.shifted(2) and len(told) >= WEEKS - 8


def check_nobody_forgotten(
    year: Year, period: Period, got: Collection[tuple[Period, str, str]], by_address: Mapping[str, list[str]]
) -> None:
    """In a week without outage or holiday everybody who owed got all three reminders; by whom a mail came back for mending, any or none."""
    monday = period.monday
    undisturbed = not any(
        start.date() <= monday + timedelta(days=8) and monday <= end.date() for start, end in (*WORKER_DOWN, *SERVER_DOWN)
    ) and all(is_working_day(year.app.config.forms[0].calendar, monday + timedelta(days=n)) for n in (0, 1, 2, 3, 4, 7))
    if not undisturbed or period == FIRST:
        return
    for offset, days, moment in (("-32", 3, time(9, 5)), ("0", 4, time(17, 5)), ("64", 7, time(9, 5))):
        tick = datetime.combine(monday + timedelta(days=days), moment, tzinfo=LOCAL_ZONE)
        for address, codes in by_address.items():
            if DEAD in codes or any((code, period) in year.wrong for code in codes):
                continue
            owes = any(year.good.get((code, period), tick + timedelta(days=99)) > tick for code in codes)
            assert ((period, offset, address) in got) is owes, (period, offset, address)


def moment_of_digest(period: Period) -> datetime:
    return datetime.combine(period.monday + timedelta(days=4), time(17, 30), tzinfo=LOCAL_ZONE)
