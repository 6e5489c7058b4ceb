"""Files and bodies as Documents: one module a format family behind one registry. Pure; meant to run in the sandbox's child processes."""

from mailbox_ingest.documents.attachments import read_attachment

__all__ = ["read_attachment"]
