"""The grammar of Vietnamese syllables: onset, rime, tone. Tells Vietnamese from text read under a wrong encoding; knows no dictionary."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f]+[^\W\d_]*)*")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_STOP_TONES = frozenset("\u0301\u0323")  # a rime that ends in a stop takes the acute or the dot, nothing else
_VOWELS = frozenset("aăâeêioôơuưy")

_ONSET_LIST = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
_RIME_LIST = """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êng êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
    o oc oi om on ong op ot oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăp oăt oe oem oen oeo oet ooc oong
    ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u uc ui um un ung up ut ua uâc uân uâng uât uây uê uêch uên uênh uêt uêu uơ uơn uơt uy uya uych uyên uyêt uyêc uynh uyt uyn uyp uyu
    uôc uôi uôm uôn uông uôt ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
    y ych yn ynh yt yu yêm yên yêng yêt yêu
"""
_ONSETS = frozenset(["", *_ONSET_LIST.split()])
_RIMES = frozenset(_RIME_LIST.split())
_STOPS = ("c", "ch", "p", "t")


def words(text: str) -> list[str]:
    """The words of a text: letters with their combining marks, in the order they stand."""
    return _WORD.findall(text)


@lru_cache(maxsize=8192)
def is_syllable(word: str) -> bool:
    """Whether a word can be one Vietnamese syllable, in any case and normal form; unaccented words may be ('bao', 'cao')."""
    tones = []
    bare = []
    for char in unicodedata.normalize("NFD", word.lower()):
        if char in _TONES:
            tones.append(char)
        else:
            bare.append(char)
    if len(tones) > 1:
        return False
    base = unicodedata.normalize("NFC", "".join(bare))
    for length in range(min(3, len(base)), -1, -1):
        onset, rime = base[:length], base[length:]
        if onset in _ONSETS and (rime in _RIMES or (not rime and onset == "gi")):
            return not (tones and rime.endswith(_STOPS) and tones[0] not in _STOP_TONES)
    return False


def has_vowel(word: str) -> bool:
    """Abbreviations such as LĐLĐ have none: they say nothing about an encoding."""
    return any(unicodedata.normalize("NFD", char)[0] in _VOWELS or char in _VOWELS for char in word.lower())


def count_marked(text: str) -> tuple[int, int]:
    """(valid, invalid) among the words that carry a letter outside ASCII: how well a text reads as Vietnamese.

    Single letters do not count: under a wrong table a dot in the middle of a line becomes the syllable 'ã'.
    """
    valid = invalid = 0
    for word in words(text):
        if len(word) < 2 or word.isascii():
            continue
        if is_syllable(word):
            valid += 1
        elif has_vowel(word):
            invalid += 1
    return valid, invalid


def share_valid(text: str) -> float | None:
    """The share of all words of two letters and more that are syllables; None for a text without such words.

    Real Vietnamese lies above 0.8 with or without accents; what a junk OCR layer leaves behind lies far below.
    """
    candidates = [word for word in words(text) if len(word) > 1 and has_vowel(word)]
    if not candidates:
        return None
    return sum(map(is_syllable, candidates)) / len(candidates)
