"""Which field of a form a text names: an alternative of its labels must occur, and none of its excluding phrases may."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, Levenshtein

from mailbox_ingest.config import FieldConfig, FormConfig
from mailbox_ingest.vietnamese.fold import fold, nfc
from mailbox_ingest.vietnamese.syllables import is_syllable

_WORD = re.compile(r"\w+|%", re.UNICODE)
_LIST_MARK = re.compile(r"^(?:\d{1,2}|[abc]|d(?! c\b)|[ivx]{1,4}) ")
_FORGIVEN_WORDS = 4  # of a label read by OCR
_FUZZY_FLOOR = 90  # OCR loses an accent or a letter of a phrase, not more
_FUZZY_MIN_LENGTH = 9  # shorter phrases turn into each other by one letter
_LONG_WORD = re.compile(r"[A-Za-z]{6,}")
_MENDED_MIN_LENGTH = 8
_REMEMBERED_CHARACTERS = 400  # the labels of a form come again in every letter; longer texts are not worth the memory


@dataclass(frozen=True, slots=True)
class Label:
    """A field named by a text.

    `explained` is False where the text has words that the form does not know: they may change what is counted ('số người thân đã cài').
    """

    field: str
    fuzzy: bool = False
    explained: bool = True


@dataclass(frozen=True, slots=True)
class _Phrase:
    base: str  # folded, padded with spaces
    keys: tuple[str, ...]  # one key a word: its letters and its accents, in any placement
    accented: bool


@dataclass(frozen=True, slots=True)
class _FieldLabels:
    field: FieldConfig
    alternatives: tuple[tuple[_Phrase, ...], ...]
    excludes: tuple[_Phrase, ...]


class LabelReader:
    """The labels of a form's fields, compiled once."""

    def __init__(
        self, fields: tuple[FieldConfig, ...], words: tuple[str, ...], keywords: tuple[str, ...] = (), others: tuple[str, ...] = ()
    ) -> None:
        self._keywords, self._others = keywords, tuple((word, f" {fold(word)} ") for word in others)
        self._words, self._phrases, self._parts = _known(fields, words)
        texts = [p for f in fields for alternative in f.labels for p in alternative] + [
            t for f in fields for t in (f.title, f.short_title, f.unit)
        ]
        self._spellings = frozenset(w for text in (*texts, *words) for w in _WORD.findall(nfc(text).lower()))
        # Words of other languages, long enough that a slip of typing makes no other word of them.
        self._foreign = frozenset(w for w in self._spellings if len(w) >= _MENDED_MIN_LENGTH and w.isascii() and not is_syllable(w))
        excluding = {x for f in fields for e in f.excludes if len((x := fold(e)).split()) == 1 and len(x) >= 4}
        self._excluding = frozenset(excluding - self._words - self._parts)
        self._fields = tuple(
            _FieldLabels(
                field,
                tuple(tuple(_phrase(p) for p in alternative) for alternative in field.labels),
                tuple(_phrase(p) for p in field.excludes),
            )
            for field in fields
        )
        self._remembered = functools.lru_cache(maxsize=4096)(self._named)

    def read(self, text: str, *, ignore_percent_words: bool = False, fuzzy: bool = False) -> Label | None:
        """The field that `text` names, or None when it names none or more than one.

        `ignore_percent_words` reads 'Tỷ lệ đã cài' as naming the field whose share it is. `fuzzy` allows for letters that OCR got wrong.
        """
        found = self.read_all(text, ignore_percent_words=ignore_percent_words, fuzzy=fuzzy)
        return found[0] if len(found) == 1 else None

    def read_all(self, text: str, *, ignore_percent_words: bool = False, fuzzy: bool = False) -> tuple[Label, ...]:
        """Every field whose labels fit `text`; more than one means that the text is ambiguous."""
        named = self._remembered if len(text) <= _REMEMBERED_CHARACTERS else self._named
        return named(text, ignore_percent_words, fuzzy)

    def _named(self, text: str, ignore_percent_words: bool, fuzzy: bool) -> tuple[Label, ...]:
        text = text if fuzzy else self._mended(text)
        subject = _phrase(text) if len(text) <= _REMEMBERED_CHARACTERS else _new_phrase(text)
        if not subject.base.strip():
            return ()
        found: list[Label] = []
        if self.is_of_another(text):
            return ()  # 'Số đã cài đặt NCOVI'
        for item in self._fields:
            if any(
                _occurs(subject, phrase, fuzzy=fuzzy)
                for phrase in item.excludes
                if (fuzzy or phrase.base in subject.base) and not (ignore_percent_words and phrase.base.strip() in _PERCENT_WORDS)
            ):
                continue
            if any(_fits(subject, alternative, fuzzy=fuzzy) for alternative in item.alternatives):
                explained = self.explains(text, ignore_percent_words=ignore_percent_words, fuzzy=fuzzy)
                found.append(Label(item.field.name, fuzzy, explained))
        return tuple(found)

    def is_of_another(self, text: str) -> bool:
        """Whether a label or title names what another report is about ('ứng dụng NCOVI') and not what this one is."""
        flat = f" {fold(text)} "
        if not any(folded in flat and says(text, flat, word) for word, folded in self._others):
            return False
        return not any(says(text, flat, word) for word in self._keywords)

    def explains(self, text: str, *, ignore_percent_words: bool = False, fuzzy: bool = False, also: frozenset[str] = frozenset()) -> bool:
        """Whether every word of `text` is known to the form; list marks and numbers do not count.

        Words that are known only in a phrase ('toàn đơn vị') explain nothing alone ('số đơn vị đã cài'). `fuzzy` forgives a few letters.
        """
        words = _LIST_MARK.sub("", fold(text if fuzzy else self._mended(text))).split()
        covered = self._covered(words)
        forgiven = _FORGIVEN_WORDS if fuzzy else 0
        for at, word in enumerate(words):
            if at in covered or word.isdigit():
                continue
            if self._may_exclude(word, text, fuzzy=fuzzy):
                return False
            if word in self._words or word in also:
                continue
            if ignore_percent_words and word in _PERCENT_PARTS:
                continue
            forgiven -= 1
            if forgiven < 0 or word in self._parts or not _nearly(word, self._words | self._parts):
                return False
        return True

    def _mended(self, text: str) -> str:
        """The text with slips in long foreign words undone: 'smarphone', 'Bluzone'."""
        return _LONG_WORD.sub(lambda m: self._nearest(m.group()), text) if self._foreign else text

    def _nearest(self, word: str) -> str:
        small = word.lower()
        if small in self._spellings or is_syllable(small):
            return word
        near = [w for w in self._foreign if OSA.distance(small, w, score_cutoff=2) <= (1 if len(w) < 10 else 2)]
        return near[0] if len(near) == 1 else word

    def _may_exclude(self, word: str, text: str, *, fuzzy: bool) -> bool:
        """Whether a word outside every known phrase may have been an excluding one: 'cưa' for 'chưa'. Typed text says so by its accents."""
        if not fuzzy and text.isascii():
            return False
        slips = 1 if is_syllable(word) else 2  # what is no word at all lost more than one letter's shape
        if len(word) < 2 or not any(OSA.distance(word, e, score_cutoff=slips) <= slips for e in self._excluding):
            return False
        tokens = [token for token in _WORD.findall(nfc(text).lower()) if fold(token) == word]
        return not any(token in self._spellings or (token.isascii() and not fuzzy) for token in tokens)

    def _covered(self, words: list[str]) -> set[int]:
        """Positions of words that stand in a known phrase; phrases may overlap."""
        found: set[int] = set()
        for at, word in enumerate(words):
            for phrase in self._phrases.get(word, ()):
                if tuple(words[at : at + len(phrase)]) == phrase:
                    found.update(range(at, at + len(phrase)))
        return found


