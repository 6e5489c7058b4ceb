"""Unit names in text -> units of the registry. Knows how Vietnamese bodies abbreviate themselves; refuses what is not clearly one unit.

The trap: every letterhead names the superior body ('LIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG TRỊ'), which is no unit, while 'LĐLĐ thị xã Quảng
Trị' is one. So superiors are matched as names of their own, and the longest name at a place wins.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from rapidfuzz import fuzz, process

from mailbox_ingest.model import Unit
from mailbox_ingest.vietnamese.fold import fold

# Longest first: 'cong doan co so' before 'cong doan'. Keys are folded words; values what they stand for.
_ABBREVIATIONS = {
    "ldld": "lien doan lao dong",
    "ld ld": "lien doan lao dong",
    "lien doan ld": "lien doan lao dong",
    "cdcs": "cong doan co so",
    "cd cs": "cong doan co so",
    "cdn": "cong doan nganh",
    "cdvc": "cong doan vien chuc",
    "cd": "cong doan",
    "tp": "thanh pho",
    "tx": "thi xa",
    "h": "huyen",
    "nn": "nong nghiep",
    "ptnt": "phat trien nong thon",
    "gtvt": "giao thong van tai",
    "bhxh": "bao hiem xa hoi",
    "nhnn": "ngan hang nha nuoc",
    "kbnn": "kho bac nha nuoc",
    "gd": "giao duc",
    "gddt": "giao duc va dao tao",
    "kkt": "khu kinh te",
    "bv": "benh vien",
    "bvdk": "benh vien da khoa",
    "cty": "cong ty",
    "ct": "cong ty",
    "cp": "co phan",
    "tnhh": "trach nhiem huu han",
    "cdsp": "cao dang su pham",
    "qt": "quang tri",
    "nm": "nha may",
    "ubnd": "uy ban nhan dan",
}
_LEVEL_WORDS = ("huyen dao", "huyen", "thanh pho", "thi xa", "tinh")
_DROPPED_WORDS = frozenset(("va", "cua", "dao"))
_MATCH_FLOOR = 90.0
_MATCH_MARGIN = 4.0
_MIN_FIND_LETTERS = 9  # shorter names ('CĐ Y tế' is 10) are found in running text by chance


@dataclass(frozen=True, slots=True)
class UnitMatch:
    """A name recognised in a text. `code` is None for a superior body. `score` is 0–100; 100 is exact after folding and expansion."""

    code: str | None
    score: float
    start: int = 0
    end: int = 0


class UnitMatcher:
    """All names of a registry and of the bodies above it, folded and expanded once."""

    def __init__(self, units: Iterable[Unit], superiors: Iterable[str]) -> None:
        units = tuple(units)
        # The names of each unit, written out; what a body told by its kind is held against.
        self.written_out = {unit.code: tuple(expanded(name) for name in (unit.name, *unit.aliases)) for unit in units}
        names: dict[str, set[str | None]] = {}
        short: dict[str, set[str | None]] = {}
        for unit in units:
            for name in (unit.name, *unit.aliases):
                names.setdefault(_key(name), set()).add(unit.code)
                for variant in _variants(name):
                    short.setdefault(variant, set()).add(unit.code)
        for name in superiors:
            names.setdefault(_key(name), set()).add(None)
            for variant in _variants(name):
                short.setdefault(variant, set()).add(None)
        # A name that two bodies share says nothing; a shortened one counts only when it is nobody's full name and one body's.
        self._names: dict[str, str | None] = {k: next(iter(v)) for k, v in names.items() if len(v) == 1}
        self._names.update({k: next(iter(v)) for k, v in short.items() if len(v) == 1 and k not in names})
        self._names.pop("", None)
        self._keys = sorted(self._names, key=len, reverse=True)
        self._rank = {key: rank for rank, key in enumerate(self._keys) if len(key) >= _MIN_FIND_LETTERS}
        self._longest = len(self._keys[0]) if self._keys else 0
        self._heads = frozenset(key[:_MIN_FIND_LETTERS] for key in self._rank)

    def match(self, line: str) -> UnitMatch | None:
        """The body that the whole of `line` names, small typos allowed; None when it names none, or when two are equally near."""
        key = _key(line)
        if not key:
            return None
        if key in self._names:
            return UnitMatch(self._names[key], 100.0, 0, len(line))
        near = process.extract(key, self._keys, scorer=fuzz.ratio, limit=6, score_cutoff=_MATCH_FLOOR - 6)
        ranked: dict[str | None, float] = {}
        for name, score, _ in near:
            if re.findall(r"\d+", name) != re.findall(r"\d+", key):
                continue  # bodies that differ in a number are different bodies
            code = self._names[name]
            ranked[code] = max(ranked.get(code, 0.0), min(score, _tail_ratio(key, name)))
        best = sorted(ranked.items(), key=lambda item: -item[1])
        if not best or best[0][1] < _MATCH_FLOOR - 4:
            return None
        if len(best) > 1 and best[0][1] - best[1][1] < _MATCH_MARGIN:
            return None
        return UnitMatch(best[0][0], best[0][1], 0, len(line))

    def find(self, text: str) -> tuple[UnitMatch, ...]:
        """Every body whose full name stands in `text`, exact after folding; the longest name wins where names overlap."""
        words = expanded(text).split()
        kept = [w for w in words if w not in _DROPPED_WORDS]
        joined = "".join(kept)
        edges = [0, *accumulate(len(word) for word in kept)]
        candidates: list[tuple[int, int, int]] = []
        for first, start in enumerate(edges):
            if joined[start : start + _MIN_FIND_LETTERS] not in self._heads:
                continue
            for end in edges[first + 1 :]:
                if end - start > self._longest:
                    break
                rank = self._rank.get(joined[start:end])
                if rank is not None:
                    candidates.append((rank, start, end))
        found: list[UnitMatch] = []
        for rank, start, end in sorted(candidates):
            if not any(m.start < end and start < m.end for m in found):
                found.append(UnitMatch(self._names[self._keys[rank]], 100.0, start, end))
        return tuple(sorted(found, key=lambda m: m.start))

    def issuer(self, lines: tuple[str, ...]) -> UnitMatch | None:
        """The body that signs a letter, from the lines of its letterhead: the last name wins, for superiors stand above.

        Names wrapped over lines are joined. None when the last line belongs to no known name: then the letter is another body's, even
        when a unit of ours stands above it.
        """
        if len(lines) > 1 and _key(lines[-1]) in _BARE:
            # 'TRƯỜNG CAO ĐẲNG SƯ PHẠM' over 'CÔNG ĐOÀN': the union of that school.
            named = self.match(f"{lines[-1]} {lines[-2]}")
            if named is not None and named.code is not None:
                return named
        for size in range(min(4, len(lines)), 0, -1):
            joined = " ".join(lines[-size:])
            if _key(joined) in self._names:
                return UnitMatch(self._names[_key(joined)], 100.0)
        best: UnitMatch | None = None
        for size in range(1, min(4, len(lines)) + 1):
            match = self.match(" ".join(lines[-size:]))
            if match is not None and (best is None or match.score > best.score):
                best = match
        return best


def expanded(text: str) -> str:
    """Folded words with abbreviations written out."""
    flat = f" {fold(text)} "
    flat = flat.replace(" ld ld ", " ldld ").replace(" cd cs ", " cdcs ").replace(" cd nganh ", " cdn ").replace(" gd dt ", " gddt ")
    return " ".join(_ABBREVIATIONS.get(word, word) for word in flat.split())


def _key(text: str) -> str:
    """The expanded name without spaces, so that 'Đa Krông' and 'Đakrông' are one."""
    return "".join(w for w in expanded(text).split() if w not in _DROPPED_WORDS)


def _variants(name: str) -> set[str]:
    """Shorter ways to write a name: without its level word ('LĐLĐ Vĩnh Linh'), 'ngành', or 'tỉnh' and 'Quảng Trị' at the end."""
    words = expanded(name)
    variants = set()
    for level in _LEVEL_WORDS:
        variants.add(_key(re.sub(rf"\b{level}\b", " ", words)))
    variants.add(_key(re.sub(r"^cong doan nganh\b", "cong doan", words)))
    variants.add(_key(re.sub(r"^cong doan (?!nganh|co so|vien chuc)", "cong doan nganh ", words)))
    variants.add(_key(re.sub(r"^cong doan co so\b", "cong doan", words)))
    variants.add(_key(re.sub(r"\btinh$", "tinh quang tri", words)))
    variants.add(_key(re.sub(r"\bquang tri$", "tinh quang tri", words)) if "tinh quang tri" not in words else "")
    variants.add(_key(re.sub(r"\b(?:tinh )?quang tri$|\btinh$", "", words)))
    variants.discard(_key(name))
    variants.discard("")
    # A name that lost its own words ('cong doan') names nobody.
    return {v for v in variants if v not in _BARE}


_BARE = frozenset(("congdoan", "congdoannganh", "congdoancoso", "liendoanlaodong", "liendoanlaodongtinh", "congdoantinh"))


def _tail_ratio(left: str, right: str) -> float:
    """Likeness of what is left when the common beginning (the type of body) is gone: short names must not pass on a long prefix."""
    shared = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        shared += 1
    start = max(0, min(shared, max(len(left), len(right)) - 8))
    return max(fuzz.ratio(left[start:], right[start:]), 0.0) if start else fuzz.ratio(left, right)


def duplicate_names(units: Iterable[Unit]) -> tuple[str, ...]:
    """Names or aliases that two units share once folded: a registry that has them cannot tell those units apart."""
    counted: Counter[str] = Counter()
    shown: dict[str, str] = {}
    for unit in units:
        for key in {_key(n) for n in (unit.name, *unit.aliases)}:
            counted[key] += 1
            shown.setdefault(key, unit.name)
    return tuple(shown[k] for k, n in counted.items() if n > 1)
