"""Taking mail in, from mailboxes and from files, with what the house keeps of each pass."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.app.views import Ledgered, ledgered
from mailbox_ingest.config import Config, ImapConfig
from mailbox_ingest.errors import MailboxIngestError, OperatorError
from mailbox_ingest.imap import ImapSource
from mailbox_ingest.intake import Taken, take_in
from mailbox_ingest.intake.files import FileSource
from mailbox_ingest.store.polls import record_poll
from mailbox_ingest.store.records import Poll

LOG = logging.getLogger(__name__)


def poll_mailbox(
    mailbox: ImapConfig, sessions: sessionmaker[Session], *, clock: Callable[[], datetime], stopping: Callable[[], bool]
) -> Poll:
    """One pass over one mailbox, recorded whether it succeeded or not; a failure stands in `Poll.failure` and is logged, never raised."""
    started_at = clock()
    found = Poll(account=mailbox.name, started_at=started_at, finished_at=started_at)
    try:
        with closing(_taken(mailbox, sessions, clock)) as taken:
            for item in taken:
                if item.state != "known":
                    found = replace(found, messages_new=found.messages_new + 1)
                found = replace(found, bytes_fetched=found.bytes_fetched + item.size_bytes)
                if stopping():
                    break
    except MailboxIngestError as error:
        found = replace(found, failure=str(error))
        level = logging.ERROR if isinstance(error, OperatorError) else logging.WARNING
        LOG.log(level, "poll_failed", extra={"account": mailbox.name, "reason": str(error)})
    found = replace(found, finished_at=clock())
    with sessions.begin() as session:
        record_poll(session, found)
    if found.failure is None:
        extra = {"account": found.account, "messages": found.messages_new, "bytes_fetched": found.bytes_fetched}
        LOG.info("poll_done", extra=extra)
    return found


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


def _taken(mailbox: ImapConfig, sessions: sessionmaker[Session], clock: Callable[[], datetime]) -> Generator[Taken, None, None]:
    """The arrivals as something that can be closed: stopping in the middle must end the session at once."""
    yield from take_in(ImapSource(mailbox), sessions, clock=clock)
