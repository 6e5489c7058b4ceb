"""Kills the worker again and again, on SQLite and on PostgreSQL, and looks whether anything was lost or doubled; exit code 1 if so.

    python -m bench.torture.run [--kills 200] [--seed 597] [--store sqlite postgres]

Mails are put into a real Dovecot; a provider that outlives the worker takes the replies and files each in Sent, as Gmail does; the worker
is killed (SIGKILL) at moments drawn from the seed, spread over start, poll, read and deliver, and started again soon, after its leases, or
with a clock that is a day off. The same seed draws the same mails and moments; what the machine does in between is its own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.torture.campaign import Figures, campaign
from tests.servers import dovecot
from tests.servers.postgres import find_binaries, running_postgres

STORES = ("sqlite", "postgres")
_SHOWN = 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=597)
    parser.add_argument("--store", nargs="+", choices=STORES, default=list(STORES))
    arguments = parser.parse_args()
    repeat = f"python -m bench.torture.run --kills {arguments.kills} --seed {arguments.seed} --store {' '.join(arguments.store)}"
    print(f"repeat with: {repeat}", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="torture-") as name,
        dovecot.running() as server,
        ThreadPoolExecutor() as pool,
        ExitStack() as stack,
    ):
        running = [
            pool.submit(
                campaign,
                server,
                Path(name) / store,
                stack.enter_context(_databases(store, Path(name))),
                store=store,
                kills=arguments.kills,
                seed=arguments.seed,
                user=store,
                progress=_progress,
            )
            for store in arguments.store
        ]
        done = [future.result() for future in running]
    sys.stderr.write("\n")
    print(table(done))
    for figures in done:
        for words in figures.breaches[:_SHOWN]:
            print(f"BREACH ({figures.store}): {words}")
    return 1 if any(figures.breaches for figures in done) else 0


def table(done: list[Figures]) -> str:
    """The figures side by side."""
    rows: list[tuple[str, list[object]]] = [
        ("kills", [sum(f.kills.values()) for f in done]),
        *((f"  in {phase}", [f.kills[phase] for f in done]) for phase in sorted({p for f in done for p in f.kills})),
        ("  whose moment did not come", [f.missed for f in done]),
        *((f"  back {how}", [f.returns[how] for f in done]) for how in sorted({h for f in done for h in f.returns})),
        ("mails put into the mailbox", [sum(f.mails.values()) for f in done]),
        *((f"  {kind}", [f.mails[kind] for f in done]) for kind in sorted({k for f in done for k in f.mails})),
        ("replies the server got", [f.replies for f in done]),
        ("  found in Sent after a kill", [f.found_sent for f in done]),
        ("digests", [f.digests for f in done]),
        ("seconds", [round(f.seconds) for f in done]),
        ("breaches", [len(f.breaches) for f in done]),
    ]
    head = f"{'':32}" + "".join(f"{f.store:>12}" for f in done)
    return "\n".join([head, *(f"{name:32}" + "".join(f"{value!s:>12}" for value in values) for name, values in rows)])


@contextmanager
def _databases(store: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Two empty databases."""
    if store == "sqlite":
        (folder / "sqlite").mkdir()
        yield f"sqlite:///{folder}/sqlite/tortured.db", f"sqlite:///{folder}/sqlite/undisturbed.db"
        return
    binaries = find_binaries()
    if binaries is None:
        raise SystemExit("PostgreSQL is not installed (apt package postgresql)")
    with running_postgres(binaries) as server:
        yield server.url(server.create_database()), server.url(server.create_database())


def _progress(words: str) -> None:
    sys.stderr.write(f"\r{words:110}" if sys.stderr.isatty() else f"{words}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
