"""The nouns that cross the rooms' borders: frozen values, no behaviour beyond what they are, no library objects.

Order of a mail's life: IncomingMessage -> Document -> Reading -> Verdict -> OutgoingMail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from mailbox_ingest.periods import Period

# ---------------------------------------------------------------- words


class Outcome(StrEnum):
    """What became of one message."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_WARNINGS = "accepted_with_warnings"
    REJECTED = "rejected"  # the sender must act
    NEEDS_REVIEW = "needs_review"  # a human here must act
    DUPLICATE = "duplicate"
    IGNORED = "ignored"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class ReportStatus(StrEnum):
    """The state of one (form, unit, period) in one message."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_WARNINGS = "accepted_with_warnings"
    REJECTED = "rejected"
    NEEDS_REVIEW = "needs_review"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"  # was accepted; a correction took its place


TAKEN = frozenset({ReportStatus.ACCEPTED, ReportStatus.ACCEPTED_WITH_WARNINGS})


# ---------------------------------------------------------------- registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A body that owes reports. Addresses are lower case."""

    code: str
    name: str
    group: str
    emails: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


# ---------------------------------------------------------------- message


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A mail address with its display name. `email` is lower case."""

    email: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One MIME leaf that is not the body. `path` is for people and unique within its message; it is never used as a file path."""

    path: str
    name: str | None
    content_type: str
    data: bytes
    content_id: str | None = None
    inline: bool = False
    referenced_by_html: bool = False  # <img src="cid:…"> names it: most likely decoration


class AuthResult(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    NONE = "none"  # the provider said nothing that speaks for or against the From address


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderAuthentication:
    """What the mailbox's own provider found (RFC 8601), aligned with the From domain."""

    result: AuthResult
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingMessage:
    """One parsed mail.

    `own_text` is what the sender wrote, without quoted history and signature; `quoted_text` and `signature` hold those.
    `html` is the own part of the HTML body, or None. `automatic` names why the mail is a machine's ('auto-submitted', 'bounce', 'list', …),
    None for a person's. `sent_at` is the Date header, `received_at` the topmost Received date, each None where absent or absurd.
    """

    message_id: str | None
    sender: Mailbox | None
    to: tuple[Mailbox, ...] = ()
    delivered_to: tuple[str, ...] = ()
    subject: str = ""
    sent_at: datetime | None = None
    received_at: datetime | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    own_text: str = ""
    quoted_text: str = ""
    signature: str = ""
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    automatic: str | None = None
    return_path_null: bool = False
    authentication: SenderAuthentication = SenderAuthentication(result=AuthResult.NONE)
    authors: tuple[Mailbox, ...] = ()  # From of messages forwarded inside this one, outermost first
    defects: tuple[str, ...] = ()


# ---------------------------------------------------------------- documents


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle in pixels of the page image, origin top left."""

    page: int
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One anchor cell of a table; merged cells appear once, with their spans.

    `number` is a native number of a spreadsheet. `unknown` marks a cell whose value exists but could not be had (a formula never
    calculated): it is neither blank nor 0. `confidence` is 1.0 for digital text; for OCR below it. `alternatives` are the texts that
    independent passes read, best first.
    """

    row: int
    column: int
    text: str
    row_span: int = 1
    column_span: int = 1
    number: Decimal | None = None
    unknown: bool = False
    place: str = ""  # for people: 'B12', 'dòng 3, cột 2'
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()
    box: Box | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Anchor cells in row-major order. Text keeps '\\n' between paragraphs of a cell. `grid` is derived by readers that need it."""

    cells: tuple[Cell, ...]
    rows: int
    columns: int
    place: str = ""  # for people: 'bảng 1', 'trang tính Bao cao', 'trang 1, bảng 2'


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A line or paragraph of running text."""

    text: str
    place: str = ""
    confidence: float = 1.0
    box: Box | None = None


Block = Paragraph | Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A sheet of a workbook, or the whole of any other document. Blocks stand in reading order."""

    blocks: tuple[Block, ...]
    title: str = ""  # the sheet's name
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a reader found in one file or body. All text is NFC Unicode; legacy fonts are already converted.

    `path` names the source for people ('bao-cao.zip/BC tuần 34.docx'; 'thân thư' for the body). `kind` is the format read ('docx', 'xlsx',
    'pdf', 'html', 'text', 'scan', …). `marginal` holds headers, footers, footnotes and comments: never a source of values.
    """

    path: str
    kind: str
    sections: tuple[Section, ...]
    marginal: tuple[Block, ...] = ()
    reader: str = ""  # name and version of the reader
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFailure:
    """A file that could not be read. `code`: 'encrypted', 'unreadable', 'too_large' or 'unsupported'; `detail` is English, for the log."""

    path: str
    code: str
    detail: str = ""


# ---------------------------------------------------------------- readings


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
class UnitMention:
    """A text that may name the unit. `role`: 'letterhead', 'superior', 'table', 'text', 'file_name', 'sheet', 'subject', 'sender_name',
    'signature'."""

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


# ---------------------------------------------------------------- judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReport:
    """A report as the store knows it."""

    id: int
    form: str
    unit: str
    period: Period
    values: Mapping[str, int]
    status: ReportStatus
    message_id: int
    arrived_at: datetime
    sender: str
    sender_registered: bool
    by_human: bool = False
    first_arrived_at: datetime | None = None  # arrival of the first report accepted at this place: timeliness survives a correction


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedReport:
    """What is to be stored of one reading. `values` holds only what was read; `unit` and `period` are None where they could not be told."""

    form: str
    unit: str | None
    period: Period | None
    values: Mapping[str, int]
    status: ReportStatus
    findings: tuple[Finding, ...] = ()
    evidence: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)
    on_time: bool | None = None
    due_at: datetime | None = None
    supersedes: int | None = None  # StoredReport.id
    previous: StoredReport | None = None  # the unit's last accepted report of an earlier period


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judgement of one message, ready to be stored and answered."""

    outcome: Outcome
    reports: tuple[JudgedReport, ...] = ()
    findings: tuple[Finding, ...] = ()
    may_reply: bool = True
    sender_registered: bool = False
    reason: str = ""  # English, for the log and the operator: why this outcome


# ---------------------------------------------------------------- outgoing


class OutgoingKind(StrEnum):
    RECEIPT = "receipt"
    REMINDER = "reminder"
    DIGEST = "digest"
    REVIEW_DECISION = "review_decision"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingAttachment:
    """A file or an inline picture (`content_id` set, without angle brackets) of a mail we send."""

    name: str
    content_type: str
    data: bytes
    content_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterContent:
    """A rendered mail before it gets its addresses: subject (one line), plain text, HTML or None, attachments."""

    subject: str
    text: str
    html: str | None = None
    attachments: tuple[OutgoingAttachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """A mail ready to be queued. `message_id` is fixed here, once, with angle brackets. `key` is unique: a second mail with it is never
    queued ('receipt:<ledger id>', 'digest:bluezone:2020-W34:leadership')."""

    key: str
    kind: OutgoingKind
    message_id: str
    sender: Mailbox
    to: tuple[Mailbox, ...]
    content: LetterContent
    auto_submitted: str  # RFC 3834: 'auto-replied' or 'auto-generated'
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    in_answer_to: int | None = None  # ledger id
