"""Kills, one after another, on one database; then a quiet life until all is done, and the reckoning beside an undisturbed office."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from sqlalchemy import text

from bench.torture.mails import TortureMail, stream
from bench.torture.moments import draw, live_and_die
from bench.torture.office import BEGIN, Office, opened, wait_for
from bench.torture.truth import Truth, breaches, digests_due, open_work, truth_of
from mailbox_ingest.store.database.engine import session_factory
from tests.servers.dovecot import Dovecot

_MAILS_A_LIFE = (1, 4)
# How the clock stands when the worker comes back: at once (what its predecessor held is still leased), after the leases, a day off.
_RETURNS = {"soon": 45, "later": 45, "a day later": 5, "a day earlier": 5}


@dataclass(slots=True)
class Figures:
    """What one campaign was, and what is wrong: `breaches` is empty where every promise holds."""

    store: str
    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    missed: int = 0
    returns: Counter[str] = field(default_factory=Counter)
    mails: Counter[str] = field(default_factory=Counter)
    replies: int = 0
    digests: int = 0
    found_sent: int = 0
    seconds: float = 0
    breaches: list[str] = field(default_factory=list)


def undisturbed(dovecot: Dovecot, folder: Path, url: str, user: str, mails: list[TortureMail]) -> tuple[Truth, list[str]]:
    """The truth of an office where nobody is killed, and what is wrong even there."""
    with opened(dovecot, folder, url, user) as office:
        for mail in mails:
            office.append(mail)
        _quiet_life(office)
        return truth_of(office), list(breaches(office, None))


def campaign(
    dovecot: Dovecot,
    folder: Path,
    urls: tuple[str, str],
    *,
    store: str,
    kills: int,
    seed: int,
    user: str,
    progress: Callable[[str], None] = lambda _words: None,
) -> Figures:
    """`urls`: an empty database for the torture, another for the undisturbed office."""
    began = time.monotonic()
    rng = random.Random(seed)
    figures = Figures(store=store, seed=seed)
    supply = stream(seed)
    with opened(dovecot, folder / "tortured", urls[0], f"{user}-tortured") as office:
        earliest = latest = office.now()
        for number in range(kills):
            for mail in islice(supply, rng.randint(*_MAILS_A_LIFE)):
                office.append(mail)
            moment = draw(rng, number)
            seen = live_and_die(office, moment)
            figures.kills[moment.phase] += 1
            figures.missed += not seen
            latest = max(latest, office.now())
            # The provider takes what the dead worker had sent; only then time may pass, or the ten minutes were none.
            office.provider.wait_until_idle()
            figures.returns[come_back(office, rng)] += 1
            progress(f"{store}: {number + 1} of {kills} kills, {len(office.appended)} mails, {open_work(office) or 'all done'}")
        office.leap(timedelta(days=3))
        _quiet_life(office)
        latest = max(latest, office.now())
        figures.mails = Counter(mail.kind for mail in office.appended)
        truth, wrong = undisturbed(dovecot, folder / "undisturbed", urls[1], f"{user}-undisturbed", office.appended)
        figures.breaches += [f"undisturbed: {words}" for words in wrong]
        figures.breaches += breaches(office, truth)
        figures.breaches += _digests(office, figures, earliest, latest)
        figures.breaches += left_behind(office)
        figures.replies = sum(mail.in_reply_to is not None for mail in office.provider.mails)
        figures.found_sent = sum(line.get("answer") == "found in the folder of sent mails" for life in office.lives for line in life.events)
    figures.seconds = time.monotonic() - began
    return figures


def come_back(office: Office, rng: random.Random) -> str:
    """Lets the time pass until the worker is started again; gives which sort of time."""
    how = rng.choices(list(_RETURNS), list(_RETURNS.values()))[0]
    if how == "a day earlier" and office.now() - timedelta(days=1) < BEGIN:
        how = "later"
    steps = {
        "soon": timedelta(seconds=rng.uniform(0, 60)),
        "later": timedelta(minutes=rng.uniform(21, 50)),
        "a day later": timedelta(days=1),
        "a day earlier": -timedelta(days=1),
    }
    office.leap(steps[how])
    return how


def left_behind(office: Office) -> list[str]:
    """What remains of the dead: processes, and scratch folders that the next life did not sweep away."""
    gone = time.monotonic() + 20
    while (left := office.processes()) and time.monotonic() < gone:
        time.sleep(0.2)
    found = [f"a process is left behind: {process.pid}" for process in left]
    return found + [f"a scratch folder is left behind: {path.name}" for path in (office.folder / "tmp").glob("mailbox-ingest-*")]


def _quiet_life(office: Office) -> None:
    """A worker that nobody kills, until there is nothing left to do."""
    life = office.worker()
    seconds = 240 + len(office.appended)
    wait_for(lambda: bool(life.named("poll_done")), "the first poll", seconds=240)
    wait_for(lambda: not open_work(office), f"no open work ({open_work(office)})", seconds=seconds)
    life.stop()


def _digests(office: Office, figures: Figures, earliest: datetime, latest: datetime) -> list[str]:
    with session_factory(office.engine, read_only=True).begin() as session:
        figures.digests = session.scalar(text("SELECT count(*) FROM outgoing WHERE kind = 'digest'")) or 0
    due = digests_due(earliest, latest)
    return [] if figures.digests == due else [f"{due} digests fell due, {figures.digests} were sent"]
