"""Stored mails read again: nothing changes with the same code, a label more changes what it explains, and people have the last word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.app.reviewing import Desk
from mailbox_ingest.config import AdmissionConfig, Config, FormConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.errors import ConflictError, DecisionRefused, ReadingUnavailable
from mailbox_ingest.model import Outcome, ReportStatus, Unit
from mailbox_ingest.periods import Period
from mailbox_ingest.reading.extractor import Extractor
from mailbox_ingest.reading.pending import Reader
from mailbox_ingest.replay import Applied, Plan, apply, plan
from mailbox_ingest.store.database.engine import session_factory
from mailbox_ingest.store.ledger.door import record_message
from mailbox_ingest.store.ledger.lookup import message_details
from mailbox_ingest.store.ledger.records import Arrival, MessageDetails
from mailbox_ingest.store.ledger.replays import ledger_mark
from mailbox_ingest.store.outgoing.lookup import list_outbox
from mailbox_ingest.store.people.audit import list_acts
from mailbox_ingest.store.registry.proposals import approve_address
from mailbox_ingest.store.registry.units import import_units
from mailbox_ingest.store.reports.standing import accepted_reports, report_history

NOW = datetime(2020, 8, 28, 2, 5, tzinfo=UTC)  # Friday, 9:05 in Quảng Trị
W35 = Period(2020, 35)
UNITS = (
    Unit(code="ldld-cam-lo", name="LĐLĐ huyện Cam Lộ", group="huyện", emails=("camlo@gmail.example",)),
    Unit(code="ldld-huong-hoa", name="LĐLĐ huyện Hướng Hóa", group="huyện", emails=("huonghoa@gmail.example",)),
)
PLAIN = builtin_form("bluezone")
REGULAR, ODD = "Tổng số đoàn viên, người lao động", "Quân số hiện có"
PASSED = "mx.google.com; dkim=pass header.i=@gmail.example; spf=pass smtp.mailfrom=x@gmail.example; dmarc=pass header.from=gmail.example"


def with_alias(form: FormConfig = PLAIN) -> FormConfig:
    """The form as an operator extends it: one more name for the first figure."""
    first, *others = form.fields
    return replace(form, fields=(replace(first, labels=(*first.labels, ("quân số",))), *others), label_words=(*form.label_words, "quân số"))


class HerePool:
    """Runs the work in this process."""

    def submit(self, function: Callable[..., Any], /, *args: Any, seconds: float) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*args))
        return future


class House:
    """A mailbox's life: mails come and are read, people decide, the clock goes on; then everything is read again."""

    def __init__(self, engine: Engine, store_url: str) -> None:
        self.engine = engine
        self.sessions: sessionmaker[Session] = session_factory(engine)
        self.snapshots: sessionmaker[Session] = session_factory(engine, read_only=True)
        self.now = NOW
        self.uid = 0
        self.config = Config(store_url=store_url, forms=(PLAIN,), admission=AdmissionConfig(unknown_senders="accept"))
        with self.sessions.begin() as session:
            import_units(session, UNITS, now=NOW)

    def receive(
        self, sender: str, members: int, installed: int = 10, *, label: str = REGULAR, body: str = "Gửi báo cáo ạ.", overtaken_by: int = 0
    ) -> int:
        """One mail with the form as a table, read at once; gives its ledger id. It came before the `overtaken_by` mails read before it."""
        self.uid += 1
        unit = next((u.name for u in UNITS if sender in u.emails), UNITS[0].name)
        message = EmailMessage(policy=SMTP)
        message["Authentication-Results"] = PASSED
        message["From"], message["Message-ID"], message["Subject"] = sender, f"<{self.uid}@gmail.example>", "Báo cáo Bluezone tuần 35"
        message["Date"] = "Fri, 28 Aug 2020 09:00:00 +0700"
        message.set_content(body)
        html = (
            f"<table><tr><td><p>LIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG TRỊ</p><p>{unit}</p></td><td>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</td></tr>"
            "<tr><td>Số: 12/BC-CĐ</td><td>Quảng Trị, ngày 28 tháng 8 năm 2020</td></tr></table><p>BÁO CÁO</p>"
            "<p>Về việc cài đặt ứng dụng Bluezone</p><table><tr><td>TT</td><td>NỘI DUNG</td><td>ĐVT (người)</td></tr>"
            f"<tr><td>1</td><td>{label}</td><td>{members}</td></tr>"
            "<tr><td>2</td><td>Số đoàn viên, người lao động có điện thoại thông minh</td><td>80</td></tr>"
            f"<tr><td></td><td>Số đoàn viên, người lao động đã cài đặt Bluezone</td><td>{installed}</td></tr></table>"
        )
        message.add_attachment(html.encode(), maintype="text", subtype="html", filename="bao cao.html")
        self.now += timedelta(minutes=1)
        arrival = Arrival(
            account="main",
            folder="INBOX",
            uidvalidity=1,
            uid=self.uid,
            raw=message.as_bytes(),
            arrived_at=NOW + timedelta(minutes=self.uid) - timedelta(minutes=1.5) * overtaken_by,
        )
        with self.sessions.begin() as session:
            number = record_message(session, arrival, now=self.now).id
        for _ in self.reader().read_pending():
            pass
        return number

    def reader(self) -> Reader:
        return Reader(
            sessions=self.sessions,
            pool=HerePool(),
            forms=self.config.forms,
            organisation=self.config.organisation,
            admission=self.config.admission,
            limits=self.config.limits,
            clock=lambda: self.now,
        )

    def desk(self) -> Desk:
        self.now += timedelta(minutes=1)
        return Desk(config=self.config, sessions=self.sessions, snapshots=self.snapshots, who="Lan", now=self.now)

    def use(self, form: FormConfig) -> None:
        self.config = replace(self.config, forms=(form,))

    def plan(self, *, since: datetime | None = None) -> Plan:
        config = self.config
        extractor = Extractor(pool=HerePool(), forms=config.forms, limits=config.limits, own_addresses=frozenset(), authserv_ids={})
        return plan(self.snapshots, extractor, config, since=since)

    def apply(self, found: Plan | None = None) -> Applied:
        self.now += timedelta(minutes=1)
        with self.sessions.begin() as session:
            return apply(session, found or self.plan(), who="Minh", now=self.now)

    def details(self, number: int) -> MessageDetails:
        with self.sessions.begin() as session:
            found = message_details(session, number)
        assert found is not None
        return found

    def outcome(self, number: int) -> Outcome | None:
        return self.details(number).message.outcome

    def standing(self, as_of: datetime | None = None) -> dict[str, tuple[int, int]]:
        """Members and the mail they come from, by unit."""
        with self.sessions.begin() as session:
            return {r.unit: (r.values["members"], r.message_id) for r in accepted_reports(session, "bluezone", as_of=as_of)}


