"""The sentences of a weekly digest: subject, what happened, against what target, who is silent. Words only; figures come as they are."""

from __future__ import annotations

from decimal import Decimal

from mailbox_ingest.config import FormConfig
from mailbox_ingest.periods import Period
from mailbox_ingest.render import wording
from mailbox_ingest.rollup.figures import Completeness, RateFigure, UnitState, UnitWeek, Unreachable, WeeklyDigest

UNREACHABLE = {
    Unreachable.NO_ADDRESS: "chưa đăng ký địa chỉ thư",
    Unreachable.DEAD_ADDRESS: "địa chỉ thư không còn nhận được thư, đề nghị kiểm tra",
    Unreachable.MAILBOX_FULL: "hộp thư của đơn vị đã đầy",
}


def subject_line(digest: WeeklyDigest) -> str:
    """The digest's news in one line; a week without reports says so."""
    counted, headline = digest.completeness, digest.headline
    start = f"{digest.form.title} {wording.week(digest.period)}"
    if counted.reported == 0:
        return f"{start}: chưa có đơn vị nào báo cáo"
    reached = f"đạt {wording.percent(headline.percent)}, " if headline and headline.percent is not None else ""
    return f"{start}: {reached}{wording.count(counted.reported)}/{wording.count(counted.expected)} đơn vị đã báo cáo"


def sentences(digest: WeeklyDigest, moved: Decimal | None) -> tuple[str, ...]:
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
    if parts := _parts_of_missing(counted):
        told[0] = f"{told[0].removesuffix('.')}, trong đó {', '.join(parts)}."
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
        # A reader who knows of the whole province only must not take it for the whole.
        title = (
            headline.rate.title
            if not counted.missing
            else f"Ở {wording.count(counted.reported)} đơn vị đã báo cáo, {_lowered(headline.rate.title)}"
        )
        told.append(f"{title} đạt {rate_text(headline)} ({figures}){goal}.")
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


def _lowered(title: str) -> str:
    """Within a sentence; an abbreviation stays as it is."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def _parts_of_missing(counted: Completeness) -> list[str]:
    held = [f"{wording.count(counted.held)} đơn vị đã gửi và đang được kiểm tra"] if counted.held else []
    return held + ([f"{wording.count(counted.unreachable)} đơn vị không liên lạc được"] if counted.unreachable else [])


def _still_missing(missing: int) -> str:
    return f"còn {wording.count(missing)} đơn vị chưa có số liệu." if missing else "không còn đơn vị nào thiếu báo cáo."


def target_note(figure: RateFigure | None) -> str:
    if figure is None or figure.percent is None or figure.rate.target_percent is None:
        return ""
    target = figure.rate.target_percent
    if figure.percent >= target:
        return f"đạt mục tiêu {wording.percent(target)}"
    return f"mục tiêu {wording.percent(target)}, còn thiếu {wording.points(target - figure.percent).removeprefix('+')}"


def unit_note(unit: UnitWeek, digest: WeeklyDigest) -> str:
    if unit.state is UnitState.HELD:
        return f"{wording.count(unit.held_messages)} thư đang được kiểm tra"
    if unit.state is UnitState.MISSING or unit.first_arrived_at is None:
        why = "" if unit.unreachable is None else f"{UNREACHABLE[unit.unreachable]}; "
        return why + silence(unit, digest.period)
    arrived = unit.first_arrived_at
    return f"muộn {wording.delay(arrived - digest.due_at)} (đến lúc {wording.moment(arrived)})"


def silence(unit: UnitWeek, period: Period) -> str:
    """Since when a unit has been silent."""
    if unit.silent_since is None:
        return "chưa báo cáo kỳ nào"
    if unit.silent_since == period:
        return "chưa báo cáo tuần này"
    return f"chưa báo cáo từ {wording.week(unit.silent_since)}"


def missing_label(unit: UnitWeek) -> str:
    """Why a unit has no bar."""
    return "đang kiểm tra" if unit.state is UnitState.HELD else "chưa báo cáo"


def rate_text(figure: RateFigure | None) -> str:
    """'88,5%', or '–' where the rate is unknown."""
    return "–" if figure is None or figure.percent is None else wording.percent(figure.percent)


def measure(form: FormConfig, field: str) -> str:
    """What a field counts, 'người'."""
    return next((f.unit for f in form.fields if f.name == field), "")
