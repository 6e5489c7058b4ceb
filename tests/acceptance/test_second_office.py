"""Another office by configuration only: departments and districts report to docs/examples/so-tttt; the program knows nothing of them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from email.message import EmailMessage
from pathlib import Path

import docx
import pytest
from openpyxl import Workbook

from mailbox_ingest.app import App, open_app
from mailbox_ingest.app.views import Ledgered
from mailbox_ingest.config_file import load
from mailbox_ingest.model import Unit
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.render.letters.blank_form import WORD_TYPE, blank_form
from mailbox_ingest.rollup.span import Span
from mailbox_ingest.worker import Worker

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "so-tttt"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
W34 = Period(2020, 34)
# The result as 1169/SCT-VP of 10/8/2020 gives it, word for word.
LETTER_1169 = """Số: 1169 /SCT-VP

Quảng Trị, ngày 10 tháng 8 năm 2020

Kính gửi: Sở Thông tin và Truyền thông

Thực hiện văn bản số 563/STTTT-CNTT ngày 02/8/2020 của Sở Thông tin và Truyền thông về việc triển khai cài đặt ứng dụng Bluezone trên \
thiết bị điện thoại thông minh (Có văn bản sao gửi kèm); Lãnh đạo Sở đã kịp thời phổ biến, chỉ đạo và triển khai thực hiện.

Kết quả, đến thời điểm 8h00 ngày 09/8/2020 Sở Công Thương đã thực hiện cài đặt ứng dụng Bluezone 41/43 máy điện thoại (gồm CBCCV, người \
lao động Cơ quan Sở Công Thương, Trung tâm Khuyến công và Tư vấn phát triển công nghiệp và cán bộ Công đoàn Ngành); đạt 95,3% số máy điện \
thoại cài đặt so với số điện thoại cá nhân đăng ký. Riêng có 02 máy điện thoại do cấu hình không phù hợp nên không thể cài đặt được.

