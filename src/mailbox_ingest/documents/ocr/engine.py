"""The wall around Tesseract: words of a region, one line of digits. Decides nothing: readings come out as they are.

One API object per (language, segmentation, whitelist) lives as long as its process: opening one costs what thirty cells do.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # read when the library loads: two processes with one thread each beat one with two

import numpy as np
import tesserocr  # type: ignore[import-untyped]  # has no stubs

from mailbox_ingest.documents.ocr.pixels import Pixels
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.vietnamese.fold import nfc

WORKING_DPI = 200
_MARK, _SIGN = 0.25, 0.6  # confidences below which letters and punctuation are marks, not text
_LANGUAGES = ("vie", "eng")
_CANDIDATES = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/share/tesseract/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word as Tesseract saw it; the box is in pixels of the image that was read, `line` counts text lines of the region."""

    text: str
    confidence: float  # 0..1
    left: int
    top: int
    right: int
    bottom: int
    line: int


def is_text(word: Word) -> bool:
    """Whether a word is more than a mark on the paper. Whatever holds a digit is kept: doubt about numbers is decided elsewhere."""
    if any(character.isdigit() for character in word.text):
        return True
    if any(character.isalpha() for character in word.text):
        return word.confidence >= _MARK
    return word.confidence >= _SIGN and word.text[:1] not in "_.`'"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineText:
    text: str
    confidence: float  # 0..1


def find_tessdata() -> Path:
    """The folder with vie.traineddata and eng.traineddata. Raises DocumentError 'unsupported' when this machine has none."""
    named = os.environ.get("TESSDATA_PREFIX")
    places = [Path(named), Path(named) / "tessdata"] if named else []
    for place in [*places, *map(Path, _CANDIDATES)]:
        if all((place / f"{language}.traineddata").is_file() for language in _LANGUAGES):
            return place
    raise DocumentError(
        "unsupported",
        "Tesseract's vie and eng data were not found: install tesseract-ocr-vie and tesseract-ocr-eng, or set TESSDATA_PREFIX",
    )


@lru_cache(maxsize=8)
def _api(tessdata: str, language: str, segmentation: int, whitelist: str) -> tesserocr.PyTessBaseAPI:
    try:
        api = tesserocr.PyTessBaseAPI(path=tessdata, lang=language, psm=segmentation, oem=tesserocr.OEM.LSTM_ONLY)
    except RuntimeError as error:
        raise DocumentError("unsupported", f"Tesseract cannot load its {language} data: {error}") from error
    api.SetVariable("debug_file", os.devnull)
    api.SetVariable("user_defined_dpi", str(WORKING_DPI))
    if whitelist:
        api.SetVariable("tessedit_char_whitelist", whitelist)
    return api


class Engine:
    """The three passes over grey images at about 200 dpi, dark on white."""

    def __init__(self) -> None:
        self._tessdata = str(find_tessdata())

    def words(self, grey: Pixels) -> tuple[Word, ...]:
        """Pass P: a block of text (Vietnamese, uniform block) with word boxes."""
        api = _api(self._tessdata, "vie", tesserocr.PSM.SINGLE_BLOCK, "")
        if not _load(api, grey) or not api.Recognize():
            return ()
        found: list[Word] = []
        line = -1
        level = tesserocr.RIL.WORD
        for item in tesserocr.iterate_level(api.GetIterator(), level):
            if item.IsAtBeginningOf(tesserocr.RIL.TEXTLINE):
                line += 1
            box = item.BoundingBox(level)
            text = _clean(item.GetUTF8Text(level)) if box else ""
            if text:
                left, top, right, bottom = box
                confidence = max(0.0, item.Confidence(level) / 100)
                found.append(Word(text=text, confidence=confidence, left=left, top=top, right=right, bottom=bottom, line=line))
        api.Clear()
        return tuple(found)

    def digits(self, grey: Pixels) -> LineText:
        """Pass D: one line, English model, nothing but digits and separators: the best reader of digits that was measured."""
        return _line(_api(self._tessdata, "eng", tesserocr.PSM.SINGLE_LINE, "0123456789.,"), grey)

    def line(self, grey: Pixels) -> LineText:
        """Pass D2: one line, Vietnamese model, any character."""
        return _line(_api(self._tessdata, "vie", tesserocr.PSM.SINGLE_LINE, ""), grey)


def _line(api: tesserocr.PyTessBaseAPI, grey: Pixels) -> LineText:
    if not _load(api, grey):
        return LineText(text="", confidence=0.0)
    text = _clean(api.GetUTF8Text())
    confidence = max(0.0, api.MeanTextConf() / 100) if text else 0.0
    api.Clear()
    return LineText(text=text, confidence=confidence)


def _clean(text: str | None) -> str:
    """NFC, and the Icelandic letter that the model writes for its Vietnamese look-alike put right."""
    return nfc(text or "").replace("Ð", "Đ").replace("ð", "đ").strip()


def _load(api: tesserocr.PyTessBaseAPI, grey: Pixels) -> bool:
    height, width = grey.shape[:2]
    if height < 4 or width < 4:
        return False
    api.SetImageBytes(np.ascontiguousarray(grey).tobytes(), width, height, 1, width)
    return True


def version() -> str:
    return f"tesseract {tesserocr.tesseract_version().split()[1]}"
