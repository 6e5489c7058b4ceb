"""The IMAP adapter: the only room that imports imapclient. Short sessions; plain text is refused off loopback.

`source` fetches, `sent` looks sent mails up; `session` is the wall around the library.
"""

from mailbox_ingest.imap.sent import ImapSentLookup
from mailbox_ingest.imap.session import Tokens
from mailbox_ingest.imap.source import ImapSource

__all__ = ["ImapSentLookup", "ImapSource", "Tokens"]
