"""Ink that a printer did not leave: stamps, signatures, figures written by hand, strokes through a figure. Drawn on a form, in place."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from bench.ocr_quality.drawing import Form, font

RED, BLUE, BLACK, GREY = (205, 30, 45), (35, 55, 170), (25, 25, 30), (95, 95, 95)
Colour = tuple[int, int, int]

_STROKES: dict[str, Sequence[Sequence[tuple[float, float]]]] = {
    "0": [[(0.5, 0), (0.15, 0.2), (0.1, 0.7), (0.45, 1), (0.85, 0.75), (0.85, 0.25), (0.5, 0)]],
    "1": [[(0.25, 0.25), (0.55, 0), (0.5, 1)]],
    "2": [[(0.15, 0.25), (0.45, 0), (0.85, 0.25), (0.5, 0.65), (0.1, 1), (0.9, 0.95)]],
    "3": [[(0.15, 0.1), (0.6, 0), (0.8, 0.25), (0.45, 0.48), (0.85, 0.7), (0.55, 1), (0.1, 0.9)]],
    "4": [[(0.55, 0), (0.1, 0.65), (0.9, 0.6)], [(0.65, 0.35), (0.6, 1)]],
    "5": [[(0.8, 0.02), (0.25, 0.05), (0.2, 0.45), (0.65, 0.42), (0.8, 0.72), (0.5, 1), (0.1, 0.9)]],
    "6": [[(0.7, 0), (0.25, 0.4), (0.15, 0.8), (0.5, 1), (0.8, 0.75), (0.5, 0.52), (0.2, 0.7)]],
    "7": [[(0.1, 0.05), (0.85, 0.02), (0.45, 1)], [(0.3, 0.5), (0.75, 0.47)]],
    "8": [[(0.5, 0), (0.2, 0.22), (0.75, 0.68), (0.5, 1), (0.2, 0.75), (0.75, 0.25), (0.5, 0)]],
    "9": [[(0.8, 0.25), (0.45, 0.5), (0.2, 0.22), (0.5, 0), (0.8, 0.2), (0.7, 0.65), (0.5, 1)]],
    ".": [[(0.2, 0.97), (0.25, 1.0)]],
}


def _multiply(form: Form, paint: Callable[[ImageDraw.ImageDraw], None]) -> None:
    layer = Image.new("RGB", form.image.size, "white")
    paint(ImageDraw.Draw(layer))
    form.image = ImageChops.multiply(form.image, layer)


def stamp(form: Form, rng: random.Random, *, at: tuple[int, int], colour: Colour = RED) -> None:
    """A round stamp of 34 mm with its centre `at`."""
    radius = round(17 / 25.4 * 300)
    x, y = at

    def paint(draw: ImageDraw.ImageDraw) -> None:
        for inset, width in ((0, 7), (70, 4)):
            draw.ellipse((x - radius + inset, y - radius + inset, x + radius - inset, y + radius - inset), outline=colour, width=width)
        face = font("Liberation Sans", "Bold", 9)
        start = rng.uniform(0, 360)
        for index, letter in enumerate("LIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG TRỊ "):
            angle = math.radians(start + index * 10.5)
            draw.text(
                (x + (radius - 38) * math.cos(angle), y + (radius - 38) * math.sin(angle)), letter, font=face, fill=colour, anchor="mm"
            )
        draw.text((x, y - 25), "ĐÔNG", font=face, fill=colour, anchor="mm")
        draw.text((x, y + 25), "HÀ", font=face, fill=colour, anchor="mm")

    _multiply(form, paint)


def signature(form: Form, rng: random.Random, *, at: tuple[int, int], colour: Colour = BLUE) -> None:
    x, y = at
    t = np.linspace(0, 1, 160)
    waves = [(rng.uniform(2, 9), rng.uniform(0, 6), rng.uniform(20, 70)) for _ in range(3)]
    ys = sum(size * np.sin(2 * np.pi * speed * t + phase) for speed, phase, size in waves)
    xs = x - 230 + 460 * t + 35 * np.sin(2 * np.pi * rng.uniform(3, 7) * t)
    points = [(float(px), float(y + py)) for px, py in zip(xs, np.asarray(ys), strict=True)]
    _multiply(form, lambda draw: draw.line(points, fill=colour, width=6, joint="curve"))


def handwrite(form: Form, rng: random.Random, index: int, text: str, *, colour: Colour, offset: int = 0, erase: bool = True) -> None:
    """Writes `text` by hand where value `index` is printed (or `offset` pixels beside it)."""
    left, top, right, bottom = form.boxes[index]
    draw = ImageDraw.Draw(form.image)
    if erase:
        draw.rectangle((left - 4, top, right + 4, bottom - 6), fill="white")
    height = (bottom - top) * rng.uniform(0.62, 0.8)
    x, lean = left + offset, rng.uniform(-0.1, 0.25)

    def paint(layer: ImageDraw.ImageDraw) -> None:
        pen_x = float(x)
        for character in text.replace(",", "."):
            size = height * rng.uniform(0.85, 1.15)
            foot = top + (bottom - top) * 0.12 + height + rng.uniform(-4, 4)
            for stroke in _STROKES[character]:
                rough = [
                    (
                        pen_x + (px + rng.uniform(-0.05, 0.05)) * size * 0.6 + lean * (1 - py) * size,
                        foot - (1 - py) * size + rng.uniform(-2, 2),
                    )
                    for px, py in stroke
                ]
                layer.line(_smooth(rough), fill=colour, width=rng.choice((5, 6, 7)), joint="curve")
            pen_x += size * (0.3 if character == "." else 0.72) + rng.uniform(0, 5)

    _multiply(form, paint)
    form.penned.add(index)


def strike(form: Form, rng: random.Random, index: int, *, colour: Colour) -> None:
    """A stroke through the printed number."""
    left, top, right, bottom = form.boxes[index]
    middle = top + (bottom - top) * 0.45
    tilt = rng.uniform(-12, 12)
    points = [(left - 15, middle + tilt), ((left + right) / 2, middle + rng.uniform(-4, 4)), (right + 15, middle - tilt)]
    _multiply(form, lambda draw: draw.line(points, fill=colour, width=rng.choice((5, 7)), joint="curve"))
    form.penned.add(index)


def _smooth(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Catmull-Rom through the points."""
    if len(points) < 3:
        return points
    p = np.array([points[0], *points, points[-1]])
    found = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False):
        steps = np.linspace(0, 1, 6, endpoint=False)
        found.extend(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3) for t in steps)
    return [(float(x), float(y)) for x, y in [*found, p[-1]]]
