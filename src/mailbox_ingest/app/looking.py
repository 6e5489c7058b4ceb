"""What the desk looks at and changes nothing: the week, a unit, the ledger, the acts of people. Each call is one snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.app.duties import form_named
from mailbox_ingest.app.unit_page import UnitPage, unit_page
from mailbox_ingest.app.week_grid import GridQuery, WeekGrid, week_grid
from mailbox_ingest.calendars import digest_period
from mailbox_ingest.config import Config
from mailbox_ingest.periods import Period
from mailbox_ingest.store.ledger.search import FoundMessages, MessageQuery, count_found, related_messages, search_messages
from mailbox_ingest.store.people.audit import list_acts
from mailbox_ingest.store.people.queue import answers_to
from mailbox_ingest.store.people.records import Act
from mailbox_ingest.store.reports.overview import latest_period, mark_of_change, sums_by_week

TREND_WEEKS = 12
_REMEMBERED = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """A week's reports and sums, over every unit that reported."""

    period: Period
    reported: int
    totals: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """Views of the store as of `now`. `form` may be left out where only one is configured; ConfigurationError otherwise."""

    config: Config
    snapshots: sessionmaker[Session]
    now: datetime
    trends: dict[tuple[object, ...], tuple[TrendPoint, ...]] = field(default_factory=dict)  # kept by the caller from view to view

    def current_period(self, *, form: str | None = None) -> Period:
        """The week people work on now: the one whose reports are due next, or were due last."""
        return max(Period.at(self.now), digest_period(form_named(self.config, form).calendar, self.now))

    def grid(self, period: Period | None = None, *, form: str | None = None, wanted: GridQuery | None = None) -> WeekGrid:
        named = form_named(self.config, form)
        with self.snapshots.begin() as session:
            return week_grid(session, named, period or self.current_period(form=form), wanted or GridQuery())

    def trend(self, until: Period | None = None, *, form: str | None = None, weeks: int = TREND_WEEKS) -> tuple[TrendPoint, ...]:
        """The weeks up to `until`, oldest first; weeks without a report are left out. Summed anew only where something changed."""
        named = form_named(self.config, form)
        last = until or self.current_period(form=form)
        with self.snapshots.begin() as session:
            key = (mark_of_change(session), named.name, last, weeks)
            if key not in self.trends:
                while len(self.trends) >= _REMEMBERED:
                    self.trends.pop(next(iter(self.trends)), None)
                sums = sums_by_week(session, named.name, since=last.shifted(1 - weeks), until=last)
                self.trends[key] = tuple(TrendPoint(period=week, reported=count, totals=totals) for week, (count, totals) in sums.items())
            return self.trends[key]

    def last_reported(self, before: Period, *, form: str | None = None) -> Period | None:
        """The last week before that one of which anything came."""
        with self.snapshots.begin() as session:
            return latest_period(session, form_named(self.config, form).name, before=before)

    def unit(self, code: str, *, form: str | None = None, weeks: int = 53) -> UnitPage:
        """Raises DecisionRefused for an unknown code."""
        with self.snapshots.begin() as session:
            return unit_page(session, form_named(self.config, form), code, now=self.now, weeks=weeks)

    def messages(self, wanted: MessageQuery, *, before_id: int | None = None, limit: int = 50) -> FoundMessages:
        """A page of the ledger, newest first."""
        with self.snapshots.begin() as session:
            return search_messages(session, wanted, before_id=before_id, limit=limit)

    def count_messages(self, wanted: MessageQuery) -> int:
        with self.snapshots.begin() as session:
            return count_found(session, wanted)

    def related(self, message_id: int, *, limit: int = 10) -> FoundMessages:
        """Messages that may belong together with this one: of the same sender, thread, or unit and week; held or accepted, newest first."""
        with self.snapshots.begin() as session:
            return related_messages(session, message_id, limit=limit)

    def answers(self, message_id: int) -> tuple[int, ...]:
        """The messages that came in answer to a question put to the sender of this one."""
        with self.snapshots.begin() as session:
            return answers_to(session, message_id)

    def acts(
        self,
        *,
        who: str | None = None,
        action: str | None = None,
        subject: str | None = None,
        message_id: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before_id: int | None = None,
        limit: int = 100,
    ) -> tuple[Act, ...]:
        """What people did, newest first; `before_id` continues a list."""
        with self.snapshots.begin() as session:
            return list_acts(
                session,
                who=who,
                action=action,
                subject=subject,
                message_id=message_id,
                since=since,
                until=until,
                before_id=before_id,
                limit=limit,
            )
