"""The leaves of one message sorted: what is its body, what is an attachment, what is a message inside it. Every leaf ends up somewhere."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field
from urllib.parse import unquote

from mailbox_ingest.message.body import Letter, bounded, split_letter, take_uuencoded, unflow
from mailbox_ingest.message.charset import decode
from mailbox_ingest.message.headers import AnyMessage, mailboxes, raw_field, raw_fields, text_field
from mailbox_ingest.message.markup import MAX_HTML_CHARACTERS
from mailbox_ingest.message.names import UniquePaths, file_name, harmless, parameter
from mailbox_ingest.message.structure import (
    LIMIT_DEFECT,
    MAX_LEVELS_OF_MESSAGES,
    MAX_PARTS,
    Leaf,
    charset_of,
    content,
    disposition_of,
    walk,
)
from mailbox_ingest.model import Attachment, Mailbox

FORWARDED = "thư chuyển tiếp"
FORWARDED_BODY = "nội dung thư"
NAMELESS = "tệp đính kèm"
_EXTENSIONS = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/ms-tnef": ".dat",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/heic": ".heic",
    "text/csv": ".csv",
}


@dataclass(slots=True)
class _Body:
    texts: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Gathered:
    """What the walk through a mail collects."""

    ours: frozenset[str]
    paths: UniquePaths = field(default_factory=UniquePaths)
    attachments: list[Attachment] = field(default_factory=list)
    authors: list[Mailbox] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    leaves: int = 0
    nameless: int = 0


@dataclass(frozen=True, slots=True)
class Contents:
    """The letter, its attachments (those of forwarded messages included), and whose messages were forwarded."""

    letter: Letter
    attachments: tuple[Attachment, ...]
    authors: tuple[Mailbox, ...]
    defects: tuple[str, ...]


def contents(root: AnyMessage, *, subject: str, ours: frozenset[str] = frozenset()) -> Contents:
    """Everything inside a message; `ours` are addresses whose forwarded words are no report. Never raises."""
    gathered = _Gathered(ours=ours)
    letter = _one_message(root, gathered, prefix="", subject=subject, level=0)
    authors = (*mailboxes(list(letter.forwarded_from)), *gathered.authors)
    return Contents(
        letter=letter,
        attachments=tuple(gathered.attachments),
        authors=tuple(dict.fromkeys(authors)),
        defects=tuple(dict.fromkeys(gathered.defects)),
    )


def _one_message(root: AnyMessage, gathered: _Gathered, *, prefix: str, subject: str, level: int) -> Letter:
    body = _Body()
    first = len(gathered.attachments)
    nested: list[AnyMessage] = []
    for item in walk(root):
        if isinstance(item, str):
            gathered.defects.append(item)
        elif gathered.leaves >= MAX_PARTS:
            gathered.defects.append(LIMIT_DEFECT)
            break
        elif isinstance(item, Leaf):
            gathered.leaves += 1
            if _is_body(item):
                _take_body(item, body, gathered, prefix)
            else:
                _take_attachment(item, gathered, prefix)
        else:
            nested.append(item.message)
    text, text_cut = bounded("\n\n".join(body.texts))
    html = "\n".join(body.htmls)
    if text_cut or len(html) > MAX_HTML_CHARACTERS:
        gathered.defects.append(LIMIT_DEFECT)
    letter = split_letter(text, html[:MAX_HTML_CHARACTERS], subject=subject, ours=gathered.ours)
    _mark_referenced(gathered.attachments, first, letter.content_ids)
    for message in nested:
        if level >= MAX_LEVELS_OF_MESSAGES:
            gathered.defects.append(LIMIT_DEFECT)
            break
        _take_message(message, gathered, prefix=f"{prefix}{FORWARDED}/", level=level + 1)
    return letter


def _take_message(message: AnyMessage, gathered: _Gathered, *, prefix: str, level: int) -> None:
    """A forwarded message: its author, then its body as a document, then its leaves."""
    author = mailboxes(list(raw_fields(message, "from")))[:1]
    gathered.authors.extend(author)
    if any(mailbox.email in gathered.ours for mailbox in author):
        return  # our own receipt or digest, sent back: its figures are no report
    place = len(gathered.attachments)
    letter = _one_message(message, gathered, prefix=prefix, subject=text_field(message, "subject"), level=level)
    # With a table the HTML says more than the text; never both, or every figure would stand there twice.
    if letter.html and "<table" in letter.html.lower():
        body = _document(gathered, f"{prefix}{FORWARDED_BODY}.html", "text/html", letter.html)
    elif letter.own_text.strip():
        body = _document(gathered, f"{prefix}{FORWARDED_BODY}.txt", "text/plain", letter.own_text)
    else:
        return
    gathered.attachments.insert(place, body)


def _document(gathered: _Gathered, path: str, content_type: str, text: str) -> Attachment:
    # The byte order mark says UTF-8, whatever a <meta> inside says.
    path = gathered.paths.take(path)
    return Attachment(path=path, name=path.rsplit("/", 1)[-1], content_type=content_type, data=text.encode("utf-8-sig"), inline=True)


def _is_body(leaf: Leaf) -> bool:
    """Nameless text or HTML that no header calls an attachment, whatever stands before or after it."""
    if leaf.content_type not in ("text/plain", "text/html") or disposition_of(leaf.part) == "attachment":
        return False
    if leaf.inside and leaf.inside[-1] == "multipart/related" and leaf.index > 0:
        return False
    return file_name(leaf.part) is None


def _take_body(leaf: Leaf, body: _Body, gathered: _Gathered, prefix: str) -> None:
    text = decode(content(leaf.part), charset_of(leaf.part)).replace("\r\n", "\n").replace("\r", "\n")
    if leaf.content_type == "text/html":
        body.htmls.append(text)
        return
    text, files = take_uuencoded(text)
    for name, data in files:
        safe = harmless(name) or NAMELESS
        content_type = mimetypes.guess_type(safe)[0] or "application/octet-stream"
        gathered.attachments.append(Attachment(path=gathered.paths.take(prefix + safe), name=safe, content_type=content_type, data=data))
    if (parameter(leaf.part, "content-type", "format") or "").lower() == "flowed":
        text = unflow(text, delete_space=(parameter(leaf.part, "content-type", "delsp") or "").lower() == "yes")
    body.texts.append(text)


def _take_attachment(leaf: Leaf, gathered: _Gathered, prefix: str) -> None:
    name = file_name(leaf.part)
    shown = name
    if shown is None:
        gathered.nameless += 1
        extension = _EXTENSIONS.get(leaf.content_type) or mimetypes.guess_extension(leaf.content_type) or ""
        shown = f"{NAMELESS} {gathered.nameless}{'' if extension == '.bin' else extension}"
    content_id = (raw_field(leaf.part, "content-id") or "").strip().strip("<>").strip()
    location = (raw_field(leaf.part, "content-location") or "").strip()
    gathered.attachments.append(
        Attachment(
            path=gathered.paths.take(prefix + shown),
            name=name,
            content_type=leaf.content_type,
            data=content(leaf.part),
            content_id=content_id or location or None,
            inline=disposition_of(leaf.part) == "inline",
        )
    )


def _mark_referenced(attachments: list[Attachment], first: int, content_ids: frozenset[str]) -> None:
    """Notes which files the HTML shows as pictures."""
    wanted = content_ids | {unquote(item) for item in content_ids}
    for index in range(first, len(attachments)):
        item = attachments[index]
        if item.content_id and item.content_id in wanted:
            attachments[index] = Attachment(
                path=item.path,
                name=item.name,
                content_type=item.content_type,
                data=item.data,
                content_id=item.content_id,
                inline=item.inline,
                referenced_by_html=True,
            )
