"""What a scanned page costs, side by side: CPU of the whole reading, of the Tesseract passes in it, and of one plain page pass (medians).

python -m bench.ocr_quality.cost --pages 20 --repeats 3

Each page is read several times and the least of each figure counts: a busy machine only adds. The passes are those of the reading itself,
on its own pictures, timed where they are called: taking the words out of Tesseract is in them, 3 % of their time.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import cv2
import numpy as np
from PIL import Image

from bench.ocr_quality.damage import specimen
from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.ocr import read_image
from mailbox_ingest.documents.ocr.engine import WORKING_DPI, Engine

CLASSES = ("clean-100", "clean-150", "clean-200", "clean-300", "noisy-200", "fax-200", "photo-2000", "photo-3000")


def timed(call: Callable[[], Any]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


class PassClock:
    """Adds up the CPU seconds that go into Tesseract while it is in force."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._saved = {name: getattr(Engine, name) for name in ("words", "digits", "line")}

    def __enter__(self) -> PassClock:
        for name, plain in self._saved.items():
            setattr(Engine, name, self._clocked(plain))
        return self

    def __exit__(self, *_: object) -> None:
        for name, plain in self._saved.items():
            setattr(Engine, name, plain)

    def _clocked(self, plain: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            started = time.process_time()
            try:
                return plain(*arguments)
            finally:
                self.seconds += time.process_time() - started

        return run


def plain_page(data: bytes) -> Callable[[], Any]:
    """One pass of Tesseract over the whole page, grey, at 200 dpi: what a reader without any preparation pays."""
    grey = np.array(Image.open(io.BytesIO(data)).convert("L"))
    scale = 11.69 * WORKING_DPI / max(grey.shape)
    page = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return lambda: Engine().words(page)


def measured(data: bytes) -> tuple[float, float, float]:
    """CPU seconds of one reading, of Tesseract's passes in it, of one plain page pass."""
    with PassClock() as clock:
        whole = timed(lambda: read_image(data, "page", LimitsConfig()))
    return whole, clock.seconds, timed(plain_page(data))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=20, help="pages a class")
    parser.add_argument("--repeats", type=int, default=3, help="times that a page is read")
    options = parser.parse_args()
    pages, repeats = options.pages, options.repeats
    cv2.setNumThreads(1)
    read_image(specimen("clean-200", 1).data, "warm-up", LimitsConfig())
    print("| class | reading, CPU s | Tesseract in it | one page pass | reading / its passes | reading / page pass |")
    print("|---|---|---|---|---|---|")
    for quality in CLASSES:
        rows = []
        for seed in range(9000, 9000 + pages):
            data = specimen(quality, seed).data
            whole, inside, plain = map(min, zip(*(measured(data) for _ in range(repeats)), strict=True))
            rows.append((whole, inside, plain, whole / inside, whole / plain))
        print(f"| {quality} | {' | '.join(f'{median(column):.2f}' for column in zip(*rows, strict=True))} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
