"""A figure that the form does not insist on: never named it is not missed, named and blank it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mailbox_ingest.config import FormConfig
from mailbox_ingest.judgement import Case, Claim, judge
from mailbox_ingest.model import Outcome

MakeClaim = Callable[..., Claim]
MakeCase = Callable[..., Case]


@pytest.fixture
def lenient(form: FormConfig) -> FormConfig:
    return replace(form, fields=tuple(replace(field, optional=field.name == "members") for field in form.fields))


def test_a_report_without_an_optional_figure_is_accepted(lenient: FormConfig, case: MakeCase, claim: MakeClaim) -> None:
    verdict = judge(case(claim((None, 800, 600)), form=lenient))
    assert (verdict.outcome, verdict.reports[0].values) == (Outcome.ACCEPTED, {"smartphone_users": 800, "installed": 600})


def test_an_optional_figure_that_is_named_and_left_blank_is_sent_back(lenient: FormConfig, case: MakeCase, claim: MakeClaim) -> None:
    verdict = judge(case(claim((None, 800, 600), problems={"members": "missing_value"}), form=lenient))
    assert verdict.outcome is Outcome.REJECTED


def test_a_figure_that_is_not_optional_is_still_missed(lenient: FormConfig, case: MakeCase, claim: MakeClaim) -> None:
    assert judge(case(claim((1000, None, 600)), form=lenient)).outcome is Outcome.NEEDS_REVIEW
