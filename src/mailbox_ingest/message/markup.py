"""HTML bodies as lines, and back: labelled like plain text, then all that is not the sender's own is taken out of the tree."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree, html
from lxml.html import HtmlElement

from mailbox_ingest.message.charset import clean
from mailbox_ingest.message.header_blocks import Line
from mailbox_ingest.message.quotes import Label, Labelled, label
from mailbox_ingest.message.signatures import has_figure
from mailbox_ingest.vietnamese.fold import squeeze

MAX_HTML_CHARACTERS = 2_000_000
_TABLES = frozenset({"table", "tbody", "td", "tfoot", "th", "thead", "tr", "caption"})
_LISTS = frozenset({"dd", "dl", "dt", "li", "main", "nav", "ol", "p", "pre", "section", "ul", "hr", "html", "form", "h5", "h6", "header"})
_BOXES = frozenset({"address", "article", "aside", "blockquote", "body", "center", "div", "fieldset", "footer", "h1", "h2", "h3", "h4"})
_BLOCKS = _TABLES | _LISTS | _BOXES
_CELLS = frozenset({"td", "th"})
_SKIPPED = frozenset(
    {"script", "style", "head", "title", "meta", "link", "noscript", "template", "object", "iframe", "svg", "select", "o:p-skip"}
)
_QUOTE_CLASSES = frozenset({"yahoo_quoted", "protonmail_quote", "zmail_extra", "moz-cite", "ymail_quoted", "tutanota_quote"})
_SIGNATURE_CLASSES = frozenset({"gmail_signature", "moz-signature", "zimbra-signature", "signature"})
_SIGNATURE_IDS = frozenset({"signature", "ms-outlook-mobile-signature", "x_signature"})
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)
_CID = re.compile(r"^cid:", re.IGNORECASE)


@dataclass(slots=True)
class _Row:
    """One visible line under construction: its text and the places in the tree that it came from."""

    text: list[str] = field(default_factory=list)
    places: list[tuple[HtmlElement, str]] = field(default_factory=list)
    quoted: bool = False
    signature: bool = False


@dataclass(frozen=True, slots=True)
class HtmlBody:
    """The own part of an HTML body, with what was set apart. `own_html` is None where nothing own is left."""

    own_html: str | None
    own_text: str
    quoted_text: str
    signature: str
    forwarded_from: tuple[str, ...]
    content_ids: frozenset[str]


def split_html(text: str, *, subject: str = "", ours: frozenset[str] = frozenset()) -> HtmlBody:
    """Never raises: what cannot be parsed as HTML comes back as text alone."""
    root = _parse(text)
    if root is None:
        return HtmlBody(own_html=None, own_text="", quoted_text="", signature="", forwarded_from=(), content_ids=frozenset())
    rows = _rows(root)
    lines = [Line(text=_visible(row), quoted=row.quoted) for row in rows]
    labelled = _with_signature_marks(rows, label(lines, subject=subject, ours=ours), lines)
    images = _content_ids(root)
    groups: dict[Label, list[str]] = {Label.OWN: [], Label.QUOTED: [], Label.SIGNATURE: []}
    for line, mark in zip(lines, labelled.labels, strict=True):
        groups[mark].append(line.text)
    own_text = tidy(groups[Label.OWN])
    if all(mark is Label.OWN for mark in labelled.labels):
        own_html: str | None = text
    else:
        _prune(root, rows, labelled)
        own_html = str(html.tostring(root, encoding="unicode"))
    return HtmlBody(
        own_html=own_html if own_text else None,
        own_text=own_text,
        quoted_text=tidy(groups[Label.QUOTED]),
        signature=tidy(groups[Label.SIGNATURE]),
        forwarded_from=labelled.forwarded_from,
        content_ids=images,
    )


def tidy(lines: list[str]) -> str:
    """Lines joined, without trailing blanks, at most one empty line in a row, none at the ends."""
    text = "\n".join(line.rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def _parse(text: str) -> HtmlElement | None:
    text = _DECLARATION.sub("", text)
    if not text.strip():
        return None
    try:
        # The text is Unicode already: UTF-8 is said here so that a <meta> of another charset cannot change it.
        parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        return html.document_fromstring(clean(text).encode("utf-8"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def _visible(row: _Row) -> str:
    return "\t".join(squeeze(cell) for cell in "".join(row.text).split("\t")).strip()


def _classes(element: HtmlElement) -> set[str]:
    return set((element.get("class") or "").lower().split())


def _is_quotation(element: HtmlElement) -> bool:
    """Markup that means 'cited'. A plain <blockquote> is only an indent; a gmail_quote may hold a forward: its text decides."""
    classes = _classes(element)
    if element.tag == "blockquote":
        return (element.get("type") or "").lower() == "cite" or "gmail_quote" in classes or bool(classes & _QUOTE_CLASSES)
    return bool(classes & _QUOTE_CLASSES)


def _is_signature(element: HtmlElement) -> bool:
    return bool(_classes(element) & _SIGNATURE_CLASSES) or (element.get("id") or "").lower() in _SIGNATURE_IDS


def _rows(root: HtmlElement) -> list[_Row]:
    """All visible lines in document order (iterative: HTML of mails is deep)."""
    rows = [_Row()]

    def break_line(quoted: bool, signature: bool) -> None:
        if rows[-1].places:
            rows.append(_Row())
        rows[-1].quoted, rows[-1].signature = quoted, signature

    def add(element: HtmlElement, place: str, quoted: bool, signature: bool) -> None:
        text = element.text if place == "text" else element.tail
        if not text:
            return
        if not rows[-1].places:
            rows[-1].quoted, rows[-1].signature = quoted, signature
        rows[-1].text.append(text.replace("\t", " ").replace("\n", " ").replace("\r", " "))
        rows[-1].places.append((element, place))

    # (element, state, quoted, signature): state 'open' before its content, 'close' after it.
    stack: list[tuple[HtmlElement, str, bool, bool]] = [(root, "open", False, False)]
    in_cell = 0
    while stack:
        element, state, quoted, signature = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        parent_quoted, parent_signature = quoted, signature
        if state == "open":
            if tag in _SKIPPED or not tag:
                stack.append((element, "tail", parent_quoted, parent_signature))
                continue
            quoted = quoted or _is_quotation(element)
            signature = signature or _is_signature(element)
            if tag in _CELLS:
                in_cell += 1
                if rows[-1].places:
                    rows[-1].text.append("\t")
            elif tag == "br" or (tag in _BLOCKS and not in_cell) or tag == "tr":
                blank = tag == "br" and not rows[-1].places
                break_line(quoted, signature)
                if blank:
                    rows.append(_Row(quoted=quoted, signature=signature))
            elif tag in _BLOCKS and rows[-1].places:
                rows[-1].text.append(" ")
            add(element, "text", quoted, signature)
            stack.append((element, "close", parent_quoted, parent_signature))
            stack.extend((child, "open", quoted, signature) for child in reversed(element))
            continue
        if state == "close":
            if tag in _CELLS:
                in_cell -= 1
            elif tag in _BLOCKS and (not in_cell or tag == "tr"):
                break_line(quoted, signature)
                if tag == "p" and rows[-2:-1] and rows[-2].places:
                    rows.append(_Row(quoted=quoted, signature=signature))
        if element is not root:
            add(element, "tail", quoted, signature)
    return rows


def _with_signature_marks(rows: list[_Row], labelled: Labelled, lines: list[Line]) -> Labelled:
    """Lines that the mailer marked as signature, unless one of them holds a figure: people type into that box."""
    marked = [index for index, row in enumerate(rows) if row.signature and labelled.labels[index] is Label.OWN]
    if not marked or any(has_figure(lines[index].text) for index in marked):
        return labelled
    chosen = set(marked)
    labels = tuple(Label.SIGNATURE if index in chosen else mark for index, mark in enumerate(labelled.labels))
    return Labelled(labels=labels, forwarded_from=labelled.forwarded_from)


def _prune(root: HtmlElement, rows: list[_Row], labelled: Labelled) -> None:
    """Blanks the texts of lines that are not own, then removes the elements that this left empty."""
    touched: list[HtmlElement] = []
    for row, mark in zip(rows, labelled.labels, strict=True):
        if mark is Label.OWN:
            continue
        for element, place in row.places:
            if place == "text":
                element.text = None
                touched.append(element)
            else:
                element.tail = None
                parent = element.getparent()
                if parent is not None:
                    touched.append(parent)
    for element in reversed(touched):
        current: HtmlElement | None = element
        while current is not None and current is not root and _is_empty(current):
            parent = current.getparent()
            if parent is None:
                break
            current.drop_tree()  # keeps the tail
            current = parent


def _is_empty(element: HtmlElement) -> bool:
    """Nothing visible inside. Cells of a table that keeps other text stay, so that its columns do not shift."""
    if element.tag in ("body", "html", "td", "th") and element.getparent() is not None and element.tag in ("body", "html"):
        return False
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        return False
    if element.tag in _CELLS:
        row = element.getparent()
        return row is not None and not "".join(row.itertext()).strip()
    return all(child.tag in ("br", "hr", "span", "a", "b", "i", "font", "u") and not "".join(child.itertext()).strip() for child in element)


def _content_ids(root: HtmlElement) -> frozenset[str]:
    """Content-IDs (and Content-Locations) that images of the body show."""
    found: set[str] = set()
    for element in root.iter("img", "v:imagedata", "image", "body", "table", "td"):
        for name in ("src", "background"):
            value = element.get(name)
            if value:
                found.add(_CID.sub("", value.strip()))
    return frozenset(found)
