"""The styles part of an .xlsx: per cell format its number format, font name and strike-through. Holds nothing of colours or borders."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from mailbox_ingest.documents.sheets.numbers import BUILTIN_FORMATS


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What matters of one entry of cellXfs."""

    number_format: str = "General"
    font: str | None = None
    struck: bool = False


PLAIN = Style()


def local(element: etree._Element) -> str:
    """The tag without its namespace; strict and transitional OOXML differ only there. '' for comments."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def is_on(element: etree._Element | None) -> bool:
    """A boolean property of OOXML: present and not switched off."""
    return element is not None and element.get("val", "1") not in ("0", "false")


def read_styles(root: etree._Element | None) -> tuple[Style, ...]:
    """The entries of cellXfs in order."""
    if root is None:
        return ()
    formats = dict(BUILTIN_FORMATS)
    fonts: list[tuple[str | None, bool]] = []
    styles: list[Style] = []
    for part in root:
        match local(part):
            case "numFmts":
                for item in part:
                    if (number := item.get("numFmtId", "")).isdigit():
                        formats[int(number)] = item.get("formatCode", "General")
            case "fonts":
                for item in part:
                    name = item.find("{*}name")
                    fonts.append((name.get("val") if name is not None else None, is_on(item.find("{*}strike"))))
            case "cellXfs":
                for item in part:
                    number, font = item.get("numFmtId", "0"), item.get("fontId", "0")
                    known = fonts[int(font)] if font.isdigit() and int(font) < len(fonts) else (None, False)
                    code = formats.get(int(number) if number.isdigit() else 0, "General")
                    styles.append(Style(number_format=code, font=known[0], struck=known[1]))
            case _:
                pass
    return tuple(styles)
