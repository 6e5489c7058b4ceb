"""Who may enter the web desk, and as what: accounts, passwords, sessions, throttled logins. Knows nothing of HTTP."""

from mailbox_ingest.access.accounts import Accounts
from mailbox_ingest.access.doorkeeper import Doorkeeper, LoginRefused, Opened, Visitor
from mailbox_ingest.access.passwords import LEAST_LETTERS, MOST_LETTERS

__all__ = ["LEAST_LETTERS", "MOST_LETTERS", "Accounts", "Doorkeeper", "LoginRefused", "Opened", "Visitor"]
