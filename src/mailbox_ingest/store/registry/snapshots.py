"""The registry as mails were judged with it, so that a mail can be judged again as it was. Each state is kept once, compressed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailbox_ingest.model import Unit
from mailbox_ingest.store.database.codec import pack, unpack
from mailbox_ingest.store.database.inserts import insert_unless_known
from mailbox_ingest.store.tables import REGISTRIES


def remember_registry(session: Session, units: Sequence[Unit], *, now: datetime) -> int:
    """Its number, new or known."""
    plain = [[unit.code, unit.name, unit.group, unit.emails, unit.aliases] for unit in units]
    data = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()
    row = {"sha256": hashlib.sha256(data).digest(), "first_used_at": now, "data": pack(data)}
    known = session.scalar(select(REGISTRIES.c.id).where(REGISTRIES.c.sha256 == row["sha256"]))
    if known is None:
        insert_unless_known(session, REGISTRIES, [row], unique=("sha256",), returning="id")
        known = session.scalar(select(REGISTRIES.c.id).where(REGISTRIES.c.sha256 == row["sha256"]))
    assert known is not None
    return int(known)


def recall_registry(session: Session, number: int) -> tuple[Unit, ...] | None:
    """The units of that registry in their order; None for an unknown number."""
    data = session.scalar(select(REGISTRIES.c.data).where(REGISTRIES.c.id == number))
    if data is None:
        return None
    return tuple(
        Unit(code=code, name=name, group=group, emails=tuple(emails), aliases=tuple(aliases))
        for code, name, group, emails, aliases in json.loads(unpack(data))
    )
