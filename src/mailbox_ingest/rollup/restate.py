"""What was said of earlier weeks and is no longer so: the difference between two states of knowledge, by week and unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from mailbox_ingest.config import FormConfig
from mailbox_ingest.model import StoredReport
from mailbox_ingest.periods import Period
from mailbox_ingest.rollup.figures import Restated, Restatement


def restatements(
    form: FormConfig,
    *,
    said: Iterable[StoredReport],
    now: Iterable[StoredReport],
    rosters: Mapping[Period, frozenset[str]],
    told: Mapping[Period, Mapping[str, int]],
    names: Mapping[str, str],
) -> tuple[Restatement, ...]:
    """The weeks whose figures moved, oldest first.

    `said` are the reports that stood when the last digest was made at the places that changed since, `now` those that stand there today.
    A unit counts in the weeks whose roster holds it. `told` are the totals by week as the last digest gave them: a week it did not speak of
    cannot be restated. `names` are those of the units.
    """
    places: dict[Period, dict[str, list[StoredReport | None]]] = defaultdict(dict)
    for side, reports in enumerate((said, now)):
        for report in reports:
            places[report.period].setdefault(report.unit, [None, None])[side] = report
    found = []
    for period in sorted(places):
        if period not in told:
            continue
        changes = tuple(
            Restated(
                unit=unit,
                name=names.get(unit, unit),
                before=None if before is None else dict(before.values),
                now=None if after is None else dict(after.values),
                by_human=after is not None and after.by_human,
            )
            for unit, (before, after) in sorted(places[period].items())
            if unit in rosters.get(period, frozenset()) and _differ(before, after)
        )
        if changes:
            before_totals = {field.name: told[period].get(field.name, 0) for field in form.fields}
            moved = {field.name: sum(change.moved(field.name) for change in changes) for field in form.fields}
            found.append(Restatement(period=period, changes=changes, totals_before=before_totals, moved=moved))
    return tuple(found)


def _differ(before: StoredReport | None, after: StoredReport | None) -> bool:
    if before is None or after is None:
        return before is not after
    return dict(before.values) != dict(after.values)
