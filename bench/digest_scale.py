"""A digest of 5,000 units over 52 weeks: figures built and the mail rendered with all its files, on SQLite and PostgreSQL.

    python -m bench.digest_scale [--units 5000] [--weeks 52] [--store sqlite|postgres]

Each store is measured in a process of its own: wall time of both steps, and the process's peak memory. Bars: under 5 s and 500 MB.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import Config, DigestConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.digest import build, health
from mailbox_ingest.model import LetterContent, Unit
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.render.digest.letter import digest_letter
from mailbox_ingest.rollup.freeze import frozen_figures
from mailbox_ingest.store.database.engine import open_engine, session_factory
from mailbox_ingest.store.database.migrate import ensure_current
from mailbox_ingest.store.ledger.door import record_message
from mailbox_ingest.store.ledger.records import Arrival
from mailbox_ingest.store.outgoing.digests import save_digest
from mailbox_ingest.store.outgoing.records import FrozenDigest
from mailbox_ingest.store.registry.units import import_units
from mailbox_ingest.store.tables import REPORT_FIELDS, REPORTS, ROSTER_ENTRIES

FIRST = Period(2020, 34)
DIGEST = DigestConfig(name="lanh-dao", form="bluezone", recipients=("pct@x.example",))
CONFIG = Config(store_url="", forms=(builtin_form("bluezone"),), digests=(DIGEST,))
SECONDS, MEGABYTES = 5.0, 500
_MISSING_IN_100 = 6
_BATCH = 20_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, default=5000)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--store", choices=("sqlite", "postgres"))
    parser.add_argument("--measure", metavar="URL", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure, FIRST.shifted(options.weeks - 1))))
        return
    for store in [options.store] if options.store else ["sqlite", "postgres"]:
        with database(store) as url:
            start = time.perf_counter()
            fill(url, options.units, options.weeks)
            filled = time.perf_counter() - start
            command = [sys.executable, "-m", "bench.digest_scale", "--measure", url, "--weeks", str(options.weeks)]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        total = found["build"] + found["render"]
        print(
            f"{store}: {options.units} units x {options.weeks} weeks ({filled:.0f} s to fill): build {found['build']:.2f} s, "
            f"render {found['render']:.2f} s, together {total:.2f} s (bar {SECONDS:.0f}), {found['cpu']:.2f} s of it this process's CPU; "
            f"peak {found['peak']:.0f} MB (bar {MEGABYTES}); "
            f"HTML {found['html']:.0f} KB, workbook {found['workbook']:.0f} KB"
        )


@contextmanager
def database(store: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        if store == "sqlite":
            yield f"sqlite:///{folder}/store.db"
            return
        sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
        from servers.postgres import find_binaries, running_postgres  # noqa: PLC0415  # the tests' own server

        binaries = find_binaries()
        if binaries is None:
            sys.exit("PostgreSQL is not installed (apt package postgresql)")
        with running_postgres(binaries) as server:
            yield server.url(server.create_database())


def measure(url: str, period: Period) -> dict[str, float]:
    """Seconds, and megabytes of this process at its largest."""
    engine = open_engine(url)
    snapshots = session_factory(engine, read_only=True)
    as_of = datetime.combine(period.monday + timedelta(days=4), datetime.min.time(), tzinfo=LOCAL_ZONE).replace(hour=17, minute=30)
    start, cpu = time.perf_counter(), time.process_time()
    with snapshots.begin() as session:
        figures = build(session, config=CONFIG, digest=DIGEST, period=period, as_of=as_of)
        condition = health(session, config=CONFIG, period=period)
    built = time.perf_counter()
    letter = digest_letter(figures, organisation=CONFIG.organisation, health=condition)
    done = time.perf_counter()
    assert figures.completeness.reported and figures.restatements and len(figures.history) > 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    workbook = next(len(file.data) for file in letter.attachments if file.name.endswith(".xlsx"))
    return {
        "build": built - start,
        "render": done - built,
        "cpu": time.process_time() - cpu,
        "peak": peak,
        "html": len((letter.html or "").encode()) / 1024,
        "workbook": workbook / 1024,
    }


def fill(url: str, units: int, weeks: int) -> None:
    """Units, frozen rosters, reports of every week but for a few units, last week's digest, and corrections that came after it."""
    engine = open_engine(url)
    ensure_current(engine)
    sessions = session_factory(engine)
    roster = [Unit(code=f"u{n:05}", name=f"Công đoàn cơ sở số {n}", group=f"Khối {n % 12 + 1}") for n in range(units)]
    now = datetime(2020, 8, 1, tzinfo=UTC)
    with sessions.begin() as session:
        import_units(session, roster, now=now)
        raw = b"From: a@x.example\r\n\r\n"
        message = record_message(session, Arrival(account="bench", folder="INBOX", uidvalidity=1, uid=1, raw=raw), now=now).id
    chance, number = random.Random(597), 0
    silent: list[Unit] = []
    for week in range(weeks):
        period = FIRST.shifted(week)
        due = datetime.combine(period.monday + timedelta(days=4), datetime.min.time(), tzinfo=LOCAL_ZONE).replace(hour=17)
        if week == weeks - 1:
            save_last(sessions, period.shifted(-1), due - timedelta(days=7) + timedelta(minutes=30))
        rows: list[dict[str, object]] = []
        values: list[dict[str, object]] = []
        missing: list[Unit] = []
        for n, unit in enumerate(roster):
            if chance.randrange(100) < _MISSING_IN_100:
                missing.append(unit)
                continue
            number += 1
            arrived = due - timedelta(minutes=chance.randrange(-300, 3000))
            rows.append(report_row(number, message, unit.code, period, arrived))
            members = 100 + n % 400
            figures = {"members": members, "smartphone_users": members * 8 // 10, "installed": min(members * 8 // 10, members * week // 60)}
            values += [{"report_id": number, "field": name, "value": value, "evidence": []} for name, value in figures.items()]
        if week == weeks - 1:
            for unit in silent[::2]:  # half of those missing last week report on it only now
                number += 1
                rows.append(report_row(number, message, unit.code, period.shifted(-1), due - timedelta(hours=2)))
                values.append({"report_id": number, "field": "installed", "value": 7, "evidence": []})
        silent = missing
        entries = [
            {
                "form": "bluezone",
                "period": str(period),
                "unit": unit.code,
                "name": unit.name,
                "group_name": unit.group,
                "position": n,
                "frozen_at": due,
            }
            for n, unit in enumerate(roster)
        ]
        with sessions.begin() as session:
            for table, lines in ((ROSTER_ENTRIES, entries), (REPORTS, rows), (REPORT_FIELDS, values)):
                for start in range(0, len(lines), _BATCH):
                    session.execute(insert(table), lines[start : start + _BATCH])
    engine.dispose()


def save_last(sessions: sessionmaker[Session], period: Period, as_of: datetime) -> None:
    """Last week's digest as it was frozen: what is restated is measured against it."""
    with sessions.begin() as session:
        figures = build(session, config=CONFIG, digest=DIGEST, period=period, as_of=as_of)
        content = LetterContent(subject="", text="", html=None)
        frozen = FrozenDigest(
            name=DIGEST.name, form=DIGEST.form, period=period, as_of=as_of, figures=frozen_figures(figures), content=content
        )
        save_digest(session, frozen, now=as_of)


def report_row(number: int, message: int, unit: str, period: Period, arrived: datetime) -> dict[str, object]:
    return {
        "id": number,
        "message_id": message,
        "position": number,
        "form": "bluezone",
        "unit": unit,
        "period": str(period),
        "status": "accepted",
        "accepted_status": "accepted",
        "on_time": True,
        "due_at": arrived,
        "arrived_at": arrived,
        "first_arrived_at": arrived,
        "accepted_at": arrived,
        "superseded_at": None,
        "supersedes": None,
        "previous": None,
        "sender": f"{unit}@x.example",
        "sender_registered": True,
        "by_human": False,
        "created_at": arrived,
    }


if __name__ == "__main__":
    main()
