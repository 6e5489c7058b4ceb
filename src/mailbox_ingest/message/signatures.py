"""Which lines are the signature: '-- ', 'Gửi từ iPhone của tôi', contacts at the end. Never takes a line with a figure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailbox_ingest.vietnamese.fold import nfc, strip_accents

_SEPARATOR = re.compile(r"^\s*(?:--|—|__)\s*$")
_DEVICE = re.compile(
    r"^\W*(?:sent (?:from|via|with|using)|(?:duoc |da )?gui (?:tu|bang)|(?:get|download|tai|lay) outlook (?:for|cho)|tai outlook) .{0,90}$"
)
_DEVICE_NAMES = re.compile(
    r"iphone|ipad|android|samsung|galaxy|dien thoai|smartphone|mobile|di dong|yahoo|outlook|mail|windows|oppo|xiaomi|redmi|vivo|huawei|zalo"
    r"|may tinh"
)
# One kind of separator only, and no number that begins 00 or 01: '01 2.733 2.476' is a row of a table.
_PHONE = re.compile(r"(?<![\d.])\(?(?:\+84|84|0)[ .]?[2-9]\d{0,3}\)?(?:([ .\-])\d{2,4}(?:\1\d{2,4}){1,3}|\d{6,8}|[ .\-]\d{6,8})(?!\d)")
# Begins where a word begins and looks 64 letters far: a line that is one endless word must not be searched from each of its letters.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_WEB = re.compile(r"(?:https?://|www\.)\S+")
_PHONE_WORDS = "so dien thoai|dien thoai|di dong|dtdd|sdt|dt|dd|tel|fax|mobile|mob|phone|hotline|zalo|cell|lien he"
_CONTACT_LABEL = re.compile(
    rf"(?:^|[\s\-–|,;(/])(?:{_PHONE_WORDS}|email|e-mail|mail|web(?:site)?|dia chi|d/c|skype)\s*[.:]*\s*(?=[:+(\d]|$|\S*@)",
)
_LABELLED_NUMBER = re.compile(
    rf"\b(?:{_PHONE_WORDS})(?: ban| co quan| rieng| cq)?\s*[.:]*\s*[+(]?\d(?:[ .()\-]?\d){{6,13}}\b",
)
_ADDRESS = re.compile(r"^\W*(?:dia chi|d/c|dc|add(?:ress)?|so \d+\w?[,/ ]+(?:duong|pho|ngo|hem)?|tang \d+|toa nha|phong \d+)\b")
_DATE = re.compile(r"(?:\bngay\s+)?\b\d{1,2}[/.\-]\d{1,2}(?:[/.\-]\d{2,4})?\b|\b(?:ngay|thang|nam|tuan)\s+\d{1,4}\b")
_REFERENCE = re.compile(r"\b\d{1,5}/[a-z][\w\-/]*")  # '597/LĐLĐ-CTCS'
_MAX_BLOCK = 8
_MAX_AFTER_SEPARATOR = 12


def has_figure(text: str) -> bool:
    """Does a line hold a number that may be a value (no phone, address, date or letter number)?"""
    plain = _plain(text)
    for pattern in (_EMAIL, _WEB, _LABELLED_NUMBER, _PHONE, _REFERENCE, _DATE):
        plain = pattern.sub(" ", plain)
    return bool(re.search(r"\d", plain)) and not _ADDRESS.match(plain)


def signature_lines(texts: Sequence[str]) -> list[int]:
    """Indices of the signature's lines within the sender's own lines."""
    taken: set[int] = set()
    end = len(texts)
    start = _separator(texts)
    if start is not None:
        taken.update(range(start, end))
        end = start
    for index in range(end):
        if _is_device_line(texts[index]):
            taken.add(index)
    while end and (not texts[end - 1].strip() or end - 1 in taken):
        end -= 1
    taken.update(_contact_block(texts, end))
    return sorted(taken)


def _separator(texts: Sequence[str]) -> int | None:
    """Where the first separator stands after which only a short text without figures follows."""
    found: int | None = None
    following = 0
    for index in range(len(texts) - 1, -1, -1):
        if _SEPARATOR.match(texts[index]):
            found = index
        elif texts[index].strip():
            following += 1
            if following > _MAX_AFTER_SEPARATOR or has_figure(texts[index]):
                break
    return found


def _plain(text: str) -> str:
    return strip_accents(nfc(text)).lower()


def _is_device_line(text: str) -> bool:
    plain = _plain(text).strip()
    return (
        bool(_DEVICE.match(plain))
        and bool(_DEVICE_NAMES.search(plain))
        and not has_figure(re.sub(r"windows \d+|galaxy \S+|iphone \S+", "", plain))
    )


def _contact_block(texts: Sequence[str], end: int) -> range:
    """The last paragraph, when it holds contacts and no figure; else the contact lines at its end."""
    start = end
    while start and texts[start - 1].strip():
        start -= 1
    block = texts[start:end]
    if not block or not any(_is_contact(text) for text in block):
        return range(0)
    alone = not any(text.strip() for text in texts[:start])
    if not alone and len(block) <= _MAX_BLOCK and not any(has_figure(text) for text in block):
        return range(start, end)
    first = end
    while first > start and _is_contact(texts[first - 1]) and not has_figure(texts[first - 1]) and len(texts[first - 1]) < 100:
        first -= 1
    return range(first, end)


def _is_contact(text: str) -> bool:
    plain = _plain(text)
    return bool(_PHONE.search(plain) or _EMAIL.search(plain) or _WEB.search(plain) or _CONTACT_LABEL.search(plain))
