"""What a weekly digest says, ready to be printed: every figure already worded. Holds no layout and draws nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from mailbox_ingest.config import FormConfig, OrganisationConfig
from mailbox_ingest.periods import Period
from mailbox_ingest.render import wording
from mailbox_ingest.rollup.figures import RateFigure, UnitState, UnitWeek, WeeklyDigest

_STALE_POLL = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the service itself fares. `last_poll_at` is the last successful look into the mailbox that was longest without one, None if there
    was none; `mails_seen` counts the mails recorded since the week began; `watched` is False where no mailbox is configured."""

    last_poll_at: datetime | None
    mails_seen: int
    watched: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalLine:
    """A sum or a rate. `change` is like for like; '' where there is nothing to compare."""

    title: str
    value: str
    change: str
    rate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    name: str
    reported: str  # '9/10'
    on_time: str
    late: str
    missing: str
    rate: str
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLine:
    """A unit that is late, missing or held, and what there is to say of it."""

    name: str
    group: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An inline chart. `cid` without angle brackets; `alt` says in words what it shows."""

    cid: str
    alt: str
    heading: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestContext:
    """All that the templates of a weekly digest may name."""

    organisation: OrganisationConfig
    subject: str
    form_title: str
    legal_basis: str
    week: str
    as_of: str
    empty: bool
    rate_title: str
    rate_value: str
    rate_note: str
    change_title: str
    change_value: str
    change_note: str
    reported_value: str
    reported_note: str
    sentences: tuple[str, ...]
    compared_with: str
    totals: tuple[TotalLine, ...]
    groups: tuple[GroupLine, ...]
    late: tuple[UnitLine, ...]
    missing: tuple[UnitLine, ...]
    held: tuple[UnitLine, ...]
    held_elsewhere: int
    trend: Picture | None
    bars: Picture | None
    workbook: str
    health: str
    alarm: str


def digest_context(
    digest: WeeklyDigest, *, organisation: OrganisationConfig, health: Health, trend: Picture | None, bars: Picture | None, workbook: str
) -> DigestContext:
    """Words for `digest`; `workbook` is the attached file's name."""
    form, counted, headline = digest.form, digest.completeness, digest.headline
    empty = counted.reported == 0
    like = digest.like_for_like
    moved = like.points(headline.rate.name) if like and headline else None
    return DigestContext(
        organisation=organisation,
        subject=subject_line(digest),
        form_title=form.title,
        legal_basis=form.legal_basis,
        week=wording.week(digest.period),
        as_of=wording.moment(digest.as_of),
        empty=empty,
        rate_title=headline.rate.title if headline else "",
        rate_value=rate_text(headline),
        rate_note=_target_note(headline),
        change_title=f"So với {wording.short_week(digest.period.shifted(-1))}",
        change_value=wording.points(moved) if moved is not None else "–",
        change_note=f"ở {like.units}/{counted.reported} đơn vị có báo cáo cả hai tuần"
        if like and moved is not None
        else "chưa có số liệu để so sánh",
        reported_value=f"{wording.count(counted.reported)}/{wording.count(counted.expected)}",
        reported_note=f"{wording.count(counted.on_time)} đúng hạn, {wording.count(counted.late)} muộn",
        sentences=_sentences(digest, moved),
        compared_with=wording.short_week(like.before) if like else "",
        totals=_totals(digest),
        groups=tuple(
            GroupLine(
                name=wording.capital(group.name) or "Khác",
                reported=f"{wording.count(group.completeness.reported)}/{wording.count(group.completeness.expected)}",
                on_time=wording.count(group.completeness.on_time),
                late=wording.count(group.completeness.late),
                missing=wording.count(group.completeness.missing),
                rate=rate_text(group.rates[headline.rate.name]) if headline else "–",
                complete=group.completeness.missing == 0,
            )
            for group in digest.groups
        ),
        late=tuple(_late(u, digest.due_at) for u in digest.in_state(UnitState.LATE)),
        missing=tuple(
            UnitLine(name=u.unit.name, group=u.unit.group, note=silence(u, digest.period)) for u in digest.in_state(UnitState.MISSING)
        ),
        held=tuple(
            UnitLine(name=u.unit.name, group=u.unit.group, note=f"{wording.count(u.held_messages)} thư đang được kiểm tra")
            for u in digest.in_state(UnitState.HELD)
        ),
        held_elsewhere=digest.held_elsewhere,
        trend=trend,
        bars=bars,
        workbook=workbook,
        health=_health(health, digest),
        alarm=_alarm(health, digest.as_of),
    )


def subject_line(digest: WeeklyDigest) -> str:
    """The digest's news in one line; a week without reports says so."""
    counted, headline = digest.completeness, digest.headline
    start = f"{digest.form.title} {wording.week(digest.period)}"
    if counted.reported == 0:
        return f"{start}: chưa có đơn vị nào báo cáo"
    reached = f"đạt {wording.percent(headline.percent)}, " if headline and headline.percent is not None else ""
    return f"{start}: {reached}{wording.count(counted.reported)}/{wording.count(counted.expected)} đơn vị đã báo cáo"


def rate_text(figure: RateFigure | None) -> str:
    """'88,5%', or '–' where the rate is unknown."""
    return "–" if figure is None or figure.percent is None else wording.percent(figure.percent)


