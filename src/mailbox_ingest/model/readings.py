"""What the forms find in documents: values with evidence, and the texts that tell whose and of when they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mailbox_ingest.model.documents import Box
from mailbox_ingest.model.words import Severity
from mailbox_ingest.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a value comes from: enough for a person to find it again."""

    document: str
    place: str
    raw: str
    method: str  # 'table', 'label-in-cell', 'line', 'sentence', 'total-row', …
    confidence: float = 1.0
    label: str = ""  # the text that named the field
    box: Box | None = None
    reader: str = ""
    message: int | None = None  # ledger id of the mail it is in, where that is not the report's own: after a merger


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One remark on a message, report or field. `message` is Vietnamese, for the sender; `code` is of DESIGN.md's list."""

    code: str
    severity: Severity
    message: str
    field: str | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldReading:
    """One value read for one field. `value` is None where `problem` says why: 'missing_value', 'not_a_number', 'negative_value',
    'low_confidence', 'witnesses_disagree'. `certain` is False where a person must look even though a value stands here."""

    field: str
    value: int | None
    evidence: Evidence
    problem: str | None = None
    certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedPercentage:
    """A percentage the document itself states beside a field: `percent` (0–100 and beyond) of `field` relative to `of` (None: not said)."""

    field: str
    percent: Decimal
    decimals: int
    of: str | None
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedRemainder:
    """What a document says is left of a field's whole ('Chưa cài đặt: 864'). `exact` False: only some of it ('không cài được: 3')."""

    field: str
    count: int
    exact: bool
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMention:
    """A text that may name the unit. `role`: 'letterhead', 'table' (a row), 'part' (of a total), 'speaker', 'sheet', 'title', 'text'."""

    text: str
    role: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodHint:
    """A text that speaks of time. `kind`: 'week' ('tuần 34'), 'range' ('từ ngày … đến …', `day` is its last day), 'letter_date', 'as_of'
    ('đến ngày …'), 'file_name'. `explicit` hints (week, range) outrank the letter's date."""

    kind: str
    evidence: Evidence
    period: Period | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The values that one document (one sheet of it, or one table among several) gives for one form."""

    form: str
    document: str
    fields: tuple[FieldReading, ...]  # at most one a field of the form; a field never mentioned is absent
    percentages: tuple[StatedPercentage, ...] = ()
    remainders: tuple[StatedRemainder, ...] = ()
    unit_mentions: tuple[UnitMention, ...] = ()
    period_hints: tuple[PeriodHint, ...] = ()
    correction: bool = False  # 'thay thế', 'đính chính', 'bổ sung'
    doubts: tuple[Evidence, ...] = ()  # where the document itself doubts its figures ('chưa bao gồm 3 CĐCS')
    scanned: bool = False

    def value(self, name: str) -> int | None:
        return next((f.value for f in self.fields if f.field == name), None)

    @property
    def blank(self) -> bool:
        """Labels are there, but not one number: a form nobody filled in."""
        return bool(self.fields) and all(f.value is None and f.problem == "missing_value" for f in self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedBody:
    """A body told by its kind ('Trường THPT Gio Linh'), with the units of ours that it may be."""

    text: str
    may_be: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitClues:
    """What a reading says of whose it is, resolved against the registry.

    `issuer` is the unit that signs the letterhead. `foreign_issuer` is the letterhead's last line where it names no unit of ours: then the
    letter is another body's. `row` is the unit a table row names; `named` the units named in full in the text; `hinted` those
    named by the file or the sheet.
    """

    issuer: str | None = None
    issuer_exact: bool = True
    foreign_issuer: str = ""
    foreign_row: str = ""  # the name of a table row, or of a sentence's subject, that is no unit of ours
    others: frozenset[str] = frozenset()  # units whose figures are summed up in this one
    superiors: frozenset[str] = frozenset()  # units named above the issuer in the letterhead
    row: str | None = None
    named: frozenset[str] = frozenset()
    hinted: frozenset[str] = frozenset()
    bodies: tuple[NamedBody, ...] = ()  # told by their kind in titles, sheet, file name, signature
