"""Cases made by hand: one reading or several, what the store knows, when the mail arrived."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bench.reading_quality import house
from mailbox_ingest.config import FormConfig
from mailbox_ingest.judgement import Case, Claim
from mailbox_ingest.model import (
    AuthResult,
    Evidence,
    FieldReading,
    PeriodHint,
    Reading,
    ReportStatus,
    StatedPercentage,
    StoredReport,
    UnitClues,
)
from mailbox_ingest.periods import Period

UNIT = "ldld-vinh-linh"
FIELDS = ("members", "smartphone_users", "installed")
Figures = Sequence[int | None]
MakeClaim = Callable[..., Claim]
MakeCase = Callable[..., Case]
MakeReport = Callable[..., StoredReport]


@pytest.fixture
def form() -> FormConfig:
    return house.form()


@pytest.fixture
def claim() -> MakeClaim:
    """A claim of these figures. `day` is the letter's own date, `week` one written in the report; `problems` by field name."""

    def make(
        figures: Figures = (1000, 800, 600),
        *,
        day: date | None = date(2020, 8, 27),
        week: int | None = None,
        problems: Mapping[str, str] | None = None,
        uncertain: Sequence[str] = (),
        percents: Mapping[str, str] | None = None,
        document: str = "bao cao.docx",
        clues: UnitClues | None = None,
        weeks_named: Sequence[int] = (),
        scanned: bool = False,
        correction: bool = False,
    ) -> Claim:
        evidence = Evidence(document=document, place="bảng 2, dòng 2, cột 3", raw="…", method="table")
        said = problems or {}
        fields = tuple(
            FieldReading(field=name, value=value, evidence=evidence, problem=said.get(name), certain=name not in uncertain)
            for name, value in zip(FIELDS, figures, strict=True)
            if value is not None or name in said
        )
        hints = []
        if day is not None:
            hints.append(PeriodHint(kind="letter_date", evidence=evidence, day=day))
        if week is not None:
            hints.append(PeriodHint(kind="week", evidence=evidence, period=Period(2020, week)))
        reading = Reading(
            form="bluezone",
            document=document,
            fields=fields,
            percentages=tuple(
                StatedPercentage(field=name, percent=Decimal(text), decimals=len(text.partition(".")[2]), of=None, evidence=evidence)
                for name, text in (percents or {}).items()
            ),
            period_hints=tuple(hints),
            correction=correction,
            scanned=scanned,
        )
        return Claim(
            reading=reading,
            clues=clues or UnitClues(issuer=UNIT),
            weeks_named=frozenset(Period(2020, number) for number in weeks_named),
        )

    return make


@pytest.fixture
def case(form: FormConfig, claim: MakeClaim) -> MakeCase:
    """A mail of the registered address of Vĩnh Linh that arrived on Friday 28/8/2020 at 9:00 local time, changed as asked."""

    def make(*claims: Claim, **changes: object) -> Case:
        base = Case(
            form=form,
            claims=claims or (claim(),),
            failures=(),
            units={unit.code: unit for unit in house.units()},
            known=(),
            arrived_at=datetime(2020, 8, 28, 2, 0, tzinfo=UTC),
            sender="vinh-linh@don-vi.example",
            sender_units=(UNIT,),
            authentication=AuthResult.PASS,
        )
        return replace(base, **changes)  # type: ignore[arg-type]

    return make


@pytest.fixture
def report() -> MakeReport:
    """An accepted report of Vĩnh Linh."""

    def make(week: int, figures: tuple[int, int, int] = (990, 790, 500), **changes: object) -> StoredReport:
        period = Period(2020, week)
        base = StoredReport(
            id=week,
            form="bluezone",
            unit=UNIT,
            period=period,
            values=dict(zip(FIELDS, figures, strict=True)),
            status=ReportStatus.ACCEPTED,
            message_id=week,
            arrived_at=datetime(period.monday.year, period.monday.month, period.monday.day, 2, 0, tzinfo=UTC),
            sender="vinh-linh@don-vi.example",
            sender_registered=True,
        )
        return replace(base, **changes)  # type: ignore[arg-type]

    return make