def silence(unit: UnitWeek, period: Period) -> str:
    """Since when a unit has been silent."""
    if unit.silent_since is None:
        return "chưa báo cáo kỳ nào"
    if unit.silent_since == period:
        return "chưa báo cáo tuần này"
    return f"chưa báo cáo từ {wording.week(unit.silent_since)}"


def measure(form: FormConfig, field: str) -> str:
    """What a field counts, 'người'."""
    return next((f.unit for f in form.fields if f.name == field), "")


def _target_note(figure: RateFigure | None) -> str:
    if figure is None or figure.percent is None or figure.rate.target_percent is None:
        return ""
    target = figure.rate.target_percent
    if figure.percent >= target:
        return f"đạt mục tiêu {wording.percent(target)}"
    return f"mục tiêu {wording.percent(target)}, còn thiếu {wording.points(target - figure.percent).removeprefix('+')}"


def _sentences(digest: WeeklyDigest, moved: Decimal | None) -> tuple[str, ...]:
    counted, headline, like = digest.completeness, digest.headline, digest.like_for_like
    expected = wording.count(counted.expected)
    if counted.reported == 0:
        told = [f"Đến {wording.moment(digest.as_of)}, chưa có đơn vị nào trong {expected} đơn vị gửi báo cáo được ghi nhận."]
    else:
        share = f" ({wording.percent(counted.percent)})" if counted.percent is not None else ""
        told = [
            f"Đến {wording.moment(digest.as_of)}, {wording.count(counted.reported)}/{expected} đơn vị đã báo cáo{share}: "
            f"{wording.count(counted.on_time)} đúng hạn, {wording.count(counted.late)} muộn; {_still_missing(counted.missing)}"
        ]
    if counted.held:
        told[0] = told[0].removesuffix(".") + f", trong đó {wording.count(counted.held)} đơn vị đã gửi và đang được kiểm tra."
    if headline is not None and headline.percent is not None:
        who = measure(digest.form, headline.rate.numerator)
        figures = f"{wording.count(headline.numerator)}/{wording.count(headline.denominator)} {who}".rstrip()
        short = headline.short_of_target
        goal = ""
        if short is not None and headline.rate.target_percent is not None:
            target = wording.percent(headline.rate.target_percent)
            goal = (
                f"; đạt mục tiêu {target}" if short == 0 else f"; so với mục tiêu {target} còn thiếu {wording.count(short)} {who}".rstrip()
            )
        told.append(f"{headline.rate.title} đạt {rate_text(headline)} ({figures}){goal}.")
    if moved is not None and like is not None and headline is not None:
        before, now = rate_text(like.rates_before[headline.rate.name]), rate_text(like.rates_now[headline.rate.name])
        verb = (
            "không thay đổi" if before == now else f"{'tăng' if moved > 0 else 'giảm'} từ {before} {'lên' if moved > 0 else 'xuống'} {now}"
        )
        told.append(
            f"So với {wording.short_week(like.before)}, ở {wording.count(like.units)} đơn vị có báo cáo cả hai tuần, tỷ lệ này {verb}."
        )
    elif counted.reported:
        told.append("Chưa có số liệu tuần trước để so sánh.")
    return tuple(told)


def _still_missing(missing: int) -> str:
    return f"còn {wording.count(missing)} đơn vị chưa có số liệu." if missing else "không còn đơn vị nào thiếu báo cáo."


def _totals(digest: WeeklyDigest) -> tuple[TotalLine, ...]:
    like = digest.like_for_like
    sums = [
        TotalLine(
            title=field.title,
            value=wording.count(digest.totals[field.name]),
            change=wording.change(like.totals_now[field.name], like.totals_before[field.name]) if like else "",
        )
        for field in digest.form.fields
    ]
    rates = []
    for name, figure in digest.rates.items():
        moved = like.points(name) if like else None
        rates.append(
            TotalLine(
                title=figure.rate.title, value=rate_text(figure), change=wording.points(moved) if moved is not None else "", rate=True
            )
        )
    return (*sums, *rates)


def _late(unit: UnitWeek, due_at: datetime) -> UnitLine:
    arrived = unit.first_arrived_at
    note = "" if arrived is None else f"muộn {wording.delay(arrived - due_at)} (đến lúc {wording.moment(arrived)})"
    return UnitLine(name=unit.unit.name, group=unit.unit.group, note=note)


def _health(health: Health, digest: WeeklyDigest) -> str:
    seen = f"Số thư nhận được từ {wording.day(digest.period.monday)}: {wording.count(health.mails_seen)}."
    if not health.watched or health.last_poll_at is None:
        return seen
    return f"Hộp thư được kiểm tra lần cuối lúc {wording.moment(health.last_poll_at)}. {seen}"


def _alarm(health: Health, as_of: datetime) -> str:
    if not health.watched or (health.last_poll_at is not None and as_of - health.last_poll_at <= _STALE_POLL):
        return ""
    return "Hộp thư đã quá 24 giờ chưa kiểm tra được: số liệu dưới đây có thể chưa đủ. Đề nghị người quản trị kiểm tra."


def missing_label(unit: UnitWeek) -> str:
    """Why a unit has no bar."""
    return "đang kiểm tra" if unit.state is UnitState.HELD else "chưa báo cáo"


def worst_first(units: Iterable[UnitWeek], rate: str) -> list[UnitWeek]:
    """Lowest rate first; the ones without a figure before all."""
    return sorted(units, key=lambda u: -1 if (share := u.rates.get(rate)) is None else share)
