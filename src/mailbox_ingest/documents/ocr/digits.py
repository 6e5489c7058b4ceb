"""When readings of one number agree. Holds the rule and its confidences; refuses to choose where witnesses differ.

Measured on 1,080 numbers (docs/reading.md): two of three passes agreeing was never wrong on clean cells; where coloured ink had touched the
cell only the page pass and the digit pass together were never wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailbox_ingest.vietnamese.fold import fold, squeeze

ALL_AGREE = 0.97
TWO_AGREE = 0.92
TOUCHED_AGREE = 0.9
DOUBTFUL = 0.4
NOTHING_READ = 0.1

_GROUPED = re.compile(r"\d{1,3}(?:([., ])\d{3})(?:\1\d{3})*")
_DECIMAL = re.compile(r"(\d+)[.,](\d{1,2}|\d{4,})")
_BEHEADED = re.compile(r"[.,]\d")
_EDGES = re.compile(r"^[\s.,;:'‘’`|_]+|[\s.,;:'‘’`|_]+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The reading to go on with, and how sure it is (never 1.0; below 0.85 a person looks)."""

    text: str
    confidence: float


def canonical(text: str) -> str | None:
    """'1.102', '1102' and '1 102' -> '1102'; '93,2%' -> '93,2'; '-12' -> '-12'; None for what is no number."""
    if _BEHEADED.match(squeeze(text)):
        return None  # '.106': what stood before the mark is hidden
    bare = _EDGES.sub("", squeeze(text))
    bare = bare.removesuffix("%").strip()
    sign = ""
    if bare[:1] in {"-", "–", "−"}:
        sign, bare = "-", bare[1:].strip()
    if bare.isascii() and bare.isdigit():
        return sign + bare
    if _GROUPED.fullmatch(bare):
        return sign + re.sub(r"\D", "", bare)
    found = _DECIMAL.fullmatch(bare)
    return f"{sign}{found[1]},{found[2]}" if found else None


def agree(*, page: str, cell_digits: str, cell_text: str, touched: bool, spoiled: bool = False, glyphs: int | None = None) -> Agreement:
    """The verdict on one number cell.

    `page` is pass P, `cell_digits` pass D, `cell_text` pass D2. `touched`: other ink lies in the cell. `spoiled`: struck out,
    handwritten or otherwise not plain print: never sure. `glyphs`: how many digits were counted by shape, None where shapes run together.
    """
    readings = {"D": canonical(cell_digits), "P": canonical(page), "D2": canonical(cell_text)}
    texts = {"D": cell_digits, "P": page, "D2": cell_text}
    free_of_digits = not any(character.isdigit() for character in page + cell_text)
    if not any(readings.values()) or (free_of_digits and fold(page) and fold(page) == fold(cell_text)):
        return _words(page, cell_text, touched)
    best, backers = _majority(readings)
    text = _plain(next((texts[name] for name in backers if "%" in texts[name]), texts[backers[0]]))
    # P and D2 share a model: against D, the better reader of digits, they do not count as two. D cannot read a percent sign.
    independent = len(backers) >= 2 and ("D" in backers or "%" in text)
    open_ended = sum(reading.rstrip()[-1:] in {".", ","} for reading in texts.values()) >= 2  # '4.': what stood behind is hidden
    if spoiled or open_ended or not independent or best is None:
        return Agreement(text=text, confidence=DOUBTFUL)
    if glyphs is not None and "%" not in text and glyphs != sum(character.isdigit() for character in best):
        return Agreement(text=text, confidence=DOUBTFUL)
    if touched:
        sure = len(backers) == 3
        return Agreement(text=text, confidence=TOUCHED_AGREE if sure else DOUBTFUL)
    return Agreement(text=text, confidence=ALL_AGREE if len(backers) == 3 else TWO_AGREE)


def _majority(readings: dict[str, str | None]) -> tuple[str | None, list[str]]:
    groups: dict[str, list[str]] = {}
    for name, reading in readings.items():
        if reading is not None:
            groups.setdefault(reading, []).append(name)
    best = max(groups, key=lambda reading: len(groups[reading]))
    return best, groups[best]


def _words(page: str, cell_text: str, doubtful: bool) -> Agreement:
    """A short cell without a number in any pass: 'TT', 'không', a dash."""
    text = page or cell_text
    if not text:
        return Agreement(text="", confidence=NOTHING_READ)
    same = fold(page) == fold(cell_text) and bool(fold(page)) and not any(character.isdigit() for character in text)
    return Agreement(text=squeeze(text), confidence=TWO_AGREE if same and not doubtful else DOUBTFUL)


def _plain(text: str) -> str:
    return _EDGES.sub("", squeeze(text))
