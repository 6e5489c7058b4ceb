"""A free port on loopback for a server that wants to be told one: of a range where the kernel takes none for outgoing connections.

A port of the kernel's own choosing may be some client's before the server listens on it; on a busy machine that happens.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from random import SystemRandom

HOST = "127.0.0.1"
_RANGE = range(15_000, 32_000)  # below net.ipv4.ip_local_port_range as Linux has it
_TRIES = 200


def free_port() -> int:
    """At random, so that two who look at the same time do not find the same one. Raises OSError where none is free."""
    for port in SystemRandom().sample(_RANGE, _TRIES):
        with suppress(OSError), socket.socket() as probe:
            probe.bind((HOST, port))
            return port
    raise OSError(f"no free port between {_RANGE.start} and {_RANGE.stop} on {HOST}")
