"""The text of a Word paragraph, run by run: what is shown of it, with the encoding its font claims. Text boxes are set aside.

Dropped: deleted, moved-away, hidden and struck-out text, field codes, placeholder prompts. ECMA-376 part 1, §17.3 and §17.16.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from mailbox_ingest.documents.runs import RunText
from mailbox_ingest.documents.word.docx_styles import Styles, W, is_on
from mailbox_ingest.vietnamese.legacy import Encoding, font_encoding, font_shows_capitals

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_VAL = W + "val"
_R, _T = W + "r", W + "t"
ALTERNATE, CHOICE, _FALLBACK = _MC + "AlternateContent", _MC + "Choice", _MC + "Fallback"
GONE = frozenset({W + "del", W + "moveFrom", W + "sdtPr", W + "sdtEndPr", W + "rPr", W + "pPr", W + "instrText", W + "delText", W + "rt"})
_DRAWN = frozenset({W + "drawing", W + "pict", W + "object"})
_TEXT_BOX = W + "txbxContent"
_LITERAL = {W + "tab": "\t", W + "ptab": "\t", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-"}
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SIGNS = {"F0FE": "☑", "F052": "☑", "F0FD": "☒", "F0A8": "☐", "F06F": "☐", "F0FC": "✓"}  # Wingdings ticks


def is_prompt(element: etree._Element) -> bool:
    """A content control that shows its prompt ('Click here to enter text'): nobody typed anything."""
    if element.tag != W + "sdt":
        return False
    properties = element.find(W + "sdtPr")
    return properties is not None and bool(is_on(properties.find(W + "showingPlcHdr")))


@dataclass(slots=True)
class ParagraphReader:
    """Reads the paragraphs of one part in order: a field may begin in one and end in another.

    `legacy_fonts` says whether fonts are worth a look. `boxes` collects the text boxes met, for the caller to read and remove.
    """

    styles: Styles
    legacy_fonts: bool = False
    hide_codes: bool = True  # False where field marks do not pair: then nothing is a field code
    boxes: list[etree._Element] = field(default_factory=list)
    _fields: list[bool] = field(default_factory=list)  # a field each: True once its result has begun

    def read(self, paragraph: etree._Element, line: RunText) -> None:
        """Adds the text of a paragraph to a line."""
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        self._inline(paragraph, line, None if style is None else style.get(_VAL))

    def _inline(self, parent: etree._Element, line: RunText, style: str | None) -> None:
        for child in parent:
            tag = child.tag
            if tag == _R:
                self._run(child, line, style)
            elif tag == ALTERNATE:
                self._alternate(child, line, style)
            elif tag == _M + "t":
                line.add(child.text or "")
            elif tag not in GONE and isinstance(tag, str) and not is_prompt(child):
                self._inline(child, line, style)

    def _alternate(self, element: etree._Element, line: RunText, style: str | None) -> None:
        """One of the versions of the same thing: the first choice, the fallback where there is none."""
        chosen = element.find(CHOICE)
        if chosen is None or (next(chosen.iter(_TEXT_BOX), None) is None and next(chosen.iter(_T), None) is None):
            fallback = element.find(_FALLBACK)
            chosen = fallback if fallback is not None else chosen
        if chosen is not None:
            self._content(chosen, line, style, None)

    def _run(self, run: etree._Element, line: RunText, style: str | None) -> None:
        properties = run.find(W + "rPr")
        if self.styles.hidden(properties, style):
            return
        if properties is not None and (is_on(properties.find(W + "strike")) or is_on(properties.find(W + "dstrike"))):
            return  # a number struck out beside the new one: Word users' own track changes
        self._content(run, line, style, properties)

    def _content(self, parent: etree._Element, line: RunText, style: str | None, properties: etree._Element | None) -> None:
        font = self.styles.font(properties, style) if self.legacy_fonts else None
        encoding = font_encoding(font)
        capitals = encoding is not None and font_shows_capitals(font)
        for child in parent:
            tag = child.tag
            if tag == _T:
                if self.hide_codes and not all(self._fields):
                    continue
                text = child.text or ""
                raised = None if properties is None else properties.find(W + "vertAlign")
                if raised is not None:  # a footnote's mark must not become a digit of the number before it
                    text = text.translate({"superscript": _RAISED, "subscript": _LOWERED}.get(raised.get(_VAL, ""), {}))
                line.add(text, encoding, capitals)
            elif tag in _LITERAL:
                line.add(_LITERAL[tag], encoding, capitals)
            elif tag == W + "fldChar":
                self._field_mark(child.get(W + "fldCharType"))
            elif tag == W + "sym":
                self._symbol(child, line)
            elif tag == W + "softHyphen":
                if encoding is Encoding.TCVN3:
                    line.add("\u00ad", encoding, capitals)  # the letter 'ư' there
            elif tag in _DRAWN:
                self._draw(child)
            elif tag == ALTERNATE:
                self._alternate(child, line, style)
            elif tag == _R:
                self._run(child, line, style)
            elif tag == W + "ruby":
                for base in child.iterfind(W + "rubyBase"):
                    self._inline(base, line, style)

    def _draw(self, drawing: etree._Element) -> None:
        """Remembers the text boxes of a drawing; those inside a text box are met when it is read."""
        for box in drawing.iter(_TEXT_BOX):
            outer = box.getparent()
            while outer is not None and outer is not drawing and outer.tag not in (_TEXT_BOX, _FALLBACK):
                outer = outer.getparent()
            if outer is drawing:
                self.boxes.append(box)

    def _field_mark(self, kind: str | None) -> None:
        if kind == "begin":
            self._fields.append(False)
        elif kind == "separate" and self._fields:
            self._fields[-1] = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _symbol(self, symbol: etree._Element, line: RunText) -> None:
        code = (symbol.get(W + "char") or "").upper()
        if not re.fullmatch(r"[0-9A-F]{2,4}", code):
            return
        encoding = font_encoding(symbol.get(W + "font"))
        if encoding is not None:
            line.add(chr(int(code, 16) & 0xFF), encoding)
        elif code in _SIGNS:
            line.add(_SIGNS[code])
