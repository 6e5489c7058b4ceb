"""One attachment to its documents: sniffed, bounded, unpacked, read. Holds the order of these steps; knows no format itself.

bytes ─▶ sniff ─▶ container? ─▶ each member again, a level deeper
              ├─▶ message? ─▶ its body, and each member again
              ├─▶ picture? ─▶ decoration is passed over in silence
              └─▶ the registry's reader
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents import mail_quotes, nested_mail, office_parts, pictures
from mailbox_ingest.documents.body import BODY_PATH, read_body
from mailbox_ingest.documents.container import Budget, Member, unpack
from mailbox_ingest.documents.names import unique
from mailbox_ingest.documents.registry import reader_for
from mailbox_ingest.documents.rtf import body as rtf_body
from mailbox_ingest.documents.sniff import CARRIERS, FRAMES, Kind, sniff
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Attachment, Document, DocumentFailure

Outcome = tuple[tuple[Document, ...], tuple[DocumentFailure, ...]]

_MESSAGES = {Kind.EML: nested_mail.read_eml, Kind.MSG: nested_mail.read_msg, Kind.TNEF: nested_mail.read_tnef}
_WORTH_EMBEDDING = frozenset({Kind.XLSX, Kind.XLS, Kind.XLSB, Kind.ODS, Kind.DOCX, Kind.DOC, Kind.HTML, Kind.MHT, Kind.RTF})
_NEVER_REPORTS = (
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-signature",
    "application/pgp-keys",
    "message/delivery-status",
    "message/disposition-notification",
    "text/rfc822-headers",
    "text/calendar",
    "text/vcard",
    "text/x-vcard",
    "application/ics",
    "audio/",
    "video/",
)
_SIGNATURE_SUFFIXES = (".p7s", ".asc", ".sig", ".ics", ".vcf")


def read_attachment(att: Attachment, *, limits: LimitsConfig) -> Outcome:
    """Every document in one attachment, and a failure for every file in it that could not be read.

    Files that are no reports by nature (logos, signatures, invites, sound) give neither. Never raises on bad input.
    """
    work = Work(limits=limits, budget=Budget.of(limits))
    member = Member(
        name=att.name or att.path,
        data=att.data,
        content_type=att.content_type,
        content_id=att.content_id,
        referenced=att.referenced_by_html,
    )
    work.read(member, att.path, depth=0)
    return tuple(work.documents), tuple(work.failures)


@dataclass(slots=True)
class Work:
    """The reading of one attachment: what was found so far, and what may still be unpacked. `find.py` walks the same way."""

    limits: LimitsConfig
    budget: Budget
    documents: list[Document] = field(default_factory=list)
    failures: list[DocumentFailure] = field(default_factory=list)

    def read(self, member: Member, path: str, *, depth: int) -> None:
        """One file, at a level of nesting; its failure is recorded, not raised."""
        try:
            self._read(member, path, depth)
        except DocumentError as problem:
            self.fail(path, problem)

    def fail(self, path: str, problem: DocumentError) -> None:
        self.failures.append(DocumentFailure(path=path, code=problem.code, detail=problem.detail))

    def _read(self, member: Member, path: str, depth: int) -> None:
        if len(member.data) > self.limits.max_attachment_bytes:
            raise DocumentError("too_large", f"{len(member.data)} bytes")
        kind = sniff(member.data, member.name)
        if kind is Kind.IGNORABLE:
            return
        if kind is Kind.EMPTY:
            raise DocumentError("unreadable", "the file is empty")
        if kind is Kind.ENCRYPTED_OLE:
            raise DocumentError("encrypted", "an Office file with a password")
        if kind is Kind.ENVELOPE:
            raise DocumentError("encrypted", "an encrypted S/MIME message")
        if kind is Kind.SIGNED:
            raise DocumentError("unsupported", "an S/MIME message wrapped into its signature")
        if kind in (Kind.UNKNOWN, Kind.TEXT) and _is_never_a_report(member):
            return
        if kind is Kind.UNKNOWN:
            if not member.referenced:  # a vector logo in a signature is nobody's report
                raise DocumentError("unsupported", "a file of an unknown kind")
        elif kind in CARRIERS:
            self.open(kind, member, path, depth)
        elif kind is Kind.IMAGE:
            if not pictures.is_decoration(pictures.measure(member.data, self.limits), referenced=member.referenced):
                self.documents.append(reader_for(kind).read(member.data, path, self.limits))
        else:
            self.documents.append(reader_for(kind).read(member.data, path, self.limits))

    def open(self, kind: Kind, member: Member, path: str, depth: int) -> None:
        """What carries other files: its members, each under its own path. Raises DocumentError."""
        if kind is Kind.DOCX:
            self._word(member, path, depth)
            return
        if kind in FRAMES:
            self._framed(kind, member, path, depth)
            return
        if depth >= self.limits.max_container_depth:
            raise DocumentError("too_large", f"more than {self.limits.max_container_depth} levels of containers")
        taken: set[str] = set()
        if kind in _MESSAGES:
            mail = _MESSAGES[kind](member.data, self.budget)
            html = None if mail.html is None else mail_quotes.own_html(mail.html)
            self.documents.extend(read_body(mail_quotes.own_text(mail.text), html, path=f"{path}/{BODY_PATH}"))
            for packed in mail.rtf:
                self.documents.extend(rtf_body.read(packed, f"{path}/{BODY_PATH}", self.limits))
            for part in mail.members:
                self.read(part, f"{path}/{unique(part.name, taken)}", depth=depth + 1)
            if not (mail.text.strip() or mail.html or mail.rtf or mail.members):
                raise DocumentError("unreadable", f"an empty {kind} message")
            return
        for part in unpack(kind, member.data, member.name, self.budget):
            self.read(part, f"{path}/{unique(part.name, taken)}", depth=depth + 1)
        if not taken:
            raise DocumentError("unreadable", f"an empty {kind} archive")

    def _word(self, member: Member, path: str, depth: int) -> None:
        """A Word file, the workbooks embedded in it, and its pictures where it is but a frame around pasted pages."""
        document = reader_for(Kind.DOCX).read(member.data, path, self.limits)
        self.documents.append(document)
        taken: set[str] = set()
        for part in office_parts.embedded_files(member.data, self.limits):
            if (
                sniff(part.data) in (Kind.XLSX, Kind.XLS, Kind.XLSB, Kind.ODS, Kind.DOCX, Kind.DOC)
                and depth < self.limits.max_container_depth
            ):
                self.read(part, f"{path}/{unique(part.name, taken)}", depth=depth + 1)
        if office_parts.says_little(document):
            self._pasted(office_parts.pasted_pictures(member.data, self.limits), path, depth, taken)

    def _framed(self, kind: Kind, member: Member, path: str, depth: int) -> None:
        """A workbook or OpenDocument text, and its pictures where it is but a frame around photographs of pages."""
        document = reader_for(kind).read(member.data, path, self.limits)
        self.documents.append(document)
        if not office_parts.says_little(document):
            return
        held = office_parts.stored_pictures(member.data, self.limits)
        read = self._pasted(held, path, depth, set())
        if held and not read and not any(section.blocks for section in document.sections):
            raise DocumentError("unsupported", f"{kind}: nothing but {len(held)} small pictures")

    def _pasted(self, parts: list[Member], path: str, depth: int, taken: set[str]) -> int:
        """Reads those pictures that may be pages; gives their number."""
        count = 0
        for part in parts:
            if sniff(part.data) is Kind.IMAGE and pictures.may_be_page(pictures.measure(part.data, self.limits)):
                self.read(part, f"{path}/{unique(part.name, taken)}", depth=depth + 1)
                count += 1
        return count


def _is_never_a_report(member: Member) -> bool:
    """Signatures, calendars, delivery reports: told by their label, because their bytes are nobody's format or plain text."""
    return member.content_type.lower().startswith(_NEVER_REPORTS) or member.name.lower().endswith(_SIGNATURE_SUFFIXES)
