"""The sheet of the weeks: a table of Excel's own, and a native chart of the headline rate with its target beside it."""

from __future__ import annotations

from decimal import Decimal

from openpyxl.chart import LineChart, Reference
from openpyxl.chart.legend import Legend
from openpyxl.chart.series import SeriesLabel
from openpyxl.worksheet.worksheet import Worksheet

from mailbox_ingest.render import sheets, wording
from mailbox_ingest.rollup.figures import RateFigure, WeeklyDigest, WeekPoint

_TARGET_COLOUR = "B32424"
_LINE_COLOUR = "0B5C8F"
_WEEK, _EXPECTED, _REPORTED, _FIRST_FIELD = 1, 4, 5, 6


def history_sheet(sheet: Worksheet, digest: WeeklyDigest) -> None:
    """Oldest week first, so that the chart reads from left to right."""
    fields, rates, headline = digest.form.fields, digest.form.rates, digest.headline
    first_rate = _FIRST_FIELD + len(fields)
    titles = [
        "Tuần",
        "Từ ngày",
        "Đến ngày",
        "Số đơn vị phải báo cáo",
        "Số đơn vị báo cáo",
        *(field.title for field in fields),
        *(rate.title for rate in rates),
        *(("Mục tiêu", f"Tăng, giảm so với tuần trước: {headline.rate.title}", "Số đơn vị so sánh được") if headline else ()),
    ]
    pen = sheets.Pen(sheet)
    sheets.header(sheet, 1, sheets.distinct(titles), height=96)
    for row, point in enumerate(digest.history, start=2):
        pen.put(row, _WEEK, str(point.period))
        pen.put(row, 2, point.period.monday, sheets.DAY_FORMAT)
        pen.put(row, 3, point.period.sunday, sheets.DAY_FORMAT)
        pen.put(row, _EXPECTED, point.expected, sheets.COUNT_FORMAT)
        pen.put(row, _REPORTED, point.reported, sheets.COUNT_FORMAT)
        for column, field in enumerate(fields, start=_FIRST_FIELD):
            # A week without a report has no total: 0 would read as a figure.
            pen.put(row, column, point.totals[field.name] if point.reported else None, sheets.COUNT_FORMAT)
        for column, rate in enumerate(rates, start=first_rate):
            pen.put(row, column, _ratio(point.rates[rate.name].percent), sheets.PERCENT_FORMAT)
        if headline is not None:
            _compared(pen, row, first_rate + len(rates), point, headline)
    last_row = len(digest.history) + 1
    sheets.widths(sheet, [12, 13, 13, 12, 12, *(20 for _ in fields), *(22 for _ in rates), 11, 24, 13])
    sheets.excel_table(sheet, "TheoTuan", last_row=last_row, columns=len(titles), frozen_columns=1)
    if headline is not None:
        at = first_rate + [rate.name for rate in rates].index(headline.rate.name)
        sheet.add_chart(_chart(sheet, digest, at, first_rate + len(rates), last_row), f"B{last_row + 3}")


def _compared(pen: sheets.Pen, row: int, column: int, point: WeekPoint, headline: RateFigure) -> None:
    like = point.like_for_like
    pen.put(row, column, _ratio(headline.rate.target_percent), sheets.PERCENT_FORMAT)
    pen.put(row, column + 1, sheets.points(like.points(headline.rate.name)) if like else None, sheets.POINTS_FORMAT)
    pen.put(row, column + 2, like.units if like else None, sheets.COUNT_FORMAT)


def _chart(sheet: Worksheet, digest: WeeklyDigest, rate_column: int, target_column: int, last_row: int) -> LineChart:
    headline = digest.headline
    assert headline is not None
    chart = LineChart()
    chart.title = wording.one_line(headline.rate.title)
    chart.height, chart.width = 10, 24
    chart.display_blanks = "gap"  # a week without a figure is a gap, not a fall to 0
    columns = [(rate_column, _LINE_COLOUR, headline.rate.title)]
    if headline.rate.target_percent is not None:
        columns.append((target_column, _TARGET_COLOUR, "Mục tiêu"))
    for column, colour, label in columns:
        chart.add_data(Reference(sheet, min_col=column, min_row=2, max_row=last_row))
        series = chart.series[-1]
        series.tx = SeriesLabel(v=wording.one_line(label))
        series.graphicalProperties.line.solidFill = colour
        series.graphicalProperties.line.width = 28_000  # EMU: 2.2 points
        series.smooth = False
        if column == target_column:
            series.graphicalProperties.line.dashStyle = "dash"
        else:
            series.marker.symbol, series.marker.size = "circle", 6
    chart.set_categories(Reference(sheet, min_col=_WEEK, min_row=2, max_row=last_row))
    chart.y_axis.number_format = "0%"
    chart.y_axis.delete = chart.x_axis.delete = False
    chart.legend = Legend(legendPos="b")
    return chart


def _ratio(percent: Decimal | None) -> Decimal | None:
    return None if percent is None else percent / 100
