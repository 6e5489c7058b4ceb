"""Letters that remind: what each stage says, and that outside text stays text."""

from __future__ import annotations

from datetime import datetime

import pytest

from mailbox_ingest.config import OrganisationConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.model import LetterContent
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.render.letters.reminder import escalation_letter, owed_line, reminder_letter, silent_line

DUE = datetime(2020, 8, 28, 17, tzinfo=LOCAL_ZONE)


def letter(stage: str = "before", *, names: tuple[str, ...] = ("LĐLĐ huyện Cam Lộ",), subject: str = "") -> LetterContent:
    return reminder_letter(
        form=builtin_form("bluezone"),
        organisation=OrganisationConfig(),
        period=Period(2020, 35),
        due_at=DUE,
        stage=stage,
        units=[owed_line(name, None) for name in names],
        subject=subject,
    )


@pytest.mark.parametrize(
    ("stage", "subject", "heading", "request_"),
    [
        ("before", "Nhắc hạn: ", "Sắp đến hạn báo cáo", "gửi báo cáo đúng hạn"),
        ("at", "Đến hạn: ", "Đã đến hạn báo cáo", "gửi báo cáo ngay trong hôm nay"),
        ("after", "Quá hạn, chưa nhận được: ", "Chưa nhận được báo cáo", "Báo cáo gửi sau hạn vẫn được tiếp nhận"),
    ],
)
def test_each_stage_has_its_own_words_in_text_and_html(stage: str, subject: str, heading: str, request_: str) -> None:
    found = letter(stage)
    assert found.html is not None
    assert found.subject.startswith(subject)
    assert heading.upper() in found.text and f">{heading}</h1>" in found.html
    assert request_ in found.text and request_ in found.html
    assert "17:00 thứ Sáu, 28/8/2020" in found.text and "17:00 thứ Sáu, 28/8/2020" in found.html


def test_one_unit_is_addressed_by_name_and_several_together() -> None:
    assert "Kính gửi: LĐLĐ huyện Cam Lộ" in letter().text
    both = letter(names=("LĐLĐ huyện Cam Lộ", "Công đoàn ngành Y tế")).text
    assert "Kính gửi: Quý đơn vị" in both and "mỗi đơn vị một báo cáo" in both


def test_outside_text_is_one_line_in_the_subject_and_never_markup() -> None:
    found = letter(names=("<b>LĐLĐ</b>",), subject="Re: RE: Báo cáo\r\nBcc: x@y.example")
    assert found.subject == "Re: Báo cáo Bcc: x@y.example"
    assert found.html is not None and "&lt;b&gt;LĐLĐ&lt;/b&gt;" in found.html


def test_the_letter_loads_nothing_from_outside_and_is_small() -> None:
    html = letter().html
    assert html is not None
    assert "<link" not in html and "<script" not in html and "src=" not in html and "url(" not in html
    assert len(html.encode()) < 20_000


def test_an_escalation_says_for_how_long_and_what_is_wrong_with_the_address() -> None:
    found = escalation_letter(
        form=builtin_form("bluezone"),
        organisation=OrganisationConfig(),
        period=Period(2021, 1),
        due_at=DUE,
        weeks=3,
        units=[silent_line("CĐCS <X>", "ngành", weeks=4, last=Period(2020, 50), contact="địa chỉ thư không liên lạc được")],
    )
    assert found.html is not None and "CĐCS &lt;X&gt;" in found.html
    assert found.subject.endswith("1 đơn vị chưa báo cáo từ 3 tuần liên tiếp trở lên")
    assert "- CĐCS <X> (ngành): 4 tuần liên tiếp, báo cáo gần nhất: tuần 50/2020; địa chỉ thư không liên lạc được." in found.text
