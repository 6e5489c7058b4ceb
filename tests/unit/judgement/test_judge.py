"""The verdict on a whole mail: outcomes, witnesses, corrections, duplicates, machines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from mailbox_ingest.judgement import BODY_PATH, Case, Claim, judge
from mailbox_ingest.model import AuthResult, DocumentFailure, JudgedReport, Outcome, ReportStatus, StoredReport, UnitClues
from mailbox_ingest.periods import Period

MakeClaim = Callable[..., Claim]
MakeCase = Callable[..., Case]
MakeReport = Callable[..., StoredReport]

VALUES = {"members": 1000, "smartphone_users": 800, "installed": 600}


def only(case: Case) -> tuple[Outcome, JudgedReport]:
    verdict = judge(case)
    (report,) = verdict.reports
    return verdict.outcome, report


def codes(report: JudgedReport) -> set[str]:
    return {f.code for f in report.findings}


def test_a_good_report_on_time_is_accepted(case: MakeCase) -> None:
    outcome, report = only(case())
    assert outcome is Outcome.ACCEPTED
    assert (report.unit, report.period, dict(report.values), report.on_time) == ("ldld-vinh-linh", Period(2020, 35), VALUES, True)


@pytest.mark.parametrize(
    ("arrived", "week", "on_time"),
    [
        (datetime(2020, 8, 28, 10, 0, tzinfo=UTC), 35, True),
        (datetime(2020, 8, 28, 10, 0, 1, tzinfo=UTC), 35, False),
        (datetime(2020, 8, 20, 10, 0, tzinfo=UTC), 34, True),
        (datetime(2020, 8, 20, 10, 1, tzinfo=UTC), 34, False),
    ],
    ids=["Friday 17:00", "a second later", "Thursday 17:00 in week 34", "a minute later"],
)
def test_late_is_measured_at_arrival_against_the_weeks_own_deadline(
    case: MakeCase, claim: MakeClaim, arrived: datetime, week: int, on_time: bool
) -> None:
    outcome, report = only(case(claim(day=arrived.date()), arrived_at=arrived))
    assert (report.period, report.on_time) == (Period(2020, week), on_time)
    assert outcome is (Outcome.ACCEPTED if on_time else Outcome.ACCEPTED_WITH_WARNINGS)
    assert ("late" in codes(report)) is not on_time


def test_two_documents_that_agree_are_one_report(case: MakeCase, claim: MakeClaim) -> None:
    outcome, report = only(case(claim(), claim(document="ban ky.pdf", day=None)))
    assert outcome is Outcome.ACCEPTED
    assert {e.document for e in report.evidence["installed"]} == {"bao cao.docx", "ban ky.pdf"}


def test_two_documents_that_differ_in_one_number_are_for_a_person(case: MakeCase, claim: MakeClaim) -> None:
    outcome, report = only(case(claim(), claim((1000, 800, 601), document="ban ky.pdf")))
    assert outcome is Outcome.NEEDS_REVIEW
    assert "witnesses_disagree" in codes(report)


def test_two_units_of_one_mailbox_are_two_reports(case: MakeCase, claim: MakeClaim) -> None:
    shared = case(
        claim((155, 140, 129), clues=UnitClues(issuer="cd-kho-bac")),
        claim((424, 377, 311), clues=UnitClues(issuer="cd-cuc-thue"), document="thue.docx"),
        sender_units=("cd-cuc-thue", "cd-kho-bac"),
    )
    verdict = judge(shared)
    assert verdict.outcome is Outcome.ACCEPTED
    assert {(r.unit, r.values["members"]) for r in verdict.reports} == {("cd-kho-bac", 155), ("cd-cuc-thue", 424)}


def test_two_weeks_in_one_mail_are_two_reports(case: MakeCase, claim: MakeClaim) -> None:
    verdict = judge(case(claim((990, 790, 500), day=date(2020, 8, 20)), claim(document="tuan 35.docx")))
    assert {(str(r.period), r.values["members"]) for r in verdict.reports} == {("2020-W34", 990), ("2020-W35", 1000)}


@pytest.mark.parametrize(
    ("made", "outcome", "code"),
    [
        ({"figures": (1000, 800, 900)}, Outcome.REJECTED, "installed_exceeds_smartphones"),
        ({"figures": (1000, 800, None), "problems": {"installed": "missing_value"}}, Outcome.REJECTED, "missing_value"),
        ({"figures": (None, 800, 600)}, Outcome.NEEDS_REVIEW, "missing_value"),
        ({"uncertain": ("members",)}, Outcome.NEEDS_REVIEW, "low_confidence"),
        ({"percents": {"installed": "97.2"}}, Outcome.NEEDS_REVIEW, "percentage_mismatch"),
        ({"clues": UnitClues(issuer="ldld-huong-hoa")}, Outcome.NEEDS_REVIEW, "unit_mismatch"),
    ],
)
def test_what_is_wrong_is_rejected_and_what_is_doubtful_is_held(
    case: MakeCase, claim: MakeClaim, made: dict[str, object], outcome: Outcome, code: str
) -> None:
    judged, report = only(case(claim(**made)))
    assert judged is outcome
    assert code in codes(report)


def test_a_correction_supersedes_and_says_so(case: MakeCase, report: MakeReport) -> None:
    _, judged = only(case(known=(report(35),)))
    assert judged.status is ReportStatus.ACCEPTED
    assert judged.supersedes == 35
    assert "supersedes" in codes(judged)


def test_the_same_figures_again_are_a_duplicate(case: MakeCase, report: MakeReport) -> None:
    outcome, judged = only(case(known=(report(35, (1000, 800, 600)),)))
    assert outcome is Outcome.DUPLICATE
    assert judged.supersedes is None


def test_a_stranger_never_replaces_what_a_registered_sender_reported(case: MakeCase, report: MakeReport) -> None:
    outcome, judged = only(case(known=(report(35),), sender="la@nha.example", sender_units=()))
    assert outcome is Outcome.NEEDS_REVIEW
    assert judged.supersedes is None


def test_a_mail_that_the_units_own_later_mail_overtook_yields_to_it(case: MakeCase, report: MakeReport) -> None:
    newer = report(35, arrived_at=datetime(2020, 8, 28, 2, 0, 1, tzinfo=UTC))
    outcome, judged = only(case(known=(newer,)))
    assert (outcome, judged.status) == (Outcome.ACCEPTED, ReportStatus.SUPERSEDED)
    assert (judged.supersedes, judged.yields_to) == (None, 35)
    assert codes(judged) == {"overtaken"}
    assert only(case(known=(replace(newer, values=VALUES),)))[0] is Outcome.DUPLICATE


@pytest.mark.parametrize(
    "standing", [{"by_human": True}, {"sender": "la@nha.example", "sender_registered": False}], ids=["a person's", "a stranger's"]
)
def test_a_mail_that_came_before_what_a_person_or_a_stranger_said_is_held(
    case: MakeCase, report: MakeReport, standing: dict[str, Any]
) -> None:
    outcome, judged = only(case(known=(report(35, arrived_at=datetime(2020, 8, 28, 2, 0, 1, tzinfo=UTC), **standing),)))
    assert (outcome, judged.supersedes, judged.yields_to) == (Outcome.NEEDS_REVIEW, None, None)
    assert "supersedes" in codes(judged)


def test_a_doubtful_mail_is_held_though_a_later_one_stands(case: MakeCase, claim: MakeClaim, report: MakeReport) -> None:
    newer = report(35, arrived_at=datetime(2020, 8, 28, 2, 0, 1, tzinfo=UTC))
    outcome, judged = only(case(claim(uncertain=("installed",)), known=(newer,)))
    assert (outcome, judged.yields_to) == (Outcome.NEEDS_REVIEW, None)


def test_what_a_person_here_typed_yields_only_to_words_of_correction(case: MakeCase, claim: MakeClaim, report: MakeReport) -> None:
    typed = report(35, by_human=True)
    assert only(case(known=(typed,)))[0] is Outcome.NEEDS_REVIEW
    assert only(case(claim(correction=True), known=(typed,)))[1].supersedes == 35


def test_a_failed_authentication_holds_everything_and_answers_nobody(case: MakeCase) -> None:
    verdict = judge(case(authentication=AuthResult.FAIL))
    assert verdict.outcome is Outcome.NEEDS_REVIEW
    assert not verdict.may_reply
    assert all(r.status is ReportStatus.NEEDS_REVIEW for r in verdict.reports)


def test_a_file_that_nobody_could_read_may_contradict_the_one_that_was_read(case: MakeCase) -> None:
    verdict = judge(case(failures=(DocumentFailure(path="ban ky.pdf", code="encrypted"),)))
    assert verdict.outcome is Outcome.NEEDS_REVIEW
    assert "encrypted" in {f.code for f in verdict.findings}


@pytest.mark.parametrize(
    ("failures", "scans", "outcome"),
    [
        ((DocumentFailure(path="a.docx", code="encrypted"),), (), Outcome.REJECTED),
        ((DocumentFailure(path="a.jpg", code="unreadable"),), (), Outcome.NEEDS_REVIEW),
        ((), ("scan.pdf",), Outcome.NEEDS_REVIEW),
        ((), (), Outcome.NEEDS_REVIEW),
    ],
    ids=["a locked file", "a picture", "a scan without figures", "nothing at all"],
)
def test_a_mail_without_figures_is_rejected_only_where_the_sender_can_mend_it(
    case: MakeCase, failures: tuple[DocumentFailure, ...], scans: tuple[str, ...], outcome: Outcome
) -> None:
    assert judge(replace(case(), claims=(), failures=failures, unread_scans=scans)).outcome is outcome


@pytest.mark.parametrize("kind", ["own", "bounce", "receipt", "calendar"])
def test_mail_that_carries_back_our_own_words_is_ignored_whatever_it_holds(case: MakeCase, kind: str) -> None:
    verdict = judge(case(automatic=kind))
    assert verdict.outcome is Outcome.IGNORED
    assert not verdict.may_reply


def test_a_machines_own_words_are_no_report_but_a_letter_it_carries_may_be(case: MakeCase, claim: MakeClaim) -> None:
    assert judge(case(claim(document=BODY_PATH), automatic="list")).outcome is Outcome.IGNORED
    carried = judge(case(automatic="list"))
    assert carried.outcome is Outcome.ACCEPTED
    assert not carried.may_reply


def test_a_blank_form_beside_a_filled_one_is_overlooked(case: MakeCase, claim: MakeClaim) -> None:
    missing = dict.fromkeys(("members", "smartphone_users", "installed"), "missing_value")
    blank = claim((None, None, None), problems=missing, document="mau.docx")
    assert only(case(claim(), blank))[0] is Outcome.ACCEPTED
    assert only(case(blank))[0] is Outcome.REJECTED