@pytest.fixture
def house(engine: Engine, store_url: str) -> Iterator[House]:
    yield House(engine, store_url)


def changed(found: Plan) -> list[tuple[int, Outcome | None, Outcome]]:
    return [(change.message_id, change.outcome_before, change.outcome_after) for change in found.changes]


def test_with_the_same_code_nothing_changes_whatever_happened_in_between(house: House) -> None:
    first = house.receive("camlo@gmail.example", 100)
    house.receive("camlo@gmail.example", 100)  # the same figures again
    house.receive("camlo@gmail.example", 110, body="Báo cáo đính chính.")
    overtaken = house.receive("camlo@gmail.example", 105, overtaken_by=1)
    held = house.receive("huonghoa@gmail.example", 200, label=ODD)
    house.desk().act("correct", held, values={"members": 200}, unit="ldld-huong-hoa", period=W35)
    house.receive("huonghoa@gmail.example", 210)
    stranger = house.receive("nguoila@other.example", 300)
    rejected = house.receive("camlo@gmail.example", 50, label=ODD)
    house.desk().act("reject", rejected, reason="Số liệu sai.")
    with house.sessions.begin() as session:  # afterwards the registry changes: mails are judged with that of their day
        import_units(session, (replace(UNITS[0], emails=("moi@gmail.example",)), replace(UNITS[1], name="LĐLĐ huyện mới")), now=house.now)
    found = house.plan()
    assert changed(found) == []
    assert (found.failed, found.without_registry) == ([], 0)
    assert found.read + found.decided == rejected - first + 1
    assert found.decided == 2
    assert house.apply(found).act_id is None
    assert stranger in range(first, rejected)
    assert [str(report.status) for report in house.details(overtaken).reports] == ["superseded"]


