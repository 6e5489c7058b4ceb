"""All tables. Only modules of `store/` import from here; what leaves the store is a dataclass."""

from mailbox_ingest.store.tables.access import ConsoleSessionRow, ConsoleUserRow, LoginAttemptRow
from mailbox_ingest.store.tables.alarms import OPEN_ALARM, AlarmRow
from mailbox_ingest.store.tables.base import Base, table
from mailbox_ingest.store.tables.contacts import AddressProposalRow, AnswerRow, ContactHealthRow
from mailbox_ingest.store.tables.messages import (
    OPEN_MESSAGE,
    UNFILED,
    AttachmentRow,
    DocumentFailureRow,
    MessageIdentityRow,
    MessageRow,
    MessageWordsRow,
    RawMessageRow,
)
from mailbox_ingest.store.tables.operations import ActRow, DigestFileRow, DigestRow, JobRunRow, PollRow
from mailbox_ingest.store.tables.outgoing import OPEN_MAIL, OutboxGateRow, OutgoingFileRow, OutgoingRecipientRow, OutgoingRow
from mailbox_ingest.store.tables.registry import RegistryRow, RosterRow, UnitAddressRow, UnitExemptionRow, UnitRow
from mailbox_ingest.store.tables.reports import CURRENT, FindingRow, ReportFieldRow, ReportRow

METADATA = Base.metadata
ACTS = table(ActRow)
ALARMS = table(AlarmRow)
ADDRESS_PROPOSALS = table(AddressProposalRow)
ANSWERS = table(AnswerRow)
ATTACHMENTS = table(AttachmentRow)
CONSOLE_SESSIONS = table(ConsoleSessionRow)
CONSOLE_USERS = table(ConsoleUserRow)
CONTACT_HEALTH = table(ContactHealthRow)
DIGEST_FILES = table(DigestFileRow)
DIGESTS = table(DigestRow)
DOCUMENT_FAILURES = table(DocumentFailureRow)
FINDINGS = table(FindingRow)
IDENTITIES = table(MessageIdentityRow)
JOB_RUNS = table(JobRunRow)
LOGIN_ATTEMPTS = table(LoginAttemptRow)
MESSAGES = table(MessageRow)
MESSAGE_WORDS = table(MessageWordsRow)
OUTBOX_GATES = table(OutboxGateRow)
OUTGOING = table(OutgoingRow)
OUTGOING_FILES = table(OutgoingFileRow)
OUTGOING_RECIPIENTS = table(OutgoingRecipientRow)
POLLS = table(PollRow)
RAW_MESSAGES = table(RawMessageRow)
REGISTRIES = table(RegistryRow)
REPORT_FIELDS = table(ReportFieldRow)
REPORTS = table(ReportRow)
ROSTER_ENTRIES = table(RosterRow)
UNIT_ADDRESSES = table(UnitAddressRow)
UNITS = table(UnitRow)
UNIT_EXEMPTIONS = table(UnitExemptionRow)

__all__ = [
    "ACTS",
    "ADDRESS_PROPOSALS",
    "ALARMS",
    "ANSWERS",
    "ATTACHMENTS",
    "CONSOLE_SESSIONS",
    "CONSOLE_USERS",
    "CONTACT_HEALTH",
    "CURRENT",
    "DIGESTS",
    "DIGEST_FILES",
    "DOCUMENT_FAILURES",
    "FINDINGS",
    "IDENTITIES",
    "JOB_RUNS",
    "LOGIN_ATTEMPTS",
    "MESSAGES",
    "MESSAGE_WORDS",
    "METADATA",
    "OPEN_ALARM",
    "OPEN_MAIL",
    "OPEN_MESSAGE",
    "OUTBOX_GATES",
    "OUTGOING",
    "OUTGOING_FILES",
    "OUTGOING_RECIPIENTS",
    "POLLS",
    "RAW_MESSAGES",
    "REGISTRIES",
    "REPORTS",
    "REPORT_FIELDS",
    "ROSTER_ENTRIES",
    "UNFILED",
    "UNITS",
    "UNIT_ADDRESSES",
    "UNIT_EXEMPTIONS",
]
