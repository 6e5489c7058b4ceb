"""The desk with its real letters: everything a person may do with a held message, what the sender would read, and two people at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.app.reviewing import Desk
from mailbox_ingest.config import Config
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.errors import ConflictError, DecisionRefused, Overtaken
from mailbox_ingest.model import Finding, IncomingMessage, Mailbox, Outcome, ReportStatus, Severity, Verdict
from mailbox_ingest.periods import Period
from mailbox_ingest.store.database.engine import session_factory
from mailbox_ingest.store.ledger.claims import claim_messages
from mailbox_ingest.store.ledger.door import record_message
from mailbox_ingest.store.ledger.finish import finish_message
from mailbox_ingest.store.ledger.lookup import message_details
from mailbox_ingest.store.ledger.records import MessageDetails
from mailbox_ingest.store.outgoing.lookup import find_mail, list_outbox
from mailbox_ingest.store.people.audit import list_acts
from mailbox_ingest.store.reports.standing import accepted_reports, report_history

W33, W34 = Period(2020, 33), Period(2020, 34)
GOOD = {"members": 100, "smartphone_users": 80, "installed": 60}
WEDNESDAY = datetime(2020, 8, 26, 3, 0, tzinfo=UTC)
NOTHING_WRITTEN = ((), ())


@pytest.fixture
def config(store_url: str) -> Config:
    return Config(store_url=store_url, forms=(builtin_form("bluezone"),))


@pytest.fixture
def at_desk(engine: Engine, config: Config) -> Callable[..., Desk]:
    def sit(who: str = "Lan", now: datetime = WEDNESDAY) -> Desk:
        snapshots = session_factory(engine, read_only=True)
        return Desk(config=config, sessions=session_factory(engine), snapshots=snapshots, who=who, now=now)

    return sit


@pytest.fixture
def desk(at_desk: Callable[..., Desk]) -> Desk:
    return at_desk()


@pytest.fixture
def details(sessions: sessionmaker[Session]) -> Callable[[int], MessageDetails]:
    def look(message_id: int) -> MessageDetails:
        with sessions.begin() as session:
            found = message_details(session, message_id)
        assert found is not None
        return found

    return look


def standing(sessions: sessionmaker[Session]) -> dict[tuple[str, str], dict[str, int]]:
    with sessions.begin() as session:
        return {(item.unit, str(item.period)): dict(item.values) for item in accepted_reports(session, "bluezone")}


# ---------------------------------------------------------------- another place


def test_a_report_counts_for_another_unit_and_week_with_its_figures_kept(
    desk: Desk, hold: Any, sessions: sessionmaker[Session], details: Any
) -> None:
    message_id, report_id = hold()
    desk.act("reassign", message_id, unit="ldld-dong-ha", period=W33)
    assert standing(sessions) == {("ldld-dong-ha", "2020-W33"): GOOD}
    (report,) = details(message_id).reports
    assert (report.id, report.by_human, report.on_time) == (report_id, True, False)  # W33 was over when the mail came
    assert [item.method for item in report.evidence["members"]] == ["table"]  # no figure was typed
    with sessions.begin() as session:
        (act,) = list_acts(session, message_id=message_id)
    assert act.action == "reassign"
    assert (act.before or {})["reports"][0]["unit"] == "ldld-cam-lo"
    assert (act.after or {})["reports"][0]["unit"] == "ldld-dong-ha"


def test_moving_a_report_needs_a_place_and_something_that_was_read(desk: Desk, hold: Any, finished: Any) -> None:
    message_id, _ = hold()
    with pytest.raises(DecisionRefused, match="name the unit, the period, or both"):
        desk.act("reassign", message_id)
    empty, _ = finished(outcome=Outcome.NEEDS_REVIEW)
    with pytest.raises(DecisionRefused, match="nothing was read"):
        desk.act("reassign", empty, unit="ldld-dong-ha")


# ---------------------------------------------------------------- no report, or a question


def test_an_ignored_message_counts_for_nothing_and_nobody_is_answered(
    desk: Desk, hold: Any, sessions: sessionmaker[Session], details: Any
) -> None:
    message_id, _ = hold()
    decided = desk.act("ignore", message_id, reason="Thư mời họp.")
    assert (decided.outcome, decided.reply_id) == (Outcome.IGNORED, None)
    found = details(message_id)
    assert found.message.outcome is Outcome.IGNORED
    assert [report.status for report in found.reports] == [ReportStatus.REJECTED]
    assert standing(sessions) == {}
    with sessions.begin() as session:
        assert list_outbox(session) == ()
        (act,) = list_acts(session, message_id=message_id)
    assert (act.who, act.action, act.note) == ("Lan", "ignore", "Thư mời họp.")


def test_ignoring_the_rest_of_a_message_leaves_what_was_accepted_of_it(desk: Desk, finished: Any, report: Any, details: Any) -> None:
    taken = report(GOOD, unit="ldld-dong-ha")
    held = report(GOOD, status=ReportStatus.NEEDS_REVIEW)
    message_id, _ = finished(taken, held, outcome=Outcome.NEEDS_REVIEW)
    assert desk.act("ignore", message_id).outcome is Outcome.ACCEPTED
    assert {item.unit: item.status for item in details(message_id).reports} == {
        "ldld-dong-ha": ReportStatus.ACCEPTED,
        "ldld-cam-lo": ReportStatus.REJECTED,
    }


def test_asking_again_writes_the_question_and_keeps_the_message_waiting_for_the_sender(
    desk: Desk, hold: Any, sessions: sessionmaker[Session], details: Any
) -> None:
    asked, _ = hold()
    waiting, _ = hold()
    decided = desk.act("ask_again", asked, question="Số đoàn viên là 100 hay 1.000 người?")
    assert decided.outcome is Outcome.NEEDS_REVIEW
    assert details(asked).message.asked_at == WEDNESDAY
    with sessions.begin() as session:
        (mail,) = list_outbox(session, in_answer_to=asked)
        letter = find_mail(session, f"question:{asked}:{decided.act_id}")
    assert letter is not None
    assert (mail.id, mail.recipients) == (decided.reply_id, ("camlo@b.example",))
    assert letter.in_reply_to == f"<m{asked}@b>"
    for said in (letter.content.text, letter.content.html or ""):
        assert "Số đoàn viên là 100 hay 1.000 người?" in said
        assert "kính đề nghị đơn vị cho biết" in said
        assert "Kính gửi:" in said and "LĐLĐ huyện Cam Lộ" in said
    assert [(item.id, item.waits_for_sender) for item in desk.queue()] == [(waiting, False), (asked, True)]
    assert desk.act("accept", asked).outcome is Outcome.ACCEPTED  # the answer may come by telephone


def test_an_answer_to_the_question_brings_the_message_back_to_its_place_in_the_queue(
    desk: Desk, hold: Any, sessions: sessionmaker[Session], arrival: Any
) -> None:
    first, _ = hold()
    second, _ = hold()
    desk.act("ask_again", first, question="Số nào đúng?")
    with sessions.begin() as session:
        (question,) = list_outbox(session, in_answer_to=first)
        answer = record_message(session, arrival(500), now=WEDNESDAY).id
        claim_messages(session, now=WEDNESDAY, lease=timedelta(minutes=5), limit=9)
        incoming = IncomingMessage(message_id="<answer@b>", sender=Mailbox(email="camlo@b.example"), in_reply_to=question.message_id)
        finish_message(session, answer, incoming=incoming, verdict=Verdict(outcome=Outcome.IGNORED), now=WEDNESDAY)
    assert [(item.id, item.answers) for item in desk.queue()] == [(first, (answer,)), (second, ())]


def test_nobody_is_asked_who_may_not_be_written_to(desk: Desk, finished: Any, report: Any) -> None:
    message_id, _ = finished(report(GOOD, status=ReportStatus.NEEDS_REVIEW), outcome=Outcome.NEEDS_REVIEW, may_reply=False)
    with pytest.raises(DecisionRefused, match="nobody may be written to"):
        desk.act("ask_again", message_id, question="Số nào đúng?")
    with pytest.raises(DecisionRefused, match="needs a question"):
        desk.act("ask_again", message_id, question=" ")


# ---------------------------------------------------------------- two mails, one report


def test_a_second_mail_completes_the_first_and_both_keep_their_evidence(
    desk: Desk, hold: Any, sessions: sessionmaker[Session], details: Any, now: datetime
) -> None:
    first, first_report = hold({"members": 100, "smartphone_users": 80})
    tomorrow = now + timedelta(days=1)
    second, second_report = hold({"installed": 60}, arrived_at=tomorrow)
    decided = desk.act("merge", second, into=first, reason="Đã ghép hai thư.")
    assert (decided.outcome, decided.merged_into, decided.report_ids) == (Outcome.DUPLICATE, first, (first_report,))
    assert standing(sessions) == {("ldld-cam-lo", "2020-W34"): GOOD}
    whole, absorbed = details(first), details(second)
    assert (absorbed.message.outcome, absorbed.message.duplicate_of) == (Outcome.DUPLICATE, first)
    assert whole.message.outcome is Outcome.ACCEPTED_WITH_WARNINGS  # W34 was due on Thursday, and only Friday's mail made it whole
    (report,) = whole.reports
    assert (report.arrived_at, report.on_time) == (tomorrow, False)
    assert {name: [item.message for item in items] for name, items in report.evidence.items()} == {
        "members": [None],
        "smartphone_users": [None],
        "installed": [second],
    }
    assert [item.id for item in absorbed.reports] == [second_report]
    with sessions.begin() as session:
        (act,) = list_acts(session, message_id=second)
        (other,) = list_acts(session, message_id=first)
        assert len(list_outbox(session)) == 1  # one sender, one letter
    assert ((act.action, (act.after or {})["merged_into"]), (other.action, (other.after or {})["merged_with"])) == (
        ("merge", first),
        ("merged_with", second),
    )


def test_a_mail_that_completes_an_accepted_one_supersedes_its_report(
    desk: Desk, hold: Any, finished: Any, report: Any, sessions: sessionmaker[Session]
) -> None:
    first, (old,) = finished(report({**GOOD, "installed": 50}))
    second, _ = hold()
    with pytest.raises(DecisionRefused, match=r"say which counts \(installed: 50 or 60\)"):
        desk.act("merge", second, into=first)
    decided = desk.act("merge", second, into=first, values={"installed": 60})
    assert standing(sessions) == {("ldld-cam-lo", "2020-W34"): GOOD}
    with sessions.begin() as session:
        history = [(item.id, item.status, item.by_human) for item in report_history(session, "bluezone", "ldld-cam-lo", W34)]
    assert history[0] == (old, ReportStatus.SUPERSEDED, False)
    assert (*decided.report_ids, ReportStatus.ACCEPTED, True) in history


def test_a_mail_that_brings_nothing_new_becomes_a_copy_and_the_report_stays(
    desk: Desk, hold: Any, finished: Any, report: Any, sessions: sessionmaker[Session]
) -> None:
    first, (old,) = finished(report(GOOD))
    second, _ = hold()
    assert desk.act("merge", second, into=first).report_ids == (old,)
    with sessions.begin() as session:
        assert [item.id for item in accepted_reports(session, "bluezone")] == [old]


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        ({"unit": "ldld-dong-ha"}, "unit: ldld-cam-lo or ldld-dong-ha"),
        ({"period": W33}, "period: 2020-W34 or 2020-W33"),
        ({"values": {**GOOD, "members": 90}}, "members: 100 or 90"),
    ],
)
def test_two_mails_that_contradict_each_other_are_not_merged_silently(
    desk: Desk, hold: Any, sessions: sessionmaker[Session], parts: dict[str, Any], complaint: str
) -> None:
    first, _ = hold()
    second, _ = hold(**parts)
    with pytest.raises(DecisionRefused, match=complaint):
        desk.act("merge", second, into=first)
    assert standing(sessions) == {}


def test_merging_holds_to_the_rules_of_the_form_and_to_usable_messages(desk: Desk, hold: Any) -> None:
    first, _ = hold({"members": 100, "smartphone_users": 80})
    second, _ = hold({"installed": 81})
    with pytest.raises(DecisionRefused, match="installed exceeds smartphone_users"):
        desk.act("merge", second, into=first)
    with pytest.raises(DecisionRefused, match="with itself"):
        desk.act("merge", first, into=first)
    desk.act("reject", first, reason="Thiếu số liệu.")
    with pytest.raises(DecisionRefused, match="can be merged into a held or an accepted one only"):
        desk.act("merge", second, into=first)
    with pytest.raises(Overtaken, match="was decided by Lan"):
        desk.act("merge", first, into=second)


# ---------------------------------------------------------------- what the sender would read


@pytest.mark.parametrize(
    ("action", "options", "said"),
    [
        ("accept", {}, "đã được kiểm tra và ghi nhận"),
        ("correct", {"values": {"installed": 61}}, "61"),
        ("reassign", {"period": W33}, "tuần 33"),
        ("reject", {"reason": "Thiếu chữ ký"}, "Thiếu chữ ký."),
        ("ask_again", {"question": "Số nào đúng?"}, "Số nào đúng?"),
    ],
)
def test_the_letter_is_shown_before_it_goes_as_it_goes_and_nothing_is_written(
    desk: Desk, hold: Any, details: Any, *, action: str, options: dict[str, Any], said: str
) -> None:
    sessions = desk.sessions
    message_id, _ = hold()
    before = details(message_id)
    letter = desk.preview_letter(action, message_id, **options)
    assert letter is not None
    assert said in letter.content.text
    assert letter.to[0].email == "camlo@b.example"
    with sessions.begin() as session:
        assert (list_outbox(session), list_acts(session)) == NOTHING_WRITTEN
    assert details(message_id) == before
    decided = desk.act(action, message_id, **options)
    with sessions.begin() as session:
        prefix = "question" if action == "ask_again" else "decision"
        sent = find_mail(session, f"{prefix}:{message_id}:{decided.act_id}")
    assert sent is not None
    assert (sent.content, sent.to, sent.in_reply_to, sent.references) == (letter.content, letter.to, letter.in_reply_to, letter.references)


def test_a_preview_says_what_the_act_would_say_and_where_nobody_is_answered(desk: Desk, hold: Any) -> None:
    message_id, _ = hold({**GOOD, "installed": 81})
    with pytest.raises(DecisionRefused, match="installed exceeds"):
        desk.preview_letter("accept", message_id)
    assert desk.preview_letter("ignore", message_id) is None


# ---------------------------------------------------------------- two people at once


def test_an_act_on_what_changed_since_it_was_shown_is_refused_and_says_who_did_what(at_desk: Any, hold: Any) -> None:
    message_id, _ = hold()
    lan, minh = at_desk("Lan"), at_desk("Minh", WEDNESDAY + timedelta(minutes=1))
    shown = lan.show(message_id).version
    assert minh.show(message_id).version == shown
    minh.act("ask_again", message_id, question="Số nào đúng?")
    with pytest.raises(Overtaken, match=r"changed since it was shown: Minh at 2020-08-26T03:01.*\(ask_again\)") as caught:
        lan.act("accept", message_id, expected_version=shown)
    assert (caught.value.who, caught.value.action) == ("Minh", "ask_again")
    assert lan.act("accept", message_id, expected_version=lan.show(message_id).version).outcome is Outcome.ACCEPTED
    with pytest.raises(Overtaken, match="was decided by Lan"):
        minh.act("reject", message_id, reason="Sai", expected_version=shown)


def test_a_report_that_took_the_place_meanwhile_is_seen_before_it_is_replaced(desk: Desk, hold: Any, finished: Any, report: Any) -> None:
    message_id, _ = hold()
    shown = desk.show(message_id).version
    finished(report({**GOOD, "members": 90}))
    with pytest.raises(Overtaken, match="another report took its place") as caught:
        desk.act("accept", message_id, expected_version=shown)
    assert caught.value.who is None
    assert desk.act("accept", message_id, expected_version=desk.show(message_id).version).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("action", ["accept", "correct", "reassign", "reject", "ignore", "ask_again", "merge"])
def test_every_act_keeps_to_the_version_that_was_shown(desk: Desk, hold: Any, action: str) -> None:
    options: dict[str, dict[str, Any]] = {
        "reject": {"reason": "Sai"},
        "ask_again": {"question": "Số nào đúng?"},
        "reassign": {"period": W33},
        "merge": {"into": hold()[0]},
    }
    message_id, _ = hold()
    with pytest.raises(Overtaken, match="look again"):
        desk.act(action, message_id, expected_version="0-stale", **options.get(action, {}))


def test_of_two_people_who_decide_at_the_same_moment_one_wins_and_the_other_hears_of_it(
    at_desk: Any, hold: Any, sessions: sessionmaker[Session]
) -> None:
    message_id, _ = hold()
    version = at_desk().show(message_id).version
    together = threading.Barrier(2)
    results: dict[str, object] = {}

    def decide(who: str, act: Callable[[Desk], object]) -> None:
        together.wait()
        try:
            results[who] = act(at_desk(who))
        except ConflictError as error:
            results[who] = error

    threads = [
        threading.Thread(target=decide, args=("Lan", lambda d: d.act("accept", message_id, expected_version=version))),
        threading.Thread(target=decide, args=("Minh", lambda d: d.act("reject", message_id, reason="Sai", expected_version=version))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lost = [who for who, result in results.items() if isinstance(result, Overtaken)]
    assert len(lost) == 1, results
    with sessions.begin() as session:
        (act,) = list_acts(session, message_id=message_id)
        assert len(list_outbox(session)) == 1
    assert act.who not in lost
    assert str(results[lost[0]]).count(act.who) == 1


def test_two_people_who_merge_the_same_two_messages_do_not_wait_for_each_other(at_desk: Any, hold: Any) -> None:
    one, _ = hold()
    other, _ = hold()
    results: list[object] = []

    def merge(who: str, key: int, into: int) -> None:
        try:
            results.append(at_desk(who).act("merge", key, into=into))
        except (ConflictError, DecisionRefused) as error:
            results.append(error)

    threads = [threading.Thread(target=merge, args=("Lan", one, other)), threading.Thread(target=merge, args=("Minh", other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(isinstance(result, Exception) for result in results) == [False, True]


# ---------------------------------------------------------------- the queue


def test_the_queue_goes_by_deadline_and_says_why_in_a_few_words(desk: Desk, hold: Any, finished: Any, report: Any, now: datetime) -> None:
    due = datetime(2020, 8, 20, 10, 0, tzinfo=UTC)
    late, _ = hold(due_at=due + timedelta(days=7))
    findings = (
        Finding(code="installed_exceeds_smartphones", severity=Severity.ERROR, message="…", field="installed"),
        Finding(code="late", severity=Severity.WARNING, message="…"),
        Finding(code="supersedes", severity=Severity.INFO, message="…"),
    )
    early, report_id = hold(due_at=due, findings=findings)
    nothing, _ = finished(outcome=Outcome.NEEDS_REVIEW, findings=(replace(findings[1], code="no_report"),))
    finished(report(GOOD, unit="ldld-dong-ha"))  # accepted: does not wait
    queue = desk.queue()
    assert [item.id for item in queue] == [early, nothing, late]
    assert (queue[0].units, queue[0].periods, queue[0].reports, queue[0].deadline) == (("LĐLĐ huyện Cam Lộ",), (W34,), (report_id,), due)
    assert len(queue[0].reasons) == 1
    assert "lớn hơn" in queue[0].reasons[0]
    assert (queue[1].units, queue[1].reasons) == ((), ("không thấy số liệu",))
    assert queue[2].reasons[0].startswith("đọc chưa chắc chắn: ")
    assert [item and item.id for item in map(desk.next_after, (early, nothing, late))] == [nothing, late, early]
    desk.act("ignore", nothing)
    following = desk.next_after(nothing)
    assert following is not None
    assert following.id == late
    for message_id in (early, late):
        desk.act("ignore", message_id)
    assert desk.next_after(early) is None
