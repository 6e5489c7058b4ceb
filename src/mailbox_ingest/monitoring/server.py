"""A small HTTP server for /healthz and /metrics (http.server): reads nothing of a request but its path, changes nothing."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.monitoring.health import Health
from mailbox_ingest.monitoring.metrics import CONTENT_TYPE, Metrics

LOG = logging.getLogger(__name__)
_REQUEST_SECONDS = 10.0


@contextmanager
def serving(host: str, port: int, health: Callable[[], Health], metrics: Metrics) -> Iterator[int]:
    """Answers in threads of its own while the block runs; gives the port. Raises ConfigurationError where it cannot listen there."""

    class Handler(_Handler):
        pages = {  # noqa: RUF012  # one class a server, made here
            "/healthz": lambda: _health_page(health()),
            "/metrics": lambda: (HTTPStatus.OK, CONTENT_TYPE, metrics.text()),
        }

    try:
        server = ThreadingHTTPServer((host, port), Handler)
    except OSError as error:
        raise ConfigurationError(
            f"monitoring.host = {host}, monitoring.port = {port}: expected a free address of this machine: {error}"
        ) from error
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="monitoring", daemon=True)
    thread.start()
    LOG.info("monitoring_started", extra={"host": host, "port": server.server_port})
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def health_json(health: Health) -> dict[str, Any]:
    """As /healthz has it: moments as ISO 8601, alarms with what people need."""
    alarms = [
        {"kind": alarm.kind.value, "key": alarm.key, "detail": alarm.detail, "since": alarm.opened_at, "count": alarm.count}
        for alarm in health.alarms
    ]
    found: dict[str, Any] = {
        "status": "ok" if health.ok else "failing",
        "at": health.at,
        "schema": health.schema,
        "problems": health.problems,
    }
    found["mailboxes"] = {name: asdict(box) for name, box in health.mailboxes.items()}
    found["alarms"] = alarms
    found["queues"] = {"unread": health.unread, "held": health.held, "outbox": dict(health.outbox)}
    plain: dict[str, Any] = json.loads(json.dumps(found, ensure_ascii=False, default=_plain))
    return plain


def _health_page(health: Health) -> tuple[HTTPStatus, str, bytes]:
    status = HTTPStatus.OK if health.ok else HTTPStatus.SERVICE_UNAVAILABLE
    return status, "application/json", json.dumps(health_json(health), ensure_ascii=False).encode() + b"\n"


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else str(value)


class _Handler(BaseHTTPRequestHandler):
    pages: dict[str, Callable[[], tuple[HTTPStatus, str, bytes]]]
    timeout = _REQUEST_SECONDS
    server_version, sys_version = "mailbox-ingest", ""

    def do_GET(self) -> None:
        page = self.pages.get(self.path.partition("?")[0])
        status, kind, body = page() if page else (HTTPStatus.NOT_FOUND, "text/plain", b"/healthz or /metrics\n")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        LOG.debug("monitoring_request", extra={"request": format % args})
