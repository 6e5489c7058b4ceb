"""The forms themselves: letterheads, wordings and the four layouts that units use. Draws with `drawing.Pen`."""

from __future__ import annotations

import random

from bench.ocr_quality.drawing import Form, Pen, font, number_text, some_values

_PLACES = ("Đông Hà", "Vĩnh Linh", "Gio Linh", "Cam Lộ", "Hải Lăng", "Triệu Phong", "Đakrông", "Hướng Hóa")
_UNITS = (
    "LĐLĐ HUYỆN {}",
    "LIÊN ĐOÀN LAO ĐỘNG HUYỆN {}",
    "CÔNG ĐOÀN NGÀNH Y TẾ",
    "CĐ NGÀNH GIÁO DỤC",
    "CÔNG ĐOÀN VIÊN CHỨC TỈNH",
    "CĐCS CÔNG TY {}",
)
_LABELS = (
    (
        "Tổng số đoàn viên, người lao động (trong các đơn vị có tổ chức công đoàn)",
        "Tổng số ĐV, NLĐ",
        "Số đoàn viên, người lao động đang quản lý",
        "Tổng số CNVCLĐ của đơn vị",
    ),
    (
        "Trong đó: + Số đoàn viên, người lao động có điện thoại thông minh",
        "Số người có điện thoại thông minh",
        "Số ĐV, NLĐ sử dụng smartphone",
        "Có ĐT thông minh",
    ),
    (
        "+ Số đoàn viên, người lao động có điện thoại thông minh đã cài đặt Bluezone",
        "Số đã cài đặt Bluezone",
        "Đã cài ứng dụng Bluezone",
        "Số người đã cài đặt, sử dụng Bluezone",
    ),
)


def draw_form(seed: int, layout: str | None = None) -> Form:
    """One form; `layout`: 'table', 'percent', 'wide' (one row of numbers), 'lines' or None for any."""
    rng = random.Random(seed)
    layout = layout or rng.choice(("table", "table", "percent", "wide", "lines"))
    pen = Pen(rng, landscape=layout == "wide" and rng.random() < 0.5)
    place = rng.choice(_PLACES)
    _letterhead(pen, place)
    values = some_values(rng)
    if layout == "lines":
        boxes = _lines(pen, values)
    elif layout == "wide":
        boxes = _wide(pen, values)
    else:
        boxes = _table(pen, values, percent=layout == "percent")
    pen.y += round(pen.line * 1.2)
    centre = round(pen.right - 420)
    pen.text(centre, "TM. BAN THƯỜNG VỤ", style="Bold", anchor="ma")
    pen.y += pen.line
    pen.text(centre, "CHỦ TỊCH", style="Bold", anchor="ma")
    pen.text(
        centre, rng.choice(("Nguyễn Văn Hùng", "Trần Thị Lan", "Lê Đức Thọ", "Phan Xuân Long")), style="Bold", anchor="ma", y=pen.y + 420
    )
    return Form(image=pen.image, values=values, layout=layout, boxes=boxes, texts=pen.texts, signature=(centre, pen.y + 220))


