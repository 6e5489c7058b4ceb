"""Who writes and who owes: mail addresses and units."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A body that owes reports. Addresses are lower case."""

    code: str
    name: str
    group: str
    emails: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A mail address with its display name. `email` is lower case."""

    email: str
    name: str | None = None
