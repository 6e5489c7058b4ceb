"""Files and bodies as Documents: one module a format family behind one registry. Pure; meant to run in the sandbox's child processes."""

from mailbox_ingest.documents.attachments import read_attachment
from mailbox_ingest.documents.body import read_body

__all__ = ["read_attachment", "read_body"]
