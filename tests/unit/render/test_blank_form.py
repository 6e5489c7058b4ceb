"""The blank form: what it looks like to our own reader, empty and filled in."""

from __future__ import annotations

import io

import docx
import pytest

from mailbox_ingest import forms
from mailbox_ingest.config import FieldConfig, FormConfig, LimitsConfig, OrganisationConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.documents.attachments import read_attachment
from mailbox_ingest.model import Attachment, Reading, Unit
from mailbox_ingest.render.letters.blank_form import blank_form, form_rows

UNIT = Unit(code="ldld-cam-lo", name="LĐLĐ huyện Cam Lộ", group="huyện")


@pytest.fixture
def form() -> FormConfig:
    return builtin_form("bluezone")


def read(data: bytes, form: FormConfig) -> tuple[Reading, ...]:
    attachment = Attachment(path="a.docx", name="a.docx", content_type="application/octet-stream", data=data)
    found, failures = read_attachment(attachment, limits=LimitsConfig())
    assert failures == ()
    return tuple(reading for document in found for reading in forms.read(document, form, year=2020))


def test_filled_in_it_gives_every_figure_without_doubt(form: FormConfig) -> None:
    paper = docx.Document(io.BytesIO(blank_form(form, organisation=OrganisationConfig(), unit=UNIT).data))
    for row, value in zip(paper.tables[1].rows[1:], ("4.215", "3.480", "3.102"), strict=True):
        row.cells[2].text = value
    out = io.BytesIO()
    paper.save(out)
    (reading,) = read(out.getvalue(), form)
    assert [(f.field, f.value, f.certain, f.problem) for f in reading.fields] == [
        ("members", 4215, True, None),
        ("smartphone_users", 3480, True, None),
        ("installed", 3102, True, None),
    ]
    assert "LĐLĐ HUYỆN CAM LỘ" in next(mention.text for mention in reading.unit_mentions if mention.role == "letterhead")


def test_sent_back_empty_it_is_known_as_a_blank_form_and_names_no_week(form: FormConfig) -> None:
    (reading,) = read(blank_form(form, organisation=OrganisationConfig(), unit=UNIT).data, form)
    assert reading.blank
    assert reading.period_hints == ()


def test_fields_counted_in_different_units_say_so_in_their_rows() -> None:
    form = FormConfig(
        name="may",
        title="Tình hình",
        fields=(
            FieldConfig(name="staff", title="Tổng số người", labels=()),
            FieldConfig(name="phones", title="Số máy", labels=(), part_of="staff", unit="máy"),
            FieldConfig(name="desks", title="Số bàn", labels=(), unit="cái"),
        ),
    )
    assert list(form_rows(form)) == [("1", "Tổng số người", "người"), ("2", "Trong đó: + Số máy", "máy"), ("3", "Số bàn", "cái")]
    table = docx.Document(io.BytesIO(blank_form(form, organisation=OrganisationConfig()).data)).tables[1]
    assert [table.cell(0, 2).text, table.cell(2, 1).text] == ["SỐ LƯỢNG", "Trong đó: + Số máy (máy)"]
