"""A person decides: the form's hard rules hold for people, too, nobody decides twice, and lateness goes by the mail's arrival."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import FieldConfig, FormConfig
from mailbox_ingest.errors import ConflictError, DecisionRefused
from mailbox_ingest.model import Evidence, Outcome, OutgoingKind, OutgoingMail, ReportStatus
from mailbox_ingest.periods import Period
from mailbox_ingest.review import Decided, Decision, Reviewer, accept, correct, list_held, reject, show_held
from mailbox_ingest.store.ledger.claims import fail_attempt
from mailbox_ingest.store.ledger.door import record_message
from mailbox_ingest.store.ledger.lookup import find_message, message_details
from mailbox_ingest.store.outgoing.lookup import list_outbox
from mailbox_ingest.store.people.audit import list_acts
from mailbox_ingest.store.reports.standing import accepted_reports, report_history

W33, W34 = Period(2020, 33), Period(2020, 34)
FORMS = {
    "bluezone": FormConfig(
        name="bluezone",
        title="Bluezone",
        fields=(
            FieldConfig(name="members", title="Tổng số", labels=()),
            FieldConfig(name="smartphone_users", title="Có ĐTTM", labels=(), part_of="members"),
            FieldConfig(name="installed", title="Đã cài", labels=(), part_of="smartphone_users"),
        ),
    )
}
GOOD = {"members": 100, "smartphone_users": 80, "installed": 60}
LATE_DECISION = timedelta(days=6)


@dataclass
class Desk:
    """A person's desk: decides in transactions of its own, and keeps what the letters would be about."""

    sessions: sessionmaker[Session]
    now: datetime
    mail: Callable[..., OutgoingMail]
    letters: list[Decision] = field(default_factory=list)

    def letter(self, decision: Decision) -> OutgoingMail:
        self.letters.append(decision)
        return self.mail(decision.key, OutgoingKind.REVIEW_DECISION)

    def by(self, who: str) -> Reviewer:
        return Reviewer(who=who, now=self.now, forms=FORMS, letter=self.letter)

    def accept(self, key: int | str, *, who: str = "Lan", **options: Any) -> Decided:
        with self.sessions.begin() as session:
            return accept(session, key, by=self.by(who), **options)

    def correct(self, key: int | str, *, who: str = "Lan", **options: Any) -> Decided:
        with self.sessions.begin() as session:
            return correct(session, key, by=self.by(who), **options)

    def reject(self, key: int | str, *, who: str = "Lan", reason: str = "Thiếu chữ ký.", **options: Any) -> Decided:
        with self.sessions.begin() as session:
            return reject(session, key, by=self.by(who), reason=reason, **options)

    def outcome(self, message_id: int) -> Outcome | None:
        with self.sessions.begin() as session:
            found = find_message(session, message_id)
        assert found is not None
        return found.outcome


@pytest.fixture
def desk(sessions: sessionmaker[Session], mail: Callable[..., OutgoingMail], now: datetime) -> Desk:
    return Desk(sessions=sessions, now=now + LATE_DECISION, mail=mail)


def test_what_is_held_is_shown_with_everything_needed_to_decide(
    sessions: sessionmaker[Session], finished: Any, hold: Any, report: Any
) -> None:
    finished(report({**GOOD, "members": 90}, period=W33), report({**GOOD, "members": 99}))
    message_id, report_id = hold({**GOOD, "installed": 81})
    with sessions.begin() as session:
        (listed,) = list_held(session)
        shown = show_held(session, message_id, forms=FORMS)
        assert show_held(session, f"m{message_id}@b", forms=FORMS) == shown
    assert listed == shown.details
    (held,) = shown.held
    assert held.details.id == report_id
    assert held.details.values["installed"] == 81
    assert held.details.evidence["installed"][0].raw == "100 người"
    assert held.details.findings[0].code == "low_confidence"
    assert held.current is not None
    assert held.current.values["members"] == 99
    assert held.previous is not None
    assert held.previous.values["members"] == 90
    assert held.obstacles == ("installed exceeds smartphone_users (81 > 80)",)


