"""The binary Word 97-2003 file (MS-DOC): pieces, formatted runs and paragraphs of each of its texts. Refuses other versions and damage.

The way: FIB -> piece table -> characters by file position -> runs (CHPX) and paragraph properties (PAPX) by the same positions.
"""

from __future__ import annotations

import io
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import olefile

from mailbox_ingest.documents.word.ole_sprms import CharacterProperties, ParagraphProperties, character, character_style, paragraph, sprms
from mailbox_ingest.documents.word.ole_styles import StyleSheet
from mailbox_ingest.errors import DocumentError

_MAGIC = 0xA5EC
_ENCRYPTED, _TABLE_1, _OBFUSCATED = 0x0100, 0x0200, 0x8000
_PAIRS = 154
_STYLES, _CHPX, _PAPX, _FONTS, _CLX = 1, 12, 13, 15, 33
_STORIES = ("main", "footnotes", "headers", "macros", "comments", "endnotes", "boxes", "header boxes")
_PAGE = 512
_MAX_CHARACTERS = 4_000_000
_HUGE_PAPX = (0x6646, 0x646B)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordRun:
    """Characters with the same properties. `text` still holds Word's control characters."""

    text: str
    properties: CharacterProperties
    font: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WordParagraph:
    """Runs up to and without the mark that ends them; `mark` is that character."""

    runs: tuple[WordRun, ...]
    mark: str
    properties: ParagraphProperties


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    start: int  # character positions
    end: int
    at: int  # file position
    width: int  # bytes a character
    grpprl: bytes


class OldWordError(Exception):
    """The file is of a Word before 97."""


