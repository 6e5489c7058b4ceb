"""The web desk's pages over 5,000 units and 52 weeks on SQLite: server time of each, beside a page that shows nothing.

    python -m bench.console_pages [--units 5000] [--weeks 52]

Every page is asked for seven times through the whole application (session, view, template); the medians of processor and wall time are
given: on a machine that has other work only the first says something. The baseline is the page 'not found'. Bar: 100 ms.
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
from dataclasses import replace

from starlette.testclient import TestClient

from bench.desk_pages import CONFIG, _now, add_mails
from bench.digest_scale import DIGEST, database, fill
from mailbox_ingest.access import Accounts
from mailbox_ingest.app import open_app
from mailbox_ingest.config import ConsoleConfig
from mailbox_ingest.console import create_site
from mailbox_ingest.console.server import settle_memory
from mailbox_ingest.model import Outcome, Role
from mailbox_ingest.periods import Period
from mailbox_ingest.store.ledger.search import MessageQuery

_CALLS = 7
_BAR_MS = 100
_ORIGIN = "http://localhost"
_NAME, _PASSWORD = "bench", "mot mat khau dai"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, default=5000)
    parser.add_argument("--weeks", type=int, default=52)
    options = parser.parse_args()
    now = _now(options.weeks)
    with database("sqlite") as url:
        fill(url, options.units, options.weeks)
        config = replace(CONFIG, store_url=url, digests=(DIGEST,))
        with open_app(config, clock=lambda: now) as app:
            add_mails(app.sessions)
            accounts = Accounts(sessions=app.sessions, clock=app.clock, who="bench")
            accounts.add(_NAME, full_name="Bench", role=Role.ADMIN, password=_PASSWORD)
            held = app.looking().messages(MessageQuery(outcome=Outcome.NEEDS_REVIEW), limit=1).items[0].message.id
            with TestClient(create_site(app, ConsoleConfig(hosts=("localhost",))), base_url=_ORIGIN) as client:
                enter(client)
                settle_memory()
                measure(client, pages(Period.at(now), held))


def pages(week: Period, held: int) -> dict[str, str]:
    return {
        "baseline: not found": "/khong-co",
        "week": "/tuan",
        "week before": f"/tuan?ky={week.shifted(-1)}",
        "week, missing by name": "/tuan?tt=missing&xep=name",
        "week, searched, sorted": "/tuan?q=42&xep=installed&giam=1",
        "week, page 20": "/tuan?trang=20",
        "queue": "/can-xem",
        "held mail": f"/can-xem/{held}",
        "ledger": "/thu",
        "ledger, words": "/thu?q=bao+cao",
        "ledger, rare word": "/thu?q=khong+co+o+dau",
        "ledger, unit": "/thu?don-vi=u00042",
        "mail": f"/thu/{held}",
        "units": "/don-vi",
        "units, searched": "/don-vi?q=42",
        "unit": "/don-vi/u00042",
        "suggestions": "/don-vi/goi-y?q=42",
        "digests": "/ban-tin",
        "health": "/suc-khoe",
    }


def enter(client: TestClient) -> None:
    token = re.findall(r'name="csrf" value="([0-9a-f]{64})"', client.get("/dang-nhap").text)[0]
    form = {"csrf": token, "tiep": "", "ten": _NAME, "mat-khau": _PASSWORD}
    assert client.post("/dang-nhap", data=form, headers={"origin": _ORIGIN}).status_code == 200


def measure(client: TestClient, asked: dict[str, str]) -> None:
    for name, path in asked.items():
        wall: list[float] = []
        cpu: list[float] = []
        for _ in range(_CALLS):
            start, used = time.perf_counter(), time.process_time()
            answer = client.get(path)
            wall.append((time.perf_counter() - start) * 1000)
            cpu.append((time.process_time() - used) * 1000)
        spent, waited = statistics.median(cpu), statistics.median(wall)
        mark = "" if spent <= _BAR_MS else f"  ABOVE THE BAR OF {_BAR_MS}"
        told = f"{spent:.0f} ms of processor (best {min(cpu):.0f}, first {cpu[0]:.0f}), {waited:.0f} ms of wall (best {min(wall):.0f})"
        print(f"{name}: {told}, {len(answer.content) / 1000:.0f} kB{mark}", flush=True)


if __name__ == "__main__":
    main()
