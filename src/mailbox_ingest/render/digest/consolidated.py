"""The official consolidated report (.docx) of a week, in the form of letter 597's annex and the layout of Decree 30/2020/NĐ-CP.

The layout is the template's, which an office can edit in Word; the words and figures are put together here. Home of docxtpl.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from docxtpl import DocxTemplate  # type: ignore[import-untyped]  # ships no types
from jinja2 import Environment, StrictUndefined, TemplateError

from mailbox_ingest.config import FormConfig, OrganisationConfig
from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.periods import local_day
from mailbox_ingest.render import wording
from mailbox_ingest.render.digest.words import measure, rate_text
from mailbox_ingest.render.steady import steady
from mailbox_ingest.resources import resource_dir
from mailbox_ingest.rollup.figures import RateFigure, UnitState, WeeklyDigest

_TEMPLATE = Path("consolidated") / "bao-cao.docx"
_MAX_NAMED = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the annex. `number` is '' where the annex has none."""

    number: str
    title: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsolidatedContext:
    """All that the template may name."""

    superior: str
    organisation: str
    short_name: str
    symbol: str
    place_and_date: str
    about: str
    opening: str
    unit: str
    lines: tuple[Row, ...]
    rates: tuple[str, ...]
    coverage: tuple[str, ...]
    closing: str
    receiver: str
    signatory: str


def consolidated_report(digest: WeeklyDigest, *, organisation: OrganisationConfig, templates_dir: Path | None = None) -> bytes:
    """A .docx file; the same figures give the same bytes.

    Raises ConfigurationError when an operator's own template cannot be used.
    """
    return fill_report(context_of(digest, organisation), as_of=digest.as_of, templates_dir=templates_dir)


def fill_report(context: ConsolidatedContext, *, as_of: datetime, templates_dir: Path | None = None) -> bytes:
    """The template with this in it. Raises ConfigurationError when an operator's own template cannot be used."""
    own = templates_dir / _TEMPLATE if templates_dir is not None else None
    path = own if own is not None and own.is_file() else resource_dir("templates") / _TEMPLATE
    try:
        template = DocxTemplate(str(path))
        environment = Environment(undefined=StrictUndefined, autoescape=True)
        template.render(asdict(context), jinja_env=environment, autoescape=True)
    except (TemplateError, ValueError, KeyError, OSError) as error:
        raise ConfigurationError(f"templates_dir: the template {_TEMPLATE} is wrong: {error}") from error
    out = io.BytesIO()
    template.save(out)
    return steady(out.getvalue(), as_of)


def context_of(digest: WeeklyDigest, organisation: OrganisationConfig) -> ConsolidatedContext:
    """What the report says: the reported sums, what they cover, and who is missing from them."""
    form = digest.form
    superior = next((name for name in organisation.superiors if name != organisation.name), "")
    basis = f"Thực hiện {form.legal_basis}, " if form.legal_basis else ""
    reporter = organisation.short_name or organisation.name
    return ConsolidatedContext(
        superior=superior.upper(),
        organisation=organisation.name.upper(),
        short_name=reporter,
        symbol=organisation.document_symbol,
        place_and_date=place_and_date(organisation, digest.as_of),
        about=about_form(form),
        opening=f"{basis}{reporter} tổng hợp kết quả {wording.week(digest.period)} "
        f"của {wording.count(digest.completeness.reported)}/{wording.count(digest.completeness.expected)} đơn vị như sau:",
        unit=form.fields[0].unit,
        lines=tuple(annex_rows(form, digest.totals, reported=digest.completeness.reported)),
        rates=tuple(rate_line(form, figure) for figure in digest.rates.values() if figure.percent is not None),
        coverage=tuple(_coverage(digest)),
        closing=f"Trên đây là kết quả tổng hợp (số liệu tính đến {wording.moment(digest.as_of)}) của {reporter}./.",
        receiver=f"Lãnh đạo {reporter}",
        signatory=organisation.signatory,
    )


def place_and_date(organisation: OrganisationConfig, moment: datetime) -> str:
    """Decree 30/2020/NĐ-CP, annex I: days below 10 and the months 1 and 2 are written with a 0."""
    day = local_day(moment)
    return f"{organisation.place}, ngày {day.day:02} tháng {day.month if day.month > 2 else f'{day.month:02}'} năm {day.year}"


def about_form(form: FormConfig) -> str:
    return f"Về việc {lower(form.title.removeprefix('Báo cáo').strip())}"


def rate_line(form: FormConfig, figure: RateFigure) -> str:
    """'Tỷ lệ …: 88,5% (3.102/3.480 người), mục tiêu 100%.'"""
    figures = f"{wording.count(figure.numerator)}/{wording.count(figure.denominator)} {measure(form, figure.rate.numerator)}"
    target = f", mục tiêu {wording.percent(figure.rate.target_percent)}" if figure.rate.target_percent is not None else ""
    return f"{figure.rate.title}: {rate_text(figure)} ({figures}){target}."


def annex_rows(form: FormConfig, totals: Mapping[str, int], *, reported: int) -> Iterator[Row]:
    """Numbered as the annex does: a whole has its number, its parts stand together under the next one."""
    number, within = 0, False
    for field in form.fields:
        value = wording.count(totals[field.name]) if reported else ""
        if field.part_of is None:
            number, within = number + 1, False
            yield Row(number=str(number), title=field.title, value=value)
            continue
        number += not within
        yield Row(number="" if within else str(number), title=f"{'' if within else 'Trong đó: '}+ {field.title}", value=value)
        within = True


def _coverage(digest: WeeklyDigest) -> Iterator[str]:
    counted = digest.completeness
    share = f" (đạt {wording.percent(counted.percent)})" if counted.percent is not None else ""
    yield (
        f"Số đơn vị đã báo cáo: {wording.count(counted.reported)}/{wording.count(counted.expected)} đơn vị{share}, "
        f"trong đó {wording.count(counted.on_time)} đơn vị đúng hạn, {wording.count(counted.late)} đơn vị báo cáo muộn."
    )
    silent = [wording.one_line(unit.unit.name) for unit in digest.units if unit.state in (UnitState.MISSING, UnitState.HELD)]
    if silent:
        named = "; ".join(silent[:_MAX_NAMED]) + ("; …" if len(silent) > _MAX_NAMED else "")
        yield f"Đơn vị chưa có số liệu ({wording.count(len(silent))}): {named}. Số liệu của các đơn vị này chưa được tính vào bảng trên."
    if digest.exempt:
        free = "; ".join(wording.one_line(unit.name) for unit in digest.exempt[:_MAX_NAMED])
        yield f"Đơn vị được miễn báo cáo ({wording.count(len(digest.exempt))}): {free}."


def lower(text: str) -> str:
    """Within a sentence: 'công văn số 597/LĐLĐ-CTCS', but 'UBND' stays."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
