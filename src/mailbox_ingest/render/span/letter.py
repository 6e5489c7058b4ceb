"""A range of days as a mail: on demand for a committee, or as the report to the body above us. Takes figures, changes none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mailbox_ingest.bulk import keeping_everything
from mailbox_ingest.config import OrganisationConfig
from mailbox_ingest.model import LetterContent, OutgoingAttachment
from mailbox_ingest.render import wording
from mailbox_ingest.render.digest.context import MAX_LISTED, GroupLine, TotalLine, UnitLine, UnitList, group_lines
from mailbox_ingest.render.digest.words import rate_text
from mailbox_ingest.render.span import words as span_words
from mailbox_ingest.render.templates import Templates, shipped
from mailbox_ingest.rollup.figures import UnitState
from mailbox_ingest.rollup.span import SpanRollup


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """To whom a report goes, on what ground, and what it is about; all '' for a plain rollup."""

    to: str = ""  # 'Tổng Liên đoàn Lao động Việt Nam (qua Ban Tuyên giáo)'
    basis: str = ""  # 'Công văn số 850/TLĐ ngày 17/8/2020'
    about: str = ""  # 'kết quả vận động đoàn viên, CNVCLĐ cài đặt ứng dụng Bluezone'


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanContext:
    """All that the templates of a range may name."""

    organisation: OrganisationConfig
    reporter: str
    addressed: Addressed
    subject: str
    form_title: str
    legal_basis: str
    days: str
    as_of: str
    empty: bool
    rate_title: str
    rate_value: str
    sentences: tuple[str, ...]
    totals: tuple[TotalLine, ...]
    groups: tuple[GroupLine, ...]
    lists: tuple[UnitList, ...]
    held_elsewhere: int
    workbook: str
    consolidated: str


@keeping_everything()
def span_letter(
    rollup: SpanRollup,
    *,
    organisation: OrganisationConfig,
    addressed: Addressed | None = None,
    templates_dir: Path | None = None,
    template: str = "rollup",
) -> LetterContent:
    """The mail with its workbook and the official report. Raises ConfigurationError when an operator's own template is wrong."""
    # Spreadsheet and Word libraries take a second to import.
    from mailbox_ingest.render.span.workbook import span_workbook  # noqa: PLC0415 - openpyxl and docxtpl are paid for by who sends
    from mailbox_ingest.render.workbook.workbook import XLSX  # noqa: PLC0415 - as above

    stem = f"{rollup.form.name}-{rollup.span.first}-{rollup.span.last}"
    to = addressed or Addressed()
    workbook = OutgoingAttachment(name=f"{stem}.xlsx", content_type=XLSX, data=span_workbook(rollup, organisation=organisation))
    report = OutgoingAttachment(
        name=f"bao-cao-tong-hop-{stem}.docx",
        content_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        data=_report(rollup, organisation, to, templates_dir),
    )
    templates = shipped() if templates_dir is None else Templates(templates_dir)
    context = _context(rollup, organisation, to, workbook=workbook.name, report=report.name)
    return templates.letter(template, context, (workbook, report))


def _context(rollup: SpanRollup, organisation: OrganisationConfig, to: Addressed, *, workbook: str, report: str) -> SpanContext:
    headline = rollup.headline
    reporter = organisation.short_name or organisation.name
    subject = f"{reporter} báo cáo {to.about}" if to.about else span_words.subject_line(rollup)
    sums = [TotalLine(title=f.title, value=wording.count(rollup.totals[f.name]), change="") for f in rollup.form.fields]
    rates = [TotalLine(title=figure.rate.title, value=rate_text(figure), change="", rate=True) for figure in rollup.rates.values()]
    return SpanContext(
        organisation=organisation,
        reporter=reporter,
        addressed=to,
        subject=subject,
        form_title=rollup.form.title,
        legal_basis=to.basis or rollup.form.legal_basis,
        days=span_words.days(rollup.span),
        as_of=wording.moment(rollup.as_of),
        empty=rollup.completeness.reported == 0,
        rate_title=headline.rate.title if headline else "",
        rate_value=rate_text(headline),
        sentences=span_words.sentences(rollup),
        totals=(*sums, *rates) if rollup.completeness.reported else (),
        groups=group_lines(rollup.groups, headline),
        lists=tuple(_lists(rollup)),
        held_elsewhere=rollup.held_elsewhere,
        workbook=workbook,
        consolidated=report,
    )


def _lists(rollup: SpanRollup) -> list[UnitList]:
    lists = []
    for heading, kind, state in (
        ("Đơn vị chưa báo cáo", "bad", UnitState.MISSING),
        ("Đã gửi, đang được kiểm tra", "warn", UnitState.HELD),
    ):
        units = [unit for unit in rollup.units if unit.state is state]
        if units:
            lines = tuple(UnitLine(name=unit.unit.name, note=span_words.unit_note(unit)) for unit in units[:MAX_LISTED])
            more = wording.count(len(units) - MAX_LISTED) if len(units) > MAX_LISTED else ""
            lists.append(UnitList(heading=heading, kind=kind, count=wording.count(len(units)), units=lines, more=more))
    return lists


def _report(rollup: SpanRollup, organisation: OrganisationConfig, to: Addressed, templates_dir: Path | None) -> bytes:
    from mailbox_ingest.render.digest.consolidated import (  # noqa: PLC0415 - as above
        ConsolidatedContext,
        about_form,
        annex_rows,
        fill_report,
        place_and_date,
        rate_line,
    )

    form, reporter = rollup.form, organisation.short_name or organisation.name
    basis = to.basis or form.legal_basis
    context = ConsolidatedContext(
        superior=next((name for name in organisation.superiors if name != organisation.name), "").upper(),
        organisation=organisation.name.upper(),
        short_name=reporter,
        symbol=organisation.document_symbol,
        place_and_date=place_and_date(organisation, rollup.as_of),
        about=f"Về {to.about}" if to.about else about_form(form),
        opening=f"{f'Thực hiện {basis}, ' if basis else ''}{reporter} tổng hợp kết quả {span_words.days(rollup.span)} "
        f"của {wording.count(rollup.completeness.reported)}/{wording.count(rollup.completeness.expected)} đơn vị như sau:",
        unit=form.fields[0].unit,
        lines=tuple(annex_rows(form, rollup.totals, reported=rollup.completeness.reported)),
        rates=tuple(rate_line(form, figure) for figure in rollup.rates.values() if figure.percent is not None),
        coverage=tuple(span_words.coverage(rollup)),
        closing=f"Trên đây là kết quả tổng hợp (số liệu tính đến {wording.moment(rollup.as_of)}) của {reporter}./.",
        receiver=f"{to.to} (b/c)" if to.to else f"Lãnh đạo {reporter}",
        signatory=organisation.signatory,
    )
    return fill_report(context, as_of=rollup.as_of, templates_dir=templates_dir)
