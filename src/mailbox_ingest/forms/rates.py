"""Which share a text names: 'Tỷ lệ cài đặt/số có điện thoại thông minh'. The share itself is no figure that is asked for, but a witness."""

from __future__ import annotations

import re

from mailbox_ingest.forms.clauses import EARLIER, PLANNED
from mailbox_ingest.forms.labels import LabelReader
from mailbox_ingest.vietnamese.fold import fold

_OF = re.compile(r"\s*/\s*|\s+(?:trên|tren|so với|so voi)\s+", re.IGNORECASE)


def rate_of(text: str, labels: LabelReader, *, fuzzy: bool = False) -> tuple[str, str | None] | None:
    """(field whose share the text names, the whole it is of where it says so); None where it names no share of this week."""
    flat = fold(text)
    if EARLIER.search(flat) or PLANNED.search(flat):
        return None
    label = labels.read(text, ignore_percent_words=True, fuzzy=fuzzy)
    if label is not None:
        return label.field, None
    part, *whole = _OF.split(text, maxsplit=1)
    share = labels.read(part, ignore_percent_words=True, fuzzy=fuzzy) if whole else None
    if share is None:
        return None
    base = labels.read(whole[0], fuzzy=fuzzy)
    return share.field, base.field if base is not None and base.field != share.field else None
