"""Digests as they were sent: once stored, the same figures and the same bytes for ever."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from mailbox_ingest.errors import ConflictError
from mailbox_ingest.model import LetterContent
from mailbox_ingest.periods import Period
from mailbox_ingest.store.database.codec import file_from_row, files_to_rows
from mailbox_ingest.store.database.inserts import insert_unless_known
from mailbox_ingest.store.outgoing.records import FrozenDigest
from mailbox_ingest.store.tables import DIGEST_FILES, DIGESTS


def save_digest(session: Session, digest: FrozenDigest, *, now: datetime) -> int:
    """Freezes a digest. Raises ConflictError when one of this name and period is frozen already: send that one."""
    content = digest.content
    row = {
        "name": digest.name,
        "form": digest.form,
        "period": str(digest.period),
        "as_of": digest.as_of,
        "created_at": now,
        "figures": dict(digest.figures),
        "subject": content.subject,
        "text_body": content.text,
        "html_body": content.html,
    }
    written = insert_unless_known(session, DIGESTS, [row], unique=("name", "period"), returning="id")
    if not written:
        raise ConflictError(f"the digest {digest.name} of {digest.period} is already frozen")
    if content.attachments:
        session.execute(insert(DIGEST_FILES), files_to_rows(content.attachments, "digest_id", int(written[0])))
    return int(written[0])


def find_digest(session: Session, name: str, period: Period) -> FrozenDigest | None:
    """The frozen digest with its files."""
    row = session.execute(select(DIGESTS).where(DIGESTS.c.name == name, DIGESTS.c.period == str(period))).first()
    if row is None:
        return None
    files = session.execute(select(DIGEST_FILES).where(DIGEST_FILES.c.digest_id == row.id).order_by(DIGEST_FILES.c.position)).mappings()
    content = LetterContent(
        subject=row.subject, text=row.text_body, html=row.html_body, attachments=tuple(file_from_row(dict(file)) for file in files)
    )
    return _digest(row, content)


def last_digest(session: Session, name: str, before: Period) -> FrozenDigest | None:
    """The digest of this name with the latest period before `before`, without its files."""
    earlier = (DIGESTS.c.name == name) & (DIGESTS.c.period < str(before))
    row = session.execute(select(DIGESTS).where(earlier).order_by(DIGESTS.c.period.desc()).limit(1)).first()
    return None if row is None else _digest(row, LetterContent(subject=row.subject, text=row.text_body, html=row.html_body))


def list_digests(session: Session, *, name: str | None = None, limit: int = 60) -> tuple[FrozenDigest, ...]:
    """Latest period first, without their files."""
    query = select(DIGESTS).order_by(DIGESTS.c.period.desc(), DIGESTS.c.name).limit(limit)
    if name is not None:
        query = query.where(DIGESTS.c.name == name)
    return tuple(_digest(row, LetterContent(subject=row.subject, text=row.text_body, html=row.html_body)) for row in session.execute(query))


def digest_headers(session: Session, name: str, *, limit: int = 60) -> tuple[tuple[Period, str, datetime], ...]:
    """Period, subject and moment of freezing, latest period first: without figures and mail, which are a megabyte each."""
    table = DIGESTS.c
    query = select(table.period, table.subject, table.created_at).where(table.name == name).order_by(table.period.desc()).limit(limit)
    return tuple((Period.parse(row.period), row.subject, row.created_at) for row in session.execute(query))


def _digest(row: Row[tuple[object, ...]], content: LetterContent) -> FrozenDigest:
    found = row._mapping
    return FrozenDigest(
        id=found["id"],
        name=found["name"],
        form=found["form"],
        period=Period.parse(found["period"]),
        as_of=found["as_of"],
        created_at=found["created_at"],
        figures=found["figures"],
        content=content,
    )
