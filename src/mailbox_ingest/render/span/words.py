"""The sentences of a range of days: what it covers, what was reached, who is silent. Words only; figures come as they are."""

from __future__ import annotations

from collections.abc import Iterator

from mailbox_ingest.render import wording
from mailbox_ingest.render.digest.words import UNREACHABLE, measure, rate_text
from mailbox_ingest.rollup.figures import UnitState, UnitWeek
from mailbox_ingest.rollup.span import Span, SpanRollup

_MAX_NAMED = 40


def days(span: Span) -> str:
    """'từ 18/8/2020 đến 20/8/2020', 'ngày 20/8/2020'."""
    if span.first == span.last:
        return f"ngày {wording.day(span.first)}"
    return f"từ {wording.day(span.first)} đến {wording.day(span.last)}"


def weeks(span: Span) -> str:
    """'tuần 34', 'tuần 34 đến tuần 35'; the year only where it turns."""
    first, last = span.first_week, span.last_week
    if first == last:
        return wording.short_week(first)
    years = (f" năm {first.year}", f" năm {last.year}") if first.year != last.year else ("", "")
    return f"{wording.short_week(first)}{years[0]} đến {wording.short_week(last)}{years[1]}"


def subject_line(rollup: SpanRollup) -> str:
    counted, headline = rollup.completeness, rollup.headline
    start = f"{rollup.form.title} {days(rollup.span)}"
    if counted.reported == 0:
        return f"{start}: chưa có đơn vị nào báo cáo"
    reached = f"đạt {wording.percent(headline.percent)}, " if headline and headline.percent is not None else ""
    return f"{start}: {reached}{wording.count(counted.reported)}/{wording.count(counted.expected)} đơn vị đã báo cáo"


def sentences(rollup: SpanRollup) -> tuple[str, ...]:
    counted = rollup.completeness
    told = [
        f"Các báo cáo của {weeks(rollup.span)} nhận được đến hết ngày {wording.day(rollup.span.last)}: "
        f"{wording.count(counted.reported)}/{wording.count(counted.expected)} đơn vị đã báo cáo"
        + (f" ({wording.percent(counted.percent)})" if counted.percent is not None else "")
        + (f", còn {wording.count(counted.missing)} đơn vị chưa có số liệu" if counted.missing else "")
        + (f" (trong đó {wording.count(counted.held)} đơn vị đã gửi và đang được kiểm tra)" if counted.held else "")
        + "."
    ]
    headline = rollup.headline
    if headline is not None and headline.percent is not None:
        who = measure(rollup.form, headline.rate.numerator)
        figures = f"{wording.count(headline.numerator)}/{wording.count(headline.denominator)} {who}".rstrip()
        target = headline.rate.target_percent
        goal = "" if target is None else f"; mục tiêu {wording.percent(target)}"
        told.append(f"{headline.rate.title} đạt {rate_text(headline)} ({figures}){goal}.")
    told += older_note(rollup)
    return tuple(told)


def older_note(rollup: SpanRollup) -> Iterator[str]:
    """How many figures are of an earlier week than the last: one that has not been brought up to date is not hidden."""
    if rollup.older:
        count = wording.count(len(rollup.older))
        yield (
            f"Mỗi đơn vị tính theo báo cáo mới nhất trong thời gian này; {count} đơn vị chưa có báo cáo "
            f"{wording.short_week(rollup.span.last_week)}, số liệu lấy theo báo cáo của tuần trước đó."
        )


def unit_note(unit: UnitWeek) -> str:
    """What there is to say of a unit that is not counted."""
    if unit.state is UnitState.HELD:
        return f"{wording.count(unit.held_messages)} thư đang được kiểm tra"
    last = f"báo cáo gần nhất: {wording.week(unit.previous.period)}" if unit.previous else "chưa báo cáo kỳ nào"
    return last if unit.unreachable is None else f"{UNREACHABLE[unit.unreachable]}; {last}"


def coverage(rollup: SpanRollup) -> Iterator[str]:
    """What the sums cover, for the official report."""
    counted = rollup.completeness
    share = f" (đạt {wording.percent(counted.percent)})" if counted.percent is not None else ""
    yield f"Số đơn vị đã báo cáo: {wording.count(counted.reported)}/{wording.count(counted.expected)} đơn vị{share}."
    yield from older_note(rollup)
    silent = [wording.one_line(unit.unit.name) for unit in rollup.units if unit.report is None]
    if silent:
        named = "; ".join(silent[:_MAX_NAMED]) + ("; …" if len(silent) > _MAX_NAMED else "")
        yield f"Đơn vị chưa có số liệu ({wording.count(len(silent))}): {named}. Số liệu của các đơn vị này chưa được tính vào bảng trên."
