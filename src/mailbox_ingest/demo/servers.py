"""An IMAP server (pymap) and an SMTP server (aiosmtpd) inside this process, on loopback, for the demo only: nothing leaves the machine."""

from __future__ import annotations

import asyncio
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPService
from pysasl.hashing import Cleartext

from mailbox_ingest.demo.ports import HOST, free_port

USER, PASSWORD = "baocao", "demo"
_START_SECONDS = 60.0


@dataclass(slots=True)
class Posted:
    """The mails the SMTP server took, as raw bytes, in order."""

    mails: list[bytes] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd's name)
        content = envelope.content
        self.mails.append(content if isinstance(content, bytes) else (content or "").encode())
        return "250 OK"


@contextmanager
def imap_server() -> Iterator[int]:
    """Runs pymap in a thread; gives its port."""
    port = free_port()
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        backend, config = await DictBackend.init(
            _pymap_arguments(port), hash_context=Cleartext()
        )  # half a million rounds a login protect nothing here
        config.apply_context()
        stop = asyncio.Event()
        async with AsyncExitStack() as stack:
            await backend.start(stack)
            await IMAPService(backend, config).start(stack)
            started.set_result((asyncio.get_running_loop(), stop))
            await stop.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except OSError as error:  # the port was taken in between: told to the one who waits
            started.set_exception(error)

    thread = threading.Thread(target=run, name="demo-imap", daemon=True)
    thread.start()
    loop, stop = started.result(_START_SECONDS)
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(_START_SECONDS)


def _pymap_arguments(port: int) -> Namespace:
    """The options of pymap's own command line, which is the only way to configure it."""
    parser = ArgumentParser()
    parser.set_defaults(debug=False, passlib_cfg=None)
    IMAPService.add_arguments(parser)
    DictBackend.add_subparser("dict", parser.add_subparsers())
    server = ["--host", HOST, "--port", str(port), "--no-tls"]
    return parser.parse_args([*server, "dict", "--demo-user", USER, "--demo-password", PASSWORD])


@contextmanager
def smtp_server() -> Iterator[tuple[int, Posted]]:
    """Runs aiosmtpd in a thread; gives its port and what it took."""
    posted = Posted()
    controller = Controller(posted, hostname=HOST, port=free_port(), enable_SMTPUTF8=True, ready_timeout=_START_SECONDS)
    controller.start()
    try:
        yield controller.port, posted
    finally:
        controller.stop()
