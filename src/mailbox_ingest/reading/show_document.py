"""One document of a stored mail, shown: found by its path in the raw bytes, as pages and text. Runs in the child process."""

from __future__ import annotations

from mailbox_ingest import message
from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.body import BODY_PATH, read_body
from mailbox_ingest.documents.find import find_files
from mailbox_ingest.documents.showing import Numbered, Shown, draw, show_documents, show_file, with_rest
from mailbox_ingest.model import Attachment, IncomingMessage

__all__ = ["attachment_bytes", "draw_document", "show_document"]


def show_document(raw: bytes, path: str, evidence: Numbered, limits: LimitsConfig, own_addresses: frozenset[str]) -> Shown:
    """What is not found again has the problem 'missing'."""
    incoming = message.parse(raw, own_addresses=own_addresses)
    bodies = [body for body in read_body(incoming.own_text, incoming.html) if body.path == path]
    if bodies or path == BODY_PATH:
        shown = show_documents(path, bodies, evidence)
        return with_rest(shown, incoming.signature, incoming.quoted_text) if path == BODY_PATH else shown
    for attachment in _holders(incoming, path):
        found = find_files(attachment, (path,), limits=limits)
        if path in found.files:
            return show_file(found.files[path], path, evidence, limits)
        bodies = [body for body in found.bodies if body.path == path]
        if bodies:
            return show_documents(path, bodies, evidence)
    return Shown(path=path, problem="missing")


def draw_document(raw: bytes, path: str, limits: LimitsConfig, own_addresses: frozenset[str]) -> Shown:
    """The pages of an office file, which take LibreOffice and some seconds."""
    data = attachment_bytes(raw, path, limits, own_addresses)
    return Shown(path=path, problem="missing") if data is None else draw(data, path, limits)


def attachment_bytes(raw: bytes, path: str, limits: LimitsConfig, own_addresses: frozenset[str]) -> bytes | None:
    """The file at that path, also of an archive; None where there is none."""
    incoming = message.parse(raw, own_addresses=own_addresses)
    for attachment in _holders(incoming, path):
        found = find_files(attachment, (path,), limits=limits)
        if path in found.files:
            return found.files[path]
    return None


def _holders(incoming: IncomingMessage, path: str) -> list[Attachment]:
    return [item for item in incoming.attachments if path == item.path or path.startswith(f"{item.path}/")]