_PERCENT_PARTS = frozenset(("%", "ty", "ti", "le", "phan", "tram"))
_PERCENT_WORDS = frozenset(("%", "ty le", "ti le", "phan tram"))


def label_reader(form: FormConfig) -> LabelReader:
    """The compiled labels of a form."""
    return _compiled(form.fields, form.label_words, form.keywords, form.other_keywords)


@functools.lru_cache(maxsize=64)
def _compiled(fields: tuple[FieldConfig, ...], words: tuple[str, ...], keywords: tuple[str, ...], others: tuple[str, ...]) -> LabelReader:
    return LabelReader(fields, words, keywords, others)


def _known(
    fields: tuple[FieldConfig, ...], words: tuple[str, ...]
) -> tuple[frozenset[str], dict[str, list[tuple[str, ...]]], frozenset[str]]:
    """(words known alone, known phrases by their first word, words known only inside phrases)."""
    labels = (phrase for field in fields for alternative in field.labels for phrase in alternative)
    titles = (title for field in fields for title in (field.title, field.short_title, field.form_label, field.unit))
    split = {tuple(fold(text).split()) for text in (*labels, *titles, *words)} - {()}
    single = frozenset(text[0] for text in split if len(text) == 1)
    phrases: dict[str, list[tuple[str, ...]]] = {}
    for text in split:
        if len(text) > 1:
            phrases.setdefault(text[0], []).append(text)
    return single, phrases, frozenset(w for text in split for w in text) - single


