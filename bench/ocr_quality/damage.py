"""What scanners, fax machines and telephones do to a page: quality classes by name, each from a form and a seed to file bytes."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from bench.ocr_quality import pens
from bench.ocr_quality.drawing import DPI, Form, number_text
from bench.ocr_quality.layouts import draw_form

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """A file with what is printed on it. `safe` is False where a person has to look, however well it was read."""

    name: str
    quality: str
    data: bytes
    form: Form


def _scan(image: Pixels, rng: random.Random, *, dpi: int, skew: float, blur: float, noise: float, paper: int = 252) -> Pixels:
    page = image
    if skew:
        height, width = page.shape[:2]
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-skew, skew), 1.0)
        page = cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=(255, 255, 255))
    page = cv2.resize(page, None, fx=dpi / DPI, fy=dpi / DPI, interpolation=cv2.INTER_AREA)
    if blur:
        page = cv2.GaussianBlur(page, (0, 0), blur)
    grain = np.random.default_rng(rng.randrange(1 << 30)).normal(0, noise, page.shape[:2])
    lit = page.astype(np.float32) * (paper / 255) + (grain[..., None] if page.ndim == 3 else grain)
    return np.clip(lit, 0, 255).astype(np.uint8)


def _photo(image: Pixels, rng: random.Random, *, width: int, edges: bool, tilt: float) -> Pixels:
    """A sheet on a table under one lamp: curl, perspective, shadow, warm light. `edges`: the table shows around it."""
    page = cv2.resize(image, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    height, wide = page.shape[:2]
    across = np.linspace(0, 1, wide, dtype=np.float32)
    curl = rng.uniform(-9, 9) * np.sin(np.pi * across) + rng.uniform(-4, 4) * np.sin(2 * np.pi * across)
    grid_x, grid_y = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(height, dtype=np.float32))
    page = cv2.remap(page, grid_x, grid_y + curl[None, :].astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    tall = round(width * 4 / 3)
    if wide > height:
        width, tall = tall, width
    inset = (0.05, 0.1) if edges else (-0.05, -0.01)
    corner = [(x * width, y * tall) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))]
    room = [
        (
            x + (1 if x == 0 else -1) * rng.uniform(*inset) * width + rng.uniform(-tilt, tilt) * width,
            y + (1 if y == 0 else -1) * rng.uniform(*inset) * tall,
        )
        for x, y in corner
    ]
    matrix = cv2.getPerspectiveTransform(np.array([(0, 0), (wide, 0), (wide, height), (0, height)], np.float32), np.array(room, np.float32))
    base = np.array(rng.choice(((96, 66, 44), (60, 70, 80), (150, 120, 90), (40, 40, 45))), np.float32)
    table = np.ones((tall, width, 3), np.float32) * base + np.random.default_rng(rng.randrange(1 << 30)).normal(0, 6, (tall, width, 1))
    mask = cv2.warpPerspective(np.ones((height, wide), np.float32), matrix, (width, tall))[..., None]
    seen = cv2.warpPerspective(page, matrix, (width, tall), flags=cv2.INTER_AREA).astype(np.float32) * mask + table * (1 - mask)
    xs, ys = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, tall))
    angle = rng.uniform(0, 6.28)
    light = rng.uniform(0.72, 0.85) + rng.uniform(0.1, 0.2) * (np.cos(angle) * xs + np.sin(angle) * ys)
    if rng.random() < 0.5:
        light *= 1 - rng.uniform(0.15, 0.35) / (1 + np.exp(-(xs * np.cos(angle + 1) + ys * np.sin(angle + 1) - rng.uniform(0.2, 0.7)) * 14))
    warm = np.array([1.0, rng.uniform(0.93, 1.0), rng.uniform(0.82, 1.0)])
    seen = seen * light[..., None] * warm + np.random.default_rng(rng.randrange(1 << 30)).normal(0, rng.uniform(2, 5), (tall, width, 1))
    seen = cv2.GaussianBlur(seen.astype(np.float32), (0, 0), rng.uniform(0.4, 0.9))
    return np.clip(seen, 0, 255).astype(np.uint8)


def _save(image: Pixels, kind: str, *, quality: int = 70, dpi: int | None = None) -> bytes:
    out = io.BytesIO()
    picture = Image.fromarray(image)
    extra = {"dpi": (dpi, dpi)} if dpi else {}
    if kind == "FAX":
        picture.convert("L").point(lambda v: 255 if v > 150 else 0).convert("1").save(out, "TIFF", compression="group4", **extra)
    elif kind == "JPEG":
        picture.save(out, "JPEG", quality=quality, **extra)
    else:
        picture.save(out, kind, **extra)
    return out.getvalue()


def _grey(image: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _over_number(form: Form, rng: random.Random) -> tuple[int, int]:
    left, top, right, bottom = rng.choice(form.boxes)
    return (left + right) // 2 + rng.randint(-120, 120), (top + bottom) // 2 + rng.randint(-120, 160)


def specimen(quality: str, seed: int) -> Specimen:
    """The specimen of a quality class and seed. Raises KeyError for an unknown class."""
    rng = random.Random(f"{quality}-{seed}")
    layout = rng.choice(("table", "table", "percent", "wide")) if quality in NEEDS_TABLE else None
    form = draw_form(seed * 1000 + QUALITIES.index(quality), layout)
    sx, sy = form.signature
    if quality not in {"clean-200-unsigned"}:
        pens.signature(form, rng, at=(sx + 60, sy))
        if quality not in {"stamp-number", "grey-stamp-number"}:
            pens.stamp(form, rng, at=(sx - 150, sy + 10), colour=pens.GREY if quality.startswith("grey") else pens.RED)
    _INK.get(quality, lambda form, rng: None)(form, rng)
    image = np.asarray(form.image)
    data = _render(quality, image, rng)
    return Specimen(name=f"{quality}-{seed}", quality=quality, data=data, form=form)


def _ink_stamp(form: Form, rng: random.Random) -> None:
    pens.stamp(form, rng, at=_over_number(form, rng))
    if rng.random() < 0.5:
        pens.signature(form, rng, at=_over_number(form, rng))


def _ink_grey_stamp(form: Form, rng: random.Random) -> None:
    pens.stamp(form, rng, at=_over_number(form, rng), colour=pens.GREY)


def _ink_pen(form: Form, rng: random.Random) -> None:
    colour = rng.choice((pens.BLUE, pens.BLACK, (40, 60, 200)))
    for index in rng.sample(range(3), rng.choice((1, 3))):
        pens.handwrite(form, rng, index, number_text(rng, form.values[index]), colour=colour)


def _ink_crossed(form: Form, rng: random.Random) -> None:
    index = rng.randrange(3)
    colour = rng.choice((pens.BLUE, pens.BLACK))
    pens.strike(form, rng, index, colour=colour)
    if rng.random() < 0.7:
        left, _, right, _ = form.boxes[index]
        pens.handwrite(form, rng, index, str(form.values[index] + rng.randint(1, 40)), colour=colour, offset=right - left + 20, erase=False)


_INK = {"stamp-number": _ink_stamp, "grey-stamp-number": _ink_grey_stamp, "handwritten": _ink_pen, "crossed-out": _ink_crossed}
NEEDS_TABLE = frozenset({"stamp-number", "grey-stamp-number", "handwritten", "crossed-out"})
QUALITIES = (
    "clean-100", "clean-150", "clean-200", "clean-300", "noisy-100", "noisy-150", "noisy-200", "noisy-300", "grey-200", "fax-200",
    "low-contrast", "turned", "photo-3000", "photo-2000", "photo-1600", "photo-close",
    "stamp-number", "grey-stamp-number", "handwritten", "crossed-out",
)  # fmt: skip


def _render(quality: str, image: Pixels, rng: random.Random) -> bytes:
    kind, _, figure = quality.partition("-")
    if kind == "clean":
        dpi = int(figure)
        return _save(_scan(image, rng, dpi=dpi, skew=0.6, blur=0.0, noise=2), "JPEG", quality=75, dpi=dpi)
    if kind == "noisy":
        dpi = int(figure)
        page = _scan(
            image, rng, dpi=dpi, skew=3, blur=rng.uniform(0.3, 0.9) * dpi / 200, noise=rng.uniform(5, 11), paper=rng.choice((235, 250))
        )
        return _save(page, "JPEG", quality=rng.randint(40, 70), dpi=rng.choice((dpi, None)))
    if kind == "fax":
        return _save(_scan(_grey(image), rng, dpi=200, skew=1.5, blur=0.5, noise=rng.uniform(10, 30)), "FAX", dpi=200)
    if kind == "photo":
        close = figure == "close"
        page = _photo(image, rng, width=2400 if close else int(figure), edges=not close, tilt=0.015 if close else 0.04)
        return _save(page, "JPEG", quality=rng.randint(55, 80), dpi=72)
    if quality == "low-contrast":
        faded = (255 - (255 - image.astype(np.float32)) * rng.uniform(0.25, 0.45)).astype(np.uint8)
        return _save(_scan(faded, rng, dpi=200, skew=1, blur=0.4, noise=3, paper=240), "JPEG", quality=75, dpi=200)
    if quality == "turned":
        page = np.ascontiguousarray(np.rot90(_scan(image, rng, dpi=200, skew=1.5, blur=0.4, noise=4), rng.choice((1, 2, 3))))
        return _save(page, "JPEG", quality=70, dpi=200)
    grey = quality.startswith("grey") or (quality in {"handwritten", "crossed-out"} and rng.random() < 0.3)
    page = _scan(_grey(image) if grey else image, rng, dpi=rng.choice((150, 200, 200, 300)), skew=1, blur=0.4, noise=4)
    return _save(page, "PNG" if rng.random() < 0.2 else "JPEG", quality=70)
