"""Admission on a real store: machines get no answer, people do; bounces become contact health; strangers are proposed, never registered."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import AdmissionConfig, LimitsConfig, OrganisationConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.errors import DecisionRefused
from mailbox_ingest.model import ContactState, LetterContent, Mailbox, Outcome, OutgoingKind, OutgoingMail, Unit
from mailbox_ingest.reading.pending import Processed, Reader
from mailbox_ingest.store.ledger.door import record_message
from mailbox_ingest.store.ledger.lookup import message_details
from mailbox_ingest.store.ledger.records import Arrival, MessageDetails
from mailbox_ingest.store.outgoing.lookup import list_outbox
from mailbox_ingest.store.outgoing.outbox import claim_due, mark_failed, mark_given_up, mark_sent, queue_mail
from mailbox_ingest.store.people.audit import list_acts
from mailbox_ingest.store.registry.contacts import Contact, contact_states, dead_addresses, mark_reachable
from mailbox_ingest.store.registry.proposals import approve_address, decline_address, list_proposals
from mailbox_ingest.store.registry.units import import_units, load_units
from mails.bounces import BOUNCES, Bounce
from mails.machines import MACHINES
from mails.making import CLERK, OUR_ID, OURS, form_mail
from mails.people import PEOPLE
from mails.people import units as peoples_units

NOW = datetime(2020, 8, 28, 2, 5, tzinfo=UTC)
CAM_LO = Unit(code="ldld-cam-lo", name="LĐLĐ huyện Cam Lộ", group="huyện", emails=(CLERK,))
HUONG_HOA = Unit(code="ldld-huong-hoa", name="LĐLĐ huyện Hướng Hóa", group="huyện", emails=("huonghoa@gmail.example",))


class HerePool:
    """Runs the work in this process."""

    def submit(self, function: Callable[..., Any], /, *args: Any, seconds: float) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*args))
        return future


@dataclass
class House:
    sessions: sessionmaker[Session]
    uid: int = 0

    def put(self, raw: bytes, at: datetime = NOW) -> int:
        self.uid += 1
        arrival = Arrival(account="chinh", folder="INBOX", uidvalidity=1, uid=self.uid, raw=raw, arrived_at=at)
        with self.sessions.begin() as session:
            return record_message(session, arrival, now=NOW).id

    def read(self) -> list[Processed]:
        reader = Reader(
            sessions=self.sessions,
            pool=HerePool(),
            forms=(builtin_form("bluezone"),),
            organisation=OrganisationConfig(),
            admission=AdmissionConfig(),
            limits=LimitsConfig(),
            clock=lambda: NOW,
            own_addresses=frozenset((OURS,)),
        )
        return list(reader.read_pending())

    def take(self, raw: bytes, at: datetime = NOW) -> Processed:
        self.put(raw, at)
        (processed,) = self.read()
        return processed

    def details(self, ledger_id: int) -> MessageDetails:
        with self.sessions() as session:
            found = message_details(session, ledger_id)
        assert found is not None
        return found

    def replies(self) -> int:
        with self.sessions() as session:
            return sum(entry.kind == OutgoingKind.RECEIPT.value for entry in list_outbox(session))

    def wrote(self, *to: str, message_id: str = OUR_ID, at: datetime = NOW - timedelta(days=1)) -> int:
        """A reminder of ours went out."""
        mail = OutgoingMail(
            key=f"reminder:bluezone:2020-W35:0:{message_id}",
            kind=OutgoingKind.REMINDER,
            message_id=message_id,
            sender=Mailbox(email=OURS),
            to=tuple(Mailbox(email=email) for email in to or (CLERK,)),
            content=LetterContent(subject="Nhắc báo cáo", text="Đề nghị báo cáo."),
            auto_submitted="auto-generated",
        )
        with self.sessions.begin() as session:
            number = queue_mail(session, mail, now=at)
            assert number is not None
            claim_due(session, now=at, limit=5, budget_recipients=50)
            mark_sent(session, number, now=at, answer="250 ok")
        return number

    def contact(self, address: str = CLERK) -> Contact | None:
        with self.sessions() as session:
            return contact_states(session).get(address)


@pytest.fixture
def house(sessions: sessionmaker[Session]) -> House:
    return _furnished(sessions)


@pytest.fixture
def one_house(sqlite_sessions: sessionmaker[Session]) -> House:
    """For many mails on one store."""
    return _furnished(sqlite_sessions)


def _furnished(sessions: sessionmaker[Session]) -> House:
    with sessions.begin() as session:
        import_units(session, (CAM_LO, HUONG_HOA, *peoples_units()), now=NOW)
    return House(sessions)


# ---------------------------------------------------------------- machines and people


def test_no_machine_of_any_system_is_answered_or_counted_as_a_report(one_house: House) -> None:
    everything = [*(mail.raw for mail in MACHINES), *(bounce.mail.raw for bounce in BOUNCES)]
    ids = [one_house.put(raw) for raw in everything]
    read = one_house.read()
    assert [p.ledger_id for p in read] == ids
    assert {p.outcome for p in read} == {Outcome.IGNORED}
    assert [p.ledger_id for p in read if p.reply is not None] == []
    assert one_house.replies() == 0


def test_every_person_who_looks_like_a_machine_is_answered(one_house: House) -> None:
    ids = [one_house.put(mail.raw) for mail in PEOPLE]
    read = {p.ledger_id: p for p in one_house.read()}
    unanswered = [mail.name for mail, ledger_id in zip(PEOPLE, ids, strict=True) if read[ledger_id].reply is None]
    assert unanswered == []
    assert Outcome.IGNORED not in {p.outcome for p in read.values()}


@pytest.mark.parametrize(
    "headers",
    [
        ("Auto-Submitted: auto-generated",),
        ("X-Autoreply: yes",),
        ("Precedence: bulk",),
        ("List-Id: <cd.lists.example>",),
        ("Return-Path: <>",),
        ("X-Autorespond: yes", "Precedence: auto_reply"),
    ],
    ids=lambda headers: headers[0],
)
def test_a_machine_with_a_valid_form_is_ingested_and_not_answered(one_house: House, headers: tuple[str, ...]) -> None:
    processed = one_house.take(form_mail("form", CLERK, "LĐLĐ HUYỆN CAM LỘ", *headers))
    assert (processed.outcome, processed.reply) == (Outcome.ACCEPTED, None)
    assert one_house.contact() is None, "a machine is no sign of life"


# ---------------------------------------------------------------- contact health


@pytest.mark.parametrize("bounce", BOUNCES, ids=lambda bounce: bounce.mail.name)
def test_a_bounce_of_our_mail_tells_how_the_address_fares(one_house: House, bounce: Bounce) -> None:
    one_house.wrote()
    ledger_id = one_house.put(bounce.mail.raw)
    one_house.read()
    contact = one_house.contact()
    assert (contact and contact.state) == bounce.state
    if contact is not None:
        assert (contact.status, contact.message_id, contact.since) == (bounce.status, ledger_id, NOW)


def _bounce(name: str) -> bytes:
    return next(bounce.mail.raw for bounce in BOUNCES if bounce.mail.name == name)


def test_a_forged_bounce_marks_nobody_dead(house: House) -> None:
    house.wrote(message_id="<another@congdoan-qt.example>")
    house.take(_bounce("gmail-no-such-user"))
    assert house.contact() is None, "it names a mail that we never sent"


def test_a_bounce_that_names_no_mail_makes_an_address_doubtful_at_most(house: House) -> None:
    nameless = _bounce("qmail").split(b"--- Below")[0]
    house.take(nameless)
    assert house.contact() is None, "we did not write to it"
    house.wrote()
    house.take(nameless + b"Again.\r\n")
    contact = house.contact()
    assert contact is not None and contact.state is ContactState.UNKNOWN
    with house.sessions() as session:
        assert dead_addresses(session) == {}


def test_a_bounce_of_a_mail_to_one_says_nothing_certain_of_another(house: House) -> None:
    house.wrote("huonghoa@gmail.example")
    house.take(_bounce("gmail-no-such-user"))  # our Message-ID, but the recipient is the clerk of Cam Lộ
    assert house.contact() is None
    contact = house.contact("huonghoa@gmail.example")
    assert contact is not None and contact.state is ContactState.UNKNOWN


def test_a_bounce_that_fails_authentication_is_not_believed(house: House) -> None:
    house.wrote()
    house.take(_bounce("gmail-no-such-user").replace(b"dmarc=pass", b"dmarc=fail"))
    assert house.contact() is None


def test_a_mail_from_a_dead_address_brings_it_back_to_life_and_an_older_bounce_does_not_kill_it_again(house: House) -> None:
    house.wrote()
    house.take(_bounce("gmail-no-such-user"))
    with house.sessions() as session:
        assert list(dead_addresses(session)) == [CLERK]
    processed = house.take(form_mail("alive", CLERK, "LĐLĐ HUYỆN CAM LỘ"), at=NOW + timedelta(hours=2))
    contact = house.contact()
    assert contact is not None
    assert (contact.state, contact.since, contact.status) == (ContactState.REACHABLE, NOW + timedelta(hours=2), "5.1.1")
    assert contact.message_id == processed.ledger_id
    house.take(_bounce("postfix-user-unknown"), at=NOW + timedelta(hours=1))
    again = house.contact()
    assert again is not None and again.state is ContactState.REACHABLE


@pytest.mark.parametrize("results", ["dmarc=fail", "none"])
def test_an_impostor_brings_no_address_back_to_life(house: House, results: str) -> None:
    house.wrote()
    house.take(_bounce("gmail-no-such-user"))
    raw = form_mail("impostor", CLERK, "LĐLĐ HUYỆN CAM LỘ").replace(
        b"dkim=pass header.i=@gmail.example;\r\n       dmarc=pass", results.encode()
    )
    house.take(raw, at=NOW + timedelta(hours=2))
    contact = house.contact()
    assert contact is not None and contact.state is ContactState.DEAD


def test_a_refusal_on_the_line_counts_like_a_bounce(house: House) -> None:
    with house.sessions.begin() as session:
        for number, (to, answer) in enumerate(
            (
                ("chet@x.example", "550 5.1.1 user unknown"),
                ("day@x.example", "given up after 60 attempts: 452 4.2.2 mailbox full"),
                ("khong-muon@x.example", "550 5.7.1 not wanted"),
            )
        ):
            mail = OutgoingMail(
                key=f"receipt:{number}",
                kind=OutgoingKind.RECEIPT,
                message_id=f"<{number}@x.example>",
                sender=Mailbox(email=OURS),
                to=(Mailbox(email=to),),
                content=LetterContent(subject="s", text="t"),
                auto_submitted="auto-replied",
            )
            mail_id = queue_mail(session, mail, now=NOW)
            assert mail_id is not None
            claim_due(session, now=NOW, limit=5, budget_recipients=50)
            settle = mark_given_up if answer.startswith("given up") else mark_failed
            settle(session, mail_id, now=NOW, reason=answer)
        states = {address: contact.state for address, contact in contact_states(session).items()}
    assert states == {"chet@x.example": ContactState.DEAD, "day@x.example": ContactState.MAILBOX_FULL}


def test_the_latest_evidence_decides_in_whatever_order_it_is_read(one_house: House) -> None:
    one_house.wrote()
    evidence = [
        (1, _bounce("gmail-no-such-user"), ContactState.DEAD),
        (2, form_mail("first", CLERK, "LĐLĐ HUYỆN CAM LỘ"), ContactState.REACHABLE),
        (3, _bounce("gmail-out-of-storage"), ContactState.MAILBOX_FULL),
        (4, form_mail("second", CLERK, "LĐLĐ HUYỆN CAM LỘ", installed=1200), ContactState.REACHABLE),
        (5, _bounce("gmail-account-disabled"), ContactState.DEAD),
    ]
    rng = random.Random(35)
    for round_ in range(12):
        chosen = rng.sample(evidence, k=rng.randint(1, len(evidence)))
        for hour, raw, _ in chosen:
            fresh = raw.replace(b"\r\n\r\n", f"\r\nX-Round: {round_}\r\n\r\n".encode(), 1).replace(
                b"Message-ID: <", f"Message-ID: <{round_}.".encode(), 1
            )
            one_house.take(fresh, at=NOW + timedelta(days=round_, hours=hour))
        contact = one_house.contact()
        assert contact is not None
        assert contact.state is max(chosen)[2], [hour for hour, _, _ in chosen]


def test_a_person_may_say_that_an_address_lives(house: House) -> None:
    house.wrote()
    house.take(_bounce("gmail-no-such-user"))
    with house.sessions.begin() as session:
        before = mark_reachable(session, CLERK, now=NOW + timedelta(hours=1))
        assert before is not None and before.state is ContactState.DEAD
        assert mark_reachable(session, "la@x.example", now=NOW) is None
    contact = house.contact()
    assert contact is not None and contact.state is ContactState.REACHABLE


# ---------------------------------------------------------------- proposals

STRANGER = "chimxanh95@gmail.example"


def proposed(house: House) -> list[tuple[str, str, int, str]]:
    with house.sessions() as session:
        return [(p.address, p.unit, p.seen, p.state) for p in list_proposals(session)]


@pytest.fixture
def stranger(house: House) -> Iterator[House]:
    processed = house.take(form_mail("a", STRANGER, "LĐLĐ HUYỆN CAM LỘ"))
    assert processed.outcome is Outcome.ACCEPTED_WITH_WARNINGS
    yield house


def test_a_stranger_under_a_clear_letterhead_is_proposed_and_hears_only_its_own_figures(house: House) -> None:
    house.take(form_mail("before", CLERK, "LĐLĐ HUYỆN CAM LỘ", installed=1111), at=NOW - timedelta(days=7))
    processed = house.take(form_mail("now", STRANGER, "LĐLĐ HUYỆN CAM LỘ").replace(b"1.950", b"1.951"))
    assert processed.reply is not None
    said = processed.reply.content.text + (processed.reply.content.html or "")
    assert "1.111" not in said, "what the unit gave last week is not for a stranger"
    assert [to.email for to in processed.reply.to] == [STRANGER]
    assert proposed(house) == [(STRANGER, "ldld-cam-lo", 1, "proposed")]


def test_nothing_less_is_proposed(house: House) -> None:
    house.take(form_mail("own", CLERK, "LĐLĐ HUYỆN CAM LỘ"))
    house.take(form_mail("others", CLERK, "LĐLĐ HUYỆN HƯỚNG HÓA", installed=1001))
    house.take(form_mail("misspelt", STRANGER, "LĐLĐ HUYỆN CAM LÔ.", installed=1005))
    house.take(form_mail("foreign", STRANGER, "UBND XÃ HẢI PHÚ", installed=1002))
    house.take(form_mail("machine", "may@x.example", "LĐLĐ HUYỆN CAM LỘ", "Auto-Submitted: auto-generated", installed=1003))
    forged = form_mail("forged", "la@x.example", "LĐLĐ HUYỆN CAM LỘ", installed=1004).replace(b"dmarc=pass", b"dmarc=fail")
    house.take(forged)
    assert proposed(house) == []


def test_an_approved_address_is_registered_with_an_act_and_its_next_mail_is_a_registered_ones(stranger: House) -> None:
    with stranger.sessions.begin() as session:
        done = approve_address(session, STRANGER, who="lan", now=NOW)
        assert (done.state, done.decided_by) == ("approved", "lan")
        (act,) = list_acts(session, subject="unit:ldld-cam-lo")
        assert (act.action, act.who, act.message_id, act.after) == (
            "approve-address",
            "lan",
            done.message_id,
            {"emails": [CLERK, STRANGER]},
        )
        assert next(unit for unit in load_units(session) if unit.code == "ldld-cam-lo").emails == (CLERK, STRANGER)
    processed = stranger.take(form_mail("b", STRANGER, "LĐLĐ HUYỆN CAM LỘ", installed=1200))
    assert processed.verdict is not None and processed.verdict.sender_registered
    assert processed.outcome is Outcome.ACCEPTED
    with stranger.sessions.begin() as session, pytest.raises(DecisionRefused, match="waits for a decision"):
        approve_address(session, STRANGER, who="lan", now=NOW)


def test_what_was_declined_stays_declined_and_is_only_counted(stranger: House) -> None:
    with stranger.sessions.begin() as session:
        decline_address(session, STRANGER, who="lan", now=NOW)
        assert [act.action for act in list_acts(session)] == ["decline-address"]
    stranger.take(form_mail("b", STRANGER, "LĐLĐ HUYỆN CAM LỘ", installed=1200))
    assert proposed(stranger) == [(STRANGER, "ldld-cam-lo", 2, "declined")]
    with stranger.sessions.begin() as session, pytest.raises(DecisionRefused):
        decline_address(session, STRANGER, who="lan", now=NOW)


def test_a_person_may_name_another_unit_and_must_where_there_are_several(stranger: House) -> None:
    stranger.take(form_mail("b", STRANGER, "LĐLĐ HUYỆN HƯỚNG HÓA", installed=1200))
    with stranger.sessions.begin() as session, pytest.raises(DecisionRefused, match="ldld-cam-lo, ldld-huong-hoa"):
        approve_address(session, STRANGER, who="lan", now=NOW)
    with stranger.sessions.begin() as session, pytest.raises(DecisionRefused, match="nirgendwo"):
        approve_address(session, STRANGER, unit="nirgendwo", who="lan", now=NOW)
    with stranger.sessions.begin() as session:
        approve_address(session, STRANGER, unit="ldld-huong-hoa", who="lan", now=NOW)
    assert sorted(proposed(stranger)) == [(STRANGER, "ldld-cam-lo", 1, "proposed"), (STRANGER, "ldld-huong-hoa", 1, "approved")]
    with stranger.sessions.begin() as session:
        approve_address(session, STRANGER, unit="cd-01", who="lan", now=NOW)
    assert sorted(proposed(stranger)) == [
        (STRANGER, "cd-01", 1, "approved"),
        (STRANGER, "ldld-cam-lo", 1, "declined"),
        (STRANGER, "ldld-huong-hoa", 1, "approved"),
    ]


def test_an_import_that_undoes_an_approval_brings_the_proposal_back(stranger: House) -> None:
    with stranger.sessions.begin() as session:
        approve_address(session, STRANGER, who="lan", now=NOW)
    with stranger.sessions.begin() as session:
        import_units(session, (CAM_LO, HUONG_HOA), now=NOW)
    assert proposed(stranger) == [(STRANGER, "ldld-cam-lo", 1, "proposed")]