def _letterhead(pen: Pen, place: str) -> None:
    rng, small = pen.rng, pen.points - 1
    left, right = pen.left + 330, pen.right - 560
    top = pen.y
    pen.text(left, "LIÊN ĐOÀN LAO ĐỘNG", anchor="ma", points=small)
    pen.text(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", style="Bold", anchor="ma", points=small)
    pen.y += pen.line
    pen.text(left, "TỈNH QUẢNG TRỊ", anchor="ma", points=small)
    pen.text(right, "Độc lập - Tự do - Hạnh phúc", style="Bold", anchor="ma", points=pen.points)
    pen.y += pen.line
    pen.text(left, rng.choice(_UNITS).format(place.upper()), style="Bold", anchor="ma", points=small)
    pen.y += pen.line
    pen.text(left, f"Số: {rng.randint(1, 240)}/BC-LĐLĐ", anchor="ma")
    pen.text(right, f"{place}, ngày {rng.randint(10, 28)} tháng 8 năm 2020", style="Italic", anchor="ma")
    pen.draw.line((right - 330, top + 2 * pen.line, right + 330, top + 2 * pen.line), fill=(10, 10, 10), width=3)
    pen.y += round(2 * pen.line)
    middle = (pen.left + pen.right) / 2
    pen.text(middle, "BÁO CÁO", style="Bold", anchor="ma", points=pen.points + 1)
    pen.y += pen.line
    pen.text(middle, "Về việc cài đặt ứng dụng Bluezone", style="Bold", anchor="ma")
    pen.y += round(1.6 * pen.line)
    if rng.random() < 0.5:
        intro = "Thực hiện Công văn số 597/LĐLĐ-CTCS ngày 14/8/2020 của LĐLĐ tỉnh Quảng Trị, đơn vị báo cáo kết quả như sau:"
        for piece in pen.wrapped(intro, pen.right - pen.left):
            pen.text(pen.left, piece)
            pen.y += pen.line
        pen.y += 20


def _row(pen: Pen, edges: list[int], cells: list[tuple[str, str, str]]) -> list[tuple[int, int, int, int]]:
    """Draws one ruled row of (text, align, style); returns the boxes of the drawn texts."""
    pieces = [
        pen.wrapped(text, right - left - 44, style=style) for (text, _, style), left, right in zip(cells, edges, edges[1:], strict=False)
    ]
    height = max(len(lines) for lines in pieces) * pen.line + 2 * pen.padding
    boxes = []
    rule = 3
    for (_, align, style), lines, left, right in zip(cells, pieces, edges, edges[1:], strict=False):
        pen.draw.rectangle((left, pen.y, right, pen.y + height), outline=(10, 10, 10), width=rule)
        free = height - 2 * pen.padding - len(lines) * pen.line
        y = pen.y + pen.padding + (free / 2 if align != "top" and pen.rng.random() < 0.6 else 0)
        x0 = {"left": left + 22, "top": left + 22, "centre": (left + right) / 2, "right": right - 26}[align]
        anchor = {"left": "la", "top": "la", "centre": "ma", "right": "ra"}[align]
        for line in lines:
            width = pen.text(x0, line, style=style, anchor=anchor, y=y)
            start = {"l": x0, "m": x0 - width / 2, "r": x0 - width}[anchor[0]]
            y += pen.line
        boxes.append((round(start), round(y - pen.line), round(start + width), round(y)))
    pen.y += height
    return boxes


def _table(pen: Pen, values: list[int], *, percent: bool) -> list[tuple[int, int, int, int]]:
    rng = pen.rng
    edges = [pen.left, pen.left + 130, pen.right - (680 if percent else 400)]
    edges += [pen.right - 320, pen.right] if percent else [pen.right]
    header = [
        ("TT", "centre", "Bold"),
        ("NỘI DUNG", "centre", "Bold"),
        (rng.choice(("ĐVT (người)", "Số lượng", "Số lượng (người)")), "centre", "Bold"),
    ]
    _row(pen, edges, [*header, ("Tỷ lệ (%)", "centre", "Bold")] if percent else header)
    align, style, boxes = rng.choice(("centre", "right", "centre")), rng.choice(("Regular", "Regular", "Bold")), []
    for index, value in enumerate(values):
        label = rng.choice(_LABELS[index])
        cells = [
            (str(index + 1) if index < 2 else "", "centre", "Regular"),
            (label, "left", "Regular"),
            (number_text(rng, value), align, style),
        ]
        if percent:
            share = f"{100 * value / max(1, values[index - 1]):.1f}".replace(".", ",") + "%" if index else ""
            cells.append((share, "centre", "Regular"))
        boxes.append(_row(pen, edges, cells)[2])
    return boxes


def _wide(pen: Pen, values: list[int]) -> list[tuple[int, int, int, int]]:
    width = pen.right - pen.left
    edges = [pen.left, pen.left + 120, pen.left + round(width * 0.3), *(pen.left + round(width * share) for share in (0.53, 0.77, 1.0))]
    header = [
        ("TT", "centre", "Bold"),
        ("Đơn vị", "centre", "Bold"),
        *((pen.rng.choice(_LABELS[index]), "centre", "Bold") for index in range(3)),
    ]
    _row(pen, edges, header)
    row = [
        ("1", "centre", "Regular"),
        ("Toàn đơn vị", "left", "Regular"),
        *((number_text(pen.rng, value), "centre", "Regular") for value in values),
    ]
    return _row(pen, edges, row)[2:]


def _lines(pen: Pen, values: list[int]) -> list[tuple[int, int, int, int]]:
    boxes = []
    for index, value in enumerate(values):
        text = f"{index + 1}. {pen.rng.choice(_LABELS[index]).removeprefix('Trong đó: ').removeprefix('+ ')}: "
        number = number_text(pen.rng, value)
        tail = " người."
        for piece in (lines := pen.wrapped(text + number + tail, pen.right - pen.left - 80)):
            before, found, _ = piece.partition(number) if piece is lines[-1] or number in piece.split() else (piece, "", "")
            pen.text(pen.left + 80, piece)
            if found:
                face = font(pen.family, "Regular", pen.points)
                x = pen.left + 80 + face.getlength(before)
                box = (round(x), pen.y, round(x + face.getlength(number)), pen.y + pen.line)
            pen.y += pen.line
        boxes.append(box)
        pen.y += 12
    return boxes