Sở Công Thương báo cáo tình hình triển khai việc cài đặt ứng dụng Bluezone để Sở Thông tin và Truyền thông biết, tổng hợp./.
"""


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2020, 8, 17, 8, tzinfo=LOCAL_ZONE)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def app(clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    config = load(EXAMPLE / "config.toml", environ={"SO_TTTT_PASSWORD": "geheim"})
    store = tmp_path_factory.mktemp("so-tttt") / "store.db"
    with open_app(replace(config, store_url=f"sqlite:///{store}"), clock=clock) as opened:
        opened.import_units(EXAMPLE / "units.csv")
        Worker(opened).catch_up()
        yield opened


Mails = Mapping[str, Ledgered]


@pytest.fixture(scope="module")
def mails(app: App, tmp_path_factory: pytest.TempPathFactory) -> Mails:
    """The office's small mailbox, read once: what became of each unit's mail."""
    phones, installed = ("Số điện thoại thông minh", 43), ("Số điện thoại đã cài đặt Bluezone", 41)
    folder = tmp_path_factory.mktemp("mailbox")
    letters = {
        "so-cong-thuong": mail("so-cong-thuong", 10, text=LETTER_1169),
        "so-y-te": mail("so-y-te", 17, attachment=filled_form(app, "so-y-te", (120, 110, 104, 6), 17)),
        "ubnd-thi-xa-quang-tri": mail(
            "ubnd-thi-xa-quang-tri", 18, attachment=filled_form(app, "ubnd-thi-xa-quang-tri", (90, 80, 72, 8), 18)
        ),
        "so-tai-chinh": mail("so-tai-chinh", 17, attachment=sheet([phones, installed], "Sở Tài chính")),
        "so-noi-vu": mail("so-noi-vu", 17, attachment=sheet([("Tổng số cán bộ, công chức, viên chức", 50), installed], "Sở Nội vụ")),
        "so-xay-dung": mail("so-xay-dung", 17, attachment=filled_form(app, "so-xay-dung", (50, 40, 45, 0), 17)),
    }
    for unit, raw in letters.items():
        (folder / f"{unit}.eml").write_bytes(raw)
    return {item.file.removesuffix(".eml"): item for item in app.ingest([folder])}


def mail(sender: str, day: int, *, text: str = "Kính gửi báo cáo.", attachment: tuple[str, str, bytes] | None = None) -> bytes:
    found = EmailMessage()
    found["Received"] = f"from x by mx.google.com; {day} Aug 2020 09:00:05 +0700"
    found["From"], found["To"] = f"{sender}@quangtri.example", "bluezone.sotttt@gmail.example"
    found["Subject"], found["Message-ID"] = "Báo cáo cài đặt Bluezone", f"<{sender}-{day}@quangtri.example>"
    found["Date"] = f"{day} Aug 2020 09:00:00 +0700"
    found.set_content(text)
    if attachment is not None:
        name, kind, data = attachment
        maintype, subtype = kind.split("/", 1)
        found.add_attachment(data, maintype, subtype, filename=name)
    return found.as_bytes()


def filled_form(app: App, code: str, figures: tuple[int, int, int, int], day: int) -> tuple[str, str, bytes]:
    """The form that the reminder carries, as a clerk fills it in."""
    unit: Unit = next(item.unit for item in app.list_units() if item.unit.code == code)
    paper = docx.Document(io.BytesIO(blank_form(app.config.forms[0], organisation=app.config.organisation, unit=unit).data))
    date = paper.tables[0].cell(0, 1).paragraphs[-1]
    date.runs[0].text = f"Quảng Trị, ngày {day} tháng 8 năm 2020"
    for row, value in zip(paper.tables[1].rows[1:], figures, strict=True):
        row.cells[2].text = str(value)
    out = io.BytesIO()
    paper.save(out)
    return "Bao cao.docx", WORD_TYPE, out.getvalue()


def sheet(rows: list[tuple[str, int]], unit: str) -> tuple[str, str, bytes]:
    book = Workbook()
    page = book.worksheets[0]
    page.append(["UBND TỈNH QUẢNG TRỊ"])
    page.append([unit.upper()])
    page.append(["BÁO CÁO"])
    page.append(["TT", "Nội dung", "Số lượng"])
    for number, (label, value) in enumerate(rows, start=1):
        page.append([number, label, value])
    out = io.BytesIO()
    book.save(out)
    return "Bao cao.xlsx", SHEET_TYPE, out.getvalue()


def test_the_prose_letter_of_the_department_of_industry_is_read_and_waits_for_a_person(mails: Mails, app: App) -> None:
    details = mails["so-cong-thuong"].details
    (report,) = details.reports
    assert (report.unit, report.period) == ("so-cong-thuong", Period(2020, 33))
    assert report.values == {"smartphones": 43, "installed": 41, "could_not_install": 2}
    assert details.message.outcome == "needs_review"
    assert not any(finding.field == "staff" for finding in report.findings), "nobody asked how many people work there"
    assert app.desk("thu").act("accept", str(details.message.id)).outcome == "accepted"


def test_the_blank_form_comes_back_filled_and_is_accepted(mails: Mails) -> None:
    details = mails["so-y-te"].details
    (report,) = details.reports
    assert (details.message.outcome, report.findings) == ("accepted", ())
    assert report.values == {"staff": 120, "smartphones": 110, "installed": 104, "could_not_install": 6}
    assert (report.unit, report.period, report.on_time) == ("so-y-te", W34, True)


def test_a_district_with_the_provinces_name_is_told_from_it(mails: Mails) -> None:
    (report,) = mails["ubnd-thi-xa-quang-tri"].details.reports
    assert (report.unit, report.status) == ("ubnd-thi-xa-quang-tri", "accepted")


def test_an_optional_figure_may_be_left_out_and_the_others_may_not(mails: Mails) -> None:
    details = mails["so-tai-chinh"].details
    assert (details.message.outcome, details.reports[0].values) == ("accepted", {"smartphones": 43, "installed": 41})
    assert mails["so-noi-vu"].details.message.outcome == "needs_review"


def test_more_installed_than_telephones_is_sent_back(mails: Mails) -> None:
    details = mails["so-xay-dung"].details
    assert details.message.outcome == "rejected"
    assert [f.code for f in details.reports[0].findings] == ["installed_exceeds_smartphones"]


def test_reminders_and_the_thursday_digest_keep_the_directives_deadlines(mails: Mails, app: App, clock: Clock) -> None:
    clock.now = datetime(2020, 8, 17, 9, tzinfo=LOCAL_ZONE)
    (before,) = app.remind()
    assert before.moment.due_at == datetime(2020, 8, 18, 17, tzinfo=LOCAL_ZONE)
    reminded = {letter.to[0].email.partition("@")[0] for letter in before.mails}
    assert len(reminded) == 25 and {"so-cong-thuong", "so-xay-dung"} <= reminded, "29 less three that reported and one under review"
    assert "Báo cáo cài đặt ứng dụng Bluezone tại cơ quan, đơn vị, địa phương, tuần 34" in before.mails[0].content.text

    clock.now = datetime(2020, 8, 20, 8, tzinfo=LOCAL_ZONE)
    Worker(app).catch_up()
    province, districts = app.find_digest("ban-chi-dao", W34), app.find_digest("huyen", W34)
    assert province is not None and districts is not None
    # (104 + 72 + 41) of (110 + 80 + 43)
    assert "đạt 93,1%, 3/29 đơn vị đã báo cáo" in province.content.subject
    assert "đạt 90,0%, 1/10 đơn vị đã báo cáo" in districts.content.subject


def test_the_steering_committee_asks_for_its_days_and_gets_them_with_the_official_report(mails: Mails, app: App, clock: Clock) -> None:
    clock.now = datetime(2020, 8, 20, 18, tzinfo=LOCAL_ZONE)
    letter = app.explain(str(mails["so-cong-thuong"].details.message.id))
    if letter is not None and letter.details.message.outcome == "needs_review":
        app.desk("thu").act("accept", str(letter.details.message.id))
    sent = app.rollups("thu").send("ban-chi-dao", Span(first=date(2020, 8, 18), last=date(2020, 8, 20)))
    content = sent.content
    assert sent.new and content.subject.endswith("từ 18/8/2020 đến 20/8/2020: đạt 93,1%, 3/29 đơn vị đã báo cáo")
    # 104 + 72 + 41 of 110 + 80 + 43; week 33 of the department of industry is not of these days.
    assert "217/233 máy" in content.text
    assert "Sở Công Thương: báo cáo gần nhất: tuần 33" in content.text
    paper = docx.Document(io.BytesIO(next(file.data for file in content.attachments if file.name.endswith(".docx"))))
    rows = {row.cells[1].text: row.cells[2].text for row in paper.tables[1].rows}
    installed = next(value for title, value in rows.items() if "đã cài đặt Bluezone" in title)
    could_not = next(value for title, value in rows.items() if "không thể cài đặt" in title)
    assert (installed, could_not) == ("217", "14")
    both = app.rollups("thu").send("ban-chi-dao", Span(first=date(2020, 8, 10), last=date(2020, 8, 20)))
    assert "4/29 đơn vị" in both.content.subject and "258/276 máy" in both.content.text
