"""The text of a letter: format=flowed (RFC 3676), uuencoded files inside, and the sender's own words apart from quoted ones."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

from mailbox_ingest.message.header_blocks import Line
from mailbox_ingest.message.markup import HtmlBody, split_html, tidy
from mailbox_ingest.message.quotes import Label, label

MAX_LINES = 10_000
MAX_CHARACTERS = 2_000_000
_UU_BEGIN = re.compile(r"^begin(?:-base64)? [0-7]{3,4} (\S.*?)\s*$")
_QUOTE_DEPTH = re.compile(r"^>+")


@dataclass(frozen=True, slots=True)
class Letter:
    """The sender's own text and HTML, what was set apart, and the From fields of messages forwarded inline."""

    own_text: str
    quoted_text: str
    signature: str
    html: str | None
    forwarded_from: tuple[str, ...]
    content_ids: frozenset[str]


def bounded(text: str) -> tuple[str, bool]:
    """The text within the limits of a letter, and whether something was cut off."""
    cut = text[:MAX_CHARACTERS]
    lines = cut.split("\n", MAX_LINES)
    cut = cut if len(lines) <= MAX_LINES else "\n".join(lines[:MAX_LINES])
    return cut, len(cut) < len(text)


def split_letter(text: str, html: str, *, subject: str, ours: frozenset[str] = frozenset()) -> Letter:
    """From the plain and the HTML body of one message ('' where absent) to one letter.

    Where only one of the two shows that history is quoted, the other is not believed: it holds the same history without its marks.
    """
    plain = _split_text(text, subject=subject, ours=ours) if text.strip() else None
    rich = split_html(html, subject=subject, ours=ours) if html.strip() else None
    if rich is None:
        return plain or Letter("", "", "", None, (), frozenset())
    if plain is None or not (plain.own_text or plain.quoted_text or plain.signature) or (rich.quoted_text and not plain.quoted_text):
        return _letter(rich)
    own_html = None if plain.quoted_text and not rich.quoted_text else rich.own_html
    return Letter(
        own_text=plain.own_text,
        quoted_text=plain.quoted_text,
        signature=plain.signature or rich.signature,
        html=own_html,
        forwarded_from=plain.forwarded_from or rich.forwarded_from,
        content_ids=rich.content_ids,
    )


def unflow(text: str, *, delete_space: bool) -> str:
    """Joins the soft line breaks of format=flowed; quote depth stays as '>' marks, the signature line stays alone."""
    out: list[str] = []
    joining_depth: int | None = None
    for line in text.split("\n"):
        found = _QUOTE_DEPTH.match(line)
        depth = found.end() if found else 0
        content = line[depth:]
        content = content.removeprefix(" ")  # space-stuffing
        is_separator = content == "-- "
        soft = content.endswith(" ") and not is_separator
        body = content[:-1] if soft and delete_space else content
        if joining_depth == depth and not is_separator and out:
            out[-1] += body
        else:
            out.append((">" * depth + " " if depth else "") + body)
        joining_depth = depth if soft else None
    return "\n".join(out)


def take_uuencoded(text: str) -> tuple[str, tuple[tuple[str, bytes], ...]]:
    """(the text without uuencoded blocks, ((file name, bytes), …)). A block that broke off gives what it had."""
    if "begin " not in text:
        return text, ()
    kept: list[str] = []
    files: list[tuple[str, bytes]] = []
    lines = text.split("\n")
    position = 0
    while position < len(lines):
        found = _UU_BEGIN.match(lines[position])
        data, end = _uu_lines(lines, position + 1) if found else (b"", position)
        if found and data:
            files.append((found[1], data))
            position = end
        else:
            kept.append(lines[position])
            position += 1
    return "\n".join(kept), tuple(files)


def _uu_lines(lines: list[str], start: int) -> tuple[bytes, int]:
    data = bytearray()
    position = start
    while position < len(lines):
        line = lines[position]
        if line.strip() == "end":
            return bytes(data), position + 1
        if line.strip() and line.strip() != "`":
            try:
                encoded = line.encode("ascii")
                count = (encoded[0] - 32) & 63
                data += binascii.a2b_uu(encoded[: 1 + (count + 2) // 3 * 4])
            except (binascii.Error, UnicodeEncodeError):
                break
        position += 1
    return bytes(data), position


def _split_text(text: str, *, subject: str, ours: frozenset[str]) -> Letter:
    lines = [Line(text=line) for line in text.split("\n")]
    labelled = label(lines, subject=subject, ours=ours)
    groups: dict[Label, list[str]] = {Label.OWN: [], Label.QUOTED: [], Label.SIGNATURE: []}
    for line, mark in zip(lines, labelled.labels, strict=True):
        groups[mark].append(line.text)
    return Letter(
        own_text=tidy(groups[Label.OWN]),
        quoted_text=tidy(groups[Label.QUOTED]),
        signature=tidy(groups[Label.SIGNATURE]),
        html=None,
        forwarded_from=labelled.forwarded_from,
        content_ids=frozenset(),
    )


def _letter(body: HtmlBody) -> Letter:
    return Letter(
        own_text=body.own_text,
        quoted_text=body.quoted_text,
        signature=body.signature,
        html=body.own_html,
        forwarded_from=body.forwarded_from,
        content_ids=body.content_ids,
    )