def test_a_new_label_changes_exactly_the_mails_it_explains_and_those_that_hang_on_them(house: House) -> None:
    odd = house.receive("camlo@gmail.example", 100, label=ODD)
    again = house.receive("camlo@gmail.example", 100)  # sent once more, with the usual label
    other = house.receive("huonghoa@gmail.example", 200)
    assert (house.outcome(odd), house.outcome(again)) == (Outcome.NEEDS_REVIEW, Outcome.ACCEPTED)
    house.use(with_alias())
    found = house.plan()
    assert changed(found) == [(odd, Outcome.NEEDS_REVIEW, Outcome.ACCEPTED), (again, Outcome.ACCEPTED, Outcome.DUPLICATE)]
    (report,) = found.changes[0].reports
    assert report.after is not None
    assert (report.after.values["members"], report.after.status, report.after.unit) == (100, ReportStatus.ACCEPTED, "ldld-cam-lo")
    assert house.standing() == {"ldld-cam-lo": (100, again), "ldld-huong-hoa": (200, other)}  # a plan writes nothing


def test_what_is_applied_stands_from_now_on_and_the_past_stays_as_it_was(house: House) -> None:
    odd = house.receive("camlo@gmail.example", 100, label=ODD)
    again = house.receive("camlo@gmail.example", 100)
    sent = house.now
    house.use(with_alias())
    with house.sessions.begin() as session:
        mails = len(list_outbox(session))
    applied = house.apply()
    assert set(applied.messages) == {odd, again}
    assert house.standing() == {"ldld-cam-lo": (100, odd)}
    assert house.standing(as_of=sent) == {"ldld-cam-lo": (100, again)}  # what a digest said then can be said again
    assert (house.outcome(odd), house.outcome(again)) == (Outcome.ACCEPTED, Outcome.DUPLICATE)
    with house.sessions.begin() as session:
        history = report_history(session, "bluezone", "ldld-cam-lo", W35)
        acts = list_acts(session)
        assert len(list_outbox(session)) == mails  # nobody is written to
    assert sorted(item.status for item in history if item.message_id == again) == [ReportStatus.DUPLICATE, ReportStatus.SUPERSEDED]
    assert [(act.who, act.action, act.message_id) for act in acts] == [
        ("Minh", "replay", None),
        ("Minh", "replay", again),
        ("Minh", "replay", odd),
    ]
    assert (acts[2].after or {})["reports"][0]["values"]["members"] == 100
    assert changed(house.plan()) == []  # and read once more, nothing changes
    assert house.plan().decided == 0


def test_a_figure_that_is_no_longer_sure_is_withdrawn_and_what_stood_before_stands_again(house: House) -> None:
    house.use(with_alias())
    first = house.receive("camlo@gmail.example", 100)
    second = house.receive("camlo@gmail.example", 120, label=ODD, body="Báo cáo đính chính.")
    assert house.standing() == {"ldld-cam-lo": (120, second)}
    between = house.now
    house.use(PLAIN)
    assert [item[0] for item in changed(house.plan())] == [second]
    house.apply()
    assert house.standing() == {"ldld-cam-lo": (100, first)}
    assert house.standing(as_of=between) == {"ldld-cam-lo": (120, second)}
    assert house.outcome(second) is Outcome.NEEDS_REVIEW
    assert changed(house.plan()) == []
    house.use(with_alias())
    assert [item[0] for item in changed(house.plan())] == [second]
    house.apply()
    assert house.standing() == {"ldld-cam-lo": (120, second)}
    assert changed(house.plan()) == []


def test_what_a_person_decided_is_not_judged_again(house: House) -> None:
    typed = house.receive("camlo@gmail.example", 100, label=ODD)
    house.desk().act("correct", typed, values={"members": 111})
    refused = house.receive("huonghoa@gmail.example", 200, label=ODD)
    house.desk().act("reject", refused, reason="Số liệu sai.")
    house.use(with_alias())
    found = house.plan()
    assert (changed(found), found.decided, found.read) == ([], 2, 0)
    assert house.apply(found).messages == {}
    assert (house.standing(), house.outcome(refused)) == ({"ldld-cam-lo": (111, typed)}, Outcome.REJECTED)


def test_an_address_decided_on_is_no_decision_on_the_mail_it_came_from(house: House) -> None:
    strange = house.receive("nguoila@gmail.example", 100)
    assert house.outcome(strange) is Outcome.ACCEPTED_WITH_WARNINGS
    with house.sessions.begin() as session:
        approve_address(session, "nguoila@gmail.example", who="Lan", now=house.now)
    with pytest.raises(DecisionRefused, match="does not wait"):
        house.desk().act("accept", strange)
    first, *others = PLAIN.fields
    house.use(replace(PLAIN, fields=(replace(first, labels=(("quân số",),)), *others), label_words=("quân số",)))
    found = house.plan()
    assert (found.decided, [change.message_id for change in found.changes]) == (0, [strange])


