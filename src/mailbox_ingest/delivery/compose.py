"""An OutgoingMail as the bytes that go out (RFC 5322, MIME). Pure. Outside text cannot become a header: `headers.py` writes those lines."""

from __future__ import annotations

import re
from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from mailbox_ingest.delivery.headers import address_header, text_header
from mailbox_ingest.errors import SubmissionRefused
from mailbox_ingest.message import OWN_MARK
from mailbox_ingest.model import OutgoingAttachment, OutgoingMail
from mailbox_ingest.periods import LOCAL_ZONE

_ID = re.compile(r"<[!-;=?-~]{3,900}>")
_NOT_IN_A_NAME = re.compile(r"[^\w .()\[\]+-]+")
_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9@._-]+")
_MAX_NAME = 120
_CONTENT_TYPE = re.compile(r"[\w!#$&^.+-]{1,100}/[\w!#$&^.+-]{1,100}")
_MAX_REFERENCES = 20


def compose(mail: OutgoingMail, *, now: datetime) -> bytes:
    """The whole message with CRLF line ends. `now` becomes its Date.

    Raises SubmissionRefused for a mail that cannot be written as asked (an address or Message-ID that is none, no recipient).
    """
    if not _ID.fullmatch(mail.message_id):
        raise SubmissionRefused(f"mail {mail.key}: {mail.message_id!r} is no Message-ID")
    if not mail.to:
        raise SubmissionRefused(f"mail {mail.key} has no recipient")
    message = EmailMessage(policy=SMTP)
    try:
        message["Date"] = format_datetime(now.astimezone(LOCAL_ZONE))
        # RFC 3834 for everybody; the second for Exchange, which answers automatic mail otherwise; the third is how we know our own.
        message["Auto-Submitted"] = _safe_id(mail.auto_submitted)
        message["X-Auto-Response-Suppress"] = "All"
        message[OWN_MARK] = mail.kind.value
        _fill(message, mail)
        return _threading(mail) + _visible(mail) + message.as_bytes()
    except (MessageError, ValueError, IndexError, UnicodeError) as error:
        raise SubmissionRefused(f"mail {mail.key} cannot be composed: {error}") from error


def recipients(mail: OutgoingMail) -> tuple[str, ...]:
    """The envelope recipients, each once."""
    return tuple(dict.fromkeys(to.email for to in mail.to))


def _fill(message: EmailMessage, mail: OutgoingMail) -> None:
    content = mail.content
    message.set_content(content.text, charset="utf-8", cte="quoted-printable")
    related: list[OutgoingAttachment] = []
    if content.html is not None:
        message.add_alternative(content.html, subtype="html", charset="utf-8", cte="quoted-printable")
        html = message.get_body(("html",))
        related = [item for item in content.attachments if item.content_id is not None]
        for item in related:
            maintype, subtype = _types(item)
            cid = f"<{_safe_id(item.content_id or '')}>"
            if isinstance(html, EmailMessage):
                html.add_related(item.data, maintype, subtype, cid=cid, disposition="inline", filename=_safe_name(item.name))
    for item in content.attachments:
        if item not in related:
            maintype, subtype = _types(item)
            message.add_attachment(item.data, maintype, subtype, filename=_safe_name(item.name))


def _types(item: OutgoingAttachment) -> tuple[str, str]:
    maintype, _, subtype = item.content_type.partition("/")
    if maintype in ("multipart", "message") or not _CONTENT_TYPE.fullmatch(item.content_type):
        return "application", "octet-stream"
    return maintype, subtype


def _threading(mail: OutgoingMail) -> bytes:
    """Message-ID, In-Reply-To and References as bytes: the standard library would fold long ids into encoded words and break the thread."""
    lines = [f"Message-ID: {mail.message_id}"]
    if mail.in_reply_to and _ID.fullmatch(mail.in_reply_to):
        lines.append(f"In-Reply-To: {mail.in_reply_to}")
    references = [item for item in mail.references if _ID.fullmatch(item)][-_MAX_REFERENCES:]
    if references:
        lines.append("References: " + "\r\n ".join(references))
    return ("\r\n".join(lines) + "\r\n").encode("ascii")


def _visible(mail: OutgoingMail) -> bytes:
    """From, To and Subject in lines of our own: the standard library decodes what looks like an encoded word, line breaks in it too."""
    return (
        address_header("From", [(mail.sender.name, mail.sender.email)])
        + address_header("To", [(to.name, to.email) for to in mail.to])
        + text_header("Subject", mail.content.subject)
    ).encode("ascii")


def _safe_name(name: str) -> str:
    """A file's name with letters, digits and a few signs; never more than a file system takes."""
    stem, dot, extension = _NOT_IN_A_NAME.sub("_", name).rpartition(".")
    return f"{stem[:_MAX_NAME]}{dot}{extension[:20]}".strip() or "tep"


def _safe_id(text: str) -> str:
    return _NOT_IN_AN_ID.sub("_", text.strip("<>"))[:_MAX_NAME]
