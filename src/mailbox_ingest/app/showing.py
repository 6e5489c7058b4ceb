"""Documents of stored mails for the desk: which there are, each shown once by a child process and kept while memory lasts."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.app.build import own_addresses, sandbox
from mailbox_ingest.config import Config
from mailbox_ingest.documents.sandbox.pool import Sandbox
from mailbox_ingest.errors import DocumentError, MailboxIngestError
from mailbox_ingest.model import Evidence
from mailbox_ingest.store.ledger.claims import load_raw
from mailbox_ingest.store.ledger.records import MessageDetails

if TYPE_CHECKING:
    from mailbox_ingest.documents.showing import Shown

LOG = logging.getLogger(__name__)

BODY = "thân thư"
_MOST_BYTES = 64_000_000

_Key = tuple[int, str, bool, tuple[tuple[int, Evidence], ...]]


def documents_of(details: MessageDetails) -> tuple[str, ...]:
    """Paths: those that values were read in first, then the other attachments, then the body. Their order is that of their addresses."""
    read = [piece.document for _, piece in numbered_evidence(details)]
    given = [item.path for item in details.attachments if item.outcome != "ignored"]
    failed = [item.path for item in details.failures]
    ignored = [item.path for item in details.attachments if item.outcome == "ignored"]
    return tuple(dict.fromkeys(path for path in (*read, *given, *failed, BODY, *ignored) if path))


def numbered_evidence(details: MessageDetails) -> tuple[tuple[int, Evidence], ...]:
    """Every piece of evidence of this mail's reports, counted over the whole mail; what people typed or other mails hold is left out."""
    pieces = [
        piece
        for report in details.reports
        for field_pieces in report.evidence.values()
        for piece in field_pieces
        if piece.document and piece.message in (None, details.message.id)
    ]
    return tuple(enumerate(pieces))


class Showcase:
    """Safe to use from several threads; `close()` leaves no process behind. The sandbox starts with the first document, or by `warm()`."""

    def __init__(self, config: Config, snapshots: sessionmaker[Session]) -> None:
        self._config = config
        self._snapshots = snapshots
        self._opened = ExitStack()
        self._lock = threading.Lock()
        self._pool: Sandbox | None = None
        self._closed = False
        self._kept: OrderedDict[_Key, Shown] = OrderedDict()

    def warm(self) -> None:
        """Has a reading process at hand before anybody asks: the first document took seconds. In a thread that nothing waits for."""
        threading.Thread(target=self._warm, name="showcase", daemon=True).start()

    def show(self, details: MessageDetails, path: str, *, drawn: bool = False) -> Shown:
        """One document. Whatever is wrong with it stands in `problem`."""
        evidence = () if drawn else tuple(item for item in numbered_evidence(details) if item[1].document == path)
        key = (details.message.id, path, drawn, evidence)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = self._made(details.message.id, path, evidence, drawn=drawn)
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > 1 and sum(_weight(item) for item in self._kept.values()) > _MOST_BYTES:
                self._kept.popitem(last=False)
        return found

    def file(self, message_id: int, path: str) -> bytes | None:
        """The bytes of a file of the mail, for a download."""
        from mailbox_ingest.reading.show_document import attachment_bytes  # noqa: PLC0415 - the readers

        raw = self._raw(message_id)
        if raw is None:
            return None
        limits = self._config.limits
        asked = self._sandbox().submit(attachment_bytes, raw, path, limits, own_addresses(self._config), seconds=limits.document_seconds)
        try:
            return asked.result()
        except DocumentError:
            return None

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._pool = None
        self._opened.close()

    def _warm(self) -> None:
        from mailbox_ingest.reading.show_document import show_document  # noqa: PLC0415 - the readers

        limits = self._config.limits
        try:
            self._sandbox().submit(show_document, b"\r\n", BODY, (), limits, frozenset(), seconds=limits.document_seconds).result()
        except (MailboxIngestError, RuntimeError, CancelledError) as problem:
            LOG.debug("showcase_not_warm", extra={"reason": str(problem)})  # closed already; or the first document will say what is wrong

    def _made(self, message_id: int, path: str, evidence: Sequence[tuple[int, Evidence]], *, drawn: bool) -> Shown:
        from mailbox_ingest.documents.showing import Shown  # noqa: PLC0415 - the readers' libraries
        from mailbox_ingest.reading.show_document import draw_document, show_document  # noqa: PLC0415

        raw = self._raw(message_id)
        if raw is None:
            return Shown(path=path, problem="missing")
        limits = self._config.limits
        ours = own_addresses(self._config)
        seconds = limits.document_seconds + limits.ocr_seconds
        pool = self._sandbox()
        try:
            if drawn:
                return pool.submit(draw_document, raw, path, limits, ours, seconds=seconds).result()
            return pool.submit(show_document, raw, path, evidence, limits, ours, seconds=seconds).result()
        except DocumentError as problem:
            return Shown(path=path, problem=problem.code)

    def _raw(self, message_id: int) -> bytes | None:
        with self._snapshots.begin() as session:
            return load_raw(session, message_id)

    def _sandbox(self) -> Sandbox:
        with self._lock:
            if self._closed:
                raise RuntimeError("the showcase is closed")
            if self._pool is None:
                self._pool = self._opened.enter_context(sandbox(self._config))
            return self._pool


def _weight(shown: Shown) -> int:
    return 20_000 + sum(len(page.data) for page in shown.pages)
