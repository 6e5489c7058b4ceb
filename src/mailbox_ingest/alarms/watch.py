"""The watch: hears of every failure and success, keeps the alarms, tells what is due. Raises nothing: it must outlive what it watches.

While the database itself is the trouble, alarms live in memory and go out from there; they are written down when it is back.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.alarms.channels import Channel, Notice
from mailbox_ingest.alarms.classify import DATABASE, trouble_of
from mailbox_ingest.alarms.notices import CLEARED, OPENED, Pace, notice_due
from mailbox_ingest.config import AlarmsConfig
from mailbox_ingest.errors import NoticeNotSent, StoreBusy, StoreUnavailable
from mailbox_ingest.model.alarms import Alarm, Trouble
from mailbox_ingest.store.operations import alarms as stored

LOG = logging.getLogger(__name__)
_OWN = "alarms"  # the watch's own use of the database


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The database's two sides."""

    sessions: sessionmaker[Session]
    snapshots: sessionmaker[Session]


class Watch:
    """One a process; safe to use from several threads. `who` and `host` sign the notices."""

    def __init__(
        self, *, config: AlarmsConfig, channels: Sequence[Channel], clock: Callable[[], datetime], who: str = "", host: str = ""
    ) -> None:
        self.config = config
        self.channels = tuple(channels)
        self.clock = clock
        self.who, self.host = who, host
        self.started_at = clock()
        self._patience = timedelta(minutes=config.patience_minutes)
        self._pace = Pace.of(config)
        self._stores: Stores | None = None
        self._lock = threading.RLock()
        self._down: set[str] = set()  # what met a database that cannot be used, and has not done well since
        self._memory: dict[str, Alarm] = {}
        self._passed: list[Alarm] = []  # alarms in memory that are over
        self._last_told: dict[str, datetime] = {}

    def attach(self, stores: Stores) -> None:
        """The database is open."""
        with self._lock:
            self._stores = stores

    def report(self, key: str, error: BaseException | None) -> None:
        """What became of `key` just now: an error raises its alarm, None ends it. The database's alarm ends when all who met it do well."""
        trouble = None if error is None else trouble_of(key, error, patience=self._patience)
        with self._lock:
            if trouble is not None and trouble.key == DATABASE:
                self._down.add(key)
                self._remember(trouble)
                return
            self._down.discard(key)
            if not self._down - {_OWN}:
                self._clear(DATABASE)
            if trouble is None:
                self._clear(key)
            else:
                self._raise(trouble)

    def trouble(self, trouble: Trouble) -> None:
        """Raises the alarm of something that no error told."""
        with self._lock:
            self._raise(trouble)

    def clear(self, key: str) -> None:
        """What `key` names is well again."""
        with self._lock:
            self._clear(key)

    def tell(self) -> int:
        """Sends every notice that is due; gives their number. What no channel takes is tried again later."""
        told = 0
        for alarm, event in self._due():
            if self._send(Notice(event=event, alarm=alarm, who=self.who, host=self.host, at=self.clock())):
                told += 1
                self._told(alarm, CLEARED if event == CLEARED else OPENED)
        return told

    def remembered(self) -> tuple[Alarm, ...]:
        """Open alarms that only memory knows."""
        with self._lock:
            return tuple(alarm for alarm in self._memory.values() if alarm.is_open)

    # ------------------------------------------------------------ keeping

    def _raise(self, trouble: Trouble) -> None:
        """In the database where that can be."""
        now = self.clock()
        usable = self._stores is not None and not self._down
        if not (usable and self._in_store(lambda session: stored.raise_alarm(session, trouble, now=now))):
            self._remember(trouble)

    def _remember(self, trouble: Trouble) -> None:
        known, now = self._memory.get(trouble.key), self.clock()
        self._memory[trouble.key] = Alarm.of(trouble, now) if known is None else known.again(trouble, now)

    def _clear(self, key: str) -> None:
        now = self.clock()
        if key != DATABASE and (alarm := self._memory.get(key)) is not None:
            del self._memory[key]
            if alarm.is_open:
                self._passed.append(alarm.cleared(now))
        if self._stores is None or (key != DATABASE and self._down - {_OWN}):
            return
        if not self._memory and not self._passed and not self._has(key):
            return  # the ordinary case: nothing to write, no lock to wait for
        if self._in_store(lambda session: stored.clear_alarm(session, key, now=now)):
            self._down.discard(_OWN)

    def _has(self, key: str) -> bool:
        assert self._stores is not None
        try:
            with self._stores.snapshots() as session:
                return stored.has_alarm(session, key)
        except (StoreBusy, StoreUnavailable):
            return True

    def _in_store(self, work: Callable[[Session], object]) -> bool:
        """Writes down what memory holds, then does `work`, in one transaction; False where the database cannot be used."""
        assert self._stores is not None
        waiting = [*self._passed, *(alarm for alarm in self._memory.values() if alarm.is_open)]
        try:
            with self._stores.sessions.begin() as session:
                for alarm in waiting:
                    stored.record_alarm(session, alarm)
                work(session)
        except (StoreBusy, StoreUnavailable) as error:
            self._down.add(_OWN)
            self._remember(trouble_of(_OWN, error, patience=self._patience))
            return False
        self._memory.clear()
        self._passed.clear()
        return True

    # ------------------------------------------------------------ telling

    def _due(self) -> list[tuple[Alarm, str]]:
        """What is due, claimed: nobody else tells it meanwhile."""
        with self._lock:
            now = self.clock()
            found: list[tuple[Alarm, str]] = []
            for place, alarm in (*((None, a) for a in self._passed), *self._memory.items()):
                if (event := notice_due(alarm, now=now, pace=self._pace, told_before=self._last_told.get(alarm.key))) is None:
                    continue
                claimed = replace(alarm, tried_at=now)
                self._replace(place, alarm, claimed)
                found.append((claimed, event))
            if self._stores is not None and not self._down:
                found += self._due_in_store(self._stores, now)
            return found

    def _due_in_store(self, stores: Stores, now: datetime) -> list[tuple[Alarm, str]]:
        try:
            with stores.snapshots() as session:
                known = stored.alarms_to_tell(session)
            due = [(a, event) for a, before in known if (event := notice_due(a, now=now, pace=self._pace, told_before=before)) is not None]
            if not due:
                return []
            with stores.sessions.begin() as session:
                return [(alarm, event) for alarm, event in due if stored.claim_notice(session, alarm, now=now)]
        except (StoreBusy, StoreUnavailable) as error:
            self._down.add(_OWN)
            self._remember(trouble_of(_OWN, error, patience=self._patience))
            return []

    def _send(self, notice: Notice) -> bool:
        """By every channel; True when one took it, or there is none but the log."""
        alarm = notice.alarm
        assert alarm is not None
        level = logging.INFO if notice.event == CLEARED else logging.ERROR
        LOG.log(level, f"alarm_{notice.event}", extra={"alarm": alarm.kind.value, "key": alarm.key, "reason": alarm.detail})
        taken = not self.channels
        for channel in self.channels:
            try:
                channel.send(notice)
                taken = True
            except NoticeNotSent as error:
                LOG.warning("alarm_not_told", extra={"channel": channel.name, "alarm": alarm.kind.value, "reason": str(error)})
        return taken

    def _told(self, alarm: Alarm, notified: str) -> None:
        with self._lock:
            now = self.clock()
            self._last_told[alarm.key] = now
            in_memory = alarm.id is None and (alarm in self._passed or alarm.key in self._memory)
            if in_memory:
                place = None if alarm.cleared_at is not None else alarm.key
                self._replace(place, alarm, replace(alarm, notified=notified, notified_at=now))
            elif self._stores is not None:  # one of the store, or written down while it was being told
                self._in_store(lambda session: stored.mark_notified(session, alarm, notified=notified, now=now))

    def _replace(self, place: str | None, old: Alarm, new: Alarm) -> None:
        """A later state of an alarm in memory; what has become of it meanwhile is kept."""
        if place is None:
            self._passed = [new if alarm is old else alarm for alarm in self._passed]
        elif place in self._memory:
            current = self._memory[place]
            self._memory[place] = replace(current, notified=new.notified, notified_at=new.notified_at, tried_at=new.tried_at)
