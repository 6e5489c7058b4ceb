"""Letter tables of TCVN3 (TCVN 5712:1993, VN3), VNI and VIQR (RFC 1456). Tables and their direct use only; deciding is `legacy.py`'s."""

from __future__ import annotations

import re
import unicodedata

_GRAVE, _ACUTE, _TILDE, _HOOK, _DOT = "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"


def _compose(*parts: str) -> str:
    return unicodedata.normalize("NFC", "".join(parts))


# ---------------------------------------------------------------- single bytes


def _byte_characters() -> dict[int, str]:
    """Characters that stand for a byte 0x80–0xFF in text decoded as windows-1252 or windows-1258, or from a symbol font (U+F0xx)."""
    table: dict[int, str] = {0xF000 + byte: chr(byte) for byte in range(0x20, 0x100)}
    for codec in ("cp1258", "cp1252"):
        for byte in range(0x80, 0x100):
            char = bytes([byte]).decode(codec, "replace")
            if char != "\ufffd" and ord(char) != byte:
                table[ord(char)] = chr(byte)
    return table


_TO_BYTE = _byte_characters()
# Typographic signs keep their meaning: neither old encoding has letters there, and clerks use them.
for _sign in "‘’“”–—…•€™‰‹›†‡ˆ˜":
    _TO_BYTE.pop(ord(_sign), None)


def to_single_bytes(text: str) -> str:
    """Every character that stands for a byte as U+0080–U+00FF, whatever code page it came through."""
    return text.translate(_TO_BYTE)


# ---------------------------------------------------------------- TCVN3

_TCVN3_ROWS = (
    (0xA1, "ĂÂÊÔƠƯĐăâêôơưđ"),
    (0xB5, "àảãáạ"),
    (0xBB, "ằẳẵắ"),
    (0xC6, "ặầẩẫấậè"),
    (0xCE, "ẻẽéẹềểễếệìỉ"),
    (0xDC, "ĩíịò"),
    (0xE1, "ỏõóọồổỗốộờởỡớợù"),
    (0xF1, "ủũúụừửữứựỳỷỹýỵ"),
)
TCVN3: dict[int, str] = {start + offset: letter for start, row in _TCVN3_ROWS for offset, letter in enumerate(row)}
TCVN3[0x1F] = "ư"  # what Word 97 makes of U+00AD

# ---------------------------------------------------------------- VNI

_VNI_TONES = {"ø": _GRAVE, "ù": _ACUTE, "û": _HOOK, "õ": _TILDE, "ï": _DOT}
_VNI_CIRCUMFLEX = {"â": "", "à": _GRAVE, "á": _ACUTE, "å": _HOOK, "ã": _TILDE, "ä": _DOT}
_VNI_BREVE = {"ê": "", "è": _GRAVE, "é": _ACUTE, "ú": _HOOK, "ü": _TILDE, "ë": _DOT}
_VNI_SINGLE = {"ô": "ơ", "ö": "ư", "ñ": "đ", "ì": "ì", "í": "í", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}


def _vni() -> dict[str, str]:
    pairs: dict[str, str] = dict(_VNI_SINGLE)
    for base in "aeouy":
        pairs |= {base + mark: _compose(base, tone) for mark, tone in _VNI_TONES.items()}
    for base in "aeo":
        pairs |= {base + mark: _compose(base, "\u0302", tone) for mark, tone in _VNI_CIRCUMFLEX.items()}
    pairs |= {"a" + mark: _compose("a", "\u0306", tone) for mark, tone in _VNI_BREVE.items()}
    for base, letter in (("ô", "ơ"), ("ö", "ư")):
        pairs |= {base + mark: _compose(letter, tone) for mark, tone in _VNI_TONES.items()}
    both: dict[str, str] = {}
    for written, letter in pairs.items():
        both[written] = letter
        both[written.upper()] = letter.upper()
        if len(written) == 2:  # clerks mix: a capital with a small mark, and the reverse
            both[written[0].upper() + written[1]] = letter.upper()
            both[written[0] + written[1].upper()] = letter
    return both


VNI = _vni()
VNI_PATTERN = re.compile("|".join(sorted(VNI, key=len, reverse=True)))

# ---------------------------------------------------------------- VIQR

_VIQR = re.compile(r"\\(.)|([dD][dD])|([aAeEoO]\^|[aA]\(|[oOuU]\+|[aAeEiIoOuUyY])(['`?~.](?![.?'`~]))?|(.)", re.DOTALL)
_VIQR_TONES = {"'": _ACUTE, "`": _GRAVE, "?": _HOOK, "~": _TILDE, ".": _DOT}
_VIQR_SHAPES = {"^": "\u0302", "(": "\u0306", "+": "\u031b"}


def viqr_to_unicode(text: str) -> str:
    """RFC 1456 mnemonics as letters; a mark that ends a line is punctuation."""

    def letter(found: re.Match[str]) -> str:
        escaped, dd, vowel, tone, other = found.groups()
        if escaped is not None:
            return escaped
        if dd is not None:
            return "Đ" if dd[0] == "D" else "đ"
        if vowel is None:
            return other
        shape = _VIQR_SHAPES[vowel[1]] if len(vowel) == 2 else ""
        if tone in (".", "?") and text[found.end() : found.end() + 1] in ("", "\n", "\r"):
            return _compose(vowel[0], shape) + tone
        return _compose(vowel[0], shape, _VIQR_TONES[tone] if tone else "")

    return _VIQR.sub(letter, text)
