"""The breaker: whether one more reply may go out, seen from those that went out lately. Pure. Knows nothing of why a mail is answered.

It stands behind the caps of admission and needs none of them: whatever is wrong there, a loop ends here.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from mailbox_ingest.model import OutgoingKind
from mailbox_ingest.store.outgoing.records import SentReply

REPLIES = frozenset({OutgoingKind.RECEIPT, OutgoingKind.REVIEW_DECISION})  # what waits while the breaker is open
COUNTED = OutgoingKind.RECEIPT  # what a machine can make us send: a decision has a person behind it

LEAST_REPLIES = 200

# What changes from round to round of a loop: counters, dates, ids, and the prefixes that each side puts in front.
_CHANGING = re.compile(r"\d+|[^\w\s]+")
_PREFIX = re.compile(r"^(?:(?:re|fwd?|tr|aw|sv|automatic reply|trả lời|chuyển tiếp|trả lời tự động)\s+)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """At most `replies` receipts in `window`, and at most `same_reply` of them to one address with one kind of subject.

    `replies` None: as many as there are units, for on the due day most of them write within the hour; not fewer than `LEAST_REPLIES`.
    """

    replies: int | None = None
    same_reply: int = 12
    window: timedelta = timedelta(hours=1)

    def trips(self, sent: Collection[SentReply], recipients: Collection[str], subject: str, *, units: int = 0) -> str | None:
        """Why this reply must not go out after those that were `sent` within the window; None where it may. `units`: how many report."""
        most = max(LEAST_REPLIES, units) if self.replies is None else self.replies
        if len(sent) >= most:
            return (
                f"{len(sent)} replies went out within {_minutes(self.window)}, at most {most} may: where all of them were wanted, "
                "raise outbox.breaker_replies"
            )
        wanted, to = subject_pattern(subject), {email.lower() for email in recipients}
        for address in sorted(to):
            same = sum(1 for reply in sent if reply.email == address and subject_pattern(reply.subject) == wanted)
            if same >= self.same_reply:
                return (
                    f"{same} replies like this one went to {address} within {_minutes(self.window)}, at most {self.same_reply} may: a loop "
                    "(outbox.breaker_same_reply)"
                )
        return None


def subject_pattern(subject: str) -> str:
    """A subject without what changes from mail to mail of a loop."""
    return _PREFIX.sub("", " ".join(_CHANGING.sub(" ", subject.casefold()).split()))


def _minutes(window: timedelta) -> str:
    return f"{int(window.total_seconds() // 60)} minutes"
