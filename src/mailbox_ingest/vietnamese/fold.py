"""Folding: two spellings of the same Vietnamese words become the same string (accents, tone placement, case, punctuation)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SPACES = re.compile(r"\s+")
_NOT_WORD = re.compile(r"[^0-9a-z%]+")
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]+")
_REMEMBERED_CHARACTERS = 400  # a line or a cell, which is looked at from many sides; longer texts are not worth the memory


def nfc(text: str) -> str:
    """Composed Unicode without invisible characters."""
    return text if text.isascii() else _INVISIBLE.sub("", unicodedata.normalize("NFC", text))


def strip_accents(text: str) -> str:
    """'Hướng Hoá' -> 'Huong Hoa'; đ/Đ become d/D. Length may change for decomposed input."""
    bare = text if text.isascii() else text.translate(_BARE)
    if bare.isascii():
        return bare
    return "".join(c for c in unicodedata.normalize("NFD", bare) if not unicodedata.combining(c))


def _base(letter: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", letter) if not unicodedata.combining(c))


# Every precomposed Latin letter, so that Vietnamese text loses its accents in one pass and keeps its length.
_BARE = {code: base for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)) if (base := _base(chr(code))) != chr(code)} | {
    ord("đ"): "d",
    ord("Đ"): "D",
}


def fold(text: str) -> str:
    """Lower-case words without accents or punctuation, single spaces: the form in which words are compared.

    >>> fold("LĐLĐ TX. Quảng Trị")
    'ldld tx quang tri'
    """
    return _remembered(text) if len(text) <= _REMEMBERED_CHARACTERS else _folded(text)


def _folded(text: str) -> str:
    return _NOT_WORD.sub(" ", strip_accents(nfc(text)).lower()).strip()


_remembered = lru_cache(maxsize=8192)(_folded)


def squeeze(text: str) -> str:
    """One line, single spaces."""
    return _SPACES.sub(" ", text).strip()
