"""`replay`: the plan in child processes, and its application. Both are the use case's; here are only the parts it asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.app.build import own_addresses, sandbox
from mailbox_ingest.config import Config
from mailbox_ingest.reading.extractor import Extractor
from mailbox_ingest.replay import Applied, Plan, apply, plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Reads the ledger's mails again, for `who`, as of `now`."""

    config: Config
    sessions: sessionmaker[Session]
    snapshots: sessionmaker[Session]
    who: str
    now: datetime

    def plan(self, *, since: datetime | None = None, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Plan:
        """What would change; writes nothing."""
        with sandbox(self.config) as pool:
            extractor = Extractor(
                pool=pool,
                forms=self.config.forms,
                limits=self.config.limits,
                own_addresses=own_addresses(self.config),
                authserv_ids={box.name: box.authserv_id for box in self.config.mailboxes},
            )
            return plan(self.snapshots, extractor, self.config, since=since, progress=progress)

    def apply(self, found: Plan) -> Applied:
        """Writes it. Raises ConflictError when the ledger moved on since the plan was made."""
        with self.sessions.begin() as session:
            return apply(session, found, who=self.who, now=self.now)
