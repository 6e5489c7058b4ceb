"""Moments that no right clock can have written: a lease taken, a job begun, a mail queued well ahead of now by a clock set back since."""

from __future__ import annotations

from datetime import timedelta

# Machines that share a database may differ by minutes; an hour is no difference, it is another clock.
SKEW = timedelta(hours=1)
