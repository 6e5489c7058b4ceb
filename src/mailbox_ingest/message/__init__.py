"""Bytes of a mail -> IncomingMessage. Pure; never raises on a bad mail. Refuses to judge what a mail means."""

from __future__ import annotations

from mailbox_ingest.message.authentication import authenticate
from mailbox_ingest.message.automatic import OWN_MARK, automatic, null_return_path
from mailbox_ingest.message.body import Letter
from mailbox_ingest.message.bounces import delivery_reports
from mailbox_ingest.message.headers import AnyMessage, mailboxes, message_id, message_ids, moment, raw_field, raw_fields, text_field
from mailbox_ingest.message.parts import contents
from mailbox_ingest.message.received import received_at
from mailbox_ingest.message.structure import parse_tree
from mailbox_ingest.model import DeliveryReport, IncomingMessage

__all__ = ["OWN_MARK", "parse"]


def parse(raw: bytes, *, authserv_id: str = "mx.google.com", own_addresses: frozenset[str] = frozenset()) -> IncomingMessage:
    """One mail as the house knows it.

    `authserv_id` names the provider whose Authentication-Results are believed; `own_addresses` are addresses that we write from.
    """
    root, limits = parse_tree(raw)
    subject = text_field(root, "subject")
    senders = mailboxes(list(raw_fields(root, "from"))) or mailboxes(list(raw_fields(root, "sender")))
    sender = senders[0] if senders else None
    delivered_to = tuple(mailbox.email for mailbox in mailboxes(list(raw_fields(root, "delivered-to"))))
    ours = frozenset(address.lower() for address in own_addresses) | frozenset(delivered_to[:1])
    inside = contents(root, subject=subject, ours=ours)
    references = message_ids(raw_field(root, "references"))
    answered = message_ids(raw_field(root, "in-reply-to"))
    machine = automatic(
        root,
        sender=sender,
        subject=subject,
        attachments=inside.attachments,
        own_addresses=own_addresses,
        own_text=inside.letter.own_text,
    )
    return IncomingMessage(
        message_id=message_id(raw_field(root, "message-id")),
        sender=sender,
        to=mailboxes([*raw_fields(root, "to"), *raw_fields(root, "cc")]),
        delivered_to=delivered_to,
        subject=subject,
        sent_at=moment(raw_field(root, "date")),
        received_at=received_at(root),
        in_reply_to=answered[0] if answered else None,
        references=references,
        own_text=inside.letter.own_text,
        quoted_text=inside.letter.quoted_text,
        signature=inside.letter.signature,
        html=inside.letter.html,
        attachments=inside.attachments,
        automatic=machine,
        return_path_null=null_return_path(root),
        authentication=authenticate(root, authserv_id),
        authors=inside.authors,
        delivery_reports=_reports(root, inside.letter) if machine == "bounce" else (),
        defects=tuple(dict.fromkeys((*limits, *inside.defects, *(type(defect).__name__ for defect in root.defects)))),
    )


def _reports(root: AnyMessage, letter: Letter) -> tuple[DeliveryReport, ...]:
    return delivery_reports(root, letter_text=f"{letter.own_text}\n{letter.quoted_text}")
