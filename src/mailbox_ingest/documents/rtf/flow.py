"""RTF's groups and control words as a flow of paragraphs with cell and row ends. Knows no blocks; skips what is not text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from mailbox_ingest.documents.rtf.words import BREAKS, CODEPAGES, KEPT_STARRED, LETTERS, MARGINAL, SKIPPED, SYMBOLS
from mailbox_ingest.documents.styled_text import Run
from mailbox_ingest.documents.word.flow import FlowParagraph
from mailbox_ingest.documents.word.rows import RowCell
from mailbox_ingest.vietnamese.legacy import font_encoding

_TOKEN = re.compile(rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|([^\\{}\r\n]+)|[\r\n]+", re.DOTALL)
_MAX_DEPTH = 300
_MAX_COLUMNS = 64


class RtfError(Exception):
    """The bytes are no RTF, or only a part of one."""


@dataclass(slots=True, kw_only=True)
class Flow:
    """The paragraphs of the text, of text boxes, and of headers, footers, notes and comments."""

    main: list[FlowParagraph] = field(default_factory=list)
    boxes: list[FlowParagraph] = field(default_factory=list)
    marginal: list[FlowParagraph] = field(default_factory=list)
    anchor: int = 0  # the paragraph of `main` in which the first text box stands


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What a group inherits and gives back. `story` None: its text is skipped."""

    story: str | None = "main"
    font: int | None = None
    unicode_skip: int = 1
    deleted: bool = False
    hidden: bool = False
    struck: bool = False
    in_table: bool = False
    depth: int = 0
    outer: str | None = "main"  # where the result of an \\upr group goes
    font_table: bool = False


@dataclass(slots=True)
class _Story:
    """A story while it is read: the paragraph in hand, and the row definitions by depth."""

    paragraphs: list[FlowParagraph]
    runs: list[Run] = field(default_factory=list)
    rows: dict[int, list[RowCell]] = field(default_factory=dict)
    pending: dict[int, dict[str, int]] = field(default_factory=dict)
    last_depth: int = 1


