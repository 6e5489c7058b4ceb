"""Trouble of our own while reading (no processes, a full disk) costs no mail an attempt: what waits is read when it is over."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import AdmissionConfig, LimitsConfig, OrganisationConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.errors import MailboxIngestError, ReadingUnavailable, StoreFull
from mailbox_ingest.reading.pending import Reader
from mailbox_ingest.store.ledger.door import record_message
from mailbox_ingest.store.ledger.lookup import list_messages
from mailbox_ingest.store.ledger.records import Arrival

NOW = datetime.fromisoformat("2020-08-28T09:05:00+07:00")
LETTER = b"From: camlo@gmail.example\r\nSubject: Bao cao\r\nMessage-ID: <%d@x>\r\n\r\nxin chao"


class TroubledPool:
    """Runs the work here, or raises what is wrong with the machine."""

    trouble: MailboxIngestError | None = None

    def submit(self, function: Callable[..., Any], /, *args: Any, seconds: float) -> Future[Any]:
        future: Future[Any] = Future()
        if self.trouble is not None:
            future.set_exception(self.trouble)
        else:
            future.set_result(function(*args))
        return future


@pytest.mark.parametrize("trouble", [ReadingUnavailable("no reading process can be started"), StoreFull("no room left")])
def test_trouble_of_our_own_costs_no_mail_an_attempt(sessions: sessionmaker[Session], trouble: MailboxIngestError) -> None:
    with sessions.begin() as session:
        for uid in (1, 2):
            record_message(session, Arrival(account="a", folder="INBOX", uidvalidity=1, uid=uid, raw=LETTER % uid, arrived_at=NOW), now=NOW)
    pool = TroubledPool()
    reader = Reader(
        sessions=sessions,
        pool=pool,
        forms=(builtin_form("bluezone"),),
        organisation=OrganisationConfig(),
        admission=AdmissionConfig(),
        limits=LimitsConfig(),
        clock=lambda: NOW,
    )
    pool.trouble = trouble
    for _ in range(4):
        with pytest.raises(type(trouble)):
            list(reader.read_pending())
    with sessions() as session:
        assert [(message.state, message.attempts) for message in list_messages(session)] == [("received", 0), ("received", 0)]
    pool.trouble = None
    assert len([done for done in reader.read_pending() if done.outcome is not None]) == 2
