"""Whole mails as the provider of the mailbox stores them: headers, body, attachments; all addresses are invented."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from mailbox_ingest.demo.registry import MAILBOX
from mailbox_ingest.periods import LOCAL_ZONE

# Python loses the space between two encoded words where it folds a subject ("báo cáocài đặt"): these subjects are not folded.
_UNFOLDED = SMTP.clone(max_line_length=900)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One attachment: name, MIME type such as 'application/pdf', bytes."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    email: str
    name: str


def compose(
    *,
    sender: Sender,
    at: datetime,
    subject: str,
    text: str,
    html: str | None = None,
    files: tuple[File, ...] = (),
    headers: tuple[tuple[str, str], ...] = (),
    message_id: str | None = None,
) -> bytes:
    """The mail as raw bytes. `at` is when the provider received it, one minute after the clerk pressed 'send'."""
    mail = EmailMessage(policy=_UNFOLDED)
    domain = sender.email.partition("@")[2]
    arrived = format_datetime(at.astimezone(LOCAL_ZONE))
    mail["Delivered-To"] = MAILBOX
    mail["Return-Path"] = f"<{sender.email}>"
    mail["Received"] = f"from mail.{domain} (mail.{domain} [198.51.100.7]) by mx.google.com with ESMTPS for <{MAILBOX}>; {arrived}"
    mail["Authentication-Results"] = (
        f"mx.google.com; dkim=pass header.i=@{domain}; spf=pass smtp.mailfrom={sender.email}; dmarc=pass header.from={domain}"
    )
    for name, value in headers:
        if name in mail:
            del mail[name]
        mail[name] = value
    mail["From"] = Address(display_name=sender.name, addr_spec=sender.email)
    mail["To"] = Address(display_name="Ban Công tác cơ sở", addr_spec=MAILBOX)
    mail["Date"] = arrived
    mail["Subject"] = subject
    mail["Message-ID"] = message_id or f"<{_token(sender.email, subject, at.isoformat(), text)}@{domain}>"
    mail.set_content(text)
    if html is not None:
        mail.add_alternative(html, subtype="html")
    for file in files:
        kind, _, subtype = file.content_type.partition("/")
        mail.add_attachment(file.data, maintype=kind, subtype=subtype, filename=file.name)
    for index, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=={_token(sender.email, at.isoformat(), str(index))}==")
    return mail.as_bytes()


def _token(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
