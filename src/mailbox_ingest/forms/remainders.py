"""What is left of a whole: 'Chưa cài đặt: 864'. No figure that is asked for, but a witness to two that are."""

from __future__ import annotations

import re

from mailbox_ingest.forms.clauses import EARLIER, PLANNED
from mailbox_ingest.forms.labels import LabelReader
from mailbox_ingest.vietnamese.fold import fold

_LEFT = frozenset(("chua", "khong", "con", "lai", "nhung"))
_NOT = frozenset(("chua", "khong"))
# 'Chưa cài', 'không có điện thoại' leave nobody out; 'không cài được' may be some of those who have not installed yet.
_ALL = re.compile(r"\bchua\b|\bkhong (?:co|su dung|dung|trang bi)\b")
_WORD = re.compile(r"\w+", re.UNICODE)


def remainder_of(text: str, labels: LabelReader, *, fuzzy: bool = False) -> tuple[str, bool] | None:
    """(field whose rest the text names, whether it names all of the rest); None where it names no rest."""
    flat = fold(text)
    if _NOT.isdisjoint(flat.split()) or EARLIER.search(flat) or PLANNED.search(flat):
        return None
    label = labels.read(_WORD.sub(lambda m: " " if fold(m.group()) in _LEFT else m.group(), text), fuzzy=fuzzy)
    if label is None:
        return None
    return label.field, label.explained and not fuzzy and _ALL.search(flat) is not None
