"""A TCP line on loopback that counts what the server says, and calls or cuts at a byte: in the middle of a literal, say."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

HOST = "127.0.0.1"


class Proxy:
    """Passes connections on to `target_port`. Bytes of the server are counted over all connections since the last `at` or `cut_after`."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.passed_bytes = 0
        self.cuts = 0
        self._limit: int | None = None
        self._reached: Callable[[], None] = self.cut
        self._lock = threading.Lock()
        self._lines: set[socket.socket] = set()
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, passed_bytes: int) -> None:
        """The server's next `passed_bytes` bytes arrive, the rest does not."""
        self.at(passed_bytes, self.cut)

    def at(self, passed_bytes: int, call: Callable[[], None]) -> None:
        """Calls once when so many more bytes of the server have arrived, before the next one does."""
        with self._lock:
            self.passed_bytes, self._limit, self._reached = 0, passed_bytes, call

    def let_pass(self) -> None:
        with self._lock:
            self._limit = None

    def cut(self) -> None:
        """Resets every open connection."""
        self.cuts += 1
        with self._lock:
            lines, self._lines = self._lines, set()
        for line in lines:
            with contextlib.suppress(OSError):
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection((HOST, self.target_port), timeout=60)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                self._lines |= {client, server}
            threading.Thread(target=self._pump, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, True), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                head, reached = self._allowed(data) if counted else (data, None)
                sink.sendall(head)
                if reached is not None:
                    reached()
                    sink.sendall(data[len(head) :])
        for line in (source, sink):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            with self._lock:
                self._lines.discard(line)
            line.close()

    def _allowed(self, data: bytes) -> tuple[bytes, Callable[[], None] | None]:
        with self._lock:
            room = None if self._limit is None else self._limit - self.passed_bytes
            self.passed_bytes += len(data)
            if room is None or room > len(data):
                return data, None
            self._limit = None
            return data[:room], self._reached


@contextmanager
def running(target_port: int) -> Iterator[Proxy]:
    proxy = Proxy(target_port)
    try:
        yield proxy
    finally:
        proxy.close()
