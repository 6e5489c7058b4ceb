"""The desk's views over 5,000 units and 52 weeks, with a ledger of one mail a report, on SQLite and PostgreSQL.

    python -m bench.desk_pages [--units 5000] [--weeks 52] [--store sqlite|postgres]

Each view is called five times; the median and the first call are given. Bar: 100 ms a page, of which the view is the larger part.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from bench.digest_scale import CONFIG, FIRST, database, fill
from mailbox_ingest.app.looking import Looking
from mailbox_ingest.app.reviewing import Desk
from mailbox_ingest.app.week_grid import GridQuery, GridState
from mailbox_ingest.model import Outcome
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.store.database.engine import open_engine, session_factory
from mailbox_ingest.store.ledger.search import MessageQuery
from mailbox_ingest.store.ledger.words import words_of
from mailbox_ingest.store.tables import MESSAGE_WORDS, MESSAGES, REPORTS, UNIT_ADDRESSES, UNITS

_CALLS = 5
_BATCH = 5000
_HELD = 300


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, default=5000)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--store", choices=("sqlite", "postgres"))
    options = parser.parse_args()
    for store in [options.store] if options.store else ["sqlite", "postgres"]:
        with database(store) as url:
            fill(url, options.units, options.weeks)
            engine = open_engine(url)
            add_mails(session_factory(engine))
            if store == "postgres":
                with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.execute(text("ANALYZE"))
            measure(store, Looking(config=CONFIG, snapshots=session_factory(engine, read_only=True), now=_now(options.weeks)), engine)
            engine.dispose()


def measure(store: str, looking: Looking, engine: Any) -> None:
    week = Period.at(looking.now)
    desk = Desk(config=CONFIG, sessions=session_factory(engine), snapshots=looking.snapshots, who="bench", now=looking.now)
    held = desk.queue()
    views: dict[str, Callable[[], object]] = {
        "week grid": lambda: looking.grid(week),
        "week grid, missing, by name": lambda: looking.grid(
            week, wanted=GridQuery(states=frozenset((GridState.MISSING, GridState.UNREACHABLE)), sort="name")
        ),
        "week grid, last week": lambda: looking.grid(week.shifted(-1)),
        "trend of 12 weeks": lambda: looking.trend(week),
        "unit page": lambda: looking.unit("u00042"),
        "ledger, newest": lambda: looking.messages(MessageQuery()),
        "ledger, common word": lambda: looking.messages(MessageQuery(words="báo cáo")),
        "ledger, rare word": lambda: looking.messages(MessageQuery(words="không có ở đâu")),
        "ledger, unit": lambda: looking.messages(MessageQuery(unit="u00042")),
        "ledger, sender": lambda: looking.messages(MessageQuery(sender="u00042@")),
        "ledger, outcome": lambda: looking.messages(MessageQuery(outcome=Outcome.NEEDS_REVIEW)),
        "queue": desk.queue,
        "held mail": lambda: desk.show(held[0].id),
        "next": lambda: desk.next_after(held[0].id),
        "acts": looking.acts,
    }
    for name, view in views.items():
        spent = []
        for _ in range(_CALLS):
            start = time.perf_counter()
            view()
            spent.append((time.perf_counter() - start) * 1000)
        print(f"{store}: {name}: {statistics.median(spent):.0f} ms (first {spent[0]:.0f})")


def add_mails(sessions: sessionmaker[Session]) -> None:
    """Every report gets a mail of its own; the last ones are held, and every unit gets an address."""
    with sessions.begin() as session:
        pattern = dict(session.execute(select(MESSAGES)).mappings().one())
        session.execute(
            insert(UNIT_ADDRESSES),
            [{"unit": code, "email": f"{code}@x.example", "position": 0} for code in session.scalars(select(UNITS.c.code))],
        )
        reports = session.execute(select(REPORTS.c.id, REPORTS.c.unit, REPORTS.c.period, REPORTS.c.arrived_at).order_by(REPORTS.c.id)).all()
        for start in range(0, len(reports), _BATCH):
            mails, words = [], []
            for report in reports[start : start + _BATCH]:
                number = report.id + 1
                subject = f"Báo cáo tuần {report.period} của {report.unit}"
                mails.append(
                    {
                        **pattern,
                        "id": number,
                        "uid": number,
                        "rfc_message_id": f"<{number}@x.example>",
                        "sender_email": f"{report.unit}@x.example",
                        "subject": subject,
                        "arrived_at": report.arrived_at,
                        "state": "done",
                        "outcome": "accepted",
                        "finished_at": report.arrived_at,
                    }
                )
                words.append({"message_id": number, "words": words_of(subject, None, f"{report.unit}@x.example", ("bao cao.docx",))})
            session.execute(insert(MESSAGES), mails)
            session.execute(insert(MESSAGE_WORDS), words)
        session.execute(update(REPORTS).values(message_id=REPORTS.c.id + 1))
        last = reports[-1].id + 1
        session.execute(update(MESSAGES).where(MESSAGES.c.id > last - _HELD).values(outcome="needs_review"))


def _now(weeks: int) -> datetime:
    monday = FIRST.shifted(weeks - 1).monday
    return datetime.combine(monday + timedelta(days=4), datetime.min.time(), tzinfo=LOCAL_ZONE).replace(hour=16)


if __name__ == "__main__":
    main()
