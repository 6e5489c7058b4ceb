"""Who writes, who owes and who decides: mail addresses, units, and the roles of our own people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


class Role(StrEnum):
    """What a user of the web desk may do; each may do what the ones before it may."""

    VIEW = "xem"
    DECIDE = "xu-ly"
    ADMIN = "quan-tri"

    def covers(self, needed: Role) -> bool:
        order = tuple(Role)
        return order.index(self) >= order.index(needed)
