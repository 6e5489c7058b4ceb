"""A specimen: one mail, what a careful clerk would take from it, and whether it is clear enough to need nobody's help."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from bench.reading_quality.paper import NATIONAL, document, lines, signature, table
from bench.reading_quality.wording import long_date
from mailbox_ingest.model import Block, Document, Unit
from mailbox_ingest.periods import Period

FIELDS = ("members", "smartphone_users", "installed")
SUPERIOR = "LIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG TRỊ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    unit: str
    period: Period
    values: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """`truths`: what may be accepted, the report proper first; empty where nothing may. `clear`: a clerk would not hesitate."""

    family: str
    documents: tuple[Document, ...]
    sender: str
    arrived_at: datetime
    truths: tuple[Truth, ...]
    clear: bool
    subject: str = "Báo cáo Bluezone"
    body: str = "Kính gửi Ban Công tác cơ sở, đơn vị xin gửi báo cáo."
    note: str = ""


@dataclass(slots=True, kw_only=True)
class Scene:
    """Who writes what on which day: the facts that a family dresses in words. `before` are last week's figures, smaller throughout."""

    rng: random.Random
    unit: Unit
    day: date
    values: tuple[int, int, int]
    before: tuple[int, int, int]
    notes: list[str] = field(default_factory=list)

    @property
    def period(self) -> Period:
        return Period.of(self.day)

    @property
    def capital_name(self) -> str:
        return self.unit.name.upper()

    def truth(self, values: Sequence[int] | None = None, period: Period | None = None) -> Truth:
        return Truth(unit=self.unit.code, period=period or self.period, values=dict(zip(FIELDS, values or self.values, strict=True)))

    def letter(
        self, blocks: Sequence[Block], *, path: str = "bao cao bluezone.docx", title: Sequence[str] | None = None, kind: str = "docx"
    ) -> Document:
        """The official letter around some blocks: letterhead, title, signature."""
        place = self.unit.name.split(" ")[-2:]
        head = table(
            [
                [f"{SUPERIOR}\n{self.capital_name}", NATIONAL],
                [f"Số: {self.rng.randrange(10, 99)}/BC-CĐ", f"{' '.join(place)}, {long_date(self.day)}"],
            ],
            place="bảng 1",
        )
        titles = title if title is not None else ("BÁO CÁO", "Về việc cài đặt ứng dụng Bluezone")
        return document([head, *lines(*titles), *blocks, signature()], path=path, kind=kind)

    def specimen(
        self,
        family: str,
        *,
        blocks: Sequence[Block] | None = None,
        body: str | None = None,
        clear: bool = True,
        values: Sequence[int] | None = None,
        nothing: bool = False,
        also: Sequence[Truth] = (),
    ) -> Specimen:
        """A mail with one letter of these blocks, or with these words as its body. `nothing`: no number of it may be accepted."""
        made = Specimen(
            family=family,
            documents=(self.letter(blocks),) if blocks is not None else (),
            sender=self.unit.emails[0],
            arrived_at=datetime(self.day.year, self.day.month, self.day.day, 2, 30, tzinfo=UTC),
            truths=() if nothing else (self.truth(values), *also),
            clear=clear and not nothing,
            note=" ".join(self.notes),
        )
        return replace(made, body=body) if body is not None else made


def scene(rng: random.Random, units: Sequence[Unit]) -> Scene:
    """A unit with an address of its own, a day from Wednesday to Friday of weeks 34 to 37, and figures that could be true."""
    own = [u for u in units if sum(u.emails == other.emails for other in units) == 1]
    unit = rng.choice(own)
    monday = date(2020, 8, 17) + timedelta(weeks=rng.randrange(4))
    members = rng.choice((rng.randrange(30, 130), rng.randrange(130, 1000), rng.randrange(1000, 6000)))
    smartphones = rng.randrange(members * 6 // 10, members * 95 // 100 + 1)
    installed = rng.randrange(smartphones * 4 // 10, smartphones * 97 // 100 + 1)
    before = (members - rng.randrange(1, 5), smartphones - rng.randrange(5, 9), installed - rng.randrange(3, 11))
    return Scene(
        rng=rng, unit=unit, day=monday + timedelta(days=rng.randrange(2, 5)), values=(members, smartphones, installed), before=before
    )
