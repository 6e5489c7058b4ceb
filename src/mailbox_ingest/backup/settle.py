"""What a copy needs before it is a ledger again: a schema this version knows, and mails that are looked up before they go out.

Between the copy and its return mails went out that the copy still has as queued. They come back as 'sending', as if a run had died with
them in hand: then the folder of sent mails decides (docs/decisions/0074).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from mailbox_ingest.errors import BackupFailed, StoreUnavailable
from mailbox_ingest.store.database.engine import open_engine, session_factory
from mailbox_ingest.store.database.migrate import known_revision, needed_revision
from mailbox_ingest.store.outgoing.outbox import doubt_queued

_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """`revision` is the copy's schema; `doubted` mails wait to be looked up before they go out."""

    revision: str
    doubted: int

    @property
    def needs_upgrade(self) -> bool:
        return self.revision != needed_revision()


def check_revision(store_url: str) -> str:
    """The schema. Raises BackupFailed for one that is not ours, or newer."""
    engine = open_engine(store_url)
    try:
        return known_revision(engine)
    except StoreUnavailable as error:
        raise BackupFailed(f"the copy cannot be used: {error}") from error
    finally:
        engine.dispose()


def doubt_open_mail(store_url: str) -> int:
    """Queued mails become such that may have gone out; gives their number."""
    engine = open_engine(store_url)
    try:
        with session_factory(engine).begin() as session:
            return doubt_queued(session, since=_LONG_AGO)
    except StoreUnavailable as error:
        raise BackupFailed(f"the copy cannot be used: {error}") from error
    finally:
        engine.dispose()
