"""The use case 'replay': every stored mail read again with today's code, in the order it was read, against what was known then.

    ledger ── child processes: extract ── judge against what stood, in memory ──▶ what would change ── apply: one transaction

Nothing is written before `apply`. What a person decided is never overruled: such messages are not judged again, their reports stand as they
were settled.
"""

from mailbox_ingest.replay.apply import Applied, apply
from mailbox_ingest.replay.compare import MessageChange, ReportChange, Side
from mailbox_ingest.replay.run import Plan, Reread, plan

__all__ = ["Applied", "MessageChange", "Plan", "ReportChange", "Reread", "Side", "apply", "plan"]
