"""Reports on a range of days: on demand to a digest's recipients, and to the body above us, with a person who lets them go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest import digest
from mailbox_ingest.config import Config
from mailbox_ingest.digest import SentRollup, UpwardReport
from mailbox_ingest.rollup.span import Span
from mailbox_ingest.store.outgoing.records import OutboxEntry

SERVICE = "mailbox-ingest"  # who drafts when the time comes


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollups:
    """Acts for one person, `who`, as of `now`."""

    config: Config
    sessions: sessionmaker[Session]
    snapshots: sessionmaker[Session]
    who: str
    now: datetime

    def preview(self, name: str, span: Span, *, folder: Path) -> tuple[Path, ...]:
        return digest.preview_span(self.snapshots, self.config, name, span, self.now, folder=folder)

    def send(self, name: str, span: Span, *, again: bool = False) -> SentRollup:
        return digest.send_span(self.sessions, self.config, name, span, self.now, again=again, snapshots=self.snapshots)

    def upward(self) -> tuple[UpwardReport, ...]:
        with self.snapshots.begin() as session:
            return digest.upward_reports(session, self.config, now=self.now)

    def preview_upward(self, name: str, *, folder: Path) -> tuple[Path, ...]:
        return digest.preview_upward(self.snapshots, self.config, name, self.now, folder=folder)

    def draft(self, name: str, *, again: bool = False) -> tuple[OutboxEntry, bool]:
        """Raises DecisionRefused when it was released already."""
        return digest.draft_upward(self.sessions, self.config, name, self.now, who=self.who, again=again, snapshots=self.snapshots)

    def release(self, name: str, *, as_drafted: bool = False, reason: str = "") -> OutboxEntry:
        """Raises DecisionRefused where nothing waits, or what waits is out of date."""
        return digest.release_upward(self.sessions, self.config, name, self.now, who=self.who, as_drafted=as_drafted, note=reason)

    def draft_due(self, *, since: datetime) -> tuple[OutboxEntry, ...]:
        """Makes the drafts whose time has come, each once. `since` is when the service began."""
        with self.snapshots.begin() as session:
            names = digest.drafts_due(session, self.config, now=self.now, since=since)
        return tuple(entry for entry, new in (self.draft(name) for name in names) if new)
