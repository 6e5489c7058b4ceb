"""Alarms: a failure becomes a trouble (`classify`), a trouble an alarm (`watch`), an alarm a few notices (`notices`), never a storm.

job or mailbox ──error──▶ Watch.report ──▶ store (or memory, while the database itself is the trouble)
every minute  ──────────▶ look at silence, missing mail, unread mail ──▶ tell what is due, by every channel
"""

from mailbox_ingest.alarms.channels import Channel, Notice
from mailbox_ingest.alarms.watch import Watch

__all__ = ["Channel", "Notice", "Watch"]
