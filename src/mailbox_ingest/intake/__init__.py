"""Taking mails in: bytes and ledger row in one transaction, nothing else. Reading comes later, when the source is closed.

source.arrivals ──chunk──▶ record_message, commit ──▶ Taken
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.store.ledger.door import last_uid, record_message
from mailbox_ingest.store.ledger.records import Arrival

log = logging.getLogger(__name__)


class MailSource(Protocol):
    """Where mails come from: a mailbox, or files."""

    @property
    def account(self) -> str: ...

    def arrivals(self, cursor: Callable[[str, int], int]) -> Iterator[tuple[Arrival, ...]]:
        """New mails in chunks, each for one transaction. `cursor` gives the highest known UID of (folder, uidvalidity)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One mail that is safe now. `state`: 'new', 'known' or 'duplicate' (of ledger row `duplicate_of`)."""

    id: int
    state: str
    duplicate_of: int | None
    account: str
    folder: str
    uid: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeSummary:
    """What one pass over a source brought."""

    account: str
    new: int = 0
    duplicates: int = 0
    known: int = 0
    bytes_fetched: int = 0


def take_in(source: MailSource, sessions: sessionmaker[Session], *, clock: Callable[[], datetime]) -> Iterator[Taken]:
    """Records every new mail of a source; each is committed before it is yielded.

    Lazy: close the iterator (or exhaust it) to close the source. Raises what the source raises, after keeping what came before.
    """

    def cursor(folder: str, uidvalidity: int) -> int:
        with sessions() as session:
            return last_uid(session, source.account, folder, uidvalidity)

    with closing(_generator(source.arrivals(cursor))) as chunks:
        for chunk in chunks:
            with sessions.begin() as session:
                recorded = [(arrival, record_message(session, arrival, now=clock())) for arrival in chunk]
            for arrival, row in recorded:
                yield Taken(
                    id=row.id,
                    state=row.state,
                    duplicate_of=row.duplicate_of,
                    account=arrival.account,
                    folder=arrival.folder,
                    uid=arrival.uid,
                    size_bytes=len(arrival.raw),
                )


def take_all(
    source: MailSource,
    sessions: sessionmaker[Session],
    *,
    clock: Callable[[], datetime],
    progress: Callable[[Taken], None] = lambda taken: None,
) -> IntakeSummary:
    """One whole pass over a source, with one log line at its end. Raises what the source raises."""
    counts = {"new": 0, "duplicate": 0, "known": 0}
    total = 0
    for taken in take_in(source, sessions, clock=clock):
        counts[taken.state] += 1
        total += taken.size_bytes
        progress(taken)
    summary = IntakeSummary(
        account=source.account, new=counts["new"], duplicates=counts["duplicate"], known=counts["known"], bytes_fetched=total
    )
    log.info("intake_done", extra={"account": source.account, "new": summary.new, "duplicates": summary.duplicates, "bytes": total})
    return summary


def _generator(chunks: Iterator[tuple[Arrival, ...]]) -> Generator[tuple[Arrival, ...], None, None]:
    """Gives any iterator a close(): the source's session ends with the pass, however it ends."""
    try:
        yield from chunks
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
