"""uvicorn: in the foreground for `console`, in a thread beside the worker for `run`. A desk that fails is logged and stops nothing else."""

from __future__ import annotations

import gc
import logging
import signal
import socket
import threading
from contextlib import closing
from types import FrameType, TracebackType

import uvicorn

from mailbox_ingest.app import App
from mailbox_ingest.config import ConsoleConfig
from mailbox_ingest.console.site import create_site
from mailbox_ingest.errors import OperatorError

LOG = logging.getLogger(__name__)
_STOP_SECONDS = 5


class ConsoleServer:
    """The desk in a thread of its own; `with` starts and stops it. `port` 0 in the settings takes a free one."""

    def __init__(self, app: App, settings: ConsoleConfig) -> None:
        self._app = app
        self._settings = settings
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.port = settings.port

    def __enter__(self) -> ConsoleServer:
        """A desk that cannot start (a port that is taken, an incomplete installation) is logged: the worker goes on without it."""
        try:
            server = _server(self._app, self._settings)
            listener = listening(self._settings)
        except OperatorError as error:
            LOG.error("console_failed", extra={"reason": str(error)})
            return self
        except Exception as error:  # the desk that does not start must not keep the worker from its mails
            LOG.exception("console_failed", extra={"reason": str(error)})
            return self
        self.port = listener.getsockname()[1]
        self._server = server
        self._thread = threading.Thread(target=self._run, args=(self._server, listener), name="console", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(_STOP_SECONDS + 5)

    def _run(self, server: uvicorn.Server, listener: socket.socket) -> None:
        with closing(listener):
            try:
                server.run(sockets=[listener])
            except Exception:  # whatever it is, the worker beside it goes on
                LOG.exception("console_failed")


def serve(app: App, settings: ConsoleConfig) -> None:
    """Serves until SIGTERM or SIGINT. Raises OperatorError where the port cannot be had."""
    # uvicorn ends in order and then raises the signal again, for whoever was there before: that is us, and we are done.
    before = {number: signal.signal(number, _already_stopped) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with closing(listening(settings)) as listener:
            LOG.info("console_started", extra={"host": settings.host, "port": listener.getsockname()[1]})
            _server(app, settings).run(sockets=[listener])
            LOG.info("console_stopped")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def settle_memory() -> None:
    """What is loaded by now stays: the collector need not walk through it while somebody waits for a page. It cost 100 ms of every grid."""
    gc.collect()
    gc.freeze()


def _already_stopped(_number: int, _frame: FrameType | None) -> None:
    """Nothing is left to do."""


def listening(settings: ConsoleConfig) -> socket.socket:
    """The socket, bound before anything else starts. Raises OperatorError."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise OperatorError(f"console: {settings.host}:{settings.port} cannot be listened on: {error}") from error
    return listener


def _server(app: App, settings: ConsoleConfig) -> uvicorn.Server:
    site = create_site(app, settings, warm=True)
    settle_memory()
    return uvicorn.Server(
        uvicorn.Config(
            site,
            log_config=None,
            access_log=False,
            lifespan="on",
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=list(settings.trusted_proxies),
            server_header=False,
            date_header=True,
            timeout_graceful_shutdown=_STOP_SECONDS,
            limit_concurrency=200,
            h11_max_incomplete_event_size=32 * 1024,
        )
    )
