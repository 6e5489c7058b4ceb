"""Folding: two spellings of the same Vietnamese words become the same string (accents, tone placement, case, punctuation)."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_NOT_WORD = re.compile(r"[^0-9a-z%]+")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"), None)


def nfc(text: str) -> str:
    """Composed Unicode without invisible characters."""
    return unicodedata.normalize("NFC", text).translate(_INVISIBLE)


def strip_accents(text: str) -> str:
    """'Hướng Hoá' -> 'Huong Hoa'; đ/Đ become d/D. Length may change for decomposed input."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return bare.replace("đ", "d").replace("Đ", "D")


def fold(text: str) -> str:
    """Lower-case words without accents or punctuation, single spaces: the form in which words are compared.

    >>> fold("LĐLĐ TX. Quảng Trị")
    'ldld tx quang tri'
    """
    return _NOT_WORD.sub(" ", strip_accents(nfc(text)).lower()).strip()


def squeeze(text: str) -> str:
    """One line, single spaces."""
    return _SPACES.sub(" ", text).strip()
