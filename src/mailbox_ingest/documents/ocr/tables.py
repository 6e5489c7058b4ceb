"""A ruled table of a scan read cell by cell. Holds the order of the passes; the rule of agreement is in `digits.py`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from mailbox_ingest.documents.ocr import digits, shapes
from mailbox_ingest.documents.ocr.engine import Engine, Word, is_text
from mailbox_ingest.documents.ocr.grid import Grid, GridCell
from mailbox_ingest.documents.ocr.ink import Inks, binarise
from mailbox_ingest.documents.ocr.pixels import Matrix, Pixels, inverse, map_box
from mailbox_ingest.documents.ocr.rules import cut_out
from mailbox_ingest.documents.ocr.tokens import check_numbers
from mailbox_ingest.model import Box, Cell, Table

_LINE_HEIGHT = 62  # pixels: a cell's ink taller than this holds more than one line
_FIRM_DIGITS, _FIRM_LINE = 0.9, 0.8  # passes D and D2 must be at least this confident to outvote pass P or each other
_READ_AGAIN = 0.86  # labels below are read a second time, alone
_SURE_DIGITS = 0.86  # pass D gave 99 of 100 printed numbers more than that, handwriting often less
_BORDER = 12
_TOUCH = 12  # pixels of removed ink in a cell that count as touching it
_LOST_CELLS = 2  # unread cells that make the rest of a table doubtful, if they are a tenth of it
_PEN_SHARE = 0.35  # share of a cell's ink that was coloured: written with a pen

_Window = tuple[slice, slice]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Views:
    """The same cut-out in three ways, rules erased: print only, everything, and where coloured ink was."""

    print: Pixels
    ink: Pixels
    everything: Pixels
    coloured: Pixels
    noise: float
    letter_height: float | None


def read_table(engine: Engine, inks: Inks, grid: Grid, *, to_source: Matrix, page: int, place: str) -> tuple[Table, tuple[Word, ...]]:
    """The table with its cells' readings, and the page pass's words (for judging the page's legibility)."""
    views = _cut_out(inks, grid)
    words = engine.words(views.print)
    cells = []
    for cell in grid.cells:
        mine = [word for word in words if _inside(word, cell) and is_text(word)]
        text, confidence, alternatives = _read_cell(engine, views, cell, mine)
        left, top, width, height = map_box(to_source @ grid.to_page, cell.left, cell.top, cell.right, cell.bottom)
        cells.append(
            Cell(
                row=cell.row,
                column=cell.column,
                row_span=cell.row_span,
                column_span=cell.column_span,
                text=text,
                confidence=round(confidence, 3),
                alternatives=alternatives,
                place=f"dòng {cell.row + 1}, cột {cell.column + 1}",
                box=Box(page=page, left=left, top=top, width=width, height=height),
            )
        )
    if _damaged(cells):
        cells = [replace(cell, confidence=min(cell.confidence, digits.DOUBTFUL)) for cell in cells]
    return Table(cells=tuple(cells), rows=grid.rows, columns=grid.columns, place=place), words


def _damaged(cells: list[Cell]) -> bool:
    """Whether several cells hold ink that nobody could read: something lies over the table, and its columns may not be what they seem."""
    lost = sum(cell.confidence <= digits.NOTHING_READ for cell in cells)
    return lost >= _LOST_CELLS and lost >= 0.1 * len(cells)


def _cut_out(inks: Inks, grid: Grid) -> _Views:
    from_page = inverse(grid.to_page)
    rules = cv2.dilate(grid.rules, np.ones((5, 5), np.uint8))
    everything, print_only, coloured = (
        cut_out(image, from_page, grid.size, outside=outside) for image, outside in ((inks.all, 255), (inks.print, 255), (inks.coloured, 0))
    )
    noise = shapes.noise_of(everything[::3])
    everything, print_only = (np.asarray(cv2.max(view, rules), dtype=np.uint8) for view in (everything, print_only))
    coloured = np.asarray(cv2.threshold(coloured, 127, 255, cv2.THRESH_BINARY)[1], dtype=np.uint8)
    ink = binarise(print_only)
    return _Views(print=print_only, ink=ink, everything=everything, coloured=coloured, noise=noise, letter_height=shapes.letter_height(ink))


def _inside(word: Word, cell: GridCell) -> bool:
    x, y = (word.left + word.right) / 2, (word.top + word.bottom) / 2
    return cell.left - 3 <= x <= cell.right + 3 and cell.top - 3 <= y <= cell.bottom + 3


def _read_cell(engine: Engine, views: _Views, cell: GridCell, words: list[Word]) -> tuple[str, float, tuple[str, ...]]:
    window = np.s_[cell.top : cell.bottom, cell.left : cell.right]
    everything = views.everything[window]
    if everything.size == 0:
        return "", digits.NOTHING_READ, ()
    pieces = shapes.pieces_of(views.ink[window])
    print_box = shapes.ink_box(views.ink[window], pieces)
    if print_box is None:  # blank, only pen or stamp, or too pale to print
        box = shapes.ink_box(shapes.faint_ink(everything, views.noise))
        if box is None and not words:
            return "", digits.ALL_AGREE, ()
        seen = engine.digits(_framed(binarise(everything), box)) if box else None
        return (seen.text if seen else ""), digits.NOTHING_READ, (seen.text,) if seen and seen.text else ()
    touched = cv2.countNonZero(views.coloured[window]) > _TOUCH
    text = _text_of(words)
    letters = sum(character.isalpha() for character in text)
    if print_box[3] - print_box[1] <= _LINE_HEIGHT and letters <= 3 and len(text) <= 16:
        return _read_number(engine, views, window, print_box, pieces, text=text, touched=touched)
    return _read_text(engine, views, window, words, text=text, touched=touched)


def _read_number(
    engine: Engine,
    views: _Views,
    window: _Window,
    box: tuple[int, int, int, int],
    pieces: npt.NDArray[np.int32],
    *,
    text: str,
    touched: bool,
) -> tuple[str, float, tuple[str, ...]]:
    ink = views.ink[window]
    picture = _framed(ink, box)
    by_digits, by_line = engine.digits(picture), engine.line(picture)
    form = shapes.glyphs(ink, views.letter_height, pieces)
    sure = by_digits.confidence >= _SURE_DIGITS
    firm = by_digits.confidence >= _FIRM_DIGITS and by_line.confidence >= _FIRM_LINE
    differ = len({digits.canonical(reading) for reading in (by_digits.text, by_line.text, text)}) > 1
    pen = touched and _by_pen(views, window, box)
    verdict = digits.agree(
        page=text,
        cell_digits=by_digits.text,
        cell_text=by_line.text,
        touched=touched or form.foreign,
        spoiled=pen or form.struck or form.cut or form.by_hand(doubted=differ or not sure) or (differ and not firm and "%" not in text),
        glyphs=form.count,
    )
    return verdict.text, verdict.confidence, _distinct((verdict.text, by_digits.text, text, by_line.text))


def _read_text(
    engine: Engine, views: _Views, window: _Window, words: list[Word], *, text: str, touched: bool
) -> tuple[str, float, tuple[str, ...]]:
    """A label, or numbers among words. Doubtful labels are read a second time on their own."""
    confidence = _mean(words)
    alternatives: tuple[str, ...] = ()
    if confidence < _READ_AGAIN:
        again = [word for word in engine.words(_padded(views.print[window])) if is_text(word)]
        if _mean(again) > confidence:
            alternatives = (text,) if text else ()
            text, confidence = _text_of(again), _mean(again)
            words = [_shifted(word, window) for word in again]
    doubt = check_numbers(engine, views.print, words, views.letter_height)
    alternatives = _distinct((text, *doubt.alternatives, *alternatives))
    if doubt.numbers:
        confidence = min(confidence, digits.DOUBTFUL) if doubt.doubtful or touched else max(confidence, digits.TOUCHED_AGREE)
    elif not text:
        confidence = digits.NOTHING_READ
    return text, min(confidence, digits.ALL_AGREE), alternatives


def _shifted(word: Word, window: _Window) -> Word:
    down, across = window[0].start - _BORDER, window[1].start - _BORDER
    return Word(
        text=word.text,
        confidence=word.confidence,
        left=word.left + across,
        top=word.top + down,
        right=word.right + across,
        bottom=word.bottom + down,
        line=word.line,
    )


def _by_pen(views: _Views, window: _Window, box: tuple[int, int, int, int]) -> bool:
    """Whether much of the cell's ink was taken away as coloured, or it ran along the number."""
    everything, coloured = binarise(views.everything[window]), views.coloured[window]
    taken = cv2.countNonZero(cv2.bitwise_and(everything, coloured))
    return taken > _PEN_SHARE * cv2.countNonZero(everything) or shapes.crossed(everything, coloured, box)


def _framed(ink: Pixels, box: tuple[int, int, int, int]) -> Pixels:
    """Black on white, cut to the ink with white around: what the single-line passes were measured with."""
    left, top, right, bottom = box
    return _padded(np.asarray(255 - ink[max(0, top - 2) : bottom + 2, max(0, left - 2) : right + 2], dtype=np.uint8))


def _padded(grey: Pixels) -> Pixels:
    return np.asarray(cv2.copyMakeBorder(grey, _BORDER, _BORDER, _BORDER, _BORDER, cv2.BORDER_CONSTANT, value=(255,)), dtype=np.uint8)


def _text_of(words: Iterable[Word]) -> str:
    """Words in reading order, a space between, lines run on: a wrapped label is one text."""
    return " ".join(word.text for word in sorted(words, key=lambda word: (word.line, word.left)))


def _mean(words: Iterable[Word]) -> float:
    weights = [(len(word.text), word.confidence) for word in words]
    total = sum(weight for weight, _ in weights)
    return sum(weight * confidence for weight, confidence in weights) / total if total else 0.0


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
