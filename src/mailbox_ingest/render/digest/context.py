"""What a weekly digest says, ready to be printed: every figure already worded. Holds no layout and draws nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbox_ingest.config import OrganisationConfig
from mailbox_ingest.render import wording
from mailbox_ingest.render.digest.notes import Notes, notes_of
from mailbox_ingest.render.digest.words import rate_text, sentences, subject_line, target_note, unit_note
from mailbox_ingest.rollup.figures import GroupWeek, RateFigure, UnitState, UnitWeek, WeeklyDigest

_STALE_POLL = timedelta(hours=24)
MAX_LISTED = 40


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
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitList:
    """Units in one state. `kind`: 'bad' or 'warn'; `more` are not listed: mail programs cut what is longer than about 100 KB."""

    heading: str
    kind: str
    count: str
    units: tuple[UnitLine, ...]
    more: str


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
    lists: tuple[UnitList, ...]
    held_elsewhere: int
    trend: Picture | None
    bars: Picture | None
    notes: Notes
    workbook: str
    consolidated: str
    health: str
    alarm: str


def digest_context(
    digest: WeeklyDigest,
    *,
    organisation: OrganisationConfig,
    health: Health,
    trend: Picture | None,
    bars: Picture | None,
    workbook: str,
    consolidated: str,
) -> DigestContext:
    """Words for `digest`; `workbook` and `consolidated` are the attached files' names."""
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
        rate_note=target_note(headline),
        change_title=f"So với {wording.short_week(digest.period.shifted(-1))}",
        change_value=wording.points(moved) if moved is not None else "–",
        change_note=f"ở {like.units}/{counted.reported} đơn vị có báo cáo cả hai tuần"
        if like and moved is not None
        else "chưa có số liệu để so sánh",
        reported_value=f"{wording.count(counted.reported)}/{wording.count(counted.expected)}",
        reported_note=f"{wording.count(counted.on_time)} đúng hạn, {wording.count(counted.late)} muộn",
        sentences=sentences(digest, moved),
        compared_with=wording.short_week(like.before) if like else "",
        totals=_totals(digest),
        groups=group_lines(digest.groups, headline),
        lists=_lists(digest),
        held_elsewhere=digest.held_elsewhere,
        trend=trend,
        bars=bars,
        notes=notes_of(digest),
        workbook=workbook,
        consolidated=consolidated,
        health=_health(health, digest),
        alarm=_alarm(health, digest.as_of),
    )


def group_lines(groups: Iterable[GroupWeek], headline: RateFigure | None) -> tuple[GroupLine, ...]:
    """Completeness by group; the rate is the headline's, '–' where there is none."""
    return tuple(
        GroupLine(
            name=wording.capital(group.name) or "Khác",
            reported=f"{wording.count(group.completeness.reported)}/{wording.count(group.completeness.expected)}",
            on_time=wording.count(group.completeness.on_time),
            late=wording.count(group.completeness.late),
            missing=wording.count(group.completeness.missing),
            rate=rate_text(group.rates[headline.rate.name]) if headline else "–",
            complete=group.completeness.missing == 0,
        )
        for group in groups
    )


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


def _lists(digest: WeeklyDigest) -> tuple[UnitList, ...]:
    missing = digest.in_state(UnitState.MISSING)
    wanted = (
        ("Đơn vị chưa báo cáo", "bad", tuple(unit for unit in missing if unit.reachable)),
        ("Đơn vị không liên lạc được", "bad", tuple(unit for unit in missing if not unit.reachable)),
        ("Đơn vị báo cáo muộn", "warn", digest.in_state(UnitState.LATE)),
        ("Đã gửi, đang được kiểm tra", "warn", digest.in_state(UnitState.HELD)),
    )
    lists = []
    for heading, kind, units in wanted:
        if units:
            lines = tuple(UnitLine(name=u.unit.name, note=unit_note(u, digest)) for u in units[:MAX_LISTED])
            more = wording.count(len(units) - MAX_LISTED) if len(units) > MAX_LISTED else ""
            lists.append(UnitList(heading=heading, kind=kind, count=wording.count(len(units)), units=lines, more=more))
    return tuple(lists)


def _health(health: Health, digest: WeeklyDigest) -> str:
    seen = f"Số thư nhận được từ {wording.day(digest.period.monday)}: {wording.count(health.mails_seen)}."
    held = sum(unit.held_messages for unit in digest.units) + digest.held_elsewhere
    if held:
        seen += f" Số thư đang chờ cán bộ kiểm tra: {wording.count(held)}."
    if digest.completeness.unreachable:
        seen += f" Số đơn vị không liên lạc được: {wording.count(digest.completeness.unreachable)}."
    if not health.watched or health.last_poll_at is None:
        return seen
    return f"Hộp thư được kiểm tra lần cuối lúc {wording.moment(health.last_poll_at)}. {seen}"


def _alarm(health: Health, as_of: datetime) -> str:
    if not health.watched or (health.last_poll_at is not None and as_of - health.last_poll_at <= _STALE_POLL):
        return ""
    return "Hộp thư đã quá 24 giờ chưa kiểm tra được: số liệu dưới đây có thể chưa đủ. Đề nghị người quản trị kiểm tra."


def worst_first(units: Iterable[UnitWeek], rate: str) -> list[UnitWeek]:
    """Lowest rate first; the ones without a figure before all."""
    return sorted(units, key=lambda u: -1 if (share := u.rates.get(rate)) is None else share)
