"""The workbook of a range of days: the sums, and every unit with the week its figures are of. Numbers are numbers, blanks are unknown."""

from __future__ import annotations

import io

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from mailbox_ingest.config import OrganisationConfig
from mailbox_ingest.render import sheets, wording
from mailbox_ingest.render.span.words import days, unit_note
from mailbox_ingest.render.steady import steady
from mailbox_ingest.render.workbook.workbook import BY_HUMAN, FILLS, STATES, ratio
from mailbox_ingest.rollup.span import SpanRollup

_STATE_COLUMN = 4


def span_workbook(rollup: SpanRollup, *, organisation: OrganisationConfig) -> bytes:
    """An .xlsx file; the same figures give the same bytes."""
    book = Workbook()
    book.properties.title = f"{rollup.form.title} {days(rollup.span)}"
    book.properties.creator = organisation.name
    overview = book.active
    assert isinstance(overview, Worksheet)
    overview.title = "Tổng hợp"
    _overview(overview, rollup, organisation)
    _units(book.create_sheet("Các đơn vị"), rollup)
    footer = f"{organisation.short_name} – số liệu tính đến {wording.moment(rollup.as_of)}"
    for sheet in book.worksheets:
        sheets.for_print(sheet, footer=footer)
    out = io.BytesIO()
    book.save(out)
    return steady(out.getvalue(), rollup.as_of)


def _overview(sheet: Worksheet, rollup: SpanRollup, organisation: OrganisationConfig) -> None:
    pen, rates = sheets.Pen(sheet), list(rollup.rates.values())
    sheets.note(sheet, 1, organisation.name)
    sheets.heading(sheet, 2, f"{rollup.form.title}, {days(rollup.span)}", title=True)
    sheets.note(sheet, 3, f"Số liệu tính đến {wording.moment(rollup.as_of)}.")
    sheets.heading(sheet, 5, "Số liệu tổng hợp")
    sheets.header(sheet, 6, ["Nội dung", "Số liệu"], height=30)
    row = 7
    for field in rollup.form.fields:
        pen.put(row, 1, field.title)
        pen.put(row, 2, rollup.totals[field.name] if rollup.completeness.reported else None, sheets.COUNT_FORMAT)
        row += 1
    for figure in rates:
        pen.put(row, 1, figure.rate.title)
        pen.put(row, 2, ratio(figure.percent), sheets.PERCENT_FORMAT)
        row += 1
    row += 1
    sheets.heading(sheet, row, "Tình hình báo cáo theo khối")
    titles = ["Khối", "Số đơn vị", "Đúng hạn", "Muộn", "Chưa có số liệu", "Trong đó đang kiểm tra", "Tỷ lệ báo cáo"]
    sheets.header(sheet, row + 1, [*titles, *(figure.rate.title for figure in rates)], height=72)
    row += 2
    lines = [(wording.capital(group.name) or "Khác", group.completeness, group.rates) for group in rollup.groups]
    for label, counted, figures in [*lines, ("Tổng cộng", rollup.completeness, rollup.rates)]:
        pen.put(row, 1, label)
        for column, number in enumerate((counted.expected, counted.on_time, counted.late, counted.missing, counted.held), start=2):
            pen.put(row, column, number, sheets.COUNT_FORMAT)
        pen.put(row, 7, ratio(counted.percent), sheets.PERCENT_FORMAT)
        for column, figure in enumerate(figures.values(), start=8):
            pen.put(row, column, ratio(figure.percent), sheets.PERCENT_FORMAT)
        row += 1
    sheets.widths(sheet, [62, 16, 14, 12, 18, 18, 14, *(28 for _ in rates)])


def _units(sheet: Worksheet, rollup: SpanRollup) -> None:
    fields, rates, pen = rollup.form.fields, rollup.form.rates, sheets.Pen(sheet)
    titles = ["TT", "Đơn vị", "Khối", "Tình trạng", "Số liệu của", *(f.short_title or f.title for f in fields), *(r.title for r in rates)]
    titles += ["Thời gian gửi", "Người gửi", "Ghi chú", "Thư số"]
    widths = [6, 38, 28, 17, 12, *(13 for _ in fields), *(19 for _ in rates), 19, 38, 34, 9]
    sheets.header(sheet, 1, titles, height=100)
    for number, unit in enumerate(rollup.units, start=1):
        report = unit.report
        values: list[tuple[sheets.Value, str]] = [
            (number, "0"),
            (unit.unit.name, ""),
            (wording.capital(unit.unit.group), ""),
            (STATES[unit.state], ""),
            (wording.capital(wording.short_week(report.period)) if report else None, ""),
            *((unit.value(f.name), sheets.COUNT_FORMAT) for f in fields),
            *((ratio(unit.rates[r.name]), sheets.PERCENT_FORMAT) for r in rates),
            (unit.first_arrived_at, sheets.MOMENT_FORMAT),
            (report.sender if report else None, ""),
            (wording.capital(unit_note(unit)) if report is None else None, ""),
            (report.message_id if report else None, "0"),
        ]
        for column, (value, number_format) in enumerate(values, start=1):
            fill = FILLS[unit.state] if column == _STATE_COLUMN else ""
            if report is not None and report.by_human and number_format == sheets.COUNT_FORMAT:
                fill = BY_HUMAN
            pen.put(number + 1, column, value, number_format, fill=fill)
        sheets.row_height(sheet, number + 1, [value if isinstance(value, str) else "" for value, _ in values], widths)
    sheets.widths(sheet, widths)
    sheets.table(sheet, header_row=1, last_row=len(rollup.units) + 1, columns=len(titles), frozen_columns=2)
