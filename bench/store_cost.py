"""What the store costs a message: recording (bytes and row), claiming, finishing (facts, a report of three values, reply), each committed.

    python bench/store_cost.py [--messages 1000] [--url URL]

Without --url it measures SQLite in a folder of its own, with synchronous FULL (ours) and NORMAL, beside the bare fsync of that disk.
Bars: record + finish under 3 ms on SQLite, under 6 ms on PostgreSQL.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from mailbox_ingest.model import (
    Evidence,
    IncomingMessage,
    JudgedReport,
    LetterContent,
    Mailbox,
    Outcome,
    OutgoingKind,
    OutgoingMail,
    ReportStatus,
    Unit,
    Verdict,
)
from mailbox_ingest.periods import Period
from mailbox_ingest.store.database.engine import open_engine, session_factory
from mailbox_ingest.store.database.migrate import ensure_current
from mailbox_ingest.store.ledger.claims import claim_messages
from mailbox_ingest.store.ledger.door import record_message
from mailbox_ingest.store.ledger.finish import finish_message
from mailbox_ingest.store.ledger.records import Arrival, AttachmentRecord
from mailbox_ingest.store.registry.units import import_units
from mailbox_ingest.store.reports.standing import accepted_reports

NOW = datetime(2020, 8, 20, tzinfo=UTC)
FIELDS = ("members", "smartphone_users", "installed")
RAW_BYTES = 60_000  # a mail with a Word form


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--url")
    options = parser.parse_args()
    if options.url:
        measure(open_engine(options.url), options.messages, options.url.split(":")[0])
        return
    with tempfile.TemporaryDirectory() as folder:
        print(f"bare fsync of a 4 kB append: {fsync_cost(Path(folder)):.2f} ms")
        for mode in ("FULL", "NORMAL"):
            engine = open_engine(f"sqlite:///{folder}/{mode}.db")
            event.listen(engine, "connect", lambda connection, _record, mode=mode: connection.execute(f"PRAGMA synchronous = {mode}"))
            measure(engine, options.messages, f"sqlite {mode}")


def measure(engine: Engine, messages: int, name: str) -> None:
    """Prints median, 95th percentile and CPU of each step."""
    ensure_current(engine)
    sessions = session_factory(engine)
    units = [Unit(code=f"unit-{n}", name=f"LĐLĐ {n}", group="huyện") for n in range(100)]
    with sessions.begin() as session:
        import_units(session, units, now=NOW)
    raws = [mail_bytes(n) for n in range(messages)]
    record, claim, finish = Timer(), Timer(), Timer()
    for n, raw in enumerate(raws):
        with record, sessions.begin() as session:
            record_message(session, Arrival(account="bench", folder="INBOX", uidvalidity=1, uid=n + 1, raw=raw), now=NOW)
    for n in range(messages):
        with claim, sessions.begin() as session:
            (claimed,) = claim_messages(session, now=NOW, lease=timedelta(minutes=5), limit=1)
        parts = outcome_of(n, claimed.id)
        with finish, sessions.begin() as session:
            finish_message(session, claimed.id, now=NOW, **parts)
    with sessions.begin() as session:
        start = time.perf_counter()
        found = len(accepted_reports(session, "bluezone"))
        read = time.perf_counter() - start
    total = record.median + finish.median
    print(f"{name}: record {record}, claim {claim}, finish {finish}")
    print(f"{name}: record + finish {total:.2f} ms (median); {found} reports read in {read:.3f} s")
    engine.dispose()


class Timer:
    """Collects wall and CPU milliseconds of what runs inside `with`."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu = 0.0

    def __enter__(self) -> None:
        self._start = (time.perf_counter(), time.process_time())

    def __exit__(self, *_: object) -> None:
        self.wall.append((time.perf_counter() - self._start[0]) * 1000)
        self.cpu += (time.process_time() - self._start[1]) * 1000

    @property
    def median(self) -> float:
        return statistics.median(self.wall)

    def __str__(self) -> str:
        ordered = sorted(self.wall)
        low, high = ordered[len(ordered) // 20], ordered[-len(ordered) // 20]
        return f"{self.median:.2f} ms (5 % {low:.2f}, 95 % {high:.2f}, CPU {self.cpu / len(self.wall):.2f})"


def outcome_of(n: int, message_id: int) -> dict[str, Any]:
    seen = Evidence(document="bao-cao.docx", place="bảng 1, dòng 2", raw="4.215 người", method="table", reader="docx 1")
    report = JudgedReport(
        form="bluezone",
        unit=f"unit-{n % 100}",
        period=Period(2020, 1).shifted(n // 100),
        values=dict.fromkeys(FIELDS, 4215),
        status=ReportStatus.ACCEPTED,
        evidence=dict.fromkeys(FIELDS, (seen,)),
        on_time=True,
        due_at=NOW,
    )
    reply = OutgoingMail(
        key=f"receipt:{message_id}",
        kind=OutgoingKind.RECEIPT,
        message_id=f"<receipt-{message_id}@us.example>",
        sender=Mailbox(email="us@us.example"),
        to=(Mailbox(email="clerk@b.example"),),
        content=LetterContent(subject="Re: Báo cáo", text="Đã nhận.\n" * 40, html="<p>Đã nhận.</p>" * 200),
        auto_submitted="auto-replied",
    )
    incoming = IncomingMessage(message_id=f"<{n}@b.example>", sender=Mailbox(email="clerk@b.example"), subject="Báo cáo", sent_at=NOW)
    record = AttachmentRecord(
        path="bao-cao.docx", name="bao-cao.docx", content_type="a/b", size_bytes=40_000, sha256="0" * 64, outcome="read"
    )
    verdict = Verdict(outcome=Outcome.ACCEPTED, reports=(report,), sender_registered=True)
    return {"incoming": incoming, "verdict": verdict, "attachments": (record,), "outgoing": reply}


def mail_bytes(n: int) -> bytes:
    head = f"From: clerk@b.example\r\nMessage-ID: <{n}@b.example>\r\nSubject: Bao cao {n}\r\n\r\n".encode()
    body = os.urandom(RAW_BYTES // 2).hex()
    return head + "\r\n".join(body[start : start + 76] for start in range(0, len(body), 76)).encode()


def fsync_cost(folder: Path, times: int = 200) -> float:
    costs = []
    with (folder / "probe").open("wb") as probe:
        for _ in range(times):
            probe.write(b"x" * 4096)
            probe.flush()
            start = time.perf_counter()
            os.fsync(probe.fileno())
            costs.append((time.perf_counter() - start) * 1000)
    return statistics.median(costs)


if __name__ == "__main__":
    main()
