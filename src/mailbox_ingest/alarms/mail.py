"""A notice as a mail. Marked as made by a machine, so that nobody's machine answers it."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from mailbox_ingest.alarms.channels import Notice


def notice_mail(notice: Notice, *, sender: str, recipients: tuple[str, ...]) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = ", ".join(recipients)
    message["Subject"] = " ".join(notice.title.split())
    message["Date"] = format_datetime(notice.at)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(notice.text + "\n")
    return message.as_bytes()
