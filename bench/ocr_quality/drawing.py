"""Report forms drawn as pictures with known numbers: wordings, layouts, fonts and sizes vary with the seed. Nothing here reads."""

from __future__ import annotations

import random
import subprocess
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

DPI = 300
FAMILIES = ("Liberation Serif", "Liberation Sans", "Noto Serif", "Noto Sans", "DejaVu Serif", "DejaVu Sans")


@dataclass(slots=True, kw_only=True)
class Form:
    """A drawn page. `values` are the numbers in reading order; `places` their centres and `column` their x range, in pixels at 300 dpi;
    `texts` is every text on the page (for telling invented numbers from printed ones)."""

    image: Image.Image
    values: list[int]
    layout: str
    boxes: list[tuple[int, int, int, int]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    signature: tuple[int, int] = (0, 0)
    penned: set[int] = field(default_factory=set)  # indices of values that no machine may accept (written or corrected by pen)


@lru_cache(maxsize=64)
def font_file(family: str, style: str) -> Path:
    """Raises FileNotFoundError when the family is not installed."""
    answer = subprocess.run(
        ["fc-match", "-f", "%{family}|%{file}", f"{family}:style={style}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found, _, file = answer.partition("|")
    if family not in found:
        raise FileNotFoundError(f"the font {family} is not installed")
    return Path(file)


@lru_cache(maxsize=256)
def font(family: str, style: str, points: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_file(family, style)), round(points * DPI / 72))


def number_text(rng: random.Random, value: int) -> str:
    plain = str(value)
    if value < 1000 or rng.random() < 0.3:
        return plain
    mark = "." if rng.random() < 0.85 else ","
    return f"{value:,}".replace(",", mark)


def some_values(rng: random.Random) -> list[int]:
    """members ≥ smartphone users ≥ installed, over the whole range of sizes."""
    members = rng.choice(
        (rng.randint(8, 99), rng.randint(100, 999), rng.randint(1000, 9999), rng.randint(1000, 9999), rng.randint(10000, 199999))
    )
    phones = rng.randint(members // 3, members)
    return [members, phones, rng.randint(phones // 4, phones)]


class Pen:
    """A page, a pen position and everything that was written."""

    def __init__(self, rng: random.Random, *, landscape: bool = False) -> None:
        size = (3508, 2480) if landscape else (2480, 3508)
        self.image = Image.new("RGB", size, "white")
        self.draw = ImageDraw.Draw(self.image)
        self.rng = rng
        self.family = rng.choice(FAMILIES)
        self.points = rng.choice((12.0, 13.0, 13.0, 14.0))
        self.left, self.right = 330, size[0] - 220
        self.y = 240
        self.texts: list[str] = []

    def text(
        self, x: float, text: str, *, style: str = "Regular", anchor: str = "la", points: float | None = None, y: float | None = None
    ) -> float:
        """Draws one line; returns its width."""
        face = font(self.family, style, points or self.points)
        self.draw.text((x, self.y if y is None else y), text, font=face, fill=(10, 10, 10), anchor=anchor)
        self.texts.append(text)
        return face.getlength(text)

    @cached_property
    def padding(self) -> int:
        """Above and below the text of a table's cells, pixels: drawn by lot when the page's first row is ruled."""
        return self.rng.choice((10, 16, 26))

    @property
    def line(self) -> int:
        return round(self.points * DPI / 72 * 1.32)

    def wrapped(self, text: str, width: float, *, style: str = "Regular") -> list[str]:
        face = font(self.family, style, self.points)
        lines, current = [], ""
        for word in text.split():
            longer = f"{current} {word}".strip()
            if current and face.getlength(longer) > width:
                lines.append(current)
                current = word
            else:
                current = longer
        return [*lines, current]
