"""Glyphs to words, lines and paragraphs. Knows geometry and the two-column letterhead of administrative letters; no PDF library, no tables.

A line keeps its parts (separated by gaps wider than words are) apart: columns of a borderless table are joined by a tab, the two columns
of a letterhead become lines of their own, left column first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mailbox_ingest.documents.pdf.page import Glyph
from mailbox_ingest.documents.pdf.scene import Ruling
from mailbox_ingest.documents.styled_text import STRUCK_CONFIDENCE, LegacyFonts, Run
from mailbox_ingest.vietnamese.fold import fold

_WORD_GAP = 0.17  # of the letter size
_KERNED_GAP = 0.05  # between letters that move together, such as A and V
_PART_GAP = 2.2
_SAME_LINE = 0.45
_NEXT_LINE = 2.1  # a baseline further below than this many sizes starts a new paragraph
_INDENT = 6.0  # points
_MARK_SIZE = 0.75  # of the letters beside it
_SPACE = 0.2
_FRAME_PADDING = 8.0  # points
_NEW_BODY = ("cong doan", "lien doan", "tong lien doan", "ldld", "cd", "ban ", "so ", "uy ban", "ubnd", "cong hoa", "doc lap")
_MOTTO = ("cong hoa xa hoi chu nghia", "doc lap tu do hanh phuc", "doc lap tu do")
_LIST_ITEM = re.compile(r"\s*(?:[-+*•–]|\(?\d{1,2}[.)/](?!\d)|[a-zđ][.)]|[IVX]{1,4}[.)])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Letters without a gap between them."""

    text: str
    left: float
    right: float
    base: float
    size: float
    font: str = ""
    struck: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Parts from left to right, each a run of words; one part for ordinary text."""

    parts: tuple[tuple[Word, ...], ...]

    @property
    def base(self) -> float:
        return max(word.base for part in self.parts for word in part)

    @property
    def size(self) -> float:
        return max(word.size for part in self.parts for word in part)

    @property
    def left(self) -> float:
        return self.parts[0][0].left

    @property
    def right(self) -> float:
        return self.parts[-1][-1].right

    @property
    def text(self) -> str:
        return "\t".join(" ".join(word.text for word in part) for part in self.parts)

    @property
    def confidence(self) -> float:
        return STRUCK_CONFIDENCE if any(word.struck for part in self.parts for word in part) else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A paragraph put together from its lines. `top` is its first baseline."""

    text: str
    lines: tuple[Line, ...]
    top: float
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A rectangle drawn around text."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, line: Line) -> bool:
        return self.left <= line.left and line.right <= self.right and self.top <= line.base <= self.bottom


def lines_of(glyphs: Iterable[Glyph], fonts: LegacyFonts, rulings: Sequence[Ruling] = ()) -> list[Line]:
    """Upright glyphs as lines from top to bottom; `rulings` (horizontal) tell what is struck through. Turned text follows, a line a run."""
    all_glyphs = list(_without_marks(glyphs))
    lines = [
        Line(parts=_parts(words)) for row in _rows([g for g in all_glyphs if g.upright]) if (words := list(_words(row, fonts, rulings)))
    ]
    turned = [g for g in all_glyphs if not g.upright]
    if turned:
        lines.append(_turned_line(turned, fonts))
    return lines


def passages_of(lines: Sequence[Line], margin: float, frames: Sequence[Frame] = ()) -> list[Passage]:
    """Lines as paragraphs in reading order: wrapped lines joined, the letterhead's columns one after the other.

    `margin` is where the page's lines end at the right; inside one of `frames` (text boxes) they end at its side.
    """
    first, last, middle = _letterhead(lines)
    columns = [passage for side in (False, True) for passage in _column(lines[first:last], middle, right=side)]
    return [*_paragraphs(lines[:first], margin, frames), *columns, *_paragraphs(lines[last:], margin, frames)]


