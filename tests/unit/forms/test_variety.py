"""Some hundred generated reports, always the same ones: nothing wrong is accepted, and what is clear needs nobody's help."""

from __future__ import annotations

from collections import Counter

from bench.reading_quality.run import measure, shown

SPECIMENS = 1200
STRAIGHT_THROUGH = 0.98


def test_no_generated_report_is_accepted_wrongly_and_clear_ones_pass_straight_through() -> None:
    counts: Counter[str] = Counter()
    wrong = []
    for result in measure(range(1, SPECIMENS + 1)):
        counts[f"{'clear' if result.specimen.clear else 'doubtful'} {result.kind}"] += 1
        if result.kind == "wrong":
            wrong.append(shown(result))
    assert wrong == [], "\n".join(wrong)
    clear = sum(n for kind, n in counts.items() if kind.startswith("clear"))
    assert counts["clear right"] >= STRAIGHT_THROUGH * clear, counts
