"""The workbook of a digest: overview, every unit, history by week. Numbers are numbers, percentages are percentages, blanks are unknown."""

from __future__ import annotations

import io
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from mailbox_ingest.config import OrganisationConfig
from mailbox_ingest.periods import Period
from mailbox_ingest.render import sheets, wording
from mailbox_ingest.render.digest_words import silence
from mailbox_ingest.rollup.figures import UnitState, UnitWeek, WeeklyDigest

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STATES = {
    UnitState.ON_TIME: "Đúng hạn",
    UnitState.LATE: "Muộn",
    UnitState.MISSING: "Chưa báo cáo",
    UnitState.HELD: "Đang kiểm tra",
}
_FILLS = {
    UnitState.ON_TIME: "E3F1E7",
    UnitState.LATE: "FBF1DE",
    UnitState.MISSING: "FAE3E3",
    UnitState.HELD: "E6EFF5",
}


def digest_workbook(digest: WeeklyDigest, *, organisation: OrganisationConfig) -> bytes:
    """An .xlsx file of three sheets."""
    book = Workbook()
    book.properties.title = f"{digest.form.title} {wording.week(digest.period)}"
    book.properties.creator = organisation.name
    footer = f"{organisation.short_name} – số liệu tính đến {wording.moment(digest.as_of)}"
    overview = book.active
    assert isinstance(overview, Worksheet)
    overview.title = "Tổng hợp"
    _overview(overview, digest, organisation)
    _units(book.create_sheet("Các đơn vị"), digest)
    _history(book.create_sheet("Theo tuần"), digest)
    for sheet in book.worksheets:
        sheets.for_print(sheet, footer=footer)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _overview(sheet: Worksheet, digest: WeeklyDigest, organisation: OrganisationConfig) -> None:
    counted, like, pen = digest.completeness, digest.like_for_like, sheets.Pen(sheet)
    sheets.note(sheet, 1, organisation.name)
    sheets.heading(sheet, 2, f"{digest.form.title}, {wording.week(digest.period)}", title=True)
    sheets.note(sheet, 3, f"Số liệu tính đến {wording.moment(digest.as_of)}. Hạn báo cáo: {wording.moment(digest.due_at)}.")

    row = 5
    sheets.heading(sheet, row, "Số liệu tổng hợp")
    before = wording.short_week(like.before) if like else "tuần trước"
    sheets.header(sheet, row + 1, ["Nội dung", "Số liệu", f"Tăng, giảm so với {before} (*)"], height=32)
    row += 2
    for field in digest.form.fields:
        pen.put(row, 1, field.title)
        pen.put(row, 2, digest.totals[field.name], sheets.COUNT_FORMAT)
        moved = like.totals_now[field.name] - like.totals_before[field.name] if like else None
        pen.put(row, 3, moved, "+#,##0;-#,##0;0")
        row += 1
    for name, figure in digest.rates.items():
        pen.put(row, 1, figure.rate.title)
        pen.put(row, 2, _ratio(figure.percent), sheets.PERCENT_FORMAT)
        pen.put(row, 3, like.points(name) if like else None, sheets.POINTS_FORMAT)
        row += 1
    compared = f"{wording.count(like.units)} đơn vị có báo cáo cả hai tuần" if like else "chưa có tuần trước để so sánh"
    sheets.note(sheet, row, f"(*) {compared}.")

    row += 2
    sheets.heading(sheet, row, "Tình hình báo cáo theo khối")
    rates = list(digest.rates.values())
    titles = ["Khối", "Số đơn vị", "Đúng hạn", "Muộn", "Chưa có số liệu", "Trong đó đang kiểm tra", "Tỷ lệ báo cáo"]
    sheets.header(sheet, row + 1, [*titles, *(r.rate.title for r in rates)], height=72)
    row += 2
    lines = [(wording.capital(g.name) or "Khác", g.completeness, g.rates) for g in digest.groups]
    for label, numbers, figures in [*lines, ("Tổng cộng", counted, digest.rates)]:
        pen.put(row, 1, label)
        plain = (numbers.expected, numbers.on_time, numbers.late, numbers.missing, numbers.held)
        for column, number in enumerate(plain, start=2):
            pen.put(row, column, number, sheets.COUNT_FORMAT)
        pen.put(row, 7, _ratio(numbers.percent), sheets.PERCENT_FORMAT)
        for column, figure in enumerate(figures.values(), start=8):
            pen.put(row, column, _ratio(figure.percent), sheets.PERCENT_FORMAT)
        row += 1
    sheets.widths(sheet, [62, 14, 22, 12, 16, 18, 14, *(28 for _ in rates)])


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
    ]
    sheets.header(sheet, 1, titles, height=100)
    widths = [6, 38, 28, 17, *(13 for _ in fields), *(19 for _ in rates), *(14 for _ in moving), 12, 19, 38, 34]
    for number, unit in enumerate(digest.units, start=1):
        values: list[tuple[sheets.Value, str]] = [
            (number, "0"),
            (unit.unit.name, ""),
            (wording.capital(unit.unit.group), ""),
            (STATES[unit.state], ""),
            *((unit.value(f.name), sheets.COUNT_FORMAT) for f in fields),
            *((_ratio(unit.rates[r.name]), sheets.PERCENT_FORMAT) for r in rates),
            *((unit.change(f.name), "+#,##0;-#,##0;0") for f in moving),
            (wording.capital(wording.short_week(unit.previous.period)) if unit.report and unit.previous else None, ""),
            (unit.first_arrived_at, sheets.MOMENT_FORMAT),
            (unit.report.sender if unit.report else None, ""),
            (_remark(unit, digest.period), ""),
        ]
        for column, (value, number_format) in enumerate(values, start=1):
            pen.put(number + 1, column, value, number_format, fill=_FILLS[unit.state] if column == 4 else "")
        sheets.row_height(sheet, number + 1, [value if isinstance(value, str) else "" for value, _ in values], widths)
    sheets.widths(sheet, widths)
    sheets.table(sheet, header_row=1, last_row=len(digest.units) + 1, columns=len(titles), frozen_columns=2)


