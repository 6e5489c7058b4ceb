"""The use case 'digest': figures of a week, the mail made of them, frozen once and queued; and what people look at before and after.

build  build, health      send  send_digest, SentDigest      show  preview, consolidated      mail  how it looks and to whom it goes
span   the same for a range of days, on demand      upward  the report to the body above us, held until a person lets it go
"""

from mailbox_ingest.digest.build import build, health
from mailbox_ingest.digest.send import SentDigest, send_digest
from mailbox_ingest.digest.show import consolidated, preview
from mailbox_ingest.digest.span import SentRollup, preview_span, send_span
from mailbox_ingest.digest.upward import UpwardReport, draft_upward, drafts_due, preview_upward, release_upward, upward_reports

__all__ = [
    "SentDigest",
    "SentRollup",
    "UpwardReport",
    "build",
    "consolidated",
    "draft_upward",
    "drafts_due",
    "health",
    "preview",
    "preview_span",
    "preview_upward",
    "release_upward",
    "send_digest",
    "send_span",
    "upward_reports",
]
