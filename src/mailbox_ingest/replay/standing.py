"""What stands at each place while the mails are judged again, in memory: the accepted reports of form, unit and week. No database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from mailbox_ingest.model import TAKEN, JudgedReport, StoredReport, Verdict
from mailbox_ingest.periods import Period

Place = tuple[str, str, Period]


class Standing:
    """Ids of reports that only this replay made are negative."""

    def __init__(self, reports: Iterable[StoredReport] = ()) -> None:
        self._units: dict[tuple[str, str], dict[Period, StoredReport]] = {}
        self._made = 0
        for report in reports:
            self.put(report)

    def put(self, report: StoredReport) -> None:
        """The report takes its place, whatever stood there."""
        self._units.setdefault((report.form, report.unit), {})[report.period] = report

    def at(self, form: str, unit: str, period: Period) -> StoredReport | None:
        return self._units.get((form, unit), {}).get(period)

    def known(self, form: str, units: Sequence[str]) -> tuple[StoredReport, ...]:
        """As the store gives it to the judge: by unit and week."""
        found: list[StoredReport] = []
        for unit in sorted(units):
            weeks = self._units.get((form, unit), {})
            found += [weeks[period] for period in sorted(weeks)]
        return tuple(found)

    def take(self, verdict: Verdict, *, message_id: int, arrived_at: datetime, sender: str, ids: Sequence[int | None]) -> None:
        """The accepted reports of a verdict take their places; `ids` are those of the store where it has them, in the verdict's order."""
        for report, number in zip(verdict.reports, ids, strict=True):
            if report.accepted_as is None or report.unit is None or report.period is None:
                continue
            old = self.at(report.form, report.unit, report.period)
            if report.status not in TAKEN:  # overtaken: what stands is as timely as this mail
                assert old is not None
                self.put(replace(old, first_arrived_at=min(arrived_at, old.first_arrived_at or old.arrived_at)))
                continue
            first = arrived_at if old is None else min(arrived_at, old.first_arrived_at or old.arrived_at)
            if number is None:
                self._made -= 1
            self.put(
                _stored(
                    report,
                    number=self._made if number is None else number,
                    message_id=message_id,
                    arrived_at=arrived_at,
                    first=first,
                    sender=sender,
                    registered=verdict.sender_registered,
                )
            )

    def move(self, unit: str, into: str, places: Iterable[tuple[str, Period]]) -> None:
        """Two units became one."""
        for form, period in places:
            report = self._units.get((form, unit), {}).pop(period, None)
            if report is not None:
                self.put(replace(report, unit=into))

    def places(self) -> dict[Place, StoredReport]:
        return {(form, unit, period): report for (form, unit), weeks in self._units.items() for period, report in weeks.items()}


def _stored(
    report: JudgedReport, *, number: int, message_id: int, arrived_at: datetime, first: datetime, sender: str, registered: bool
) -> StoredReport:
    assert report.unit is not None and report.period is not None
    return StoredReport(
        id=number,
        form=report.form,
        unit=report.unit,
        period=report.period,
        values=report.values,
        status=report.status,
        message_id=message_id,
        arrived_at=arrived_at,
        sender=sender,
        sender_registered=registered,
        first_arrived_at=first,
    )
