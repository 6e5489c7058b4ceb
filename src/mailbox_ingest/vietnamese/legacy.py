"""Vietnamese text from before Unicode, and Unicode read wrongly: TCVN3, VNI, VIQR, windows-1258, mojibake.

Convert before any cleaning: TCVN3 writes 'ư' as U+00AD, which cleaners take for a soft hyphen. Decide once for a document, never for
a cell: one word is right in three cases of four, eight words in 99.6 of 100. Text that reads as Vietnamese, English or numbers is
never changed.
"""

from __future__ import annotations

import re
from enum import StrEnum

from mailbox_ingest.vietnamese import mojibake
from mailbox_ingest.vietnamese.fold import nfc
from mailbox_ingest.vietnamese.legacy_tables import TCVN3, VNI, VNI_PATTERN, to_single_bytes, viqr_to_unicode
from mailbox_ingest.vietnamese.syllables import count_marked, is_syllable, words


class Encoding(StrEnum):
    """How the characters of a text are to be understood."""

    UNICODE = "unicode"
    TCVN3 = "tcvn3"  # ABC, .VnTime
    VNI = "vni"
    VIQR = "viqr"
    CP1258 = "cp1258"  # windows-1258 bytes shown as Latin-1 or windows-1252
    MOJIBAKE = "mojibake"  # UTF-8 bytes shown as Latin-1, windows-1252 or windows-1258


_CERTAIN = re.compile(r"[\u1ea0-\u1ef9]")
_WRONG_LETTERS = re.compile(
    r"[\x80-\xff\uf080-\uf0ff\u0102\u0103\u0110\u0111\u01a0\u01a1\u01af\u01b0\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192]"
)
_SIGN_IN_WORD = re.compile(r"[^\W\d_][\xa1-\xac\xae-\xbf\xd7\xf7][^\W\d_]")  # 'c«ng': a letter of TCVN3 that Unicode has as a sign
_TCVN3_FONT = re.compile(r"\.?vn(?!i\b|i-|-)", re.IGNORECASE)
_VNI_FONT = re.compile(r"vni[-_ ]", re.IGNORECASE)
_VIQR_SHAPE = re.compile(r"(?:[aeo]\^|a\(|[ou]\+)['`?~.]?|\bdd[aeiouy]", re.IGNORECASE)
_SAMPLE_CHARS = 20_000
_MIN_WORDS = 3
_MIN_SHARE = 0.8


def to_unicode(text: str, encoding: Encoding) -> str:
    """The text as composed Unicode. Characters an encoding does not use stay as they are."""
    match encoding:
        case Encoding.TCVN3:
            return nfc(to_single_bytes(text).translate(TCVN3))
        case Encoding.VNI:
            return nfc(VNI_PATTERN.sub(lambda found: VNI[found[0]], to_single_bytes(text)))
        case Encoding.VIQR:
            return nfc(viqr_to_unicode(text))
        case Encoding.CP1258:
            return nfc(mojibake.read_as_cp1258(text))
        case Encoding.MOJIBAKE:
            return nfc(mojibake.repair(text))
        case Encoding.UNICODE:
            return nfc(text)


def detect(text: str) -> Encoding:
    """The encoding under which a whole document reads as Vietnamese; UNICODE wherever that is not clear.

    Counts valid syllables among the marked words under each hypothesis (LIBRARIES.md §4). Give it the raw text of the whole document.
    """
    sample = text[:_SAMPLE_CHARS]
    if sample.isascii():
        return Encoding.VIQR if _is_viqr(sample) else Encoding.UNICODE
    unmarked = len(_WRONG_LETTERS.findall(sample))
    if len(_CERTAIN.findall(sample)) * 20 > unmarked:
        return Encoding.UNICODE
    if mojibake.is_mojibake(sample):
        return Encoding.MOJIBAKE
    valid, invalid = count_marked(sample)
    invalid += len(_SIGN_IN_WORD.findall(sample))
    if valid >= _MIN_SHARE * (valid + invalid) and valid:
        return Encoding.UNICODE
    best, best_score = Encoding.UNICODE, valid - 2 * invalid
    for candidate in (Encoding.CP1258, Encoding.TCVN3, Encoding.VNI):
        converted = to_unicode(sample, candidate)
        valid, invalid = count_marked(converted)
        if valid < _MIN_WORDS or valid < _MIN_SHARE * (valid + invalid):
            continue
        score = valid - 2 * invalid
        if score > best_score:
            best, best_score = candidate, score
    return best


def repair(text: str) -> str:
    """A whole text, detected and converted in one step."""
    return to_unicode(text, detect(text))


def font_encoding(font: str | None) -> Encoding | None:
    """What a font's name says about its letters: TCVN3 for '.VnTime', VNI for 'VNI-Times', None for every other font."""
    if not font:
        return None
    name = font.strip()
    if _VNI_FONT.match(name):
        return Encoding.VNI
    if _TCVN3_FONT.match(name):
        return Encoding.TCVN3
    return None


def font_shows_capitals(font: str | None) -> bool:
    """'.VnTimeH' and its like draw small letters as capitals."""
    return bool(font) and font_encoding(font) is Encoding.TCVN3 and str(font).rstrip().endswith("H")


def confirm(text: str, claimed: Encoding) -> Encoding:
    """The encoding of all text set in fonts that claim `claimed`: Unicode where that clearly reads better.

    Clerks paste Unicode into a document whose style still names an old font; Word shows it in another font without saying so.
    """
    sample = text[:_SAMPLE_CHARS]
    if sample.isascii():
        return claimed
    as_claimed = count_marked(to_unicode(sample, claimed))[0]
    return Encoding.UNICODE if count_marked(sample)[0] > as_claimed else claimed


def _is_viqr(text: str) -> bool:
    """ASCII with vowel-circumflex, vowel-horn and dd in it, which turn into valid syllables."""
    if len(_VIQR_SHAPE.findall(text)) < _MIN_WORDS:
        return False
    marked = [word for word in words(viqr_to_unicode(text)) if not word.isascii()]
    valid = sum(map(is_syllable, marked))
    return valid >= _MIN_WORDS and valid >= 0.9 * len(marked) and valid * 5 >= len(words(text))
