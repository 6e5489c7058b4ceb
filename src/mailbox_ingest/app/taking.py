"""Taking mail in, from mailboxes and from files, with what the house keeps of each pass."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.app.views import Ledgered, ledgered
from mailbox_ingest.config import Config, ImapConfig
from mailbox_ingest.errors import MailboxIngestError, OperatorError
from mailbox_ingest.imap import ImapSource, Tokens
from mailbox_ingest.intake import Taken, take_in
from mailbox_ingest.intake.files import FileSource
from mailbox_ingest.store.ledger.gmail import known_gmail_ids
from mailbox_ingest.store.operations.polls import DOWNLOAD_WINDOW, bytes_fetched_since, record_poll
from mailbox_ingest.store.operations.records import Poll

LOG = logging.getLogger(__name__)


def poll_mailbox(
    mailbox: ImapConfig,
    sessions: sessionmaker[Session],
    *,
    tokens: Tokens | None = None,
    clock: Callable[[], datetime],
    stopping: Callable[[], bool],
) -> Poll:
    """One pass over one mailbox, recorded whether it succeeded or not.

    A failure is logged, never raised: its words stand in `Poll.failure`, the error itself in `Poll.problem`.
    """
    started_at = clock()
    found = Poll(account=mailbox.name, started_at=started_at, finished_at=started_at)
    source = ImapSource(
        mailbox,
        tokens=tokens,
        allowance_bytes=mailbox.download_budget_bytes_24h - _downloaded(sessions, mailbox, started_at),
        known_ids=partial(_known_ids, sessions, mailbox.name),
    )
    try:
        with closing(_taken(source, sessions, clock)) as taken:
            for item in taken:
                if item.state != "known":
                    found = replace(found, messages_new=found.messages_new + 1)
                if stopping():
                    break
    except MailboxIngestError as error:
        found = replace(found, failure=str(error), problem=error)
        level = logging.ERROR if isinstance(error, OperatorError) else logging.WARNING
        LOG.log(level, "poll_failed", extra={"account": mailbox.name, "reason": str(error)})
    except Exception as bug:  # one mailbox whose answers nobody foresaw: the others are looked into all the same
        found = replace(found, failure=f"{type(bug).__name__}: {bug}", problem=bug)
        LOG.exception("poll_failed", extra={"account": mailbox.name, "reason": found.failure})
    found = replace(found, finished_at=clock(), bytes_fetched=source.bytes_fetched)
    with sessions.begin() as session:
        record_poll(session, found)
    if found.failure is None:
        extra = {"account": found.account, "messages": found.messages_new, "bytes_fetched": found.bytes_fetched}
        LOG.info("poll_done", extra=extra)
    return found


def _downloaded(sessions: sessionmaker[Session], mailbox: ImapConfig, now: datetime) -> int:
    """Bytes that this mailbox cost in the 24 hours before `now`."""
    with sessions() as session:
        return bytes_fetched_since(session, mailbox.name, now - DOWNLOAD_WINDOW)


def ingest_files(
    paths: Iterable[Path],
    read: Callable[[], Iterator[object]],
    sessions: sessionmaker[Session],
    *,
    config: Config,
    clock: Callable[[], datetime],
) -> Iterator[Ledgered]:
    """Files through the same door; one `Ledgered` a mail in the order of the files, as soon as it and all before it are done.

    `read` is the reading of open messages. Raises ConfigurationError for a path that holds no mail.
    """
    waiting = deque((Path(item.folder).name, item.id) for item in take_in(FileSource(tuple(paths)), sessions, clock=clock))
    for _ in read():
        while waiting and (done := _if_done(sessions, config, *waiting[0])) is not None:
            waiting.popleft()
            yield done
    while waiting:
        file, ledger_id = waiting.popleft()
        with sessions() as session:
            item = ledgered(session, config, ledger_id, file=file)
        if item is not None:
            yield item


def _if_done(sessions: sessionmaker[Session], config: Config, file: str, ledger_id: int) -> Ledgered | None:
    with sessions() as session:
        item = ledgered(session, config, ledger_id, file=file)
    return item if item is not None and item.details.message.state == "done" else None


def _taken(source: ImapSource, sessions: sessionmaker[Session], clock: Callable[[], datetime]) -> Generator[Taken, None, None]:
    """The arrivals as something that can be closed: stopping in the middle must end the session at once."""
    yield from take_in(source, sessions, clock=clock)


def _known_ids(sessions: sessionmaker[Session], account: str, ids: Collection[int]) -> Collection[int]:
    with sessions() as session:
        return known_gmail_ids(session, account, ids)
