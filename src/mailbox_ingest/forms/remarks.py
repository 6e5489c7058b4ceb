"""What a text says of the figures besides the figures: a correction, a doubt, another week, the form itself."""

from __future__ import annotations

import re
from datetime import date, timedelta

from mailbox_ingest.config import FormConfig
from mailbox_ingest.forms.dates import find_dates
from mailbox_ingest.forms.doubts import remark_in
from mailbox_ingest.forms.labels import label_reader, says, says_any
from mailbox_ingest.forms.notes import sentence_leaves_figures, speaks_of_a_part
from mailbox_ingest.periods import Period
from mailbox_ingest.vietnamese.fold import fold, nfc

_OF_LETTER = re.compile(
    r"\b(?:cong van|cv|van ban|vb|chi thi|ke hoach|kh|quyet dinh|qd|thong bao|theo|so \d+|han|truoc|thay|dinh chinh|lan truoc)\b"
)


def says_correction(text: str, form: FormConfig) -> bool:
    """Whether a subject or body says that it replaces an earlier report."""
    return says_any(text, form.correction_words)


def doubt_in(text: str, form: FormConfig) -> str | None:
    """The words by which a text doubts or takes back figures ('bản nháp', 'chưa bao gồm'), None where it does not."""
    flat = f" {fold(text)} "
    return next((word for word in form.hold_words if says(text, flat, word)), None) or remark_in(text)


def part_doubted_in(text: str, form: FormConfig, *, year: int) -> str | None:
    """The first sentence of a mail whose subject is a part of the body, in words that may leave its figures out."""
    labels = label_reader(form)
    for sentence in re.split(r"(?<=[.!?;])\s+|\n", nfc(text)):
        if not 8 <= len(sentence) <= 300 or sentence.rstrip().endswith(":") or labels.read_all(sentence):
            continue
        if speaks_of_a_part(sentence) and not sentence_leaves_figures(sentence, labels, year=year):
            return sentence.strip()
    return None


def names_other_form(text: str, form: FormConfig) -> bool:
    """Whether a subject or file name names what another report is about, and not what this one is."""
    return label_reader(form).is_of_another(text)


def is_about(text: str, form: FormConfig) -> bool:
    """Whether a text names the form at all."""
    return says_any(text, form.keywords) or label_reader(form).read(text) is not None


def weeks_named(text: str, *, year: int) -> frozenset[Period]:
    """The weeks that a file name or subject names ('Báo cáo tuần 34.docx')."""
    return frozenset(found.period for found in find_dates(nfc(text), year=year) if found.kind == "week" and found.period is not None)


def days_named(text: str, *, year: int) -> tuple[date, ...]:
    """The days that a subject or file name gives its report ('Báo cáo ngày 12/8'); days of letters that it refers to are none."""
    text = nfc(text)
    found = [d for d in find_dates(text, year=year) if d.kind in ("date", "as_of", "letter_date") and d.day is not None]
    return tuple(d.day for d in found if d.day is not None and not _OF_LETTER.search(fold(text[: d.start])))


def other_month_in(text: str, day: date) -> str | None:
    """The month that a subject or file name gives ('Báo cáo tháng 7') when it is not that of the day, or of a week before it."""
    recent = (day.month, (day - timedelta(days=7)).month)
    for found in re.finditer(r"(?<!\d )\b(?:thang |(?P<short>t))(\d{1,2})\b", fold(text)):
        month = int(found[2])
        # 'T6' may be Friday, 'T10' the tenth week.
        if found["short"] and month in (day.isoweekday() + 1, day.isocalendar().week, day.isocalendar().week - 1):
            continue
        if 1 <= month <= 12 and month not in recent:
            return found.group()
    return None
