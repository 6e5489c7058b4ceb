"""Which field a text names, and which texts name none."""

from __future__ import annotations

import unicodedata

import pytest

from mailbox_ingest.config import FormConfig
from mailbox_ingest.forms.labels import label_reader


def named(form: FormConfig, text: str) -> str | None:
    label = label_reader(form).read(text)
    return label.field if label else None


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Tổng số đoàn viên, người lao động (trong các đơn vị có tổ chức công đoàn)", "members"),
        ("Tổng số ĐV, NLĐ", "members"),
        ("Tổng số CNVCLĐ", "members"),
        ("Trong đó: + Số đoàn viên, người lao động có điện thoại thông minh", "smartphone_users"),
        ("Số ĐV có ĐTTM", "smartphone_users"),
        ("Số người dùng smartphone", "smartphone_users"),
        ("+ Số đoàn viên, người lao động có điện thoại thông minh đã cài đặt Bluezone", "installed"),
        ("Số ĐV, NLĐ cài đặt thành công Bluezone", "installed"),
        ("Đã cài", "installed"),
        ("TONG SO DOAN VIEN, NGUOI LAO DONG", "members"),
        ("da cai dat bluezone", "installed"),
        (unicodedata.normalize("NFD", "Số người có điện thoại thông minh"), "smartphone_users"),
    ],
)
def test_official_and_usual_wordings_name_their_field(form: FormConfig, text: str, field: str) -> None:
    assert named(form, text) == field


@pytest.mark.parametrize(
    "text",
    [
        "Số chưa cài đặt Bluezone",
        "Tỷ lệ đã cài đặt (%)",
        "Tổng số nữ đoàn viên",
        "Số đoàn viên tăng trong kỳ",
        "Chỉ tiêu giao",
        "Số ĐV không có điện thoại thông minh",
        "Công đoàn Viên chức tỉnh",
        "Ghi chú",
        "",
    ],
)
def test_rows_about_something_else_name_no_field(form: FormConfig, text: str) -> None:
    assert named(form, text) is None


def test_a_percentage_row_names_the_field_whose_share_it_is_only_when_asked(form: FormConfig) -> None:
    reader = label_reader(form)
    assert reader.read("Tỷ lệ đã cài đặt") is None
    label = reader.read("Tỷ lệ đã cài đặt", ignore_percent_words=True)
    assert label is not None
    assert label.field == "installed"


def test_a_letter_that_ocr_got_wrong_does_not_hide_a_long_label_but_only_where_ocr_was_at_work(form: FormConfig) -> None:
    reader = label_reader(form)
    assert reader.read("Số người có diện thoai thông mlnh") is None
    label = reader.read("Số người có diện thoai thông mlnh", fuzzy=True)
    assert label is not None
    assert label.field == "smartphone_users"


def test_without_accents_nobody_can_tell_women_apart_so_the_exclusion_holds(form: FormConfig) -> None:
    assert named(form, "tong so doan vien nu") is None