def _history(sheet: Worksheet, digest: WeeklyDigest) -> None:
    fields, rates, pen = digest.form.fields, digest.form.rates, sheets.Pen(sheet)
    titles = ["Tuần", "Từ ngày", "Đến ngày", "Số đơn vị báo cáo", *(f.title for f in fields), *(r.title for r in rates)]
    sheets.header(sheet, 1, titles, height=80)
    for row, point in enumerate(reversed(digest.history), start=2):
        pen.put(row, 1, str(point.period))
        pen.put(row, 2, point.period.monday, sheets.DAY_FORMAT)
        pen.put(row, 3, point.period.sunday, sheets.DAY_FORMAT)
        pen.put(row, 4, point.reported, sheets.COUNT_FORMAT)
        for column, field in enumerate(fields, start=5):
            # A week without a report has no total: 0 would read as a figure.
            pen.put(row, column, point.totals[field.name] if point.reported else None, sheets.COUNT_FORMAT)
        for column, rate in enumerate(rates, start=5 + len(fields)):
            pen.put(row, column, _ratio(point.rates[rate.name].percent), sheets.PERCENT_FORMAT)
    sheets.widths(sheet, [12, 13, 13, 13, *(22 for _ in fields), *(24 for _ in rates)])
    sheets.table(sheet, header_row=1, last_row=len(digest.history) + 1, columns=len(titles), frozen_columns=1)


def _ratio(percent: Decimal | None) -> Decimal | None:
    return None if percent is None else percent / 100


def _remark(unit: UnitWeek, period: Period) -> str:
    if unit.report is None:
        held = f"{wording.count(unit.held_messages)} thư đang được kiểm tra; " if unit.held_messages else ""
        return wording.capital(held + silence(unit, period))
    return "Có thư khác đang được kiểm tra" if unit.held_messages else ""
