"""Names of units, abbreviated, misspelt, and contained in one another."""

from __future__ import annotations

import pytest

from mailbox_ingest.forms import UnitMatcher, duplicate_names
from mailbox_ingest.model import Unit


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("LĐLĐ huyện Vĩnh Linh", "ldld-vinh-linh"),
        ("LIÊN ĐOÀN LAO ĐỘNG HUYỆN VĨNH LINH", "ldld-vinh-linh"),
        ("LĐLĐ H. Vĩnh Linh", "ldld-vinh-linh"),
        ("LDLD Vinh Linh", "ldld-vinh-linh"),
        ("LĐLĐ huyện Vinh Lình", "ldld-vinh-linh"),
        ("LĐLĐ TX Quảng Trị", "ldld-thi-xa-quang-tri"),
        ("LĐLĐ TP Đông Hà", "ldld-dong-ha"),
        ("LĐLĐ huyện Hướng Hoá", "ldld-huong-hoa"),
        ("LĐLĐ huyện Đa Krông", "ldld-dakrong"),
        ("LĐLĐ HUYỆN CỒN CỎ", "ldld-con-co"),
        ("CĐN Y tế", "cdn-y-te"),
        ("CĐ ngành Giáo dục", "cdn-giao-duc"),
        ("CĐN NN&PTNT", "cdn-nong-nghiep"),
        ("CĐVC tỉnh", "cdvc-tinh"),
        ("CĐCS Nhà máy Tinh bột sắn Hướng Hoá", "cdcs-tinh-bot-san-huong-hoa"),
    ],
)
def test_a_units_name_is_recognised_as_people_write_it(matcher: UnitMatcher, text: str, code: str) -> None:
    match = matcher.match(text)
    assert match is not None
    assert match.code == code


@pytest.mark.parametrize("text", ["LIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG TRỊ", "LĐLĐ tỉnh Quảng Trị", "Tổng Liên đoàn Lao động Việt Nam"])
def test_the_superior_body_is_no_unit(matcher: UnitMatcher, text: str) -> None:
    match = matcher.match(text)
    assert match is not None
    assert match.code is None


@pytest.mark.parametrize("text", ["", "CĐCS Trường THPT Lê Lợi", "Công đoàn", "LĐLĐ huyện", "LĐLĐ huyện Hải Châu", "Phòng Nội vụ"])
def test_a_name_that_is_not_in_the_registry_is_not_bent_into_one(matcher: UnitMatcher, text: str) -> None:
    match = matcher.match(text)
    assert match is None or match.code is None


def test_the_longest_name_wins_where_one_contains_the_other(matcher: UnitMatcher) -> None:
    found = matcher.find("CĐCS Nhà máy Tinh bột sắn Hướng Hóa thuộc LĐLĐ huyện Hướng Hóa")
    assert [m.code for m in found] == ["cdcs-tinh-bot-san-huong-hoa", "ldld-huong-hoa"]


def test_the_town_of_quang_tri_is_found_beside_the_province_of_that_name(matcher: UnitMatcher) -> None:
    found = matcher.find("Kính gửi LĐLĐ tỉnh Quảng Trị, LĐLĐ thị xã Quảng Trị báo cáo")
    assert [m.code for m in found] == [None, "ldld-thi-xa-quang-tri"]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (("LIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG TRỊ", "LĐLĐ HUYỆN VĨNH LINH"), "ldld-vinh-linh"),
        (("LIÊN ĐOÀN LAO ĐỘNG", "TỈNH QUẢNG TRỊ", "LĐLĐ THỊ XÃ", "QUẢNG TRỊ"), "ldld-thi-xa-quang-tri"),
        (("LĐLĐ HUYỆN HƯỚNG HÓA", "CĐCS NHÀ MÁY TINH BỘT SẮN HƯỚNG HÓA"), "cdcs-tinh-bot-san-huong-hoa"),
        (("LIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG TRỊ",), None),
    ],
)
def test_the_last_name_of_a_letterhead_signs(matcher: UnitMatcher, lines: tuple[str, ...], code: str | None) -> None:
    match = matcher.issuer(lines)
    assert match is not None
    assert match.code == code


def test_a_subordinate_body_outside_the_registry_does_not_become_its_superior(matcher: UnitMatcher) -> None:
    match = matcher.issuer(("LĐLĐ HUYỆN VĨNH LINH", "CĐCS TRƯỜNG THPT BÙI DỤC TÀI"))
    assert match is None


def test_a_registry_with_two_units_of_one_name_is_told(matcher: UnitMatcher) -> None:
    first = Unit(code="a", name="LĐLĐ huyện Hướng Hóa", group="huyện")
    second = Unit(code="b", name="Công đoàn B", group="huyện", aliases=("LĐLĐ huyện Hướng Hoá",))
    assert duplicate_names((first, second)) != ()
