from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from mailbox_ingest.config import FieldConfig, FormConfig, RateConfig
from mailbox_ingest.model import ReportStatus, StoredReport, Unit
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.rollup import weekly
from mailbox_ingest.rollup.figures import UnitState, WeeklyDigest
from mailbox_ingest.rollup.freeze import frozen_figures

W34, W35, W36 = Period(2020, 34), Period(2020, 35), Period(2020, 36)
FORM = FormConfig(
    name="form",
    title="Báo cáo",
    fields=(FieldConfig(name="whole", title="Tổng số", labels=()), FieldConfig(name="part", title="Đã cài", labels=(), part_of="whole")),
    rates=(RateConfig(name="rate", title="Tỷ lệ", numerator="part", denominator="whole", target_percent=Decimal(100)),),
)
UNITS = tuple(Unit(code=code, name=code.upper(), group=group) for code, group in (("a", "huyện"), ("b", "ngành"), ("c", "huyện")))
ON_TIME = datetime(2020, 8, 28, 16, 59, tzinfo=LOCAL_ZONE)  # Friday of week 35, due at 17:00
LATE = datetime(2020, 8, 28, 17, 1, tzinfo=LOCAL_ZONE)
LATER = datetime(2020, 9, 30, tzinfo=LOCAL_ZONE)


def report(
    unit: str,
    period: Period = W35,
    part: int = 50,
    whole: int = 100,
    *,
    number: int = 1,
    arrived_at: datetime = ON_TIME,
    status: ReportStatus = ReportStatus.ACCEPTED,
    first_arrived_at: datetime | None = None,
    values: Mapping[str, int] | None = None,
) -> StoredReport:
    return StoredReport(
        id=number,
        form="form",
        unit=unit,
        period=period,
        values={"whole": whole, "part": part} if values is None else values,
        status=status,
        message_id=number,
        arrived_at=arrived_at,
        sender=f"{unit}@example",
        sender_registered=True,
        first_arrived_at=first_arrived_at,
    )


def digest(
    reports: Iterable[StoredReport], *, period: Period = W35, as_of: datetime = LATER, held: Mapping[str | None, int] | None = None
) -> WeeklyDigest:
    return weekly(form=FORM, period=period, as_of=as_of, roster=UNITS, reports=reports, held=held or {})


def states(of: WeeklyDigest) -> list[str]:
    return [u.state.value for u in of.units]


def test_a_unit_is_on_time_until_the_deadline_and_late_after_it() -> None:
    assert states(digest([report("a"), report("b", arrived_at=LATE)])) == ["on_time", "late", "missing"]


def test_a_correction_after_the_deadline_leaves_the_unit_on_time_and_changes_the_figures() -> None:
    first = report("a", part=40, number=1, status=ReportStatus.SUPERSEDED)
    corrected = report("a", part=60, number=2, arrived_at=LATE)
    of = digest([first, corrected])

    assert states(of)[0] == "on_time"
    assert of.totals == {"whole": 100, "part": 60}


def test_the_store_may_tell_the_first_arrival_without_giving_the_superseded_report() -> None:
    assert states(digest([report("a", arrived_at=LATE, first_arrived_at=ON_TIME)]))[0] == "on_time"


def test_a_sender_s_wrong_clock_makes_a_report_late_but_never_invisible() -> None:
    assert states(digest([report("a", arrived_at=LATER + timedelta(days=3650))], as_of=LATE))[0] == "late"


def test_a_report_that_was_superseded_without_a_successor_gives_no_figures() -> None:
    of = digest([report("a", status=ReportStatus.SUPERSEDED)])

    assert states(of)[0] == "missing" and of.totals["part"] == 0


def test_a_held_unit_counts_as_missing_and_is_shown_apart() -> None:
    of = digest([report("a")], held={"b": 2, "zz": 1, None: 3})

    assert states(of) == ["on_time", "held", "missing"]
    assert (of.completeness.expected, of.completeness.missing, of.completeness.held) == (3, 2, 1)
    assert of.held_elsewhere == 4


def test_a_unit_that_has_reported_is_not_held_because_of_a_second_mail() -> None:
    of = digest([report("a")], held={"a": 1})

    assert states(of)[0] == "on_time" and of.units[0].held_messages == 1


def test_reports_of_other_forms_later_weeks_and_units_outside_the_roster_do_not_count() -> None:
    of = digest([report("zz"), report("a", W36), report("a", status=ReportStatus.REJECTED)])

    assert states(of) == ["missing"] * 3 and of.totals == {"whole": 0, "part": 0}


def test_a_rate_leaves_out_units_that_gave_only_one_of_its_figures() -> None:
    of = digest([report("a", part=50, whole=100), report("b", values={"whole": 1000})])

    assert of.rates["rate"].percent == Decimal(50)
    assert of.totals["whole"] == 1100


def test_a_rate_without_a_denominator_is_unknown_not_zero() -> None:
    of = digest([report("a", part=0, whole=0)])

    assert of.rates["rate"].percent is None and of.rates["rate"].short_of_target is None


