"""The outbox: a mail is queued once, goes out in order of need within the budget, and is never forgotten in a crash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.model import LetterContent, OutgoingAttachment, OutgoingKind, OutgoingMail
from mailbox_ingest.store.outgoing.lookup import find_mail, list_outbox
from mailbox_ingest.store.outgoing.outbox import (
    ABANDONED_AFTER,
    claim_due,
    mark_deferred,
    mark_failed,
    mark_sent,
    queue_mail,
    recipients_sent_since,
    renew_sending,
)
from mailbox_ingest.store.outgoing.records import QueuedMail

MakeMail = Callable[..., OutgoingMail]
DIGEST, REMINDER, DECISION = OutgoingKind.DIGEST, OutgoingKind.REMINDER, OutgoingKind.REVIEW_DECISION


def test_a_mail_comes_back_whole(sessions: sessionmaker[Session], mail: MakeMail, now: datetime) -> None:
    picture = OutgoingAttachment(name="biểu đồ.png", content_type="image/png", data=bytes(range(256)), content_id="chart")
    sheet = OutgoingAttachment(name="số liệu.xlsx", content_type="application/x", data=b"")
    whole = mail(
        recipients=3,
        content=LetterContent(subject="Báo cáo tuần", text="chữ\n", html=None, attachments=(picture, sheet)),
        in_reply_to="<a@b>",
        references=("<r@b>", "<a@b>"),
    )
    with sessions.begin() as session:
        assert queue_mail(session, whole, now=now) is not None
    (claimed,) = _claim(sessions, now)
    assert (claimed.mail, claimed.attempts, claimed.was_sending) == (whole, 1, False)
    with sessions.begin() as session:
        assert find_mail(session, whole.key) == whole
        assert find_mail(session, "other") is None


def test_a_key_is_queued_once_whatever_became_of_it(sessions: sessionmaker[Session], mail: MakeMail, now: datetime) -> None:
    with sessions.begin() as session:
        assert queue_mail(session, mail(), now=now) is not None
        assert queue_mail(session, mail(message_id="<other@us>"), now=now) is None
    (claimed,) = _claim(sessions, now)
    with sessions.begin() as session:
        mark_sent(session, claimed.id, now=now)
        assert queue_mail(session, mail(), now=now) is None
        (entry,) = list_outbox(session, state="sent")
        assert (entry.sent_at, entry.recipients) == (now, ("to0@b.example",))


def test_receipts_and_decisions_go_before_digests_before_reminders(sessions: sessionmaker[Session], mail: MakeMail, now: datetime) -> None:
    with sessions.begin() as session:
        for key, kind in (("r", REMINDER), ("d", DIGEST), ("q", OutgoingKind.RECEIPT), ("h", DECISION)):
            queue_mail(session, mail(key, kind), now=now)
    assert [item.mail.key for item in _claim(sessions, now)] == ["q", "h", "d", "r"]


def test_the_budget_is_kept_and_its_reserve_is_for_digests(sessions: sessionmaker[Session], mail: MakeMail, now: datetime) -> None:
    with sessions.begin() as session:
        for number in range(4):
            queue_mail(session, mail(f"receipt:{number}"), now=now)
        queue_mail(session, mail("digest", DIGEST, recipients=3), now=now)
        queue_mail(session, mail("reminder", REMINDER), now=now)
    assert [item.mail.key for item in _claim(sessions, now, budget=5, reserved=3)] == ["receipt:0", "receipt:1", "digest"]
    assert _claim(sessions, now, budget=0) == ()
    assert [item.mail.key for item in _claim(sessions, now, budget=2)] == ["receipt:2", "receipt:3"]


def test_reminders_leave_room_for_the_receipts_of_what_they_bring_in(
    sessions: sessionmaker[Session], mail: MakeMail, now: datetime
) -> None:
    with sessions.begin() as session:
        for number in range(4):
            queue_mail(session, mail(f"reminder:{number}", REMINDER), now=now)
    with sessions.begin() as session:
        first = claim_due(session, now=now, limit=10, budget_recipients=5, reserved_for_digest=1, reserved_for_receipts=2)
    assert [item.mail.key for item in first] == ["reminder:0", "reminder:1"]
    with sessions.begin() as session:
        queue_mail(session, mail("receipt"), now=now)
        second = claim_due(session, now=now, limit=10, budget_recipients=3, reserved_for_digest=1, reserved_for_receipts=2)
    assert [item.mail.key for item in second] == ["receipt"]


def test_a_mail_too_large_for_the_rest_of_the_budget_does_not_hold_up_smaller_ones(
    sessions: sessionmaker[Session], mail: MakeMail, now: datetime
) -> None:
    with sessions.begin() as session:
        queue_mail(session, mail("big", DIGEST, recipients=50), now=now)
        queue_mail(session, mail("small", DIGEST), now=now)
    assert [item.mail.key for item in _claim(sessions, now, budget=10)] == ["small"]


def test_a_mail_in_hand_belongs_to_its_worker_until_it_was_left_by_a_crash(
    sessions: sessionmaker[Session], mail: MakeMail, now: datetime
) -> None:
    with sessions.begin() as session:
        queue_mail(session, mail(), now=now)
    (first,) = _claim(sessions, now)
    assert _claim(sessions, now + ABANDONED_AFTER - timedelta(seconds=1)) == ()
    (left,) = _claim(sessions, now + ABANDONED_AFTER, budget=0)  # the budget counts it already
    assert (left.id, left.was_sending, left.attempts, left.mail) == (first.id, True, 2, first.mail)
    with sessions.begin() as session:
        assert not renew_sending(session, first.id, attempts=first.attempts, now=now)  # the slow worker hears that it lost the mail
        assert renew_sending(session, left.id, attempts=left.attempts, now=now + ABANDONED_AFTER)


def test_renewing_keeps_a_slow_batch_in_hand(sessions: sessionmaker[Session], mail: MakeMail, now: datetime) -> None:
    with sessions.begin() as session:
        queue_mail(session, mail(), now=now)
    (claimed,) = _claim(sessions, now)
    with sessions.begin() as session:
        renew_sending(session, claimed.id, attempts=1, now=now + timedelta(minutes=9))
    assert _claim(sessions, now + timedelta(minutes=15)) == ()


def test_a_deferred_mail_comes_back_when_it_is_due_and_a_failed_one_never(
    sessions: sessionmaker[Session], mail: MakeMail, now: datetime
) -> None:
    with sessions.begin() as session:
        queue_mail(session, mail("a"), now=now)
        queue_mail(session, mail("b"), now=now)
    first, second = _claim(sessions, now)
    with sessions.begin() as session:
        mark_deferred(session, first.id, retry_at=now + timedelta(minutes=5), reason="451 later")
        mark_failed(session, second.id, now=now, reason="550 no such user")
    assert _claim(sessions, now) == ()
    assert [(item.id, item.attempts, item.was_sending) for item in _claim(sessions, now + timedelta(minutes=5))] == [(first.id, 2, False)]
    with sessions.begin() as session:
        (failed,) = list_outbox(session, state="failed")
        assert (failed.key, failed.last_answer) == ("b", "550 no such user")


def test_only_what_is_being_sent_can_be_settled(sessions: sessionmaker[Session], mail: MakeMail, now: datetime) -> None:
    with sessions.begin() as session:
        mail_id = queue_mail(session, mail(), now=now)
        assert mail_id is not None
        mark_sent(session, mail_id, now=now)
        assert [entry.state for entry in list_outbox(session)] == ["queued"]


def test_recipients_are_counted_over_the_rolling_day_those_in_flight_included(
    sessions: sessionmaker[Session], mail: MakeMail, now: datetime
) -> None:
    with sessions.begin() as session:
        for key, recipients in (("old", 1), ("sent", 2), ("flying", 4), ("waiting", 8)):
            queue_mail(session, mail(key, recipients=recipients), now=now)
    day = timedelta(days=1)
    claimed = {item.mail.key: item.id for item in _claim(sessions, now, budget=7)}
    with sessions.begin() as session:
        mark_sent(session, claimed["old"], now=now - day)
        mark_sent(session, claimed["sent"], now=now)
        assert recipients_sent_since(session, now - day) == 2 + 4


def _claim(sessions: sessionmaker[Session], now: datetime, *, budget: int = 100, reserved: int = 0) -> tuple[QueuedMail, ...]:
    with sessions.begin() as session:
        return claim_due(session, now=now, limit=10, budget_recipients=budget, reserved_for_digest=reserved)
