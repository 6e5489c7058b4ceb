"""The use case 'digest': figures of a week, the mail made of them, frozen once and queued; and what people look at before and after.

build  build, health      send  send_digest, SentDigest      show  preview, consolidated      mail  how it looks and to whom it goes
"""

from mailbox_ingest.digest.build import build, health
from mailbox_ingest.digest.send import SentDigest, send_digest
from mailbox_ingest.digest.show import consolidated, preview

__all__ = ["SentDigest", "build", "consolidated", "health", "preview", "send_digest"]
