"""The door of the ledger: every UID gets a row, the same mail is the same mail, nothing is lost to a client that reuses ids."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.model import Outcome
from mailbox_ingest.store.ledger.claims import MAX_DEATHS, begin_alone, claim_messages, fail_attempt, load_raw, release_messages
from mailbox_ingest.store.ledger.door import last_uid, record_message
from mailbox_ingest.store.ledger.lookup import count_messages, find_message, list_messages
from mailbox_ingest.store.ledger.records import Arrival, ClaimedMessage
from mailbox_ingest.store.tables import IDENTITIES, RAW_MESSAGES

MakeArrival = Callable[..., Arrival]
LEASE = timedelta(minutes=5)
MAIL = (
    b"From: Lan <lan@b.example>\r\nDate: Thu, 20 Aug 2020 10:00:00 +0700\r\nMessage-ID: <one@b>\r\n"
    b"Subject: B\xc3\xa1o c\xc3\xa1o\r\n\r\n4215\r\n"
)
WITHOUT_ID = MAIL.replace(b"Message-ID: <one@b>\r\n", b"")


def test_a_new_mail_can_be_claimed_with_the_very_bytes_that_came(
    sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime
) -> None:
    raw = bytes(range(256)) * 40
    with sessions.begin() as session:
        recorded = record_message(session, arrival(5, raw=raw, arrived_at=now, gm_msgid=2**64 - 1, flags=("\\Seen",)), now=now)
    assert (recorded.state, recorded.duplicate_of) == ("new", None)
    with sessions.begin() as session:
        (claimed,) = claim_messages(session, now=now, lease=LEASE, limit=10)
        assert (claimed.id, claimed.raw, claimed.arrived_at, claimed.uid, claimed.attempts) == (recorded.id, raw, now, 5, 1)
        assert load_raw(session, recorded.id) == raw
        stored = find_message(session, recorded.id)
        assert stored is not None
        assert (stored.gm_msgid, stored.state, stored.outcome) == (2**64 - 1, "reading", None)


def test_the_same_place_again_writes_nothing(sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime) -> None:
    with sessions.begin() as session:
        first = record_message(session, arrival(5), now=now)
    with sessions.begin() as session:
        again = record_message(session, arrival(5, raw=b"From: other@b\r\n\r\nother"), now=now)
        assert (again.state, again.id) == ("known", first.id)
        assert session.scalar(select(func.count()).select_from(RAW_MESSAGES)) == 1
        assert count_messages(session).received == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"raw": MAIL}, {"raw": MAIL, "folder": "Junk"}, id="same-bytes-in-another-folder"),
        pytest.param({"raw": MAIL}, {"raw": MAIL, "uidvalidity": 2}, id="uidvalidity-changed"),
        pytest.param({"raw": MAIL}, {"raw": MAIL, "account": "second"}, id="another-mailbox"),
        pytest.param({"raw": MAIL}, {"raw": b"Received: by x\r\n" + MAIL}, id="another-way-through-the-net"),
        pytest.param({"raw": MAIL}, {"raw": MAIL.replace(b"\r\n", b"\n")}, id="other-line-ends"),
        pytest.param({"raw": MAIL, "gm_msgid": 7}, {"raw": MAIL + b"footer", "gm_msgid": 7}, id="same-gmail-id"),
        pytest.param({"raw": WITHOUT_ID}, {"raw": b"X-Any: 1\r\n" + WITHOUT_ID}, id="no-message-id-same-from-date-content"),
    ],
)
def test_the_same_mail_from_elsewhere_is_a_duplicate_with_a_row_of_its_own(
    sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime, first: dict[str, object], second: dict[str, object]
) -> None:
    with sessions.begin() as session:
        original = record_message(session, arrival(1, **first), now=now)
        copy = record_message(session, arrival(2, **second), now=now)
    assert (copy.state, copy.duplicate_of) == ("duplicate", original.id)
    assert copy.id != original.id
    with sessions.begin() as session:
        row = find_message(session, copy.id)
        assert row is not None
        assert (row.state, row.outcome, row.may_reply) == ("done", Outcome.DUPLICATE, False)
        assert [message.id for message in claim_messages(session, now=now, lease=LEASE, limit=10)] == [original.id]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"raw": MAIL}, {"raw": MAIL.replace(b"4215", b"4216")}, id="same-message-id-other-content"),
        pytest.param({"raw": MAIL}, {"raw": MAIL.replace(b"lan@", b"eve@")}, id="same-message-id-other-author"),
        pytest.param({"raw": WITHOUT_ID}, {"raw": WITHOUT_ID.replace(b"10:00", b"11:00")}, id="no-message-id-other-date"),
        pytest.param({"raw": MAIL, "gm_msgid": 7}, {"raw": b"\r\nx", "gm_msgid": 7, "account": "second"}, id="gmail-id-of-another-account"),
    ],
)
def test_a_mail_that_differs_is_a_new_one(
    sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime, first: dict[str, object], second: dict[str, object]
) -> None:
    with sessions.begin() as session:
        record_message(session, arrival(1, **first), now=now)
        assert record_message(session, arrival(2, **second), now=now).state == "new"


def test_a_third_copy_points_to_the_original_by_whatever_it_shares(
    sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime
) -> None:
    with sessions.begin() as session:
        original = record_message(session, arrival(1, raw=MAIL), now=now)
        record_message(session, arrival(2, raw=b"Received: x\r\n" + MAIL, gm_msgid=9), now=now)
        third = record_message(session, arrival(3, raw=b"From: x@y\r\n\r\nmangled by a gateway", gm_msgid=9), now=now)
        assert (third.state, third.duplicate_of) == ("duplicate", original.id)
        assert session.scalar(select(func.count(IDENTITIES.c.message_id.distinct()))) == 1


def test_two_mails_without_headers_share_nothing(sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime) -> None:
    with sessions.begin() as session:
        states = [record_message(session, arrival(n, raw=raw), now=now).state for n, raw in enumerate((b"", b"\r\n", b"no headers at all"))]
    assert states == ["new", "new", "new"]


def test_a_truncated_mail_is_recorded_and_never_taken_for_the_same_content(
    sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime
) -> None:
    head = MAIL.split(b"\r\n\r\n")[0] + b"\r\n\r\n"
    with sessions.begin() as session:
        record_message(session, arrival(1, raw=head, truncated=True, size_bytes=50_000_000), now=now)
        assert record_message(session, arrival(2, raw=b"X: 1\r\n" + head, truncated=True), now=now).state == "new"
        (claimed, _) = claim_messages(session, now=now, lease=LEASE, limit=5)
        assert (claimed.truncated, claimed.size_bytes) == (True, 50_000_000)


def test_header_facts_are_there_before_the_mail_is_read(sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime) -> None:
    with sessions.begin() as session:
        found = find_message(session, record_message(session, arrival(1, raw=MAIL), now=now).id)
    assert found is not None
    assert (found.sender_email, found.sender_name, found.subject, found.message_id) == ("lan@b.example", "Lan", "Báo cáo", "<one@b>")


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: \x00nul\x00 \xff\xfe\r\nFrom: =?utf-8?b?/////w==?= <\xe9@b>\r\n\r\n\x00",
        b"Subject: =?no-such-charset?q?x?= =?utf-8?b?!!!?=\r\n\r\n",
        b"From: " + b"(" * 5000 + b"\r\n\r\n",
        b"Message-ID: " + b"<x" * 20000 + b"\r\n\r\n",
        b"\xef\xbb\xbfFrom a@b\r\n: x\r\n\r\n",
    ],
)
def test_hostile_headers_are_stored_all_the_same(sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime, raw: bytes) -> None:
    with sessions.begin() as session:
        recorded = record_message(session, arrival(1, raw=raw), now=now)
        assert recorded.state == "new"
        assert load_raw(session, recorded.id) == raw


def test_last_uid_is_that_of_one_generation_of_one_folder(sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime) -> None:
    with sessions.begin() as session:
        for uid, validity in ((3, 1), (9, 1), (4, 2)):
            record_message(session, arrival(uid, uidvalidity=validity, raw=f"Message-ID: <{uid}@{validity}>\r\n\r\n".encode()), now=now)
        assert (last_uid(session, "main", "INBOX", 1), last_uid(session, "main", "INBOX", 2)) == (9, 4)
        assert (last_uid(session, "main", "INBOX", 3), last_uid(session, "main", "Junk", 1)) == (0, 0)


def test_messages_are_claimed_in_order_once_until_the_lease_runs_out(
    sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime
) -> None:
    with sessions.begin() as session:
        ids = [record_message(session, arrival(n), now=now).id for n in range(1, 5)]
    assert [m.id for m in _claim(sessions, now, limit=3)] == ids[:3]
    assert [m.id for m in _claim(sessions, now)] == ids[3:]
    assert _claim(sessions, now + LEASE - timedelta(seconds=1)) == ()
    again = _claim(sessions, now + LEASE)
    assert [(m.id, m.attempts, m.abandoned) for m in again] == [(number, 1, True) for number in ids]


def test_a_message_that_fails_three_times_goes_to_a_human(sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime) -> None:
    with sessions.begin() as session:
        message_id = record_message(session, arrival(1), now=now).id
    states = []
    for _ in range(3):
        assert len(_claim(sessions, now)) == 1
        with sessions.begin() as session:
            states.append(fail_attempt(session, message_id, reason="the reader fell over", now=now))
    assert states == ["received", "received", "quarantined"]
    assert _claim(sessions, now) == ()
    with sessions.begin() as session:
        (held,) = list_messages(session, outcome=Outcome.NEEDS_REVIEW)
        assert (held.quarantined, held.last_failure, held.attempts) == (True, "the reader fell over", 3)
        assert fail_attempt(session, message_id, reason="late", now=now) == "done"


def test_a_message_that_kills_whoever_has_only_it_in_hand_is_quarantined_though_nobody_could_report_it(
    sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime
) -> None:
    with sessions.begin() as session:
        poison = record_message(session, arrival(1), now=now).id
    for strike in range(MAX_DEATHS):
        assert [m.id for m in _claim(sessions, now + strike * LEASE)] == [poison]
        with sessions.begin() as session:
            begin_alone(session, poison)
    assert _claim(sessions, now + MAX_DEATHS * LEASE) == ()
    with sessions.begin() as session:
        found = find_message(session, poison)
        assert found is not None
        assert (found.outcome, found.quarantined) == (Outcome.NEEDS_REVIEW, True)


def test_readers_that_die_with_many_messages_in_hand_cost_none_of_them_an_attempt(
    sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime
) -> None:
    with sessions.begin() as session:
        ids = [record_message(session, arrival(n), now=now).id for n in range(1, 4)]
    for death in range(10):
        assert [(m.id, m.attempts) for m in _claim(sessions, now + death * LEASE)] == [(number, 1) for number in ids]


def test_a_lease_of_a_clock_that_was_set_back_does_not_hang(sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime) -> None:
    with sessions.begin() as session:
        record_message(session, arrival(1), now=now)
    assert len(_claim(sessions, now + timedelta(days=1))) == 1
    assert [m.abandoned for m in _claim(sessions, now)] == [True]
    assert _claim(sessions, now - timedelta(minutes=10)) == ()  # machines differ by minutes


def test_a_released_message_has_lost_no_attempt(sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime) -> None:
    with sessions.begin() as session:
        record_message(session, arrival(1), now=now)
    (claimed,) = _claim(sessions, now)
    with sessions.begin() as session:
        begin_alone(session, claimed.id)
        release_messages(session, [claimed.id], counted=[claimed.id])
    assert [m.attempts for m in _claim(sessions, now)] == [1]


def test_an_attempt_that_was_counted_ahead_counts_once(sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime) -> None:
    with sessions.begin() as session:
        record_message(session, arrival(1), now=now)
    (claimed,) = _claim(sessions, now)
    with sessions.begin() as session:
        begin_alone(session, claimed.id)
        fail_attempt(session, claimed.id, reason="the reader fell over", now=now, counted=True)
    assert [m.attempts for m in _claim(sessions, now)] == [2]


def test_a_message_is_found_by_number_and_by_message_id_with_or_without_brackets(
    sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime
) -> None:
    with sessions.begin() as session:
        original = record_message(session, arrival(1, raw=MAIL), now=now)
        record_message(session, arrival(2, raw=b"Received: x\r\n" + MAIL), now=now)
        for key in (original.id, str(original.id), "<one@b>", "one@b"):
            found = find_message(session, key)
            assert found is not None, key
            assert found.id == original.id
        assert find_message(session, "nobody@b") is None
        assert find_message(session, 999) is None
        assert find_message(session, "9" * 30) is None


def test_a_naive_moment_is_refused_and_an_aware_one_comes_back_as_utc(
    sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime
) -> None:
    local = datetime.fromisoformat("2020-08-21T07:30:00.123456+07:00")
    with sessions.begin() as session:
        record_message(session, arrival(1, arrived_at=local), now=now)
        found = find_message(session, 1)
        assert found is not None
        assert found.arrived_at == local
        assert found.arrived_at is not None
        assert found.arrived_at.tzinfo == UTC
    with pytest.raises(StatementError, match="naive datetime"), sessions.begin() as session:
        record_message(session, arrival(2, arrived_at=datetime(2020, 8, 21)), now=now)


def test_a_claim_stops_before_it_grows_too_large_but_takes_its_first_message_anyway(
    sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime
) -> None:
    with sessions.begin() as session:
        for uid, size in enumerate((900, 100, 100, 50), start=1):
            record_message(session, arrival(uid, raw=bytes(f"Message-ID: <{uid}@b.example>\r\n\r\n", "ascii").ljust(size, b"x")), now=now)
    sizes = []
    for _ in range(3):
        with sessions.begin() as session:
            sizes.append([m.size_bytes for m in claim_messages(session, now=now, lease=LEASE, limit=10, max_bytes=200)])
    assert sizes == [[900], [100, 100], [50]]


def test_messages_that_are_not_wanted_now_are_left_alone(sessions: sessionmaker[Session], arrival: MakeArrival, now: datetime) -> None:
    with sessions.begin() as session:
        ids = [record_message(session, arrival(uid), now=now).id for uid in (1, 2, 3)]
        claimed = claim_messages(session, now=now, lease=LEASE, limit=1, without={ids[0]})
    assert [m.id for m in claimed] == [ids[1]]
    assert [m.id for m in _claim(sessions, now)] == [ids[0], ids[2]]


def _claim(sessions: sessionmaker[Session], now: datetime, limit: int = 10) -> tuple[ClaimedMessage, ...]:
    with sessions.begin() as session:
        return claim_messages(session, now=now, lease=LEASE, limit=limit)
