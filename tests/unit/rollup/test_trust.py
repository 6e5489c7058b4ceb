"""Totals that say what they cover: carried forward, like for like, restated, and questions where figures look odd."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbox_ingest.config import FormConfig, RulesConfig
from mailbox_ingest.model import StoredReport, Unit
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.rollup import weekly
from mailbox_ingest.rollup.figures import ExemptUnit, QuestionKind, Restatement, Unreachable, WeeklyDigest
from mailbox_ingest.rollup.freeze import frozen_figures, told_totals
from mailbox_ingest.rollup.restate import restatements

W33, W34, W35, W36 = (Period(2020, week) for week in (33, 34, 35, 36))
LATER = datetime(2020, 9, 30, tzinfo=LOCAL_ZONE)

Sent = Callable[..., StoredReport]


def roster(codes: Iterable[str]) -> tuple[Unit, ...]:
    return tuple(Unit(code=code, name=code.upper(), group="huyện") for code in codes)


@pytest.fixture(scope="session")
def digest(small_form: FormConfig) -> Callable[..., WeeklyDigest]:
    def make(reports: Iterable[StoredReport], *, codes: str = "abc", period: Period = W35, **more: object) -> WeeklyDigest:
        return weekly(form=small_form, period=period, as_of=LATER, roster=roster(codes), reports=reports, held={}, **more)  # type: ignore[arg-type]

    return make


Digest = Callable[..., WeeklyDigest]


def test_missing_units_are_carried_forward_with_their_age_beside_the_reported_sum(digest: Digest, sent: Sent) -> None:
    of = digest([sent("a", W35, 500), sent("b", W33, 300)])

    assert of.totals == {"whole": 1000, "part": 500}
    assert of.carried.totals == {"whole": 2000, "part": 800}
    assert (of.carried.units, of.carried.oldest_weeks, of.carried.unknown) == (1, 2, 1)
    assert [u.carried_weeks for u in of.units] == [None, 2, None]
    assert of.carried.rates["rate"].percent == Decimal(40)


def test_past_weeks_are_counted_over_the_units_that_owed_them(digest: Digest, sent: Sent) -> None:
    reports = [sent("a", W34, 100), sent("z", W34, 400), sent("b", W34, 50), sent("a", W35, 200)]
    of = digest(reports, codes="ab", rosters={W34: frozenset({"a", "z", "y"})})

    past = of.history[0]
    assert (past.period, past.expected, past.reported, past.totals["part"]) == (W34, 3, 2, 500)
    assert of.units[1].previous is not None  # what a unit itself sent stays known, whoever owed it
    assert of.completeness.expected == 2


def test_exempt_units_are_named_and_not_counted(digest: Digest, sent: Sent) -> None:
    of = digest([sent("a", W35, 100)], codes="ab", exempt=(ExemptUnit(code="c", name="C", group="huyện", reason="Cách ly"),))

    assert of.completeness.expected == 2
    assert frozen_figures(of)["exempt"] == [{"unit": "c", "name": "C", "reason": "Cách ly"}]


def test_a_missing_unit_that_cannot_be_reached_is_a_part_of_the_missing(digest: Digest, sent: Sent) -> None:
    of = digest([sent("a", W35, 100)], unreachable=dict.fromkeys("ab", Unreachable.DEAD_ADDRESS))

    assert (of.completeness.missing, of.completeness.unreachable) == (2, 1)
    assert [unit.reachable for unit in of.units] == [False, False, True]


# ---------------------------------------------------------------- like for like

STEADY = st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(st.integers(1, 500), st.integers(500, 5000)), min_size=2, max_size=8)


@settings(max_examples=100, deadline=None)
@given(STEADY, st.sets(st.sampled_from("abcdefgh")), st.sets(st.sampled_from("abcdefgh")))
def test_dropping_units_never_moves_a_like_for_like_trend_that_stands_still(
    digest: Digest, sent: Sent, figures: Mapping[str, tuple[int, int]], gone_now: set[str], gone_before: set[str]
) -> None:
    before = [sent(code, W34, part, whole) for code, (part, whole) in figures.items() if code not in gone_before]
    now = [sent(code, W35, part, whole) for code, (part, whole) in figures.items() if code not in gone_now]
    like = digest([*before, *now], codes="abcdefgh").like_for_like

    if like is not None:
        assert like.totals_now == like.totals_before
        assert like.points("rate") == 0


@settings(max_examples=100, deadline=None)
@given(STEADY, st.integers(2, 5), st.tuples(*[st.sets(st.sampled_from("abcdefgh"))] * 2))
def test_dropping_units_never_moves_a_like_for_like_trend_that_all_units_share(
    digest: Digest, sent: Sent, figures: Mapping[str, tuple[int, int]], growth: int, gone: tuple[set[str], set[str]]
) -> None:
    before = [sent(code, W34, part, whole) for code, (part, whole) in figures.items() if code not in gone[0]]
    now = [sent(code, W35, part * growth, whole * growth) for code, (part, whole) in figures.items() if code not in gone[1]]
    like = digest([*before, *now], codes="abcdefgh").like_for_like

    if like is not None:
        assert like.totals_now == {name: total * growth for name, total in like.totals_before.items()}


@settings(max_examples=60, deadline=None)
@given(STEADY, STEADY)
def test_a_unit_that_is_in_one_of_the_two_weeks_only_changes_nothing(
    digest: Digest, sent: Sent, before: Mapping[str, tuple[int, int]], now: Mapping[str, tuple[int, int]]
) -> None:
    then = [sent(code, W34, *figures) for code, figures in before.items()]
    today = [sent(code, W35, *figures) for code, figures in now.items()]
    both = before.keys() & now.keys()
    whole = digest([*then, *today], codes="abcdefgh").like_for_like
    kept = digest([r for r in (*then, *today) if r.unit in both], codes="abcdefgh").like_for_like

    assert whole == kept


def test_a_figure_given_in_one_week_only_is_no_change(digest: Digest, sent: Sent) -> None:
    like = digest([replace(sent("a", W34, 100), values={"whole": 1000}), sent("a", W35, 100)]).like_for_like

    assert like is not None
    assert like.totals_now == like.totals_before == {"whole": 1000, "part": 0}
    assert like.points("rate") is None


def test_every_week_of_the_history_is_compared_with_the_one_before(digest: Digest, sent: Sent) -> None:
    of = digest([sent("a", W34, 100), sent("b", W34, 900), sent("a", W35, 200), sent("a", W36, 400)], period=W36)

    moves = [p.like_for_like.points("rate") if p.like_for_like else None for p in of.history]
    assert moves == [None, Decimal(10), Decimal(20)]


# ---------------------------------------------------------------- restatements

ROSTERS = {W33: frozenset("abc"), W34: frozenset("abc")}


def restated(
    form: FormConfig, said: list[StoredReport], now: list[StoredReport], told: Mapping[Period, dict[str, int]]
) -> tuple[Restatement, ...]:
    return restatements(form, said=said, now=now, rosters=ROSTERS, told=told, names={})


def test_corrections_and_late_reports_restate_the_weeks_that_were_told(small_form: FormConfig, sent: Sent) -> None:
    said = [sent("a", W34, 100), sent("b", W34, 50)]
    now = [sent("a", W34, 130), sent("b", W34, 50), sent("c", W34, 12)]
    (week,) = restated(small_form, said, now, {W34: {"whole": 2000, "part": 150}})

    assert week.period == W34 and week.moved == {"whole": 1000, "part": 42}
    assert [change.unit for change in week.changes] == ["a", "c"] and week.late_reports == 1
    assert week.totals_before == {"whole": 2000, "part": 150}


def test_a_week_that_no_digest_spoke_of_cannot_be_restated(small_form: FormConfig, sent: Sent) -> None:
    assert restated(small_form, [], [sent("a", W33, 1)], {W34: {}}) == ()


def test_the_same_figures_sent_again_and_units_outside_the_roster_restate_nothing(small_form: FormConfig, sent: Sent) -> None:
    assert restated(small_form, [sent("a", W34, 1)], [sent("a", W34, 1, number=9), sent("zz", W34, 5)], {W34: {}}) == ()


def test_a_report_that_was_withdrawn_is_restated_too(small_form: FormConfig, sent: Sent) -> None:
    (week,) = restated(small_form, [sent("a", W34, 100)], [], {W34: {"whole": 1000, "part": 100}})

    assert week.changes[0].now is None and week.moved["part"] == -100


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.sampled_from("abc"), st.integers(0, 1000)), st.dictionaries(st.sampled_from("abc"), st.integers(0, 1000)))
def test_what_was_told_and_what_was_restated_add_up_to_what_is_known(
    small_form: FormConfig, digest: Digest, sent: Sent, before: dict[str, int], now: dict[str, int]
) -> None:
    then = [sent(code, W34, part) for code, part in before.items()]
    today = [sent(code, W34, part) for code, part in now.items()]
    told = told_totals(frozen_figures(digest(then, period=W34)))
    found = restated(small_form, then, today, told)
    known = digest(today, period=W34).totals

    moved = found[0].moved if found else dict.fromkeys(known, 0)
    assert {name: told[W34][name] + moved[name] for name in known} == known


# ---------------------------------------------------------------- questions


def test_the_same_numbers_three_weeks_running_are_a_question(digest: Digest, sent: Sent) -> None:
    reports = [sent("a", week, 500) for week in (W33, W34, W35)] + [sent("b", week, 500) for week in (W33, W35)]
    (question,) = digest(reports).questions

    assert (question.unit.unit.code, question.kind, question.weeks) == ("a", QuestionKind.UNCHANGED, 3)


def test_a_unit_that_has_reached_the_target_is_not_asked_why_it_stands_still(digest: Digest, sent: Sent) -> None:
    assert digest([sent("a", week, 1000) for week in (W33, W34, W35)]).questions == ()


def test_a_sudden_jump_is_a_question_about_the_figure_that_moved_most(digest: Digest, sent: Sent) -> None:
    (question,) = digest([sent("a", W33, 100), sent("a", W35, 900, 1400)]).questions

    assert (question.kind, question.field, question.before, question.now, question.weeks) == (QuestionKind.JUMP, "part", 100, 900, 2)


def test_small_changes_of_small_units_are_no_jump(digest: Digest, sent: Sent) -> None:
    assert digest([sent("a", W34, 10, 100), sent("a", W35, 35, 100)]).questions == ()


def test_the_question_about_standing_still_can_be_switched_off(small_form: FormConfig, sent: Sent) -> None:
    form = replace(small_form, rules=RulesConfig(same_numbers_weeks=0))
    reports = [sent("a", week, 500) for week in (W33, W34, W35)]

    assert weekly(form=form, period=W35, as_of=LATER, roster=roster("a"), reports=reports, held={}).questions == ()
