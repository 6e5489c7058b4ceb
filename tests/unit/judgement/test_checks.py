"""The rules of a form over the values of one report: what holds, what rejects, what only warns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest

from mailbox_ingest.config import FormConfig
from mailbox_ingest.judgement import Claim
from mailbox_ingest.judgement.checks import Check, check_change, check_fields, check_parts, check_percentages, check_remainders
from mailbox_ingest.model import Evidence, FieldReading, StatedPercentage, StatedRemainder, StoredReport

MakeClaim = Callable[..., Claim]
MakeReport = Callable[..., StoredReport]

EVIDENCE = Evidence(document="a.docx", place="bảng 1", raw="?", method="table")


def said(checks: Sequence[Check]) -> list[tuple[str, str | None, str]]:
    return [(c.finding.code, c.finding.field, "rejects" if c.rejects else "holds" if c.holds else "warns") for c in checks]


def fields(claim: Claim) -> dict[str, FieldReading]:
    return {f.field: f for f in claim.reading.fields}


def test_three_good_values_call_for_nothing(form: FormConfig, claim: MakeClaim) -> None:
    good = fields(claim())
    assert check_fields(form, good, scanned=False) == []
    assert check_parts(form, good, scanned=False) == []


@pytest.mark.parametrize("problem", ["missing_value", "not_a_number", "negative_value"])
def test_what_the_sender_must_mend_is_rejected_but_never_on_the_word_of_a_scan(form: FormConfig, claim: MakeClaim, problem: str) -> None:
    broken = fields(claim((1000, 800, None), problems={"installed": problem}))
    assert said(check_fields(form, broken, scanned=False)) == [(problem, "installed", "rejects")]
    assert said(check_fields(form, broken, scanned=True)) == [(problem, "installed", "holds")]


def test_a_field_that_was_never_named_may_stand_there_in_words_we_do_not_know(form: FormConfig, claim: MakeClaim) -> None:
    assert said(check_fields(form, fields(claim((None, 800, 600))), scanned=False)) == [("missing_value", "members", "holds")]


@pytest.mark.parametrize(
    ("read", "code"),
    [
        (FieldReading(field="installed", value=600, evidence=EVIDENCE, certain=False), "low_confidence"),
        (FieldReading(field="installed", value=600, evidence=EVIDENCE, problem="witnesses_disagree", certain=False), "witnesses_disagree"),
        (FieldReading(field="installed", value=6_000_000, evidence=EVIDENCE), "low_confidence"),
    ],
    ids=["uncertain", "disputed", "more than the province has"],
)
def test_a_doubtful_value_is_held(form: FormConfig, claim: MakeClaim, read: FieldReading, code: str) -> None:
    assert said(check_fields(form, {**fields(claim()), "installed": read}, scanned=False)) == [(code, "installed", "holds")]


def test_a_value_read_with_little_confidence_is_held(form: FormConfig, claim: MakeClaim) -> None:
    faint = Evidence(document="a.png", place="trang 1", raw="600", method="table", confidence=0.84)
    read = {**fields(claim()), "installed": FieldReading(field="installed", value=600, evidence=faint)}
    assert said(check_fields(form, read, scanned=True)) == [("low_confidence", "installed", "holds")]


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ((1000, 800, 801), [("installed_exceeds_smartphones", "installed", "rejects")]),
        ((1000, 1001, 600), [("smartphones_exceed_members", "smartphone_users", "rejects")]),
        ((1000, 1000, 1000), []),
        ((0, 0, 0), []),
    ],
)
def test_a_part_is_never_larger_than_its_whole(
    form: FormConfig, claim: MakeClaim, figures: tuple[int, int, int], expected: list[tuple[str, str, str]]
) -> None:
    assert said(check_parts(form, fields(claim(figures)), scanned=False)) == expected


def test_parts_and_wholes_that_may_be_misread_are_held_instead(form: FormConfig, claim: MakeClaim) -> None:
    read = fields(claim((1000, 800, 801), uncertain=("installed",)))
    assert said(check_parts(form, read, scanned=False)) == [("installed_exceeds_smartphones", "installed", "holds")]
    assert said(check_parts(form, fields(claim((1000, 800, 801))), scanned=True)) == [
        ("installed_exceeds_smartphones", "installed", "holds")
    ]


@pytest.mark.parametrize(
    ("field", "percent", "of", "mismatch"),
    [
        ("installed", "75", None, False),
        ("installed", "75.0", None, False),
        ("installed", "60", None, False),
        ("installed", "60", "members", False),
        ("installed", "60", "smartphone_users", True),
        ("installed", "80.2", None, True),
        ("installed", "100", None, True),
        ("smartphone_users", "80", None, False),
        ("smartphone_users", "8", None, True),
    ],
)
def test_a_stated_percentage_must_fit_the_numbers_it_can_be_of(
    form: FormConfig, field: str, percent: str, of: str | None, mismatch: bool
) -> None:
    stated = StatedPercentage(field=field, percent=Decimal(percent), decimals=len(percent.partition(".")[2]), of=of, evidence=EVIDENCE)
    checks = check_percentages(form, {"members": 1000, "smartphone_users": 800, "installed": 600}, [stated])
    assert said(checks) == ([("percentage_mismatch", field, "holds")] if mismatch else [])


def test_a_percentage_of_nobody_says_nothing(form: FormConfig) -> None:
    stated = StatedPercentage(field="installed", percent=Decimal(100), decimals=0, of=None, evidence=EVIDENCE)
    assert check_percentages(form, {"members": 0, "smartphone_users": 0, "installed": 0}, [stated]) == []


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ((1000, 800, 600), []),
        ((1029, 820, 640), []),
        ((1400, 820, 640), [("large_change", "members", "warns")]),
        ((600, 550, 500), [("large_change", "members", "warns"), ("large_change", "smartphone_users", "warns")]),
        ((100, 80, 60), [("large_change", name, "holds") for name in ("members", "smartphone_users", "installed")]),
        ((10000, 8000, 6000), [("large_change", name, "holds") for name in ("members", "smartphone_users", "installed")]),
        ((1000, 800, 790), []),
    ],
    ids=["the same", "within the floor", "members up by 40 %", "down by 40 %", "a tenth", "tenfold", "installations may grow fast"],
)
def test_a_change_is_measured_against_the_last_report_with_a_band_and_a_floor(
    form: FormConfig, report: MakeReport, figures: tuple[int, int, int], expected: list[tuple[str, str, str]]
) -> None:
    names = ("members", "smartphone_users", "installed")
    checks = check_change(form, dict(zip(names, figures, strict=True)), report(34, (1000, 800, 600)))
    assert said(checks) == expected


def test_the_first_report_of_a_unit_is_compared_with_nothing(form: FormConfig) -> None:
    assert check_change(form, {"members": 5}, None) == []


@pytest.mark.parametrize(
    ("field", "count", "exact", "holds"),
    [
        ("installed", 200, True, False),  # of those with a smartphone
        ("installed", 400, True, False),  # of all members
        ("installed", 190, True, True),
        ("installed", 190, False, False),
        ("installed", 401, False, True),
        ("smartphone_users", 200, True, False),
        ("smartphone_users", 300, True, True),
    ],
)
def test_what_is_said_to_be_left_must_be_the_difference(form: FormConfig, field: str, count: int, exact: bool, holds: bool) -> None:
    evidence = Evidence(document="a", place="", raw="", method="remainder")
    stated = StatedRemainder(field=field, count=count, exact=exact, evidence=evidence)
    checks = check_remainders(form, {"members": 1000, "smartphone_users": 800, "installed": 600}, [stated])
    assert said(checks) == ([("witnesses_disagree", field, "holds")] if holds else [])