def _nearly(word: str, known: frozenset[str]) -> bool:
    """Whether OCR may have made `word` of a known one."""
    # 'thân' is a word of its own, one letter away from known ones: only what is no word at all can be a slip of OCR.
    if is_syllable(word):
        return False
    return len(word) == 1 or (len(word) > 3 and process.extractOne(word, known, scorer=Levenshtein.distance, score_cutoff=1) is not None)


def _new_phrase(text: str) -> _Phrase:
    words = [w for w in _WORD.findall(nfc(text).lower()) if w != "_"]
    keys = tuple(_key(w) for w in words)
    return _Phrase(f" {fold(text)} ", keys, any("|" in k and not k.endswith("|") for k in keys))


_phrase = functools.lru_cache(maxsize=4096)(_new_phrase)


def _key(word: str) -> str:
    """Letters and accents of a word, whatever their placement: 'hóa' and 'hoá' have one key, 'nữ' and 'nu' two."""
    decomposed = unicodedata.normalize("NFD", word)
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    marks = "".join(sorted(c for c in decomposed if unicodedata.combining(c)))
    return f"{letters.replace('đ', 'd')}|{marks}{'đ' * letters.count('đ')}"


def _fits(subject: _Phrase, alternative: tuple[_Phrase, ...], *, fuzzy: bool) -> bool:
    if not fuzzy and alternative and alternative[0].base not in subject.base:
        return False  # nearly always
    return bool(alternative) and all(_occurs(subject, p, fuzzy=fuzzy) for p in alternative)


def says(text: str, flat: str, phrase: str) -> bool:
    """Whether a text holds a phrase; `flat` is the text folded, with a space at both ends. Where both have accents, these must agree:
    'rút báo cáo' does not stand in 'Tà Rụt báo cáo'."""
    return f" {fold(phrase)} " in flat and _occurs(_new_phrase(text), _phrase(phrase), fuzzy=False)


def says_any(text: str, phrases: Iterable[str]) -> bool:
    """Whether a text holds one of some phrases."""
    flat = f" {fold(text)} "
    return any(says(text, flat, phrase) for phrase in phrases)


def _occurs(subject: _Phrase, phrase: _Phrase, *, fuzzy: bool) -> bool:
    if phrase.base not in subject.base:
        wanted = phrase.base.strip()
        long_enough = len(wanted) >= _FUZZY_MIN_LENGTH and len(subject.base) >= len(wanted)
        return fuzzy and long_enough and fuzz.partial_ratio(wanted, subject.base) >= _FUZZY_FLOOR
    if not (subject.accented and phrase.accented) or fuzzy:
        return True
    # Where a word is written with accents, they must agree: 'nữ' (women) is not 'nu', and 'công đoàn viễn thông' has no 'đoàn viên'.
    size = len(phrase.keys)
    return any(
        all(
            have == want or (have.endswith("|") and want.startswith(have))
            for have, want in zip(subject.keys[i:], phrase.keys, strict=False)
        )
        for i in range(len(subject.keys) - size + 1)
    )
