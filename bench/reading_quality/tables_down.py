"""Tables with labels down the side: the official form and what clerks make of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from bench.reading_quality.paper import Content, Span, lines, table
from bench.reading_quality.specimen import Scene, Specimen
from bench.reading_quality.wording import CONTENT_HEADS, INDEX_HEADS, STYLES, VALUE_HEADS, count, dressed, grouped, labels
from mailbox_ingest.model import Block, Table


def _percent(part: int, whole: int) -> str:
    return f"{part * 100 / whole:.1f}".replace(".", ",")


def _rows(scene: Scene) -> list[tuple[str, str]]:
    """Label and value of the three fields, in one dress and mostly in the form's order."""
    rng = scene.rng
    style = rng.choice(STYLES)
    scene.notes.append(style)
    native = rng.random() < 0.15
    rows = [
        (dressed(rng, label, style=style), str(value) if native else count(rng, value))
        for label, value in zip(labels(rng), scene.values, strict=True)
    ]
    if rng.random() < 0.2:
        rng.shuffle(rows)
    return rows


def _numbered(scene: Scene, rows: Sequence[Sequence[Content]], heads: Sequence[str]) -> list[list[Content]]:
    """With an index column and a row of heads, or without either."""
    rng = scene.rng
    shape = rng.choice(("full", "full", "full", "no index", "no heads"))
    body: list[list[Content]] = [list(row) for row in rows]
    if shape != "no index":
        marks = rng.choice(
            (("1", "2", "3", "4", "5", "6", "7", "8"), ("I", "1", "2", "3", "4", "5", "6", "7"), ("1", "2", "", "", "", "", "", ""))
        )
        body = [[mark, *row] for mark, row in zip(marks, body, strict=False)]
    if shape == "no heads" and len(heads) <= 2:
        return body
    return [[*([rng.choice(INDEX_HEADS)] if shape != "no index" else []), *heads], *body]


def form(scene: Scene) -> Specimen:
    rng = scene.rng
    rows = _numbered(scene, _rows(scene), (rng.choice(CONTENT_HEADS), rng.choice(VALUE_HEADS)))
    if rng.random() < 0.1:
        rows.insert(rng.randrange(1, len(rows)), [""] * len(rows[0]))
    blocks: list[Block] = [table(rows, place="bảng 2")]
    if rng.random() < 0.3:
        blocks = [*lines("Thực hiện Công văn số 597/LĐLĐ-CTCS ngày 14/8/2020 của LĐLĐ tỉnh, đơn vị báo cáo kết quả như sau:"), *blocks]
    if rng.random() < 0.3:
        blocks += lines(rng.choice(("Ghi chú: số liệu đến 17h.", "Trên đây là báo cáo của đơn vị.", "Liên hệ: 0233 3852 741 (đ/c Bình).")))
    return scene.specimen("down: form", blocks=blocks)


def sheet(scene: Scene) -> Specimen:
    """A workbook: native numbers, the form somewhere on the sheet, letterhead in its cells."""
    rng = scene.rng
    down, right = rng.randrange(0, 3), rng.randrange(0, 3)
    rows: list[list[Content]] = [[""] * 4 for _ in range(down)]
    rows.append(["", "LIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG TRỊ"])
    rows.append(["", scene.capital_name])
    rows.append(["", "BÁO CÁO CÀI ĐẶT BLUEZONE"])
    rows.append(["", f"(Tính đến ngày {scene.day.day}/{scene.day.month}/{scene.day.year})"])
    rows.append(["STT", "Nội dung", "Số lượng"])
    rows += [[str(n), label, Decimal(value)] for n, (label, value) in enumerate(zip(labels(rng), scene.values, strict=True), 1)]
    shifted = [[""] * right + row for row in rows]
    made = scene.specimen("down: sheet", blocks=[])
    page = scene.letter([], kind="xlsx", path="bao cao.xlsx")
    sheet_only = type(page)(
        path=page.path,
        kind="xlsx",
        sections=(type(page.sections[0])(blocks=(table(shifted, place="trang tính Sheet1"),), title="Sheet1"),),
        reader="test",
    )
    return Specimen(
        family=made.family,
        documents=(sheet_only,),
        sender=made.sender,
        arrived_at=made.arrived_at,
        truths=made.truths,
        clear=True,
        body=made.body,
    )


