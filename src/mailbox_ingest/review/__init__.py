"""A person decides on held messages: accept, correct, reassign, reject, ignore, ask again, merge.

Refuses what the form's hard rules forbid, whoever decides.

The caller owns the transaction (`with sessions.begin() as session:`) and rolls back on any error raised here.
"""

from mailbox_ingest.review.decide import accept, ask_again, correct, ignore, reassign, reject
from mailbox_ingest.review.look import list_held, show_held
from mailbox_ingest.review.merging import merge
from mailbox_ingest.review.nouns import Answer, Decided, Decision, HeldMessage, HeldReport, Letter, Reviewer
from mailbox_ingest.review.queue import QueueEntry, next_after, waiting
from mailbox_ingest.review.rules import Obstacle

__all__ = [
    "Answer",
    "Decided",
    "Decision",
    "HeldMessage",
    "HeldReport",
    "Letter",
    "Obstacle",
    "QueueEntry",
    "Reviewer",
    "accept",
    "ask_again",
    "correct",
    "ignore",
    "list_held",
    "merge",
    "next_after",
    "reassign",
    "reject",
    "show_held",
    "waiting",
]