def test_what_is_missing_to_the_target_is_rounded_up() -> None:
    assert digest([report("a", part=2, whole=3)]).rates["rate"].short_of_target == 1
    assert digest([report("a", part=3, whole=3)]).rates["rate"].short_of_target == 0


def test_change_is_measured_on_the_units_of_both_weeks() -> None:
    of = digest([report("a", W34, part=40), report("a", part=50), report("b", part=10), report("c", W34, part=90)])

    assert of.like_for_like is not None
    assert of.like_for_like.units == 1
    assert of.like_for_like.points("rate") == Decimal(10)
    assert of.like_for_like.totals_now["part"] - of.like_for_like.totals_before["part"] == 10


def test_without_a_common_unit_there_is_no_change_to_tell() -> None:
    assert digest([report("a", W34), report("b")]).like_for_like is None


def test_a_unit_is_compared_with_its_own_last_report_even_across_a_gap() -> None:
    of = digest([report("a", W34, part=40), report("a", W36, part=50)], period=W36)

    assert of.units[0].change("part") == 10
    assert of.units[0].previous is not None and of.units[0].previous.period == W34


def test_a_silent_unit_is_told_since_when() -> None:
    of = digest([report("a", W34)], period=W36)

    assert of.units[0].silent_since == W35
    assert of.units[1].silent_since is None


def test_the_history_has_every_week_and_shows_a_gap_as_a_gap() -> None:
    of = digest([report("a", W34, part=40), report("a", W36, part=50)], period=W36)

    assert [p.period for p in of.history] == [W34, W35, W36]
    assert [p.rates["rate"].percent for p in of.history] == [Decimal(40), None, Decimal(50)]


def test_groups_keep_the_order_of_the_registry_and_add_up() -> None:
    of = digest([report("a"), report("b", arrived_at=LATE)])

    assert [g.name for g in of.groups] == ["huyện", "ngành"]
    assert sum(g.completeness.expected for g in of.groups) == of.completeness.expected
    assert sum(g.completeness.late for g in of.groups) == of.completeness.late == 1


def test_the_frozen_figures_are_plain_json() -> None:
    of = digest([report("a", W34, part=40), report("a"), report("b", arrived_at=LATE)], held={"c": 1})
    frozen = json.loads(json.dumps(frozen_figures(of), ensure_ascii=False))

    assert frozen["completeness"] == {"expected": 3, "on_time": 1, "late": 1, "missing": 1, "held": 1, "unreachable": 0}
    assert frozen["rates"]["rate"] == {"numerator": 100, "denominator": 200, "percent": "50.0000"}
    assert [u["state"] for u in frozen["units"]] == ["on_time", "late", "held"]


@st.composite
def any_report(draw: st.DrawFn) -> StoredReport:
    whole = draw(st.integers(0, 5000))
    return report(
        draw(st.sampled_from(["a", "b", "c", "zz"])),
        draw(st.sampled_from([W34, W35, W36])),
        draw(st.integers(0, whole)),
        whole,
        number=draw(st.integers(1, 1000)),
        arrived_at=ON_TIME + timedelta(hours=draw(st.integers(-300, 300))),
        status=draw(st.sampled_from(list(ReportStatus))),
        values=draw(st.sampled_from([None, {}, {"whole": whole}])),
    )


@settings(max_examples=150, deadline=None)
@given(
    st.lists(any_report(), max_size=25),
    st.dictionaries(st.sampled_from(["a", "b", "c", "zz", None]), st.integers(1, 3)),
    st.integers(-200, 400),
)
def test_whatever_came_in_the_figures_add_up(reports: list[StoredReport], held: dict[str | None, int], hours: int) -> None:
    of = digest(reports, as_of=ON_TIME + timedelta(hours=hours), held=held)
    counted = of.completeness

    assert counted.expected == len(UNITS) == counted.on_time + counted.late + counted.missing
    assert counted.held <= counted.missing
    assert counted.reported == sum(1 for u in of.units if u.report) == of.history[-1].reported
    assert counted.percent is not None and 0 <= counted.percent <= 100
    for field in ("whole", "part"):
        assert of.totals[field] == sum(u.value(field) or 0 for u in of.units)
    shares = [r.percent for p in of.history for r in p.rates.values()] + [u.rates["rate"] for u in of.units]
    assert all(share is None or 0 <= share <= 100 for share in shares)
    for field in ("expected", "on_time", "late", "missing", "held"):
        assert sum(getattr(g.completeness, field) for g in of.groups) == getattr(counted, field)
    assert sum(g.rates["rate"].numerator for g in of.groups) == of.rates["rate"].numerator
    if of.like_for_like is not None:
        assert 1 <= of.like_for_like.units <= counted.reported
    assert len(of.in_state(UnitState.HELD)) == counted.held


@settings(max_examples=50, deadline=None)
@given(st.lists(any_report(), max_size=15, unique_by=lambda r: r.id), st.randoms())
def test_the_order_in_which_reports_are_given_does_not_matter(reports: list[StoredReport], random: object) -> None:
    shuffled = list(reports)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert frozen_figures(digest(reports)) == frozen_figures(digest(shuffled))
