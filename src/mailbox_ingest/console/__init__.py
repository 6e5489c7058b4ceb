"""The operator's web desk: pages and acts over the house, for people who have logged in. Holds no rules; each act is one call.

browser ── headers · host ── door (session, role, CSRF) ── view ── App ──▶ Page · Go · Download
"""

from mailbox_ingest.console.server import ConsoleServer, serve
from mailbox_ingest.console.site import create_site

__all__ = ["ConsoleServer", "create_site", "serve"]
