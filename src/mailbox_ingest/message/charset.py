"""Bytes of mail into text: the declared charset where it holds, sense where it does not. Never raises; refuses to invent letters silently.

UTF-8 labelled us-ascii or latin-1 is common, and so is Windows Vietnamese (cp1258) without any label.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

_WEAK = frozenset({"", "us-ascii", "ascii", "ansi_x3.4-1968", "unknown-8bit", "x-unknown", "unknown", "default", "binary", "8bit", "none"})
_ALIASES = {
    "utf8": "utf-8",
    "windows1258": "cp1258",
    "x-cp1258": "cp1258",
    "vietnamese": "cp1258",
    "utf-8-sig": "utf-8",
    "ks_c_5601-1987": "cp949",
}
# Codecs that are no charsets of text, or that change the meaning of plain ASCII in ways no mail of ours needs.
_REFUSED = frozenset({"utf-7", "unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined", "mbcs", "oem"})
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = {code: None for code in range(32) if code not in (9, 10, 13)} | {0x7F: None}
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_STRAY_TONE = re.compile(f"(?:^|[^aeiouyăâêôơưAEIOUYĂÂÊÔƠƯ])[{_TONES}]")
_VIETNAMESE = re.compile("[đĐơƠưƯăĂ\u1ea0-\u1ef9]")
_REPLACEMENT_SHARE = 0.1
# cp1252, with the five bytes that it leaves undefined kept as they are.
_WESTERN = [bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256)]


def clean(text: str) -> str:
    """NFC, without control characters (a NUL cannot be stored in PostgreSQL) and without lone surrogates.

    Soft hyphens stay: in text of the old TCVN3 fonts they are the letter 'ư'.
    """
    text = unicodedata.normalize("NFC", text).translate(_CONTROL)
    if any("\ud800" <= c <= "\udfff" for c in text):
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text


def decode(data: bytes, declared: str | None) -> str:
    """The text of `data`, cleaned. `declared` is the charset parameter as it stood, or None."""
    return clean(_decode(data, declared))


def decode_header_bytes(data: bytes) -> str:
    """Raw 8-bit octets of a header (RFC 6532 says UTF-8; older mailers put anything)."""
    return _decode(data, None)


def _decode(data: bytes, declared: str | None) -> str:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "replace").removeprefix("\ufeff")
    name = _codec(declared)
    if name is None:
        return data.decode("ascii") if data.isascii() else _guess(data)
    if name == "utf-8":
        return _as_utf8(data)
    if _single_byte(name) and not data.isascii():
        # Eight-bit text that happens to be valid UTF-8 is UTF-8: a wrong label is far likelier than such a coincidence.
        text = _strict_utf8(data)
        if text is not None:
            return text
        if name in ("iso8859-1", "cp1252"):
            return _guess(data)
    try:
        return data.decode(name)
    except (UnicodeDecodeError, ValueError):
        return _strict_utf8(data) or data.decode(name, "replace")


def _codec(declared: str | None) -> str | None:
    """Python's name of a declared charset; None where the label says nothing."""
    label = (declared or "").strip().strip("\"'").lower()
    label = _ALIASES.get(label, label)
    if label in _WEAK or "\0" in label or label.replace("-", "_") in _REFUSED:
        return None
    try:
        info = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    is_text = getattr(info, "_is_text_encoding", True)
    if not is_text or info.name in _REFUSED:
        return None
    return None if info.name == "ascii" else info.name


def _single_byte(name: str) -> bool:
    return name.startswith(("iso8859", "cp12", "koi8", "mac", "cp4", "cp8")) or name in ("latin-1", "tis-620", "viscii")


def _strict_utf8(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _as_utf8(data: bytes) -> str:
    text = _strict_utf8(data)
    if text is not None:
        return text
    damaged = data.decode("utf-8", "replace")
    high = sum(byte > 0x7F for byte in data)
    return damaged if damaged.count("\ufffd") <= high * _REPLACEMENT_SHARE else _guess(data)


def _guess(data: bytes) -> str:
    """UTF-8, else Vietnamese Windows, else Western Windows: by what makes sense as text."""
    text = _strict_utf8(data)
    if text is not None:
        return text
    damaged = data.decode("utf-8", "replace")
    high = sum(byte > 0x7F for byte in data)
    if damaged.count("\ufffd") <= high * _REPLACEMENT_SHARE:
        return damaged
    vietnamese = data.decode("cp1258", "replace")
    letters = len(_VIETNAMESE.findall(unicodedata.normalize("NFC", vietnamese)))
    strays = len(_STRAY_TONE.findall(vietnamese)) + vietnamese.count("\ufffd")
    # TCVN3 (the old .VnTime fonts) lives in A8-BF, which cp1258 uses for signs only: such bytes must come through one to one.
    tcvn3 = sum(0xA8 <= byte <= 0xBE for byte in data)
    if letters > strays and letters > tcvn3:
        return vietnamese
    return "".join(_WESTERN[byte] for byte in data)
