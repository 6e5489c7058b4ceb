"""The loop of a replay: reads ahead in child processes, judges in the order of the past, and notes what would change. Writes nothing."""

from __future__ import annotations

import logging
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import Config
from mailbox_ingest.errors import ReadingUnavailable, StoreBusy, StoreUnavailable
from mailbox_ingest.model import TAKEN, StoredReport, Verdict
from mailbox_ingest.reading.answering import recognise
from mailbox_ingest.reading.extractor import Extractor
from mailbox_ingest.reading.registry import Registry
from mailbox_ingest.reading.task import Extraction
from mailbox_ingest.reading.verdicts import decide_against
from mailbox_ingest.replay.compare import MessageChange, difference, stored_sides
from mailbox_ingest.replay.standing import Place, Standing
from mailbox_ingest.store.ledger.claims import load_raw
from mailbox_ingest.store.ledger.lookup import find_message, message_details
from mailbox_ingest.store.ledger.records import ClaimedMessage, MessageDetails
from mailbox_ingest.store.ledger.replays import (
    ReadMessage,
    Stood,
    UnitMoved,
    ledger_mark,
    moved_units,
    present_positions,
    read_messages,
    stood,
)
from mailbox_ingest.store.registry.snapshots import recall_registry
from mailbox_ingest.store.registry.units import load_units

LOG = logging.getLogger(__name__)
_AHEAD = 8  # mails a worker that are extracted before their turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """A mail whose new reading differs: what is needed to write it."""

    change: MessageChange
    details: MessageDetails
    extraction: Extraction
    verdict: Verdict


@dataclass(slots=True, kw_only=True)
class Plan:
    """What a replay found. `mark` tells whether the ledger moved on since; `standing` is what stands in the end, by place."""

    mark: tuple[int, int, int]
    read: int = 0
    decided: int = 0  # messages on which a person acted: left alone
    without_registry: int = 0  # judged with today's registry, because nobody kept the one of their day
    failed: list[tuple[int, str]] = field(default_factory=list)
    changed: list[Reread] = field(default_factory=list)
    standing: Mapping[Place, StoredReport] = field(default_factory=dict)

    @property
    def changes(self) -> tuple[MessageChange, ...]:
        return tuple(item.change for item in self.changed)


