"""The sheets of what changed and what to ask: restatements of earlier weeks, and questions to units."""

from __future__ import annotations

from openpyxl.worksheet.worksheet import Worksheet

from mailbox_ingest.render import sheets, wording
from mailbox_ingest.render.digest.notes import question_text
from mailbox_ingest.rollup.figures import Restated, WeeklyDigest

_CHANGE_FORMAT = "+#,##0;-#,##0;0"


def restatements_sheet(sheet: Worksheet, digest: WeeklyDigest) -> None:
    """A row for each figure that was told in an earlier digest and is another now; a note where there is none."""
    titles = ["Tuần", "Đơn vị", "Chỉ tiêu", "Số đã tổng hợp trước", "Số hiện nay", "Tăng, giảm", "Ghi chú"]
    widths = [12, 40, 56, 16, 16, 14, 44]
    sheets.header(sheet, 1, titles, height=40)
    sheets.widths(sheet, widths)
    pen, row = sheets.Pen(sheet), 2
    for item in reversed(digest.restatements):
        for change in item.changes:
            for field in digest.form.fields:
                before, now = ((values or {}).get(field.name) for values in (change.before, change.now))
                if before == now:
                    continue
                texts = [str(item.period), change.name, field.title, "", "", "", _note(change)]
                for column, text in ((1, texts[0]), (2, texts[1]), (3, texts[2]), (7, texts[6])):
                    pen.put(row, column, text)
                for column, number, number_format in (
                    (4, before, sheets.COUNT_FORMAT),
                    (5, now, sheets.COUNT_FORMAT),
                    (6, (now or 0) - (before or 0), _CHANGE_FORMAT),
                ):
                    pen.put(row, column, number, number_format)
                sheets.row_height(sheet, row, texts, widths)
                row += 1
    if row == 2:
        sheets.note(sheet, 2, "Không có điều chỉnh nào so với bản tổng hợp trước.")
    sheets.table(sheet, header_row=1, last_row=row - 1, columns=len(titles), frozen_columns=0)


def questions_sheet(sheet: Worksheet, digest: WeeklyDigest) -> None:
    """Every question of the week; the figures they are about stand."""
    titles = ["Đơn vị", "Khối", "Nội dung đề nghị xác nhận"]
    widths = [44, 30, 100]
    sheets.header(sheet, 1, titles, height=32)
    sheets.widths(sheet, widths)
    pen = sheets.Pen(sheet)
    for row, item in enumerate(digest.questions, start=2):
        texts = [item.unit.unit.name, wording.capital(item.unit.unit.group), wording.capital(question_text(item, digest.form))]
        for column, text in enumerate(texts, start=1):
            pen.put(row, column, text)
        sheets.row_height(sheet, row, texts, widths)
    if not digest.questions:
        sheets.note(sheet, 2, "Không có nội dung nào cần xác nhận.")
    sheets.table(sheet, header_row=1, last_row=len(digest.questions) + 1, columns=len(titles), frozen_columns=1)


def _note(change: Restated) -> str:
    told = "Báo cáo thay thế" if change.now is not None else "Báo cáo đã được rút"
    told = "Gửi bổ sung" if change.before is None else told
    return f"{told}; số liệu do cán bộ nhập hoặc xác nhận" if change.by_human else told
