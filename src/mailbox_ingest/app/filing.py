"""Showing outcomes in every mailbox; a mailbox that fails keeps nobody from anything."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.app.accounts import Accounts
from mailbox_ingest.config import Config, ImapConfig
from mailbox_ingest.errors import MailboxIngestError
from mailbox_ingest.filing import KEYWORDS, LABELS, file_outcomes
from mailbox_ingest.imap import ImapShelf

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    config: Config
    accounts: Accounts
    sessions: sessionmaker[Session]
    clock: Callable[[], datetime]
    _shelves: dict[str, ImapShelf] = field(default_factory=dict)

    def file(self, *, without: Collection[str] = (), stopping: Callable[[], bool] = lambda: False) -> dict[str, MailboxIngestError]:
        """Files what is not shown yet, except in the mailboxes `without`; gives what went wrong, by mailbox. Logs it, raises nothing."""
        problems: dict[str, MailboxIngestError] = {}
        for mailbox in self.config.mailboxes:
            if mailbox.filing == "off" or mailbox.name in without or stopping():
                continue
            try:
                file_outcomes(mailbox.name, self._shelf(mailbox), self.sessions, now=self.clock(), stopping=stopping)
            except MailboxIngestError as error:
                problems[mailbox.name] = error
                LOG.warning("filing_failed", extra={"account": mailbox.name, "reason": str(error)})
        return problems

    def _shelf(self, mailbox: ImapConfig) -> ImapShelf:
        tokens = self.accounts.tokens(mailbox)
        return self._shelves.setdefault(mailbox.name, ImapShelf(mailbox, labels=LABELS, keywords=KEYWORDS, tokens=tokens))
