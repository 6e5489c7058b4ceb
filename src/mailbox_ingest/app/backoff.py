"""How long a mailbox that fails is left alone: longer each time, never in step with others, never longer than an hour. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_LONGEST = timedelta(hours=1)


@dataclass(slots=True, kw_only=True)
class Patience:
    """`usual` is the time between two polls; `chance` gives a number from 0 to 1."""

    usual: timedelta
    chance: Callable[[], float] = random.random
    _failures: dict[str, int] = field(default_factory=dict)
    _not_before: dict[str, datetime] = field(default_factory=dict)

    def may_try(self, name: str, now: datetime) -> bool:
        return now >= self._not_before.get(name, now)

    def failed(self, name: str, now: datetime) -> None:
        """After the first failure the next poll tries again; after further ones polls are left out."""
        self._failures[name] = failures = self._failures.get(name, 0) + 1
        wait = min(self.usual * (1 << min(failures - 1, 12)), max(_LONGEST, self.usual))
        self._not_before[name] = now + wait * (0.5 + 0.5 * self.chance())

    def succeeded(self, name: str) -> None:
        self._failures.pop(name, None)
        self._not_before.pop(name, None)

    def forget_moments(self) -> None:
        """The clock was set: what was told by the old one says nothing. Every mailbox may be tried."""
        self._not_before.clear()
