"""A drawn report page for the OCR tests: real pixels, known numbers, a font that travels with matplotlib."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

LABELS = ("Tổng số đoàn viên, người lao động", "Số người có điện thoại thông minh", "Số người đã cài đặt Bluezone")


@dataclass(slots=True, kw_only=True)
class DrawnPage:
    """A page at 200 dpi; `numbers` holds the box (left, top, right, bottom) of every cell of the number column."""

    image: Image.Image
    numbers: list[tuple[int, int, int, int]] = field(default_factory=list)

    def pixels(self) -> np.ndarray:
        return np.array(self.image, dtype=np.uint8)

    def bytes(self, kind: str = "PNG", **options: object) -> bytes:
        out = io.BytesIO()
        self.image.save(out, kind, **options)
        return out.getvalue()

    def draw(self) -> ImageDraw.ImageDraw:
        return ImageDraw.Draw(self.image)


def font(points: float = 12) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"), round(points * 200 / 72))


@pytest.fixture
def page_font() -> ImageFont.FreeTypeFont:
    """12 points at 200 dpi."""
    return font()


@pytest.fixture
def report_page() -> Callable[..., DrawnPage]:
    """`report_page("4.215", "3.480", "")` draws letterhead, title, a table of three labels with these numbers, and a signature block."""

    def make(*numbers: str, intro: str = "") -> DrawnPage:
        page = DrawnPage(image=Image.new("RGB", (1654, 2339), "white"))
        draw, face = page.draw(), font()
        draw.text((230, 150), "LĐLĐ TỈNH QUẢNG TRỊ", font=font(11), fill="black")
        draw.text((230, 195), "LĐLĐ HUYỆN VĨNH LINH", font=font(11), fill="black")
        draw.text((900, 150), "Độc lập - Tự do - Hạnh phúc", font=font(11), fill="black")
        draw.text((800, 250), "Vĩnh Linh, ngày 21 tháng 8 năm 2020", font=font(11), fill="black")
        draw.text((700, 360), "BÁO CÁO", font=face, fill="black")
        if intro:
            draw.text((220, 450), intro, font=face, fill="black")
        top, edges = 560, (220, 320, 1180, 1480)
        rows = [("TT", "NỘI DUNG", "Số lượng"), *((str(i + 1), LABELS[i], number) for i, number in enumerate(numbers))]
        for row in rows:
            for text, left, right in zip(row, edges, edges[1:], strict=False):
                draw.rectangle((left, top, right, top + 72), outline="black", width=2)
                anchor, x = ("lm", left + 14) if left == edges[1] else ("mm", (left + right) // 2)
                draw.text((x, top + 36), text, font=face, fill="black", anchor=anchor)
            if row is not rows[0]:
                page.numbers.append((edges[2], top, edges[3], top + 72))
            top += 72
        draw.text((1000, top + 90), "TM. BAN THƯỜNG VỤ", font=face, fill="black")
        draw.text((1090, top + 140), "CHỦ TỊCH", font=face, fill="black")
        draw.text((1000, top + 330), "Nguyễn Văn Hùng", font=face, fill="black")
        return page

    return make
