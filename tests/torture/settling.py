"""What every test under torture ends with: time passes until all work is done, and every promise holds."""

from __future__ import annotations

import time

from bench.torture.mails import TortureMail
from bench.torture.office import Office
from bench.torture.truth import breaches, open_work

_PATIENCE_SECONDS = 400
_ROUND_SECONDS = 4


def put(office: Office, mails: list[TortureMail]) -> None:
    for mail in mails:
        office.append(mail)


def settle(office: Office) -> None:
    """Lets leases, back-offs and the ten minutes of an uncertain mail pass, again and again; then looks."""
    end = time.monotonic() + _PATIENCE_SECONDS
    leap = time.monotonic() + _ROUND_SECONDS
    while open_work(office):
        assert time.monotonic() < end, f"still open: {open_work(office)}"
        if time.monotonic() > leap:
            office.provider.wait_until_idle()
            if office.leap_over_leases():
                leap = time.monotonic() + _ROUND_SECONDS
        time.sleep(0.1)
    found = list(breaches(office, None))
    assert not found, found
