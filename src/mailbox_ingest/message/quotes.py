"""Whose words are these? Labels the lines of a body as the sender's own, quoted history, a forwarded header or a signature.

Works on lines of plain text and, through `markup`, of HTML. In doubt between own and history a line is history where a figure could be an
old one: a figure too few makes the sender or a person act, an old figure would be accepted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from mailbox_ingest.message.header_blocks import Line, begins_header_block, header_block
from mailbox_ingest.message.signatures import has_figure, signature_lines
from mailbox_ingest.vietnamese.fold import nfc, strip_accents


class Label(StrEnum):
    OWN = "own"
    QUOTED = "quoted"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Labelled:
    """One label a line; `forwarded_from` are the From fields of messages forwarded inline, outermost first."""

    labels: tuple[Label, ...]
    forwarded_from: tuple[str, ...] = ()


_MARK = re.compile(r"^[ \t]?>")
_COMPARISON = re.compile(r"^\s*>\s*=?\s*\d[\d.,]*\s*%?\s*\S{0,12}\s*$")  # '> 90 %': a sign, not a quotation
_DASHES = r"[-–—_=*]{2,}"
_LETTER = "(?:thu|tin nhan|email|thong diep)"
_FORWARD = re.compile(
    rf"(?:{_DASHES}\s*)?(?:begin forwarded message|bat dau {_LETTER} (?:duoc )?chuyen tiep|{_LETTER} (?:da |duoc )*chuyen tiep"
    rf"|forwarded (?:message|mail)|forwarded by .{{1,80}}|noi dung chuyen tiep)\s*:?(?:\s*{_DASHES})?"
)
_MARKER_WORDS = ("forward", "chuyen tiep", "original", "goc", "ban dau", "nachricht", "origine", "reply", "tra loi")
_ORIGINAL = re.compile(
    rf"{_DASHES}\s*(?:original (?:message|mail|appointment)|{_LETTER} (?:goc|ban dau)|ursprungliche nachricht|message d origine"
    rf"|reply message|tin nhan tra loi)\s*(?:{_DASHES})?"
)
_DATED_ADDRESS = re.compile(r"^\d{4}-\d\d-\d\d \d{1,2}:\d\d.*<[^<>\s]+@[^<>\s]+>\s*:$")  # '2020-08-27 16:05 GMT+07:00 Lan <a@b>:'
_ATTRIBUTION_END = re.compile(r"(?:wrote|writes|da viet|viet|a ecrit|schrieb|da gui)\s*:?\s*$")
_ATTRIBUTION_START = re.compile(r"^(?:on|vao|ngay|luc|le|am|thu|chu nhat|th|hom)\b|^\d{4}-\d\d-\d\d|^\d{1,2}[:/]\d\d|^[\"'<]?[^:]{0,80}@")
_TIME_OR_ADDRESS = re.compile(r"\d{1,2}:\d\d|@|\d{1,2}[/.-]\d{1,2}|\b(?:19|20)\d\d\b")
_RULE = re.compile(r"^\s*[_\-=*–—]{5,}\s*$")
_FORWARD_SUBJECT = re.compile(r"^\s*(?:fwd?|chuyển tiếp|chuyen tiep|tr|wg)\s*:", re.IGNORECASE)
_REPLY_SUBJECT = re.compile(r"^\s*(?:re|trả lời|tra loi|aw|sv|fwd?|chuyển tiếp|chuyen tiep|tr|wg)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_WRAPPED_LENGTH = 60
_MAX_MARKER = 300  # characters of a line, or of a wrapped attribution


def label(lines: Sequence[Line], *, subject: str = "", ours: frozenset[str] = frozenset()) -> Labelled:
    """The label of every line. `subject` tells whether history below an otherwise empty letter is meant as content ('Fwd: …').

    What `ours` (addresses) wrote is history even when it is forwarded: our receipts and digests are full of figures.
    """
    labels = [Label.OWN] * len(lines)
    authors: list[str] = []
    position = 0
    while position < len(lines):
        kind, length = _marker(lines, position)
        if kind == "forward":
            end, author = header_block(lines, position + length)
            if _is_ours(author, ours):
                _set(labels, position, len(lines), Label.QUOTED)
                break
            _set(labels, position, end, Label.QUOTED)
            if author:
                authors.append(author)
            position = end
        elif kind in ("original", "block"):
            start = position + length if kind == "original" else position
            end, author = header_block(lines, start)
            forwarded = _FORWARD_SUBJECT.match(subject) and not authors and not _own_says_something(lines, labels, position)
            memo = kind == "block" and not _REPLY_SUBJECT.match(subject) and not any(line.text.strip() for line in lines[:position])
            if memo and not forwarded and not _is_ours(author, ours):
                # A letter that begins 'Từ: … Gửi đến: … Ngày: …' and answers nobody: nothing is quoted when nothing stands above.
                authors.extend([author] if "@" in author else [])
                position = end
                continue
            if forwarded and not _is_ours(author, ours):
                _set(labels, position, end, Label.QUOTED)
                if author:
                    authors.append(author)
                position = end
                continue
            first = position - 1 if position and _RULE.match(lines[position - 1].text) else position
            _set(labels, first, len(lines), Label.QUOTED)
            break
        elif kind == "attribution":
            _set(labels, position, position + length, Label.QUOTED)
            position += length
            following = next((line for line in lines[position:] if line.text.strip()), None)
            if following is not None and not _is_quoted(following):
                _set(labels, position, len(lines), Label.QUOTED)
                break
        else:
            line = lines[position]
            marked = bool(_MARK.match(line.text)) and not _is_comparison(lines, position)
            if line.quoted or marked or _wrapped_quotation(lines, position):
                labels[position] = Label.QUOTED
            position += 1
    _label_signature(lines, labels)
    return Labelled(labels=tuple(labels), forwarded_from=tuple(authors))


def _is_ours(author: str, ours: frozenset[str]) -> bool:
    return any(address in author.lower() for address in ours)


def _is_quoted(line: Line) -> bool:
    return line.quoted or bool(_MARK.match(line.text))


def _is_comparison(lines: Sequence[Line], position: int) -> bool:
    """'> 90 %' alone among unmarked lines is a sign; among other marked lines it is a quoted figure."""
    if not _COMPARISON.match(lines[position].text):
        return False
    around = [line for line in (*lines[max(position - 2, 0) : position], *lines[position + 1 : position + 3]) if line.text.strip()]
    return not any(_is_quoted(line) for line in around)


def _set(labels: list[Label], start: int, end: int, value: Label) -> None:
    for index in range(start, min(end, len(labels))):
        labels[index] = value


def _marker(lines: Sequence[Line], position: int) -> tuple[str, int]:
    """('forward' | 'original' | 'block' | 'attribution' | '', number of lines of the marker)."""
    line = lines[position]
    if not line.text.strip() or _is_quoted(line) or len(line.text) > _MAX_MARKER:
        return "", 0
    plain = _plain(line.text)
    if any(word in plain for word in _MARKER_WORDS):
        if _FORWARD.fullmatch(plain):
            return "forward", 1
        if _ORIGINAL.fullmatch(plain):
            return "original", 1
    if begins_header_block(lines, position):
        return "block", 0
    return _attribution(lines, position, plain)


@lru_cache(maxsize=256)
def _plain(text: str) -> str:
    """Lower case without accents, punctuation kept: '--- Thư gốc ---' -> '--- thu goc ---'."""
    return " ".join(re.sub(r"[^\w\s:;,./<>@\"'()*=–—-]", " ", strip_accents(nfc(text)).lower()).split())


def _attribution(lines: Sequence[Line], position: int, plain: str) -> tuple[str, int]:
    """'On … wrote:', 'Vào … đã viết:' on one line or wrapped over up to four."""
    if not _ATTRIBUTION_START.match(plain) and not re.search(r"<[^<>\s]+@[^<>\s]+>", plain):
        return "", 0
    joined = ""
    for length, line in enumerate(lines[position : position + 4], start=1):
        if not line.text.strip() or _is_quoted(line):
            break
        joined = f"{joined} {_plain(line.text)}".strip()
        if len(joined) > _MAX_MARKER:
            break
        if _DATED_ADDRESS.match(joined):
            return "attribution", length
        if _ATTRIBUTION_END.search(joined):
            told = joined.endswith(":") or "@" in joined
            return ("attribution", length) if told and _TIME_OR_ADDRESS.search(joined) else ("", 0)
    return "", 0


def _own_says_something(lines: Sequence[Line], labels: Sequence[Label], end: int) -> bool:
    """Did the sender write figures above? A covering word or a signature does not count."""
    own = [line.text for line, mark in zip(lines[:end], labels, strict=False) if mark is Label.OWN and line.text.strip()]
    return any(has_figure(text) for text in own)


def _wrapped_quotation(lines: Sequence[Line], position: int) -> bool:
    """A quoted line too long for the mailer, whose tail slipped below without its mark, in the middle of a quotation."""
    if not 0 < position < len(lines) - 1 or not lines[position].text.strip():
        return False
    before, after = lines[position - 1].text, lines[position + 1].text
    return bool(_MARK.match(before)) and bool(_MARK.match(after)) and len(before) >= _WRAPPED_LENGTH


def _label_signature(lines: Sequence[Line], labels: list[Label]) -> None:
    own = [index for index, mark in enumerate(labels) if mark is Label.OWN]
    for index in signature_lines([lines[index].text for index in own]):
        labels[own[index]] = Label.SIGNATURE