def plan(
    snapshots: sessionmaker[Session],
    extractor: Extractor,
    config: Config,
    *,
    since: datetime | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Plan:
    """Reads and judges every mail that was read since `since` (all without it), and gives what would change."""
    with snapshots.begin() as session:
        messages = read_messages(session)
        again = [item for item in messages if item.decided_by is None and (since is None or item.finished_at >= since)]
        past = _Past.of(session, frozenset(item.id for item in again))
        found = Plan(mark=ledger_mark(session))
    found.decided = sum(1 for item in messages if item.decided_by is not None and (since is None or item.finished_at >= since))
    standing, registries = Standing(), _Registries(snapshots, config)
    extracted = _extracted(snapshots, extractor, again)
    for message in again:
        past.happen(standing, before=(message.finished_at, message.id))
        claimed, future = next(extracted)
        found.without_registry += message.registry_id is None
        with snapshots.begin() as session:
            details = message_details(session, message.id)
            present = present_positions(session, message.id)
        assert details is not None
        try:
            extraction = extractor.result(claimed, future)
            with snapshots.begin() as session:
                extraction = recognise(session, extraction)
            verdict = decide_against(standing.known, extraction, registries.of(message), config.forms, config.admission)
        except (ReadingUnavailable, StoreBusy, StoreUnavailable):
            raise  # our own trouble says nothing of the mail: it would stay as it was read, as if today's code could not read it
        except Exception as error:  # noqa: BLE001 - the one wall: what cannot be read today stays as it was read
            LOG.warning("replay_failed", extra={"ledger_id": message.id, "reason": str(error)})
            found.failed.append((message.id, f"{type(error).__name__}: {error}"[:300]))
            past.settle(standing, message.id)
        else:
            _note(found, details, extraction, verdict, standing=standing, past=past, present=frozenset(present))
        found.read += 1
        progress(found.read, len(again))
    past.happen(standing, before=None)
    found.standing = standing.places()
    return found


def _note(
    found: Plan,
    details: MessageDetails,
    extraction: Extraction,
    verdict: Verdict,
    *,
    standing: Standing,
    past: _Past,
    present: frozenset[int],
) -> None:
    """What the mail says now takes its place in what stands; a difference is noted."""
    message = details.message
    change = difference(details, stored_sides(details, present, past.accepted), verdict, same_unit=past.same_unit, present=present)
    if change is not None:
        kept = _overruled(verdict, standing, past.same_unit)
        found.changed.append(Reread(change=replace(change, kept=kept), details=details, extraction=extraction, verdict=verdict))
        if kept:
            past.settle(standing, message.id)
            return
    sender = extraction.incoming.sender.email if extraction.incoming.sender else ""
    ids = past.ids_of(message.id, verdict) if change is None else [None] * len(verdict.reports)
    standing.take(verdict, message_id=message.id, arrived_at=extraction.arrived_at, sender=sender, ids=ids)


def _overruled(verdict: Verdict, standing: Standing, same_unit: Mapping[str, str]) -> str:
    """A person's figures yield to no new reading, and nothing is written for a unit that is no more."""
    for report in verdict.reports:
        if report.status in TAKEN and report.unit is not None and report.period is not None:
            old = standing.at(report.form, report.unit, report.period)
            if old is not None and old.by_human:
                return f"a person settled {old.unit} {old.period} (message {old.message_id})"
        if report.unit is not None and report.unit in same_unit:
            return f"unit {report.unit} is now {same_unit[report.unit]}"
    return ""


class _Past:
    """What happened besides the mails that are read again: reports of all other messages, and mergers of units, in their order."""

    def __init__(self, stood_before: Sequence[Stood], moved: Sequence[UnitMoved], again: frozenset[int]) -> None:
        others = [
            ((item.since, item.report.message_id, item.report.id), item) for item in stood_before if item.report.message_id not in again
        ]
        mergers = [((item.at, sys.maxsize, n), item) for n, item in enumerate(moved)]
        settled = [entry for entry in others if entry[1].present]
        self._events: deque[tuple[tuple[datetime, int, int], Stood | UnitMoved]] = deque(sorted([*settled, *mergers], key=lambda e: e[0]))
        self._moved = moved
        self._own: dict[int, list[StoredReport]] = {}
        for item in stood_before:
            if item.present:
                self._own.setdefault(item.report.message_id, []).append(item.report)
        self.accepted = {item.report.id: item.accepted_as.value for item in stood_before}
        self.same_unit: dict[str, str] = {}
        for merger in moved:
            later = {unit: merger.into if into == merger.unit else into for unit, into in self.same_unit.items()}
            self.same_unit = later | {merger.unit: merger.into}

    @classmethod
    def of(cls, session: Session, again: frozenset[int]) -> _Past:
        return cls(stood(session), moved_units(session), again)

    def happen(self, standing: Standing, *, before: tuple[datetime, int] | None) -> None:
        """Everything that happened up to a mail's reading, or all that is left."""
        while self._events and (before is None or self._events[0][0][:2] < before):
            event = self._events.popleft()[1]
            if isinstance(event, UnitMoved):
                standing.move(event.unit, event.into, event.places)
            else:
                standing.put(self._as_then(event))

    def _as_then(self, event: Stood) -> StoredReport:
        """The report under the unit it was of when it was settled."""
        unit = next((item.unit for item in self._moved if event.report.id in item.reports and event.since <= item.at), event.report.unit)
        return replace(event.report, unit=unit)

    def settle(self, standing: Standing, message_id: int) -> None:
        """What the message said when it was read takes its place as it did then."""
        for report in self._own.get(message_id, ()):
            standing.put(report)

    def ids_of(self, message_id: int, verdict: Verdict) -> list[int | None]:
        """The store's ids of reports that are as they were, so that what they take the place of is known."""
        own = self._own.get(message_id, [])
        return [
            next((o.id for o in own if (o.form, self._now(o.unit), o.period) == (r.form, self._now(r.unit), r.period)), None)
            for r in verdict.reports
        ]

    def _now(self, unit: str | None) -> str | None:
        return self.same_unit.get(unit, unit) if unit is not None else None


class _Registries:
    """The registry of a mail's day; today's for mails from before it was kept."""

    def __init__(self, snapshots: sessionmaker[Session], config: Config) -> None:
        self._snapshots = snapshots
        self._superiors = config.organisation.superiors
        self._last: tuple[int | None, Registry] | None = None

    def of(self, message: ReadMessage) -> Registry:
        if self._last is None or self._last[0] != message.registry_id:
            with self._snapshots.begin() as session:
                units = None if message.registry_id is None else recall_registry(session, message.registry_id)
                self._last = (message.registry_id, Registry.of(load_units(session) if units is None else units, self._superiors))
        return self._last[1]


def _extracted(
    snapshots: sessionmaker[Session], extractor: Extractor, messages: Sequence[ReadMessage]
) -> Iterator[tuple[ClaimedMessage, Future[Extraction]]]:
    """The mails in their order, some of them handed to the children before their turn."""
    ahead: deque[tuple[ClaimedMessage, Future[Extraction]]] = deque()
    left = iter(messages)
    try:
        while True:
            for message in islice(left, extractor.limits.workers * _AHEAD - len(ahead)):
                claimed = _claimed(snapshots, message.id)
                ahead.append((claimed, extractor.submit(claimed)))
            if not ahead:
                return
            yield ahead.popleft()
    finally:
        for _, future in ahead:
            future.cancel()


def _claimed(snapshots: sessionmaker[Session], message_id: int) -> ClaimedMessage:
    with snapshots.begin() as session:
        message, raw = find_message(session, message_id), load_raw(session, message_id)
    assert message is not None and raw is not None
    return ClaimedMessage(
        id=message.id,
        raw=raw,
        arrived_at=message.arrived_at,
        recorded_at=message.recorded_at,
        account=message.account,
        folder=message.folder,
        uid=message.uid,
        attempts=1,
        truncated=message.truncated,
        size_bytes=message.size_bytes,
    )
