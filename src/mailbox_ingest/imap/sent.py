"""Looks into the folder of sent mails: did a mail with this Message-ID go out?"""

from __future__ import annotations

from mailbox_ingest.config import ImapConfig
from mailbox_ingest.errors import MailboxRefused
from mailbox_ingest.imap.session import Tokens, folder_named, session


class ImapSentLookup:
    """The sender's own account; Gmail files a copy of what is sent over SMTP."""

    def __init__(self, config: ImapConfig, folder: str = "\\Sent", *, tokens: Tokens | None = None) -> None:
        self.config = config
        self.folder = folder
        self._tokens = tokens

    def was_sent(self, message_id: str) -> bool:
        """Raises MailboxRefused (also where there is no such folder) or MailboxUnreachable."""
        with session(self.config, self._tokens) as client:
            folder = folder_named(client, self.folder)
            if folder is None:
                raise MailboxRefused(f"the mailbox {self.config.name} has no folder {self.folder}: set smtp.sent_folder")
            client.select_folder(folder, readonly=True)
            return bool(client.search(["HEADER", "Message-ID", message_id]))
