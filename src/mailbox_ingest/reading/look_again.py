"""The evidence of a stored mail, looked at again: its files found by path in the raw bytes, and what people need to see of them.

Runs in the child process, as reading did. Judges nothing and changes nothing; what is not found again gives no exhibit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mailbox_ingest import message
from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.body import read_body
from mailbox_ingest.documents.exhibits import Exhibit, contexts_of, exhibits_of
from mailbox_ingest.documents.find import find_files
from mailbox_ingest.model import Evidence, IncomingMessage

__all__ = ["Exhibit", "look_again"]

_Numbered = list[tuple[int, Evidence]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """The evidence of one document, numbered as it was asked for."""

    path: str
    evidence: _Numbered


def look_again(raw: bytes, evidence: tuple[Evidence, ...], limits: LimitsConfig, own_addresses: frozenset[str]) -> tuple[Exhibit, ...]:
    """Exhibits for each piece of evidence, in its order; none where the file or the place is not found again."""
    incoming = message.parse(raw, own_addresses=own_addresses)
    by_document: dict[str, _Numbered] = {}
    for number, item in enumerate(evidence):
        by_document.setdefault(item.document, []).append((number, item))
    found = [exhibit for path, numbered in by_document.items() for exhibit in _of(_Wanted(path=path, evidence=numbered), incoming, limits)]
    return tuple(sorted(found, key=lambda exhibit: (exhibit.evidence, exhibit.kind)))


def _of(wanted: _Wanted, incoming: IncomingMessage, limits: LimitsConfig) -> Iterator[Exhibit]:
    bodies = [body for body in read_body(incoming.own_text, incoming.html) if body.path == wanted.path]
    if bodies:
        yield from contexts_of(wanted.evidence, bodies)
        return
    for attachment in incoming.attachments:
        if wanted.path == attachment.path or wanted.path.startswith(f"{attachment.path}/"):
            found = find_files(attachment, (wanted.path,), limits=limits)
            if wanted.path in found.files:
                yield from exhibits_of(wanted.evidence, found.files[wanted.path], limits)
                return
            bodies = [body for body in found.bodies if body.path == wanted.path]
            if bodies:
                yield from contexts_of(wanted.evidence, bodies)
                return
