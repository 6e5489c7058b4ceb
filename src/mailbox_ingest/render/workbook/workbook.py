"""The workbook of a digest: overview, every unit, the weeks, what changed and what to ask. Numbers are numbers, blanks are unknown."""

from __future__ import annotations

import io
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from mailbox_ingest.config import OrganisationConfig
from mailbox_ingest.periods import Period
from mailbox_ingest.render import sheets, wording
from mailbox_ingest.render.digest.notes import notes_of
from mailbox_ingest.render.digest.words import silence
from mailbox_ingest.render.steady import steady
from mailbox_ingest.render.workbook.changes import questions_sheet, restatements_sheet
from mailbox_ingest.render.workbook.history import history_sheet
from mailbox_ingest.rollup.figures import UnitState, UnitWeek, WeeklyDigest

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STATES = {
    UnitState.ON_TIME: "Đúng hạn",
    UnitState.LATE: "Muộn",
    UnitState.MISSING: "Chưa báo cáo",
    UnitState.HELD: "Đang kiểm tra",
}
FILLS = {
    UnitState.ON_TIME: "E3F1E7",
    UnitState.LATE: "FBF1DE",
    UnitState.MISSING: "FAE3E3",
    UnitState.HELD: "E6EFF5",
}
BY_HUMAN = "FFF2CC"  # figures that a person here entered or confirmed
_STATE_COLUMN = 4


def digest_workbook(digest: WeeklyDigest, *, organisation: OrganisationConfig) -> bytes:
    """An .xlsx file; the same figures give the same bytes."""
    book = Workbook()
    book.properties.title = f"{digest.form.title} {wording.week(digest.period)}"
    book.properties.creator = organisation.name
    footer = f"{organisation.short_name} – số liệu tính đến {wording.moment(digest.as_of)}"
    overview = book.active
    assert isinstance(overview, Worksheet)
    overview.title = "Tổng hợp"
    _overview(overview, digest, organisation)
    _units(book.create_sheet("Các đơn vị"), digest)
    history_sheet(book.create_sheet("Theo tuần"), digest)
    restatements_sheet(book.create_sheet("Điều chỉnh"), digest)
    questions_sheet(book.create_sheet("Cần xác nhận"), digest)
    for sheet in book.worksheets:
        sheets.for_print(sheet, footer=footer)
    out = io.BytesIO()
    book.save(out)
    return steady(out.getvalue(), digest.as_of)


def _overview(sheet: Worksheet, digest: WeeklyDigest, organisation: OrganisationConfig) -> None:
    counted, like, pen = digest.completeness, digest.like_for_like, sheets.Pen(sheet)
    sheets.note(sheet, 1, organisation.name)
    sheets.heading(sheet, 2, f"{digest.form.title}, {wording.week(digest.period)}", title=True)
    sheets.note(sheet, 3, f"Số liệu tính đến {wording.moment(digest.as_of)}. Hạn báo cáo: {wording.moment(digest.due_at)}.")

    row = 5
    sheets.heading(sheet, row, "Số liệu tổng hợp")
    before = wording.short_week(like.before) if like else "tuần trước"
    titles = ["Nội dung", "Số liệu đã báo cáo", f"Tăng, giảm so với {before} (*)", "Kể cả đơn vị chưa báo cáo (**)"]
    sheets.header(sheet, row + 1, titles, height=48)
    row += 2
    for field in digest.form.fields:
        pen.put(row, 1, field.title)
        pen.put(row, 2, digest.totals[field.name], sheets.COUNT_FORMAT)
        moved = like.totals_now[field.name] - like.totals_before[field.name] if like else None
        pen.put(row, 3, moved, "+#,##0;-#,##0;0")
        pen.put(row, 4, digest.carried.totals[field.name], sheets.COUNT_FORMAT)
        row += 1
    for name, figure in digest.rates.items():
        pen.put(row, 1, figure.rate.title)
        pen.put(row, 2, ratio(figure.percent), sheets.PERCENT_FORMAT)
        pen.put(row, 3, sheets.points(like.points(name)) if like else None, sheets.POINTS_FORMAT)
        pen.put(row, 4, ratio(digest.carried.rates[name].percent), sheets.PERCENT_FORMAT)
        row += 1
    compared = f"{wording.count(like.units)} đơn vị có báo cáo cả hai tuần" if like else "chưa có tuần trước để so sánh"
    sheets.note(sheet, row, f"(*) {compared}.")
    notes = notes_of(digest)
    carried = notes.carried_note or "Không có đơn vị nào phải lấy số liệu của tuần trước."
    for text in (f"(**) {carried}", notes.by_people, *(f"Miễn báo cáo: {line.name}. {line.note}" for line in notes.exempt)):
        if text:
            row += 1
            sheets.note(sheet, row, text)

    row += 2
    sheets.heading(sheet, row, "Tình hình báo cáo theo khối")
    rates = list(digest.rates.values())
    group_titles = ["Khối", "Số đơn vị", "Đúng hạn", "Muộn", "Chưa có số liệu", "Trong đó đang kiểm tra", "Tỷ lệ báo cáo"]
    sheets.header(sheet, row + 1, [*group_titles, *(r.rate.title for r in rates)], height=72)
    row += 2
    lines = [(wording.capital(g.name) or "Khác", g.completeness, g.rates) for g in digest.groups]
    for label, numbers, figures in [*lines, ("Tổng cộng", counted, digest.rates)]:
        pen.put(row, 1, label)
        plain = (numbers.expected, numbers.on_time, numbers.late, numbers.missing, numbers.held)
        for column, number in enumerate(plain, start=2):
            pen.put(row, column, number, sheets.COUNT_FORMAT)
        pen.put(row, 7, ratio(numbers.percent), sheets.PERCENT_FORMAT)
        for column, figure in enumerate(figures.values(), start=8):
            pen.put(row, column, ratio(figure.percent), sheets.PERCENT_FORMAT)
        row += 1
    sheets.widths(sheet, [62, 16, 22, 18, 16, 18, 14, *(28 for _ in rates)])