def test_a_mail_that_would_now_be_taken_does_not_replace_what_a_person_settled_later(house: House) -> None:
    odd = house.receive("camlo@gmail.example", 100, label=ODD)
    typed = house.receive("camlo@gmail.example", 105, label=ODD)
    house.desk().act("correct", typed, values={"members": 111})
    late = house.receive("camlo@gmail.example", 120, label=ODD, body="Báo cáo đính chính.")
    house.use(with_alias())
    found = house.plan()
    kept = {change.message_id: change.kept for change in found.changes}
    assert set(kept) == {odd, late}
    assert kept[odd] == ""
    assert kept[late].startswith("a person settled ldld-cam-lo 2020-W35")
    assert set(house.apply(found).messages) == {odd}
    assert house.standing() == {"ldld-cam-lo": (111, typed)}
    with house.sessions.begin() as session:
        (read,) = [
            item for item in report_history(session, "bluezone", "ldld-cam-lo", W35) if item.message_id == odd and "members" in item.values
        ]
    assert (read.status, read.values["members"]) == (ReportStatus.SUPERSEDED, 100)
    assert [change.message_id for change in house.plan().changes if not change.kept] == []


def test_a_held_mail_that_was_applied_can_still_be_decided_by_a_person(house: House) -> None:
    house.use(with_alias())
    sure = house.receive("camlo@gmail.example", 100, label=ODD)
    house.use(PLAIN)
    house.apply()
    assert house.standing() == {}
    assert house.desk().act("reject", sure, reason="Số liệu sai.").outcome is Outcome.REJECTED
    assert changed(house.plan()) == []


def test_nothing_is_applied_when_the_ledger_moved_on(house: House) -> None:
    house.receive("camlo@gmail.example", 100, label=ODD)
    house.use(with_alias())
    found = house.plan()
    house.receive("huonghoa@gmail.example", 200)
    with pytest.raises(ConflictError, match="run it again"):
        house.apply(found)
    assert house.apply().act_id is not None


def test_a_mail_that_is_judged_while_a_replay_is_written_waits_and_is_judged_against_it(
    house: House, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("a writing session on SQLite is alone")
    odd = house.receive("camlo@gmail.example", 100, label=ODD)
    house.use(with_alias())
    found = house.plan()
    later: list[int] = []
    judging = Thread(target=lambda: later.append(house.receive("camlo@gmail.example", 150)))

    def looked_at(session: Session) -> tuple[int, int, int]:
        """Between the look at the ledger and the writing, a mail of the same unit comes in."""
        mark = ledger_mark(session)
        judging.start()
        waits = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        while judging.is_alive():
            with engine.connect() as other:
                if other.execute(waits).scalar_one():
                    break
        return mark

    monkeypatch.setitem(apply.__globals__, "ledger_mark", looked_at)
    house.apply(found)
    judging.join()
    assert [house.details(number).message.outcome for number in (odd, *later)] == [Outcome.ACCEPTED, Outcome.ACCEPTED]
    with house.sessions.begin() as session:
        (stands,) = accepted_reports(session, "bluezone")
    assert stands.values["members"] == 150


def test_a_reading_process_that_cannot_be_started_ends_the_replay(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.receive("camlo@gmail.example", 100)

    def no_room(*_task: object, seconds: float) -> Future[Any]:
        failed: Future[Any] = Future()
        failed.set_exception(ReadingUnavailable("no more processes"))
        return failed

    monkeypatch.setattr(HerePool, "submit", no_room)
    with pytest.raises(ReadingUnavailable):
        house.plan()


def test_only_the_mails_since_a_day_are_read_when_asked(house: House) -> None:
    first = house.receive("camlo@gmail.example", 100, label=ODD)
    since = house.now + timedelta(seconds=1)
    house.receive("camlo@gmail.example", 100)
    last = house.receive("huonghoa@gmail.example", 200, label=ODD)
    house.use(with_alias())
    assert [item[0] for item in changed(house.plan(since=since))] == [last]
    assert house.plan(since=since).read == 2
    assert house.plan().changes[0].message_id == first
