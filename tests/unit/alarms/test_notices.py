"""How an alarm goes on, when it is told, and that every kind has its words."""

from __future__ import annotations

import errno
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailbox_ingest.alarms.channels import Notice
from mailbox_ingest.alarms.classify import trouble_of
from mailbox_ingest.alarms.notices import Pace, notice_due
from mailbox_ingest.alarms.words import WORDS
from mailbox_ingest.config import AlarmsConfig
from mailbox_ingest.errors import (
    ConfigurationError,
    DownloadBudgetSpent,
    LoginRefused,
    MailboxOverQuota,
    MailboxRefused,
    MailboxUnreachable,
    ReadingUnavailable,
    StoreBusy,
    StoreFull,
    StoreUnavailable,
    SubmissionDeferred,
    SubmissionRefused,
    TokenRevoked,
    TokenUnavailable,
)
from mailbox_ingest.model.alarms import Alarm, AlarmKind, Trouble

START = datetime(2020, 8, 28, 2, 0, tzinfo=UTC)
PATIENCE = timedelta(minutes=15)
PACE = Pace.of(AlarmsConfig(remind_hours=24, quiet_minutes=60))


def after(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def trouble(kind: AlarmKind, detail: str = "x") -> Trouble:
    return Trouble(key="mailbox:a", kind=kind, detail=detail, patience=PATIENCE)


REFUSED, UNREACHABLE = trouble(AlarmKind.MAILBOX_REFUSED), trouble(AlarmKind.MAILBOX_UNREACHABLE)


def due(alarm: Alarm, minutes: float, told_before: datetime | None = None) -> str | None:
    return notice_due(alarm, now=after(minutes), pace=PACE, told_before=told_before)


def test_a_refusal_is_an_alarm_at_once_and_an_outage_only_after_some_time() -> None:
    assert Alarm.of(REFUSED, START).is_open
    outage = Alarm.of(UNREACHABLE, START)
    assert not outage.is_open
    assert not outage.again(UNREACHABLE, after(14)).is_open
    assert outage.again(UNREACHABLE, after(14)).again(UNREACHABLE, after(15)).is_open


def test_an_outage_is_not_waited_for_without_end_when_the_clock_was_set_back() -> None:
    outage = Alarm.of(UNREACHABLE, START).again(UNREACHABLE, after(-1440))
    assert outage.again(UNREACHABLE, after(-1440 + 15)).is_open


def test_a_refusal_outranks_an_outage_and_is_told_anew_but_not_the_other_way_round() -> None:
    told = replace(Alarm.of(UNREACHABLE, START).again(UNREACHABLE, after(20)), notified="opened", notified_at=after(20))
    refused = told.again(REFUSED, after(25))
    assert (refused.kind, refused.opened_at, refused.notified) == (AlarmKind.MAILBOX_REFUSED, after(20), "")
    assert refused.again(UNREACHABLE, after(30)).kind is AlarmKind.MAILBOX_REFUSED


def test_it_is_told_when_it_opens_once_a_day_after_that_and_when_it_ends() -> None:
    alarm = Alarm.of(REFUSED, START)
    assert due(alarm, 0) == "opened"
    told = replace(alarm, notified="opened", notified_at=START, tried_at=START)
    assert [due(told, minutes) for minutes in (1, 60, 1439, 1440)] == [None, None, None, "reminder"]
    assert due(told.cleared(after(5)), 5) == "cleared"
    over = replace(told.cleared(after(5)), notified="cleared", notified_at=after(5))
    assert due(over, 3000) is None


def test_what_ended_before_it_was_told_is_never_told() -> None:
    assert due(Alarm.of(REFUSED, START).cleared(after(1)), 1) is None


def test_what_comes_and_goes_is_not_told_each_time() -> None:
    again = Alarm.of(REFUSED, after(10))
    assert due(again, 10, told_before=after(5)) is None
    assert due(again, 65, told_before=after(5)) == "opened"
    assert due(again, -30, told_before=after(5)) == "opened"  # the clock was set back: a moment ahead says nothing


def test_a_notice_that_nobody_took_is_tried_again_after_five_minutes() -> None:
    tried = replace(Alarm.of(REFUSED, START), tried_at=START)
    assert [due(tried, minutes) for minutes in (0, 4, 5)] == [None, None, "opened"]


def test_reminders_can_be_switched_off() -> None:
    told = replace(Alarm.of(REFUSED, START), notified="opened", notified_at=START)
    assert notice_due(told, now=after(99999), pace=Pace.of(AlarmsConfig(remind_hours=0)), told_before=None) is None


@pytest.mark.parametrize(
    ("key", "error", "expected"),
    [
        ("mailbox:a", MailboxUnreachable("x"), ("mailbox:a", "mailbox_unreachable")),
        ("mailbox:a", MailboxRefused("x"), ("mailbox:a", "mailbox_refused")),
        ("mailbox:a", LoginRefused("x"), ("mailbox:a", "mailbox_login_refused")),
        ("mailbox:a", TokenRevoked("x"), ("mailbox:a", "token_revoked")),
        ("mailbox:a", TokenUnavailable("x"), ("mailbox:a", "mailbox_unreachable")),
        ("mailbox:a", DownloadBudgetSpent("x"), ("mailbox:a", "download_budget_spent")),
        ("mailbox:a", MailboxOverQuota("x"), ("mailbox:a", "download_budget_spent")),
        ("sending", LoginRefused("x"), ("sending", "sending_refused")),
        ("sending", TokenRevoked("x"), ("sending", "token_revoked")),
        ("sending", TokenUnavailable("x"), ("sending", "sending_unreachable")),
        ("mailbox:a", StoreFull("x"), ("database", "disk_full")),
        ("read", StoreBusy("x"), ("database", "database_busy")),
        ("poll", StoreUnavailable("x"), ("database", "database_unavailable")),
        ("read", ReadingUnavailable("x"), ("read", "reading_impossible")),
        ("read", OSError(errno.ENOSPC, "no space"), ("database", "disk_full")),
        ("read", KeyError("x"), ("read", "job_broken")),
        ("sending", SubmissionDeferred("x"), ("sending", "sending_unreachable")),
        ("sending", SubmissionRefused("x"), ("sending", "sending_refused")),
        ("digest:a", ConfigurationError("x"), ("digest:a", "digest_failed")),
        ("digest:a", StoreFull("x"), ("database", "disk_full")),
        ("remind", ConfigurationError("x"), ("remind", "reminders_failed")),
        ("backup", OSError(errno.ENOSPC, "no space"), ("backup", "backup_failed")),
        ("catch_up", ConfigurationError("x"), ("catch_up", "job_failed")),
    ],
)
def test_an_error_becomes_the_trouble_of_its_class(key: str, error: Exception, expected: tuple[str, str]) -> None:
    found = trouble_of(key, error, patience=PATIENCE)
    assert (found.key, found.kind.value) == expected


def test_every_kind_has_its_words_and_a_notice_says_all_that_is_needed() -> None:
    assert set(WORDS) == set(AlarmKind)
    alarm = Alarm.of(trouble(AlarmKind.MAILBOX_REFUSED, "login refused (AUTHENTICATIONFAILED)"), START)
    notice = Notice(event="opened", alarm=alarm, who="LĐLĐ tỉnh Quảng Trị", host="may-chu", at=START)
    for part in ("CẢNH BÁO", "(a)", "LĐLĐ tỉnh Quảng Trị", "AUTHENTICATIONFAILED", "09:00 ngày 28/08/2020", "doctor", "may-chu"):
        assert part in notice.text
    assert notice.fields() | {"text": notice.text, "kind": "mailbox_refused", "opened_at": "2020-08-28T02:00:00+00:00"} == notice.fields()
