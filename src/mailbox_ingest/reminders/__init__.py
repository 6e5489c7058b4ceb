"""The use case 'reminders': units that owe a report are reminded, once a moment and person, until a mail of theirs is in the ledger.

    calendar ── moments ──▶ roster − reports − unread mail ── debts ──▶ mails ── one transaction: job run + outbox rows ──▶ delivery

Safe to run at any time and twice: a moment runs once (`job_run`), a mail has one key. `withdraw_settled` takes back what has become
pointless while it waited; run it before each delivery.
"""

from __future__ import annotations

from mailbox_ingest.reminders.run import Reminded, Unreachable, preview_reminders, remind
from mailbox_ingest.reminders.waiting import withdraw_settled

__all__ = ["Reminded", "Unreachable", "preview_reminders", "remind", "withdraw_settled"]
