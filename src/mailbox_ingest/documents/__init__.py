"""Files and bodies as Documents: one module a format family behind one registry. Pure; meant to run in the sandbox's child processes.

The doors are `attachments.read_attachment`, `body.read_body` and `sandbox.Sandbox`; nothing is imported here, because who holds the sandbox
needs no reader.
"""
