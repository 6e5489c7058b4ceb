"""A person decides on held messages: list, show, accept, correct, reject. Refuses what the form's hard rules forbid, whoever decides.

The caller owns the transaction (`with sessions.begin() as session:`) and rolls back on any error raised here.
"""

from mailbox_ingest.review.decide import accept, correct, reject
from mailbox_ingest.review.look import list_held, show_held
from mailbox_ingest.review.nouns import Decided, Decision, HeldMessage, HeldReport, Letter, Reviewer

__all__ = [
    "Decided",
    "Decision",
    "HeldMessage",
    "HeldReport",
    "Letter",
    "Reviewer",
    "accept",
    "correct",
    "list_held",
    "reject",
    "show_held",
]