def read_stories(data: bytes) -> dict[str, list[WordParagraph]]:
    """The paragraphs of 'main', 'footnotes', 'headers', 'comments', 'endnotes', 'boxes' and 'header boxes'.

    Raises DocumentError 'encrypted' or 'unreadable', and OldWordError.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            streams = {name: ole.openstream(name).read() for name in ("WordDocument", "0Table", "1Table", "Data") if ole.exists(name)}
    except (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error, RecursionError) as problem:
        raise DocumentError("unreadable", f"doc: {problem}") from problem
    try:
        return _File(streams).stories()
    except (struct.error, IndexError, KeyError, ValueError, OverflowError, RecursionError) as problem:
        raise DocumentError("unreadable", f"doc: {type(problem).__name__}: {problem}") from problem


class _File:
    def __init__(self, streams: dict[str, bytes]) -> None:
        self.main = streams.get("WordDocument", b"")
        if len(self.main) < _PAIRS + 8 * (_CLX + 1):
            raise DocumentError("unreadable", "doc: no document stream")
        magic, version = struct.unpack_from("<HH", self.main, 0)
        if magic != _MAGIC or version < 0xC0:
            raise OldWordError(f"doc: version {version}")
        (flags,) = struct.unpack_from("<H", self.main, 10)
        if flags & (_ENCRYPTED | _OBFUSCATED):
            raise DocumentError("encrypted", "doc: encrypted")
        self.table = streams.get("1Table" if flags & _TABLE_1 else "0Table", b"")
        self.data = streams.get("Data", b"")
        self.fonts = self._fonts()
        self.pieces = self._pieces()
        self.styles = StyleSheet(self._part(_STYLES))
        self.chpx = self._formatted(_CHPX, self._chpx_page)
        self.papx = self._formatted(_PAPX, self._papx_page)
        self.chpx_starts = [start for start, _, _ in self.chpx]
        self.papx_starts = [start for start, _, _ in self.papx]

    def stories(self) -> dict[str, list[WordParagraph]]:
        lengths = struct.unpack_from("<8i", self.main, 76)
        if any(length < 0 for length in lengths) or sum(lengths) > _MAX_CHARACTERS:
            raise DocumentError("unreadable", "doc: impossible lengths")
        if self.pieces[-1].end < lengths[0]:
            raise DocumentError("unreadable", "doc: text is missing")
        start, stories = 0, {}
        for name, length in zip(_STORIES, lengths, strict=True):
            stories[name] = list(self._paragraphs(start, start + length))
            start += length
        return stories

    def _part(self, index: int) -> bytes:
        at, length = struct.unpack_from("<II", self.main, _PAIRS + 8 * index)
        if at + length > len(self.table):
            raise DocumentError("unreadable", "doc: a table part lies outside its stream")
        return self.table[at : at + length]

    def _pieces(self) -> list[_Piece]:
        clx, at, grpprls = self._part(_CLX), 0, []
        while at < len(clx) and clx[at] == 1:
            (length,) = struct.unpack_from("<H", clx, at + 1)
            grpprls.append(clx[at + 3 : at + 3 + length])
            at += 3 + length
        if at >= len(clx) or clx[at] != 2:
            raise DocumentError("unreadable", "doc: no piece table")
        (length,) = struct.unpack_from("<I", clx, at + 1)
        plc = clx[at + 5 : at + 5 + length]
        count = (len(plc) - 4) // 12
        positions = struct.unpack_from(f"<{count + 1}I", plc, 0)
        pieces = []
        for index in range(count):
            _, place, prm = struct.unpack_from("<HIH", plc, 4 * (count + 1) + 8 * index)
            width = 1 if place & 0x40000000 else 2
            offset = (place & 0x3FFFFFFF) // (2 if width == 1 else 1)
            grpprl = grpprls[prm >> 1] if prm & 1 and prm >> 1 < len(grpprls) else b""
            start, end = positions[index], positions[index + 1]
            if end < start or offset + (end - start) * width > len(self.main):
                raise DocumentError("unreadable", "doc: a piece lies outside the text")
            pieces.append(_Piece(start=start, end=end, at=offset, width=width, grpprl=grpprl))
        if not pieces:
            raise DocumentError("unreadable", "doc: no text")
        return pieces

    def _fonts(self) -> list[str]:
        part, names = self._part(_FONTS), []
        count, at = (struct.unpack_from("<H", part, 0)[0] if len(part) >= 4 else 0), 4
        for _ in range(count):
            if at >= len(part):
                break
            length = part[at]
            name = part[at + 40 : at + 1 + length].decode("utf-16-le", "replace")
            names.append(name.partition("\0")[0])
            at += 1 + length
        return names

    def _formatted(self, index: int, read_page: object) -> list[tuple[int, int, bytes]]:
        """(file position from, to, properties) of every run or paragraph, in order."""
        part = self._part(index)
        count = (len(part) - 4) // 8
        found: list[tuple[int, int, bytes]] = []
        for number in range(count):
            (page,) = struct.unpack_from("<I", part, 4 * (count + 1) + 4 * number)
            start = (page & 0x3FFFFF) * _PAGE
            block = self.main[start : start + _PAGE]
            if len(block) == _PAGE:
                found += read_page(block)  # type: ignore[operator]
        found.sort(key=lambda item: item[0])
        return found

    @staticmethod
    def _chpx_page(block: bytes) -> Iterator[tuple[int, int, bytes]]:
        count = block[-1]
        if 4 * (count + 1) + count > _PAGE - 1:
            return
        positions = struct.unpack_from(f"<{count + 1}I", block, 0)
        for index in range(count):
            at = 2 * block[4 * (count + 1) + index]
            yield positions[index], positions[index + 1], block[at + 1 : at + 1 + block[at]] if at else b""

    @staticmethod
    def _papx_page(block: bytes) -> Iterator[tuple[int, int, bytes]]:
        count = block[-1]
        if 4 * (count + 1) + 13 * count > _PAGE - 1:
            return
        positions = struct.unpack_from(f"<{count + 1}I", block, 0)
        for index in range(count):
            at = 2 * block[4 * (count + 1) + 13 * index]
            body = b""
            if at and block[at]:
                body = block[at + 1 : at + 2 * block[at]]
            elif at and at + 1 < _PAGE:
                body = block[at + 2 : at + 2 + 2 * block[at + 1]]
            yield positions[index], positions[index + 1], body

    def _paragraph_properties(self, place: int, piece: _Piece) -> ParagraphProperties:
        index = bisect_right(self.papx_starts, place) - 1
        body = self.papx[index][2] if index >= 0 and place < self.papx[index][1] else b""
        style = int.from_bytes(body[:2], "little")
        base = paragraph(ParagraphProperties(style=style), self.styles.paragraph_grpprl(style))
        return paragraph(base, self._expanded(body[2:]) + piece.grpprl)

    def _expanded(self, grpprl: bytes) -> bytes:
        """Modifiers too long for their page stand in the data stream."""
        for opcode, operand in sprms(grpprl):
            if opcode in _HUGE_PAPX and len(operand) == 4:
                (at,) = struct.unpack("<I", operand)
                if at + 2 <= len(self.data):
                    (length,) = struct.unpack_from("<H", self.data, at)
                    grpprl += self.data[at + 2 : at + 2 + length]
        return grpprl

    def _paragraphs(self, start: int, end: int) -> Iterator[WordParagraph]:
        raw: list[tuple[str, bytes]] = []
        for piece in self.pieces:
            first, last = max(start, piece.start), min(end, piece.end)
            if first >= last:
                continue
            at = piece.at + (first - piece.start) * piece.width
            stop = piece.at + (last - piece.start) * piece.width
            while at < stop:
                upto, grpprl = self._run_at(at, stop, piece)
                text = _decoded(self.main[at:upto], piece.width)
                begin = 0
                for index, letter in enumerate(text):
                    if letter in "\r\x07\x0c":
                        raw.append((text[begin:index], grpprl))
                        properties = self._paragraph_properties(at + index * piece.width, piece)
                        yield self._paragraph(raw, letter, properties)
                        raw, begin = [], index + 1
                raw.append((text[begin:], grpprl))
                at = upto
        if any(text for text, _ in raw):
            yield self._paragraph(raw, "\r", ParagraphProperties())

    def _run_at(self, at: int, stop: int, piece: _Piece) -> tuple[int, bytes]:
        """(where the run at a file position ends, its properties)."""
        index = bisect_right(self.chpx_starts, at) - 1
        if index >= 0 and at < self.chpx[index][1]:
            upto, grpprl = self.chpx[index][1], self.chpx[index][2]
        else:
            upto, grpprl = (self.chpx_starts[index + 1] if index + 1 < len(self.chpx_starts) else stop), b""
        upto = min(upto, stop)
        upto = at + max((upto - at) // piece.width, 1) * piece.width
        return upto, grpprl + piece.grpprl

    def _paragraph(self, raw: list[tuple[str, bytes]], mark: str, properties: ParagraphProperties) -> WordParagraph:
        base = self.styles.character(properties.style)
        runs = []
        for text, grpprl in raw:
            if text:
                named = character_style(grpprl)
                style = character(base, self.styles.own_character_grpprl(named)) if named is not None else base
                resolved = character(style, grpprl)
                runs.append(WordRun(text=text, properties=resolved, font=self._font_name(resolved.font)))
        return WordParagraph(runs=tuple(runs), mark=mark, properties=properties)

    def _font_name(self, index: int | None) -> str | None:
        return self.fonts[index] if index is not None and 0 <= index < len(self.fonts) else None


def _decoded(raw: bytes, width: int) -> str:
    if width == 2:
        return raw.decode("utf-16-le", "replace")
    return "".join(chr(b) if b < 0x80 else bytes((b,)).decode("cp1252", "ignore") or chr(b) for b in raw)
