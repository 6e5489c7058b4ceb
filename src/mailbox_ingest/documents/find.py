"""Files found again inside an attachment by the path that its documents carry. Opens containers; reads no document for its figures."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.attachments import Work
from mailbox_ingest.documents.container import Budget, Member
from mailbox_ingest.documents.sniff import CARRIERS, sniff
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Attachment, Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`files` are the bytes of the files that were asked for; `bodies` the bodies of messages on the way to them."""

    files: dict[str, bytes]
    bodies: tuple[Document, ...]


def find_files(att: Attachment, paths: Collection[str], *, limits: LimitsConfig) -> Found:
    """The files at these paths in one attachment, itself included. What is not found or cannot be opened is left out; never raises."""
    work = _Search(limits=limits, budget=Budget.of(limits), wanted=frozenset(paths))
    work.read(Member(name=att.name or att.path, data=att.data), att.path, depth=0)
    return Found(files=work.files, bodies=tuple(work.documents))


@dataclass(slots=True)
class _Search(Work):
    """The walk through an attachment that stops at what it looks for."""

    wanted: frozenset[str] = frozenset()
    files: dict[str, bytes] = field(default_factory=dict)

    def read(self, member: Member, path: str, *, depth: int) -> None:
        if path in self.wanted:
            self.files[path] = member.data
        if any(wanted.startswith(f"{path}/") for wanted in self.wanted):
            try:
                kind = sniff(member.data, member.name)
                if kind in CARRIERS:
                    self.open(kind, member, path, depth)
            except DocumentError as problem:
                self.fail(path, problem)
