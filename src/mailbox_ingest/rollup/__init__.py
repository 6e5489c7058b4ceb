"""Accepted reports become the figures of a digest. Pure: no clock, no store, no wording."""

from mailbox_ingest.rollup.weekly import weekly

__all__ = ["weekly"]
