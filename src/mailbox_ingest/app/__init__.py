"""The composition root: a `Config` becomes opened objects, and the use cases get what they ask for. Nothing else connects anything.

Config ── open_app ──▶ App ── poll · ingest · read · deliver · run_digest · review · status ──▶ values
"""

from __future__ import annotations

from mailbox_ingest.app.exhibits import ExhibitFile, write_exhibits
from mailbox_ingest.app.house import App, checked_engine, open_app
from mailbox_ingest.app.views import Ledgered, Status

__all__ = ["App", "ExhibitFile", "Ledgered", "Status", "checked_engine", "open_app", "write_exhibits"]