def _paragraphs(lines: Sequence[Line], margin: float, frames: Sequence[Frame]) -> Iterator[Passage]:
    group: list[Line] = []
    for line in lines:
        if group:
            above = group[-1]
            frame = next((f for f in frames if f.holds(above)), None)
            together = frame is next((f for f in frames if f.holds(line)), None)
            side = margin if frame is None else frame.right - _FRAME_PADDING
            if not together or not wraps(above, line, side, first=len(group) == 1):
                yield _joined(group)
                group = []
        group.append(line)
    if group:
        yield _joined(group)


def wraps(line: Line, after: Line, margin: float, *, first: bool = False, room: float | None = None) -> bool:
    """Whether `after` continues the sentence of `line`: the first word of `after` had no room left before `margin`.

    `room` is the width of a cell, in which lines may stand centred or to the right. `first` allows for a first-line indent.
    """
    if len(line.parts) > 1 or len(after.parts) > 1 or _LIST_ITEM.match(after.text):
        return False
    if not 0 < after.base - line.base <= _NEXT_LINE * max(line.size, after.size):
        return False
    word = after.parts[0][0]
    needed = _SPACE * line.size + word.right - word.left
    if room is not None:
        return max(line.right + needed - margin, line.right - line.left + needed - room) > -1
    if after.left > line.left + _INDENT and not (first and _LIST_ITEM.match(line.text)):
        return False  # a new first-line indent, where it is not a list item's hanging one
    return line.right + needed > margin - 1


def _column(head: Sequence[Line], middle: float, *, right: bool) -> list[Passage]:
    """One column of a letterhead. Names are centred, so a line continues the one above when its first word had no room in the column."""
    rows = [
        Line(parts=(tuple(words),))
        for line in head
        if (words := [word for part in line.parts for word in part if (word.left >= middle) == right])
    ]
    room = max((row.right - row.left for row in rows), default=0.0)
    groups: list[list[Line]] = []
    for row in rows:
        word = row.parts[0][0]
        if groups and not fold(row.text).startswith(_NEW_BODY):
            above = groups[-1][-1]
            full = above.right - above.left + _SPACE * above.size + word.right - word.left > room + 1
            if full and word.font == above.parts[0][0].font and row.base - above.base <= _NEXT_LINE * row.size:
                groups[-1].append(row)
                continue
        groups.append([row])
    return [_joined(group) for group in groups]


def _part_text(words: Iterable[Word]) -> str:
    return " ".join(word.text for word in words)


def _joined(lines: Sequence[Line]) -> Passage:
    text, confidence = " ".join(line.text for line in lines), min(line.confidence for line in lines)
    return Passage(text=text, lines=tuple(lines), top=lines[0].base, confidence=confidence)


