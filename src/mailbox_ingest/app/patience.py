"""Opening the house for the worker: where the database is away an alarm goes out and the worker waits, instead of starting for ever."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from mailbox_ingest.alarms import Watch
from mailbox_ingest.app.house import App, open_app
from mailbox_ingest.config import Config
from mailbox_ingest.errors import StoreBusy, StoreUnavailable

LOG = logging.getLogger(__name__)
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 1.0, 60.0
_OPENING = "start"


@contextmanager
def open_patiently(
    config: Config, watch: Watch, *, wait: Callable[[float], object] = time.sleep, away: Callable[[str], object] = lambda _reason: None
) -> Iterator[App]:
    """As `open_app`, but tried again until the database can be used; `away` hears why not. Only a wrong configuration is raised."""
    with ExitStack() as opened:
        seconds = _FIRST_WAIT_SECONDS
        while True:
            try:
                app = opened.enter_context(open_app(config, clock=watch.clock, watch=watch))
                break
            except (StoreBusy, StoreUnavailable) as error:
                LOG.error("store_unavailable", extra={"reason": str(error), "next_try_seconds": seconds})
                away(str(error))
                watch.report(_OPENING, error)
                watch.tell()
                wait(seconds)
                seconds = min(seconds * 2, _LONGEST_WAIT_SECONDS)
        watch.report(_OPENING, None)
        yield app
