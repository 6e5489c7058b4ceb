"""A rendered letter gets its addresses, its thread and its Message-ID, fixed here once. Refuses more than one recipient for a reply."""

from __future__ import annotations

import re
import secrets

from mailbox_ingest.model import IncomingMessage, LetterContent, Mailbox, OutgoingKind, OutgoingMail
from mailbox_ingest.render.wording import one_line

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")  # printable ASCII without spaces and angle brackets
_NOT_LOCAL = re.compile(r"[^0-9A-Za-z]+")
_MAX_REFERENCES = 20


def message_id(key: str, *, sender: Mailbox, token: str | None = None) -> str:
    """'<receipt-12.3f…@domain of our sender>'; `token` is random unless given, so that nobody can guess it and two stores never clash."""
    local = _NOT_LOCAL.sub("-", key).strip("-")[:80]
    return f"<{local}.{token or secrets.token_hex(8)}@{sender.email.rpartition('@')[2]}>"


def reply_mail(
    *, ledger_id: int, incoming: IncomingMessage, content: LetterContent, sender: Mailbox, token: str | None = None
) -> OutgoingMail:
    """The receipt of one mail: to its From address and nobody else (RFC 3834 §4).

    Raises ValueError when the mail has no From address.
    """
    if incoming.sender is None:
        raise ValueError("a mail without a From address cannot be answered")
    return thread_mail(
        key=f"receipt:{ledger_id}",
        kind=OutgoingKind.RECEIPT,
        ledger_id=ledger_id,
        to=incoming.sender,
        answered_id=incoming.message_id,
        references=incoming.references or ((incoming.in_reply_to,) if incoming.in_reply_to else ()),
        content=content,
        sender=sender,
        token=token,
    )


def thread_mail(
    *,
    key: str,
    kind: OutgoingKind,
    ledger_id: int,
    to: Mailbox,
    answered_id: str | None,
    references: tuple[str, ...],
    content: LetterContent,
    sender: Mailbox,
    token: str | None = None,
) -> OutgoingMail:
    """A mail in the thread of an earlier one (RFC 5322 §3.6.4). A decision has the key 'decision:<ledger id>:<number of the act>'."""
    parent = _ids((answered_id,))
    return OutgoingMail(
        key=key,
        kind=kind,
        message_id=message_id(key, sender=sender, token=token),
        sender=sender,
        to=(Mailbox(email=one_line(to.email), name=one_line(to.name, 100) or None if to.name else None),),
        content=content,
        auto_submitted="auto-replied",
        in_reply_to=parent[0] if parent else None,
        references=_thread(_ids(references), parent),
        in_answer_to=ledger_id,
    )


def announcement(
    *, key: str, kind: OutgoingKind, to: tuple[Mailbox, ...], content: LetterContent, sender: Mailbox, token: str | None = None
) -> OutgoingMail:
    """A mail that answers nobody: a digest or a reminder."""
    return OutgoingMail(
        key=key,
        kind=kind,
        message_id=message_id(key, sender=sender, token=token),
        sender=sender,
        to=to,
        content=content,
        auto_submitted="auto-generated",
    )


def _ids(candidates: tuple[str | None, ...]) -> tuple[str, ...]:
    """The well-formed Message-IDs among outside text, in order, each once."""
    found = (m[0] for c in candidates if c for m in _MESSAGE_ID.finditer(c if "<" in c else f"<{c.strip()}>"))
    return tuple(dict.fromkeys(found))


def _thread(references: tuple[str, ...], parent: tuple[str, ...]) -> tuple[str, ...]:
    """Root and latest ids where the thread is long: clients thread by those."""
    chain = (*(r for r in references if r not in parent), *parent)
    return chain if len(chain) <= _MAX_REFERENCES else (chain[0], *chain[1 - _MAX_REFERENCES :])