def _rows(glyphs: list[Glyph]) -> list[list[Glyph]]:
    """Glyphs on one baseline, each row from left to right; rows from top to bottom."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(_anchored(glyphs), key=lambda g: g.base):
        if rows and abs(glyph.base - rows[-1][0].base) <= _SAME_LINE * min(glyph.size, rows[-1][0].size):
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    for row in rows:
        row.sort(key=lambda g: g.left)
    return rows


def _anchored(glyphs: Iterable[Glyph]) -> Iterable[Glyph]:
    """Combining marks stand right behind their letter, wherever the font draws them."""
    before: Glyph | None = None
    for glyph in glyphs:
        if before is not None and unicodedata.combining(glyph.text):
            moved = before.left + 0.01
            yield glyph._replace(left=moved, right=before.right, base=before.base, size=before.size, space_before=False)
        else:
            before = glyph
            yield glyph


def _without_marks(glyphs: Iterable[Glyph]) -> Iterator[Glyph]:
    """Without the small raised figures that point to a footnote: beside a number they would become a part of it."""
    before: Glyph | None = None
    for glyph in glyphs:
        if before is not None and glyph.size < _MARK_SIZE * before.size and (glyph.text.isdigit() or glyph.text in "*()"):
            raised = before.base - glyph.base
            if 0.15 * before.size < raised < 0.8 * before.size and -0.2 * before.size < glyph.left - before.right < before.size:
                continue
        before = glyph
        yield glyph


def _words(row: list[Glyph], fonts: LegacyFonts, rulings: Sequence[Ruling]) -> Iterator[Word]:
    """A figure with a line through it is a word of its own: in a print of tracked changes the old number touches the new one."""
    group: list[Glyph] = []
    struck = False
    for glyph in row:
        crossed = glyph.text.isdigit() and _is_crossed(glyph, rulings)
        if group:
            last = group[-1]
            if glyph.text == last.text and abs(glyph.left - last.left) < 0.25 * max(last.right - last.left, 1.0):
                continue  # drawn twice to look bold
            gap = glyph.left - last.right
            figures = glyph.text.isdigit() and last.text.isdigit()
            parted = (glyph.space_before and gap > -0.1 * glyph.size) or gap > _WORD_GAP * glyph.size
            parted = parted or (glyph.gap_before and gap > _KERNED_GAP * glyph.size and not figures)
            if parted or (figures and crossed != struck):
                yield _word(group, fonts, struck=struck)
                group, struck = [], False
        group.append(glyph)
        struck = struck or crossed
    if group:
        yield _word(group, fonts, struck=struck)


def _word(glyphs: list[Glyph], fonts: LegacyFonts, *, struck: bool) -> Word:
    return Word(
        text=fonts.text(Run(text=glyph.text, font=glyph.font) for glyph in glyphs),
        left=glyphs[0].left,
        right=max(glyph.right for glyph in glyphs),
        base=glyphs[0].base,
        size=max(glyph.size for glyph in glyphs),
        font=glyphs[0].font,
        struck=struck,
    )


def _is_crossed(glyph: Glyph, rulings: Sequence[Ruling]) -> bool:
    """Whether a line runs through the middle of a figure (a strike-out, not an underline)."""
    return any(
        0.12 * glyph.size < glyph.base - ruling.at < 0.5 * glyph.size
        and min(ruling.end, glyph.right) - max(ruling.start, glyph.left) > 0.6 * (glyph.right - glyph.left)
        for ruling in rulings
    )


def _parts(words: list[Word]) -> tuple[tuple[Word, ...], ...]:
    parts: list[list[Word]] = [[words[0]]]
    for index, word in enumerate(words[1:], start=1):
        last = parts[-1][-1]
        gap = word.left - last.right
        motto = gap > 0.5 * word.size and fold(_part_text(words[index : index + 6])).startswith(_MOTTO)
        if motto or gap > _PART_GAP * min(word.size, last.size):
            parts.append([])
        parts[-1].append(word)
    return tuple(tuple(part) for part in parts)


def _turned_line(glyphs: list[Glyph], fonts: LegacyFonts) -> Line:
    text = "".join((" " if glyph.space_before or glyph.gap_before else "") + glyph.text for glyph in glyphs)
    first = glyphs[0]
    whole = fonts.text([Run(text=text, font=first.font)])
    left, right = min(g.left for g in glyphs), max(g.right for g in glyphs)
    return Line(parts=((Word(text=whole, left=left, right=right, base=first.base, size=first.size),),))


def _letterhead(lines: Sequence[Line]) -> tuple[int, int, float]:
    """(first line, line after the last, x between the columns) of the two columns at the top; (0, 0, 0) where there are none."""
    for number, line in enumerate(lines[:8]):
        for index, part in enumerate(line.parts):
            if fold(_part_text(part)).startswith(_MOTTO):
                middle = (line.parts[index - 1][-1].right + part[0].left) / 2 if index else part[0].left - line.size / 2
                if not any(word.right < middle for other in lines[: number + 8] for p in other.parts for word in p):
                    return 0, 0, 0.0
                first = last = number
                while first > 0 and _in_columns(lines[first - 1], lines[first], middle):
                    first -= 1
                while last + 1 < len(lines) and _in_columns(lines[last + 1], lines[last], middle):
                    last += 1
                return first, last + 1, middle
    return 0, 0, 0.0


def _in_columns(line: Line, beside: Line, middle: float) -> bool:
    """Whether a line keeps to the columns and stands near the lines already known to."""
    return abs(line.base - beside.base) <= 4 * line.size and not any(p[0].left < middle < p[-1].right for p in line.parts)
