"""A line that breaks: a TCP proxy on loopback that lets so many bytes of the server through, then cuts both ends."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Proxy:
    """`allow`: how many bytes of answers each next connection may carry; None for all. `cuts` counts the connections that were cut."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self.port = 0
        self.allow: int | None = None
        self.cuts = 0
        self._open: list[socket.socket] = []

    def cut(self) -> None:
        """Ends every connection now."""
        for line in self._open:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def carry(self, client: socket.socket) -> None:
        left = self.allow
        with client, socket.create_connection(self.target, timeout=60) as server:
            self._open += [client, server]
            threading.Thread(target=_pump, args=(client, server), daemon=True).start()
            while data := _received(server):
                if left is not None:
                    data = data[:left]
                    left -= len(data)
                if not _sent(client, data):
                    break
                if left == 0:
                    self.cuts += 1
                    break
            for line in (client, server):
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)


@contextmanager
def running(host: str, port: int) -> Iterator[Proxy]:
    proxy = Proxy((host, port))
    listener = socket.create_server(("127.0.0.1", 0))
    proxy.port = listener.getsockname()[1]

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=proxy.carry, args=(client,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _pump(source: socket.socket, target: socket.socket) -> None:
    while data := _received(source):
        if not _sent(target, data):
            return


def _received(line: socket.socket) -> bytes:
    try:
        return line.recv(4096)
    except OSError:
        return b""


def _sent(line: socket.socket, data: bytes) -> bool:
    try:
        line.sendall(data)
    except OSError:
        return False
    return True