def read_flow(data: bytes) -> Flow:
    """Raises RtfError."""
    if not data.startswith(b"{\\rt"):
        raise RtfError("no RTF")
    return _Reader(data).read()


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.flow = Flow()
        self.stories = {name: _Story(getattr(self.flow, name)) for name in ("main", "boxes", "marginal")}
        self.state = _State()
        self.stack: list[_State] = []
        self.codepage = "cp1252"
        self.default_font: int | None = None
        self.fonts: dict[int, tuple[str, str | None]] = {}  # number -> (name, codepage)
        self.font_in_hand: int | None = None
        self.font_name = b""
        self.skip = 0  # characters that stand for a preceding \\u
        self.starred = False
        self.high = ""

    def read(self) -> Flow:
        at, data, started = 0, self.data, False
        while at < len(data):
            found = _TOKEN.match(data, at)
            if not found:
                raise RtfError(f"nothing known at {at}")
            at = found.end()
            word, number, byte, symbol, brace, text = found.groups()
            if brace == b"{":
                self._open()
                started = True
            elif brace == b"}":
                self._close()
                if started and not self.stack:
                    break
            elif word:
                name, value = word.decode("ascii"), int(number) if number else None
                if name == "bin" and value and value > 0:
                    at += value
                else:
                    self._word(name, value)
            elif byte:
                self._bytes(bytes((int(byte, 16),)))
            elif symbol:
                self._symbol(symbol.decode("latin-1"))
            elif text:
                self._bytes(text)
        if self.stack:
            raise RtfError("cut off")
        for story in self.stories.values():
            if story.runs:
                self._end_paragraph(story)
        for story in (self.stories["boxes"], self.stories["marginal"]):
            if not any(paragraph.row_end for paragraph in story.paragraphs):
                # A note or text box inside a cell claims to be in the table, too.
                story.paragraphs[:] = [replace(paragraph, depth=0) for paragraph in story.paragraphs]
        return self.flow

    def _open(self) -> None:
        if len(self.stack) >= _MAX_DEPTH:
            raise RtfError("too deeply nested")
        self.stack.append(self.state)
        self.skip, self.starred = 0, False

    def _close(self) -> None:
        if not self.stack:
            raise RtfError("a group too many is closed")
        ended, self.state = self.state, self.stack.pop()
        self.skip, self.starred = 0, False
        if ended.font_table and not self.state.font_table:
            self._end_font()
        if ended.story != self.state.story and ended.story in ("boxes", "marginal") and self.stories[ended.story].runs:
            self._end_paragraph(self.stories[ended.story])

    def _word(self, name: str, value: int | None) -> None:
        starred, self.starred = self.starred, False
        if self.skip and name not in ("u", "uc"):
            self.skip = 0
        if name in SKIPPED or (starred and name not in KEPT_STARRED and name not in MARGINAL):
            self.state = replace(self.state, outer=self.state.story or self.state.outer, story=None)
        elif name == "ud":
            self.state = replace(self.state, story=self.state.outer)
        elif name == "fonttbl":
            self.state = replace(self.state, story=None, font_table=True)
        elif self.state.font_table:
            self._font_word(name, value)
        elif name in MARGINAL:
            self.state = replace(self.state, story="marginal", in_table=False, depth=0)
        elif name == "shpinst":
            self.state = replace(self.state, outer=self.state.story, story=None)
        elif name == "shptxt":
            inside = "marginal" if self.state.outer == "marginal" else "boxes"
            if inside == "boxes" and not self.flow.boxes:
                self.flow.anchor = len(self.flow.main)
            self.state = replace(self.state, story=inside, in_table=False, depth=0)
        elif name == "u" and value is not None:
            self._text(chr(value & 0xFFFF))
            self.skip = self.state.unicode_skip
        elif name == "uc":
            self.state = replace(self.state, unicode_skip=max(value or 0, 0))
        elif name in LETTERS:
            self._text(LETTERS[name])
        elif name == "ansicpg" and value:
            self.codepage = f"cp{value}" if value in (437, 850, 874, 932, 936, 949, 950) or 1250 <= value <= 1258 else "cp1252"
        elif name in ("mac", "pc"):
            self.codepage = "mac_roman" if name == "mac" else "cp437"
        elif name == "deff":
            self.default_font = value
        else:
            self._character(name, value)
            self._paragraph(name, value)

    def _character(self, name: str, value: int | None) -> None:
        on = value != 0
        match name:
            case "f":
                self.state = replace(self.state, font=value)
            case "plain":
                self.state = replace(self.state, font=self.default_font, deleted=False, hidden=False, struck=False)
            case "deleted" | "mvf":
                self.state = replace(self.state, deleted=on)
            case "v":
                self.state = replace(self.state, hidden=on)
            case "strike" | "striked":
                self.state = replace(self.state, struck=on)
            case _:
                pass

    def _paragraph(self, name: str, value: int | None) -> None:
        story = self._story()
        if name == "pard":
            self.state = replace(self.state, in_table=False, depth=0)
        elif name == "intbl":
            self.state = replace(self.state, in_table=True)
        elif name == "itap":
            self.state = replace(self.state, depth=max(min(value or 0, 20), 0))
        elif name == "trowd":
            depth = self._row_depth()
            target = self.stories[self.state.story or self.state.outer or "main"]
            target.rows[depth], target.pending[depth] = [], {}
        elif name in ("clmgf", "clmrg", "clvmgf", "clvmrg", "cellx"):
            self._cell_definition(name, value or 0)
        elif story is None:
            return
        elif name in BREAKS:
            self._end_paragraph(story)
        elif name in ("cell", "nestcell"):
            depth = 1 if name == "cell" else max(self.state.depth, 2)
            story.last_depth = depth
            self._end_paragraph(story, depth=depth, cell_end=True)
        elif name in ("row", "nestrow"):
            depth = 1 if name == "row" else max(story.last_depth, 2)
            row = tuple(story.rows.get(depth if name == "row" else 2, ()))
            self._end_paragraph(story, depth=depth, row_end=True, row=row)

    def _row_depth(self) -> int:
        """Definitions of nested rows stand in groups of their own; one for all nested depths is enough between two \\nestrow."""
        return 2 if self.state.depth > 1 else 1

    def _cell_definition(self, name: str, value: int) -> None:
        depth = self._row_depth()
        story = self.stories[self.state.story or self.state.outer or "main"]
        cells, pending = story.rows.setdefault(depth, []), story.pending.setdefault(depth, {})
        if name != "cellx":
            pending[name] = 1
        elif len(cells) < _MAX_COLUMNS:
            merged = 1 if "clmgf" in pending else 2 if "clmrg" in pending else 0
            vertical = 3 if "clvmgf" in pending else 1 if "clvmrg" in pending else 0
            left = cells[-1].right if cells else min(0, value - 1)
            cells.append(RowCell(left=left, right=value, merged=merged, vertical=vertical))
            story.pending[depth] = {}

    def _font_word(self, name: str, value: int | None) -> None:
        if name == "f":
            self._end_font()
            self.font_in_hand = value
        elif name == "fcharset" and self.font_in_hand is not None:
            self.fonts[self.font_in_hand] = ("", CODEPAGES.get(value or 0))

    def _end_font(self) -> None:
        if self.font_in_hand is not None:
            name = self.font_name.decode("cp1252", "replace").partition(";")[0].strip()
            self.fonts[self.font_in_hand] = (name, self.fonts.get(self.font_in_hand, ("", None))[1])
        self.font_in_hand, self.font_name = None, b""

    def _symbol(self, symbol: str) -> None:
        if symbol == "*":
            self.starred = True
        elif symbol in ("\n", "\r"):
            self._paragraph(symbol, None)
        elif symbol == "-":
            # TCVN3 writes 'ư' where others see an optional hyphen.
            if font_encoding(self._font()[0]):
                self._text("\u00ad")
        elif symbol in SYMBOLS:
            self._text(SYMBOLS[symbol])

    def _bytes(self, raw: bytes) -> None:
        if self.state.font_table:
            self.font_name += raw if self.font_in_hand is not None and self.state.story is None else b""
            return
        if self.skip:
            skipped = min(self.skip, len(raw))
            self.skip -= skipped
            raw = raw[skipped:]
        if not raw or self.state.story is None:
            return
        name, codepage = self._font()
        if raw.isascii():
            self._text(raw.decode("ascii").translate({0: None}))
        else:
            chosen = "cp1252" if font_encoding(name) else codepage or self.codepage
            self._text("".join(bytes((b,)).decode(chosen, "ignore") or chr(b) for b in raw))

    def _font(self) -> tuple[str | None, str | None]:
        number = self.state.font if self.state.font is not None else self.default_font
        return self.fonts.get(number, (None, None)) if number is not None else (None, None)

    def _text(self, text: str) -> None:
        story, state = self._story(), self.state
        if not text or story is None or state.deleted or state.hidden or state.struck:
            return
        if 0xD800 <= ord(text[0]) < 0xDC00:
            self.high = text[0]
            return
        if self.high and 0xDC00 <= ord(text[0]) < 0xE000:
            text = (self.high + text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        self.high = ""
        story.runs.append(Run(text=text.encode("utf-8", "replace").decode("utf-8"), font=self._font()[0]))

    def _story(self) -> _Story | None:
        return self.stories[self.state.story] if self.state.story is not None else None

    def _end_paragraph(
        self, story: _Story, *, depth: int | None = None, cell_end: bool = False, row_end: bool = False, row: tuple[RowCell, ...] = ()
    ) -> None:
        if depth is None:
            depth = max(self.state.depth, 1) if self.state.in_table else self.state.depth
        story.paragraphs.append(FlowParagraph(runs=tuple(story.runs), depth=depth, cell_end=cell_end, row_end=row_end, row=row))
        story.runs = []
