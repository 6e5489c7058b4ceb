from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from docx import Document as Docx
from lxml import html as lxml_html
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from PIL import Image

from mailbox_ingest.config import FormConfig, OrganisationConfig
from mailbox_ingest.model import LetterContent, ReportStatus, StoredReport, Unit
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.render.digest.context import MAX_LISTED, Health
from mailbox_ingest.render.digest.letter import digest_letter
from mailbox_ingest.rollup import weekly

W34, W35 = Period(2020, 34), Period(2020, 35)
AS_OF = datetime(2020, 8, 31, 8, 0, tzinfo=LOCAL_ZONE)
WEDNESDAY = datetime(2020, 8, 26, 9, 0, tzinfo=LOCAL_ZONE)
ROSTER = (
    Unit(code="a", name="LĐLĐ huyện Vĩnh Linh", group="huyện"),
    Unit(code="b", name="=HYPERLINK(<b>x</b>)", group="huyện"),
    Unit(code="c", name="Công đoàn ngành Y tế", group="ngành"),
    Unit(code="d", name="Công đoàn Viên chức tỉnh", group="ngành"),
)

Send = Callable[..., LetterContent]


def report(unit: str, period: Period, installed: int, arrived_at: datetime, sender: str = "") -> StoredReport:
    return StoredReport(
        id=period.week * 10 + ord(unit),
        form="bluezone",
        unit=unit,
        period=period,
        values={"members": 1200, "smartphone_users": 1000, "installed": installed},
        status=ReportStatus.ACCEPTED,
        message_id=1,
        arrived_at=arrived_at,
        sender=sender or f"{unit}@x.example",
        sender_registered=True,
    )


REPORTS = (
    report("a", W34, 700, WEDNESDAY - timedelta(days=7)),
    report("a", W35, 800, WEDNESDAY),
    report("b", W35, 900, WEDNESDAY + timedelta(days=4), sender="+cmd|' /C calc'!A0@x.example"),
    report("d", W34, 500, WEDNESDAY - timedelta(days=7)),
)


@pytest.fixture(scope="module")
def send(form: FormConfig) -> Send:
    def make(
        reports: tuple[StoredReport, ...] = REPORTS, roster: tuple[Unit, ...] = ROSTER, held: dict[str | None, int] | None = None
    ) -> LetterContent:
        digest = weekly(form=form, period=W35, as_of=AS_OF, roster=roster, reports=reports, held={"c": 1} if held is None else held)
        return digest_letter(digest, organisation=OrganisationConfig(), health=Health(last_poll_at=AS_OF, mails_seen=12, watched=True))

    return make


@pytest.fixture(scope="module")
def letter(send: Send) -> LetterContent:
    """The digest of an ordinary week."""
    return send()


def book(letter: LetterContent) -> Workbook:
    return load_workbook(io.BytesIO(next(f.data for f in letter.attachments if f.name.endswith(".xlsx"))))


def words(letter: LetterContent) -> str:
    tree = lxml_html.fromstring(letter.html)
    for extra in tree.xpath("//style|//title"):
        extra.getparent().remove(extra)
    return " ".join(" ".join(tree.itertext()).split())


def test_the_first_lines_tell_rate_change_and_completeness(letter: LetterContent) -> None:
    assert letter.subject == "Báo cáo cài đặt ứng dụng Bluezone tuần 35 (24/8–30/8/2020): đạt 85,0%, 2/4 đơn vị đã báo cáo"
    for said in (letter.text, words(letter)):
        assert "2/4 đơn vị đã báo cáo (50,0%): 1 đúng hạn, 1 muộn; còn 2 đơn vị chưa có số liệu" in said
        assert "trong đó 1 đơn vị đã gửi và đang được kiểm tra." in said
        assert (
            "Ở 2 đơn vị đã báo cáo, tỷ lệ đã cài đặt Bluezone đạt 85,0% (1.700/2.000 người); so với mục tiêu 100% còn thiếu 300 người."
            in said
        )
        assert "So với tuần 34, ở 1 đơn vị có báo cáo cả hai tuần, tỷ lệ này tăng từ 70,0% lên 80,0%." in said


def test_late_missing_and_held_units_are_named_with_what_there_is_to_say(letter: LetterContent) -> None:
    for said in (letter.text, words(letter)):
        assert "muộn 1 ngày 16 giờ (đến lúc 09:00 Chủ nhật, 30/8/2020)" in said
        assert "chưa báo cáo tuần này" in said
        assert "1 thư đang được kiểm tra" in said


def test_what_the_registry_says_is_escaped(letter: LetterContent) -> None:
    assert not lxml_html.fromstring(letter.html).xpath("//b")


def test_charts_are_inline_pictures_with_words_for_those_who_do_not_see_them(letter: LetterContent) -> None:
    shown = {img.get("src").removeprefix("cid:"): img.get("alt") for img in lxml_html.fromstring(letter.html).xpath("//img")}

    pictures = [f for f in letter.attachments if f.content_id]
    assert {f.content_id for f in pictures} == set(shown)
    assert "tuần 34: 60,0%, tuần 35: 85,0%" in shown["trend@digest"]
    assert "2 đơn vị chưa có số liệu" in shown["units@digest"]
    for picture in pictures:
        image = Image.open(io.BytesIO(picture.data)).convert("RGB")
        assert image.width == 780  # twice a phone's width
        assert min(image.getpixel((2, 2))) > 240  # a light card of its own: dark mode cannot swallow the letters


def test_the_same_figures_draw_the_same_bytes(send: Send) -> None:
    first, second = send(), send()

    assert [f.data for f in first.attachments if f.content_id] == [f.data for f in second.attachments if f.content_id]


