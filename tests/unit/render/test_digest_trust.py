"""What a digest says so that it can be trusted, in the mail, in the workbook and in the official report."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import docx
import pytest
from openpyxl import load_workbook

from mailbox_ingest.config import FormConfig, OrganisationConfig
from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.model import LetterContent, ReportStatus, StoredReport, Unit
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.render.digest.consolidated import consolidated_report
from mailbox_ingest.render.digest.context import Health
from mailbox_ingest.render.digest.letter import digest_letter
from mailbox_ingest.render.digest.notes import MAX_EXEMPT, MAX_QUESTIONS
from mailbox_ingest.render.workbook.workbook import digest_workbook
from mailbox_ingest.rollup import weekly
from mailbox_ingest.rollup.figures import ExemptUnit, Restated, Restatement, UnitState, WeeklyDigest

W33, W34, W35 = (Period(2020, week) for week in (33, 34, 35))
AS_OF = datetime(2020, 8, 31, 8, 0, tzinfo=LOCAL_ZONE)
WEDNESDAY = datetime(2020, 8, 26, 9, 0, tzinfo=LOCAL_ZONE)
ROSTER = (
    Unit(code="a", name="LĐLĐ huyện Vĩnh Linh", group="huyện"),
    Unit(code="b", name="LĐLĐ huyện Cam Lộ & Đakrông", group="huyện"),
    Unit(code="c", name="Công đoàn ngành Y tế", group="ngành"),
)
RESTATED = Restatement(
    period=W34,
    changes=(
        Restated(
            unit="a",
            name="LĐLĐ huyện Vĩnh Linh",
            before={"members": 1200, "smartphone_users": 1000, "installed": 700},
            now={"members": 1230, "smartphone_users": 1000, "installed": 700},
            by_human=True,
        ),
        Restated(unit="c", name="Công đoàn ngành Y tế", before=None, now={"members": 12, "smartphone_users": 5, "installed": 5}),
    ),
    totals_before={"members": 1200, "smartphone_users": 1000, "installed": 700},
    moved={"members": 42, "smartphone_users": 5, "installed": 5},
)


def report(unit: str, period: Period, installed: int, *, by_human: bool = False) -> StoredReport:
    return StoredReport(
        id=period.week * 10 + ord(unit),
        form="bluezone",
        unit=unit,
        period=period,
        values={"members": 1200, "smartphone_users": 1000, "installed": installed},
        status=ReportStatus.ACCEPTED,
        message_id=7,
        arrived_at=WEDNESDAY,
        sender=f"{unit}@x.example",
        sender_registered=True,
        by_human=by_human,
    )


@pytest.fixture(scope="module")
def digest(form: FormConfig) -> WeeklyDigest:
    """Vĩnh Linh stands still and was typed by a person; Cam Lộ is missing; Y tế jumped; one unit is exempt."""
    reports = [report("a", week, 700, by_human=week == W35) for week in (W33, W34, W35)]
    reports += [report("b", W33, 400), report("c", W34, 100), report("c", W35, 950)]
    return weekly(
        form=form,
        period=W35,
        as_of=AS_OF,
        roster=ROSTER,
        reports=reports,
        held={},
        exempt=(ExemptUnit(code="d", name="CĐCS Cồn Cỏ", group="huyện", reason="Biển động, mất liên lạc"),),
        restatements=(RESTATED,),
    )


@pytest.fixture(scope="module")
def letter(digest: WeeklyDigest) -> LetterContent:
    return digest_letter(digest, organisation=OrganisationConfig(), health=Health(last_poll_at=AS_OF, mails_seen=3, watched=True))


def report_text(data: bytes) -> str:
    document = docx.Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def test_what_is_missing_is_carried_forward_beside_the_reported_sum(letter: LetterContent) -> None:
    assert "- Số đã cài đặt Bluezone: 1.650; so với tuần 34*: +850 (+106,3%)" in letter.text
    assert "- Số đã cài đặt Bluezone: 2.050" in letter.text
    note = "Lấy số liệu gần nhất của 1 đơn vị chưa có báo cáo tuần này (cũ nhất: tuần 33, 2 tuần trước)."
    assert note in letter.text and note in (letter.html or "")


def test_restated_weeks_are_told_in_one_line_each(letter: LetterContent) -> None:
    line = "Tuần 34 điều chỉnh: tổng số +42; có ĐTTM +5; đã cài +5 (2 đơn vị, trong đó 1 đơn vị gửi bổ sung)."

    assert f"- {line}" in letter.text and line in (letter.html or "")


def test_oddities_are_questions_and_the_figures_stand(letter: LetterContent) -> None:
    still = "số liệu giống nhau trong 3 tuần liên tiếp. Số liệu tuần này đã được cập nhật chưa?"
    jump = "đã cài tăng từ 100 lên 950 so với tuần trước. Số liệu này đã đúng chưa?"
    for said in (letter.text, letter.html or ""):
        assert still in said and jump in said and "vẫn được tính" in said


def test_exempt_units_and_figures_from_people_are_told(letter: LetterContent) -> None:
    assert "- CĐCS Cồn Cỏ: Biển động, mất liên lạc." in letter.text
    assert "1 báo cáo trong tuần do cán bộ nhập hoặc xác nhận, có ghi chú trong tệp Excel." in letter.text


def test_a_digest_before_the_deadline_says_so(digest: WeeklyDigest) -> None:
    early = replace(digest, due_at=AS_OF.replace(hour=17))
    mail = digest_letter(early, organisation=OrganisationConfig(), health=Health(last_poll_at=AS_OF, mails_seen=3, watched=True))

    assert "Tuần này chưa hết hạn báo cáo (hạn 17:00 thứ Hai, 31/8/2020)." in mail.text
    assert (
        "chưa hết hạn"
        not in digest_letter(digest, organisation=OrganisationConfig(), health=Health(last_poll_at=AS_OF, mails_seen=3, watched=True)).text
    )


def test_both_parts_of_the_mail_say_the_same_and_need_nothing_from_outside(letter: LetterContent) -> None:
    html = letter.html or ""

    assert len(html.encode()) < 100_000
    assert "http" not in html.replace("http-equiv", "") and "<script" not in html and "<link" not in html


def test_however_much_there_is_to_say_the_mail_is_not_clipped(digest: WeeklyDigest) -> None:
    missing, still = digest.units[1], digest.units[0]
    units = [replace(unit, state=state) for state in UnitState for unit in [missing if state is not UnitState.LATE else still] * 200]
    much = replace(
        digest,
        units=tuple(units),
        exempt=digest.exempt * 200,
        questions=digest.questions * 100,
        restatements=tuple(replace(RESTATED, period=W35.shifted(-n)) for n in range(52, 0, -1)),
    )
    mail = digest_letter(much, organisation=OrganisationConfig(), health=Health(last_poll_at=AS_OF, mails_seen=3, watched=True))

    assert 50_000 < len((mail.html or "").encode()) < 100_000
    assert f"và {200 - MAX_EXEMPT} đơn vị khác." in mail.text and f"và {200 - MAX_QUESTIONS} câu hỏi khác" in mail.text


# ---------------------------------------------------------------- workbook


def test_history_is_a_table_of_excel_s_own_with_a_native_chart(digest: WeeklyDigest) -> None:
    sheet = load_workbook(io.BytesIO(digest_workbook(digest, organisation=OrganisationConfig())))["Theo tuần"]

    table = sheet.tables["TheoTuan"]
    assert table.ref == "A1:M4" and [column.name for column in table.tableColumns] == [cell.value for cell in sheet[1]]
    (chart,) = sheet._charts
    assert [series.val.numRef.f for series in chart.series] == ["'Theo tuần'!$J$2:$J$4", "'Theo tuần'!$K$2:$K$4"]


def test_titles_that_a_form_gives_twice_are_told_apart_in_the_table(digest: WeeklyDigest) -> None:
    twins = replace(digest.form, fields=tuple(replace(field, title="Số người") for field in digest.form.fields))
    book = load_workbook(io.BytesIO(digest_workbook(replace(digest, form=twins), organisation=OrganisationConfig())))

    assert [cell.value for cell in book["Theo tuần"][1]][5:8] == ["Số người", "Số người (2)", "Số người (3)"]


def test_every_restated_figure_and_every_question_has_its_row(digest: WeeklyDigest) -> None:
    book = load_workbook(io.BytesIO(digest_workbook(digest, organisation=OrganisationConfig())))
    rows = [[cell.value for cell in row] for row in book["Điều chỉnh"].iter_rows(min_row=2)]

    assert rows[0] == [
        "2020-W34",
        "LĐLĐ huyện Vĩnh Linh",
        "Tổng số đoàn viên, người lao động",
        1200,
        1230,
        30,
        "Báo cáo thay thế; số liệu do cán bộ nhập hoặc xác nhận",
    ]
    assert [row[3:7] for row in rows[1:]] == [[None, 12, 12, "Gửi bổ sung"], [None, 5, 5, "Gửi bổ sung"], [None, 5, 5, "Gửi bổ sung"]]
    assert book["Cần xác nhận"].max_row == 3


def test_figures_that_a_person_entered_are_marked(digest: WeeklyDigest) -> None:
    units = load_workbook(io.BytesIO(digest_workbook(digest, organisation=OrganisationConfig())))["Các đơn vị"]

    assert units.cell(2, 5).fill.start_color.rgb == "00FFF2CC" and "cán bộ nhập" in units.cell(2, 14).value
    assert units.cell(4, 5).fill.start_color.rgb == "00000000" and units.cell(4, 15).value == 7


def test_the_same_figures_give_the_same_files(digest: WeeklyDigest) -> None:
    for make in (digest_workbook, consolidated_report):
        assert make(digest, organisation=OrganisationConfig()) == make(digest, organisation=OrganisationConfig())


# ---------------------------------------------------------------- the official report


def test_the_official_report_is_the_annex_of_letter_597_filled_with_the_totals(letter: LetterContent) -> None:
    data = next(file.data for file in letter.attachments if file.name == "bao-cao-tong-hop-bluezone-2020-W35.docx")
    document = docx.Document(io.BytesIO(data))
    annex = [[cell.text for cell in row.cells] for row in document.tables[1].rows]

    assert annex == [
        ["TT", "NỘI DUNG", "ĐVT (người)"],
        ["1", "Tổng số đoàn viên, người lao động", "2.400"],
        ["2", "Trong đó: + Số có điện thoại thông minh", "2.000"],
        ["", "+ Số đã cài đặt Bluezone", "1.650"],
    ]
    text = report_text(data)
    for said in (
        "TỔNG LIÊN ĐOÀN LAO ĐỘNG VIỆT NAM\nLIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG TRỊ",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc",
        "/BC-LĐLĐ",
        "Quảng Trị, ngày 31 tháng 8 năm 2020",
        "Thực hiện Công văn số 597/LĐLĐ-CTCS ngày 14/8/2020, LĐLĐ tỉnh Quảng Trị tổng hợp kết quả tuần 35 (24/8–30/8/2020)",
        "Tỷ lệ đã cài đặt Bluezone: 82,5% (1.650/2.000 người), mục tiêu 100%.",
        "Đơn vị chưa có số liệu (1): LĐLĐ huyện Cam Lộ & Đakrông.",
        "Đơn vị được miễn báo cáo (1): CĐCS Cồn Cỏ.",
        "TM. BAN THƯỜNG VỤ",
    ):
        assert said in text


def test_days_and_months_are_written_as_decree_30_asks(digest: WeeklyDigest) -> None:
    on = {5: "ngày 05 tháng 02 năm 2021", 12: "ngày 12 tháng 02 năm 2021"}
    for day, said in on.items():
        moved = replace(digest, as_of=datetime(2021, 2, day, 9, 0, tzinfo=LOCAL_ZONE))
        assert said in report_text(consolidated_report(moved, organisation=OrganisationConfig()))


def test_an_office_s_own_template_is_used_and_a_wrong_one_is_told(digest: WeeklyDigest, tmp_path: Path) -> None:
    own = tmp_path / "consolidated" / "bao-cao.docx"
    own.parent.mkdir()
    for text, said in (("Kết quả của {{ short_name }}", "Kết quả của LĐLĐ tỉnh Quảng Trị"), ("{{ khong_co }}", None)):
        document = docx.Document()
        document.add_paragraph(text)
        document.save(str(own))
        if said is not None:
            assert report_text(consolidated_report(digest, organisation=OrganisationConfig(), templates_dir=tmp_path)) == said
        else:
            with pytest.raises(ConfigurationError, match=r"bao-cao\.docx is wrong"):
                consolidated_report(digest, organisation=OrganisationConfig(), templates_dir=tmp_path)
