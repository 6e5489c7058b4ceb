"""Bodies told by their kind, which no registry knows: 'CĐCS Trường THPT Gio Linh'. A report may be theirs and not the sender's.

Used where a text says whose the figures are: subject, file name, sheet, title, signature. What is only spoken of ('các CĐCS trực thuộc',
'25/28 CĐCS') names nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from mailbox_ingest.forms.units import expanded
from mailbox_ingest.model import NamedBody
from mailbox_ingest.vietnamese.fold import fold, nfc


def _words(text: str) -> frozenset[str]:
    """Words with their accents, and without them for texts that have none."""
    return frozenset(text.split()) | frozenset(f"{word}|" for word in fold(text).split())


_KINDS = tuple(
    tuple(kind.split())
    for kind in (
        "công đoàn cơ sở", "cđcs", "nghiệp đoàn", "trường", "thpt", "thcs", "ptdtnt", "tiểu học", "mầm non", "mẫu giáo", "xã", "phường",
        "thị trấn", "bệnh viện", "trung tâm", "trạm y tế", "công ty", "cty", "nhà máy", "xí nghiệp", "chi nhánh", "hợp tác xã", "htx",
        "doanh nghiệp", "khách sạn", "cửa hàng",
    )
)  # fmt: skip
_SCHOOLS = frozenset(("thpt", "thcs", "tieu", "mam", "mau", "cao", "trung", "dai", "mn", "th", "ptdtnt"))
# Before a kind, these say that nobody in particular is meant, or to whom it goes; a number counts bodies.
_NOBODY_BEFORE = _words("các những mọi số gửi qua nhiều một vài mỗi từng đến cho thuộc thị hợp tác môi hiện lập")
_NOBODY_AFTER = _words(
    "trực thuộc trong toàn các học hợp nội hội có đã chưa và số nhà ngoài nào này mình em tôi chúng cháu gửi báo cáo nộp khối trên"
    " hoặc cùng phải thì là được đều cũng đang sẽ gồm theo tại ở của về cài"
)
_ENDS = _words(
    "báo cáo bc gửi nộp về cài đặt bluezone tuần tháng ngày năm kết quả tình hình xin kính đề nghị qua tổng hợp có là gồm đến lần"
    " chính thức sửa theo từ đã chưa như sau này không còn thiếu chờ nên vì để thì đang vẫn"
)
# What a union's name shares with every other, and what a company's name may leave out.
_COMMON = re.compile(
    r"\b(?:cong doan co so|cong doan|lien doan lao dong|trach nhiem huu han|co phan|mot thanh vien|mtv|quang tri|tinh|nganh|va|cua)\b"
)
_OFFICES = frozenset(("cong", "ty", "chi", "nhanh"))
_WORD = re.compile(r"[^\W_]+")
_BREAK = re.compile(r"[,;:()/|\n]|\s[-–]\s|\.\s")
_MAX_WORDS = 14
_OWNER = re.compile(r"\b(?:của|cho|cua)\s+", re.IGNORECASE)


def bodies_in(text: str) -> tuple[str, ...]:
    """The bodies that a title, a subject or a file name names by their kind."""
    text = nfc(text).replace("_", " ")
    words = list(_WORD.finditer(text))
    spoken = [w.group().lower() for w in words]
    found: list[str] = []
    at = 0
    while at < len(words):
        kind = _kind_at(spoken, at, flat=text.isascii())
        end = _end_of_name(text, words, at, kind) if kind else at
        if end > at:
            found.append(text[words[at].start() : words[end - 1].end()])
        at = max(end, at + 1)
    return tuple(found)


def owners_in(text: str) -> tuple[str, ...]:
    """The bodies that running text gives figures to: 'số liệu của Trường THPT Gio Linh'."""
    text = nfc(text)
    rests = (text[m.end() : m.end() + 120] for m in _OWNER.finditer(text))
    return tuple(named[0] for rest in rests if (named := bodies_in(rest)) and rest.startswith(named[0]))


def resolved(texts: Iterable[str], names: Mapping[str, Sequence[str]]) -> tuple[NamedBody, ...]:
    """Each body once, with the units that it may be; `names` are the units' names and aliases, expanded."""
    return tuple(
        NamedBody(text=text, may_be=frozenset(code for code, known in names.items() if any(_is_part(text, name) for name in known)))
        for text in dict.fromkeys(texts)
    )


def _is_part(body: str, name: str) -> bool:
    """Whether every word of a body's own stands in the (expanded) name of a unit."""
    optional = frozenset() if "lien doan lao dong" in name else _OFFICES
    words = name.split()
    own = [w for w in _COMMON.sub(" ", expanded(body)).split() if w not in optional]
    rest = [w for w in own if w not in words]
    return bool(own) and (not rest or "".join(rest) in "".join(words))


def _kind_at(spoken: Sequence[str], at: int, *, flat: bool) -> int:
    """How many words the kind of body that begins here has; 0 where none does."""
    for kind in _KINDS:
        size = len(kind)
        if flat:
            if tuple(fold(" ".join(kind)).split()) != tuple(spoken[at : at + size]):
                continue
            # Without accents 'xa' may be 'xa', 'truong' 'trưởng', 'phuong' 'phương'.
            following = spoken[at + size] if at + size < len(spoken) else ""
            if kind in (("trường",), ("xã",), ("phường",)) and not (following in _SCHOOLS or (at and spoken[at - 1] in ("cdcs", "so"))):
                continue
            return size
        if kind == tuple(spoken[at : at + size]):
            return size
    return 0


def _end_of_name(text: str, words: Sequence[re.Match[str]], at: int, kind: int) -> int:
    """Where the name ends that begins with a kind at `at`; `at` where the kind is nobody's name."""
    flat = text.isascii()

    def spelt(word: str) -> str:
        return f"{word.lower()}|" if flat else word.lower()

    before = words[at - 1].group() if at else ""
    if spelt(before) in _NOBODY_BEFORE or before.isdigit():
        return at
    end = at + kind
    named = 0
    while end < len(words) and end - at < _MAX_WORDS and not _BREAK.search(text[words[end - 1].end() : words[end].start()]):
        further = _kind_at([w.group().lower() for w in words[end : end + 4]], 0, flat=flat)
        if further:
            end += further
            continue
        word = words[end].group()
        if spelt(word) in _ENDS or (len(word) > 2 and word.isdigit()) or (not named and spelt(word) in _NOBODY_AFTER):
            break
        if not named and not flat and not (word[0].isupper() or word.isdigit()):
            break
        named += 1
        end += 1
    return end if named else at
