"""Mails with more than one sheet, week, unit or table: each figure belongs to exactly one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from bench.reading_quality.house import units
from bench.reading_quality.paper import NATIONAL, Content, document, lines, table
from bench.reading_quality.specimen import SUPERIOR, Scene, Specimen, Truth
from bench.reading_quality.wording import grouped, labels, long_date
from mailbox_ingest.model import Block, Document, Section


def _table(scene: Scene, values: Sequence[int], place: str = "bảng 2") -> Block:
    rows: list[list[Content]] = [[str(n), name, grouped(v)] for n, (name, v) in enumerate(zip(labels(scene.rng), values, strict=True), 1)]
    return table([["TT", "Nội dung", "Số lượng"], *rows], place=place)


def _before(scene: Scene) -> list[Truth]:
    return [scene.truth(scene.before, scene.period.shifted(-1))] if scene.period.week > 34 else []


def weeks_in_sheets(scene: Scene) -> Specimen:
    """A workbook with a sheet a week; the newest is this week's."""
    week = scene.period.week
    sheets = [(f"Tuần {week - 1}", scene.before), (f"Tuần {week}", scene.values)]
    if scene.rng.random() < 0.5:
        sheets.reverse()
    blocks = {
        title: [table([["", SUPERIOR], ["", scene.capital_name]], place="A1"), *lines(f"BÁO CÁO {title.upper()}"), _table(scene, values)]
        for title, values in sheets
    }
    book = Document(path="bao cao.xlsx", kind="xlsx", sections=tuple(Section(blocks=tuple(b), title=t) for t, b in blocks.items()))
    made = scene.specimen("several: sheets a week", blocks=[], clear=week > 34, also=_before(scene))
    return replace(made, documents=(book,))


def weeks_in_letters(scene: Scene) -> Specimen:
    """Two letters, each dated in its own week."""
    earlier = replace(scene, day=scene.day - timedelta(days=7), values=scene.before)
    now = scene.letter([_table(scene, scene.values)], path="tuan nay.docx")
    then = earlier.letter([_table(scene, scene.before)], path="tuan truoc.docx")
    made = scene.specimen("several: letters a week", blocks=[], clear=False, also=_before(scene))
    return replace(made, documents=(now, then))


def units_in_rows(scene: Scene) -> Specimen:
    """The shared mailbox of two units: a row each, or a letter each."""
    rng = scene.rng
    first, second = (u for u in units() if u.emails == ("tai-chinh@don-vi.example",))
    values = {first.code: scene.values, second.code: scene.before}
    day = scene.day
    truths = tuple(
        Truth(unit=code, period=scene.period, values=dict(zip(("members", "smartphone_users", "installed"), v, strict=True)))
        for code, v in values.items()
    )
    if rng.random() < 0.5:
        rows: list[list[Content]] = [["TT", "Đơn vị", *labels(rng)]]
        rows += [[str(n), unit.name, *map(str, values[unit.code])] for n, unit in enumerate((first, second), 1)]
        head = table([[SUPERIOR, NATIONAL], ["Số: 12/BC", f"Đông Hà, {long_date(day)}"]])
        documents: tuple[Document, ...] = (document([head, *lines("BÁO CÁO"), table(rows)]),)
        clear = False
    else:
        documents = tuple(replace(scene, unit=u).letter([_table(scene, values[u.code])], path=f"{u.code}.docx") for u in (first, second))
        clear = True
    made = scene.specimen("several: units", blocks=[], clear=clear)
    return replace(made, documents=documents, sender="tai-chinh@don-vi.example", truths=truths, clear=clear)


def appendix(scene: Scene) -> Specimen:
    """The form, and below it the figures of the grassroots unions that add up to it, or do not."""
    rng = scene.rng
    wrong = rng.random() < 0.5
    third = [v // 3 for v in scene.values]
    rest = [a - b for a, b in zip(scene.values, third, strict=True)]
    total = list(scene.values)
    if wrong:
        total[rng.randrange(3)] += rng.choice((1, 5, 20))
        rest = [a - b for a, b in zip(total, third, strict=True)]
    rows: list[list[Content]] = [["TT", "CĐCS", *labels(rng)], ["1", "CĐCS xã A", *map(str, third)], ["2", "CĐCS xã B", *map(str, rest)]]
    if rng.random() < 0.7:
        rows.append(["", "Tổng cộng", *map(str, total)])
    scene.notes.append("wrong" if wrong else "adds up")
    blocks = [_table(scene, scene.values), *lines("PHỤ LỤC", "Chi tiết các CĐCS:"), table(rows, place="bảng 3")]
    return scene.specimen("several: appendix", blocks=blocks, clear=not wrong and len(rows) == 4, nothing=wrong)


def beside_other_tables(scene: Scene) -> Specimen:
    """Tables about other things around the form."""
    rng = scene.rng
    other = rng.choice(
        (
            [["TT", "Nội dung", "Số lượng"], ["1", "Số buổi tuyên truyền", "12"], ["2", "Số tờ rơi", "500"]],
            [["TT", "Họ và tên", "Điện thoại"], ["1", "Nguyễn Văn Bình", "0912 345 678"]],
            [["TT", "Nội dung", "Số lượng"], ["1", "Số khẩu trang đã cấp", "1.200"], ["2", "Số chai nước rửa tay", "300"]],
            [["Khó khăn", "Kiến nghị"], ["Máy đời cũ không cài được", "Hỗ trợ kỹ thuật"]],
            [["Ngày", "Số ca mắc"], ["20/8", "14"], ["21/8", "2"]],
        )
    )
    blocks = [_table(scene, scene.values), table(other, place="bảng 3")]
    if rng.random() < 0.5:
        blocks.reverse()
    return scene.specimen("several: other tables", blocks=blocks)


FAMILIES: dict[str, Callable[[Scene], Specimen]] = {
    "several: sheets a week": weeks_in_sheets,
    "several: letters a week": weeks_in_letters,
    "several: units": units_in_rows,
    "several: appendix": appendix,
    "several: other tables": beside_other_tables,
}
