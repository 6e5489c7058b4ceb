"""What stops the outbox: the provider's daily limit, the breaker against loops; and the person who lets it go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.app.outgoing import OutboxDesk
from mailbox_ingest.config import SmtpConfig
from mailbox_ingest.delivery import Breaker, Outbox, deliver
from mailbox_ingest.delivery.breaker import LEAST_REPLIES, subject_pattern
from mailbox_ingest.errors import DecisionRefused, SubmissionDeferred, SubmissionPaused
from mailbox_ingest.model import LetterContent, Mailbox, OutgoingKind, OutgoingMail, Unit
from mailbox_ingest.smtp import SmtpSubmitter
from mailbox_ingest.store.outgoing.gates import closed_gates
from mailbox_ingest.store.outgoing.lookup import list_outbox
from mailbox_ingest.store.outgoing.outbox import queue_mail
from mailbox_ingest.store.outgoing.records import SentReply
from mailbox_ingest.store.people.audit import list_acts
from mailbox_ingest.store.registry.units import import_units
from servers.smtp import SmtpServer

START = datetime(2020, 8, 21, 3, 0, tzinfo=UTC)
LIMIT = "550 5.4.5 Daily user sending limit exceeded. For more information visit https://support.google.com/a/answer/166852"
Queue = Callable[..., None]


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox(sessions: sessionmaker[Session], smtp_config: SmtpConfig, clock: Clock) -> Outbox:
    return Outbox(sessions=sessions, submitter=SmtpSubmitter(smtp_config), clock=clock, budget_24h_recipients=1000)


@pytest.fixture
def queue(sessions: sessionmaker[Session], clock: Clock) -> Queue:
    def put(key: str, kind: OutgoingKind = OutgoingKind.RECEIPT, *, to: str = "camlo@b.example", subject: str = "Re: BC") -> None:
        mail = OutgoingMail(
            key=key,
            kind=kind,
            message_id=f"<{key.replace(':', '-')}@baocao.example>",
            sender=Mailbox(email="baocao@qt.example"),
            to=(Mailbox(email=to),),
            content=LetterContent(subject=subject, text="x"),
            auto_submitted="auto-generated",
        )
        with sessions.begin() as session:
            queue_mail(session, mail, now=clock())

    return put


def states(outbox: Outbox) -> dict[str, str]:
    with outbox.sessions() as session:
        return {entry.key: entry.state for entry in list_outbox(session)}


def closed(outbox: Outbox) -> list[str]:
    with outbox.sessions() as session:
        return [gate.gate for gate in closed_gates(session, now=outbox.clock())]


def desk(outbox: Outbox) -> OutboxDesk:
    return OutboxDesk(sessions=outbox.sessions, who="thu", now=outbox.clock())


# ---------------------------------------------------------------- the provider's daily limit


def test_the_daily_limit_pauses_everything_for_a_time_and_no_mail_is_blamed(
    outbox: Outbox, queue: Queue, smtp_server: SmtpServer, clock: Clock
) -> None:
    for number in range(3):
        queue(f"receipt:{number}")
    queue("digest:1", OutgoingKind.DIGEST)
    smtp_server.answers = [LIMIT]
    result = deliver(outbox)
    assert isinstance(result.problem, SubmissionPaused) and result.sent == 0
    assert closed(outbox) == ["sending"]
    connections = smtp_server.connections
    clock.now += timedelta(minutes=59)
    assert deliver(outbox).problem is None
    assert smtp_server.connections == connections, "nothing is even tried before the time is over"
    clock.now += timedelta(minutes=31)  # those that were not tried wait for half an hour at most
    assert deliver(outbox).sent == 4
    assert closed(outbox) == []


def test_a_limit_that_lasts_pauses_longer_each_time_and_a_mail_that_goes_out_forgets_it(
    outbox: Outbox, queue: Queue, smtp_server: SmtpServer, clock: Clock
) -> None:
    queue("receipt:0")
    pauses = []
    for _ in range(7):
        smtp_server.answers = [LIMIT]
        deliver(outbox)
        with outbox.sessions() as session:
            (gate,) = closed_gates(session, now=clock())
        assert gate.until is not None and "Daily user sending limit" in gate.reason
        pauses.append((gate.until - clock()) / timedelta(hours=1))
        clock.now = gate.until
    assert pauses == [1, 2, 4, 8, 16, 24, 24]
    assert deliver(outbox).sent == 1
    queue("receipt:1")
    smtp_server.answers = [LIMIT]
    deliver(outbox)
    with outbox.sessions() as session:
        (gate,) = closed_gates(session, now=clock())
    assert gate.until == clock() + timedelta(hours=1)


@pytest.mark.parametrize(
    ("answer", "pauses"),
    [
        ("550 5.4.5 Daily SMTP relay sending limit exceeded for customer.", True),
        ("550-5.4.5 Daily user sending quota\r\n550 5.4.5 exceeded", True),
        ("454 4.4.5 daily user sending limit exceeded", True),
        ("451 4.3.0 try again later", False),
        ("450 4.2.1 The user you are trying to contact is receiving mail too quickly", False),
    ],
)
def test_only_the_limit_of_the_whole_account_pauses(
    outbox: Outbox, queue: Queue, smtp_server: SmtpServer, answer: str, *, pauses: bool
) -> None:
    queue("receipt:0")
    smtp_server.answers = [answer]
    result = deliver(outbox)
    assert result.deferred == 1
    assert closed(outbox) == (["sending"] if pauses else [])


def test_a_hundred_receipts_beyond_the_budget_do_not_hide_the_digest(outbox: Outbox, queue: Queue, smtp_server: SmtpServer) -> None:
    for number in range(100):
        queue(f"receipt:{number}", to=f"u{number}@b.example")
    queue("digest:1", OutgoingKind.DIGEST)
    assert deliver(replace(outbox, budget_24h_recipients=5, reserved_for_digest=3)).sent == 3
    assert states(outbox)["digest:1"] == "sent"


# ---------------------------------------------------------------- the breaker


def test_too_many_replies_in_the_window_stop_replies_and_nothing_else(outbox: Outbox, queue: Queue, clock: Clock) -> None:
    small = replace(outbox, breaker=Breaker(replies=5, window=timedelta(hours=1)))
    for number in range(8):
        queue(f"receipt:{number}", to=f"u{number}@b.example")
    queue("digest:1", OutgoingKind.DIGEST)
    queue("reminder:1", OutgoingKind.REMINDER)
    queue("decision:1", OutgoingKind.REVIEW_DECISION, to="v@b.example")
    deliver(small)
    found = states(small)
    assert sum(state == "sent" for key, state in found.items() if key.startswith("receipt")) == 5
    assert (found["digest:1"], found["reminder:1"], found["decision:1"]) == ("sent", "sent", "queued")
    assert closed(small) == ["replies"]
    clock.now += timedelta(days=3)  # time alone does not open it
    assert deliver(small).sent == 0


def test_the_breaker_lets_every_unit_of_a_large_office_have_its_receipt_and_says_what_to_raise() -> None:
    went_out = [SentReply(email=f"u{number}@b.example", subject="Re: Báo cáo") for number in range(LEAST_REPLIES)]
    breaker = Breaker()
    assert "outbox.breaker_replies" in str(breaker.trips(went_out, ["v@b.example"], "Re: Báo cáo", units=32))
    assert breaker.trips(went_out, ["v@b.example"], "Re: Báo cáo", units=5000) is None
    assert breaker.trips(went_out * 25, ["v@b.example"], "Re: Báo cáo", units=5000) is not None
    assert replace(breaker, replies=3).trips(went_out[:3], ["v@b.example"], "Re: Báo cáo", units=5000) is not None


def test_the_breaker_counts_the_units_that_are_registered(outbox: Outbox, queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailbox_ingest.delivery.breaker.LEAST_REPLIES", 2)
    units = [Unit(code=f"u{number}", name=f"Đơn vị {number}", group="", emails=()) for number in range(4)]
    with outbox.sessions.begin() as session:
        import_units(session, units, now=START)
    for number in range(6):
        queue(f"receipt:{number}", to=f"u{number}@b.example")
    assert deliver(outbox).sent == 4


def test_replies_spread_over_the_day_do_not_trip_the_breaker(outbox: Outbox, queue: Queue, clock: Clock) -> None:
    small = replace(outbox, breaker=Breaker(replies=5, window=timedelta(hours=1)))
    for number in range(20):
        queue(f"receipt:{number}", to=f"u{number}@b.example")
        clock.now += timedelta(minutes=15)
        assert deliver(small).sent == 1
    assert closed(small) == []


def test_a_loop_with_one_address_is_seen_whatever_it_counts_in_the_subject(outbox: Outbox, queue: Queue, clock: Clock) -> None:
    for number in range(20):
        queue(f"loop:{number}", to="Loop@b.example" if number % 2 else "loop@b.example", subject=f"Re: [Ticket #{number}] Automatic answer")
        deliver(outbox)
        clock.now += timedelta(minutes=2)
    assert sum(state == "sent" for state in states(outbox).values()) == 12
    assert closed(outbox) == ["replies"]
    with outbox.sessions() as session:
        (gate,) = closed_gates(session, now=clock())
    assert "loop@b.example" in gate.reason


def test_one_person_may_write_about_many_things(outbox: Outbox, queue: Queue) -> None:
    subjects = [
        f"Re: Báo cáo của {name}" for name in ("Cam Lộ", "Vĩnh Linh", "Gio Linh", "Hướng Hóa", "Đakrông", "Triệu Phong", "Hải Lăng")
    ]
    for number, subject in enumerate(subjects * 2):
        queue(f"receipt:{number}", subject=subject)
    deliver(outbox)
    assert closed(outbox) == []
    assert set(states(outbox).values()) == {"sent"}


def test_a_person_opens_what_is_closed_and_counting_begins_anew(outbox: Outbox, queue: Queue, clock: Clock) -> None:
    small = replace(outbox, breaker=Breaker(replies=5))
    for number in range(8):
        queue(f"receipt:{number}", to=f"u{number}@b.example")
    deliver(small)
    clock.now += timedelta(minutes=1)
    assert [gate.gate for gate in desk(small).resume(reason="đã xem")] == ["replies"]
    assert desk(small).resume() == ()
    assert deliver(small).sent == 3
    with small.sessions() as session:
        (act,) = list_acts(session, subject="outbox:replies")
    assert (act.who, act.action, act.note) == ("thu", "outbox_resumed", "đã xem")


@pytest.mark.parametrize(
    "subject", ["Re: Báo cáo tuần 34", "RE: FW: Báo cáo tuần 35 (2)", "Trả lời: báo cáo tuần 36", "Fwd: [#12] Báo cáo, tuần 7!"]
)
def test_a_subject_is_the_same_whatever_the_round_adds(subject: str) -> None:
    assert subject_pattern(subject) == "báo cáo tuần"


# ---------------------------------------------------------------- a person


def test_what_failed_can_be_let_go_again_and_what_is_not_wanted_dropped(
    outbox: Outbox, queue: Queue, smtp_server: SmtpServer, clock: Clock
) -> None:
    queue("receipt:1")
    queue("receipt:2")
    smtp_server.answers = ["554 no", "554 no"]
    deliver(outbox)
    assert desk(outbox).release("receipt:1", reason="địa chỉ đã sửa").state == "queued"
    assert desk(outbox).drop("receipt:2", reason="không cần nữa").state == "given_up"
    assert deliver(outbox).sent == 1
    with pytest.raises(DecisionRefused, match="is sent"):
        desk(outbox).release("receipt:1")
    with pytest.raises(DecisionRefused, match="is sent"):
        desk(outbox).drop("receipt:1", reason="x")
    with pytest.raises(DecisionRefused, match="expected the number"):
        desk(outbox).show("receipt:9")
    with pytest.raises(DecisionRefused, match="a reason"):
        desk(outbox).drop("receipt:2", reason=" ")
    with outbox.sessions() as session:
        assert [(act.action, act.who, act.note) for act in reversed(list_acts(session))] == [
            ("outbox_released", "thu", "địa chỉ đã sửa"),
            ("outbox_dropped", "thu", "không cần nữa"),
        ]


def test_a_mail_put_off_for_too_long_is_given_up(outbox: Outbox, queue: Queue, clock: Clock) -> None:
    class Later:
        broken = False

        def __enter__(self) -> Later:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def connected(self) -> Later:
            return self

        def send(self, *_: object) -> str:
            raise SubmissionDeferred("451 later")

    queue("receipt:1")
    later = replace(outbox, submitter=Later())
    for _ in range(59):
        assert deliver(later).deferred == 1
        clock.now += timedelta(hours=4)
    assert deliver(later).given_up == 1
    assert states(outbox) == {"receipt:1": "given_up"}
    assert deliver(later).deferred == 0
    desk(outbox).release("receipt:1")
    assert deliver(outbox).sent == 1
