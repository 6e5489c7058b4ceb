"""What a digest adds to its figures so that they can be trusted: what they cover, what was restated, whom to ask. Words only."""

from __future__ import annotations

from dataclasses import dataclass

from mailbox_ingest.config import FieldConfig, FormConfig
from mailbox_ingest.render import wording
from mailbox_ingest.render.digest.words import rate_text
from mailbox_ingest.rollup.figures import Question, QuestionKind, Restatement, WeeklyDigest

MAX_QUESTIONS = 20
MAX_EXEMPT = 20
MAX_WEEKS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedLine:
    """A unit (or a figure) and what there is to say of it."""

    name: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """`carried_lines` are the sums with missing units carried forward; empty where none is missing or nothing is known of them."""

    due_note: str
    carried_note: str
    carried_lines: tuple[NamedLine, ...]
    by_people: str
    restated: tuple[str, ...]
    questions: tuple[NamedLine, ...]
    more_questions: str
    exempt: tuple[NamedLine, ...]
    exempt_count: str
    more_exempt: str


def notes_of(digest: WeeklyDigest) -> Notes:
    asked = digest.questions[:MAX_QUESTIONS]
    more = len(digest.questions) - len(asked)
    typed = digest.typed_by_people
    return Notes(
        due_note=f"Tuần này chưa hết hạn báo cáo (hạn {wording.moment(digest.due_at)})." if digest.as_of < digest.due_at else "",
        carried_note=_carried_note(digest),
        carried_lines=_carried_lines(digest),
        by_people=f"{wording.count(typed)} báo cáo trong tuần do cán bộ nhập hoặc xác nhận, có ghi chú trong tệp Excel." if typed else "",
        restated=tuple(restated_line(item, digest.form) for item in reversed(digest.restatements[-MAX_WEEKS:])),
        questions=tuple(NamedLine(name=item.unit.unit.name, note=question_text(item, digest.form)) for item in asked),
        more_questions=wording.count(more) if more else "",
        exempt=tuple(NamedLine(name=unit.name, note=wording.sentence(unit.reason)) for unit in digest.exempt[:MAX_EXEMPT]),
        exempt_count=wording.count(len(digest.exempt)),
        more_exempt=wording.count(len(digest.exempt) - MAX_EXEMPT) if len(digest.exempt) > MAX_EXEMPT else "",
    )


def restated_line(item: Restatement, form: FormConfig) -> str:
    """'Tuần 34 điều chỉnh: tổng số ĐV, NLĐ +42 (3 đơn vị, trong đó 1 đơn vị gửi bổ sung).'"""
    moved = [f"{_short(field)} {wording.signed(item.moved[field.name])}" for field in form.fields if item.moved[field.name]]
    units = f"{wording.count(len(item.changes))} đơn vị"
    if item.late_reports:
        units += f", trong đó {wording.count(item.late_reports)} đơn vị gửi bổ sung"
    week = wording.capital(wording.short_week(item.period))
    return f"{week} điều chỉnh: {'; '.join(moved) or 'tổng số không đổi'} ({units})."


def question_text(item: Question, form: FormConfig) -> str:
    """A question, never an accusation: the figures stand."""
    if item.kind is QuestionKind.UNCHANGED or item.field is None or item.before is None or item.now is None:
        return f"số liệu giống nhau trong {wording.count(item.weeks)} tuần liên tiếp. Số liệu tuần này đã được cập nhật chưa?"
    verb = "tăng" if item.now > item.before else "giảm"
    since = "so với tuần trước" if item.weeks == 1 else f"sau {wording.count(item.weeks)} tuần"
    moved = f"{verb} từ {wording.count(item.before)} {'lên' if item.now > item.before else 'xuống'} {wording.count(item.now)}"
    return f"{_short(form.field(item.field))} {moved} {since}. Số liệu này đã đúng chưa?"


def _carried_note(digest: WeeklyDigest) -> str:
    carried = digest.carried
    if not carried.units:
        return ""
    oldest = digest.period.shifted(-carried.oldest_weeks)
    unknown = f" {wording.count(carried.unknown)} đơn vị chưa báo cáo kỳ nào không được tính." if carried.unknown else ""
    return (
        f"Lấy số liệu gần nhất của {wording.count(carried.units)} đơn vị chưa có báo cáo tuần này "
        f"(cũ nhất: {wording.short_week(oldest)}, {wording.count(carried.oldest_weeks)} tuần trước).{unknown}"
    )


def _carried_lines(digest: WeeklyDigest) -> tuple[NamedLine, ...]:
    if not digest.carried.units:
        return ()
    sums = [NamedLine(name=field.title, note=wording.count(digest.carried.totals[field.name])) for field in digest.form.fields]
    rates = [NamedLine(name=figure.rate.title, note=rate_text(figure)) for figure in digest.carried.rates.values()]
    return (*sums, *rates)


def _short(field: FieldConfig) -> str:
    """The field's short name as it stands within a sentence: 'tổng số ĐV, NLĐ', but 'ĐV' stays."""
    text = field.short_title or field.title
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
