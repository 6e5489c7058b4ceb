"""Claimed messages -> extractions, made in child processes. When a child dies over a mail, only the guilty document is lost."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Protocol

from mailbox_ingest.config import FormConfig, LimitsConfig
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import DocumentFailure
from mailbox_ingest.reading.task import BODY, Extraction, Task, run
from mailbox_ingest.store.ledger.records import ClaimedMessage

LOG = logging.getLogger(__name__)


class Pool(Protocol):
    """Runs a function in a child process with limits; the future raises DocumentError when the child died, hung or grew too large."""

    def submit(self, function: Callable[..., Any], /, *args: Any, seconds: float) -> Future[Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Extractor:
    """What every extraction of this house has in common."""

    pool: Pool
    forms: tuple[FormConfig, ...]
    limits: LimitsConfig
    own_addresses: frozenset[str]
    authserv_ids: Mapping[str, str]  # by account

    def submit(self, message: ClaimedMessage) -> Future[Extraction]:
        return self.pool.submit(run, self._task(message), seconds=self.limits.document_seconds + self.limits.ocr_seconds)

    def result(self, message: ClaimedMessage, future: Future[Extraction]) -> Extraction:
        """Waits for the extraction. Raises what is wrong with us, never what is wrong with the mail."""
        try:
            extraction = future.result()
        except DocumentError as death:
            LOG.warning("extraction_died", extra={"ledger_id": message.id, "reason": death.detail})
            extraction = self._one_by_one(message)
        if message.truncated:
            too_large = DocumentFailure(
                path="toàn bộ thư", code="too_large", detail=f"{message.size_bytes} bytes, only the headers were fetched"
            )
            extraction = replace(extraction, failures=(too_large,))
        return extraction

    def _task(self, message: ClaimedMessage, only: frozenset[int] | None = None) -> Task:
        return Task(
            raw=message.raw,
            forms=self.forms,
            limits=self.limits,
            authserv_id=self.authserv_ids.get(message.account, "mx.google.com"),
            own_addresses=self.own_addresses,
            arrived_at=message.arrived_at,
            recorded_at=message.recorded_at,
            only=frozenset() if message.truncated else only,
        )

    def _one_by_one(self, message: ClaimedMessage) -> Extraction:
        """After a death: every document in a child of its own, so that only the guilty one is lost."""
        whole = self._part(message, BODY, self.limits.document_seconds)
        for index, attachment in enumerate(whole.incoming.attachments):
            try:
                part = self._part(message, index, self.limits.ocr_seconds)
            except DocumentError as death:
                code = death.code if death.code in ("too_large", "unreadable") else "unreadable"
                failure = DocumentFailure(path=attachment.path, code=code, detail=death.detail)
                records = tuple(replace(r, outcome=code) if n == index else r for n, r in enumerate(whole.attachments))
                whole = replace(whole, failures=(*whole.failures, failure), attachments=records)
                continue
            records = tuple(part.attachments[n] if n == index else r for n, r in enumerate(whole.attachments))
            whole = replace(
                whole,
                readings=(*whole.readings, *part.readings),
                failures=(*whole.failures, *part.failures),
                unread_scans=(*whole.unread_scans, *part.unread_scans),
                attachments=records,
            )
        return whole

    def _part(self, message: ClaimedMessage, index: int, seconds: float) -> Extraction:
        part: Extraction = self.pool.submit(run, self._task(message, frozenset((index,))), seconds=seconds).result()
        return part
