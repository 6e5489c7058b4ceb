"""Reads generated reports and counts, by family: right, to a person, rejected, SILENT WRONG.

    python -m bench.reading_quality.run --count 20000 --first-seed 1 [--family NAME …] [--show 5]

A specimen is judged as a mail on an empty store. SILENT WRONG: something was accepted that the truth does not hold.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.reading_quality.families import FAMILIES, specimen
from bench.reading_quality.house import verdict_on
from bench.reading_quality.specimen import Specimen
from mailbox_ingest.model import TAKEN, Outcome, Paragraph, ReportStatus, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`kind`: 'right', 'human', 'rejected' or 'wrong'."""

    seed: int
    specimen: Specimen
    verdict: Verdict
    kind: str


def measure(seeds: Sequence[int], families: Sequence[str] = ()) -> Iterator[Result]:
    """The verdict on one specimen a seed."""
    for seed in seeds:
        made = specimen(seed, families)
        verdict = verdict_on(made.documents, sender=made.sender, arrived_at=made.arrived_at, subject=made.subject, body=made.body)
        yield Result(seed=seed, specimen=made, verdict=verdict, kind=kind_of(made, verdict))


def kind_of(made: Specimen, verdict: Verdict) -> str:
    truths = [(t.unit, t.period, dict(t.values)) for t in made.truths]
    taken = [(r.unit, r.period, dict(r.values)) for r in verdict.reports if r.status in TAKEN]
    if any(report not in truths for report in taken):
        return "wrong"
    if truths and truths[0] in taken:
        return "right"
    rejected = verdict.outcome is Outcome.REJECTED or any(r.status is ReportStatus.REJECTED for r in verdict.reports)
    return "rejected" if rejected else "human"


def shown(result: Result) -> str:
    """A specimen as a person would see it."""
    made = result.specimen
    out = [f"--- seed {result.seed} {made.family} [{result.kind}] {made.note} {made.sender} {made.arrived_at:%a %d/%m} {made.subject!r}"]
    for found in made.documents:
        out.append(f"    {found.path}")
        for section in found.sections:
            for block in section.blocks:
                if isinstance(block, Paragraph):
                    out.append(f"      {block.text!r}")
                    continue
                rows: dict[int, list[str]] = defaultdict(list)
                for cell in block.cells:
                    span = f"<{cell.row_span}x{cell.column_span}>" if cell.row_span + cell.column_span > 2 else ""
                    rows[cell.row].append(repr(cell.text)[1:-1] + span)
                out += [f"      | {' | '.join(row)} |" for row in rows.values()]
    out.append(f"    body: {made.body!r}")
    out += [f"    truth: {t.unit} {t.period} {tuple(t.values.values())}" for t in made.truths] or ["    truth: nothing may be accepted"]
    for report in result.verdict.reports:
        raws = {name: "/".join(e.raw[:40] for e in found) for name, found in report.evidence.items()}
        out.append(f"    -> {report.status} {report.unit} {report.period} {dict(report.values)} {raws}")
    out.append(f"    -> {result.verdict.outcome} {result.verdict.reason}")
    return "\n".join(out)


def row_of(family: str, counted: Counter[str]) -> str:
    plain, hard = ({kind: counted[f"{how} {kind}"] for kind in ("right", "human", "rejected", "wrong")} for how in ("clear", "doubtful"))
    n = sum(plain.values())
    straight = plain["right"] / n if n else 0.0
    return (
        f"{family:22} {sum(counted.values()):6} |        {n:6} {plain['right']:6} {plain['human']:6} {plain['rejected']:6} {straight:8.1%}"
        f" |           {hard['right']:6} {hard['human']:6} {hard['rejected']:6} | {plain['wrong'] + hard['wrong']}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--family", action="append", default=[], help=", ".join(FAMILIES))
    parser.add_argument("--show", type=int, default=3, help="specimens to print of each kind of failure, a family")
    parser.add_argument("--show-held", action="store_true", help="print clear specimens that were not taken, too")
    options = parser.parse_args(arguments)
    started = time.perf_counter()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    printed: Counter[tuple[str, str]] = Counter()
    for result in measure(range(options.first_seed, options.first_seed + options.count), options.family):
        made = result.specimen
        clear = "clear" if made.clear else "doubtful"
        counts[made.family][f"{clear} {result.kind}"] += 1
        failed = result.kind == "wrong" or (options.show_held and made.clear and result.kind != "right")
        if failed and printed[made.family, result.kind] < options.show:
            printed[made.family, result.kind] += 1
            print(shown(result))
    total: Counter[str] = sum(counts.values(), Counter())
    print("family                      n | clear:      n  right  human reject straight | doubtful:  right  human reject | WRONG")
    for family, counted in [*sorted(counts.items()), ("all", total)]:
        print(row_of(family, counted))
    print(f"{time.perf_counter() - started:.1f} s")
    return 1 if total["clear wrong"] + total["doubtful wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