def _units(sheet: Worksheet, digest: WeeklyDigest) -> None:
    fields, rates, pen = digest.form.fields, digest.form.rates, sheets.Pen(sheet)
    # One change is enough on a printed page: that of the figure the first rate is about.
    moving = [f for f in fields if digest.headline is not None and f.name == digest.headline.rate.numerator]
    titles = [
        "TT",
        "Đơn vị",
        "Khối",
        "Tình trạng",
        *(f.short_title or f.title for f in fields),
        *(r.title for r in rates),
        *(f"Tăng, giảm: {f.short_title or f.title}" for f in moving),
        "So với tuần",
        "Thời gian gửi",
        "Người gửi",
        "Ghi chú",
        "Thư số",
    ]
    sheets.header(sheet, 1, titles, height=100)
    widths = [6, 38, 28, 17, *(13 for _ in fields), *(19 for _ in rates), *(14 for _ in moving), 12, 19, 38, 34, 9]
    for number, unit in enumerate(digest.units, start=1):
        values: list[tuple[sheets.Value, str]] = [
            (number, "0"),
            (unit.unit.name, ""),
            (wording.capital(unit.unit.group), ""),
            (STATES[unit.state], ""),
            *((unit.value(f.name), sheets.COUNT_FORMAT) for f in fields),
            *((ratio(unit.rates[r.name]), sheets.PERCENT_FORMAT) for r in rates),
            *((unit.change(f.name), "+#,##0;-#,##0;0") for f in moving),
            (wording.capital(wording.short_week(unit.previous.period)) if unit.report and unit.previous else None, ""),
            (unit.first_arrived_at, sheets.MOMENT_FORMAT),
            (unit.report.sender if unit.report else None, ""),
            (_remark(unit, digest.period), ""),
            (unit.report.message_id if unit.report else None, "0"),
        ]
        for column, (value, number_format) in enumerate(values, start=1):
            fill = FILLS[unit.state] if column == _STATE_COLUMN else ""
            if unit.report is not None and unit.report.by_human and number_format == sheets.COUNT_FORMAT:
                fill = BY_HUMAN
            pen.put(number + 1, column, value, number_format, fill=fill)
        sheets.row_height(sheet, number + 1, [value if isinstance(value, str) else "" for value, _ in values], widths)
    sheets.widths(sheet, widths)
    sheets.table(sheet, header_row=1, last_row=len(digest.units) + 1, columns=len(titles), frozen_columns=2)


def ratio(percent: Decimal | None) -> Decimal | None:
    """A percentage as Excel counts it."""
    return None if percent is None else percent / 100


def _remark(unit: UnitWeek, period: Period) -> str:
    if unit.report is None:
        held = f"{wording.count(unit.held_messages)} thư đang được kiểm tra; " if unit.held_messages else ""
        last = f"; số liệu gần nhất: {wording.short_week(unit.previous.period)}" if unit.previous else ""
        lost = "" if unit.reachable else "; không liên lạc được qua thư điện tử"
        return wording.capital(held + silence(unit, period) + last + lost)
    told = ["Số liệu do cán bộ nhập hoặc xác nhận"] if unit.report.by_human else []
    told += ["Có thư khác đang được kiểm tra"] if unit.held_messages else []
    return "; ".join(told)
