"""What single options must be: a range, one of some names, an address, a connection that may be made."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from decimal import Decimal

from mailbox_ingest.config_file.build import Source

_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
_SECURITY = ("tls", "starttls", "plain")


def is_loopback(host: str) -> bool:
    """Whether a connection to `host` never leaves this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def connection(host: str, port: int, security: str, where: str, source: Source) -> None:
    if not host.strip():
        raise source.wrong(f"{where}.host", host, "the name or address of a server")
    between(port, 1, 65_535, f"{where}.port", source)
    one_of(security, _SECURITY, f"{where}.security", source)
    if security == "plain" and not is_loopback(host):
        raise source.wrong(
            f"{where}.security", security, f"'tls' or 'starttls': 'plain' is for a server on this machine only, {host} is not"
        )


def addresses(values: Iterable[str], where: str, source: Source) -> None:
    for value in values:
        if not _ADDRESS.fullmatch(value):
            raise source.wrong(where, value, "a mail address such as baocao@example.org")


def one_of(value: str, allowed: Iterable[str], where: str, source: Source) -> None:
    names = list(allowed)
    if value not in names:
        raise source.wrong(where, value, f"one of {', '.join(names)}")


def between(value: float | Decimal, low: float | Decimal, high: float | Decimal, where: str, source: Source) -> None:
    if not low <= value <= high:
        raise source.wrong(where, str(value) if isinstance(value, Decimal) else value, f"a number from {low} to {high}")


def unique(names: Iterable[str], where: str, source: Source) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise source.wrong(where, name, "each name only once")
        seen.add(name)
