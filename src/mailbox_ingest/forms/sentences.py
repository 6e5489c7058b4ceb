"""Figures in running text: 'Tổng số đoàn viên, người lao động: 309', 'có 38 đoàn viên, đã cài 26/33 máy, đạt 78,8%'.

Reads lines in their order: a label whose number stands on the next line, and headings that govern the list below them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mailbox_ingest.config import FormConfig
from mailbox_ingest.forms.clauses import CORRECTED, EARLIER, LIST_MARK, PLANNED
from mailbox_ingest.forms.labels import LabelReader, label_reader
from mailbox_ingest.forms.leads import announces, governed_by
from mailbox_ingest.forms.line_reader import INTRO, LineReader, Prose
from mailbox_ingest.forms.numbers import parse_count
from mailbox_ingest.forms.tabular import Line
from mailbox_ingest.model import FieldReading, StatedPercentage, StatedRemainder
from mailbox_ingest.vietnamese.fold import fold

__all__ = ["Prose", "read_lines"]

_BARE_SERIAL = re.compile(r"\s*(\d{1,2})\s+([^\W\d+].*\d.*|\+\s.*\d.*)", re.DOTALL)
_LAST_TIME = re.compile(r"^(?:so (?:voi|lieu) )?(?:tuan|ky|lan|thang|bao cao|quy|nam) truoc\W*$")


def read_lines(lines: Sequence[Line], form: FormConfig, *, document: str, year: int, reader: str = "", method: str = "line") -> Prose:
    """Reads lines one by one. A heading governs what follows it: 'Số liệu tuần trước:' is skipped, 'Phấn đấu:' is never certain."""
    labels = label_reader(form)
    values: list[FieldReading] = []
    percentages: list[StatedPercentage] = []
    remainders: list[StatedRemainder] = []
    speakers: list[Line] = []
    ambiguous = skip = planned = below = False
    governing: Line | None = None
    for line in _joined(_without_serials(lines, labels), labels):
        listed = bool(LIST_MARK.match(line.text))
        if _is_heading(line.text, labels):
            flat = fold(line.text)
            skip = bool(EARLIER.search(flat)) and not CORRECTED.search(flat)
            known, body = announces(line.text, labels, year=year)
            planned = bool(PLANNED.search(flat)) or not known
            governing = None if body is None else Line(body, line.place, line.confidence, line.cell)
            below = True
            continue
        if (skip and listed) or _LAST_TIME.match(fold(LIST_MARK.sub("", line.text)[: line.text.find(":")])):
            continue
        governed = listed or not line.text.strip() or below
        below = below and (not line.text.strip() or bool(labels.read_all(line.text)))
        governing = governing if governed else None
        one = LineReader(line, form, labels, document=document, year=year, reader=reader, method=method).read()
        doubt = (planned or skip) and governed
        skip = skip and governed and not listed
        planned = planned and governed
        values += [replace(v, certain=False) for v in one.values] if doubt else one.values
        percentages += one.percentages
        remainders += () if doubt else one.remainders
        speakers += one.speakers
        if governing is not None and one.values and governing not in speakers:
            speakers.append(governing)
        ambiguous = ambiguous or one.ambiguous
    return Prose(tuple(values), tuple(percentages), tuple(remainders), tuple(speakers), ambiguous)


def _is_heading(text: str, labels: LabelReader) -> bool:
    """A line that announces what follows: it ends with a colon and is no field left blank."""
    if not re.search(r":\s*$", text):
        return bool(re.search(r"\bbao cao\W*$", fold(text))) and governed_by(re.sub(r"\W+$", "", text) + ":") is not None
    label = labels.read(LIST_MARK.sub("", text))
    return label is None or not label.explained or bool(EARLIER.search(fold(text)) or PLANNED.search(fold(text)))


def _without_serials(lines: Sequence[Line], labels: LabelReader) -> Sequence[Line]:
    """A table pasted as text begins its lines with bare serial numbers ('1 Tổng số đoàn viên 612'): blanked out where they count 1, 2, …"""
    serials: dict[int, re.Match[str]] = {}
    for at, line in enumerate(lines):
        found = _BARE_SERIAL.match(line.text)
        if found is not None and labels.read_all(found[2]):
            serials[at] = found
    # Two columns of figures may look like one number with a space in it.
    if any(re.search(r"\d[ \u00a0\u202f]\d", found[2]) for found in serials.values()):
        return lines
    if len(serials) < 2 or [int(found[1]) for found in serials.values()] != list(range(1, len(serials) + 1)):
        return lines
    return [replace(line, text=" " * serials[at].start(2) + serials[at][2]) if at in serials else line for at, line in enumerate(lines)]


def _joined(lines: Sequence[Line], labels: LabelReader) -> Iterator[Line]:
    """Joins 'Tổng số đoàn viên:' with the number on the line below."""
    waiting: Line | None = None
    for line in lines:
        if waiting is not None and line.cell is not waiting.cell:
            yield waiting
            waiting = None
        if waiting is not None:
            count = parse_count(line.text.strip().lstrip("-–:= "))
            if count.value is not None and count.certain:
                text = f"{waiting.text.rstrip(': ')}: {line.text.strip()}"
                yield Line(text, waiting.place, min(waiting.confidence, line.confidence), line.cell)
                waiting = None
                continue
            yield waiting
            waiting = None
        bare = LIST_MARK.sub("", line.text)
        label = labels.read(bare) if not re.search(r"\d", bare) and len(bare) < 120 else None
        if label is not None and label.explained and not INTRO.match(fold(bare)):
            waiting = line
        else:
            yield line
    if waiting is not None:
        yield waiting
