"""The IMAP adapter: the only room that imports imapclient. Short sessions; plain text is refused off loopback.

`source` fetches, `sent` looks sent mails up, `outcomes` shows outcomes, `idle` wakes the poll up; `session` is the wall around the library.
"""

from mailbox_ingest.imap.idle import IdleWatch
from mailbox_ingest.imap.outcomes import ImapShelf
from mailbox_ingest.imap.sent import ImapSentLookup
from mailbox_ingest.imap.session import Tokens
from mailbox_ingest.imap.source import ImapSource

__all__ = ["IdleWatch", "ImapSentLookup", "ImapShelf", "ImapSource", "Tokens"]
