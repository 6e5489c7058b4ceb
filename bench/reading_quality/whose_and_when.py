"""One good table, and whose and when it is: letterheads of all kinds, names contained in names, dates that agree or contradict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bench.reading_quality.house import units
from bench.reading_quality.paper import NATIONAL, document, lines, signature, table
from bench.reading_quality.specimen import SUPERIOR, Scene, Specimen
from bench.reading_quality.wording import OFFICIAL, count, long_date
from mailbox_ingest.model import Block, Document
from mailbox_ingest.vietnamese.fold import strip_accents


def _figures(scene: Scene) -> Block:
    rows = [
        ["TT", "NỘI DUNG", "ĐVT (người)"],
        *[[str(n), name, count(scene.rng, v)] for n, (name, v) in enumerate(zip(OFFICIAL, scene.values, strict=True), 1)],
    ]
    return table(rows, place="bảng 2")


def _letter(scene: Scene, head: Sequence[Block], *, path: str = "bao cao.docx", more: Sequence[str] = ()) -> Document:
    return document([*head, *lines("BÁO CÁO", "Về việc cài đặt ứng dụng Bluezone", *more), _figures(scene), signature()], path=path)


def _head(scene: Scene, left: str, *, date_text: str | None = None, number: str = "Số: 12/BC-CĐ") -> Block:
    return table([[left, NATIONAL], [number, date_text if date_text is not None else f"Đông Hà, {long_date(scene.day)}"]])


def _with(scene: Scene, family: str, letter: Document, *, clear: bool = True, nothing: bool = False) -> Specimen:
    return replace(scene.specimen(family, blocks=[], clear=clear, nothing=nothing), documents=(letter,))


def letterheads(scene: Scene) -> Specimen:
    """Ways in which the unit's own name stands above its letter."""
    rng = scene.rng
    name, capital = scene.unit.name, scene.capital_name
    words = capital.split(" ")
    wrapped = "\n".join((" ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])))
    shape = rng.randrange(8)
    scene.notes.append(f"shape {shape}")
    date_line = f"Đông Hà, {long_date(scene.day)}"
    head: list[Block]
    if shape == 0:
        head = [_head(scene, f"{SUPERIOR}\n{capital}")]
    elif shape == 1:
        head = [_head(scene, f"LIÊN ĐOÀN LAO ĐỘNG\nTỈNH QUẢNG TRỊ\n{capital}")]
    elif shape == 2:
        head = [_head(scene, f"LĐLĐ TỈNH QUẢNG TRỊ\n{wrapped}")]
    elif shape == 3:
        head = [_head(scene, capital)]
    elif shape == 4:
        head = [*lines(SUPERIOR, capital, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", date_line)]
    elif shape == 5:
        head = [
            *lines(
                f"{SUPERIOR}        CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
                f"{capital}        Độc lập - Tự do - Hạnh phúc",
                f"Số: 15/BC-CĐ        {date_line}",
            )
        ]
    elif shape == 6:
        head = [_head(scene, strip_accents(f"{SUPERIOR}\n{capital}"))]
    else:
        head = [_head(scene, f"TỔNG LIÊN ĐOÀN LAO ĐỘNG VIỆT NAM\n{SUPERIOR}\n{capital}\n*****")]
    more = (f"{name} báo cáo kết quả như sau:",) if rng.random() < 0.5 else ()
    return _with(scene, "whose: letterhead", _letter(scene, head, more=more))


def nobody(scene: Scene) -> Specimen:
    """No letterhead, or only the superior's: the registered address tells."""
    rng = scene.rng
    shape = rng.randrange(3)
    scene.notes.append(f"shape {shape}")
    if shape == 0:
        letter = _letter(scene, lines(f"Đông Hà, {long_date(scene.day)}"))
    elif shape == 1:
        letter = _letter(scene, [_head(scene, SUPERIOR)])
    else:
        letter = _letter(scene, [_head(scene, f"{SUPERIOR}\n……………………")])
    return _with(scene, "whose: no name", letter, clear=shape == 0)


def another(scene: Scene) -> Specimen:
    """The letter is another body's: another unit of the registry, a subordinate union, a stranger."""
    rng = scene.rng
    others = [u for u in units() if u.code != scene.unit.code and u.emails != scene.unit.emails]
    other = rng.choice(others).name.upper()
    strange = rng.choice(
        (
            "CĐCS TRƯỜNG THPT BÙI DỤC TÀI",
            "CĐCS XÃ VĨNH THỦY",
            "CÔNG ĐOÀN CÔNG TY TNHH SAO MAI",
            "UBND XÃ HẢI PHÚ",
            "CĐCS TRẠM Y TẾ PHƯỜNG 5",
        )
    )
    shape = rng.randrange(4)
    scene.notes.append(f"shape {shape}")
    if shape == 0:
        letter = _letter(scene, [_head(scene, f"{SUPERIOR}\n{other}")])
    elif shape == 1:
        letter = _letter(scene, [_head(scene, f"{scene.capital_name}\n{strange}")])
    elif shape == 2:
        letter = _letter(scene, [_head(scene, strange)])
    else:
        letter = _letter(scene, [_head(scene, f"{SUPERIOR}\n{strange}")])
    return _with(scene, "whose: another", letter, nothing=True)


def contradicted(scene: Scene) -> Specimen:
    """The letterhead says one unit; the file's name, the text or the table's title another."""
    rng = scene.rng
    other = rng.choice(
        [u for u in units() if u.code != scene.unit.code and scene.unit.name not in u.name and u.name not in scene.unit.name]
    )
    head = [_head(scene, f"{SUPERIOR}\n{scene.capital_name}")]
    shape = rng.randrange(3)
    scene.notes.append(f"shape {shape} {other.name}")
    if shape == 0:
        letter = _letter(scene, head, path=f"BC Bluezone {other.name}.docx")
    elif shape == 1:
        letter = _letter(scene, head, more=(f"{other.name} báo cáo kết quả cài đặt như sau:",))
    else:
        letter = _letter(scene, head, more=(f"Số liệu của {other.name}:",))
    return _with(scene, "whose: contradicted", letter, nothing=True)


def dates(scene: Scene) -> Specimen:
    """Ways to write the same week."""
    rng = scene.rng
    day, week = scene.day, scene.period.week
    first = scene.period.monday
    head = f"{SUPERIOR}\n{scene.capital_name}"
    blank = rng.choice(
        ("Đông Hà, ngày     tháng     năm 2020", "Đông Hà, ngày ... tháng ... năm 2020", f"Đông Hà, ngày …… tháng {day.month} năm 2020")
    )
    shape = rng.randrange(8)
    scene.notes.append(f"shape {shape}")
    more: tuple[str, ...] = ()
    date_text: str | None = None
    subject = "Báo cáo Bluezone"
    if shape == 0:
        date_text = blank
    elif shape == 1:
        more = (f"(Tuần {week})",)
    elif shape == 2:
        more = (f"Kỳ báo cáo: tuần thứ {week} năm 2020",)
        date_text = blank
    elif shape == 3:
        more = (f"(Từ ngày {first.day}/{first.month} đến ngày {day.day}/{day.month}/2020)",)
    elif shape == 4:
        date_text = f"Đông Hà, ngày {day.day:02d}/{day.month:02d}/{day.year}"
    elif shape == 5:
        subject = f"BC Bluezone tuần {week}"
    elif shape == 6:
        more = (f"(Số liệu tính đến 17h00 ngày {day.day}/{day.month}/{day.year})",)
        date_text = blank
    else:
        date_text = f"Quảng Trị, ngày {day.day:02d} tháng {day.month:02d} năm {day.year}"
    return replace(_with(scene, "when: written", _letter(scene, [_head(scene, head, date_text=date_text)], more=more)), subject=subject)


def when_unclear(scene: Scene) -> Specimen:
    """Dates that contradict each other, lie ahead or far back: no other week than the mail's own without a person."""
    rng = scene.rng
    head = f"{SUPERIOR}\n{scene.capital_name}"
    week = scene.period.week
    shape = rng.randrange(6)
    scene.notes.append(f"shape {shape}")
    more: tuple[str, ...] = ()
    date_text: str | None = None
    subject, path = "Báo cáo Bluezone", "bao cao.docx"
    if shape == 0:
        more = (f"(Tuần {week + 2})",)
    elif shape == 1:
        date_text = f"Đông Hà, {long_date(scene.day + timedelta(days=30))}"
    elif shape == 2:
        date_text = f"Đông Hà, {long_date(scene.day.replace(year=2019))}"
    elif shape == 3:
        more = (f"Số liệu tuần {week}", f"Kỳ báo cáo: tuần {week + 1}")
    elif shape == 4:
        date_text = "Đông Hà, ngày 31 tháng 6 năm 2020"
    else:
        subject, path = f"Báo cáo tuần {week + 1}", f"BC tuần {week + 1}.docx"
    letter = _letter(scene, [_head(scene, head, date_text=date_text)], more=more, path=path)
    # An impossible date is a slip; the week of arrival is then as good as a blank one.
    return replace(_with(scene, "when: unclear", letter, clear=False, nothing=shape != 4), subject=subject)


def late(scene: Scene) -> Specimen:
    """Dated in its week, sent on Monday or Tuesday after: that week, late."""
    made = _with(scene, "when: late", _letter(scene, [_head(scene, f"{SUPERIOR}\n{scene.capital_name}")]))
    after = scene.period.sunday + timedelta(days=scene.rng.randrange(1, 3))
    return replace(made, arrived_at=datetime(after.year, after.month, after.day, 2, 0, tzinfo=UTC))


FAMILIES: dict[str, Callable[[Scene], Specimen]] = {
    "whose: letterhead": letterheads,
    "whose: no name": nobody,
    "whose: another": another,
    "whose: contradicted": contradicted,
    "when: written": dates,
    "when: unclear": when_unclear,
    "when: late": late,
}
