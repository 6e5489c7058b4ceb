"""What a text says of the figures besides the figures: a correction, a doubt, another week, the form itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from mailbox_ingest.config import FormConfig
from mailbox_ingest.forms.dates import find_dates
from mailbox_ingest.forms.doubts import remark_in
from mailbox_ingest.forms.labels import label_reader, says
from mailbox_ingest.periods import Period
from mailbox_ingest.vietnamese.fold import fold, nfc


def says_correction(text: str, form: FormConfig) -> bool:
    """Whether a subject or body says that it replaces an earlier report."""
    return _says(text, form.correction_words)


def doubt_in(text: str, form: FormConfig) -> str | None:
    """The words by which a text doubts or takes back figures ('bản nháp', 'chưa bao gồm'), None where it does not."""
    flat = f" {fold(text)} "
    return next((word for word in form.hold_words if says(text, flat, word)), None) or remark_in(text)


def is_about(text: str, form: FormConfig) -> bool:
    """Whether a text names the form at all."""
    return _says(text, form.keywords) or label_reader(form).read(text) is not None


def weeks_named(text: str, *, year: int) -> frozenset[Period]:
    """The weeks that a file name or subject names ('Báo cáo tuần 34.docx')."""
    return frozenset(found.period for found in find_dates(nfc(text), year=year) if found.kind == "week" and found.period is not None)


def other_month_in(text: str, day: date) -> str | None:
    """The month that a subject or file name gives ('Báo cáo tháng 7') when it is not that of the day, or of a week before it."""
    for found in re.finditer(r"(?<!\d )\bthang (\d{1,2})\b", fold(text)):
        if 1 <= int(found[1]) <= 12 and int(found[1]) not in (day.month, (day - timedelta(days=7)).month):
            return found.group()
    return None


def _says(text: str, words: Iterable[str]) -> bool:
    flat = f" {fold(text)} "
    return any(says(text, flat, word) for word in words)