def extra_rows(scene: Scene) -> Specimen:
    rng = scene.rng
    members, phones, installed = scene.values
    extras = [
        ("Số chưa cài đặt", phones - installed),
        ("Số ĐV, NLĐ có điện thoại thông minh nhưng chưa cài đặt Bluezone", phones - installed),
        ("Số máy không cài được do cấu hình thấp", rng.randrange(1, 20)),
        ("Số ĐV, NLĐ không có điện thoại thông minh", members - phones),
        ("Trong đó nữ", members // 2),
        ("Số CĐCS", rng.randrange(3, 60)),
        ("Số CĐCS trực thuộc", rng.randrange(3, 60)),
        ("Số mới cài trong tuần", rng.randrange(1, 30)),
        ("Số cài thêm trong tuần này", rng.randrange(1, 30)),
        ("Số đoàn viên tăng", rng.randrange(1, 9)),
        ("Chỉ tiêu giao", phones),
        ("Tỷ lệ đã cài đặt (%)", _percent(installed, phones)),
        ("Tỷ lệ cài đặt/số có điện thoại thông minh", _percent(installed, phones) + "%"),
        ("Số điện thoại liên hệ", "0233 3852 741"),
        ("Người lập biểu", "Nguyễn Thị Hoa"),
        ("Khó khăn, vướng mắc", "Không"),
    ]
    rows: list[tuple[str, str]] = _rows(scene)
    for label, value in rng.sample(extras, rng.randrange(1, 4)):
        scene.notes.append(f"+{label}")
        rows.insert(rng.randrange(0, len(rows) + 1), (label, str(value)))
    blocks = [table(_numbered(scene, rows, (rng.choice(CONTENT_HEADS), rng.choice(VALUE_HEADS))), place="bảng 2")]
    return scene.specimen("down: extra rows", blocks=blocks)


def extra_columns(scene: Scene) -> Specimen:
    rng = scene.rng
    members, phones, installed = scene.values
    now, before = list(scene.values), list(scene.before)
    value = rng.choice(VALUE_HEADS)
    women = [v // 2 for v in now]
    week = scene.period.week
    shape = rng.randrange(11)
    scene.notes.append(f"columns {shape}")
    columns: list[tuple[str, list[Content]]]
    texts: list[Content] = [count(rng, v) for v in now]
    plain: list[Content] = [count(rng, v, bare=True) for v in now]
    shares = ["", _percent(phones, members), _percent(installed, phones)]
    clear = True
    if shape == 0:
        columns = [(value, texts), (rng.choice(("Tỷ lệ (%)", "%", "Tỷ lệ %")), list(shares))]
    elif shape == 1:
        columns = [(rng.choice(("Tỷ lệ (%)", "%")), list(shares)), (value, texts)]
    elif shape == 2:
        columns = [("Số lượng", texts), ("Ghi chú", ["", f"tăng {rng.randrange(2, 9)}", f"còn {phones - installed} chưa cài"])]
    elif shape == 3:
        columns = [("ĐVT", ["người", "người", "người"]), ("Số lượng", plain), ("Ghi chú", ["", "", ""])]
    elif shape == 4:
        columns = [("Tuần trước", [str(v) for v in before]), ("Tuần này", plain)]
    elif shape == 5:
        columns = [
            ("Tuần này", plain),
            ("Tuần trước", [str(v) for v in before]),
            ("Tăng/giảm", [str(a - b) for a, b in zip(now, before, strict=True)]),
        ]
    elif shape == 6:
        columns = [("Kế hoạch", [str(members), str(members), str(phones)]), ("Thực hiện", plain)]
    elif shape == 7:
        columns = [("Tổng số", plain), ("Nam", [str(a - b) for a, b in zip(now, women, strict=True)]), ("Nữ", [str(v) for v in women])]
    elif shape == 8:
        columns = [("Nam", [str(a - b) for a, b in zip(now, women, strict=True)]), ("Nữ", [str(v) for v in women])]
        clear = False
    elif shape == 9 and week > 34:
        pair: list[tuple[str, list[Content]]] = [(f"Tuần {week - 1}", [str(v) for v in before]), (f"Tuần {week}", plain)]
        columns = pair if rng.random() < 0.5 else pair[::-1]
    else:
        columns = [("Đầu kỳ", [str(v) for v in before]), ("Cuối kỳ", plain)]
        clear = False
    names = labels(rng)
    heads: list[Content] = [rng.choice(INDEX_HEADS), rng.choice(CONTENT_HEADS), *[head for head, _ in columns]]
    rows: list[list[Content]] = [heads, *[[str(i + 1), names[i], *[cells[i] for _, cells in columns]] for i in range(3)]]
    also = [scene.truth(before, scene.period.shifted(-1))] if shape == 9 and week > 34 else []
    return scene.specimen("down: extra columns", blocks=[table(rows, place="bảng 2")], clear=clear, also=also)


def in_one_cell(scene: Scene) -> Specimen:
    """Label and value in one cell, the whole report in one cell, or the value below its label."""
    rng = scene.rng
    names, shown = labels(rng), [count(rng, v) for v in scene.values]
    shape = rng.randrange(4)
    scene.notes.append(f"cells {shape}")
    if shape == 0:
        made: Table = table([["TT", "NỘI DUNG"], *[[str(i + 1), f"{names[i]}: {shown[i]}"] for i in range(3)]], place="bảng 2")
    elif shape == 1:
        made = table([["\n".join(f"- {names[i]}: {shown[i]}" for i in range(3))]], place="bảng 2")
    elif shape == 2:
        made = table([["Nội dung báo cáo", "\n".join(f"{i + 1}. {names[i]}: {shown[i]}" for i in range(3))]], place="bảng 2")
    else:
        made = table([[names[0]], [shown[0]], [names[1]], [shown[1]], [names[2]], [shown[2]]], place="bảng 2")
    return scene.specimen("down: in one cell", blocks=[made])


def merged(scene: Scene) -> Specimen:
    """'Trong đó' merged over two rows, index cells merged, a note merged over all rows."""
    rng = scene.rng
    names, shown = labels(rng), [count(rng, v) for v in scene.values]
    if rng.random() < 0.5:
        rows: list[list[Content]] = [
            ["TT", Span("Nội dung", 1, 2), "Số lượng"],
            ["1", Span(names[0], 1, 2), shown[0]],
            [Span("2", 2, 1), Span("Trong đó", 2, 1), names[1], shown[1]],
            [names[2], shown[2]],
        ]
    else:
        rows = [
            ["TT", "Nội dung", "Số lượng", "Ghi chú"],
            ["1", names[0], shown[0], Span("Số liệu đến 17h00 ngày báo cáo", 3, 1)],
            [Span("2", 2, 1), names[1], shown[1]],
            [names[2], shown[2]],
        ]
    return scene.specimen("down: merged", blocks=[table(rows, place="bảng 2")])


def odd_numbers(scene: Scene) -> Specimen:
    """One of the three values is written so that nobody can be sure: it may be asked about, or taken as what it must mean."""
    rng = scene.rng
    members, _, _ = scene.values
    at = rng.randrange(3)
    value = scene.values[at]
    odd = rng.choice(
        (
            f"khoảng {value}",
            f"gần {grouped(value)}",
            f"~{value}",
            f"hơn {value}",
            f"{value} - {value + 10}",
            f"{value}?",
            f"-{value}",
            f"{value},5",
            f"{value} ({value + 3})",
            f"{value}/{members}",
            f"{value} + 12",
            f"{value // 10}O",
            "…………",
            "",
            "nhiều",
            "chưa thống kê",
            "đang rà soát",
            "như tuần trước",
            "100%",
            f"{value / 1000:.1f} nghìn".replace(".", ","),
            f"{value}00%",
            f"tăng {value // 10}",
            "27/8/2020",
            f"≥ {value}",
            f"dưới {value}",
        )
    )
    scene.notes.append(f"[{at}]={odd}")
    shown = [odd if i == at else count(rng, v) for i, v in enumerate(scene.values)]
    rows = [["TT", "Nội dung", "Số lượng"], *[[str(i + 1), name, shown[i]] for i, name in enumerate(labels(rng))]]
    exact = odd in (f"{value}/{members}",)
    return scene.specimen("down: odd numbers", blocks=[table(rows, place="bảng 2")], clear=False, nothing=not exact)


def missing_with_decoy(scene: Scene) -> Specimen:
    """The installed figure is not given; something that looks like it is."""
    rng = scene.rng
    who = rng.choice(
        ("Số người thân", "Số CĐCS", "Số học sinh", "Số hộ gia đình", "Số cán bộ BTV", "Số người dân", "Số công ty", "Số phụ huynh")
    )
    decoy = rng.choice(
        (
            f"{who} đã cài đặt Bluezone",
            "Số ĐV, NLĐ đăng ký cài đặt Bluezone",
            "Số ĐV, NLĐ được hướng dẫn cài đặt Bluezone",
            "Số buổi tập huấn cài đặt Bluezone",
            "Số tờ rơi tuyên truyền cài đặt Bluezone",
            "Số ĐV, NLĐ cam kết cài đặt",
            "Số ĐV, NLĐ chưa cài đặt Bluezone",
            "Số ĐV, NLĐ cài đặt trong tuần",
            "Số lượt cài đặt mới",
            "Số ĐV, NLĐ đã gỡ cài đặt Bluezone",
            "Số ĐV, NLĐ cài đặt lỗi",
            "Dự kiến số ĐV, NLĐ cài đặt đến 30/9",
            "Số ĐV, NLĐ đã cài đặt ứng dụng NCOVI",
            "Số máy tính đã cài đặt phần mềm",
        )
    )
    scene.notes.append(decoy)
    names = labels(rng)
    rows = [
        ["TT", "Nội dung", "Số lượng"],
        ["1", names[0], count(rng, scene.values[0])],
        ["2", names[1], count(rng, scene.values[1])],
        ["3", decoy, count(rng, rng.randrange(1, scene.values[1] + 1), bare=True)],
    ]
    if rng.random() < 0.3:
        rows.append(["4", names[2], rng.choice(("", "……", "-"))])
    return scene.specimen("down: decoy", blocks=[table(rows, place="bảng 2")], nothing=True)


FAMILIES: dict[str, Callable[[Scene], Specimen]] = {
    "down: form": form,
    "down: sheet": sheet,
    "down: extra rows": extra_rows,
    "down: extra columns": extra_columns,
    "down: in one cell": in_one_cell,
    "down: merged": merged,
    "down: odd numbers": odd_numbers,
    "down: decoy": missing_with_decoy,
}
