"""Who signs a letter, and which letter is the directive itself."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bench.reading_quality.paper import NATIONAL, lines, table
from mailbox_ingest.forms.letterhead import Letterhead, is_directive, read_letterhead
from mailbox_ingest.forms.tabular import lines_of
from mailbox_ingest.model import Block

PROVINCE = "LIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG TRỊ"
UNIT = "LĐLĐ HUYỆN VĨNH LINH"
DATE = "Vĩnh Linh, ngày 21 tháng 8 năm 2020"


def letterhead(blocks: Sequence[Block]) -> Letterhead:
    return read_letterhead([line for block in blocks for line in lines_of(block)])


@pytest.mark.parametrize(
    "blocks",
    [
        [table([[f"{PROVINCE}\n{UNIT}", NATIONAL], ["Số: 21/BC-LĐLĐ", DATE]])],
        [table([[f"{PROVINCE}\n{UNIT}\n*****", NATIONAL], ["Số:    /BC-LĐLĐ", DATE]])],
        lines(PROVINCE, UNIT, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", DATE, "BÁO CÁO"),
        lines(f"{PROVINCE}      CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", f"{UNIT}      Độc lập – Tự do – Hạnh phúc", "Số: 3/BC-LĐLĐ"),
    ],
    ids=["two columns", "number left open", "one line each", "columns on one line"],
)
def test_the_issuing_block_runs_from_the_superior_to_the_one_who_signs(blocks: Sequence[Block]) -> None:
    head = letterhead(blocks)
    assert [line for line in head.lines if line.strip("* ")] == [PROVINCE, UNIT]


def test_a_wrapped_name_stays_in_the_block(matcher: object) -> None:
    head = letterhead([table([["LIÊN ĐOÀN LAO ĐỘNG\nTỈNH QUẢNG TRỊ\nLĐLĐ THỊ XÃ\nQUẢNG TRỊ", NATIONAL], ["Số: 2/BC", DATE]])])
    assert head.lines == ("LIÊN ĐOÀN LAO ĐỘNG", "TỈNH QUẢNG TRỊ", "LĐLĐ THỊ XÃ", "QUẢNG TRỊ")


@pytest.mark.parametrize(
    "texts",
    [
        ("Công đoàn ngành Y tế xin gửi báo cáo theo Công văn 597/LĐLĐ-CTCS.",),
        ("Kính gửi: Ban Công tác cơ sở", "Tổng số ĐV, NLĐ: 1.000"),
        ("TỔNG SỐ ĐOÀN VIÊN, NGƯỜI LAO ĐỘNG: 71 đ/c", "CÓ ĐIỆN THOẠI THÔNG MINH: 55"),
        (),
    ],
    ids=["a sentence", "an address", "figures in capitals", "nothing"],
)
def test_running_text_is_no_letterhead(texts: Sequence[str]) -> None:
    assert letterhead(lines(*texts)).lines == ()


def test_the_directive_is_known_by_its_own_number_and_a_letter_that_cites_it_is_not() -> None:
    basis = "Công văn số 597/LĐLĐ-CTCS ngày 14/8/2020"
    directive = letterhead([table([[f"TỔNG LIÊN ĐOÀN LAO ĐỘNG VIỆT NAM\n{PROVINCE}", NATIONAL], ["Số: 597/LĐLĐ-CTCS", DATE]])])
    report = letterhead(
        [
            table([[f"{PROVINCE}\n{UNIT}", NATIONAL], ["Số: 21/BC-LĐLĐ", DATE]]),
            *lines("BÁO CÁO", "Thực hiện Công văn số 597/LĐLĐ-CTCS ngày 14/8/2020"),
        ]
    )
    assert is_directive(directive, basis)
    assert not is_directive(report, basis)
