"""What machines may ask about the service: /healthz and /metrics, on this machine only unless allowed."""

from mailbox_ingest.monitoring.health import Health, MailboxHealth, database_away, examine

__all__ = ["Health", "MailboxHealth", "database_away", "examine"]