def test_accepting_takes_the_report_as_read_by_a_human_and_on_time_by_its_arrival(desk: Desk, hold: Any, now: datetime) -> None:
    message_id, report_id = hold()  # arrived on Thursday, decided six days later
    decided = desk.accept(message_id, reason="Đã gọi điện xác nhận.")
    assert (decided.outcome, decided.report_ids) == (Outcome.ACCEPTED, (report_id,))
    assert desk.outcome(message_id) is Outcome.ACCEPTED
    with desk.sessions.begin() as session:
        (stored,) = accepted_reports(session, "bluezone")
        assert (stored.id, stored.by_human, stored.arrived_at, stored.values) == (report_id, True, now, GOOD)
        assert accepted_reports(session, "bluezone", as_of=desk.now - timedelta(seconds=1)) == ()
        details = message_details(session, message_id)
        assert details is not None
        assert details.reports[0].on_time is True
        assert details.reports[0].evidence["members"][0].raw == "100 người"
    (letter,) = desk.letters
    assert (letter.accepted, letter.reason, letter.who) == (True, "Đã gọi điện xác nhận.", "Lan")
    assert (letter.reports[0].on_time, letter.reports[0].status, letter.reports[0].findings) == (True, ReportStatus.ACCEPTED, ())


def test_a_late_mail_stays_late_when_a_human_accepts_it(desk: Desk, hold: Any) -> None:
    saturday = datetime.fromisoformat("2020-08-22T08:00:00+07:00")
    message_id, _ = hold(arrived_at=saturday)
    assert desk.accept(message_id).outcome is Outcome.ACCEPTED_WITH_WARNINGS
    assert desk.letters[0].reports[0].on_time is False


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({**GOOD, "installed": -1}, "installed is negative"),
        ({**GOOD, "installed": 81}, r"installed exceeds smartphone_users \(81 > 80\)"),
        ({**GOOD, "smartphone_users": 101}, "smartphone_users exceeds members"),
        ({"members": 100, "installed": 60}, "smartphone_users is missing"),
        ({**GOOD, "members": 5_000_001}, "above the form's limit"),
        ({**GOOD, "visitors": 3}, "'visitors' is no field of bluezone"),
    ],
)
def test_values_that_break_a_hard_rule_are_refused_from_a_human_too(desk: Desk, hold: Any, values: dict[str, int], complaint: str) -> None:
    message_id, _ = hold(values)
    with pytest.raises(DecisionRefused, match=complaint):
        desk.accept(message_id)
    other, _ = hold()
    missing = {name: value for name, value in values.items() if name in GOOD}
    if len(missing) == len(GOOD):
        with pytest.raises(DecisionRefused, match=complaint):
            desk.correct(other, values=values)
    assert desk.outcome(message_id) is Outcome.NEEDS_REVIEW
    assert desk.letters == []
    with desk.sessions.begin() as session:
        assert (accepted_reports(session, "bluezone"), list_acts(session)) == ((), ())


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        ({"unit": None}, "the unit is not known"),
        ({"period": None}, "the period is not known"),
        ({"form": "unheard-of"}, "not configured"),
    ],
)
def test_a_report_without_a_place_cannot_be_accepted_as_it_is(desk: Desk, hold: Any, parts: dict[str, Any], complaint: str) -> None:
    message_id, _ = hold(**parts)
    with pytest.raises(DecisionRefused, match=complaint):
        desk.accept(message_id)


def test_correcting_gives_a_place_and_other_values_and_keeps_what_was_read(desk: Desk, hold: Any) -> None:
    message_id, report_id = hold({**GOOD, "installed": 81}, unit=None, period=None)
    decided = desk.correct(message_id, unit="ldld-dong-ha", period=W34, values={"installed": 18})
    assert decided.report_ids == (report_id,)
    with desk.sessions.begin() as session:
        (stored,) = accepted_reports(session, "bluezone")
        assert (stored.unit, stored.values) == ("ldld-dong-ha", {**GOOD, "installed": 18})
        details = message_details(session, message_id)
        assert details is not None
        by_hand, read = details.reports[0].evidence["installed"]
        assert by_hand == Evidence(document="", place="", raw="18", method="human", reader="Lan")
        assert read.raw == "100 người"
        (act,) = list_acts(session, message_id=message_id)
        assert act.before is not None
        assert act.after is not None
        assert (act.who, act.action, act.at) == ("Lan", "correct", desk.now)
        assert (act.before["reports"][0]["values"]["installed"], act.before["reports"][0]["unit"]) == (81, None)
        assert (act.after["reports"][0]["values"]["installed"], act.after["outcome"]) == (18, "accepted")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [({"unit": "nowhere"}, "'nowhere' is not in the registry"), ({"period": Period(2020, 40)}, "2020-W40 has not begun")],
)
def test_a_correction_to_an_impossible_place_is_refused(desk: Desk, hold: Any, options: dict[str, Any], complaint: str) -> None:
    message_id, _ = hold()
    with pytest.raises(DecisionRefused, match=complaint):
        desk.correct(message_id, **options)


