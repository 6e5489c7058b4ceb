"""Tables with labels across the top: grassroots unions in rows, total rows, heads in two rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bench.reading_quality.paper import Content, Span, table
from bench.reading_quality.specimen import Scene, Specimen
from bench.reading_quality.wording import INDEX_HEADS, count, grouped, labels

_BODIES = (
    "CĐCS xã {n}",
    "CĐCS Trường THCS {n}",
    "Trường Mầm non {n}",
    "CĐCS Công ty TNHH {n}",
    "Trạm Y tế {n}",
    "CĐCS phường {n}",
    "Phòng {n}",
)
_NAMES = (
    "Hiền Thành",
    "Kim Thạch",
    "Lê Lợi",
    "Hoa Sen",
    "Trung Sơn",
    "Bến Quan",
    "Cửa Tùng",
    "Nguyễn Huệ",
    "An Phú",
    "Minh Khai",
    "Số 1",
    "Số 2",
)
_TOTALS = ("Tổng cộng", "TỔNG CỘNG", "Cộng", "Tổng", "Tổng số", "TỔNG CỘNG:", "Cộng:")


def _split(scene: Scene, parts: int) -> list[list[int]]:
    """Rows of (members, smartphones, installed) that could be true and add up to the scene's values."""
    cuts = sorted(scene.rng.randrange(0, scene.values[0] + 1) for _ in range(parts - 1))
    columns = [[high - low for low, high in zip([0, *cuts], [*cuts, scene.values[0]], strict=True)]]
    for whole, value in zip(scene.values, scene.values[1:], strict=False):
        shares = [part * value // max(whole, 1) for part in columns[-1]]
        for at, room in enumerate(columns[-1]):
            shares[at] += min(room - shares[at], value - sum(shares))
        columns.append(shares)
    return [list(row) for row in zip(*columns, strict=True)]


def _sums(rows: Sequence[Sequence[int]]) -> list[int]:
    return [sum(row[i] for row in rows) for i in range(3)]


def _bodies(scene: Scene, number: int) -> list[str]:
    names = scene.rng.sample(_NAMES, number)
    return [scene.rng.choice(_BODIES).format(n=name) for name in names]


def _heads(scene: Scene) -> list[str]:
    return [
        scene.rng.choice(INDEX_HEADS),
        scene.rng.choice(("Đơn vị", "CĐCS", "Tên CĐCS", "Tên đơn vị", "Công đoàn cơ sở")),
        *labels(scene.rng),
    ]


def _cells(scene: Scene, values: Sequence[int]) -> list[str]:
    return [count(scene.rng, v, bare=True) for v in values]


def with_total(scene: Scene) -> Specimen:
    rng = scene.rng
    parts = _split(scene, rng.randrange(2, 8))
    rows: list[list[Content]] = [
        [str(n), body, *_cells(scene, part)] for n, (body, part) in enumerate(zip(_bodies(scene, len(parts)), parts, strict=True), 1)
    ]
    word = rng.choice(_TOTALS)
    total: list[Content] = (
        [Span(word, 1, 2), *_cells(scene, scene.values)] if rng.random() < 0.4 else ["", word, *_cells(scene, scene.values)]
    )
    first = rng.random() < 0.25
    rows = [total, *rows] if first else [*rows, total]
    heads: list[Content] = list(_heads(scene))
    serial: list[Content] = []
    style = rng.randrange(5)
    if style == 0:
        serial = ["(1)", "(2)", "(3)", "(4)", "(5)"]
    elif style == 1:
        serial = ["A", "B", "1", "2", "3"]
    if rng.random() < 0.3:
        heads.append("Tỷ lệ (%)")
        shares = [*parts]
        ordered = [scene.values, *shares] if first else [*shares, scene.values]
        for row, part in zip(rows, ordered, strict=True):
            row.append(f"{part[2] * 100 / part[1]:.1f}".replace(".", ",") if part[1] else "")
        if serial:
            serial.append(rng.choice(("(6)", "(6)=(5)/(4)")) if style == 0 else rng.choice(("4", "4=3/2*100")))
    if rng.random() < 0.3:
        heads.append("Ghi chú")
        for row in rows:
            row.append("")
        if serial:
            serial.append("")
    if rng.random() < 0.15:
        rows.insert(1, [""] * len(heads))
    scene.notes.append(f"total {'first' if first else 'last'} {word} serial {serial}")
    return scene.specimen("across: total", blocks=[table([heads, *([serial] if serial else []), *rows], place="bảng 2")])


def broken_total(scene: Scene) -> Specimen:
    """A part or the total is wrong, or a row is missing: the sums say so."""
    rng = scene.rng
    parts = _split(scene, rng.randrange(2, 7))
    total = list(scene.values)
    at = rng.randrange(3)
    if rng.random() < 0.5:
        total[at] += rng.choice((1, -1, 10, 100, total[at]))
    else:
        parts[rng.randrange(len(parts))][at] += rng.choice((1, 5, 10))
    rows: list[list[Content]] = [
        [str(n), body, *map(str, part)] for n, (body, part) in enumerate(zip(_bodies(scene, len(parts)), parts, strict=True), 1)
    ]
    rows.append(["", rng.choice(_TOTALS), *map(str, total)])
    return scene.specimen("across: broken total", blocks=[table([_heads(scene), *rows], place="bảng 2")], nothing=True)


def subtotals(scene: Scene) -> Specimen:
    """Groups with a line of their own sums, above or below their members; the grand total last."""
    rng = scene.rng
    parts = _split(scene, 5)
    groups = [
        ("I", rng.choice(("Khối xã, phường", "Khối hành chính")), parts[:2]),
        ("II", rng.choice(("Khối trường học", "Khối doanh nghiệp")), parts[2:]),
    ]
    bodies = iter(_bodies(scene, 5))
    above = rng.random() < 0.5
    rows: list[list[Content]] = []
    for mark, name, members in groups:
        own: list[Content] = (
            [mark, name, *map(str, _sums(members))]
            if above
            else ["", rng.choice(("Cộng", f"Cộng {name.lower()}")), *map(str, _sums(members))]
        )
        inner: list[list[Content]] = [[str(n), next(bodies), *map(str, part)] for n, part in enumerate(members, 1)]
        rows += [own, *inner] if above else [*inner, own]
    rows.append(["", "Tổng cộng", *_cells(scene, scene.values)])
    scene.notes.append("above" if above else "below")
    return scene.specimen("across: subtotals", blocks=[table([_heads(scene), *rows], place="bảng 2")])


def without_total(scene: Scene) -> Specimen:
    """Nobody added the rows up: their sum is the answer, or a person is asked."""
    rng = scene.rng
    parts = _split(scene, rng.randrange(2, 7))
    rows = [[str(n), body, *map(str, part)] for n, (body, part) in enumerate(zip(_bodies(scene, len(parts)), parts, strict=True), 1)]
    return scene.specimen("across: no total", blocks=[table([_heads(scene), *rows], place="bảng 2")], clear=False)


def one_row(scene: Scene) -> Specimen:
    """A single row: the unit's own, or another body's."""
    rng = scene.rng
    own = rng.random() < 0.6
    name = rng.choice((scene.unit.name, scene.capital_name, "Toàn đơn vị", "Tổng cộng")) if own else _bodies(scene, 1)[0]
    heads = ["Đơn vị", *labels(rng)] if rng.random() < 0.5 else ["STT", "Đơn vị", *labels(rng)]
    row = [*(["1"] if len(heads) == 5 else []), name, *_cells(scene, scene.values)]
    serial = [[f"({i + 1})" for i in range(len(heads))]] if rng.random() < 0.2 else []
    scene.notes.append(name)
    return scene.specimen("across: one row", blocks=[table([heads, *serial, row], place="bảng 2")], nothing=not own)


def labelled_rows(scene: Scene) -> Specimen:
    """Rows are last week and this week, plan and result, or a target alone."""
    rng = scene.rng
    members, phones, _ = scene.values
    shape = rng.randrange(4)
    scene.notes.append(f"rows {shape}")
    now, before = list(map(str, scene.values)), list(map(str, scene.before))
    nothing = False
    if shape == 0:
        rows = [["Tuần trước", *before], ["Tuần này", *now]]
    elif shape == 1:
        rows = [
            [rng.choice(("Kế hoạch", "Chỉ tiêu")), str(members), str(phones), str(phones)],
            [rng.choice(("Thực hiện", "Kết quả")), *now],
        ]
    elif shape == 2:
        rows = [[rng.choice(("Kế hoạch", "Chỉ tiêu giao", "Mục tiêu đến 30/9", "Dự kiến")), *now]]
        nothing = True
    else:
        rows = [[rng.choice(("Tuần trước", "Kỳ trước", "Lần trước")), *now]]
        nothing = True
    return scene.specimen(
        "across: labelled rows", blocks=[table([["", *labels(rng)], *rows], place="bảng 2")], clear=shape == 0, nothing=nothing
    )


def two_heads(scene: Scene) -> Specimen:
    """Heads in two rows: 'Trong đó' over two columns, groups of columns by sex, share, week or plan."""
    rng = scene.rng
    names = labels(rng)
    members, phones, installed = scene.values
    unit = scene.unit.name
    women = [v // 2 for v in scene.values]
    before = list(scene.before)
    pairs: dict[str, tuple[list[str], list[list[int | str]]]] = {
        "tổng, nữ": (["Tổng số", "Nữ"], [[v, w] for v, w in zip(scene.values, women, strict=True)]),
        "nữ, tổng": (["Nữ", "Tổng số"], [[w, v] for v, w in zip(scene.values, women, strict=True)]),
        "tuần": (["Tuần trước", "Tuần này"], [[b, v] for v, b in zip(scene.values, before, strict=True)]),
        "kế hoạch": (["Kế hoạch", "Thực hiện"], [[v + 7, v] for v in scene.values]),
        "lũy kế": (["Trong tuần", "Lũy kế"], [[max(0, v - b), v] for v, b in zip(scene.values, before, strict=True)]),
    }
    shape = rng.choice(("trong đó", "share", "groups", *pairs))
    scene.notes.append(shape)
    if shape == "trong đó":
        rows: list[list[Content]] = [
            [Span("Đơn vị", 2, 1), Span(names[0], 2, 1), Span("Trong đó", 1, 2)],
            [names[1], names[2]],
            [unit, *_cells(scene, scene.values)],
        ]
    elif shape == "share":
        flip = rng.random() < 0.5
        sub = ["Số lượng", "Tỷ lệ (%)"]
        shares = [f"{phones * 100 / members:.1f}", f"{installed * 100 / phones:.1f}"]
        cells = [[grouped(phones), shares[0]], [grouped(installed), shares[1]]]
        rows = [
            [Span("Đơn vị", 2, 1), Span(names[0], 2, 1), Span(names[1], 1, 2), Span(names[2], 1, 2)],
            [*(sub[::-1] if flip else sub), *(sub[::-1] if flip else sub)],
            [unit, grouped(members), *(cells[0][::-1] if flip else cells[0]), *(cells[1][::-1] if flip else cells[1])],
        ]
    elif shape == "groups":
        groups = [("Tuần trước", before), ("Tuần này", list(scene.values))]
        if rng.random() < 0.5:
            groups.reverse()
        rows = [
            [Span("Đơn vị", 2, 1), *[Span(head, 1, 3) for head, _ in groups]],
            [*names, *names],
            [unit, *[str(v) for _, values in groups for v in values]],
        ]
    else:
        heads, columns = pairs[shape]
        rows = [
            [Span("Đơn vị", 2, 1), *[Span(name, 1, 2) for name in names]],
            [*heads, *heads, *heads],
            [unit, *[str(v) for pair in columns for v in pair]],
        ]
    return scene.specimen("across: two heads", blocks=[table(rows, place="bảng 2")], clear=shape in ("trong đó", "share", "groups"))


def foreign_rows(scene: Scene) -> Specimen:
    """The province's table, copied: rows of other units, the province's total."""
    rng = scene.rng
    others = ["LĐLĐ huyện Gio Linh", "LĐLĐ huyện Cam Lộ", "Công đoàn ngành Xây dựng", "LĐLĐ huyện Hướng Hóa", "Công đoàn ngành Y tế"]
    parts = [[rng.randrange(500, 900), rng.randrange(300, 500), rng.randrange(100, 300)] for _ in range(3)]
    shown = rng.sample([name for name in others if name != scene.unit.name], 3)
    rows: list[list[Content]] = [[str(n), name, *map(str, part)] for n, (name, part) in enumerate(zip(shown, parts, strict=True), 1)]
    if rng.random() < 0.5:
        rows.insert(rng.randrange(4), ["", scene.unit.name, *map(str, scene.values)])
        parts.append(list(scene.values))
    if rng.random() < 0.6:
        rows.append(["", rng.choice(("Toàn tỉnh", "Tổng cộng", "Tổng cộng toàn tỉnh", "Cộng toàn tỉnh")), *map(str, _sums(parts))])
    if rng.random() < 0.2:
        rows = [["", rng.choice(("Toàn tỉnh", "Tổng cộng toàn tỉnh", "Cộng toàn tỉnh")), *map(str, _sums(parts))]]
    # The unit's own row among the others' is its report at best.
    own = any(scene.unit.name in row for row in rows)
    return scene.specimen("across: foreign rows", blocks=[table([_heads(scene), *rows], place="bảng 2")], clear=False, nothing=not own)


FAMILIES: dict[str, Callable[[Scene], Specimen]] = {
    "across: total": with_total,
    "across: broken total": broken_total,
    "across: subtotals": subtotals,
    "across: no total": without_total,
    "across: one row": one_row,
    "across: labelled rows": labelled_rows,
    "across: two heads": two_heads,
    "across: foreign rows": foreign_rows,
}
