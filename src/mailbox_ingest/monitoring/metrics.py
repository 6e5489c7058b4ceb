"""Prometheus figures (prometheus-client): the ledger's as they are when asked, and how long jobs take. No global registry."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from mailbox_ingest import __version__
from mailbox_ingest.monitoring.health import Health

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX = "mailbox_ingest_"
_SECONDS = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600)


class Metrics:
    """`health` is asked at every scrape."""

    def __init__(self, health: Callable[[], Health]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_OfHealth(health))
        self._jobs = Histogram(_PREFIX + "job_seconds", "How long jobs take", ("job",), buckets=_SECONDS, registry=self._registry)

    @contextmanager
    def job(self, name: str) -> Iterator[None]:
        """Times one run of a job, however it ends."""
        begin = time.monotonic()
        try:
            yield
        finally:
            self._jobs.labels(name).observe(time.monotonic() - begin)

    def text(self) -> bytes:
        return generate_latest(self._registry)


class _OfHealth(Collector):
    def __init__(self, health: Callable[[], Health]) -> None:
        self._health = health

    def describe(self) -> Iterable[Metric]:
        return ()  # registering must not ask the database

    def collect(self) -> Iterator[Metric]:
        health = self._health()
        yield _gauge("healthy", "1 while /healthz says 200", [((), float(health.ok))])
        yield _gauge("info", "Version and schema", [((__version__, health.schema or ""), 1.0)], "version", "schema")
        yield _gauge("alarms_open", "Open alarms", _count(alarm.kind.value for alarm in health.alarms), "kind")
        if health.schema is None:
            return  # the database is away: no figures are better than zeros
        yield _gauge("messages", "Messages of the ledger by outcome", [((name,), n) for name, n in health.messages.items()], "outcome")
        yield _gauge("messages_unread", "Messages that wait to be read", [((), health.unread)])
        yield _gauge("messages_held", "Messages that wait for a person", [((), health.held)])
        yield _gauge("outbox", "Mails of the outbox by state", [((name,), n) for name, n in health.outbox.items()], "state")
        yield _gauge("recipients_24h", "Recipients written to within 24 hours", [((), health.recipients_24h)])
        if health.recipients_budget_24h is not None:
            yield _gauge("recipients_budget_24h", "Recipients that may be written to within 24 hours", [((), health.recipients_budget_24h)])
        boxes = health.mailboxes.items()
        polls = CounterMetricFamily(_PREFIX + "polls", "Looks into a mailbox", labels=("mailbox", "result"))
        fetched = CounterMetricFamily(_PREFIX + "fetched_bytes", "Bytes of mail fetched", labels=("mailbox",))
        for name, box in boxes:
            polls.add_metric((name, "succeeded"), box.polls_succeeded)
            polls.add_metric((name, "failed"), box.polls_failed)
            fetched.add_metric((name,), box.bytes_fetched)
        yield polls
        yield fetched
        yield _gauge("fetched_bytes_24h", "Bytes fetched within 24 hours", [((n,), box.bytes_fetched_24h) for n, box in boxes], "mailbox")
        ages = [((name,), box.age_seconds) for name, box in boxes if box.age_seconds is not None]
        yield _gauge("last_successful_poll_age_seconds", "Since the last successful look into a mailbox", ages, "mailbox")


def _gauge(name: str, what: str, values: Iterable[tuple[tuple[str, ...], float]], *labels: str) -> Metric:
    family = GaugeMetricFamily(_PREFIX + name, what, labels=labels)
    for names, value in values:
        family.add_metric(names, value)
    return family


def _count(names: Iterable[str]) -> list[tuple[tuple[str, ...], float]]:
    found: dict[str, int] = {}
    for name in names:
        found[name] = found.get(name, 0) + 1
    return [((name,), count) for name, count in found.items()]
