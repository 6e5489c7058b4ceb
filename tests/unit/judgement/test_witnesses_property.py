"""A mail says the same thing several times; one of the times is wrong. Whatever it is, the wrong number is never accepted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bench.reading_quality.house import verdict_on
from bench.reading_quality.paper import NATIONAL, document, lines, table
from mailbox_ingest.model import TAKEN, Block, Document, Outcome, Verdict

FIELDS = ("members", "smartphone_users", "installed")
LABELS = (
    "Tổng số đoàn viên, người lao động (trong các đơn vị có tổ chức công đoàn)",
    "Số đoàn viên, người lao động có điện thoại thông minh",
    "Số đoàn viên, người lao động có điện thoại thông minh đã cài đặt Bluezone",
)
Values = Sequence[int]

quick = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def figures(draw: st.DrawFn) -> tuple[int, int, int]:
    members = draw(st.integers(20, 9000))
    smartphones = draw(st.integers(members // 2, members))
    return members, smartphones, draw(st.integers(smartphones // 3, smartphones))


def letter(blocks: Sequence[Block], path: str) -> Document:
    head = table(
        [["LIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG TRỊ\nLĐLĐ HUYỆN VĨNH LINH", NATIONAL], ["Số: 21/BC", "Vĩnh Linh, ngày 27 tháng 8 năm 2020"]]
    )
    return document([head, *lines("BÁO CÁO", "Về việc cài đặt ứng dụng Bluezone"), *blocks], path=path)


def word_table(values: Values) -> Document:
    rows = [[str(n), label, f"{v:,}".replace(",", ".")] for n, (label, v) in enumerate(zip(LABELS, values, strict=True), 1)]
    return letter([table([["TT", "NỘI DUNG", "ĐVT (người)"], *rows])], "bao cao.docx")


def numbered_lines(values: Values) -> Document:
    return letter(lines(*(f"{n}. {label}: {v} người" for n, (label, v) in enumerate(zip(LABELS, values, strict=True), 1))), "bao cao.pdf")


def total_row(values: Values) -> Document:
    parts = [[str(v // 3) for v in values], [str(v - v // 3) for v in values]]
    rows = [["1", "CĐCS xã A", *parts[0]], ["2", "CĐCS xã B", *parts[1]], ["", "Tổng cộng", *map(str, values)]]
    return letter([table([["STT", "Đơn vị", *LABELS], *rows])], "tong hop.xlsx")


def spoken(values: Values) -> str:
    said = [f"- {label}: {v}" for label, v in zip(LABELS, values, strict=True)]
    return "\n".join(["LĐLĐ huyện Vĩnh Linh báo cáo kết quả cài đặt Bluezone:", *said, "Trân trọng!"])


WITNESSES: tuple[Callable[[Values], Document], ...] = (word_table, numbered_lines, total_row)
SILENT = "Kính gửi Ban Công tác cơ sở, đơn vị xin gửi báo cáo."


def judged(documents: Sequence[Document], body: str) -> Verdict:
    return verdict_on(documents, sender="vinh-linh@don-vi.example", arrived_at=datetime(2020, 8, 28, 2, 0, tzinfo=UTC), body=body)


def accepted(verdict: Verdict) -> list[dict[str, int]]:
    return [dict(r.values) for r in verdict.reports if r.status in TAKEN]


@quick
@given(truth=figures(), which=st.sets(st.integers(0, 3), min_size=2))
def test_witnesses_that_agree_are_accepted_as_one_report(truth: tuple[int, int, int], which: set[int]) -> None:
    documents = [WITNESSES[n](truth) for n in sorted(which) if n < 3]
    verdict = judged(documents, spoken(truth) if 3 in which else SILENT)
    assert verdict.outcome is Outcome.ACCEPTED
    assert accepted(verdict) == [dict(zip(FIELDS, truth, strict=True))]


@quick
@given(
    truth=figures(),
    which=st.lists(st.integers(0, 3), min_size=2, max_size=4, unique=True),
    at=st.integers(0, 2),
    wrong=st.integers(0, 9999),
    order=st.randoms(use_true_random=False),
)
def test_one_wrong_number_in_any_witness_is_never_accepted(
    truth: tuple[int, int, int], which: list[int], at: int, wrong: int, order: object
) -> None:
    liar = which[0]
    lie = tuple(wrong if k == at else v for k, v in enumerate(truth))
    documents = [WITNESSES[n](lie if n == liar else truth) for n in which if n < 3]
    order.shuffle(documents)  # type: ignore[attr-defined]
    body = SILENT if 3 not in which else spoken(lie if liar == 3 else truth)
    for values in accepted(judged(documents, body)):
        assert values == dict(zip(FIELDS, truth, strict=True))


@quick
@given(truth=figures(), row=st.integers(0, 1), at=st.integers(0, 2), by=st.integers(1, 500))
def test_a_wrong_part_under_a_total_row_is_never_passed_over(truth: tuple[int, int, int], row: int, at: int, by: int) -> None:
    parts = [[v // 3 for v in truth], [v - v // 3 for v in truth]]
    parts[row][at] += by
    rows = [["1", "CĐCS xã A", *map(str, parts[0])], ["2", "CĐCS xã B", *map(str, parts[1])], ["", "Tổng cộng", *map(str, truth)]]
    assert accepted(judged([letter([table([["STT", "Đơn vị", *LABELS], *rows])], "tong hop.xlsx")], SILENT)) == []


@quick
@given(truth=figures(), at=st.integers(1, 2), factor=st.sampled_from((2, 3, 10)), down=st.booleans())
def test_a_number_that_its_own_percentage_contradicts_is_never_accepted(
    truth: tuple[int, int, int], at: int, factor: int, down: bool
) -> None:
    values = list(truth)
    values[at] = truth[at] // factor if down else truth[at] * factor
    # Of which whole the share is, the column does not say: a number that fits the other whole is no contradiction.
    assume(all(abs(values[2] / whole - truth[2] / truth[1]) > 0.02 for whole in (values[0], values[1]) if whole))
    assume(abs(values[1] / values[0] - truth[1] / truth[0]) > 0.02 or at == 2)
    shares = ["", f"{truth[1] * 100 / truth[0]:.1f}".replace(".", ","), f"{truth[2] * 100 / truth[1]:.1f}".replace(".", ",")]
    rows = [[str(n + 1), LABELS[n], str(values[n]), shares[n]] for n in range(3)]
    made = letter([table([["TT", "NỘI DUNG", "Số lượng", "Tỷ lệ (%)"], *rows])], "bao cao.docx")
    assert [v for v in accepted(judged([made], SILENT)) if v != dict(zip(FIELDS, truth, strict=True))] == []
