"""A webhook as chat services have it: an HTTP server on loopback that keeps what is POSTed, or answers as a test says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Webhook:
    """`status` is the next answers' code; `location` goes with a redirect."""

    url: str = ""
    status: int = 200
    location: str = ""
    received: list[dict[str, Any]] = field(default_factory=list)

    @property
    def events(self) -> list[tuple[str, str]]:
        """(event, kind) of every notice, in order."""
        return [(notice["event"], notice["kind"]) for notice in self.received]


@contextmanager
def running() -> Iterator[Webhook]:
    script = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if script.status < 300:
                script.received.append(json.loads(body))
            self.send_response(script.status)
            if script.location:
                self.send_header("Location", script.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script.url = f"http://127.0.0.1:{server.server_port}/hooks/geheim"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
