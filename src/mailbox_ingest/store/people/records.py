"""Acts, users and sessions: frozen values without behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mailbox_ingest.model import (
    Role,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a person did. `subject`: 'message:12', 'unit:ldld-cam-lo'."""

    id: int
    at: datetime
    who: str
    action: str
    subject: str
    message_id: int | None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleUser:
    """Somebody who may use the web desk. `password_hash` never leaves `store/` and `access/`."""

    id: int
    name: str
    full_name: str
    role: Role
    active: bool
    created_at: datetime
    changed_at: datetime
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSession:
    """An open session with its user."""

    user: ConsoleUser
    opened_at: datetime
    seen_at: datetime