def test_a_message_in_which_nothing_was_read_can_be_typed_in(desk: Desk, finished: Any) -> None:
    message_id, _ = finished(outcome=Outcome.NEEDS_REVIEW)
    with pytest.raises(DecisionRefused, match="nothing was read"):
        desk.accept(message_id)
    with pytest.raises(DecisionRefused, match="unit is not known"):
        desk.correct(message_id, values=GOOD)
    assert desk.correct(message_id, unit="ldld-cam-lo", period=W34, values=GOOD).outcome is Outcome.ACCEPTED
    with desk.sessions.begin() as session:
        (stored,) = accepted_reports(session, "bluezone")
        assert (stored.values, stored.by_human, stored.message_id) == (GOOD, True, message_id)


def test_a_quarantined_message_can_be_typed_in(
    desk: Desk, registry: Any, arrival: Any, now: datetime, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        message_id = record_message(session, arrival(1, arrived_at=now), now=now).id
        assert fail_attempt(session, message_id, reason="crash", now=now, max_attempts=0) == "quarantined"
    assert desk.correct(message_id, unit=registry[0].code, period=W34, values=GOOD).reply_id is not None


def test_rejecting_tells_the_sender_why_and_accepts_nothing(desk: Desk, hold: Any) -> None:
    message_id, _ = hold()
    with pytest.raises(DecisionRefused, match="needs a reason"):
        desk.reject(message_id, reason="  ")
    decided = desk.reject(message_id, reason="Số liệu của tuần trước.")
    assert decided.outcome is Outcome.REJECTED
    (letter,) = desk.letters
    assert (letter.accepted, letter.reason, letter.reports[0].values) == (False, "Số liệu của tuần trước.", GOOD)
    with desk.sessions.begin() as session:
        assert accepted_reports(session, "bluezone") == ()
        (entry,) = list_outbox(session)
        assert (entry.id, entry.key, entry.kind) == (decided.reply_id, letter.key, "review_decision")


def test_nobody_decides_on_what_somebody_decided_meanwhile(desk: Desk, hold: Any) -> None:
    message_id, _ = hold()
    desk.reject(message_id, who="Minh")
    for decide in (desk.accept, desk.correct, desk.reject):
        with pytest.raises(ConflictError, match=rf"message {message_id} was decided by Minh at 2020-08-26T.*\(reject\)"):
            decide(message_id)
    assert len(desk.letters) == 1


def test_a_message_that_never_waited_cannot_be_decided(desk: Desk, finished: Any, report: Any) -> None:
    message_id, _ = finished(report())
    with pytest.raises(DecisionRefused, match="does not wait for a person: it is accepted"):
        desk.reject(message_id)
    with pytest.raises(DecisionRefused, match="there is no message"):
        desk.accept("nobody@b")


def test_the_reports_of_one_message_are_decided_one_by_one_or_all(desk: Desk, finished: Any, report: Any) -> None:
    held = [report(GOOD, unit=unit, status=ReportStatus.NEEDS_REVIEW) for unit in ("ldld-cam-lo", "ldld-dong-ha")]
    message_id, (first, second) = finished(*held, outcome=Outcome.NEEDS_REVIEW)
    with pytest.raises(DecisionRefused, match=f"name one of: {first}, {second}"):
        desk.correct(message_id, values=GOOD)
    with pytest.raises(DecisionRefused, match="has no report 999"):
        desk.accept(message_id, report=999)
    assert desk.reject(message_id, report=first).outcome is Outcome.NEEDS_REVIEW
    with pytest.raises(ConflictError, match=f"report {first} .* any more"):
        desk.accept(message_id, report=first)
    decided = desk.accept(message_id)
    assert (decided.outcome, decided.report_ids) == (Outcome.ACCEPTED, (second,))
    assert [len(letter.reports) for letter in desk.letters] == [1, 1]
    with desk.sessions.begin() as session:
        assert len(list_outbox(session)) == 2


def test_accepting_all_is_all_or_nothing(desk: Desk, finished: Any, report: Any) -> None:
    good = report(GOOD, status=ReportStatus.NEEDS_REVIEW)
    bad = report({**GOOD, "installed": 99}, unit="ldld-dong-ha", status=ReportStatus.NEEDS_REVIEW)
    message_id, _ = finished(good, bad, outcome=Outcome.NEEDS_REVIEW)
    with pytest.raises(DecisionRefused, match="installed exceeds"):
        desk.accept(message_id)
    with desk.sessions.begin() as session:
        assert accepted_reports(session, "bluezone") == ()


def test_two_held_reports_for_one_place_must_be_told_apart(desk: Desk, finished: Any, report: Any) -> None:
    held = [report({**GOOD, "members": n}, status=ReportStatus.NEEDS_REVIEW) for n in (100, 200)]
    message_id, (first, second) = finished(*held, outcome=Outcome.NEEDS_REVIEW)
    with pytest.raises(DecisionRefused, match="several reports for the same unit and period"):
        desk.accept(message_id)
    desk.accept(message_id, report=second)
    desk.reject(message_id, report=first)
    assert desk.outcome(message_id) is Outcome.ACCEPTED


def test_an_accepted_report_supersedes_the_one_that_stands(desk: Desk, finished: Any, hold: Any, report: Any, now: datetime) -> None:
    _, (standing,) = finished(report({**GOOD, "members": 90}))
    saturday = now + timedelta(days=2)
    message_id, report_id = hold(arrived_at=saturday)
    assert desk.accept(message_id).outcome is Outcome.ACCEPTED  # the unit was on time with its first mail
    with desk.sessions.begin() as session:
        history = {item.id: item.status for item in report_history(session, "bluezone", "ldld-cam-lo", W34)}
        (current,) = accepted_reports(session, "bluezone")
        assert history == {standing: ReportStatus.SUPERSEDED, report_id: ReportStatus.ACCEPTED}
        assert (current.id, current.first_arrived_at) == (report_id, now)


def test_an_older_mail_does_not_silently_replace_what_arrived_later(
    desk: Desk, finished: Any, hold: Any, report: Any, now: datetime
) -> None:
    message_id, report_id = hold()
    newer, _ = finished(report({**GOOD, "members": 200}), arrived_at=now + timedelta(hours=1))
    with pytest.raises(ConflictError, match=rf"arrived later was accepted \(message {newer}\)"):
        desk.accept(message_id)
    desk.accept(message_id, replace_newer=True)
    with desk.sessions.begin() as session:
        assert [item.id for item in accepted_reports(session, "bluezone")] == [report_id]


def test_no_letter_goes_where_none_may_go(desk: Desk, finished: Any, report: Any) -> None:
    message_id, _ = finished(report(GOOD, status=ReportStatus.NEEDS_REVIEW), outcome=Outcome.NEEDS_REVIEW, may_reply=False)
    assert desk.accept(message_id).reply_id is None
    assert desk.letters == []


def test_a_letter_that_fails_undoes_the_decision(desk: Desk, hold: Any) -> None:
    message_id, _ = hold()

    def broken(decision: Decision) -> OutgoingMail:
        raise RuntimeError("no template")

    with pytest.raises(RuntimeError), desk.sessions.begin() as session:
        accept(session, message_id, by=replace(desk.by("Lan"), letter=broken))
    assert desk.outcome(message_id) is Outcome.NEEDS_REVIEW
    with desk.sessions.begin() as session:
        assert (accepted_reports(session, "bluezone"), list_acts(session)) == ((), ())
