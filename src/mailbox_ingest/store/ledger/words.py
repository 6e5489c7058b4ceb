"""What people search mails by: subject, sender and names of attached files, folded into one line a message."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session

from mailbox_ingest.store.tables import MESSAGE_WORDS
from mailbox_ingest.vietnamese.fold import fold

_INSERT = insert(MESSAGE_WORDS)
_UPDATE = update(MESSAGE_WORDS).where(MESSAGE_WORDS.c.message_id == bindparam("number")).values(words=bindparam("found"))


def words_of(subject: str, sender_name: str | None, sender_email: str | None, names: Iterable[str | None] = ()) -> str:
    """'Báo cáo tuần 34' of camlo@b.example -> ' bao cao tuan 34 camlo b example ': a word is found by the spaces around it, too."""
    return f" {fold(' '.join(part for part in (subject, sender_name, sender_email, *names) if part))} "


def write_words(session: Session, message_id: int, words: str) -> None:
    session.connection().execute(_INSERT, {"message_id": message_id, "words": words})


def rewrite_words(session: Session, message_id: int, words: str) -> None:
    """The whole mail was read: its own header facts and the names of its files."""
    session.connection().execute(_UPDATE, {"number": message_id, "found": words})
