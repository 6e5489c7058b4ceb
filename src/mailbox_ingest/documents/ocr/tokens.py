"""Numbers in running text, each read again on its own. Holds which tokens need that; a number that no second pass confirms is doubtful."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from mailbox_ingest.documents.ocr import digits, shapes
from mailbox_ingest.documents.ocr.engine import Engine, Word
from mailbox_ingest.documents.ocr.ink import binarise
from mailbox_ingest.documents.ocr.pixels import Pixels

_REGISTER = re.compile(r"\d+[/\-][^\W\d]{2,}|[^\W\d]{3,}[\-–]?\d{0,2}$")  # '597/LĐLĐ-CTCS', 'Covid-19': names, not figures
_EDGE = re.compile(r"^[^\w%]+|[^\w%]+$")
_GAP = 0.25  # of the letter height: white wider than this ends a token
_SPLIT = 0.3  # of the letter height: a list item's number stands at least this far from what follows
_BORDER = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What became of the numbers of a text: how many, whether one is doubtful, what else was read."""

    numbers: int
    doubtful: bool
    alternatives: tuple[str, ...]


def check_numbers(engine: Engine, grey: Pixels, words: Iterable[Word], letter_height: float | None) -> Check:
    """Reads each number of `words` (pixels of `grey`) twice more; the token is widened to the white around it first, so that a digit
    which the page pass left out shows up as a difference."""
    numbers, doubtful = 0, False
    others: list[str] = []
    ordered = sorted(words, key=lambda word: (word.line, word.left))
    for index, word in enumerate(ordered):
        before, after = _neighbour(ordered, index, -1), _neighbour(ordered, index, 1)
        bare = _EDGE.sub("", word.text)
        if not any(character.isdigit() for character in bare) or _REGISTER.match(bare):
            continue
        numbers += 1
        if after is not None and _split_number(word, after, first=index == 0):
            doubtful = True
        picture = _cut(grey, word, before.right if before else 0, after.left if after else grey.shape[1])
        if picture is None:
            doubtful = True
            continue
        by_digits, by_line = engine.digits(picture).text, engine.line(picture).text
        form = shapes.glyphs(np.asarray(255 - picture, dtype=np.uint8), letter_height)
        odd = digits.canonical(bare) is not None and "%" not in bare and (form.struck or form.by_hand(doubted=False))
        if odd or not _confirmed(bare, by_digits, by_line):
            doubtful = True
            others.extend((by_digits, by_line))
    return Check(numbers=numbers, doubtful=doubtful, alternatives=tuple(text for text in others if text))


def _confirmed(page: str, by_digits: str, by_line: str) -> bool:
    """Whether a second pass read the same: the digit pass for plain numbers, the free one for '14/8/2020' or '93,2%)'."""
    if not re.fullmatch(r"[\d.,/%:\-]+", page):
        return False
    same_text = _EDGE.sub("", by_line).replace(" ", "") == page
    wanted = digits.canonical(page)
    if wanted is None:
        return same_text
    if wanted.isdigit():
        return wanted == digits.canonical(
            by_digits
        )  # the page pass and the free one share a model: only the digit pass is a second witness
    return wanted in {digits.canonical(by_digits), digits.canonical(_EDGE.sub("", by_line))}


def _neighbour(words: list[Word], index: int, step: int) -> Word | None:
    other = index + step
    return words[other] if 0 <= other < len(words) and words[other].line == words[index].line else None


def _split_number(word: Word, after: Word, *, first: bool) -> bool:
    """'4.' and '215', or '42' and '15' side by side: one number taken for two. '4 215' is one number to every reader, and the number of a
    list item (the `first` word) stands apart."""
    if re.fullmatch(r"\d{1,3}", word.text) and re.fullmatch(r"\d{3}\D*", after.text):
        return False
    height = word.bottom - word.top
    if first and re.fullmatch(r"\d{1,2}[.)]", word.text) and after.left - word.right >= _SPLIT * height:
        return False
    both = word.text.rstrip(".,")[-1:].isdigit() and after.text.lstrip(".,")[:1].isdigit()
    return both and after.left - word.right < 2 * height


def _cut(grey: Pixels, word: Word, fence_left: int, fence_right: int) -> Pixels | None:
    """The token as the eye sees it: from white to white, but not into the neighbouring words."""
    height = word.bottom - word.top
    if height < 6:
        return None
    reach = 6 * height
    low = max(0, word.left - reach, min(fence_left, word.left))
    high = min(grey.shape[1], word.right + reach, max(fence_right, word.right))
    band = binarise(grey[max(0, word.top - 2) : word.bottom + 2, low:high])
    gap = max(3, round(_GAP * min(height, 30)))
    dark = np.asarray(cv2.morphologyEx(band.max(axis=0).reshape(1, -1), cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))).ravel() > 0
    left, right = max(0, word.left - low), min(dark.size - 1, word.right - low)
    while left > 0 and dark[left - 1]:
        left -= 1
    while right < dark.size - 1 and dark[right]:
        right += 1
    piece = band[:, left : right + 1]
    if shapes.ink_box(piece) is None:
        return None
    return np.asarray(
        cv2.copyMakeBorder(255 - piece, _BORDER, _BORDER, _BORDER, _BORDER, cv2.BORDER_CONSTANT, value=(255,)), dtype=np.uint8
    )
