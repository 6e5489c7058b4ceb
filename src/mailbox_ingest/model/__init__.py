"""The nouns that cross the rooms' borders: frozen values, no behaviour beyond what they are, no library objects.

Order of a mail's life: IncomingMessage -> Document -> Reading -> Verdict -> OutgoingMail.
"""

from mailbox_ingest.model.contacts import ContactState, DeliveryReport
from mailbox_ingest.model.documents import Block, Box, Cell, Document, DocumentFailure, Paragraph, Section, Table
from mailbox_ingest.model.message import Attachment, AuthResult, IncomingMessage, SenderAuthentication
from mailbox_ingest.model.outgoing import LetterContent, OutgoingAttachment, OutgoingKind, OutgoingMail
from mailbox_ingest.model.people import Mailbox, Role, Unit
from mailbox_ingest.model.readings import (
    Evidence,
    FieldReading,
    Finding,
    NamedBody,
    PeriodHint,
    Reading,
    StatedPercentage,
    StatedRemainder,
    UnitClues,
    UnitMention,
)
from mailbox_ingest.model.reports import JudgedReport, StoredReport, Verdict
from mailbox_ingest.model.words import TAKEN, Outcome, ReportStatus, Severity

__all__ = [
    "TAKEN",
    "Attachment",
    "AuthResult",
    "Block",
    "Box",
    "Cell",
    "ContactState",
    "DeliveryReport",
    "Document",
    "DocumentFailure",
    "Evidence",
    "FieldReading",
    "Finding",
    "IncomingMessage",
    "JudgedReport",
    "LetterContent",
    "Mailbox",
    "NamedBody",
    "Outcome",
    "OutgoingAttachment",
    "OutgoingKind",
    "OutgoingMail",
    "Paragraph",
    "PeriodHint",
    "Reading",
    "ReportStatus",
    "Role",
    "Section",
    "SenderAuthentication",
    "Severity",
    "StatedPercentage",
    "StatedRemainder",
    "StoredReport",
    "Table",
    "Unit",
    "UnitClues",
    "UnitMention",
    "Verdict",
]