def test_every_vietnamese_letter_has_a_glyph_in_the_charts_font() -> None:
    from matplotlib.font_manager import FontProperties, findfont
    from matplotlib.ft2font import FT2Font

    covered = FT2Font(findfont(FontProperties(family=["DejaVu Sans"]), fallback_to_default=False)).get_charmap()
    for letter in "ăâđêôơưĂÂĐÊÔƠƯ" + "áàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ–−…":
        assert ord(letter) in covered, letter


def test_a_first_week_has_no_trend_and_claims_no_change(send: Send) -> None:
    letter = send((report("a", W35, 800, WEDNESDAY),))

    assert [f.name for f in letter.attachments] == ["units.png", "bluezone-2020-W35.xlsx", "bao-cao-tong-hop-bluezone-2020-W35.docx"]
    assert "Chưa có số liệu tuần trước để so sánh." in letter.text


def test_an_empty_week_is_told_without_a_rate(send: Send) -> None:
    letter = send(())

    assert letter.subject.endswith("chưa có đơn vị nào báo cáo")
    assert "chưa có đơn vị nào trong 4 đơn vị gửi báo cáo được ghi nhận, trong đó 1 đơn vị đã gửi và đang được kiểm tra." in letter.text
    assert "0,0%" not in letter.text


def test_a_large_roster_keeps_the_mail_small_and_the_workbook_whole(send: Send) -> None:
    many = tuple(Unit(code=f"u{n}", name=f"CĐCS số {n}", group=f"nhóm {n % 7}") for n in range(900))
    letter = send((), many, {})

    assert len((letter.html or "").encode()) < 100_000
    assert f"và {900 - MAX_LISTED} đơn vị khác (xem tệp kèm theo)." in letter.text
    assert "60 đơn vị có tỷ lệ thấp nhất" in words(letter)
    assert book(letter)["Các đơn vị"].max_row == 901


def test_the_workbook_keeps_numbers_as_numbers(letter: LetterContent) -> None:
    sheet = book(letter)["Các đơn vị"]
    first = [cell.value for cell in sheet[2]]

    assert first[:10] == [1, "LĐLĐ huyện Vĩnh Linh", "Huyện", "Đúng hạn", 1200, 1000, 800, pytest.approx(1000 / 1200), 0.8, 100]
    assert first[11] == datetime(2020, 8, 26, 9, 0) and first[12] == "a@x.example"
    assert sheet.cell(2, 5).number_format == "#,##0" and sheet.cell(2, 9).number_format == "0.0%"


def test_a_figure_that_is_not_known_is_a_blank_cell(letter: LetterContent) -> None:
    sheet = book(letter)["Các đơn vị"]

    assert [cell.value for cell in sheet[4]][3:10] == ["Đang kiểm tra", None, None, None, None, None, None]
    assert sheet.cell(5, 4).value == "Chưa báo cáo" and sheet.cell(5, 14).value == "Chưa báo cáo tuần này; số liệu gần nhất: tuần 34"


def test_text_from_outside_is_never_a_formula(letter: LetterContent) -> None:
    sheet = book(letter)["Các đơn vị"]

    for cell in (sheet.cell(3, 2), sheet.cell(3, 13)):
        assert cell.data_type == "s" and cell.quotePrefix
    assert sheet.cell(3, 2).value == "=HYPERLINK(<b>x</b>)"
    assert not sheet.cell(2, 2).quotePrefix


def test_the_workbook_is_ready_to_filter_and_to_print(letter: LetterContent) -> None:
    workbook = book(letter)

    assert workbook.sheetnames == ["Tổng hợp", "Các đơn vị", "Theo tuần", "Điều chỉnh", "Cần xác nhận"]
    for sheet in workbook.worksheets:
        assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
    units = workbook["Các đơn vị"]
    assert units.freeze_panes == "C2" and units.auto_filter.ref == "A1:O5" and units.print_title_rows == "$1:$1"


def test_the_overview_adds_up_and_the_history_has_every_week(letter: LetterContent) -> None:
    workbook = book(letter)
    overview = {row[0].value: row[1].value for row in workbook["Tổng hợp"].iter_rows() if row[0].value}

    assert overview["Số đã cài đặt Bluezone"] == 1700 and overview["Tổng cộng"] == 4
    weeks = [[cell.value for cell in row] for row in workbook["Theo tuần"].iter_rows(min_row=2, max_row=3)]
    assert [week[0] for week in weeks] == ["2020-W34", "2020-W35"]
    assert weeks[0][3:8] == [4, 2, 2400, 2000, 1200] and weeks[0][9] == pytest.approx(0.6)
    assert weeks[1][10:13] == [1, 10, 1]  # the target, and 10 points more at the one unit of both weeks


def test_a_name_is_never_rendered_as_a_template_nor_as_markup_in_any_of_the_files(send: Send) -> None:
    """Names come from a registry that people fill in; the official report is a template of Word, and so is a name with braces in it."""
    name = "CĐCS {{ 7 * 7 }} {% if x %} & <w:p><b>x</b> ${8*8} #{9*9}"
    letter = send((), (Unit(code="a", name=name, group="{{ form }}"),), {})
    (report,) = [file for file in letter.attachments if file.name.endswith(".docx")]
    said = "\n".join(paragraph.text for paragraph in Docx(io.BytesIO(report.data)).paragraphs)
    assert name in said
    assert name in letter.text
    assert "<b>x</b>" not in (letter.html or "") and "49" not in words(letter)
    assert any(cell.value == name for cell in book(letter)["Các đơn vị"][2])
