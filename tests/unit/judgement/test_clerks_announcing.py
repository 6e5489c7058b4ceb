"""What stands before a colon: words that only say whose figures follow, and words that make other figures of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bench.reading_quality.house import verdict_on
from mailbox_ingest.model import Outcome

NOW = datetime(2020, 8, 19, 2, 0, tzinfo=UTC)
UNIT = "LĐLĐ huyện Vĩnh Linh"
FIGURES = " 612 đoàn viên; 540 người có điện thoại thông minh; 498 người cài Bluezone."
FORM = "\nTổng số đoàn viên: 612\nCó ĐTTM: 540\nĐã cài: 498\n"


def outcome(body: str, sender: str = "vinh-linh@don-vi.example") -> Outcome:
    verdict = verdict_on((), sender=sender, arrived_at=NOW, subject="Báo cáo cài đặt Bluezone", body=body)
    if verdict.outcome is Outcome.ACCEPTED:
        assert [tuple(report.values.values()) for report in verdict.reports] == [(612, 540, 498)]
    return verdict.outcome


@pytest.mark.parametrize(
    "body",
    [
        f"Báo cáo {UNIT}:{FIGURES}",
        f"{UNIT} báo cáo:{FIGURES}",
        f"Dạ em gửi số liệu tuần này của {UNIT}:{FIGURES}",
        f"BC {UNIT}:{FIGURES}",
        f"Em gửi số liệu của {UNIT}: 612 đoàn viên, 540 đoàn viên có smartphone, 498 đoàn viên đã cài bluezone",
        f"{UNIT} gửi báo cáo, bản có dấu đỏ gửi sau qua bưu điện:{FORM}",
    ],
)
def test_who_only_says_whose_figures_follow_needs_no_person(body: str) -> None:
    assert outcome(body) is Outcome.ACCEPTED


@pytest.mark.parametrize(
    "lead",
    [
        f"Báo cáo kết quả kết nạp của {UNIT}:",
        f"Số liệu nữ của {UNIT}:",
        f"Số liệu tuần trước của {UNIT}:",
        f"Số liệu tăng thêm của {UNIT}:",
        f"Kết quả mới của {UNIT} trong tuần:",
        f"Chỉ tiêu {UNIT}:",
        f"Báo cáo {UNIT} (khối trường học):",
        f"Khối cơ quan {UNIT}:",
        f"Báo cáo của CĐCS Trường THPT Lê Lợi thuộc {UNIT}:",
        f"{UNIT} và Công đoàn ngành Y tế báo cáo:",
    ],
)
def test_a_lead_that_makes_other_figures_of_them_is_for_a_person(lead: str) -> None:
    assert outcome(lead + FIGURES) is Outcome.NEEDS_REVIEW


def test_a_full_report_that_is_still_to_come_is_for_a_person() -> None:
    assert outcome(f"{UNIT} gửi báo cáo, bản đầy đủ gửi sau:{FORM}") is Outcome.NEEDS_REVIEW


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("Số máy còn lại cấu hình thấp không cài được.", Outcome.ACCEPTED),
        ("Khối doanh nghiệp không báo cáo.", Outcome.NEEDS_REVIEW),
    ],
)
def test_what_a_later_sentence_leaves_out_is_its_own(rest: str, expected: Outcome) -> None:
    said = "có 612 đoàn viên, 540 đồng chí dùng điện thoại thông minh, đã cài 498 máy, đạt 92,2%."
    assert outcome(f"CĐCS Công ty CP Thủy điện Đakrông {said} {rest}", sender="thuy-dien@don-vi.example") is expected
