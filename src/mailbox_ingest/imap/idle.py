"""IMAP IDLE as an alarm clock: a connection of its own that wakes the poll up. Never the truth: the poll goes on without it.

connect ─▶ IDLE ─▶ EXISTS: wake ─▶ … ─▶ DONE before 29 minutes (RFC 2177), IDLE again        line broke ─▶ back-off with jitter ─▶ connect
"""

from __future__ import annotations

import logging
import random
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from imapclient import IMAPClient  # type: ignore[import-untyped]  # ships no types

from mailbox_ingest.config import ImapConfig
from mailbox_ingest.errors import MailboxIngestError
from mailbox_ingest.imap.session import Tokens, session

log = logging.getLogger(__name__)

RENEW_SECONDS = 25 * 60.0
SILENT_SECONDS = 180.0  # so long without a sign of life, and the connection is broken from outside
_LOOK_SECONDS = 1.0
_HELD_SECONDS = 60.0  # a connection that held so long was good: its end begins the waiting anew
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 5.0, 900.0


class IdleWatch:
    """Watches one mailbox's INBOX in a thread of its own. `wake` is called from that thread and must not block."""

    def __init__(
        self,
        config: ImapConfig,
        wake: Callable[[], None],
        *,
        tokens: Tokens | None = None,
        renew_seconds: float = RENEW_SECONDS,
        first_wait_seconds: float = _FIRST_WAIT_SECONDS,
        silent_seconds: float = SILENT_SECONDS,
    ) -> None:
        self.config = config
        self._wake = wake
        self._tokens = tokens
        self._renew_seconds = renew_seconds
        self._first_wait_seconds = first_wait_seconds
        self._silent_seconds = silent_seconds
        self._stopping = threading.Event()
        self._client: IMAPClient | None = None
        self._sign_of_life = time.monotonic()
        self._thread: threading.Thread | None = None

    def watch_over(self) -> None:
        """Starts the thread where none runs; breaks a connection that has gone silent, so that it is made anew. Call it now and then."""
        if self._stopping.is_set():
            return
        if not self.alive:
            self._sign_of_life = time.monotonic()
            self._thread = threading.Thread(target=self._run, name=f"idle-{self.config.name}", daemon=True)
            self._thread.start()
        client = self._client
        if client is not None and time.monotonic() - self._sign_of_life > self._silent_seconds:
            log.warning("idle_silent", extra={"account": self.config.name})
            with suppress(OSError):
                client.socket().shutdown(socket.SHUT_RDWR)  # not closed: it is the thread's own, which now reads its end

    @property
    def alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def stop(self) -> None:
        """Ends the thread; comes back when it is gone, or leaves it to its network timeout."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(3 * _LOOK_SECONDS)

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            began_at = time.monotonic()
            try:
                able = self._watch()
            except MailboxIngestError as error:
                failures = 1 if time.monotonic() - began_at > _HELD_SECONDS else failures + 1
                # The poll tells the operator; here it is only the alarm clock that stands still.
                log.info("idle_interrupted", extra={"account": self.config.name, "reason": str(error)})
                if self._stopping.wait(back_off_seconds(failures, self._first_wait_seconds)):
                    return
            else:
                if not able:
                    log.warning("idle_not_offered", extra={"account": self.config.name})
                    self._stopping.wait()

    def _watch(self) -> bool:
        """One connection; False where the server has no IDLE. Raises what a poll raises."""
        with session(self.config, self._tokens) as client:
            if not client.has_capability("IDLE"):
                return False
            client.select_folder("INBOX", readonly=True)
            self._client = client
            try:
                self._wake()  # what came while nobody watched
                while not self._stopping.is_set():
                    self._idle_once(client)
            finally:
                self._client = None
        return True

    def _idle_once(self, client: IMAPClient) -> None:
        client.idle()
        look_seconds = min(_LOOK_SECONDS, self._renew_seconds)
        renew_at = time.monotonic() + self._renew_seconds
        while not self._stopping.is_set() and time.monotonic() < renew_at:
            looked_at = time.monotonic()
            news = client.idle_check(timeout=look_seconds)
            self._sign_of_life = time.monotonic()
            self._tell(news)
            if not news and self._sign_of_life - looked_at < look_seconds / 2:
                break  # imapclient says nothing of a line that has ended; DONE finds out
        _, news = client.idle_done()
        self._tell(news)

    def _tell(self, news: list[tuple[object, ...]]) -> None:
        if any(len(item) > 1 and item[1] in (b"EXISTS", b"RECENT") for item in news):
            self._wake()


def back_off_seconds(failures: int, first_seconds: float) -> float:
    """Doubling, bounded, and never in step with others."""
    longest = min(first_seconds * (1 << min(failures - 1, 16)), _LONGEST_WAIT_SECONDS)
    return random.uniform(longest / 2, longest)
