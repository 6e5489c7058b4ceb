"""Running text of a scan: blocks found by white space, read one by one, given back as paragraphs. A letterhead's lines stay apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from mailbox_ingest.documents.ocr import digits, shapes
from mailbox_ingest.documents.ocr.blobs import Blobs, blobs_of, cleared, rub_out
from mailbox_ingest.documents.ocr.engine import Engine, Word, is_text
from mailbox_ingest.documents.ocr.ink import Inks
from mailbox_ingest.documents.ocr.pixels import Matrix, Pixels, Zone, halved, map_box
from mailbox_ingest.documents.ocr.tokens import check_numbers
from mailbox_ingest.model import Box, Paragraph

_GUTTER = 40  # pixels: white wider than this between words separates columns
_FULL = 0.93  # a line that reaches this far across its block may run on in the next
_WIDE = 0.55  # of the text width: narrower blocks are letterheads, titles and signatures, whose lines stand alone
_STARTS_ANEW = re.compile(r"(\d{1,2}[.)]|[-–+•*]|[a-zđ][.)])\s|(Nơi nhận|Kính gửi|Trong đó)\b")
_TOO_DARK = 0.4  # share of ink on a page; above it this is a picture, not print
_TOO_MANY = 250  # regions on a page; above it these are speckles


@dataclass(frozen=True, slots=True, kw_only=True)
class _Region:
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBlock:
    """Paragraphs of one region, with where it stands on the working page (for the reading order) and the words behind it."""

    paragraphs: tuple[Paragraph, ...]
    words: tuple[Word, ...]
    left: int
    top: int
    bottom: int


def read_blocks(engine: Engine, inks: Inks, tables: Sequence[Zone], to_source: Matrix, page: int) -> tuple[TextBlock, ...]:
    """The blocks of a working page beside its tables."""
    grey, touched = inks.print.copy(), inks.coloured
    for left, top, right, bottom in tables:
        grey[top:bottom, left:right] = 255
    regions, letter_height = _regions(*cleared(inks.mask, inks.blobs, tables))
    width = max((region.right for region in regions), default=0) - min((region.left for region in regions), default=0)
    blocks = []
    for region in regions:
        top, left = max(0, region.top - 6), max(0, region.left - 8)
        crop = grey[top : region.bottom + 6, left : region.right + 8]
        padded = np.asarray(cv2.copyMakeBorder(crop, 8, 8, 8, 8, cv2.BORDER_CONSTANT, value=(255,)), dtype=np.uint8)
        words = tuple(
            Word(
                text=word.text,
                confidence=word.confidence,
                left=word.left + left - 8,
                top=word.top + top - 8,
                right=word.right + left - 8,
                bottom=word.bottom + top - 8,
                line=word.line,
            )
            for word in engine.words(padded)
            if is_text(word)
        )
        if not any(character.isalnum() for word in words for character in word.text):
            continue
        narrow = region.right - region.left < _WIDE * width
        paragraphs = tuple(
            _paragraph(engine, grey, touched, line, to_source=to_source, page=page, letter_height=letter_height)
            for line in _joined(words, region, narrow)
        )
        blocks.append(TextBlock(paragraphs=paragraphs, words=words, left=region.left, top=region.top, bottom=region.bottom))
    return tuple(blocks)


def _regions(ink: Pixels, blobs: Blobs) -> tuple[list[_Region], float | None]:
    """Blocks of text lines that stand under one another, columns apart; and the height of the letters. What is no text is taken out of
    `ink`."""
    if cv2.countNonZero(ink) > _TOO_DARK * ink.size:
        return [], None
    letter_height = shapes.letter_height_of(blobs.heights, blobs.widths)
    heights, widths = blobs.heights, blobs.widths
    keep = (heights <= 110) & (widths <= 500) & (heights * widths >= 6) & ((heights > 5) | (widths < 60))
    rub_out(ink, blobs, ~keep)
    # Blocks need no more than half the pixels either way: any ink in four makes one.
    text = cv2.threshold(halved(ink), 0, 255, cv2.THRESH_BINARY)[1]
    text = cv2.morphologyEx(text, cv2.MORPH_CLOSE, np.ones((3, _GUTTER // 2), np.uint8))
    segments = [
        _Region(left=2 * left, top=2 * top, right=2 * (left + width), bottom=2 * (top + height))
        for left, top, width, height in blobs_of(np.asarray(text, dtype=np.uint8)).boxes.tolist()
        if height >= 5 and width >= 5
    ]
    if len(segments) > _TOO_MANY:
        return [], None
    regions: list[_Region] = []
    for segment in sorted(segments, key=lambda item: (item.top, item.left)):
        for index in range(len(regions) - 1, -1, -1):
            if _belongs(regions[index], segment, segments):
                regions[index] = _union(regions[index], segment)
                break
        else:
            regions.append(segment)
    return _merged(regions), letter_height


def _belongs(region: _Region, segment: _Region, segments: list[_Region]) -> bool:
    overlap = min(region.right, segment.right) - max(region.left, segment.left)
    if overlap < 0.5 * min(region.right - region.left, segment.right - segment.left) or segment.top - region.bottom > 34:
        return False
    union = _union(region, segment)
    # A title under two columns must not swallow one of them: nothing else may stand beside the joined block.
    return not any(
        other is not segment
        and other.top < union.bottom
        and other.bottom > union.top
        and other.left < union.right
        and other.right > union.left
        for other in segments
        if not (other.left >= region.left and other.right <= region.right and other.top >= region.top and other.bottom <= region.bottom)
    )


def _merged(regions: list[_Region]) -> list[_Region]:
    """Regions that overlap are one: accents and descenders fall apart from their line otherwise."""
    regions = list(regions)
    index = 0
    while index < len(regions):
        other = next((k for k in range(len(regions)) if k != index and _overlap(regions[index], regions[k])), None)
        if other is None:
            index += 1
            continue
        regions[index] = _union(regions[index], regions[other])
        del regions[other]
        index = 0
    return regions


def _overlap(a: _Region, b: _Region) -> bool:
    return a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom


def _union(a: _Region, b: _Region) -> _Region:
    return _Region(left=min(a.left, b.left), top=min(a.top, b.top), right=max(a.right, b.right), bottom=max(a.bottom, b.bottom))


def _joined(words: tuple[Word, ...], region: _Region, narrow: bool) -> list[list[Word]]:
    """Words of each paragraph: wrapped lines run together, lines of narrow blocks stand alone but for a single left-over word."""
    lines: dict[int, list[Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    paragraphs: list[list[Word]] = []
    full = False
    for number in sorted(lines):
        line = sorted(lines[number], key=lambda word: word.left)
        text = " ".join(word.text for word in line)
        runs_on = full and not _STARTS_ANEW.match(text) and (not narrow or len(line) == 1)
        if runs_on and paragraphs:
            paragraphs[-1].extend(line)
        else:
            paragraphs.append(line)
        full = line[-1].right >= region.left + _FULL * (region.right - region.left)
    return paragraphs


def _paragraph(
    engine: Engine, grey: Pixels, touched: Pixels, words: list[Word], *, to_source: Matrix, page: int, letter_height: float | None
) -> Paragraph:
    text = " ".join(word.text for word in words)
    weight = sum(len(word.text) for word in words)
    confidence = sum(len(word.text) * word.confidence for word in words) / weight
    check = check_numbers(engine, grey, words, letter_height)
    if check.numbers:
        inked = any(touched[word.top : word.bottom, word.left : word.right].any() for word in words if any(c.isdigit() for c in word.text))
        if check.doubtful or inked or confidence < 0.6:
            confidence = min(confidence, digits.DOUBTFUL)
        else:
            confidence = max(confidence, digits.TOUCHED_AGREE)
    left, top = min(word.left for word in words), min(word.top for word in words)
    right, bottom = max(word.right for word in words), max(word.bottom for word in words)
    seen = map_box(to_source, left, top, right, bottom)
    return Paragraph(
        text=text,
        place=f"trang {page}",
        confidence=round(min(confidence, digits.ALL_AGREE), 3),
        box=Box(page=page, left=seen[0], top=seen[1], width=seen[2], height=seen[3]),
    )
